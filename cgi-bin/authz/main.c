/* lectern-authz: a FastCGI authorizer that says for each media request whether its playback token allows the
 * file. No database, no private key: an organisation's node can check but never mint. Behind nginx it is a
 * responder for auth_request, given the same variables (REQUEST_URI raw, SCRIPT_FILENAME resolved,
 * REQUEST_METHOD of the client). A few processes on one socket, each with one connection at a time; the
 * parent only replaces those that die. */
#include <errno.h>
#include <fcgiapp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi-bin/authz/cache.h"
#include "cgi-bin/authz/decide.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/node/keys.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/store/store.h"

enum { BACKLOG = 1024, PROCESSES_MAX = 64, LEAVE_MS = 2000, RESTART_MS = 200 };

struct authz {
    const struct conf *conf;
    struct node_keys *keys;
    struct cache *cache;
    int socket;
};

static const char *param(const FCGX_Request *f, const char *name)
{
    const char *v = FCGX_GetParam(name, f->envp);
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

static enum rc decide(struct cx *cx, struct authz *a, const FCGX_Request *f)
{
    struct str token, path;
    struct grant g;
    if (!decide_split(param(f, "REQUEST_URI"), &token, &path))
        return err_set(cx, RC_DENIED, NULL, NULL, "no token in the address");
    enum rc rc = look_up(cx, a, token, &g);
    if (rc != RC_OK)
        return rc;
    if (decide_allow(param(f, "REQUEST_METHOD"), path, param(f, "SCRIPT_FILENAME"), a->conf->store_root, &g))
        return RC_OK;
    return err_set(cx, RC_DENIED, NULL, NULL, "the token is for another object or method");
}

static void answer(struct cx *cx, struct authz *a, FCGX_Request *f)
{
    enum rc rc = decide(cx, a, f);
    metric_add(rc == RC_OK ? METRIC_authz_requests_allowed_total : METRIC_authz_requests_denied_total, 1);
    if (rc == RC_OK) {
        FCGX_FPrintF(f->out, "Status: 200 OK\r\n\r\n");
        return;
    }
    log_err(rc == RC_DENIED ? LOG_DEBUG : LOG_WARN, cx, "media refused");
    FCGX_FPrintF(
        f->out,
        "Status: %s\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\r\n%s\n",
        rc == RC_DENIED ? "403 Forbidden" : "503 Service Unavailable",
        rc == RC_DENIED ? "This address is not valid, or no longer. Please reload the page."
                        : "Playback is not ready yet. Please try again in a moment.");
}

static void serve(struct authz *a)
{
    FCGX_Request f;
    struct cx cx;
    cx_init(&cx);
    if (FCGX_InitRequest(&f, a->socket, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        bug("FCGX_InitRequest failed");
    while (!daemon_stopping()) {
        if (FCGX_Accept_r(&f) < 0) {
            daemon_pause(20);
            continue;
        }
        answer(&cx, a, &f);
        FCGX_Finish_r(&f);
        cx_reset(&cx);
    }
    FCGX_Free(&f, 1);
    cx_fini(&cx);
}

/* --- processes --- */

static pid_t start(struct authz *a, pid_t parent)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(0);
    serve(a);
    _exit(0);
}

static void forget(pid_t *pids, pid_t gone)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (pids[i] == gone)
            pids[i] = 0;
}

static bool any(const pid_t *pids)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (pids[i] > 0)
            return true;
    return false;
}

static void reap(pid_t *pids)
{
    for (pid_t gone; (gone = waitpid(-1, NULL, WNOHANG)) > 0;)
        forget(pids, gone);
}

static void supervise(struct authz *a, pid_t *pids)
{
    pid_t self = getpid();
    while (!daemon_stopping()) {
        for (int i = 0; i < a->conf->authz_processes; i++)
            if (pids[i] <= 0)
                pids[i] = start(a, self);
        daemon_pause(RESTART_MS);
        reap(pids);
    }
}

static void end(pid_t *pids, int sig)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (pids[i] > 0)
            kill(pids[i], sig);
}

static void leave(pid_t *pids)
{
    end(pids, SIGTERM);
    for (int64_t until = clock_mono() + LEAVE_MS; any(pids) && clock_mono() < until; usleep(10000))
        reap(pids);
    end(pids, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static enum rc open_all(struct cx *cx, struct authz *a)
{
    const char *path = a->conf->authz_socket;
    if (metrics_open(cx, a->conf->run_dir, "authz") != RC_OK) {
        log_err(LOG_WARN, cx, "no metrics");
        err_clear(cx);
    }
    a->keys = node_keys_new(arena_printf(cx->arena, "%s/keys.json", a->conf->node_dir), JWT_AUD_PLAY);
    a->cache = cache_new();
    if (FCGX_Init() != 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "FCGX_Init failed");
    a->socket = FCGX_OpenSocket(path, BACKLOG);
    if (a->socket < 0 || chmod(path, 0660) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot listen on %s: %s", path, strerror(errno));
    return RC_OK;
}

int main(int argc, char **argv)
{
    static struct authz a;
    static pid_t pids[PROCESSES_MAX];
    struct cx cx;
    a.conf = daemon_start("lectern-authz", argc, argv);
    cx_init(&cx);
    if (open_all(&cx, &a) != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        return 1;
    }
    LOG(INFO, &cx, "serving", F_NUM("processes", a.conf->authz_processes));
    supervise(&a, pids);
    leave(pids);
    LOG(INFO, &cx, "stopped");
    node_keys_free(a.keys);
    cache_free(a.cache);
    cx_fini(&cx);
    return 0;
}
