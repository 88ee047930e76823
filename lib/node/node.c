#include "lib/node/node.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/net/http.h"
#include "lib/net/json.h"
#include "lib/node/inner.h"
#include "lib/node/keys.h"
#include "lib/os/cond.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum {
    EVERY_MS = 2000,
    RETRY_MAX_MS = 6000, /* a core that is back hears from its nodes within ten seconds; see backoff.h */
    SLICE_MS = 200,
    BEAT_TIMEOUT_MS = 10000,
    HOST_NAME_MAX_BYTES = 64
};

/* --- life --- */

static const char *own_name(const char *name)
{
    char host[HOST_NAME_MAX_BYTES + 1] = "";
    if (name && *name)
        return mem_strdup(name);
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
        return mem_strdup("node");
    return mem_strdup(host);
}

static const char *copy_or_empty(const char *s)
{
    return mem_strdup(s ? s : "");
}

struct node *node_new(const struct node_setup *setup)
{
    struct node *n = mem_alloc(sizeof *n);
    n->setup = (struct node_setup){.core_url = copy_or_empty(setup->core_url),
                                   .ca_file = copy_or_empty(setup->ca_file),
                                   .dir = copy_or_empty(setup->dir),
                                   .name = own_name(setup->name),
                                   .roles = setup->roles,
                                   .join_token_file = copy_or_empty(setup->join_token_file),
                                   .public_url = copy_or_empty(setup->public_url),
                                   .disk_path = copy_or_empty(setup->disk_path),
                                   .hooks = setup->hooks};
    n->http = http_new(n->setup.ca_file);
    n->every_ms = EVERY_MS;
    pthread_mutex_init(&n->lock, NULL);
    cond_init(&n->changed);
    return n;
}

/* Only the thread of the heartbeats changes the token, and only it reads it without the lock. token NULL: none. */
static void set_token(struct node *n, const char *token)
{
    pthread_mutex_lock(&n->lock);
    if (n->token)
        mem_wipe(n->token, strlen(n->token));
    free(n->token);
    n->token = token ? mem_strdup(token) : NULL;
    pthread_mutex_unlock(&n->lock);
}

bool node_token(struct node *n, char out[WIRE_TOKEN_MAX + 1])
{
    pthread_mutex_lock(&n->lock);
    bool fits = n->token && strlen(n->token) <= WIRE_TOKEN_MAX;
    if (fits)
        memcpy(out, n->token, strlen(n->token) + 1);
    pthread_mutex_unlock(&n->lock);
    return fits;
}

static void free_text(const char *s)
{
    free((void *)(uintptr_t)s);
}

