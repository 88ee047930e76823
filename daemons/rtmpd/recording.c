#include "daemons/rtmpd/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/cond.h"
#include "lib/os/file.h"
#include "lib/proto/flv.h"
#include "lib/wire/limits.h"

enum { SYNC_MS = 1000, MODE = 0640, HEAD_MAX = 64 };

struct recording {
    struct recording *next; /* of the recorder; only its thread takes one out */
    struct recorder *recorder;
    char session[WIRE_KEY_LENGTH + 1];
    int64_t fence;
    int fd;
    _Atomic int64_t size; /* of whole tags */
    int64_t tags;         /* the loop's */
    atomic_bool dirty, failed, over;
};

struct recorder {
    char *dir; /* …/rec */
    recorder_kept *kept;
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t ending;
    struct recording *all;
    bool fresh, ended, stopping; /* fresh: a file is new in the folder; ended: a recording is over */
};

/* --- the thread --- */

static void unlink_one(struct recorder *r, struct recording *rec)
{
    pthread_mutex_lock(&r->lock);
    struct recording **at = &r->all;
    while (*at != rec)
        at = &(*at)->next;
    *at = rec->next;
    pthread_mutex_unlock(&r->lock);
}

static void sync_one(struct recorder *r, struct recording *rec)
{
    bool over = rec->over; /* before dirty: nothing is written once it is over */
    bool dirty = atomic_exchange(&rec->dirty, false);
    int64_t size = rec->size;
    if (dirty && fdatasync(rec->fd) != 0 && !rec->failed) {
        LOG(ERROR, NULL, "a recording does not reach the disk", F_TEXT("reason", strerror(errno)));
        rec->failed = true;
    }
    if (over || (dirty && !rec->failed))
        r->kept(r->arg, rec->session, rec->fence, size, over);
    if (!over)
        return;
    unlink_one(r, rec);
    close(rec->fd);
    free(rec);
}

static void sync_all(struct cx *cx, struct recorder *r)
{
    pthread_mutex_lock(&r->lock);
    struct recording *rec = r->all, *next;
    bool fresh = r->fresh;
    r->fresh = false;
    pthread_mutex_unlock(&r->lock);
    if (fresh && file_sync_dir(cx, r->dir) != RC_OK) {
        log_err(LOG_ERROR, cx, "a new recording may not survive a power failure");
        cx_reset(cx);
    }
    for (; rec; rec = next) {
        next = rec->next;
        sync_one(r, rec);
    }
}

static void *work(void *arg)
{
    struct recorder *r = arg;
    struct cx cx;
    bool stopping = false;
    cx_init(&cx);
    while (!stopping) {
        pthread_mutex_lock(&r->lock);
        if (!r->stopping && !r->ended)
            cond_wait_ms(&r->ending, &r->lock, SYNC_MS);
        stopping = r->stopping;
        r->ended = false;
        pthread_mutex_unlock(&r->lock);
        sync_all(&cx, r);
    }
    cx_fini(&cx);
    return NULL;
}

struct recorder *recorder_new(const char *dir, recorder_kept *kept, void *arg)
{
    struct recorder *r = mem_alloc(sizeof *r);
    r->dir = mem_strdup(dir);
    r->kept = kept;
    r->arg = arg;
    pthread_mutex_init(&r->lock, NULL);
    cond_init(&r->ending);
    if (pthread_create(&r->thread, NULL, work, r) != 0)
        bug("cannot start a thread");
    return r;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->ending);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    if (r->all)
        bug("a recording goes on without its recorder");
    pthread_cond_destroy(&r->ending);
    pthread_mutex_destroy(&r->lock);
    free(r->dir);
    free(r);
}

/* --- the loop --- */

enum rc recording_begin(struct cx *cx, struct recorder *r, const char *session, int64_t fence,
                        struct recording **out)
{
    const char *path = arena_printf(cx->arena, "%s/%s-%lld.flv", r->dir, session, (long long)fence);
    struct buf head;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return err_set(cx, errno == EEXIST ? RC_CONFLICT : RC_UNAVAIL, NULL, file_error_key(errno),
                       "cannot make %s: %s", path, strerror(errno));
    buf_init(&head, HEAD_MAX);
    flv_head_put(&head, true, true);
    bool written = file_write_all(fd, head.p, head.n);
    int why = errno;
    int64_t size = (int64_t)head.n;
    buf_fini(&head);
    if (!written) {
        close(fd);
        unlink(path);
        return err_set(cx, RC_UNAVAIL, NULL, file_error_key(why), "cannot write %s: %s", path, strerror(why));
    }
    struct recording *rec = mem_alloc(sizeof *rec);
    rec->recorder = r;
    memcpy(rec->session, session, sizeof rec->session);
    rec->fence = fence;
    rec->fd = fd;
    rec->size = size;
    rec->dirty = true;
    pthread_mutex_lock(&r->lock);
    rec->next = r->all;
    r->all = rec;
    r->fresh = true;
    pthread_mutex_unlock(&r->lock);
    *out = rec;
    return RC_OK;
}

static bool write_parts(int fd, struct iovec *v, int n)
{
    while (n > 0) {
        ssize_t done = writev(fd, v, n);
        if (done < 0 && errno != EINTR)
            return false;
        for (; n > 0 && done >= (ssize_t)v->iov_len; v++, n--)
            done -= (ssize_t)v->iov_len;
        if (n > 0 && done > 0) {
            v->iov_base = (char *)v->iov_base + done;
            v->iov_len -= (size_t)done;
        }
    }
    return true;
}

bool recording_write(struct recording *rec, const struct rtmp_message *m)
{
    struct flv_frame f = flv_frame_of((enum flv_type)m->type, m->time, m->n);
    union {
        const unsigned char *p;
        void *base;
    } body = {.p = m->bytes}; /* writev only reads */
    struct iovec parts[] = {{f.head, sizeof f.head}, {body.base, m->n}, {f.tail, sizeof f.tail}};
    if (rec->failed)
        return false;
    if (!write_parts(rec->fd, parts, sizeof parts / sizeof *parts)) {
        LOG(ERROR, NULL, "a recording cannot be written", F_TEXT("reason", strerror(errno)));
        rec->failed = true;
        if (ftruncate(rec->fd, rec->size) != 0)
            LOG(WARN, NULL, "a recording ends within a tag", F_TEXT("reason", strerror(errno)));
        return false;
    }
    rec->size += (int64_t)(sizeof f.head + m->n + sizeof f.tail);
    rec->tags++;
    rec->dirty = true;
    return true;
}

int64_t recording_size(const struct recording *rec)
{
    return rec->size;
}

int64_t recording_tags(const struct recording *rec)
{
    return rec->tags;
}

void recording_end(struct recording *rec)
{
    if (!rec)
        return;
    struct recorder *r = rec->recorder;
    pthread_mutex_lock(&r->lock);
    rec->over = true; /* the thread's from here on */
    r->ended = true;
    pthread_cond_signal(&r->ending);
    pthread_mutex_unlock(&r->lock);
}
