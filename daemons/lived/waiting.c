#include "daemons/lived/waiting.h"

#include <stdlib.h>

#include "daemons/lived/answer.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/os/metrics.h"

/* A player has two or three requests that wait. Tokens that share a place share its limit. */
enum { WAIT_MS = 3 * ORIGIN_TARGET_S * 1000, WAITING_MAX = 20000, WAITING_TOKEN_MAX = 32, TOO_MANY = 429 };

struct waiting {
    struct waiting *next, **at;
    struct stream *s;
    struct evhttp_request *rq;
    struct wish wish;
    int64_t until; /* monotonic, ms */
    uint16_t *of_token;
};

/* FNV-1a */
static uint16_t *place_of(struct lived *d, struct str token)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < token.n; i++)
        h = (h ^ (unsigned char)token.p[i]) * 16777619U;
    return &d->waiting_of[(h ^ h >> 16) % LIVED_PLACES];
}

static void count(struct lived *d, int change)
{
    d->waiting_count += change;
    metric_set(METRIC_lived_waiting, d->waiting_count);
}

static void unlink_one(struct waiting *w)
{
    *w->at = w->next;
    if (w->next)
        w->next->at = w->at;
    count(w->s->d, -1);
    --*w->of_token;
    free(w);
}

/* The player is gone. */
static void on_close(struct evhttp_connection *connection, void *arg)
{
    struct waiting *w = arg;
    (void)connection;
    if (!evhttp_request_get_connection(w->rq))
        evhttp_request_free(w->rq);
    unlink_one(w);
}

/* With what is there. */
static void answer(struct stream *s, struct evhttp_request *rq, const struct wish *w)
{
    struct origin_bytes *part;
    if (w->list) {
        metric_add(METRIC_lived_lists_total, 1);
        answer_bytes(rq, ANSWER_LIST, "no-store", stream_list_of(s, w->track, w->form));
        return;
    }
    part = origin_part_bytes(&s->origin, w->track, w->msn, w->part);
    if (part) {
        metric_add(METRIC_lived_parts_total, 1);
        answer_bytes(rq, ANSWER_PART, "private, max-age=60", part);
    } else {
        answer_word(rq, HTTP_NOTFOUND, "gone");
    }
}

static bool is_ready(const struct stream *s, const struct wish *w)
{
    if (w->list)
        return origin_has(&s->origin, w->track, w->msn, w->part);
    return origin_part_bytes(&s->origin, w->track, w->msn, w->part) ||
           origin_is_over(&s->origin, w->track, w->msn, w->part);
}

void waiting_add(struct stream *s, struct evhttp_request *rq, const struct wish *wish)
{
    if (is_ready(s, wish)) {
        answer(s, rq, wish);
        return;
    }
    uint16_t *of_token = place_of(s->d, wish->token);
    bool much = *of_token >= WAITING_TOKEN_MAX;
    if (much || origin_is_far(&s->origin, wish->track, wish->msn, wish->part) ||
        s->d->waiting_count >= WAITING_MAX) {
        metric_add(METRIC_lived_limit_total, 1);
        answer_word(rq, much ? TOO_MANY : HTTP_SERVUNAVAIL, much ? "too_many" : "later");
        return;
    }
    struct waiting *w = mem_alloc(sizeof *w);
    *w = (struct waiting){s->waiting, &s->waiting, s, rq, *wish, clock_mono() + WAIT_MS, of_token};
    w->wish.token = (struct str){"", 0};
    if (w->next)
        w->next->at = &w->next;
    s->waiting = w;
    ++*of_token;
    count(s->d, 1);
    evhttp_connection_set_closecb(evhttp_request_get_connection(rq), on_close, w);
}

static void answer_waiting(struct waiting *w)
{
    struct stream *s = w->s;
    struct evhttp_request *rq = w->rq;
    struct wish wish = w->wish;
    evhttp_connection_set_closecb(evhttp_request_get_connection(rq), NULL, NULL);
    unlink_one(w);
    answer(s, rq, &wish);
}

void waiting_look(struct stream *s)
{
    for (struct waiting *w = s->waiting, *next; w; w = next) {
        next = w->next;
        if (is_ready(s, &w->wish))
            answer_waiting(w);
    }
}

void waiting_answer_all(struct stream *s)
{
    while (s->waiting)
        answer_waiting(s->waiting);
}

void waiting_sweep(struct lived *d, int64_t now)
{
    for (struct stream *s = d->streams; s; s = s->next)
        for (struct waiting *w = s->waiting, *next; w; w = next) {
            next = w->next;
            if (now < w->until)
                continue;
            metric_add(METRIC_lived_late_total, 1);
            answer_waiting(w);
        }
}
