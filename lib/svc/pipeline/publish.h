/* What follows from what: the pipeline from a whole upload to a lecture that can be watched, one function per
 * arrow. All of them run inside the transaction that accepted the report. */
#ifndef LIB_SVC_PUBLISH_H
#define LIB_SVC_PUBLISH_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/job.h"

enum { PUBLISH_KEEP_GENERATION_MS = 20 * 60 * 1000 }; /* longest playback token and slack */

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
/* A dead job was requeued: its lecture is being processed again. */
WARN_UNUSED enum rc publish_resume(struct cx *cx, const struct job *j);
/* Moves the lecture's media state to complete, failed or none if nothing is left to do. */
WARN_UNUSED enum rc publish_settle(struct cx *cx, int64_t lecture_id);

/* A job that runs needs its token to the end, however long that is: *out is what the node gets in place of
 * one that holds until r->token_until (seconds since 1970, as the node repeats it; 0: it has none), or NULL
 * if that is not soon, or if the job is in other hands since the caller accepted this report. */
WARN_UNUSED enum rc publish_token_renew(struct cx *cx, const struct job_report *r, json_t **out);
/* What the node is told about a job it was given: inputs and place for outputs with a token for nothing else,
 * params. */
WARN_UNUSED enum rc publish_assignment(struct cx *cx, const struct job *j, json_t **out);

#endif
