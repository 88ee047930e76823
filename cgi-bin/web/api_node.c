/* The node API: join and heartbeat (lib/svc/pipeline/records/node.h). JSON comes from machines of other people, so
 * every member is bounded and typed before a service sees it; a heartbeat with one bad entry is refused as a
 * whole.
 */
#include "cgi-bin/web/site.h"

#include <float.h>

#include "lib/net/json.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/node.h"

enum {
    TOKEN_MAX = 4096,
    NAME_MAX_BYTES = 100,
    URL_MAX_BYTES = 255,
    VERSION_MAX = 40,
    CPUS_MAX = 4096,
    SLOTS_MAX = 1024
};
static const int64_t FILE_MAX = INT64_C(1) << 50; /* bytes: sums of such still fit */
enum { CODE_MAX = 40, TEXT_MAX = 4096, UPLOADS_MAX = 256, SHA256_HEX = 64, ETA_MAX = 30 * 24 * 3600 };

static enum rc read_roles(struct cx *cx, const json_t *o, unsigned *out)
{
    const json_t *list;
    const json_t *item;
    size_t i;
    unsigned roles = 0, one;
    enum rc rc = js_arr(cx, o, "roles", &list);
    if (rc != RC_OK)
        return rc;
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) || !wire_roles_of(str_of(json_string_value(item)), &one))
            return err_set(cx, RC_INVALID, "roles", "node_roles_invalid", "unknown role");
        roles |= one;
    }
    *out = roles;
    return RC_OK;
}

enum rc api_node_join(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct node_hello hello = {.name = "", .version = "", .url = ""};
    struct actor actor = policy_system("node");
    const json_t *o, *host = NULL;
    const char *token;
    json_t *answer = js_object(cx);
    int64_t id, cpus = 0;
    enum rc rc = js_parse_object(cx, rq->body, WEB_MAX_RAW, &o);
    if (rc == RC_OK)
        rc = js_str(cx, o, "token", TOKEN_MAX, &hello.token);
    if (rc == RC_OK)
        rc = js_str(cx, o, "name", NAME_MAX_BYTES, &hello.name);
    if (rc == RC_OK)
        rc = read_roles(cx, o, &hello.roles);
    if (rc == RC_OK)
        rc = js_opt_str(cx, o, "version", VERSION_MAX, &hello.version);
    if (rc == RC_OK)
        rc = js_opt_str(cx, o, "url", URL_MAX_BYTES, &hello.url);
    if (rc == RC_OK)
        rc = js_opt_obj(cx, o, "host", &host);
    if (rc == RC_OK && host)
        rc = js_opt_i64(cx, host, "cpus", 0, CPUS_MAX, &cpus);
    if (rc == RC_OK && host)
        rc = js_opt_i64(cx, host, "memory", 0, INT64_MAX, &hello.memory);
    hello.cpus = (int)cpus;
    cx->actor = &actor; /* the organisation token is the right; this is who the audit names */
    if (rc == RC_OK)
        rc = node_admit(cx, &hello, &id, &token);
    cx->actor = NULL;
    if (rc != RC_OK)
        return rc;
    json_object_set_new(answer, "node", json_integer(id));
    json_object_set_new(answer, "token", json_string(token));
    return web_json(rq, 200, js_text(cx, answer));
}

/* --- heartbeat --- */