void node_free(struct node *n)
{
    if (!n)
        return;
    inner_jobs_free(n);
    http_free(n->http);
    set_token(n, NULL);
    const char *const texts[] = {n->setup.core_url, n->setup.ca_file,         n->setup.dir,
                                 n->setup.name,     n->setup.join_token_file, n->setup.public_url,
                                 n->setup.disk_path};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free_text(texts[i]);
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

/* --- joining --- */

static const char *token_path(struct cx *cx, const struct node *n)
{
    unsigned first = n->setup.roles & (~n->setup.roles + 1);
    return arena_printf(cx->arena, "%s/%s.token", n->setup.dir, wire_role_name(first));
}

static struct str join_body(struct cx *cx, struct node *n, const char *join_token)
{
    struct node_load load;
    node_load_read(n->setup.disk_path, &n->load_mark, &load);
    const struct wire_hello hello = {.token = join_token,
                                     .name = n->setup.name,
                                     .roles = n->setup.roles,
                                     .version = PACKAGE_VERSION,
                                     .url = n->setup.public_url,
                                     .host = {load.cpus, load.memory_total}};
    return js_text(cx, wire_hello_write(cx, &hello));
}

static enum rc post(struct cx *cx, struct node *n, const char *path, const char *bearer, struct str body,
                    struct http_response *rs)
{
    struct http_request rq = {.method = "POST",
                              .url = arena_printf(cx->arena, "%s%s", n->setup.core_url, path),
                              .bearer = bearer,
                              .body = body,
                              .timeout_ms = BEAT_TIMEOUT_MS};
    return http_call(cx, n->http, &rq, rs);
}

static enum rc keep_token(struct cx *cx, struct node *n, const struct http_response *rs)
{
    struct wire_welcome w;
    const json_t *o;
    enum rc rc = js_parse_object(cx, rs->body, HTTP_MAX_ANSWER, &o);
    if (rc == RC_OK)
        rc = wire_welcome_read(cx, o, &w);
    if (rc == RC_OK)
        rc = file_write(cx, token_path(cx, n), str_of(w.token), 0600);
    if (rc != RC_OK)
        return rc;
    set_token(n, w.token);
    LOG(INFO, cx, "joined", F_NUM("node", w.node), F_TEXT("name", n->setup.name));
    return RC_OK;
}

enum rc node_join(struct cx *cx, struct node *n)
{
    char *token = NULL, *join_token = NULL;
    struct http_response rs;
    if (n->token)
        return RC_OK;
    enum rc rc = file_mkdirs(cx, n->setup.dir, 0755);
    if (rc != RC_OK)
        return rc;
    rc = file_read_secret(cx, token_path(cx, n), &token);
    if (rc == RC_OK) {
        set_token(n, token);
        return RC_OK;
    }
    if (rc != RC_NOTFOUND)
        return rc;
    if (!*n->setup.join_token_file)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "not joined, and join_token_file is not set");
    err_clear(cx);
    rc = file_read_secret(cx, n->setup.join_token_file, &join_token);
    if (rc == RC_OK)
        rc = post(cx, n, "/api/v1/node/join", NULL, join_body(cx, n, join_token), &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status == 200 || rs.status == 201)
        return keep_token(cx, n, &rs);
    rc = rs.status >= 500 || rs.status == 429 ? RC_UNAVAIL : RC_DENIED;
    return err_set(cx, rc, NULL, NULL, "the core answered %d to joining", rs.status);
}

/* --- heartbeat --- */

static struct wire_load load_of(struct node *n)
{
    struct node_load l;
    node_load_read(n->setup.disk_path, &n->load_mark, &l);
    return (struct wire_load){.cpu = l.cpu,
                              .memory_used = l.memory_used,
                              .memory_total = l.memory_total,
                              .disk_free = l.disk_free,
                              .disk_total = l.disk_total,
                              .uptime = l.uptime};
}

static struct str beat_body(struct cx *cx, struct node *n)
{
    const struct node_hooks *h = &n->setup.hooks;
    struct wire_beat b = {.version = PACKAGE_VERSION, .load = load_of(n)};
    h->slots(h->arg, b.slots);
    inner_jobs_report(cx, n, &b);
    if (h->request)
        h->request(h->arg, cx, &b);
    return js_text(cx, wire_beat_write(cx, &b));
}

static void keep_keys(struct cx *cx, struct node *n, const json_t *keys)
{
    if (json_array_size(keys) == 0)
        return;
    if (node_keys_write(cx, arena_printf(cx->arena, "%s/keys.json", n->setup.dir), js_text(cx, keys)) !=
        RC_OK) {
        log_err(LOG_ERROR, cx, "keys not written");
        err_clear(cx);
    }
}

static enum rc apply(struct cx *cx, struct node *n, const struct http_response *rs)
{
    struct wire_answer a;
    const char *odd = NULL;
    const json_t *o;
    enum rc rc = js_parse_object(cx, rs->body, HTTP_MAX_ANSWER, &o);
    if (rc == RC_OK)
        rc = wire_answer_read(cx, o, &a, &odd);
    if (rc != RC_OK)
        return rc;
    if (odd)
        LOG(WARN, cx, "part of an answer was not understood", F_TEXT("why", odd));
    n->every_ms = (int)(a.every * 1000);
    keep_keys(cx, n, a.keys);
    inner_jobs_apply(cx, n, &a);
    if (n->setup.hooks.answer)
        n->setup.hooks.answer(n->setup.hooks.arg, cx, &a);
    return RC_OK;
}

