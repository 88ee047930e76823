/* The jobs that a node holds. A job is in the list from its assignment until the core has acknowledged its
 * end, refused a report or cancelled it. If an answer is lost, the report is sent again. */
#include "lib/node/node.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/net/json.h"
#include "lib/node/inner.h"

enum {
    TEXT_MAX = 1000,
    KIND_MAX = 32,
    TOKEN_MAX = 16384,
    ENDS_MAX = 512 * 1024 /* bytes of finished jobs in one heartbeat; one of them always goes */
};

static struct held *find(struct node *n, int64_t job, int64_t attempt)
{
    for (size_t i = 0; i < n->job_count; i++)
        if (n->jobs[i].job == job && (attempt < 0 || n->jobs[i].attempt == attempt))
            return &n->jobs[i];
    return NULL;
}

static void held_fini(struct held *h)
{
    json_decref(h->outputs);
    json_decref(h->error);
    json_decref(h->log);
}

static void drop(struct node *n, struct held *h)
{
    held_fini(h);
    *h = n->jobs[--n->job_count];
}

void inner_jobs_free(struct node *n)
{
    while (n->job_count > 0)
        drop(n, &n->jobs[0]);
}

/* Any bytes as a JSON text of at most max bytes, taken from the end: a log's last lines say why. */
static json_t *text_json(struct str s, size_t max)
{
    struct buf b;
    char *copy;
    if (s.n > max)
        s = (struct str){s.p + s.n - max, max};
    buf_init(&b, 6 * max + 3); /* the longest escape has six bytes */
    struct arena *a = arena_new();
    copy = str_dup(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (copy[i] == '\0')
            copy[i] = ' ';
    buf_json(&b, (struct str){copy, s.n});
    json_t *v = b.overflow ? NULL : json_loadb(b.p, b.n, JSON_DECODE_ANY, NULL);
    buf_fini(&b);
    arena_free(a);
    return v;
}

/* --- reports, from any thread --- */

bool node_job_progress(struct node *n, int64_t job, int64_t attempt, double progress, double eta)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h && h->state == REPORT_RUNNING) {
        h->progress = progress < 0 ? 0 : progress > 1 ? 1 : progress;
        h->eta = eta;
    }
    pthread_mutex_unlock(&n->lock);
    return h != NULL;
}

bool node_job_wanted(struct node *n, int64_t job, int64_t attempt)
{
    pthread_mutex_lock(&n->lock);
    bool wanted = find(n, job, attempt) != NULL;
    pthread_mutex_unlock(&n->lock);
    return wanted;
}

static void finish(struct node *n, int64_t job, int64_t attempt, enum report_state state, json_t *outputs,
                   json_t *error, struct str log)
{
    json_t *log_json = text_json(log, NODE_MAX_LOG);
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h && h->state == REPORT_RUNNING) {
        h->state = state;
        h->outputs = outputs;
        h->error = error;
        h->log = log_json;
        outputs = error = log_json = NULL;
    }
    pthread_mutex_unlock(&n->lock);
    json_decref(outputs);
    json_decref(error);
    json_decref(log_json);
    node_wake(n);
}

void node_job_done(struct node *n, int64_t job, int64_t attempt, const json_t *outputs, struct str log)
{
    finish(n, job, attempt, REPORT_DONE, outputs ? json_deep_copy(outputs) : NULL, NULL, log);
}

void node_job_fail(struct node *n, int64_t job, int64_t attempt, enum failure why, const char *text,
                   bool permanent, struct str log)
{
    json_t *error = json_object();
    json_object_set_new(error, "code", json_string(wire_failure_name(why)));
    json_object_set_new(error, "text", text_json(str_of(text), TEXT_MAX));
    json_object_set_new(error, "permanent", json_boolean(permanent));
    finish(n, job, attempt, REPORT_FAILED, NULL, error, log);
}

/* --- the heartbeat's view --- */

/* As still running, which keeps its lease. */
static json_t *running_json(const struct held *h)
{
    json_t *o = json_object();
    json_object_set_new(o, "job", json_integer(h->job));
    json_object_set_new(o, "attempt", json_integer(h->attempt));
    json_object_set_new(o, "fence", json_integer(h->fence));
    json_object_set_new(o, "state", json_string(wire_report_name(REPORT_RUNNING)));
    json_object_set_new(o, "progress", json_real(h->state == REPORT_DONE ? 1.0 : h->progress));
    if (h->eta >= 0)
        json_object_set_new(o, "eta", json_real(h->eta));
    if (h->token_until > 0)
        json_object_set_new(o, "token_until", json_integer(h->token_until));
    return o;
}

static json_t *ended_json(const struct held *h)
{
    json_t *o = running_json(h);
    json_object_set_new(o, "state", json_string(wire_report_name(h->state)));
    if (h->outputs)
        json_object_set(o, "outputs", h->outputs);
    if (h->error)
        json_object_set(o, "error", h->error);
    if (h->log)
        json_object_set(o, "log", h->log);
    return o;
}

/* What ended while the core was away must not add up to more than the core takes in one request: what is too
 * much is told when the first ones are acknowledged. */
json_t *inner_jobs_json(struct cx *cx, struct node *n)
{
    json_t *list = js_array(cx);
    size_t bytes = 0;
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->job_count; i++) {
        struct held *h = &n->jobs[i];
        json_t *ended = h->state == REPORT_RUNNING ? NULL : ended_json(h);
        size_t more = ended ? json_dumpb(ended, NULL, 0, JSON_COMPACT) : 0;
        h->told = ended && (bytes == 0 || bytes + more <= ENDS_MAX);
        if (h->told)
            bytes += more;
        json_array_append_new(list, h->told ? json_incref(ended) : running_json(h));
        json_decref(ended);
    }
    pthread_mutex_unlock(&n->lock);
    return list;
}

