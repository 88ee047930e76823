/* Cancelling jobs: those that are open or were given up are cancelled, their logs closed and the tasks
 * settled. Their nodes are told by the next heartbeat, and results that they have delivered to the storage
 * node are removed after that. Call these with the lecture locked. */
#ifndef LIB_SVC_PIPELINE_FLOW_CANCEL_H
#define LIB_SVC_PIPELINE_FLOW_CANCEL_H

#include "lib/svc/pipeline/records/upload.h"

/* All jobs of a lecture; the caller removes its files. */
WARN_UNUSED enum rc cancel_by_lecture(struct cx *cx, int64_t lecture_id);
/* Jobs of one source, or of older sources of the same view; results that were not committed are removed. */
WARN_UNUSED enum rc cancel_by_source(struct cx *cx, int64_t lecture_id, int64_t source_id);
WARN_UNUSED enum rc cancel_superseded(struct cx *cx, int64_t lecture_id, enum view_kind view,
                                      int64_t source_id);

#endif
