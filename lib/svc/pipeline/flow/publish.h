/* The steps of the pipeline from a complete upload to a lecture that can be watched, one function for each
 * event. All run inside the transaction that accepted the report. */
#ifndef LIB_SVC_PIPELINE_FLOW_PUBLISH_H
#define LIB_SVC_PIPELINE_FLOW_PUBLISH_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* Starts processing a source: task "publish" with its first job, the probe; the lecture is being
 * processed. */
WARN_UNUSED enum rc publish_start(struct cx *cx, int64_t lecture_id, int64_t source_id, enum view_kind view,
                                  int64_t *task);
/* A job is done: queues the next ones. RC_INVALID: its outputs are not as they must be (the job then counts
 * as failed, error internal). */
WARN_UNUSED enum rc publish_job_done(struct cx *cx, const struct job *j, const json_t *outputs);
/* A job will not be tried again. permanent: the recording is the reason; after a probe the upload is refused
 * and its file removed. Otherwise the failure is kept, for people to see and to requeue. */
WARN_UNUSED enum rc publish_job_dead(struct cx *cx, const struct job *j, bool permanent);

#endif
