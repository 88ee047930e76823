#include "lib/svc/pipeline/doors/assign.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/flow/commit.h"
#include "lib/svc/pipeline/records/source.h"

enum { LEASE_S = JOB_LEASE_MS / 1000, TOKEN_S = LEASE_S + 3600, PLAN_MAX = 1024 * 1024 };

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

enum rc assign_renew_token(struct cx *cx, const struct job_report *r, json_t **out)
{
    struct job *j;
    struct source *s;
    const char *token;
    int64_t until = r->token_until;
    enum rc rc;
    *out = NULL;
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
    *out = js_object(cx);
    json_object_set_new(*out, "job", json_integer(j->id));
    json_object_set_new(*out, "attempt", json_integer(j->attempt));
    json_object_set_new(*out, "token", json_string(token));
    json_object_set_new(*out, "token_until", json_integer(until));
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

static void add_params(struct cx *cx, json_t *a, const struct job *j, const struct source *s)
{
    json_t *params = json_object();
    json_object_set_new(params, "view", json_string(wire_view_name(j->view)));
    if (j->kind != JOB_PROBE) {
        json_object_set_new(params, "plan", parsed(cx, s->plan));
        json_object_set_new(params, "probe", parsed(cx, s->probe));
    }
    json_object_set_new(a, "params", params);
}

static enum rc add_media(struct cx *cx, json_t *a, const struct job *j)
{
    struct source *s;
    const char *token, *store;
    int64_t until;
    json_t *input = json_object(), *inputs = json_array(), *put = json_object();
    enum rc rc = source_get(cx, j->source_id, &s);
    json_object_set_new(a, "inputs", inputs);
    json_array_append_new(inputs, input);
    json_object_set_new(a, "put", put);
    if (rc != RC_OK)
        return rc;
    store = s->store_url[0] ? s->store_url : cx->conf->base_url;
    rc = job_token(cx, j, s, &token, &until);
    if (rc != RC_OK)
        return rc;
    json_object_set_new(a, "token_until", json_integer(until));
    json_object_set_new(input, "name", json_string(s->name));
    json_object_set_new(input, "url", json_sprintf("%s/store/v1/sources/%s", store, s->upload_key));
    json_object_set_new(input, "token", json_string(token));
    json_object_set_new(input, "size", json_integer(s->size));
    json_object_set_new(input, "sha256", json_string(s->sha256));
    json_object_set_new(input, "source", json_string(s->upload_key));
    json_object_set_new(put, "url", json_sprintf("%s/store/v1/%s", store, prefix_of(cx, j)));
    json_object_set_new(put, "token", json_string(token));
    add_params(cx, a, j, s);
    return RC_OK;
}

static enum rc add_commit(struct cx *cx, json_t *a, const struct job *j)
{
    json_t *params;
    enum rc rc = commit_params(cx, j, &params);
    if (rc == RC_OK)
        json_object_set(a, "params", params);
    return rc;
}

static enum rc add_delete(struct cx *cx, json_t *a, const struct job *j)
{
    json_object_set_new(a, "params", parsed(cx, j->params));
    return RC_OK;
}

enum rc assign_job(struct cx *cx, const struct job *j, json_t **out)
{
    static enum rc (*const add[JOB_KIND_COUNT])(struct cx *, json_t *, const struct job *) = {
        [JOB_PROBE] = add_media,   [JOB_QUICK] = add_media,   [JOB_FULL] = add_media,
        [JOB_COMMIT] = add_commit, [JOB_DELETE] = add_delete,
    };
    json_t *a = js_object(cx);
    enum rc rc;
    json_object_set_new(a, "job", json_integer(j->id));
    json_object_set_new(a, "attempt", json_integer(j->attempt));
    json_object_set_new(a, "fence", json_integer(j->fence));
    json_object_set_new(a, "kind", json_string(wire_kind_name(j->kind)));
    json_object_set_new(a, "lane", json_string(wire_lane_name(j->lane)));
    json_object_set_new(a, "lecture", json_string(j->lecture_key));
    json_object_set_new(a, "view", json_string(j->view < VIEW_KIND_COUNT ? wire_view_name(j->view) : ""));
    json_object_set_new(a, "expires", json_integer(LEASE_S));
    rc = add[j->kind](cx, a, j);
    if (rc == RC_OK)
        *out = a;
    return rc;
}
