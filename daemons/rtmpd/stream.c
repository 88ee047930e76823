#include "daemons/rtmpd/stream.h"

#include <string.h>

#include "daemons/rtmpd/uplink.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/rc.h"

enum {
    TICK_US = 200000,
    PLACE_MS = 10000,    /* until a new stream has its ingest, or is refused */
    TAKEOVER_MS = 60000, /* that a stream goes on without an ingest */
    ENDING_MS = 10000,   /* for what the ingest has not answered when the publisher has ended */
    CALM_MS = 60000,     /* after this time an ingest that was lost may be chosen again */
    AGAIN_MS = 500       /* between two questions of one stream */
};

enum stream_state { ASKING, DIALLING, LIVE };

struct stream {
    const struct stream_setup *setup;
    const struct stream_hooks *hooks; /* NULL: the publisher has ended */
    void *arg;
    struct event *timer;
    char *token;
    char from[WIRE_CLIENT_MAX + 1];
    enum view_kind view;
    enum stream_state state;
    bool started;                  /* ready was called */
    bool unsure;                   /* a question has no answer: the core may hold a place for it */
    enum live_end why;             /* the publisher has ended */
    int64_t deadline, again, lost; /* clock_mono; again: ask then, 0: no; lost: the last ingest */
    int tries;                     /* questions since the last ingest */
    char session[WIRE_KEY_LENGTH + 1];
    int64_t node; /* the present ingest */
    int64_t avoid[WIRE_AVOID_MAX];
    size_t avoid_n;
    struct ask *ask;
    struct uplink *uplink;
    struct window window;
};

/* --- the end --- */

static void finish(struct stream *s, enum live_end why)
{
    if (s->ask)
        ask_forget(s->ask);
    uplink_end(s->uplink);
    if (*s->session)
        ask_stop(s->setup->asker, s->session, why);
    if (s->started)
        LOG(INFO, NULL, "stream ended", F_TEXT("session", s->session),
            F_TEXT("why", wire_live_end_name(why)));
    --*s->setup->count;
    event_free(s->timer);
    window_fini(&s->window);
    mem_wipe(s->token, strlen(s->token));
    free(s->token);
    free(s);
}

static void give_up(struct stream *s, enum metric reason, const char *words, bool wrong_token)
{
    if (s->hooks)
        s->hooks->over(s->arg, reason, words, wrong_token);
    finish(s, s->hooks ? LIVE_END_INGEST : s->why);
}

void stream_end(struct stream *s, enum live_end why)
{
    if (!s)
        return;
    s->hooks = NULL;
    s->why = why;
    if (!s->started) {
        finish(s, why);
        return;
    }
    s->deadline = clock_mono() + ENDING_MS;
    if (s->uplink)
        uplink_settle(s->uplink);
}

/* --- an ingest --- */

static ask_answered on_answer;

static void ask(struct stream *s)
{
    const struct wire_live_start q = {.token = s->token,
                                      .from = s->from,
                                      .view = s->view,
                                      .session = s->session,
                                      .avoid = s->avoid,
                                      .avoid_count = s->avoid_n};
    s->again = 0;
    s->tries++;
    s->ask = ask_start(s->setup->asker, &q, on_answer, s);
}

static void avoid_node(struct stream *s)
{
    if (s->avoid_n == WIRE_AVOID_MAX) /* the oldest goes */
        memmove(s->avoid, s->avoid + 1, --s->avoid_n * sizeof *s->avoid);
    s->avoid[s->avoid_n++] = s->node;
}

/* The ingest is dead, or was not reached. The first question goes at once, unless the one before was just now. */
static void look_elsewhere(struct stream *s)
{
    int64_t now = clock_mono();
    if (s->state == LIVE) {
        if (now - s->lost > CALM_MS)
            s->avoid_n = 0;
        s->tries = now - s->lost < AGAIN_MS;
        s->lost = now;
        if (s->hooks)
            s->deadline = now + TAKEOVER_MS;
    }
    avoid_node(s);
    s->state = ASKING;
    if (s->tries == 0)
        ask(s);
    else
        s->again = now + AGAIN_MS;
}

static void on_ready(void *arg)
{
    struct stream *s = arg;
    bool first = !s->started;
    s->state = LIVE;
    s->started = true;
    LOG(INFO, NULL, first ? "stream begun" : "stream goes on elsewhere", F_TEXT("session", s->session),
        F_NUM("node", s->node));
    metric_add(first ? METRIC_rtmpd_entry_starts_total : METRIC_rtmpd_entry_takeovers_total, 1);
    if (first && s->hooks)
        s->hooks->ready(s->arg);
}

static void on_lost(void *arg, const char *why)
{
    struct stream *s = arg;
    LOG(WARN, NULL, "ingest lost", F_TEXT("why", why), F_TEXT("session", s->session), F_NUM("node", s->node));
    uplink_free(s->uplink);
    s->uplink = NULL;
    look_elsewhere(s);
}