/* --- the answer --- */

static void acknowledge(struct node *n, const json_t *jobs)
{
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < json_array_size(jobs); i++) {
        struct held *h = find(n, json_integer_value(json_array_get(jobs, i)), -1);
        if (h && h->told)
            drop(n, h);
    }
    pthread_mutex_unlock(&n->lock);
}

/* attempt -1: any attempt. */
static void withdraw(struct cx *cx, struct node *n, int64_t job, int64_t attempt, const char *why)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h) {
        attempt = h->attempt;
        drop(n, h);
    }
    pthread_mutex_unlock(&n->lock);
    if (!h)
        return;
    LOG(INFO, cx, "job withdrawn", F_NUM("job", job), F_NUM("attempt", attempt), F_TEXT("why", why));
    n->setup.hooks.cancel(n->setup.hooks.arg, job, attempt);
}

void inner_jobs_cancel_all(struct node *n)
{
    while (n->job_count > 0)
        withdraw(NULL, n, n->jobs[0].job, n->jobs[0].attempt, "revoked");
}

static enum rc read_assignment(struct cx *cx, const json_t *o, struct node_assignment *a)
{
    a->json = o;
    a->lane = a->lecture = a->view = "";
    a->token_until = 0;
    enum rc rc = js_i64(cx, o, "job", 1, INT64_MAX, &a->job);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "attempt", 0, INT64_MAX, &a->attempt);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "fence", 0, INT64_MAX, &a->fence);
    if (rc == RC_OK)
        rc = js_str(cx, o, "kind", KIND_MAX, &a->kind);
    if (rc == RC_OK)
        rc = js_opt_str(cx, o, "lane", KIND_MAX, &a->lane);
    if (rc == RC_OK)
        rc = js_opt_str(cx, o, "lecture", KIND_MAX, &a->lecture);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "token_until", 0, INT64_MAX, &a->token_until);
    return rc == RC_OK ? js_opt_str(cx, o, "view", KIND_MAX, &a->view) : rc;
}

/* False: it is held already, or there is no room. */
static bool take(struct node *n, const struct node_assignment *a)
{
    bool taken = false;
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, a->job, a->attempt);
    if (h) {
        h->fence = a->fence;
    } else if (n->job_count < NODE_MAX_JOBS) {
        n->jobs[n->job_count++] = (struct held){.job = a->job,
                                                .attempt = a->attempt,
                                                .fence = a->fence,
                                                .token_until = a->token_until,
                                                .state = REPORT_RUNNING,
                                                .eta = -1};
        taken = true;
    }
    pthread_mutex_unlock(&n->lock);
    return taken;
}

static bool holds_older(struct node *n, const struct node_assignment *a)
{
    pthread_mutex_lock(&n->lock);
    const struct held *h = find(n, a->job, -1);
    bool older = h && h->attempt != a->attempt;
    pthread_mutex_unlock(&n->lock);
    return older;
}

static void assign(struct cx *cx, struct node *n, const json_t *o)
{
    struct node_assignment a;
    if (read_assignment(cx, o, &a) != RC_OK) {
        log_err(LOG_WARN, cx, "assignment not understood");
        err_clear(cx);
        return;
    }
    if (holds_older(n, &a))
        withdraw(cx, n, a.job, -1, "a newer attempt");
    if (!take(n, &a))
        return;
    LOG(INFO, cx, "job assigned", F_NUM("job", a.job), F_NUM("attempt", a.attempt), F_TEXT("kind", a.kind),
        F_TEXT("lecture", a.lecture), F_TEXT("view", a.view));
    n->setup.hooks.assign(n->setup.hooks.arg, &a);
}

static void renew(struct cx *cx, struct node *n, const json_t *o)
{
    int64_t job, attempt = 0, until = 0;
    const char *token = NULL;
    enum rc rc = js_i64(cx, o, "job", 1, INT64_MAX, &job);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "attempt", 0, INT64_MAX, &attempt);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "token_until", 1, INT64_MAX, &until);
    if (rc == RC_OK)
        rc = js_str(cx, o, "token", TOKEN_MAX, &token);
    if (rc != RC_OK) {
        log_err(LOG_WARN, cx, "new token not understood");
        err_clear(cx);
        return;
    }
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h)
        h->token_until = until;
    pthread_mutex_unlock(&n->lock);
    if (h && n->setup.hooks.token)
        n->setup.hooks.token(n->setup.hooks.arg, job, attempt, token);
}

void inner_jobs_apply(struct cx *cx, struct node *n, const json_t *answer)
{
    const json_t *list = json_object_get(answer, "refused");
    acknowledge(n, json_object_get(json_object_get(answer, "ack"), "jobs"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        withdraw(cx, n, js_get_i64(o, "job", 0), js_get_i64(o, "attempt", -1), "refused");
    }
    list = json_object_get(answer, "cancel");
    for (size_t i = 0; i < json_array_size(list); i++)
        withdraw(cx, n, json_integer_value(json_array_get(list, i)), -1, "cancelled");
    list = json_object_get(answer, "tokens");
    for (size_t i = 0; i < json_array_size(list); i++)
        renew(cx, n, json_array_get(list, i));
    list = json_object_get(answer, "assign");
    for (size_t i = 0; i < json_array_size(list); i++)
        assign(cx, n, json_array_get(list, i));
}
