#include "lib/svc/pipeline/doors/heartbeat.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/os/metrics.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/doors/assign.h"

/* Seconds until a node's next heartbeat: short while a lecture is not yet watchable, because each of its
 * steps waits for a heartbeat. */
#define EVERY_SHORT_S 0.5
#define EVERY_BUSY_S  1.0
#define EVERY_IDLE_S  2.0

enum {
    UNLISTED_MS = 3000 /* a running job not listed for so long is lost; less could be a late heartbeat */
};

static enum rc keep_load(struct cx *cx, const struct node_info *node, const struct node_report *r)
{
    return db_exec(cx, SQL_node_seen, NULL, "sdiiiiiiiii", r->version, r->cpu, r->memory_used,
                   r->memory_total, r->disk_free, r->disk_total, r->uptime, (int64_t)r->slots[LANE_QUICK],
                   (int64_t)r->slots[LANE_ENCODE], (int64_t)r->slots[LANE_STORE], node->id);
}

/* A report that failed is repeated by the node; only if the database is away the whole call fails. */
static enum rc excuse(struct cx *cx, enum rc rc, const char *what)
{
    if (rc == RC_OK || rc == RC_UNAVAIL)
        return rc;
    log_err(LOG_ERROR, cx, what);
    err_clear(cx);
    return RC_OK;
}

static enum rc take_uploads(struct cx *cx, const struct node_info *node, const struct node_report *r,
                            json_t *ack, json_t *dropped)
{
    for (size_t i = 0; i < r->upload_count; i++) {
        enum upload_answer answer;
        enum rc rc = arrival_complete(cx, node->id, &r->uploads[i], &answer);
        if (rc == RC_OK && answer != UPLOAD_ANSWER_NONE)
            json_array_append_new(answer == UPLOAD_ANSWER_ACK ? ack : dropped,
                                  json_string(r->uploads[i].key));
        rc = excuse(cx, rc, "report of an upload failed");
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static void answer_job(json_t *answer, const struct job_report *j, enum job_answer a)
{
    json_t *acked = json_object_get(json_object_get(answer, "ack"), "jobs");
    if (a == JOB_ANSWER_ACK)
        json_array_append_new(acked, json_integer(j->job));
    else if (a == JOB_ANSWER_CANCEL)
        json_array_append_new(json_object_get(answer, "cancel"), json_integer(j->job));
    else if (a == JOB_ANSWER_REFUSED)
        json_array_append_new(json_object_get(answer, "refused"),
                              json_pack("{s:I,s:i}", "job", (json_int_t)j->job, "attempt", j->attempt));
}

/* If renewing fails, the next heartbeat asks for it again. */
static void renew_token(struct cx *cx, const struct job_report *j, json_t *tokens)
{
    json_t *token;
    if (assign_renew_token(cx, j, &token) != RC_OK) {
        log_err(LOG_ERROR, cx, "a job's token cannot be renewed");
        err_clear(cx);
    } else if (token) {
        json_array_append(tokens, token);
    }
}

static enum rc take_jobs(struct cx *cx, const struct node_info *node, const struct node_report *r,
                         json_t *answer)
{
    for (size_t i = 0; i < r->job_count; i++) {
        enum job_answer a;
        enum rc rc = report_take(cx, node->id, &r->jobs[i], &a);
        if (rc == RC_OK)
            answer_job(answer, &r->jobs[i], a);
        if (rc == RC_OK && a == JOB_ANSWER_RENEWED)
            renew_token(cx, &r->jobs[i], json_object_get(answer, "tokens"));
        rc = excuse(cx, rc, "report of a job failed");
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* A restarted node does not know its jobs any more: they need not wait for the end of their leases. */
static enum rc end_unlisted(struct cx *cx, const struct node_info *node)
{
    return db_exec(cx, SQL_job_end_unlisted, NULL, "ii", node->id, (int64_t)JOB_LEASE_MS - UNLISTED_MS);
}

/* All jobs that are leased to the node and that it does not know yet, also because an answer was lost. */
static enum rc assign(struct cx *cx, const struct node_info *node, json_t *list)
{
    struct job *jobs;
    size_t n;
    enum rc rc = job_list_assigned(cx, node->id, &jobs, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        json_t *a;
        rc = assign_job(cx, &jobs[i], &a);
        if (rc == RC_OK)
            json_array_append(list, a);
        rc = excuse(cx, rc, "a job cannot be handed out");
    }
    return rc;
}

static json_t *empty_answer(struct cx *cx)
{
    json_t *answer = js_object(cx), *ack = json_object();
    json_object_set_new(answer, "now", json_integer(clock_now()));
    json_object_set_new(answer, "assign", json_array());
    json_object_set_new(answer, "cancel", json_array());
    json_object_set_new(answer, "refused", json_array());
    json_object_set_new(answer, "tokens", json_array());
    json_object_set_new(answer, "upload_drop", json_array());
    json_object_set_new(ack, "jobs", json_array());
    json_object_set_new(ack, "uploads", json_array());
    json_object_set_new(answer, "ack", ack);
    return answer;
}

enum rc heartbeat_take(struct cx *cx, const struct node_info *node, const struct node_report *r, json_t **out)
{
    json_t *answer = empty_answer(cx), *keys;
    struct rows *rows;
    enum rc rc = keep_load(cx, node, r);
    if (rc == RC_OK)
        rc = take_uploads(cx, node, r, json_object_get(json_object_get(answer, "ack"), "uploads"),
                          json_object_get(answer, "upload_drop"));
    if (rc == RC_OK)
        rc = take_jobs(cx, node, r, answer);
    if (rc == RC_OK)
        rc = end_unlisted(cx, node);
    if (rc == RC_OK)
        rc = assign(cx, node, json_object_get(answer, "assign"));
    if (rc == RC_OK)
        rc = keys_public(cx, &keys);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_node_busy, &rows, "");
    metric_add(rc == RC_OK ? METRIC_node_heartbeats_total : METRIC_node_heartbeat_errors_total, 1);
    if (rc != RC_OK)
        return rc;
    json_object_set(answer, "keys", keys);
    json_object_set_new(answer, "every",
                        json_real(row_bool(rows, 0, 0)   ? EVERY_SHORT_S
                                  : row_bool(rows, 0, 1) ? EVERY_BUSY_S
                                                         : EVERY_IDLE_S));
    *out = answer;
    return RC_OK;
}
