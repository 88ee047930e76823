/* lectern-store: uploads, sources and artifacts of a storage node. One process with many threads (lib/fcgi),
 * because each transfer occupies a thread for as long as the client needs. Start: options, metrics, storage,
 * keys, sockets, threads. */
#include "cgi-bin/store/store_app.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/fcgi/fcgi.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

/* "https://host:port" of an address. */
static const char *origin_of(struct cx *cx, const char *url)
{
    const char *host = strstr(url, "://");
    size_t n = host ? strcspn(host + 3, "/") : 0;
    return arena_strndup(cx->arena, url, host ? (size_t)(host + 3 - url) + n : 0);
}

static enum rc open_all(struct cx *cx, struct app *app)
{
    const struct conf *conf = app->conf;
    enum rc rc = metrics_open(cx, conf->run_dir, "store");
    if (rc != RC_OK) {
        log_err(LOG_WARN, cx, "no metrics");
        err_clear(cx);
    }
    rc = store_open(cx, conf->store_root, &app->store);
    if (rc != RC_OK)
        return rc;
    app->keys = node_keys_new(arena_printf(cx->arena, "%s/keys.json", conf->node_dir), JWT_AUD_STORE);
    app->origins[0] = origin_of(cx, conf->base_url);
    app->origins[1] = origin_of(cx, conf->core_url);
    pthread_mutex_init(&app->lock, NULL);
    LIST_INIT(&app->running);
    return RC_OK;
}

static void serve(struct cx *cx, struct fcgi_request *f, void *ctx)
{
    struct rq rq = {.app = ctx, .f = f, .cx = *cx, .object = ""};
    rq_serve(&rq);
    *cx = rq.cx;
}

static void tick(void *ctx)
{
    writers_look(ctx);
    places_look(ctx);
}

int main(int argc, char **argv)
{
    static struct app app;
    struct cx cx;
    app.conf = daemon_start("lectern-store", argc, argv);
    cx_init(&cx);
    if (open_all(&cx, &app) != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        return 1;
    }
    const struct fcgi_socket socket = {app.conf->store_socket, 1, app.conf->store_threads};
    int status = fcgi_run(&(struct fcgi_program){
        .sockets = &socket, .socket_count = 1, .ctx = &app, .serve = serve, .tick = tick});
    node_keys_free(app.keys);
    store_close(app.store);
    cx_fini(&cx);
    return status;
}
