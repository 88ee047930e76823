#include "lib/media/side.h"

static void *run(void *arg)
{
    struct media_side *s = arg;
    s->rc = s->step(&s->cx, s->job, s->arg);
    return NULL;
}

void media_side_start(struct media_side *s, const struct media_job *job, media_step *step, void *arg)
{
    *s = (struct media_side){.step = step, .arg = arg, .rc = RC_OK};
    cx_init(&s->cx);
    s->job = arena_alloc(s->cx.arena, sizeof *s->job);
    *s->job = *job;
    s->job->progress = NULL;
    s->job->deliver = NULL;
    s->job->log.n = 0;
    s->job->cpu = 0;
    s->threaded = pthread_create(&s->thread, NULL, run, s) == 0;
    if (!s->threaded)
        run(s);
}

enum rc media_side_join(struct media_side *s, struct cx *cx, struct media_job *job)
{
    if (s->threaded)
        pthread_join(s->thread, NULL);
    job->cpu += s->job->cpu;
    child_log_add(&job->log, s->job->log.text, s->job->log.n);
    enum rc rc = s->rc;
    if (rc != RC_OK && s->job->fail.text && s->job->fail.permanent)
        rc = media_fail_for_good(cx, job, s->job->fail.why, "%s", s->job->fail.text);
    else if (rc != RC_OK && s->job->fail.text)
        rc = media_fail(cx, job, s->job->fail.why, "%s", s->job->fail.text);
    else if (rc != RC_OK)
        rc = err_set(cx, rc, NULL, NULL, "%s", s->cx.err.detail ? s->cx.err.detail : rc_name(rc));
    cx_fini(&s->cx);
    return rc;
}
