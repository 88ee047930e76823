#include "daemons/rtmpd/publisher.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/metrics.h"
#include "lib/proto/flv.h"
#include "lib/proto/rtmp_server.h"

enum {
    STEP_MS = 5000,      /* for the handshake, and for the rest up to publish */
    SILENT_MS = 60000,   /* a publisher that sends nothing for so long is gone */
    QUEUE_MAX = 64 << 10 /* bytes that a publisher may leave unread */
};

struct publisher {
    const struct publisher_setup *setup;
    char address[WIRE_CLIENT_MAX + 1], network[WIRE_CLIENT_MAX + 1];
    struct line *line;
    struct rtmp_server server;
    struct stream *stream;   /* NULL: it has not asked yet */
    bool app, shaken;        /* the application is ours; the handshake is done */
    int64_t heard, deadline; /* clock_mono; until it has asked */
};

/* --- the end --- */

/* All but the line. */
static void let_go(struct publisher *p, enum live_end why)
{
    stream_end(p->stream, why);
    p->setup->gone(p->setup->owner, p);
    rtmp_server_fini(&p->server);
    free(p);
}

void publisher_end(struct publisher *p, enum live_end why)
{
    if (why == LIVE_END_FINISHED)
        line_finish(p->line);
    else
        line_free(p->line);
    let_go(p, why);
}

static void drop(struct publisher *p, const char *why)
{
    metric_add(METRIC_rtmpd_entry_dropped_total, 1);
    LOG(WARN, NULL, "publisher dropped", F_TEXT("why", why), F_TEXT("address", p->address));
    publisher_end(p, LIVE_END_DROPPED);
}

/* Before it is on air the publisher is told why; afterwards RTMP has no way to tell it. */
static void refuse(struct publisher *p, enum metric reason, const char *words)
{
    metric_add(reason, 1);
    LOG(INFO, NULL, "stream refused", F_TEXT("words", words), F_TEXT("address", p->address));
    if (rtmp_server_refuse(&p->server, "NetStream.Publish.Rejected", str_of(words)))
        line_finish(p->line);
    else
        line_free(p->line);
    let_go(p, LIVE_END_DROPPED);
}

/* --- what the stream says --- */

static void on_ready(void *arg)
{
    struct publisher *p = arg;
    rtmp_server_accept(&p->server);
    line_flush(p->line);
}

static void on_over(void *arg, enum metric reason, const char *words, bool wrong_token)
{
    struct publisher *p = arg;
    p->stream = NULL;
    if (wrong_token)
        limits_wrong(p->setup->limits, p->network, clock_mono());
    refuse(p, reason, words);
}

/* --- what the publisher says: each function says whether the publisher still exists --- */

/* "token" or "token?view=PRES". False: nothing that could be one. */
static bool read_name(struct str name, struct str *token, enum view_kind *view)
{
    *token = str_cut(&name, '?');
    *view = VIEW_KIND_COUNT;
    while (name.n > 0) {
        struct str value = str_cut(&name, '&'), key = str_cut(&value, '=');
        if (str_eq(key, "view") && !wire_view_of(value, view))
            return false;
    }
    return token->n > 0 && token->n <= WIRE_TOKEN_MAX;
}

static bool take_publish(struct publisher *p, const struct rtmp_event *e)
{
    static const struct stream_hooks hooks = {.ready = on_ready, .over = on_over};
    const char *words = NULL;
    struct str token;
    enum view_kind view;
    if (!limits_start(p->setup->limits, p->network, clock_mono()))
        words = "Too many attempts from this address. Wait a minute, then try again.";
    else if (*p->setup->streams.count >= p->setup->streams_max)
        words = "This server takes no more streams at present. Try again later.";
    else if (!p->app)
        words = "The server's address ends with /live.";
    else if (!read_name(e->name, &token, &view))
        words =
            "The stream key is a personal token. For a certain view add ?view=CAM, ?view=PRES or ?view=COMB.";
    if (words) {
        refuse(p, METRIC_rtmpd_entry_refused_limit_total, words);
        return false;
    }
    p->stream = stream_new(&p->setup->streams, token, p->address, view, &hooks, p);
    return true;
}