static enum rc revoked(struct cx *cx, struct node *n)
{
    const char *path = token_path(cx, n);
    if (rename(path, arena_printf(cx->arena, "%s.revoked", path)) != 0)
        LOG(WARN, cx, "revoked token stays in place", F_TEXT("reason", strerror(errno)));
    set_token(n, NULL);
    inner_jobs_cancel_all(n);
    return err_set(cx, RC_DENIED, NULL, NULL, "the core does not know this node any more");
}

enum rc node_beat(struct cx *cx, struct node *n)
{
    struct http_response rs;
    if (!n->token)
        return err_set(cx, RC_DENIED, NULL, NULL, "not joined");
    enum rc rc = post(cx, n, "/api/v1/node/heartbeat", n->token, beat_body(cx, n), &rs);
    if (rc == RC_OK && rs.status == 401)
        rc = revoked(cx, n);
    else if (rc == RC_OK && rs.status != 200)
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "the core answered %d to a heartbeat", rs.status);
    else if (rc == RC_OK)
        rc = apply(cx, n, &rs);
    n->failures = rc == RC_OK ? 0 : n->failures + 1;
    metric_add(rc == RC_OK ? METRIC_node_heartbeats_total : METRIC_node_heartbeat_errors_total, 1);
    return rc;
}

/* --- pace --- */

static int64_t pause_ms(struct node *n)
{
    pthread_mutex_lock(&n->lock);
    int every = n->hurry_ms > 0 && n->hurry_ms < n->every_ms ? n->hurry_ms : n->every_ms;
    pthread_mutex_unlock(&n->lock);
    if (n->failures > 0)
        return backoff_ms(n->failures, every, RETRY_MAX_MS);
    return every * 9 / 10 + (int64_t)rand_below((uint32_t)(every / 5 + 1));
}

/* Until the next heartbeat is due (the core's `every`, with jitter; longer after failures), a job's state changed,
 * node_wake was called or the program is to stop. */
static void wait_turn(struct node *n)
{
    int64_t until = clock_mono() + pause_ms(n);
    pthread_mutex_lock(&n->lock);
    /* A change is reported at once, but not while the core is away: then each change would cause another
     * attempt. */
    while (!daemon_stopping() && !(n->woken && n->failures == 0)) {
        int64_t left = until - clock_mono();
        if (left <= 0)
            break;
        cond_wait_ms(&n->changed, &n->lock, left < SLICE_MS ? left : SLICE_MS);
    }
    n->woken = false;
    pthread_mutex_unlock(&n->lock);
}

void node_wake(struct node *n)
{
    pthread_mutex_lock(&n->lock);
    n->woken = true;
    pthread_cond_signal(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

void node_hurry(struct node *n, int every_ms)
{
    pthread_mutex_lock(&n->lock);
    n->hurry_ms = every_ms;
    pthread_mutex_unlock(&n->lock);
    node_wake(n);
}

void node_run(struct node *n)
{
    struct cx cx;
    enum rc last = RC_OK;
    cx_init(&cx);
    while (!daemon_stopping()) {
        enum rc rc = n->token ? RC_OK : node_join(&cx, n);
        if (rc != RC_OK && n->failures < 4)
            n->failures++;
        if (rc == RC_OK)
            rc = node_beat(&cx, n);
        if (rc != RC_OK && rc != last)
            log_err(LOG_WARN, &cx, n->token ? "heartbeat failed, trying on" : "not joined, trying on");
        else if (rc == RC_OK && last != RC_OK)
            LOG(INFO, &cx, "heartbeat works again");
        last = rc;
        cx_reset(&cx);
        wait_turn(n);
    }
    cx_fini(&cx);
}
