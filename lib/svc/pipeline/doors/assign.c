#include "lib/svc/pipeline/doors/assign.h"

#include "lib/base/clock.h"
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

static enum rc job_token(struct cx *cx, const struct job *j, const struct source *s, const char **token,
                         int64_t *until)
{
    struct jwt_claims c;
    enum rc rc;
    jwt_claims_init(&c);
    c.aud = JWT_AUD_STORE;
    c.exp = clock_now() / 1000 + TOKEN_S;
    c.job = j->id;
    c.att = j->attempt;
    c.get[0] = arena_printf(cx->arena, "sources/%s", s->upload_key);
    c.put = prefix_of(cx, j);
    c.st = s->store_url;
    rc = keys_sign(cx, &c, token);
    if (rc == RC_OK)
        *until = c.exp;
    return rc;
}

enum rc assign_renew_token(struct cx *cx, const struct wire_report *r, bool *due, struct wire_renewal *out)
{
    struct job *j;
    struct source *s;
    const char *token;
    int64_t until = r->token_until;
    enum rc rc;
    *due = false;
    if (until <= 0 || until - clock_now() / 1000 > TOKEN_S / 2)
        return RC_OK;
    rc = job_get(cx, r->job, &j);
    if (rc != RC_OK || j->source_id == 0 || j->attempt != r->attempt || j->fence != r->fence)
        return rc; /* the job has another node now, and its token is not for this one */
    rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = job_token(cx, j, s, &token, &until);
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
    if (j->kind != JOB_PROBE) {
        json_object_set_new(params, "plan", parsed(cx, s->plan));
        json_object_set_new(params, "probe", parsed(cx, s->probe));
    }
    return params;
}

static enum rc add_media(struct cx *cx, const struct job *j, struct wire_assign *a)
{
    struct wire_input *input = arena_alloc(cx->arena, sizeof *input);
    struct source *s;
    const char *token, *store;
    enum rc rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = job_token(cx, j, s, &token, &a->token_until);
    if (rc != RC_OK)
        return rc;
    store = s->store_url[0] ? s->store_url : cx->conf->base_url;
    *input =
        (struct wire_input){.url = arena_printf(cx->arena, "%s/store/v1/sources/%s", store, s->upload_key),
                            .token = token,
                            .size = s->size,
                            .sha256 = s->sha256,
                            .source = s->upload_key};
    a->inputs = input;
    a->input_count = 1;
    a->put = (struct wire_put){arena_printf(cx->arena, "%s/store/v1/%s", store, prefix_of(cx, j)), token};
    a->params = media_params(cx, j, s);
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

enum rc assign_job(struct cx *cx, const struct job *j, struct wire_assign *out)
{
    static enum rc (*const add[JOB_KIND_COUNT])(struct cx *, const struct job *, struct wire_assign *) = {
        [JOB_PROBE] = add_media,   [JOB_QUICK] = add_media,   [JOB_FULL] = add_media,
        [JOB_COMMIT] = add_commit, [JOB_DELETE] = add_params, [JOB_LIVE] = add_params,
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
