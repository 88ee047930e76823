/* The heartbeat of a node: each of its reports is processed in a transaction of its own, then the node is
 * told all that it should be doing. If a report fails because of the core, it is left out of the answer and
 * the node repeats it. */
#ifndef LIB_SVC_PIPELINE_DOORS_HEARTBEAT_H
#define LIB_SVC_PIPELINE_DOORS_HEARTBEAT_H

#include <jansson.h>

#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/node.h"

/* One heartbeat: saves the load, processes the reports of uploads and jobs, answers with all that the node
 * should do, in the arena. A report that fails because of the core is not acknowledged, and the node repeats
 * it. */
WARN_UNUSED enum rc heartbeat_take(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                                   struct wire_answer *answer);

#endif
