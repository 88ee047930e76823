/* lectern-lived: what people watch of live streams, on the storage node of their lecture. It takes parts from ingests,
 * keeps the last seconds in memory and everything on disk, and answers players: playlists that grow, and parts. The
 * web server sends whole segments. HTTP on a unix socket behind the web server; no database. */
#include "daemons/lived/lived.h"

#include "daemons/lived/answer.h"
#include "daemons/lived/stream.h"
#include "daemons/lived/waiting.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

enum { LOOK_US = 200000, IDLE_S = 60, HEAD_MAX = 16384 };

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct lived *d = arg;
    int64_t now = clock_mono();
    (void)fd;
    (void)what;
    if (daemon_stopping()) {
        event_base_loopbreak(d->base);
        return;
    }
    waiting_sweep(d, now);
    stream_sweep(d, now);
}

static void on_request(struct evhttp_request *rq, void *arg)
{
    struct lived *d = arg;
    const char *uri = evhttp_request_get_uri(rq);
    struct str path = str_of(uri);
    enum evhttp_cmd_type method = evhttp_request_get_command(rq);
    cx_reset(&d->cx);
    if (str_starts(path, "/m/") && (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD))
        watch_serve(d, rq, uri);
    else if (str_eq(path, "/live/v1/health") && method == EVHTTP_REQ_GET)
        answer_text(rq, ANSWER_JSON, "no-store", STR("{\"version\":\"" PACKAGE_VERSION "\"}\n"));
    else if (str_starts(path, "/live/v1/"))
        take_serve(d, rq, (struct str){path.p + sizeof "/live/v1/" - 1, path.n - (sizeof "/live/v1/" - 1)});
    else if (str_eq(path, "/node/v1/seal") && method == EVHTTP_REQ_POST)
        seal_serve(d, rq);
    else
        answer_word(rq, HTTP_NOTFOUND, "nothing");
}

static enum rc open_all(struct cx *cx, struct lived *d)
{
    const struct timeval look = {0, LOOK_US};
    enum rc rc = store_open(cx, d->conf->store_root, &d->store);
    if (rc != RC_OK)
        return rc;
    d->base = event_base_new();
    d->http = d->base ? evhttp_new(d->base) : NULL;
    d->look = d->base ? event_new(d->base, -1, EV_PERSIST, on_look, d) : NULL;
    if (!d->http || !d->look || event_add(d->look, &look) != 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "no event loop");
    evhttp_set_max_headers_size(d->http, HEAD_MAX);
    evhttp_set_max_body_size(d->http, LIVED_BODY_MAX);
    evhttp_set_timeout(d->http, IDLE_S);
    evhttp_set_gencb(d->http, on_request, d);
    d->play = play_new(cx, d->conf->node_dir, PLAY_PLACES_MANY);
    d->keys = node_keys_new(arena_printf(cx->arena, "%s/keys.json", d->conf->node_dir), JWT_AUD_STORE);
    d->disk = disk_new();
    return lived_listen(cx, d->conf->lived_socket, d->http);
}

/* Also of what was opened before the program found that it cannot start. */
static void close_all(struct lived *d)
{
    if (d->look)
        event_free(d->look);
    while (d->streams)
        stream_free(d->streams);
    if (d->base)
        event_base_loop(d->base, EVLOOP_NONBLOCK); /* the last answers */
    disk_free(d->disk);
    if (d->http)
        evhttp_free(d->http);
    if (d->base)
        event_base_free(d->base);
    play_free(d->play);
    node_keys_free(d->keys);
    store_close(d->store);
}

int main(int argc, char **argv)
{
    static struct lived d;
    struct cx cx;
    d.conf = daemon_start("lectern-lived", argc, argv);
    if (daemon_trial())
        return 0;
    cx_init(&cx);
    cx_init(&d.cx);
    if (metrics_open(&cx, d.conf->run_dir, "lived") != RC_OK) {
        log_err(LOG_WARN, &cx, "no metrics");
        err_clear(&cx);
    }
    enum rc rc = open_all(&cx, &d);
    if (rc == RC_OK) {
        LOG(INFO, NULL, "started", F_TEXT("socket", d.conf->lived_socket));
        event_base_dispatch(d.base);
        LOG(INFO, NULL, "stopped");
    } else {
        log_err(LOG_ERROR, &cx, "cannot start");
    }
    close_all(&d);
    cx_fini(&d.cx);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : 1;
}
