/* lectern-authz: a FastCGI authorizer that decides for each media request whether its playback token allows
 * the file. No database and no private key: a storage node can check tokens but cannot make any. Behind nginx
 * it is a responder for auth_request, given the same variables (REQUEST_URI raw, SCRIPT_FILENAME resolved,
 * REQUEST_METHOD of the client). A few processes on one socket (lib/fcgi). */
#include <string.h>

#include "cgi-bin/authz/cache.h"
#include "cgi-bin/authz/decide.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/fcgi/fcgi.h"
#include "lib/node/keys.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/store/store.h"

struct authz {
    const struct conf *conf;
    struct node_keys *keys;
    struct cache *cache;
};

static const char *param(const struct fcgi_request *rq, const char *name)
{
    const char *v = fcgi_param(rq, name);
    return v ? v : "";
}

static bool grant_of(const struct jwt_claims *c, struct grant *g)
{
    *g = (struct grant){.gmin = c->gmin, .gmax = c->gmax, .download = c->dl};
    if (!c->lec || !store_is_key(str_of(c->lec)) || c->gmin < 0 || c->gmax < c->gmin)
        return false;
    memcpy(g->lecture, c->lec, sizeof g->lecture);
    for (const char *const *v = c->views; *v; v++)
        g->views |= decide_view_bit(str_of(*v));
    return true;
}

/* RC_OK: *out is what the token allows. */
static enum rc look_up(struct cx *cx, struct authz *a, struct str token, struct grant *out)
{
    struct jwt_claims c;
    int64_t now = clock_now() / 1000;
    const struct grant *known = cache_find(a->cache, token, now);
    if (known) {
        metric_add(METRIC_authz_cache_hits_total, 1);
        *out = *known;
        return RC_OK;
    }
    enum rc rc = node_keys_verify(cx, a->keys, now, token, &c);
    if (rc != RC_OK)
        return rc;
    if (!grant_of(&c, out))
        return err_set(cx, RC_DENIED, NULL, NULL, "the claims are no playback");
    cache_keep(a->cache, token, out, c.exp, now);
    return RC_OK;
}

static enum rc decide(struct cx *cx, struct authz *a, const struct fcgi_request *rq)
{
    struct str token, path;
    struct grant g;
    if (!decide_split(param(rq, "REQUEST_URI"), &token, &path))
        return err_set(cx, RC_DENIED, NULL, NULL, "no token in the address");
    enum rc rc = look_up(cx, a, token, &g);
    if (rc != RC_OK)
        return rc;
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
    a->keys = node_keys_new(arena_printf(cx->arena, "%s/keys.json", a->conf->node_dir), JWT_AUD_PLAY);
    a->cache = cache_new();
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
    node_keys_free(a.keys);
    cache_free(a.cache);
    cx_fini(&cx);
    return status;
}