static enum rc read_error(struct cx *cx, const json_t *o, struct job_report *out)
{
    const json_t *error;
    enum rc rc = js_obj(cx, o, "error", &error);
    if (rc == RC_OK)
        rc = js_str(cx, error, "code", CODE_MAX, &out->error_code);
    if (rc == RC_OK &&
        out->error_code[strspn(out->error_code, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
        rc = err_set(cx, RC_INVALID, "code", NULL, "no code of a failure");
    if (rc == RC_OK)
        rc = js_opt_str(cx, error, "text", TEXT_MAX, &out->error_text);
    return rc == RC_OK ? js_opt_bool(cx, error, "permanent", &out->permanent) : rc;
}

static enum rc read_job_state(struct cx *cx, const json_t *o, struct job_report *out)
{
    const char *state;
    enum rc rc = js_str(cx, o, "state", CODE_MAX, &state);
    if (rc != RC_OK)
        return rc;
    if (strcmp(state, "running") == 0)
        out->state = REPORT_RUNNING;
    else if (strcmp(state, "done") == 0)
        out->state = REPORT_DONE;
    else if (strcmp(state, "failed") == 0)
        out->state = REPORT_FAILED;
    else
        return err_set(cx, RC_INVALID, "state", NULL, "unknown state of a job");
    if (out->state == REPORT_FAILED)
        return read_error(cx, o, out);
    return out->state == REPORT_DONE ? js_opt_obj(cx, o, "outputs", &out->outputs) : RC_OK;
}

static enum rc read_job(struct cx *cx, const json_t *o, struct job_report *out)
{
    int64_t attempt;
    double eta = -1;
    enum rc rc = js_i64(cx, o, "job", 1, INT64_MAX, &out->job);
    out->log = "";
    if (rc == RC_OK)
        rc = js_i64(cx, o, "attempt", 0, INT32_MAX, &attempt);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "fence", 0, INT64_MAX, &out->fence);
    if (rc == RC_OK)
        rc = js_opt_f64(cx, o, "progress", 0, 1, &out->progress);
    if (rc == RC_OK)
        rc = js_opt_f64(cx, o, "eta", -1, DBL_MAX, &eta);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "token_until", 0, INT64_MAX, &out->token_until);
    if (rc == RC_OK) /* each byte that is not UTF-8 travels as the three of U+FFFD */
        rc = js_opt_str(cx, o, "log", JOB_LOG_MAX * 3, &out->log);
    if (rc != RC_OK)
        return rc;
    out->attempt = (int)attempt;
    out->eta = eta <= ETA_MAX ? (int)eta : -1; /* who has just begun may guess anything */
    return read_job_state(cx, o, out);
}

static enum rc read_jobs(struct cx *cx, const json_t *o, struct node_report *out)
{
    const json_t *list = NULL;
    struct job_report *jobs;
    size_t n;
    enum rc rc = js_opt_arr(cx, o, "jobs", &list);
    n = json_array_size(list);
    if (rc == RC_OK && n > NODE_MAX_REPORTS)
        rc = err_set(cx, RC_TOOBIG, "jobs", NULL, "%zu jobs in one heartbeat", n);
    if (rc != RC_OK)
        return rc;
    jobs = arena_array(cx->arena, n + 1, sizeof *jobs);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = read_job(cx, json_array_get(list, i), &jobs[i]);
    out->jobs = jobs;
    out->job_count = n;
    return rc;
}

static enum rc read_upload(struct cx *cx, const json_t *o, struct upload_report *out)
{
    unsigned char raw[SHA256_HEX / 2];
    enum rc rc = js_str(cx, o, "id", UPLOAD_KEY_LENGTH, &out->key);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "size", 0, FILE_MAX, &out->size);
    if (rc == RC_OK)
        rc = js_str(cx, o, "sha256", SHA256_HEX, &out->sha256);
    if (rc == RC_OK && !str_hex_decode(str_of(out->sha256), raw, sizeof raw))
        rc = err_set(cx, RC_INVALID, "sha256", NULL, "no SHA-256 in hex");
    return rc;
}

static enum rc read_uploads(struct cx *cx, const json_t *o, struct node_report *out)
{
    const json_t *list = NULL;
    struct upload_report *uploads;
    size_t n;
    enum rc rc = js_opt_arr(cx, o, "uploads", &list);
    /* more than fit one call: the rest is taken when these are acknowledged and no longer repeated */
    n = json_array_size(list) > UPLOADS_MAX ? UPLOADS_MAX : json_array_size(list);
    uploads = arena_array(cx->arena, n + 1, sizeof *uploads);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = read_upload(cx, json_array_get(list, i), &uploads[i]);
    out->uploads = uploads;
    out->upload_count = n;
    return rc;
}

static enum rc read_load(struct cx *cx, const json_t *o, struct node_report *out)
{
    const json_t *load = NULL, *slots = NULL;
    enum rc rc = js_opt_obj(cx, o, "load", &load);
    if (rc == RC_OK)
        rc = js_opt_obj(cx, o, "slots", &slots);
    if (rc == RC_OK)
        rc = js_opt_f64(cx, load, "cpu", 0, 1, &out->cpu);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, load, "memory_used", 0, INT64_MAX, &out->memory_used);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, load, "memory_total", 0, INT64_MAX, &out->memory_total);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, load, "disk_free", 0, INT64_MAX, &out->disk_free);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, load, "disk_total", 0, INT64_MAX, &out->disk_total);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, load, "uptime", 0, INT64_MAX, &out->uptime);
    for (int lane = 0; rc == RC_OK && lane < LANE_COUNT; lane++) {
        int64_t n = 0;
        rc = js_opt_i64(cx, slots, wire_lane_name((enum job_lane)lane), 0, SLOTS_MAX, &n);
        out->slots[lane] = (int)n;
    }
    return rc;
}

static enum rc read_report(struct cx *cx, const json_t *o, struct node_report *out)
{
    enum rc rc;
    *out = (struct node_report){.version = ""};
    rc = js_opt_str(cx, o, "version", VERSION_MAX, &out->version);
    if (rc == RC_OK)
        rc = read_load(cx, o, out);
    if (rc == RC_OK)
        rc = read_jobs(cx, o, out);
    return rc == RC_OK ? read_uploads(cx, o, out) : rc;
}

/* Authorization: Bearer <node token> */
static struct str bearer(const struct web_request *rq)
{
    struct str value = str_of(rq->header(rq, "HTTP_AUTHORIZATION"));
    if (!str_starts(value, "Bearer "))
        return (struct str){"", 0};
    return str_trim((struct str){value.p + 7, value.n - 7});
}

enum rc api_node_heartbeat(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct actor actor = policy_system("node");
    struct node_report report;
    struct node_info *node;
    const json_t *o;
    json_t *answer;
    enum rc rc = node_by_token(cx, bearer(rq), &node);
    if (rc == RC_OK)
        rc = js_parse_object(cx, rq->body, WEB_MAX_RAW, &o);
    if (rc == RC_OK)
        rc = read_report(cx, o, &report);
    cx->actor = &actor;
    if (rc == RC_OK)
        rc = heartbeat_take(cx, node, &report, &answer);
    cx->actor = NULL;
    return rc == RC_OK ? web_json(rq, 200, js_text(cx, answer)) : rc;
}
