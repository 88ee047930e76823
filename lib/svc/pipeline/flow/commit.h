/* The last arrow of the pipeline: a storage node has put a generation in place, and the lecture's rows
 * follow. */
#ifndef LIB_SVC_PIPELINE_FLOW_COMMIT_H
#define LIB_SVC_PIPELINE_FLOW_COMMIT_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* In the transaction that accepts the report: view, renditions, silences, chapters and manifest of the new
 * generation, the lecture's number and state, removal of the generation before once no playback token can
 * name it. RC_INVALID: it is not the generation that was asked for. */
WARN_UNUSED enum rc commit_done(struct cx *cx, const struct job *j, const json_t *outputs);

/* The params a commit job has in the protocol, made when it is handed out. */
WARN_UNUSED enum rc commit_params(struct cx *cx, const struct job *j, json_t **out);

#endif
