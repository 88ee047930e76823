/* Jobs of a storage node, one after the other: commit a generation, delete objects, seal a live stream. All are idempotent, so
 * an attempt that was interrupted is simply repeated. */
#include "daemons/noded/noded.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/net/json.h"
#include "lib/os/cond.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum {
    JSON_MAX = 4 * 1024 * 1024,
    FILES_MAX = 10000,
    VIEWS_MAX = 3,
    PATHS_MAX = 10000,
    NAME_MAX_BYTES = 200,
    WAIT_MS = 1000 /* a stop is seen after this */
};

/* --- the queue --- */

void jobs_assign(void *arg, const struct wire_assign *a)
{
    struct noded *nd = arg;
    struct cx cx;
    struct todo t = {.job = a->job, .attempt = a->attempt, .kind = a->kind};
    cx_init(&cx);
    t.params = mem_strdup(a->params ? js_text(&cx, a->params).p : "");
    cx_fini(&cx);
    pthread_mutex_lock(&nd->lock);
    bool room = nd->queued < JOBS_MAX;
    if (room)
        nd->queue[nd->queued++] = t;
    pthread_cond_signal(&nd->work);
    pthread_mutex_unlock(&nd->lock);
    if (!room) {
        node_job_fail(nd->node, a->job, a->attempt, FAIL_IO, "This storage node has too many jobs.", false,
                      STR(""));
        free(t.params);
    }
}

void jobs_cancel(void *arg, int64_t job, int64_t attempt)
{
    (void)arg; /* the job itself calls node_job_wanted, before and during its work */
    (void)job;
    (void)attempt;
}

void jobs_slots(void *arg, int free[LANE_COUNT])
{
    struct noded *nd = arg;
    pthread_mutex_lock(&nd->lock);
    free[LANE_STORE] = JOBS_MAX - (int)nd->queued;
    pthread_mutex_unlock(&nd->lock);
}

/* --- commit --- */

static enum rc read_files(struct cx *cx, const json_t *list, struct store_view *v)
{
    size_t n = json_array_size(list);
    if (n == 0 || n > FILES_MAX)
        return err_set(cx, RC_INVALID, "files", NULL, "%zu files", n);
    struct store_file *files = arena_array(cx->arena, n, sizeof *files);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        enum rc rc = js_str(cx, o, "name", NAME_MAX_BYTES, &files[i].name);
        if (rc == RC_OK)
            rc = js_i64(cx, o, "size", 0, INT64_MAX, &files[i].size);
        if (rc == RC_OK)
            rc = js_str(cx, o, "sha256", STORE_SHA256_HEX - 1, &files[i].sha256);
        if (rc != RC_OK)
            return rc;
    }
    v->files = files;
    v->file_count = n;
    return RC_OK;
}

static enum rc read_views(struct cx *cx, const json_t *list, struct store_generation *g)
{
    size_t n = json_array_size(list);
    if (n == 0 || n > VIEWS_MAX)
        return err_set(cx, RC_INVALID, "views", NULL, "%zu views", n);
    struct store_view *views = arena_array(cx->arena, n, sizeof *views);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i), *files = NULL;
        enum rc rc = js_str(cx, o, "view", NAME_MAX_BYTES, &views[i].view);
        if (rc == RC_OK)
            rc = js_str(cx, o, "from", NAME_MAX_BYTES, &views[i].from);
        if (rc == RC_OK)
            rc = js_arr(cx, o, "files", &files);
        if (rc == RC_OK)
            rc = read_files(cx, files, &views[i]);
        if (rc != RC_OK)
            return rc;
    }
    g->views = views;
    g->view_count = n;
    return RC_OK;
}

struct doing {
    struct noded *nd;
    const struct todo *t;
};

static bool stopped(void *arg)
{
    const struct doing *d = arg;
    return daemon_stopping() || !node_job_wanted(d->nd->node, d->t->job, d->t->attempt);
}

static enum rc commit(struct cx *cx, struct doing *d, const json_t *params, json_t *outputs)
{
    struct store_generation g = {.job = d->t->job};
    const json_t *views = NULL;
    enum rc rc = js_str(cx, params, "lecture", NAME_MAX_BYTES, &g.lecture);
    if (rc == RC_OK)
        rc = js_i64(cx, params, "generation", 1, INT64_MAX, &g.number);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, params, "base", 0, INT64_MAX, &g.base);
    if (rc == RC_OK)
        rc = js_arr(cx, params, "views", &views);
    if (rc == RC_OK)
        rc = read_views(cx, views, &g);
    if (rc == RC_OK)
        rc = store_generation_commit(cx, d->nd->store, &g, stopped, d);
    if (rc != RC_OK)
        return rc;
    json_object_set_new(outputs, "generation", json_integer(g.number));
    metric_add(METRIC_noded_commits_total, 1);
    return RC_OK;
}

/* --- delete --- */

