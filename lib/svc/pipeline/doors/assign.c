#include "lib/svc/pipeline/doors/assign.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/flow/commit.h"
#include "lib/svc/pipeline/records/source.h"

enum { TOKEN_S = JOB_LEASE_MS / 1000 + 3600, PLAN_MAX = 1024 * 1024 };

static const char *prefix_of(struct cx *cx, const struct job *j)
{
    return arena_printf(cx->arena, "artifacts/%s/%lld-%d/", j->lecture_key, (long long)j->id, j->attempt);
}

/* The files that a job reads: the source's upload, or its parts. */
struct files {
    struct source *source;
    struct source_part *list;
    size_t n;
};

static enum rc load_files(struct cx *cx, int64_t source_id, struct files *out)
{
    struct files f = {.n = 0};
    enum rc rc = source_get(cx, source_id, &f.source);
    if (rc == RC_OK)
        rc = source_parts(cx, f.source, &f.list, &f.n);
    if (rc == RC_OK && f.n == 0) {
        const struct source *s = f.source;
        f.n = 1;
        f.list[0] = (struct source_part){
            .upload_key = s->upload_key, .size = s->size, .sha256 = s->sha256, .begins = WIRE_NO_PART};
    }
    if (rc == RC_OK)
        *out = f;
    return rc;
}

/* For what the job writes below `put`, at the store of that address ("": the core's own). */
static struct jwt_claims claims_of(const struct job *j, const char *put, const char *store)
{
    struct jwt_claims c;
    jwt_claims_init(&c);
    c.aud = JWT_AUD_STORE;
    c.exp = clock_now() / 1000 + TOKEN_S;
    c.job = j->id;
    c.att = j->attempt;
    c.put = put;
    c.st = store;
    return c;
}

static enum rc sign(struct cx *cx, struct jwt_claims *c, const char **token, int64_t *until)
{
    enum rc rc = keys_sign(cx, c, token);
    if (rc == RC_OK)
        *until = c->exp;
    return rc;
}

/* For writing, and for reading the files from `first` on, as many as a token can name. */
static enum rc job_token(struct cx *cx, const struct job *j, const struct files *f, size_t first,
                         const char **token, int64_t *until)
{
    struct jwt_claims c = claims_of(j, prefix_of(cx, j), f->source->store_url);
    for (size_t i = 0; i < JWT_MAX_LIST && first + i < f->n; i++)
        c.get[i] = arena_printf(cx->arena, "sources/%s", f->list[first + i].upload_key);
    return sign(cx, &c, token, until);
}

/* For what can be watched of a live stream: the origin beside the store of the lecture takes it (doc/protocol.md). Without a generation
 * there is nothing to write. */
struct origin {
    const char *store; /* address of the storage node as it joined, "": the core's own */
    const char *path;  /* "<lecture>/g<N>/<VIEW>/<fence>" */
};

static enum rc find_origin(struct cx *cx, const struct job *j, struct origin *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_one(cx, SQL_dvr_store, &rows, "ii", j->lecture_id, (int64_t)j->generation);
    if (rc == RC_OK)
        *out =
            (struct origin){.store = row_text(rows, 0, 0),
                            .path = arena_printf(cx->arena, "%s/g%d/%s/%lld", j->lecture_key, j->generation,
                                                 wire_view_name(j->view), (long long)j->fence)};
    return rc;
}

static enum rc live_token(struct cx *cx, const struct job *j, const struct origin *o, const char **token,
                          int64_t *until)
{
    struct jwt_claims c = claims_of(j, arena_printf(cx->arena, "live/%s", o->path), o->store);
    return sign(cx, &c, token, until);
}

static enum rc renewed(struct cx *cx, const struct job *j, const char **token, int64_t *until)
{
    struct origin o;
    struct files f;
    enum rc rc;
    if (j->kind == JOB_LIVE) {
        rc = find_origin(cx, j, &o);
        return rc == RC_OK ? live_token(cx, j, &o, token, until) : rc;
    }
    rc = load_files(cx, j->source_id, &f);
    return rc == RC_OK ? job_token(cx, j, &f, 0, token, until) : rc;
}

/* The others do their work without a token. */
static bool has_token(const struct job *j)
{
    return j->kind == JOB_LIVE ? j->generation > 0 : j->source_id != 0;
}

enum rc assign_renew_token(struct cx *cx, const struct wire_report *r, bool *due, struct wire_renewal *out)
{
    struct job *j;
    const char *token;
    int64_t until = r->token_until;
    enum rc rc;
    *due = false;
    if (until <= 0 || until - clock_now() / 1000 > TOKEN_S / 2)
        return RC_OK;
    rc = job_get(cx, r->job, &j);
    if (rc != RC_OK || !has_token(j) || j->attempt != r->attempt || j->fence != r->fence)
        return rc; /* the job has another node now, and its token is not for this one */
    rc = renewed(cx, j, &token, &until);
    if (rc != RC_OK)
        return rc;
    *out = (struct wire_renewal){.job = j->id, .attempt = j->attempt, .token = token, .token_until = until};
    *due = true;
    return RC_OK;
}

