#include "daemons/rtmpd/pusher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/net/http.h"
#include "lib/os/cond.h"
#include "lib/os/metrics.h"

enum {
    QUEUE_MAX = 24 << 20, /* bytes: a minute of all rungs */
    PIECE_COST = 128,
    PIECE_NAME = 40,
    ANSWER_MAX = 16 << 10,
    CALL_MS = 5000,
    PLACE_MS = 100, /* between two looks for the address, which comes with the job */
    FIRST_WAIT_MS = 100,
    LONGEST_WAIT_MS = 2000
};

struct piece {
    struct piece *next;
    int run, tracks;
    char name[PIECE_NAME];
    size_t n;
    char bytes[];
};

struct pusher {
    struct pusher_setup setup;
    pthread_t thread;
    char *url, *token;    /* the thread's */
    int shown_run, shown; /* the thread's: of so many tracks of that run lived has the first part */
    atomic_bool stopping; /* at once */
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t news;
    struct piece *first, **last;
    size_t bytes;
    bool busy; /* a piece is on its way */
    bool finishing, done;
    bool over;
    int refused; /* run; -1: none */
};

/* --- the queue; with the lock held --- */

static struct piece *take_first(struct pusher *p)
{
    struct piece *piece = p->first;
    p->first = piece->next;
    if (!p->first)
        p->last = &p->first;
    p->bytes -= PIECE_COST + piece->n;
    return piece;
}

static void drop_all(struct pusher *p)
{
    while (p->first)
        free(take_first(p));
}

/* --- the thread --- */

/* The next piece; NULL: the thread ends. */
static struct piece *next_piece(struct pusher *p)
{
    struct piece *piece = NULL;
    pthread_mutex_lock(&p->lock);
    p->busy = false;
    while (!p->stopping && !p->first && !p->finishing)
        pthread_cond_wait(&p->news, &p->lock);
    if (!p->stopping && p->first) {
        piece = take_first(p);
        p->busy = true;
    }
    p->done = !piece;
    pthread_mutex_unlock(&p->lock);
    return piece;
}

static void rest(struct pusher *p, int64_t ms)
{
    int64_t until = clock_mono() + ms;
    pthread_mutex_lock(&p->lock);
    for (int64_t left = ms; !p->stopping && left > 0; left = until - clock_mono())
        cond_wait_ms(&p->news, &p->lock, left);
    pthread_mutex_unlock(&p->lock);
}

static bool goes_on(void *arg, int64_t done, int64_t total)
{
    const struct pusher *p = arg;
    (void)done;
    (void)total;
    return !p->stopping;
}

static void taken(struct pusher *p, const struct piece *piece)
{
    metric_add(METRIC_rtmpd_live_pieces_total, 1);
    metric_add(METRIC_rtmpd_live_sent_bytes_total, (int64_t)piece->n);
    if (piece->tracks == 0)
        return;
    if (p->shown_run != piece->run) {
        p->shown_run = piece->run;
        p->shown = 0;
    }
    if (++p->shown == piece->tracks)
        jobs_shown(p->setup.jobs, p->setup.job, p->setup.attempt);
}

static void refused(struct pusher *p, const struct piece *piece, enum pusher_state state, int status)
{
    pthread_mutex_lock(&p->lock);
    p->over = p->over || state == PUSHER_OVER;
    p->refused = piece->run;
    drop_all(p);
    pthread_mutex_unlock(&p->lock);
    if (state == PUSHER_OVER)
        LOG(INFO, NULL, "a stream is shown from elsewhere, or its picture is sealed",
            F_NUM("job", p->setup.job), F_NUM("status", status));
    else
        LOG(WARN, NULL, "lectern-lived refused a piece, the picture begins anew", F_NUM("job", p->setup.job),
            F_NUM("run", piece->run), F_TEXT("piece", piece->name), F_NUM("status", status));
}

/* One try. False: try again, later. */
static bool put(struct cx *cx, struct pusher *p, struct http *http, const struct piece *piece)
{
    const struct http_request rq = {.method = "PUT",
                                    .url =
                                        arena_printf(cx->arena, "%s.%d/%s", p->url, piece->run, piece->name),
                                    .bearer = p->token,
                                    .body = {piece->bytes, piece->n},
                                    .content_type = piece->bytes[0] == '{' ? "application/json" : "video/mp4",
                                    .max_answer = ANSWER_MAX,
                                    .timeout_ms = CALL_MS,
                                    .progress = goes_on,
                                    .progress_arg = p};
    struct http_response rs;
    enum rc rc = http_call(cx, http, &rq, &rs);
    if (rc != RC_OK)
        return false;
    switch (rs.status) {
    case 200:
    case 201:
        taken(p, piece);
        return true;
    case 409:
    case 410:
        refused(p, piece, PUSHER_OVER, rs.status);
        return true;
    case 413:
    case 422:
        refused(p, piece, PUSHER_REFUSED, rs.status);
        return true;
    default:
        err_clear(cx);
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "it answered %d", rs.status) == RC_OK;
    }
}

