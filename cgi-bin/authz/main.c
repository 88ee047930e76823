/* lectern-authz: a FastCGI authorizer that decides for each media request whether its playback token allows
 * the file. No database and no private key: a storage node can check tokens but cannot make any. Behind nginx
 * it is a responder for auth_request, given the same variables (REQUEST_URI raw, SCRIPT_FILENAME resolved,
 * REQUEST_METHOD of the client). A few processes on one socket (lib/fcgi). */
#include "lib/base/log.h"
#include "lib/fcgi/fcgi.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/play/play.h"

struct authz {
    const struct conf *conf;
    struct play *play;
};

static const char *param(const struct fcgi_request *rq, const char *name)
{
    const char *v = fcgi_param(rq, name);
    return v ? v : "";
}

static enum rc decide(struct cx *cx, struct authz *a, const struct fcgi_request *rq)
{
    struct str token, path;
    struct grant g;
    bool known;
    if (!decide_split(param(rq, "REQUEST_URI"), &token, &path))
        return err_set(cx, RC_DENIED, NULL, NULL, "no token in the address");
    enum rc rc = play_look_up(cx, a->play, token, &g, &known);
    if (rc != RC_OK)
        return rc;
    metric_add(METRIC_authz_cache_hits_total, known);
    if (decide_allow(param(rq, "REQUEST_METHOD"), path, param(rq, "SCRIPT_FILENAME"), a->conf->store_root,
                     &g))
        return RC_OK;
    return err_set(cx, RC_DENIED, NULL, NULL, "the token is for another object or method");
}

static void serve(struct cx *cx, struct fcgi_request *rq, void *ctx)
{
    struct authz *a = ctx;
    enum rc rc = decide(cx, a, rq);
    metric_add(rc == RC_OK ? METRIC_authz_requests_allowed_total : METRIC_authz_requests_denied_total, 1);
    if (rc == RC_OK) {
        fcgi_printf(rq, "Status: 200 OK\r\n\r\n");
        return;
    }
    log_err(rc == RC_DENIED ? LOG_DEBUG : LOG_WARN, cx, "media refused");
    fcgi_printf(
        rq, "Status: %s\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\r\n%s\n",
        rc == RC_DENIED ? "403 Forbidden" : "503 Service Unavailable",
        rc == RC_DENIED ? "This address is not valid, or no longer. Please reload the page."
                        : "Playback is not ready yet. Please try again in a moment.");
}

static void open_all(struct cx *cx, struct authz *a)
{
    if (metrics_open(cx, a->conf->run_dir, "authz") != RC_OK)
        log_err(LOG_WARN, cx, "no metrics");
    a->play = play_new(cx, a->conf->node_dir, PLAY_PLACES_FEW);
}

int main(int argc, char **argv)
{
    static struct authz a;
    struct cx cx;
    a.conf = daemon_start("lectern-authz", argc, argv);
    cx_init(&cx);
    open_all(&cx, &a);
    const struct fcgi_socket socket = {a.conf->authz_socket, a.conf->authz_processes, 0};
    int status =
        fcgi_run(&(struct fcgi_program){.sockets = &socket, .socket_count = 1, .ctx = &a, .serve = serve});
    play_free(a.play);
    cx_fini(&cx);
    return status;
}
