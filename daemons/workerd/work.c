#include "daemons/workerd/work.h"

#include <errno.h>
#include <sys/stat.h>

#include "daemons/workerd/parts.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/media/make.h"
#include "lib/net/json.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

/* Parts of a job's progress: fetching the source; and, of the rest, delivering. */
#define PART_FETCH 0.05
#define PART_PUT   0.10
/* The space that a job needs besides that for the source and for what is made of it, which is taken to be as
 * large as the source; lib/svc/pipeline/doors/candidates.c counts alike. Parts need it once more, joined. */
#define ROOM_LEAST (256LL * 1024 * 1024)

struct running {
    struct work *w;
    struct cx *cx;
    struct wire_assign order;
    const struct wire_input *input; /* which is being fetched */
    int64_t size;                   /* of all inputs */
    int64_t fetched;                /* of those before this one */
    bool joins;                     /* the inputs are parts of one source */
    int64_t joined;                 /* bytes of the file that they become, so far */
    struct media_job *media;
    struct http *http;
    char *dir;      /* scratch of this attempt */
    bool local;     /* the source lies in this machine's store, so the results belong there too */
    bool makes;     /* quick or full: there are artifacts to put */
    double reached; /* progress, without what is on its way to the store */
};

static enum rc read_order(struct running *r)
{
    struct cx *cx = r->cx;
    enum rc rc = wire_assign_read(cx, r->w->assignment, &r->order);
    const struct wire_assign *o = &r->order;
    if (rc == RC_OK && o->input_count > 0)
        r->joins = o->inputs[0].begins != WIRE_NO_PART;
    if (rc == RC_OK && (o->input_count == 0 || (o->input_count > 1 && !r->joins)))
        rc = err_set(cx, RC_INVALID, "inputs", NULL, "%zu sources", o->input_count);
    if (rc == RC_OK && r->order.view == VIEW_KIND_COUNT)
        rc = err_set(cx, RC_INVALID, "view", NULL, "unknown view");
    for (size_t i = 0; rc == RC_OK && i < o->input_count; i++)
        r->size += o->inputs[i].size;
    return rc;
}

static void report(struct running *r, double progress, double eta)
{
    if (!node_job_progress(r->w->node, r->w->job, r->w->attempt, progress, eta))
        atomic_store(&r->w->stop, true);
}

static void on_fetch(void *arg, int64_t done, int64_t total)
{
    struct running *r = arg;
    if (total > 0 && r->size > 0)
        report(r, PART_FETCH * (double)(r->fetched + done) / (double)r->size, -1);
}

static void on_media(void *arg, double progress, double eta)
{
    struct running *r = arg;
    r->reached = PART_FETCH + progress * (1 - PART_FETCH);
    report(r, r->reached, eta);
}

/* --- tokens: those of the assignment, until the core sends a newer one, for results and the first inputs --- */

static const char *newest_token(struct running *r, struct cx *cx, const char *assigned)
{
    pthread_mutex_lock(r->w->lock);
    const char *token = r->w->token ? arena_strdup(cx->arena, r->w->token) : assigned;
    pthread_mutex_unlock(r->w->lock);
    return token;
}

static const char *input_token(void *arg, struct cx *cx)
{
    struct running *r = arg;
    const char *assigned = r->input->token;
    return strcmp(assigned, r->order.inputs[0].token) == 0 ? newest_token(r, cx, assigned) : assigned;
}

static const char *put_token(void *arg, struct cx *cx)
{
    struct running *r = arg;
    return newest_token(r, cx, r->order.put.token);
}

/* The failure of a transfer as a failure code of the job protocol. */
static enum rc transfer_failed(struct running *r, enum rc rc, const char *what)
{
    struct cx *cx = r->cx;
    if (atomic_load(&r->w->stop))
        return media_fail(cx, r->media, FAIL_KILLED, "The job was stopped.");
    if (rc == RC_TOOBIG)
        return media_fail(cx, r->media, FAIL_DISK_FULL, "The storage node's disk is full.");
    if (transfer_room(r->dir) < ROOM_LEAST / 64)
        return media_fail(cx, r->media, FAIL_DISK_FULL, "The worker's disk is full.");
    return media_fail(cx, r->media, FAIL_IO, "%s: %s", what, cx->err.detail ? cx->err.detail : rc_name(rc));
}

/* A source that is linked, or there from a job before, takes none. */
static enum rc make_room(struct running *r)
{
    const struct work *w = r->w;
    const char *sha256 = r->input->sha256;
    bool there =
        sources_has(w->sources, sha256) || (r->local && store_links_to(w->store, sources_dir(w->sources)));
    int64_t size = r->input->size;
    int64_t least = ROOM_LEAST + (there ? 0 : size) + (r->joins ? r->size - r->joined : 0);
    if (transfer_room(r->dir) < least + (r->makes ? r->size : 0))
        sources_make_room(w->sources, sha256);
    if (transfer_room(r->dir) >= least)
        return RC_OK;
    if (there)
        return media_fail(r->cx, r->media, FAIL_DISK_FULL, "The worker's disk is full.");
    return media_fail(r->cx, r->media, FAIL_DISK_FULL, "The worker has no room for a source of %lld MB.",
                      (long long)(r->size / 1000000));
}