static void put_until_answered(struct cx *cx, struct pusher *p, struct http *http, const struct piece *piece)
{
    for (int tries = 0; !p->stopping; cx_reset(cx)) {
        if (!jobs_put(p->setup.jobs, p->setup.job, p->setup.attempt, &p->url, &p->token) && !p->url) {
            rest(p, PLACE_MS);
            continue;
        }
        if (put(cx, p, http, piece))
            return;
        if (tries++ == 0 && !p->stopping)
            log_err(LOG_WARN, cx, "a picture is not sent, trying on");
        metric_add(METRIC_rtmpd_live_retries_total, 1);
        rest(p, backoff_ms(tries, FIRST_WAIT_MS, LONGEST_WAIT_MS));
    }
}

static void *work(void *arg)
{
    struct pusher *p = arg;
    struct http *http = http_new(p->setup.ca_file);
    struct piece *piece;
    struct cx cx;
    cx_init(&cx);
    while ((piece = next_piece(p))) {
        put_until_answered(&cx, p, http, piece);
        cx_reset(&cx);
        free(piece);
    }
    cx_fini(&cx);
    http_free(http);
    return NULL;
}

/* --- the owner --- */

struct pusher *pusher_new(const struct pusher_setup *setup)
{
    struct pusher *p = mem_alloc(sizeof *p);
    p->setup = *setup;
    p->last = &p->first;
    p->shown_run = p->refused = -1;
    pthread_mutex_init(&p->lock, NULL);
    cond_init(&p->news);
    if (pthread_create(&p->thread, NULL, work, p) != 0)
        bug("cannot start a thread");
    return p;
}

static struct piece *copy_of(const struct pusher_piece *from)
{
    struct piece *piece = mem_alloc(sizeof *piece + from->body.n + 1);
    piece->run = from->run;
    piece->tracks = from->tracks;
    memcpy(piece->name, from->name, strnlen(from->name, PIECE_NAME - 1));
    piece->n = from->body.n;
    if (piece->n > 0)
        memcpy(piece->bytes, from->body.p, piece->n);
    return piece;
}

bool pusher_put(struct pusher *p, const struct pusher_piece *from)
{
    pthread_mutex_lock(&p->lock);
    bool fits = p->bytes + from->body.n <= QUEUE_MAX;
    if (fits && !p->over && p->refused != from->run) {
        struct piece *piece = copy_of(from);
        *p->last = piece;
        p->last = &piece->next;
        p->bytes += PIECE_COST + piece->n;
        pthread_cond_signal(&p->news);
    }
    pthread_mutex_unlock(&p->lock);
    return fits;
}

void pusher_drop(struct pusher *p)
{
    pthread_mutex_lock(&p->lock);
    drop_all(p);
    pthread_mutex_unlock(&p->lock);
}

enum pusher_state pusher_state(struct pusher *p, int run)
{
    pthread_mutex_lock(&p->lock);
    enum pusher_state state = p->over ? PUSHER_OVER : p->refused == run ? PUSHER_REFUSED : PUSHER_GOES;
    pthread_mutex_unlock(&p->lock);
    return state;
}

bool pusher_is_idle(struct pusher *p)
{
    pthread_mutex_lock(&p->lock);
    bool idle = !p->first && !p->busy;
    pthread_mutex_unlock(&p->lock);
    return idle;
}

void pusher_finish(struct pusher *p, bool now)
{
    pthread_mutex_lock(&p->lock);
    p->finishing = true;
    if (now)
        p->stopping = true;
    pthread_cond_signal(&p->news);
    pthread_mutex_unlock(&p->lock);
}

bool pusher_is_done(struct pusher *p)
{
    pthread_mutex_lock(&p->lock);
    bool done = p->done;
    pthread_mutex_unlock(&p->lock);
    return done;
}

void pusher_free(struct pusher *p)
{
    if (!p)
        return;
    pusher_finish(p, true);
    pthread_join(p->thread, NULL);
    drop_all(p);
    if (p->token)
        mem_wipe(p->token, strlen(p->token));
    free(p->token);
    free(p->url);
    pthread_cond_destroy(&p->news);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
