#include "daemons/rtmpd/entry.h"

#include <unistd.h>

#include "daemons/rtmpd/listen.h"
#include "daemons/rtmpd/publisher.h"
#include "daemons/rtmpd/tls.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/net/address.h"
#include "lib/os/metrics.h"

enum {
    TICK_US = 250000,
    NEW_MAX = 256,         /* connections that have not asked to publish, */
    NEW_OF_ADDRESS = 64,   /* and those of one address */
    WINDOW_LEAST = 1 << 20 /* bytes */
};

struct entry {
    const struct conf *conf;
    struct publisher_setup setup;
    struct tls *tls; /* NULL: no RTMPS */
    struct evconnlistener *plain, *secure;
    struct event *tick;
    struct publisher **publishers;
    int count, max;
    int streams; /* publishers' and those that only wait for their end */
};

/* --- publishers --- */

static void on_gone(void *arg, struct publisher *p)
{
    struct entry *e = arg;
    int i = 0;
    while (i < e->count && e->publishers[i] != p)
        i++;
    if (i == e->count)
        bug("a publisher that nobody has");
    e->publishers[i] = e->publishers[--e->count];
}

static bool has_room(struct entry *e, const char *network)
{
    int fresh = 0, same = 0;
    for (int i = 0; i < e->count; i++)
        if (!publisher_has_asked(e->publishers[i])) {
            fresh++;
            same += str_eq(str_of(network), publisher_network(e->publishers[i]));
        }
    return e->count < e->max && fresh < NEW_MAX && same < NEW_OF_ADDRESS;
}

static void take(struct entry *e, evutil_socket_t fd, SSL_CTX *tls, const struct sockaddr *from)
{
    char address[LISTEN_ADDRESS];
    struct arena *a = arena_new();
    struct publisher *p = NULL;
    listen_peer(from, address);
    const char *network = address_network(a, address);
    if (has_room(e, network)) {
        p = publisher_new(&e->setup, fd, tls, address, network);
    } else {
        metric_add(METRIC_rtmpd_entry_refused_limit_total, 1);
        close(fd);
    }
    if (p)
        e->publishers[e->count++] = p;
    arena_free(a);
}

static void on_plain(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *arg)
{
    (void)l;
    (void)n;
    take(arg, fd, NULL, from);
}

static void on_secure(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *arg)
{
    struct entry *e = arg;
    (void)l;
    (void)n;
    take(e, fd, tls_context(e->tls, clock_mono()), from);
}

/* Backwards: one that ends gives its place to the last. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct entry *e = arg;
    int64_t now = clock_mono();
    (void)fd;
    (void)what;
    for (int i = e->count - 1; i >= 0; i--)
        publisher_tick(e->publishers[i], now);
    metric_set(METRIC_rtmpd_entry_connections, e->count);
    metric_set(METRIC_rtmpd_entry_streams, e->streams);
    if (e->plain)
        evconnlistener_enable(e->plain);
    if (e->secure)
        evconnlistener_enable(e->secure);
}

/* --- life --- */

static enum rc listen_all(struct cx *cx, struct entry *e)
{
    const struct conf *c = e->conf;
    struct event_base *base = e->setup.streams.base;
    enum rc rc = RC_OK;
    if (c->rtmp_window < WINDOW_LEAST)
        rc = err_set(cx, RC_INVALID, NULL, NULL, "rtmp_window is less than %d bytes", WINDOW_LEAST);
    if (rc == RC_OK && *c->rtmp_listen)
        rc = listen_on(cx, base, c->rtmp_listen, on_plain, e, &e->plain);
    if (rc == RC_OK && *c->rtmps_certificate)
        rc = tls_new(cx, c->rtmps_certificate, c->rtmps_key, &e->tls);
    if (rc == RC_OK && e->tls)
        rc = listen_on(cx, base, c->rtmps_listen, on_secure, e, &e->secure);
    if (rc == RC_OK && !e->plain && !e->secure)
        rc = err_set(cx, RC_INVALID, NULL, NULL, "an entry needs rtmp_listen or rtmps_certificate");
    return rc;
}

enum rc entry_open(struct cx *cx, const struct conf *conf, struct event_base *base, const struct core *core,
                   struct entry **out)
{
    const struct timeval tick = {0, TICK_US};
    struct entry *e = mem_alloc(sizeof *e);
    e->conf = conf;
    e->max = conf->rtmp_streams + NEW_MAX;
    e->publishers = mem_array((size_t)e->max, sizeof *e->publishers);
    e->setup = (struct publisher_setup){
        .streams = {.base = base, .window = (size_t)conf->rtmp_window, .count = &e->streams},
        .streams_max = conf->rtmp_streams,
        .limits = limits_new(conf->rtmp_starts, conf->rtmp_wrong_tokens),
        .gone = on_gone,
        .owner = e};
    e->setup.streams.asker = asker_new(base, core);
    e->tick = event_new(base, -1, EV_PERSIST, on_tick, e);
    if (!e->tick || event_add(e->tick, &tick) != 0)
        bug("no memory for an event");
    enum rc rc = listen_all(cx, e);
    if (rc == RC_OK)
        *out = e;
    else
        entry_close(e);
    return rc;
}

void entry_close(struct entry *e)
{
    if (!e)
        return;
    if (e->plain)
        evconnlistener_free(e->plain);
    if (e->secure)
        evconnlistener_free(e->secure);
    event_free(e->tick);
    while (e->count > 0)
        publisher_end(e->publishers[e->count - 1], LIVE_END_ENTRY);
    while (e->streams > 0) /* each has a timer of its own, and an end */
        event_base_loop(e->setup.streams.base, EVLOOP_ONCE);
    asker_free(e->setup.streams.asker);
    limits_free(e->setup.limits);
    tls_free(e->tls);
    free(e->publishers);
    free(e);
}
