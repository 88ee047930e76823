/* A step of a media job that runs beside another step: a file that is read for two reasons at the same time
 * is read once. The step runs in a thread of its own with its own context and its own copy of the job; the
 * job itself is changed only by joining. */
#ifndef LIB_MEDIA_SIDE_H
#define LIB_MEDIA_SIDE_H

#include <pthread.h>

#include "lib/base/cx.h"
#include "lib/media/tool.h"

/* Runs in the thread. job: the copy; it must not report progress or deliver files. */
typedef enum rc media_step(struct cx *cx, struct media_job *job, void *arg);

struct media_side {
    pthread_t thread;
    bool threaded; /* false: no thread could be started, the step has run already */
    struct cx cx;
    struct media_job *job;
    media_step *step;
    void *arg;
    enum rc rc;
};

/* The job's texts and *arg must outlive media_side_join, which must follow. */
void media_side_start(struct media_side *s, const struct media_job *job, media_step *step, void *arg);
/* Waits; adds processor time, log and failure to the job. Returns what the step returned. */
WARN_UNUSED enum rc media_side_join(struct media_side *s, struct cx *cx, struct media_job *job);

#endif
