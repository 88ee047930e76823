/* Limits on transfers at once, for each client and token. A transfer occupies a thread for as long as its
 * client likes, so one client, or one token that was passed on, must not occupy them all. Requests that are
 * answered at once need no place, and some threads are always free for them. */
#include "cgi-bin/store/store_app.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/net/address.h"

enum {
    UPLOAD_AT_ONCE = 4, /* transfers of one upload: one writes, others wait to take over */
    END_AT_ONCE = 8,    /* the same with those that end it */
    JOB_AT_ONCE = 16,   /* of one attempt of a job */
    HEAR_MS = 2000,     /* limits, in time and bytes, for reading a refused body while the store is busy */
    HEAR_BYTES = 1 << 20
};

/* The share of the threads that is kept for short requests; the same share may read refused bodies. */
static int spare(const struct app *app)
{
    int n = app->conf->store_threads / 16;
    return n > 0 ? n : 1;
}

/* Under the lock. */
static enum rc count(const struct rq *rq, int at_once)
{
    const struct app *app = rq->app;
    int threads = app->conf->store_threads, all = threads - 2 * spare(app), owner = 0, network = 0, total = 0;
    const struct rq *r;
    LIST_FOREACH(r, &app->running, running) {
        if (!r->placed)
            continue;
        total++;
        owner += strcmp(r->owner, rq->owner) == 0;
        network += strcmp(r->network, rq->network) == 0;
    }
    if (owner >= at_once || (network > 0 && network >= threads / 2))
        return RC_CONFLICT;
    return total > 0 && total >= all ? RC_UNAVAIL : RC_OK;
}

static enum rc take(struct rq *rq, const struct jwt_claims *c, int at_once)
{
    rq->owner = c->up ? c->up : arena_printf(rq->cx.arena, "%lld-%lld", (long long)c->job, (long long)c->att);
    rq->network = address_network(rq->cx.arena, rq_header(rq, "REMOTE_ADDR"));
    pthread_mutex_lock(&rq->app->lock);
    enum rc rc = count(rq, at_once);
    rq->placed = rc == RC_OK;
    pthread_mutex_unlock(&rq->app->lock);
    return rc;
}

enum rc place_take(struct rq *rq, const struct jwt_claims *c)
{
    return take(rq, c, c->up ? UPLOAD_AT_ONCE : JOB_AT_ONCE);
}

static enum rc answer(struct rq *rq, enum rc rc)
{
    if (rc == RC_CONFLICT)
        rq_error(rq, 429, "busy", "There are too many transfers of yours at once. Please wait a moment.");
    else if (rc == RC_UNAVAIL)
        rq_error(rq, 503, "busy", "The storage is busy with other transfers. Please wait a moment.");
    return rc;
}

enum rc rq_place(struct rq *rq, const struct jwt_claims *c)
{
    return answer(rq, place_take(rq, c));
}

enum rc rq_place_to_end(struct rq *rq, const struct jwt_claims *c)
{
    return answer(rq, take(rq, c, END_AT_ONCE));
}

/* --- what is refused --- */

bool place_hear(struct rq *rq)
{
    int heard = 0;
    const struct rq *r;
    pthread_mutex_lock(&rq->app->lock);
    LIST_FOREACH(r, &rq->app->running, running)
        heard += r->heard_since != 0;
    rq->placed = false;
    if (heard < spare(rq->app))
        rq->heard_since = clock_mono();
    pthread_mutex_unlock(&rq->app->lock);
    return rq->heard_since != 0;
}

bool place_is_heard(const struct rq *rq, int64_t bytes)
{
    return bytes < HEAR_BYTES || !atomic_load(&rq->app->busy);
}

void places_look(struct app *app)
{
    struct rq *r;
    int n = 0, heard = 0;
    int64_t now = clock_mono();
    pthread_mutex_lock(&app->lock);
    LIST_FOREACH(r, &app->running, running) {
        n++;
        heard += r->heard_since != 0;
    }
    bool busy = n > app->conf->store_threads / 2 || heard >= spare(app);
    LIST_FOREACH(r, &app->running, running)
        if (busy && r->heard_since != 0 && now - r->heard_since >= HEAR_MS)
            fcgi_stop_body(r->f);
    atomic_store(&app->busy, busy);
    pthread_mutex_unlock(&app->lock);
}
