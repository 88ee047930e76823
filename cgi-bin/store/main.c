/* lectern-store: uploads, sources and artifacts of a storage node. One process with many threads, because
 * each transfer holds whoever serves it for as long as the client needs. Order of birth: options, metrics,
 * storage, keys, socket, threads. */
#include "cgi-bin/store/store_app.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

enum { BACKLOG = 1024, STACK_SIZE = 256 * 1024, LEAVE_MS = 3000 };

static void *thread_main(void *arg)
{
    struct app *app = arg;
    FCGX_Request f;
    struct cx cx;
    cx_init(&cx);
    if (FCGX_InitRequest(&f, app->socket, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        bug("FCGX_InitRequest failed");
    while (!daemon_stopping()) {
        if (FCGX_Accept_r(&f) < 0) {
            daemon_pause(50); /* a broken connection, or no descriptor is left */
            continue;
        }
        struct rq rq = {.app = app, .f = &f, .cx = cx, .object = ""};
        rq_serve(&rq);
        FCGX_Finish_r(&f);
        cx = rq.cx;
        cx_reset(&cx);
    }
    cx_fini(&cx);
    return NULL;
}

/* "https://host:port" of an address. */
static const char *origin_of(struct cx *cx, const char *url)
{
    const char *host = strstr(url, "://");
    size_t n = host ? strcspn(host + 3, "/") : 0;
    return arena_strndup(cx->arena, url, host ? (size_t)(host + 3 - url) + n : 0);
}

static enum rc open_socket(struct cx *cx, struct app *app)
{
    const char *path = app->conf->store_socket;
    if (FCGX_Init() != 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "FCGX_Init failed");
    app->socket = FCGX_OpenSocket(path, BACKLOG);
    if (app->socket < 0 || chmod(path, 0660) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot listen on %s: %s", path, strerror(errno));
    return RC_OK;
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
    return open_socket(cx, app);
}

static void start_threads(struct app *app)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < app->conf->store_threads; i++) {
        pthread_t t;
        if (pthread_create(&t, &attr, thread_main, app) != 0)
            bug("cannot start a thread");
    }
    pthread_attr_destroy(&attr);
}

/* Transfers that go on get a moment to sync what came; those that wait for a silent client are ended. */
static void leave(struct app *app)
{
    pthread_mutex_lock(&app->lock);
    for (size_t i = 0; i < UPLOADS_AT_ONCE; i++)
        if (app->writers[i].id[0] != '\0')
            shutdown(app->writers[i].fd, SHUT_RD);
    pthread_mutex_unlock(&app->lock);
    for (int64_t until = clock_mono() + LEAVE_MS; clock_mono() < until;) {
        bool busy = false;
        pthread_mutex_lock(&app->lock);
        for (size_t i = 0; i < UPLOADS_AT_ONCE; i++)
            busy = busy || app->writers[i].id[0] != '\0';
        pthread_mutex_unlock(&app->lock);
        if (!busy)
            break;
        usleep(20000);
    }
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
    start_threads(&app);
    LOG(INFO, &cx, "serving", F_TEXT("root", app.conf->store_root),
        F_NUM("threads", app.conf->store_threads));
    while (!daemon_stopping())
        daemon_pause(1000);
    leave(&app);
    LOG(INFO, &cx, "stopped");
    _exit(0); /* threads sit in accept; there is nothing to undo */
}
