#include "daemons/lived/disk.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

struct order {
    struct order *next;
    int fd, index;
    bool last; /* the index is closed */
    size_t n;
    char line[];
};

struct disk {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more, done;
    struct order *first, **end;
    bool busy, over;
};

/* All of the line or nothing, since the next one must begin a line. Nobody else writes there. */
static bool add_line(const struct order *o)
{
    off_t was = lseek(o->index, 0, SEEK_END);
    if (was >= 0 && file_write_all(o->index, o->line, o->n))
        return fdatasync(o->index) == 0;
    int e = errno;
    if (was >= 0 && ftruncate(o->index, was) != 0)
        LOG(ERROR, NULL, "half a line remains in an index");
    errno = e;
    return false;
}

static void carry_out(const struct order *o)
{
    bool ok = o->fd < 0 || fdatasync(o->fd) == 0;
    if (ok && o->n > 0)
        ok = add_line(o);
    if (!ok) {
        metric_add(METRIC_lived_disk_errors_total, 1);
        LOG(ERROR, NULL, "a segment could not be synced", F_TEXT("reason", strerror(errno)));
    }
    if (o->fd >= 0)
        close(o->fd);
    if (o->last)
        close(o->index);
}

static void *run(void *arg)
{
    struct disk *d = arg;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        struct order *o = d->first;
        if (!o && d->over)
            break;
        if (!o) {
            pthread_cond_wait(&d->more, &d->lock);
            continue;
        }
        d->first = o->next;
        if (!d->first)
            d->end = &d->first;
        d->busy = true;
        pthread_mutex_unlock(&d->lock);
        carry_out(o);
        free(o);
        pthread_mutex_lock(&d->lock);
        d->busy = false;
        pthread_cond_broadcast(&d->done);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

struct disk *disk_new(void)
{
    struct disk *d = mem_alloc(sizeof *d);
    d->end = &d->first;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->more, NULL);
    pthread_cond_init(&d->done, NULL);
    if (pthread_create(&d->thread, NULL, run, d) != 0)
        bug("cannot start a thread");
    return d;
}

void disk_free(struct disk *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->over = true;
    pthread_cond_signal(&d->more);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->thread, NULL);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->more);
    pthread_cond_destroy(&d->done);
    free(d);
}

static void give(struct disk *d, int fd, int index, bool last, struct str line)
{
    struct order *o = mem_alloc(sizeof *o + line.n);
    o->fd = fd;
    o->index = index;
    o->last = last;
    o->n = line.n;
    memcpy(o->line, line.p, line.n);
    pthread_mutex_lock(&d->lock);
    *d->end = o;
    d->end = &o->next;
    pthread_cond_signal(&d->more);
    pthread_mutex_unlock(&d->lock);
}

void disk_line(struct disk *d, int fd, int index, struct str line)
{
    give(d, fd, index, false, line);
}

void disk_close(struct disk *d, int index)
{
    give(d, -1, index, true, STR(""));
}

void disk_wait(struct disk *d)
{
    pthread_mutex_lock(&d->lock);
    while (d->first || d->busy)
        pthread_cond_wait(&d->done, &d->lock);
    pthread_mutex_unlock(&d->lock);
}
