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
    SILENT_MS = 5000,   /* a writer without a byte for so long may be ended by a newer request */
    PATIENCE_MS = 2000, /* … which waits so long for it to go */
    FLUSH_MS = 500,     /* bytes of a slow client stay in memory for so long at most */
    WRITEBACK =
        16 << 20 /* bytes after which the kernel is asked to begin writing, so that the last fsync is short */
};

static struct writer *find(struct app *app, const char *id)
{
    for (size_t i = 0; i < UPLOADS_AT_ONCE; i++)
        if (strcmp(app->writers[i].id, id) == 0)
            return &app->writers[i];
    return NULL;
}

/* True if a writer was told to end. */
static bool end_silent(struct app *app, const char *id, bool force)
{
    pthread_mutex_lock(&app->lock);
    struct writer *w = find(app, id);
    bool ended = w && (force || clock_mono() - atomic_load(&w->last) >= SILENT_MS);
    if (ended)
        fcgi_stop_body(w->f); /* its thread reads the end of the body and keeps what came */
    pthread_mutex_unlock(&app->lock);
    return ended;
}

void writer_end_all(struct app *app)
{
    pthread_mutex_lock(&app->lock);
    for (size_t i = 0; i < UPLOADS_AT_ONCE; i++)
        if (app->writers[i].id[0] != '\0')
            fcgi_stop_body(app->writers[i].f);
    pthread_mutex_unlock(&app->lock);
}

static void note(struct rq *rq, const char *id)
{
    pthread_mutex_lock(&rq->app->lock);
    struct writer *w = find(rq->app, "");
    if (w) {
        memcpy(w->id, id, sizeof w->id);
        w->f = rq->f;
        atomic_store(&w->last, clock_mono());
    }
    pthread_mutex_unlock(&rq->app->lock);
}

enum rc writer_open(struct rq *rq, const char *id, bool force, struct store_upload *up, int *fd)
{
    enum rc rc = store_upload_open(&rq->cx, rq->app->store, id, up, fd);
    if (rc == RC_CONFLICT && end_silent(rq->app, id, force)) {
        int64_t until = clock_mono() + PATIENCE_MS;
        while (rc == RC_CONFLICT && clock_mono() < until && !daemon_stopping()) {
            daemon_pause(20);
            rc = store_upload_open(&rq->cx, rq->app->store, id, up, fd);
        }
    }
    if (rc == RC_OK)
        note(rq, id);
    return rc;
}

void writer_close(struct rq *rq, const char *id)
{
    pthread_mutex_lock(&rq->app->lock);
    struct writer *w = find(rq->app, id);
    if (w)
        w->id[0] = '\0';
    pthread_mutex_unlock(&rq->app->lock);
}

static void touch(struct rq *rq, const char *id)
{
    pthread_mutex_lock(&rq->app->lock);
    struct writer *w = find(rq->app, id);
    if (w)
        atomic_store(&w->last, clock_mono());
    pthread_mutex_unlock(&rq->app->lock);
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

static enum rc receive(struct rq *rq, const char *id, int fd, int64_t limit, struct store_tally *tally,
                       int64_t *got)
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
        touch(rq, id);
    }
    free(piece);
    return rc;
}

enum rc writer_receive(struct rq *rq, const struct store_upload *up, int fd, int64_t *got)
{
    int64_t left = up->size - up->offset;
    struct store_tally *tally = tally_take(rq->app, up->id, up->offset);
    enum rc rc = receive(rq, up->id, fd, left, tally, got);
    if (tally && rc == RC_OK && *got == left)
        store_tally_note(tally, fd);
    else if (tally && rc == RC_OK)
        tally_keep(rq->app, up->id, tally);
    else
        store_tally_free(tally); /* after a failed write the content of the file is unknown */
    return rc;
}
