/* Processing again: a view is made again from its original, which is kept, after a failure or because
 * somebody asks for it. What can be watched stays until the new version is committed. */
#ifndef LIB_SVC_PIPELINE_FLOW_AGAIN_H
#define LIB_SVC_PIPELINE_FLOW_AGAIN_H

#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/people/ratelimit.h"

/* Processes the upload's view again, from the probe on, as a task of its own. What was given up for it, and
 * open jobs of older files of the view, are cancelled. Right: ACT_COURSE_UPLOAD, else RC_NOTFOUND.
 * RC_CONFLICT:
 *   again_gone     the original is not kept (any more)
 *   again_newer    the view has a newer file
 *   again_running  the file is being processed already
 *   deleted        the lecture or its course is deleted */
WARN_UNUSED enum rc again_start(struct cx *cx, const char *upload_key, int64_t *task);

/* The same for the button on a page. An encode occupies a worker for minutes to hours, so it can be started
 * six times an hour for a lecture and thirty times by a person; requests that are refused for another reason
 * do not count. RC_DENIED too_many_again, too_many_again_lecture (a page answers 429). */
WARN_UNUSED enum rc again_ask(struct cx *cx, struct ratelimit *limits, const char *upload_key, int64_t *task);

/* Gives a dead job JOB_MAX_TRIES more tries; its lecture is being processed again. Right: ACT_INSTALL.
 * RC_CONFLICT job_not_dead. */
WARN_UNUSED enum rc again_job(struct cx *cx, int64_t id);

/* The same for every dead job of a task. If a commit died because its files are missing or damaged, the
 * recording is processed again from its original instead (again_start, with its refusals). RC_CONFLICT
 * task_not_dead if there is no dead job. */
struct again_outcome {
    int jobs;     /* jobs that are tried again */
    int64_t task; /* the task that processes the recording again; 0: none */
};
WARN_UNUSED enum rc again_task(struct cx *cx, int64_t id, struct again_outcome *out);

#endif
