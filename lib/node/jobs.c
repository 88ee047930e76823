/* The jobs that a node holds. A job is in the list from its assignment until the core has acknowledged its
 * end, refused a report or cancelled it. If an answer is lost, the report is sent again. */
#include "lib/node/node.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/net/json.h"
#include "lib/node/inner.h"

enum { ENDS_MAX = 512 * 1024 /* bytes of finished jobs in one heartbeat; at least one is sent */ };

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
    free(h->text);
    free(h->log);
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

/* The end of it: a log's last lines say why. A NUL becomes a space. */
static char *end_of(struct str s)
{
    if (s.n > WIRE_LOG_MAX)
        s = (struct str){s.p + s.n - WIRE_LOG_MAX, WIRE_LOG_MAX};
    char *copy = mem_alloc(s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] ? s.p[i] : ' ';
    return copy;
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

void node_job_silent(struct node *n, int64_t job, int64_t attempt, double seconds)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h)
        h->silent = seconds < 0 ? 0 : seconds > WIRE_SECONDS_MAX ? WIRE_SECONDS_MAX : seconds;
    pthread_mutex_unlock(&n->lock);
}

void node_job_shown(struct node *n, int64_t job, int64_t attempt)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    bool news = h && !h->shown;
    if (news)
        h->shown = true;
    pthread_mutex_unlock(&n->lock);
    if (news)
        node_wake(n);
}

bool node_job_wanted(struct node *n, int64_t job, int64_t attempt)
{
    pthread_mutex_lock(&n->lock);
    bool wanted = find(n, job, attempt) != NULL;
    pthread_mutex_unlock(&n->lock);
    return wanted;
}

/* Takes what `end` owns. */
static void finish(struct node *n, int64_t job, int64_t attempt, struct held end)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, job, attempt);
    if (h && h->state == REPORT_RUNNING) {
        h->state = end.state;
        h->outputs = end.outputs;
        h->why = end.why;
        h->permanent = end.permanent;
        h->text = end.text;
        h->log = end.log;
        end = (struct held){.state = end.state};
    }
    pthread_mutex_unlock(&n->lock);
    held_fini(&end);
    node_wake(n);
}

void node_job_done(struct node *n, int64_t job, int64_t attempt, const json_t *outputs, struct str log)
{
    finish(n, job, attempt,
           (struct held){.state = REPORT_DONE,
                         .outputs = outputs ? json_deep_copy(outputs) : NULL,
                         .log = end_of(log)});
}

void node_job_fail(struct node *n, int64_t job, int64_t attempt, enum failure why, const char *text,
                   bool permanent, struct str log)
{
    finish(n, job, attempt,
           (struct held){.state = REPORT_FAILED,
                         .why = why,
                         .text = mem_strdup(text),
                         .permanent = permanent,
                         .log = end_of(log)});
}

/* --- what is told --- */

/* Reports the job as running, which keeps its lease. */
static struct wire_report running(const struct held *h)
{
    return (struct wire_report){.job = h->job,
                                .attempt = (int)h->attempt,
                                .fence = h->fence,
                                .state = REPORT_RUNNING,
                                .progress = h->state == REPORT_DONE ? 1 : h->progress,
                                .eta = h->eta < 0 ? -1 : h->eta,
                                .silent = h->silent,
                                .shown = h->shown,
                                .token_until = h->token_until,
                                .error = {.code = FAILURE_COUNT}};
}

static struct wire_report ended(struct cx *cx, const struct held *h)
{
    struct wire_report r = running(h);
    r.state = h->state;
    r.outputs = h->outputs ? js_keep(cx, json_incref(h->outputs)) : NULL;
    r.log = arena_strdup(cx->arena, h->log);
    if (h->state == REPORT_FAILED)
        r.error = (struct wire_error){h->why, arena_strdup(cx->arena, h->text), h->permanent};
    return r;
}

/* Of a text in JSON, where the longest escape has six bytes. */
static size_t text_bytes(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (unsigned char)*text < 0x20 ? 6 : *text == '"' || *text == '\\' ? 2 : 1;
    return n;
}

static size_t bytes_of(const struct held *h)
{
    return text_bytes(h->log) + (h->outputs ? json_dumpb(h->outputs, NULL, 0, JSON_COMPACT) : 0);
}

/* Jobs that ended while the core was away must not exceed what the core accepts in one request: the rest is
 * reported when the first ones are acknowledged. */
void inner_jobs_report(struct cx *cx, struct node *n, struct wire_beat *b)
{
    struct wire_report *jobs = arena_array(cx->arena, WIRE_JOBS_MAX, sizeof *jobs);
    size_t bytes = 0;
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->job_count; i++) {
        struct held *h = &n->jobs[i];
        size_t more = h->state == REPORT_RUNNING ? 0 : bytes_of(h);
        h->told = h->state != REPORT_RUNNING && (bytes == 0 || bytes + more <= ENDS_MAX);
        if (h->told)
            bytes += more + 1;
        jobs[i] = h->told ? ended(cx, h) : running(h);
    }
    b->jobs = jobs;
    b->job_count = n->job_count;
    pthread_mutex_unlock(&n->lock);
}

/* --- the answer --- */

static void acknowledge(struct node *n, const struct wire_ack *ack)
{
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < ack->job_count; i++) {
        struct held *h = find(n, ack->jobs[i], -1);
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

/* False: the job is in the list already, or the list is full. */
static bool take(struct node *n, const struct wire_assign *a)
{
    bool taken = false;
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, a->job, a->attempt);
    if (h) {
        h->fence = a->fence;
    } else if (n->job_count < WIRE_JOBS_MAX) {
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

static bool holds_older(struct node *n, const struct wire_assign *a)
{
    pthread_mutex_lock(&n->lock);
    const struct held *h = find(n, a->job, -1);
    bool older = h && h->attempt != a->attempt;
    pthread_mutex_unlock(&n->lock);
    return older;
}

static const char *kind_of(const struct wire_assign *a)
{
    return a->kind < JOB_KIND_COUNT ? wire_kind_name(a->kind) : "unknown";
}

static void assign(struct cx *cx, struct node *n, const struct wire_assign *a)
{
    if (holds_older(n, a))
        withdraw(cx, n, a->job, -1, "a newer attempt");
    if (!take(n, a))
        return;
    LOG(INFO, cx, "job assigned", F_NUM("job", a->job), F_NUM("attempt", a->attempt),
        F_TEXT("kind", kind_of(a)), F_TEXT("lecture", a->lecture));
    n->setup.hooks.assign(n->setup.hooks.arg, a);
}

static void renew(struct node *n, const struct wire_renewal *r)
{
    pthread_mutex_lock(&n->lock);
    struct held *h = find(n, r->job, r->attempt);
    if (h)
        h->token_until = r->token_until;
    pthread_mutex_unlock(&n->lock);
    if (h && n->setup.hooks.token)
        n->setup.hooks.token(n->setup.hooks.arg, r->job, r->attempt, r->token);
}

void inner_jobs_apply(struct cx *cx, struct node *n, const struct wire_answer *a)
{
    acknowledge(n, &a->ack);
    for (size_t i = 0; i < a->refused_count; i++)
        withdraw(cx, n, a->refused[i].job, a->refused[i].attempt, "refused");
    for (size_t i = 0; i < a->cancel_count; i++)
        withdraw(cx, n, a->cancel[i], -1, "cancelled");
    for (size_t i = 0; i < a->token_count; i++)
        renew(n, &a->tokens[i]);
    for (size_t i = 0; i < a->assign_count; i++)
        assign(cx, n, &a->assign[i]);
}