static json_t *parsed(struct cx *cx, const char *text)
{
    const json_t *v = NULL;
    if (!text || js_parse_object(cx, str_of(text), PLAN_MAX, &v) != RC_OK) {
        err_clear(cx);
        return json_null();
    }
    return json_deep_copy(v);
}

static const json_t *media_params(struct cx *cx, const struct job *j, const struct source *s)
{
    json_t *params = js_object(cx);
    json_object_set_new(params, "view", json_string(wire_view_name(j->view)));
    if (s->parts > 0)
        json_object_set_new(params, "cut_gaps", json_boolean(s->cut_gaps));
    if (j->kind != JOB_PROBE) {
        json_object_set_new(params, "plan", parsed(cx, s->plan));
        json_object_set_new(params, "probe", parsed(cx, s->probe));
    }
    return params;
}

static enum rc add_inputs(struct cx *cx, const struct job *j, const struct files *f, const char *store,
                          struct wire_assign *a)
{
    struct wire_input *inputs = arena_array(cx->arena, f->n, sizeof *inputs);
    const char *token = NULL;
    for (size_t i = 0; i < f->n; i++) {
        const struct source_part *p = &f->list[i];
        enum rc rc = i % JWT_MAX_LIST == 0 ? job_token(cx, j, f, i, &token, &a->token_until) : RC_OK;
        if (rc != RC_OK)
            return rc;
        inputs[i] = (struct wire_input){
            .url = arena_printf(cx->arena, "%s/store/v1/sources/%s", store, p->upload_key),
            .token = token,
            .size = p->size,
            .sha256 = p->sha256,
            .source = p->upload_key,
            .begins = p->begins,
            .goes_on = p->goes_on};
    }
    a->inputs = inputs;
    a->input_count = f->n;
    return RC_OK;
}

static enum rc add_media(struct cx *cx, const struct job *j, struct wire_assign *a)
{
    struct files f;
    enum rc rc = load_files(cx, j->source_id, &f);
    if (rc != RC_OK)
        return rc;
    const char *store = f.source->store_url[0] ? f.source->store_url : cx->conf->base_url;
    rc = add_inputs(cx, j, &f, store, a);
    if (rc != RC_OK)
        return rc;
    a->put = (struct wire_put){arena_printf(cx->arena, "%s/store/v1/%s", store, prefix_of(cx, j)),
                               a->inputs[0].token};
    a->params = media_params(cx, j, f.source);
    return RC_OK;
}

static enum rc add_commit(struct cx *cx, const struct job *j, struct wire_assign *a)
{
    json_t *params;
    enum rc rc = commit_params(cx, j, &params);
    if (rc == RC_OK)
        a->params = params;
    return rc;
}

static enum rc add_params(struct cx *cx, const struct job *j, struct wire_assign *a)
{
    a->params = js_keep(cx, parsed(cx, j->params));
    return RC_OK;
}

static enum rc add_live(struct cx *cx, const struct job *j, struct wire_assign *a)
{
    struct origin o;
    enum rc rc = add_params(cx, j, a);
    if (rc != RC_OK || !has_token(j))
        return rc;
    rc = find_origin(cx, j, &o);
    if (rc == RC_OK)
        rc = live_token(cx, j, &o, &a->put.token, &a->token_until);
    if (rc == RC_OK)
        a->put.url =
            arena_printf(cx->arena, "%s/live/v1/%s", *o.store ? o.store : cx->conf->base_url, o.path);
    return rc;
}

enum rc assign_job(struct cx *cx, const struct job *j, struct wire_assign *out)
{
    static enum rc (*const add[JOB_KIND_COUNT])(struct cx *, const struct job *, struct wire_assign *) = {
        [JOB_PROBE] = add_media,   [JOB_QUICK] = add_media,   [JOB_FULL] = add_media,
        [JOB_COMMIT] = add_commit, [JOB_DELETE] = add_params, [JOB_LIVE] = add_live,
        [JOB_SEAL] = add_params,
    };
    struct wire_assign a = {.job = j->id,
                            .attempt = j->attempt,
                            .fence = j->fence,
                            .kind = j->kind,
                            .lane = j->lane,
                            .lecture = j->lecture_key,
                            .view = j->view};
    enum rc rc = add[j->kind](cx, j, &a);
    if (rc == RC_OK)
        *out = a;
    return rc;
}