static bool take_media(struct publisher *p, struct rtmp_message *m)
{
    struct flv_packet packet;
    if (m->type != RTMP_DATA && flv_packet_read((enum flv_type)m->type, rtmp_message_view(m), &packet) &&
        packet.kind == FLV_KIND_MULTI) {
        drop(p, "several tracks in one stream are not supported: switch them off in the encoder");
        return false;
    }
    stream_push(p->stream, m);
    return true;
}

static bool take(struct publisher *p, const struct rtmp_event *e)
{
    switch (e->kind) {
    case RTMP_EVENT_CONNECT:
        p->app = str_eq(e->app, "live") || str_eq(e->app, "live/");
        return true;
    case RTMP_EVENT_PUBLISH:
        return take_publish(p, e);
    case RTMP_EVENT_MEDIA:
        return take_media(p, e->message);
    case RTMP_EVENT_UNPUBLISH:
        publisher_end(p, LIVE_END_FINISHED);
        return false;
    case RTMP_EVENT_FAULT:
        drop(p, rtmp_fault_words(e->fault));
        return false;
    default:
        return true;
    }
}

static void on_bytes(void *arg, struct str in)
{
    struct publisher *p = arg;
    struct rtmp_event e;
    bool there = true;
    p->heard = clock_mono();
    metric_add(METRIC_rtmpd_entry_received_bytes_total, (int64_t)in.n);
    do {
        rtmp_server_next(&p->server, &in, &e);
        there = take(p, &e);
    } while (there && e.kind != RTMP_EVENT_MORE);
    if (there && !p->shaken && rtmp_handshake_is_done(&p->server.link.handshake)) {
        p->shaken = true;
        p->deadline = p->heard + STEP_MS;
    }
}

static void on_gone(void *arg, const char *why, bool choked)
{
    struct publisher *p = arg;
    if (choked) {
        drop(p, why);
        return;
    }
    if (p->stream)
        LOG(INFO, NULL, "publisher gone", F_TEXT("why", why), F_TEXT("address", p->address));
    publisher_end(p, LIVE_END_LOST);
}

/* --- life --- */

static void copy(char to[WIRE_CLIENT_MAX + 1], const char *from)
{
    memcpy(to, from, strnlen(from, WIRE_CLIENT_MAX)); /* all are 0 */
}

struct publisher *publisher_new(const struct publisher_setup *setup, evutil_socket_t fd, SSL_CTX *tls,
                                const char *address, const char *network)
{
    static const struct line_hooks hooks = {.bytes = on_bytes, .gone = on_gone};
    struct publisher *p = mem_alloc(sizeof *p);
    p->setup = setup;
    copy(p->address, address);
    copy(p->network, network);
    p->heard = clock_mono();
    p->deadline = p->heard + STEP_MS;
    rtmp_server_init(&p->server);
    p->line = line_accept(&(struct line_setup){.base = setup->streams.base,
                                               .hooks = &hooks,
                                               .arg = p,
                                               .link = &p->server.link,
                                               .queue_max = QUEUE_MAX},
                          fd, tls);
    if (p->line)
        return p;
    rtmp_server_fini(&p->server);
    free(p);
    return NULL;
}

const char *publisher_network(const struct publisher *p)
{
    return p->network;
}

bool publisher_has_asked(const struct publisher *p)
{
    return p->stream;
}

void publisher_tick(struct publisher *p, int64_t now)
{
    if (!p->stream && now >= p->deadline)
        drop(p, p->shaken ? "no publish within five seconds" : "no handshake within five seconds");
    else if (p->stream && now - p->heard >= SILENT_MS) {
        LOG(INFO, NULL, "publisher silent", F_TEXT("address", p->address));
        publisher_end(p, LIVE_END_LOST);
    }
}
