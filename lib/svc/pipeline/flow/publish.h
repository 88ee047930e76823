/* What follows from what: the pipeline from a whole upload to a lecture that can be watched, one function per
 * arrow. All of them run inside the transaction that accepted the report. */
#ifndef LIB_SVC_PIPELINE_FLOW_PUBLISH_H
#define LIB_SVC_PIPELINE_FLOW_PUBLISH_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* A source is to become what people watch: task "publish" with its first job, the probe; its lecture is being
 * processed. */
WARN_UNUSED enum rc publish_start(struct cx *cx, int64_t lecture_id, int64_t source_id, enum view_kind view,
                                  int64_t *task);
/* The job is done: queues what comes next. RC_INVALID: the outputs do not say what they must (the job then
 * counts as failed, error internal). */
WARN_UNUSED enum rc publish_job_done(struct cx *cx, const struct job *j, const json_t *outputs);
/* The job will not be tried again. permanent: the recording is to blame; a probe then refuses the upload and
 * drops its file. Else the failure is kept for people to see, and to requeue. */
WARN_UNUSED enum rc publish_job_dead(struct cx *cx, const struct job *j, bool permanent);

#endif
