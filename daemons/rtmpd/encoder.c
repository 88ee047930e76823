#include "daemons/rtmpd/encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/media/child.h"
#include "lib/os/metrics.h"
#include "lib/proto/flv.h"

enum {
    TAG_COST = 64,       /* counted for a tag besides its body */
    BATCH = 16,          /* tags in one call of writev */
    READ_MAX = 64 << 10, /* what a pipe holds */
    REAP_US = 20000,
    LEAVE_MS = 2000 /* between the end of its output and its own end */
};

struct tag {
    struct tag *next;
    struct rtmp_message *message;
    struct flv_frame frame;
    size_t done; /* bytes written */
};

struct encoder {
    const struct encoder_hooks *hooks; /* NULL: it is being freed */
    void *arg;
    pid_t pid;               /* 0: reaped */
    int fds[3];              /* our ends of its standard input, output and error; -1: closed */
    struct event *events[3]; /* … and when they are ready */
    struct event *reaper;
    struct tag *first, **last;
    size_t bytes; /* in the queue */
    bool finishing;
    bool asked; /* to die */
    bool well;
    int64_t ended; /* clock_mono: of its output; 0: it goes on */
    struct child_log log;
};

/* --- the queue --- */

static void drop_tag(struct encoder *e)
{
    struct tag *t = e->first;
    e->first = t->next;
    if (!e->first)
        e->last = &e->first;
    e->bytes -= TAG_COST + t->message->n;
    rtmp_message_unref(t->message);
    free(t);
}

static void close_end(struct encoder *e, int i)
{
    if (e->events[i])
        event_free(e->events[i]);
    e->events[i] = NULL;
    if (e->fds[i] >= 0)
        close(e->fds[i]);
    e->fds[i] = -1;
}

/* What of a tag is not written yet, in pieces. Returns how many. */
static int pieces_of(const struct tag *t, struct iovec v[3])
{
    union {
        const void *p;
        void *base; /* writev only reads */
    } parts[3] = {{t->frame.head}, {t->message->bytes}, {t->frame.tail}};
    size_t lengths[3] = {sizeof t->frame.head, t->message->n, sizeof t->frame.tail}, skip = t->done;
    int n = 0;
    for (int i = 0; i < 3; i++) {
        if (lengths[i] > skip)
            v[n++] = (struct iovec){(char *)parts[i].base + skip, lengths[i] - skip};
        skip -= skip < lengths[i] ? skip : lengths[i];
    }
    return n;
}

static void written(struct encoder *e, size_t n)
{
    while (n > 0) {
        struct tag *t = e->first;
        size_t left = sizeof t->frame.head + t->message->n + sizeof t->frame.tail - t->done;
        size_t now = n < left ? n : left;
        t->done += now;
        n -= now;
        if (now == left)
            drop_tag(e);
    }
}

/* Until the pipe is full or nothing waits. */
static void write_on(struct encoder *e)
{
    while (e->first && e->fds[0] >= 0) {
        struct iovec v[3 * BATCH];
        int n = 0, tags = 0;
        for (struct tag *t = e->first; t && tags < BATCH; t = t->next, tags++)
            n += pieces_of(t, v + n);
        ssize_t done = writev(e->fds[0], v, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN) {
            event_add(e->events[0], NULL);
            return;
        }
        if (done < 0) {
            close_end(e, 0); /* it has ended, or soon will */
            return;
        }
        written(e, (size_t)done);
    }
    if (!e->first && e->finishing)
        close_end(e, 0);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    write_on(arg);
}

bool encoder_feed(struct encoder *e, struct rtmp_message *m, uint32_t time)
{
    bool waits = e->first != NULL;
    if (e->bytes + m->n > ENCODER_QUEUE_MAX)
        return false;
    struct tag *t = mem_alloc(sizeof *t);
    t->message = rtmp_message_ref(m);
    t->frame = flv_frame_of((enum flv_type)m->type, time, m->n);
    *e->last = t;
    e->last = &t->next;
    e->bytes += TAG_COST + m->n;
    if (!waits)
        write_on(e);
    return true;
}

void encoder_finish(struct encoder *e)
{
    e->finishing = true;
    if (!e->first)
        close_end(e, 0);
}

/* --- the end --- */

static void release(struct encoder *e)
{
    for (int i = 0; i < 3; i++)
        close_end(e, i);
    while (e->first)
        drop_tag(e);
    event_free(e->reaper);
    free(e);
}