/* *path is there until release(). */
static enum rc fetch(struct running *r, const struct wire_input *o, const char **path)
{
    struct transfer t = {.http = r->http,
                         .url = o->url,
                         .token = input_token,
                         .store = r->w->store,
                         .upload = o->source,
                         .stop = &r->w->stop,
                         .progress = on_fetch,
                         .arg = r};
    int64_t started = clock_mono();
    r->input = o;
    t.local = r->local = transfer_is_local(r->cx, &t, o->size, o->sha256);
    enum rc rc = make_room(r);
    if (rc != RC_OK)
        return rc;
    rc = sources_acquire(r->cx, r->w->sources, &t, o->sha256, o->size, path);
    if (rc != RC_OK)
        return transfer_failed(r, rc, "The source could not be fetched");
    LOG(INFO, r->cx, "source there", F_NUM("job", r->w->job), F_NUM("bytes", o->size),
        F_NUM("ms", clock_mono() - started));
    return RC_OK;
}

static void release(struct running *r, const struct wire_input *o)
{
    sources_release(r->w->sources, o->sha256);
}

/* --- parts of a source --- */

static enum rc look_at_parts(struct running *r, struct parts *p)
{
    bool enough = false;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && !enough && i < r->order.input_count; i++) {
        const struct wire_input *o = &r->order.inputs[i];
        const char *path;
        rc = fetch(r, o, &path);
        if (rc != RC_OK)
            return rc;
        rc = parts_look(r->cx, p, path, &enough);
        release(r, o);
    }
    return rc;
}

static enum rc append_parts(struct running *r, struct parts *p)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < r->order.input_count; i++) {
        const struct wire_input *o = &r->order.inputs[i];
        const char *path;
        rc = fetch(r, o, &path);
        if (rc != RC_OK)
            return rc;
        rc = parts_append(r->cx, p, path, o->begins, o->goes_on);
        release(r, o);
        r->fetched += o->size;
        r->joined = parts_size(p);
    }
    return rc == RC_OK ? parts_end(r->cx, p) : rc;
}

/* One file of all parts, in the scratch folder. */
static enum rc join(struct running *r)
{
    struct cx *cx = r->cx;
    struct parts *p = NULL;
    const char *path = arena_printf(cx->arena, "%s/joined.flv", r->dir);
    enum rc rc = parts_open(cx, path, js_get_bool(r->order.params, "cut_gaps", false), &r->w->stop, &p);
    if (rc == RC_OK)
        rc = look_at_parts(r, p);
    if (rc == RC_OK)
        rc = append_parts(r, p);
    if (rc != RC_OK && !r->media->fail.text)
        rc = transfer_failed(r, rc, "The recordings could not be joined");
    struct media_pictures *known = &r->media->pictures;
    if (rc == RC_OK && !parts_pictures(p, known) && known->left_out)
        rc = media_fail_for_good(cx, r->media, FAIL_LIVE_CODEC,
                                 "The live stream was sent in %s, which cannot be processed. Set the "
                                 "encoder to H.264.",
                                 known->left_out);
    r->media->source = path;
    parts_close(p);
    return rc;
}

/* The plan is computed from the probe, so only the probe is read. */
static enum rc make(struct running *r, json_t **out)
{
    struct probe p;
    struct plan plan;
    const struct wire_assign *o = &r->order;
    if (o->kind == JOB_PROBE)
        return make_probe(r->cx, r->media, o->view, out);
    if (probe_from_json(r->cx, json_object_get(o->params, "probe"), &p) != RC_OK)
        return media_fail_for_good(r->cx, r->media, FAIL_INTERNAL, "The job came without a usable probe.");
    plan_make(&p, o->view, true, &plan);
    if (o->kind == JOB_QUICK)
        return make_quick(r->cx, r->media, &p, &plan, out);
    r->media->nice = plan.nice;
    return make_full(r->cx, r->media, &p, &plan, out);
}

static void on_put(void *arg, int64_t done, int64_t total)
{
    struct running *r = arg;
    if (total > 0)
        report(r, r->reached + (1 - r->reached) * PART_PUT * (double)done / (double)total, -1);
}

/* The path of "…/artifacts/<lecture>/<job>-<attempt>/<name>" in the store of this machine; NULL: the job's
 * store is elsewhere. */
static const char *local_path(struct running *r, const char *url)
{
    const char *at = strstr(url, "/artifacts/");
    return r->local && at ? arena_printf(r->cx->arena, "incoming/%s", at + strlen("/artifacts/")) : NULL;
}

