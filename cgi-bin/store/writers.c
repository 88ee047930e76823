/* Which thread writes which upload. A client that lost its connection opens a new one while the web server
 * still waits for the old one: the newer request ends the silent one instead of waiting for its time-out. */
#include "cgi-bin/store/store_app.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"

enum {
    SILENT_MS = 5000,   /* a writer without a byte for so long may be ended by a newer request, */
    PATIENCE_MS = 2000, /* which waits so long for that; */
    END_MS = 10000,     /* so long if the writer is to end in any case: what arrived is synced first */
    LOOK_MS = 20,
    FLUSH_MS = 500, /* longest time that bytes of a slow client stay in memory */
    WRITEBACK =
        16 << 20 /* bytes after which the kernel is asked to begin writing, so that the last fsync is short */
};

/* The writer's thread then reads the end of its body. Call with the lock held. */
static bool end_if(struct rq *w, enum store_wish wish)
{
    bool silent = clock_mono() - atomic_load(&w->last) >= SILENT_MS;
    bool ends = wish == STORE_WISH_NOW || (wish == STORE_WISH_SILENT && silent);
    if (ends)
        fcgi_stop_body(w->f);
    return ends;
}

void writers_look(struct app *app)
{
    struct rq *w;
    pthread_mutex_lock(&app->lock);
    LIST_FOREACH(w, &app->running, running)
        if (w->writes)
            (void)end_if(w, daemon_stopping() ? STORE_WISH_NOW : store_upload_wished(app->store, w->object));
    pthread_mutex_unlock(&app->lock);
}

/* Asks the writer to end. False: it is in this process and goes on, since its client is not silent. */
static bool ask(struct app *app, const char *id, enum store_wish wish)
{
    struct rq *w;
    bool goes_on = false;
    pthread_mutex_lock(&app->lock);
    LIST_FOREACH(w, &app->running, running)
        if (w->writes && strcmp(w->object, id) == 0)
            goes_on = !end_if(w, wish);
    pthread_mutex_unlock(&app->lock);
    if (!goes_on)
        store_upload_wish(app->store, id, wish);
    return !goes_on;
}

static void note(struct rq *rq, const char *id, bool writes)
{
    pthread_mutex_lock(&rq->app->lock);
    memmove(rq->object, id, sizeof rq->object);
    atomic_store(&rq->last, clock_mono());
    rq->writes = writes;
    pthread_mutex_unlock(&rq->app->lock);
}

enum rc writer_open(struct rq *rq, const char *id, bool force, struct store_upload *up, int *fd)
{
    struct store *s = rq->app->store;
    int64_t until = clock_mono() + (force ? END_MS : PATIENCE_MS);
    enum rc rc = store_upload_open(&rq->cx, s, id, up, fd);
    while (rc == RC_CONFLICT && clock_mono() < until && !daemon_stopping() &&
           ask(rq->app, id, force ? STORE_WISH_NOW : STORE_WISH_SILENT)) {
        daemon_pause(LOOK_MS);
        err_clear(&rq->cx);
        rc = store_upload_open(&rq->cx, s, id, up, fd);
    }
    if (rc == RC_CONFLICT)
        store_upload_wish(s, id, STORE_WISH_NONE);
    else if (rc == RC_OK)
        note(rq, id, true);
    return rc;
}

void writer_close(struct rq *rq)
{
    note(rq, rq->object, false);
}

/* The hash up to `offset`: a new one, the one of an earlier request, or NULL. It is removed from the table,
 * so that only one thread has it. */
static struct store_tally *tally_take(struct app *app, const char *id, int64_t offset)
{
    struct store_tally *t = NULL;
    pthread_mutex_lock(&app->lock);
    for (size_t i = 0; i < TALLIES && !t; i++) {
        if (strcmp(app->pending[i].id, id) != 0)
            continue;
        t = app->pending[i].tally;
        app->pending[i] = (struct pending){.id = ""};
    }
    pthread_mutex_unlock(&app->lock);
    if (t && store_tally_length(t) != offset) {
        store_tally_free(t);
        t = NULL;
    }
    return t || offset > 0 ? t : store_tally_new();
}

/* Keeps the hash for the next request. If the table is full, the oldest one is removed. */
static void tally_keep(struct app *app, const char *id, struct store_tally *t)
{
    pthread_mutex_lock(&app->lock);
    struct pending *p = &app->pending[0];
    for (size_t i = 1; i < TALLIES && p->id[0] != '\0'; i++)
        if (app->pending[i].id[0] == '\0' || app->pending[i].since < p->since)
            p = &app->pending[i];
    store_tally_free(p->tally);
    *p = (struct pending){.tally = t, .since = clock_mono()};
    memcpy(p->id, id, sizeof p->id);
    pthread_mutex_unlock(&app->lock);
}

static enum rc flush(struct rq *rq, int fd, const char *p, size_t n, int64_t *got)
{
    if (!file_write_all(fd, p, n))
        return err_set(&rq->cx, RC_UNAVAIL, NULL, file_error_key(errno), "cannot write: %s", strerror(errno));
    int64_t before = *got;
    *got += (int64_t)n;
    if (before / WRITEBACK != *got / WRITEBACK)
        (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint; the fsync at the end decides */
    return RC_OK;
}

static enum rc receive(struct rq *rq, int fd, int64_t limit, struct store_tally *tally, int64_t *got)
{
    char *piece = mem_alloc(PIECE_SIZE);
    size_t have = 0;
    int64_t flushed = clock_mono();
    enum rc rc = RC_OK;
    *got = 0;
    for (;;) {
        int64_t left = limit - *got - (int64_t)have;
        size_t room = PIECE_SIZE - have;
        size_t n = rq_read(rq, piece + have, left < (int64_t)room ? (size_t)left : room);
        int64_t now = clock_mono();
        have += n;
        if (n > 0 && have < PIECE_SIZE && now - flushed < FLUSH_MS && left > (int64_t)n)
            continue;
        rc = flush(rq, fd, piece, have, got);
        if (rc == RC_OK && tally)
            store_tally_add(tally, piece, have);
        if (rc != RC_OK || n == 0)
            break;
        have = 0;
        flushed = now;
    }
    free(piece);
    return rc;
}

enum rc writer_receive(struct rq *rq, const struct store_upload *up, int fd, int64_t end, int64_t *got)
{
    int64_t left = end - up->offset;
    struct store_tally *tally = tally_take(rq->app, up->id, up->offset);
    enum rc rc = receive(rq, fd, left, tally, got);
    if (tally && rc == RC_OK && up->offset + *got == up->size)
        store_tally_note(tally, fd);
    else if (tally && rc == RC_OK)
        tally_keep(rq->app, up->id, tally);
    else
        store_tally_free(tally); /* after a failed write the content of the file is unknown */
    return rc;
}