/* A stream that is on air waits for an ingest. With all of them avoided the only one that is left would never be given
 * again after its restart; the core gives out none that is silent, so one that it names is worth another try.
 * A new stream whose question was lost may be in its own way, until the core sees that nobody streams there. */
static bool asks_again(const struct stream *s, enum live_refusal why)
{
    if (s->started)
        return why == LIVE_REFUSED_INGEST;
    return s->unsure && (why == LIVE_REFUSED_TAKEN || why == LIVE_REFUSED_INGEST) &&
           clock_mono() + AGAIN_MS < s->deadline;
}

static void take_refusal(struct stream *s, const struct ask_answer *a)
{
    static const enum metric reasons[LIVE_REFUSAL_COUNT] = {
        [LIVE_REFUSED_TOKEN] = METRIC_rtmpd_entry_refused_token_total,
        [LIVE_REFUSED_LECTURE] = METRIC_rtmpd_entry_refused_lecture_total,
        [LIVE_REFUSED_TAKEN] = METRIC_rtmpd_entry_refused_taken_total,
        [LIVE_REFUSED_INGEST] = METRIC_rtmpd_entry_refused_ingest_total,
        [LIVE_REFUSED_OTHER] = METRIC_rtmpd_entry_refused_other_total};
    if (asks_again(s, a->refused)) {
        if (a->refused == LIVE_REFUSED_INGEST)
            s->avoid_n = 0;
        s->again = clock_mono() + AGAIN_MS;
        return;
    }
    give_up(s, reasons[a->refused], *a->text ? a->text : "The stream was refused.",
            a->refused == LIVE_REFUSED_TOKEN);
}

static void on_answer(void *arg, const struct ask_answer *a)
{
    static const struct uplink_hooks hooks = {.ready = on_ready, .lost = on_lost};
    struct stream *s = arg;
    s->ask = NULL;
    if (a->rc != RC_OK) {
        s->unsure = true;
        s->again = clock_mono() + AGAIN_MS;
        return;
    }
    if (a->refused != LIVE_REFUSAL_COUNT) {
        take_refusal(s, a);
        return;
    }
    memcpy(s->session, a->session, sizeof s->session);
    s->node = a->node;
    s->state = DIALLING;
    if (a->to_n > 0)
        s->uplink = uplink_open(s->setup->base, a, &s->window, &hooks, s);
    if (!s->uplink) {
        LOG(WARN, NULL, "ingest not reached", F_TEXT("ingest", a->address), F_NUM("node", s->node));
        look_elsewhere(s);
    }
}

/* --- time --- */

static void late(struct stream *s)
{
    give_up(s,
            s->state == ASKING ? METRIC_rtmpd_entry_refused_core_total
                               : METRIC_rtmpd_entry_refused_ingest_total,
            "The server that plans the lectures, or the one that takes the stream, does not answer. Try "
            "again in a "
            "minute; if it stays so, tell the people who run Lectern.",
            false);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    int64_t now = clock_mono();
    (void)fd;
    (void)what;
    bool settled = !s->hooks && s->uplink && uplink_is_settled(s->uplink);
    if (settled || (!s->hooks && now >= s->deadline)) {
        if (!settled)
            LOG(WARN, NULL, "the last seconds of a stream may be missing", F_TEXT("session", s->session));
        finish(s, s->why);
    } else if (s->state != LIVE && now >= s->deadline) {
        late(s);
    } else if (s->again && now >= s->again) {
        ask(s);
    } else if (s->uplink) {
        if (!s->hooks)
            uplink_settle(s->uplink);
        uplink_tick(s->uplink, now);
    }
}

/* --- life --- */

struct stream *stream_new(const struct stream_setup *setup, struct str token, const char *from,
                          enum view_kind view, const struct stream_hooks *hooks, void *arg)
{
    const struct timeval tick = {0, TICK_US};
    struct stream *s = mem_alloc(sizeof *s);
    s->setup = setup;
    s->hooks = hooks;
    s->arg = arg;
    s->view = view;
    s->token = mem_alloc(token.n + 1);
    memcpy(s->token, token.p, token.n);
    memcpy(s->from, from, strnlen(from, WIRE_CLIENT_MAX));
    s->deadline = clock_mono() + PLACE_MS;
    s->lost = clock_mono() - CALM_MS;
    window_init(&s->window, setup->window);
    s->timer = event_new(setup->base, -1, EV_PERSIST, on_tick, s);
    if (!s->timer || event_add(s->timer, &tick) != 0)
        bug("no memory for an event");
    ++*setup->count;
    ask(s);
    return s;
}

void stream_push(struct stream *s, struct rtmp_message *m)
{
    window_push(&s->window, m);
    if (s->uplink)
        uplink_send(s->uplink, m);
}