static void note_end(struct encoder *e, int status, const struct rusage *use)
{
    e->pid = 0;
    e->well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    metric_add(METRIC_rtmpd_live_cpu_seconds_total, (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000 +
                                                        use->ru_utime.tv_usec + use->ru_stime.tv_usec);
    if (e->well || e->asked)
        return;
    struct cx cx;
    cx_init(&cx);
    LOG(WARN, NULL, "the FFmpeg of a live stream has ended",
        F_NUM("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
        F_NUM("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
        F_TEXT("says", child_log_last(&cx, &e->log)));
    cx_fini(&cx);
}

/* Looks every 20 ms, from the end of its output on, whether the process is gone: nothing waits for it. */
static void on_reap(evutil_socket_t fd, short what, void *arg)
{
    const struct timeval again = {0, REAP_US};
    struct encoder *e = arg;
    struct rusage use;
    int status;
    (void)fd;
    (void)what;
    if (e->pid && wait4(e->pid, &status, WNOHANG, &use) == e->pid)
        note_end(e, status, &use);
    if (e->pid) {
        if (e->hooks && clock_mono() - e->ended > LEAVE_MS)
            kill(e->pid, SIGKILL);
        event_add(e->reaper, &again);
        return;
    }
    if (e->hooks)
        e->hooks->ended(e->arg, e->well);
    else
        release(e);
}

void encoder_free(struct encoder *e)
{
    const struct timeval now = {0, 0};
    if (!e)
        return;
    e->hooks = NULL;
    e->asked = true;
    for (int i = 0; i < 3; i++)
        close_end(e, i);
    if (e->pid)
        kill(e->pid, SIGKILL);
    event_add(e->reaper, &now);
}

/* --- its output --- */

static void on_output(evutil_socket_t fd, short what, void *arg)
{
    const struct timeval now = {0, 0};
    char bytes[READ_MAX];
    struct encoder *e = arg;
    (void)what;
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        e->hooks->bytes(e->arg, (struct str){bytes, (size_t)n});
        return;
    }
    close_end(e, 1);
    e->ended = clock_mono();
    event_add(e->reaper, &now);
}

static void on_words(evutil_socket_t fd, short what, void *arg)
{
    char bytes[4096];
    struct encoder *e = arg;
    (void)what;
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0)
        child_log_add(&e->log, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_end(e, 2);
}

/* --- the beginning --- */

static bool watch(struct encoder *e, struct event_base *base)
{
    e->events[0] = event_new(base, e->fds[0], EV_WRITE, on_writable, e);
    e->events[1] = event_new(base, e->fds[1], EV_READ | EV_PERSIST, on_output, e);
    e->events[2] = event_new(base, e->fds[2], EV_READ | EV_PERSIST, on_words, e);
    e->reaper = event_new(base, -1, 0, on_reap, e);
    return e->events[0] && e->events[1] && e->events[2] && e->reaper && event_add(e->events[1], NULL) == 0 &&
           event_add(e->events[2], NULL) == 0;
}

/* theirs: the ends for the child. */
static bool make_pipes(int ours[3], int theirs[3])
{
    for (int i = 0; i < 3; i++) {
        int p[2];
        if (pipe2(p, O_CLOEXEC) != 0)
            return false;
        ours[i] = i == 0 ? p[1] : p[0];
        theirs[i] = i == 0 ? p[0] : p[1];
        if (fcntl(ours[i], F_SETFL, O_NONBLOCK) != 0)
            return false;
    }
    return true;
}

/* The pipe is empty, so there is room. */
static void write_head(struct encoder *e, bool sound)
{
    struct buf head;
    buf_init(&head, FLV_HEAD);
    flv_head_put(&head, sound, true);
    if (write(e->fds[0], head.p, head.n) != (ssize_t)head.n)
        close_end(e, 0); /* it has ended already */
    buf_fini(&head);
}

enum rc encoder_start(struct cx *cx, struct event_base *base, const char *const *argv, bool sound,
                      const struct encoder_hooks *hooks, void *arg, struct encoder **out)
{
    int theirs[3] = {-1, -1, -1};
    struct encoder *e = mem_alloc(sizeof *e);
    *e = (struct encoder){.hooks = hooks, .arg = arg, .fds = {-1, -1, -1}, .last = &e->first};
    int error =
        make_pipes(e->fds, theirs) ? child_spawn(argv, theirs[0], theirs[1], theirs[2], &e->pid) : errno;
    for (int i = 0; i < 3; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (error != 0) {
        e->pid = 0;
        for (int i = 0; i < 3; i++)
            close_end(e, i);
        free(e);
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot start %s: %s", argv[0], strerror(error));
    }
    if (!watch(e, base))
        bug("no memory for an event");
    write_head(e, sound);
    *out = e;
    return RC_OK;
}
