#include "daemons/rtmpd/uplink.h"

#include <string.h>

#include "daemons/rtmpd/line.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/proto/rtmp_client.h"

enum {
    BEGIN_MS = 5000,
    PING_MS = 1000,
    PINGS_MAX = 2,
    QUEUE_SLACK = 8 << 20 /* bytes that may wait beside a window that is sent again */
};

struct uplink {
    struct line *line;
    struct rtmp_client client;
    struct window *window;
    const struct uplink_hooks *hooks;
    void *arg;
    char *url, *ticket;
    int64_t deadline, ping_at; /* clock_mono */
    uint32_t stamp, answered;  /* of the last ping, and of the last answer */
    bool unasked;              /* tags were sent behind the last ping */
    bool waits;                /* accepted, and the window is not sent yet */
};

/* --- sending --- */

static void send_one(struct uplink *u, struct rtmp_message *m, uint32_t time)
{
    struct rtmp_frame f;
    line_flush(u->line); /* before the frame is made: frames are sent in the order in which they were made */
    if (!rtmp_client_frame(&u->client, m, time, &f))
        return;
    line_send(u->line, &f, m);
    u->unasked = true;
}

static void send_window(struct uplink *u)
{
    size_t n = window_count(u->window);
    u->waits = !window_is_whole(u->window);
    for (size_t i = 0; i < n && !u->waits; i++) {
        uint32_t time;
        struct rtmp_message *m = window_at(u->window, i, &time);
        send_one(u, m, time);
    }
}

void uplink_send(struct uplink *u, struct rtmp_message *m)
{
    if (u->client.state != RTMP_CLIENT_LIVE)
        return;
    if (u->waits)
        send_window(u); /* which ends with this tag */
    else
        send_one(u, m, m->time);
}

/* --- pings --- */

static void ping(struct uplink *u)
{
    rtmp_link_ping(&u->client.link, ++u->stamp);
    window_ping(u->window, u->stamp);
    u->unasked = false;
    line_flush(u->line);
}

void uplink_settle(struct uplink *u)
{
    if (u->client.state == RTMP_CLIENT_LIVE && u->unasked)
        ping(u);
}

bool uplink_is_settled(const struct uplink *u)
{
    return u->client.state == RTMP_CLIENT_LIVE && (u->waits || (!u->unasked && u->answered == u->stamp));
}

void uplink_tick(struct uplink *u, int64_t now)
{
    if (u->client.state != RTMP_CLIENT_LIVE) {
        if (now >= u->deadline)
            u->hooks->lost(u->arg, "no answer to publish");
    } else if (now >= u->ping_at) {
        u->ping_at = now + PING_MS;
        if (u->client.link.pings >= PINGS_MAX)
            u->hooks->lost(u->arg, "two pings without an answer");
        else
            ping(u);
    }
}

/* --- receiving --- */

/* False: the uplink does not exist any more. */
static bool take(struct uplink *u, const struct rtmp_event *e)
{
    switch (e->kind) {
    case RTMP_EVENT_START:
        u->ping_at = clock_mono();
        u->hooks->ready(u->arg);
        send_window(u);
        return true;
    case RTMP_EVENT_PONG:
        window_pong(u->window, e->stamp);
        u->answered = e->stamp;
        return true;
    case RTMP_EVENT_REFUSED:
        u->hooks->lost(u->arg, "the ingest refused the ticket");
        return false;
    case RTMP_EVENT_FAULT:
        u->hooks->lost(u->arg, rtmp_fault_words(e->fault));
        return false;
    default:
        return true;
    }
}

static void on_bytes(void *arg, struct str in)
{
    struct uplink *u = arg;
    struct rtmp_event e;
    bool there = true;
    do {
        rtmp_client_next(&u->client, &in, &e);
        there = take(u, &e);
    } while (there && e.kind != RTMP_EVENT_MORE);
}

static void on_gone(void *arg, const char *why, bool choked)
{
    struct uplink *u = arg;
    (void)choked;
    u->hooks->lost(u->arg, why);
}

/* --- life --- */

struct uplink *uplink_open(struct event_base *base, const struct ask_answer *place, struct window *window,
                           const struct uplink_hooks *hooks, void *arg)
{
    static const struct line_hooks line_hooks = {.bytes = on_bytes, .gone = on_gone};
    struct uplink *u = mem_alloc(sizeof *u);
    struct arena *a = arena_new();
    u->window = window;
    u->hooks = hooks;
    u->arg = arg;
    u->deadline = clock_mono() + BEGIN_MS;
    u->ticket = mem_strdup(place->ticket);
    u->url = mem_strdup(arena_printf(a, "rtmp://%s/live", place->address));
    arena_free(a);
    const struct rtmp_target target = {.app = STR("live"), .url = str_of(u->url), .name = str_of(u->ticket)};
    rtmp_client_init(&u->client, &target);
    const struct line_setup setup = {.base = base,
                                     .hooks = &line_hooks,
                                     .arg = u,
                                     .link = &u->client.link,
                                     .queue_max = window->bytes_max + QUEUE_SLACK};
    u->line = line_dial(&setup, (const struct sockaddr *)&place->to, place->to_n);
    if (u->line)
        return u;
    uplink_free(u);
    return NULL;
}

static void free_all(struct uplink *u)
{
    window_forget_pings(u->window);
    rtmp_client_fini(&u->client);
    mem_wipe(u->ticket, strlen(u->ticket));
    free(u->ticket);
    free(u->url);
    free(u);
}

void uplink_end(struct uplink *u)
{
    if (!u)
        return;
    rtmp_client_end(&u->client);
    line_finish(u->line);
    free_all(u);
}

void uplink_free(struct uplink *u)
{
    if (!u)
        return;
    line_free(u->line);
    free_all(u);
}
