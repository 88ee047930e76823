/* Jobs that nobody wants any more: what is open or was given up is cancelled, the logs are closed and the
 * tasks settled. Their nodes hear of it with the next heartbeat, and what they have brought to the storage
 * node is removed after that. Call these with the lecture locked. */
#ifndef LIB_SVC_PIPELINE_FLOW_CANCEL_H
#define LIB_SVC_PIPELINE_FLOW_CANCEL_H

#include "lib/svc/pipeline/records/upload.h"

/* Everything a lecture has; its files are the caller's. */
WARN_UNUSED enum rc cancel_by_lecture(struct cx *cx, int64_t lecture_id);
/* Of one source, or of older sources of the same view; results that were not committed are removed. */
WARN_UNUSED enum rc cancel_by_source(struct cx *cx, int64_t lecture_id, int64_t source_id);
WARN_UNUSED enum rc cancel_superseded(struct cx *cx, int64_t lecture_id, enum view_kind view,
                                      int64_t source_id);

#endif