static enum rc delete_all(struct cx *cx, struct doing *d, const json_t *params)
{
    const json_t *paths = json_object_get(params, "paths"), *uploads = json_object_get(params, "uploads");
    if (json_array_size(paths) > PATHS_MAX || json_array_size(uploads) > PATHS_MAX)
        return err_set(cx, RC_INVALID, "paths", NULL, "too many objects");
    for (size_t i = 0; i < json_array_size(paths) && !stopped(d); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        enum rc rc = store_tree_remove(cx, d->nd->store, path ? path : "");
        if (rc != RC_OK)
            return rc;
    }
    for (size_t i = 0; i < json_array_size(uploads) && !stopped(d); i++) {
        const char *id = json_string_value(json_array_get(uploads, i));
        enum rc rc = store_upload_remove(cx, d->nd->store, id ? id : "");
        if (rc == RC_CONFLICT) /* its client does not know yet that it was cancelled: try again later */
            return err_set(cx, RC_UNAVAIL, NULL, NULL, "upload %s is being written", id);
        if (rc != RC_OK && rc != RC_NOTFOUND)
            return rc;
        err_clear(cx);
    }
    return stopped(d) ? err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped") : RC_OK;
}

/* --- one job --- */

static void report(struct cx *cx, struct doing *d, enum rc rc, const json_t *outputs)
{
    const struct todo *t = d->t;
    const char *detail = cx->err.detail ? cx->err.detail : rc_name(rc);
    if (rc == RC_OK)
        node_job_done(d->nd->node, t->job, t->attempt, outputs, STR(""));
    else if (rc == RC_TIMEOUT) /* stopping, or cancelled: not reported, the lease runs out */
        LOG(INFO, cx, "job left", F_NUM("job", t->job));
    else if (file_is_full(cx))
        node_job_fail(d->nd->node, t->job, t->attempt, FAIL_DISK_FULL, "The storage is full.", false,
                      str_of(detail));
    else if (rc == RC_NOTFOUND || rc == RC_CONFLICT)
        node_job_fail(d->nd->node, t->job, t->attempt, FAIL_VERIFY,
                      "What a worker delivered is missing or differs.", true, str_of(detail));
    else if (rc == RC_INVALID)
        node_job_fail(d->nd->node, t->job, t->attempt, FAIL_INTERNAL, "The job was not understood.", true,
                      str_of(detail));
    else
        node_job_fail(d->nd->node, t->job, t->attempt, FAIL_IO,
                      t->kind == JOB_SEAL ? "The origin of live streams failed." : "The storage failed.",
                      false, str_of(detail));
    LOG(INFO, cx, "job ended", F_NUM("job", t->job), F_NUM("attempt", t->attempt),
        F_TEXT("kind", t->kind < JOB_KIND_COUNT ? wire_kind_name(t->kind) : "unknown"),
        F_TEXT("result", rc_name(rc)), F_TEXT("detail", rc == RC_OK ? "" : detail));
}

static void run(struct cx *cx, struct noded *nd, const struct todo *t)
{
    struct doing d = {nd, t};
    const json_t *params = NULL;
    json_t *made = js_object(cx);
    const json_t *outputs = made;
    if (stopped(&d))
        return;
    enum rc rc = js_parse_object(cx, str_of(t->params), JSON_MAX, &params);
    if (rc == RC_OK && t->kind == JOB_COMMIT)
        rc = commit(cx, &d, params, made);
    else if (rc == RC_OK && t->kind == JOB_SEAL)
        rc = origin_seal(cx, nd->conf, params, &outputs);
    else if (rc == RC_OK && t->kind == JOB_DELETE)
        rc = delete_all(cx, &d, params);
    else if (rc == RC_OK)
        rc = err_set(cx, RC_INVALID, "kind", NULL, "a storage node does no such job");
    report(cx, &d, rc, outputs);
}

static bool next(struct noded *nd, struct todo *t)
{
    pthread_mutex_lock(&nd->lock);
    if (nd->queued == 0)
        cond_wait_ms(&nd->work, &nd->lock, WAIT_MS);
    bool have = nd->queued > 0;
    if (have)
        *t = nd->queue[0];
    pthread_mutex_unlock(&nd->lock);
    return have;
}

static void done_with_first(struct noded *nd)
{
    pthread_mutex_lock(&nd->lock);
    free(nd->queue[0].params);
    memmove(nd->queue, nd->queue + 1, --nd->queued * sizeof nd->queue[0]);
    pthread_mutex_unlock(&nd->lock);
}

void *jobs_thread(void *arg)
{
    struct noded *nd = arg;
    struct cx cx;
    struct todo t;
    cx_init(&cx);
    while (!daemon_stopping()) {
        if (!next(nd, &t))
            continue;
        run(&cx, nd, &t);
        done_with_first(nd);
        cx_reset(&cx);
    }
    cx_fini(&cx);
    return NULL;
}