/* A finished file goes to the store at once. */
static enum rc deliver(void *arg, const char *name, const char *sha256)
{
    struct running *r = arg;
    const char *url = r->order.put.url;
    size_t length = strlen(url);
    const char *slash = length > 0 && url[length - 1] == '/' ? "" : "/";
    struct transfer t = {.http = r->http,
                         .url = arena_printf(r->cx->arena, "%s%s%s", url, slash, name),
                         .token = put_token,
                         .store = r->w->store,
                         .stop = &r->w->stop,
                         .progress = on_put,
                         .arg = r};
    t.artifact = local_path(r, t.url);
    int64_t started = clock_mono();
    enum rc rc = transfer_put(r->cx, &t, arena_printf(r->cx->arena, "%s/%s", r->media->out, name), sha256);
    if (rc != RC_OK)
        return transfer_failed(r, rc, "A result could not be stored");
    LOG(INFO, r->cx, "artifact stored", F_NUM("job", r->w->job), F_TEXT("name", name),
        F_NUM("ms", clock_mono() - started));
    return RC_OK;
}

static enum rc prepare(struct running *r)
{
    struct cx *cx = r->cx;
    char *out = arena_printf(cx->arena, "%s/out", r->dir), *tmp = arena_printf(cx->arena, "%s/tmp", r->dir);
    enum rc rc = file_remove_tree(cx, r->dir);
    if (rc == RC_OK)
        rc = file_mkdirs(cx, out, 0700);
    if (rc == RC_OK)
        rc = file_mkdirs(cx, tmp, 0700);
    r->media->out = out;
    r->media->tmp = tmp;
    return rc == RC_OK
               ? RC_OK
               : media_fail(cx, r->media, FAIL_DISK_FULL, "The worker's scratch folder cannot be used.");
}

static enum rc run(struct running *r, json_t **outputs)
{
    if (read_order(r) != RC_OK)
        return media_fail_for_good(r->cx, r->media, FAIL_INTERNAL, "The assignment makes no sense: %s",
                                   r->cx->err.detail ? r->cx->err.detail : "");
    r->makes = r->order.kind == JOB_QUICK || r->order.kind == JOB_FULL;
    if (r->order.kind != JOB_PROBE && !r->makes)
        return media_fail_for_good(r->cx, r->media, FAIL_INTERNAL, "This worker does not do such jobs.");
    enum rc rc = prepare(r);
    if (rc == RC_OK)
        rc = r->joins ? join(r) : fetch(r, r->order.inputs, &r->media->source);
    if (rc != RC_OK)
        return rc;
    rc = make(r, outputs);
    if (!r->joins)
        release(r, r->order.inputs);
    return rc;
}

static void tell(struct running *r, enum rc rc, const json_t *outputs, int64_t started)
{
    struct work *w = r->w;
    struct str log = {r->media->log.text, r->media->log.n};
    if (rc == RC_OK) {
        metric_add(METRIC_workerd_jobs_done_total, 1);
        LOG(INFO, r->cx, "job done", F_NUM("job", w->job), F_NUM("attempt", w->attempt),
            F_TEXT("kind", wire_kind_name(r->order.kind)), F_NUM("ms", clock_mono() - started),
            F_NUM("cpu_ms", (int64_t)(r->media->cpu * 1000)));
        node_job_done(w->node, w->job, w->attempt, outputs, log);
        return;
    }
    metric_add(METRIC_workerd_jobs_failed_total, 1);
    enum failure why = r->media->fail.text ? r->media->fail.why : FAIL_INTERNAL;
    const char *text = r->media->fail.text ? r->media->fail.text : "The worker failed.";
    LOG(WARN, r->cx, "job failed", F_NUM("job", w->job), F_NUM("attempt", w->attempt),
        F_TEXT("code", wire_failure_name(why)), F_TEXT("text", text));
    node_job_fail(w->node, w->job, w->attempt, why, text, r->media->fail.permanent, log);
}

void work_run(struct work *w)
{
    struct cx cx;
    json_t *outputs = NULL;
    int64_t started = clock_mono();
    cx_init(&cx);
    cx.conf = w->conf;
    struct running r = {.w = w, .cx = &cx, .http = http_new(w->conf->core_ca_file)};
    r.dir = arena_printf(cx.arena, "%s/%lld-%lld", w->conf->scratch_dir, (long long)w->job,
                         (long long)w->attempt);
    r.media = arena_alloc(cx.arena, sizeof *r.media);
    *r.media =
        (struct media_job){.sandbox = arena_printf(cx.arena, "%s/lectern-sandbox", w->conf->program_dir),
                           .ffmpeg = w->conf->ffmpeg,
                           .ffprobe = w->conf->ffprobe,
                           .stop = &w->stop,
                           .progress = on_media,
                           .progress_arg = &r,
                           .deliver = deliver,
                           .deliver_arg = &r};
    enum rc rc = run(&r, &outputs);
    /* The scratch folder is removed before the report, after which this worker may get the next job. */
    if (file_remove_tree(&cx, r.dir) != RC_OK)
        log_err(LOG_WARN, &cx, "scratch folder not removed");
    tell(&r, rc, outputs, started);
    json_decref(outputs);
    http_free(r.http);
    cx_fini(&cx);
}
