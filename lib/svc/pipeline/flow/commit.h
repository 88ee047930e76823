/* The last step of the pipeline: a storage node has put a generation in place, and the lecture's rows are
 * updated. */
#ifndef LIB_SVC_PIPELINE_FLOW_COMMIT_H
#define LIB_SVC_PIPELINE_FLOW_COMMIT_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* In the transaction that accepts the report: writes view, renditions, silences, chapters and manifest of the
 * new generation and the lecture's number and state, and queues the removal of the generation before for when
 * no playback token can name it. RC_INVALID: it is not the generation that was asked for. */
WARN_UNUSED enum rc commit_done(struct cx *cx, const struct job *j, const json_t *outputs);

/* The params of a commit job in the protocol, made when the job is given to the node. */
WARN_UNUSED enum rc commit_params(struct cx *cx, const struct job *j, json_t **out);

#endif
