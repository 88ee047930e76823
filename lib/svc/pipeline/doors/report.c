#include "lib/svc/pipeline/doors/report.h"

#include "lib/base/backoff.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/os/metrics.h"
#include "lib/svc/live/session.h"
#include "lib/svc/pipeline/doors/verdict.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/fault.h"
#include "lib/svc/pipeline/records/job_row.h"
#include "lib/svc/pipeline/records/task.h"

enum { ETA_MAX = 30 * 24 * 3600 /* seconds */ };

/* What a transaction did with a job. db_tx may run it again: it is logged when it is committed. */
struct outcome {
    struct job *job; /* in its new state; NULL: nothing happened to it */
    bool lost;       /* the node stopped reporting */
    bool failing;    /* its node has begun to fail whatever it is given */
};

static void tell(struct cx *cx, const struct outcome *o)
{
    const struct job *j = o->job;
    if (!j)
        return;
    if (o->lost) {
        metric_add(METRIC_schedd_leases_expired_total, 1);
        LOG(WARN, cx, "lease lost", F_NUM("job", j->id), F_NUM("attempt", j->attempt),
            F_NUM("holder", j->node_id));
    }
    if (j->state == JOB_DONE)
        LOG(INFO, cx, "job done", F_NUM("job", j->id), F_TEXT("kind", wire_kind_name(j->kind)),
            F_TEXT("lecture", j->lecture_key), F_NUM("attempt", j->attempt));
    if (j->state == JOB_DEAD)
        LOG(WARN, cx, "job given up", F_NUM("job", j->id), F_TEXT("kind", wire_kind_name(j->kind)),
            F_TEXT("lecture", j->lecture_key), F_TEXT("code", j->error_code), F_TEXT("text", j->error_text));
    if (o->failing)
        LOG(WARN, cx,
            "a node fails whatever it is given: it gets one job at a time until one succeeds; "
            "lecternctl check says more",
            F_NUM("holder", j->node_id), F_TEXT("code", j->error_code), F_NUM("task", j->task_id));
}

static bool is(const char *code, enum failure f)
{
    return strcmp(code, wire_failure_name(f)) == 0;
}

/* At most WIRE_TEXT_MAX bytes, whole characters, without control characters. */
static const char *shorten(struct cx *cx, const char *text)
{
    return text ? str_printable(cx->arena, str_utf8_cut(str_of(text), WIRE_TEXT_MAX)) : NULL;
}

/* Doubled twice with each try. */
static int64_t rest_ms(int tries)
{
    return backoff_ms(2 * tries - 1, JOB_BACKOFF_MS, JOB_BACKOFF_MAX_MS);
}

static enum rc close_log(struct cx *cx, const struct job *j, const char *outcome, const char *log)
{
    return db_exec(cx, SQL_job_log_close, NULL, "ssssii", outcome, j->error_code, j->error_text,
                   str_printable(cx->arena, str_of(log)), j->id, (int64_t)j->attempt);
}

static enum rc start_if_leased(struct cx *cx, struct job *j)
{
    return j->state == JOB_LEASED ? job_move(cx, j, JOB_ON_START) : RC_OK;
}

/* Who has just begun may guess anything. */
static int64_t eta_of(const struct wire_report *r)
{
    return r->eta <= ETA_MAX ? (int64_t)r->eta : -1;
}

static enum rc take_running(struct cx *cx, struct job *j, const struct wire_report *r)
{
    enum rc rc = start_if_leased(cx, j);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_renew, NULL, "diiii", r->progress, eta_of(r), job_lease_ms(j->lane), j->id,
                     j->fence);
    if (rc == RC_OK && j->kind == JOB_LIVE)
        rc = live_session_heard(cx, j, (int64_t)(r->silent * 1000));
    if (rc == RC_OK && j->kind == JOB_LIVE && r->shown)
        rc = dvr_shown(cx, j);
    return rc;
}

static enum rc take_done(struct cx *cx, struct job *j, const struct wire_report *r)
{
    const char *text = r->outputs ? js_text(cx, r->outputs).p : "{}";
    enum rc rc = start_if_leased(cx, j);
    if (rc == RC_OK)
        rc = job_move(cx, j, JOB_ON_FINISH);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_result, NULL, "si", text, j->id);
    j->result = text;
    j->error_code = j->error_text = NULL;
    if (rc == RC_OK)
        rc = close_log(cx, j, "done", r->log);
    if (rc == RC_OK)
        rc = fault_clear(cx, j);
    return rc == RC_OK ? publish_job_done(cx, j, r->outputs) : rc;
}

/* The ingest has all it will get of the stream, or gets nothing. That is not the end of the job while the publisher is there: the
 * entry asks for another ingest. */
static enum rc take_live_end(struct cx *cx, struct job *j, const struct wire_report *r)
{
    bool failed = r->state == REPORT_FAILED;
    enum rc rc = start_if_leased(cx, j);
    j->error_code = failed ? wire_failure_name(r->error.code) : NULL;
    j->error_text = failed ? shorten(cx, r->error.text) : NULL;
    if (rc == RC_OK)
        rc = close_log(cx, j, failed ? "failed" : "done", r->log);
    return rc == RC_OK ? live_session_recorded(cx, j, failed ? 0 : js_get_i64(r->outputs, "bytes", 0)) : rc;
}

/* A worker that is stopped gives its jobs back. That says nothing about the job, so the attempt does not
 * count; but only a limited number of times, since nodes belong to other people. */
static enum rc give_back(struct cx *cx, struct job *j)
{
    if (!is(j->error_code, FAIL_KILLED) || j->attempt - j->tries >= JOB_MAX_GIVEN_BACK)
        return RC_OK;
    j->tries--;
    return db_exec(cx, SQL_job_set_tries, NULL, "ii", (int64_t)j->tries, j->id);
}

/* Does the failure say something about the node? Not if it was stopped, if it stopped reporting (it is seen to
 * be silent), or if it found that the files that others sent it are spoilt. */
static bool is_fault(const struct job *j, bool permanent)
{
    if (is(j->error_code, FAIL_KILLED))
        return permanent;
    return !is(j->error_code, FAIL_LOST) && !(j->target_node && is(j->error_code, FAIL_VERIFY));
}

/* The next try goes elsewhere if it can. A second node is asked at once: somebody waits for the answer. */
static enum rc try_again(struct cx *cx, struct job *j, bool ask)
{
    enum rc rc = job_move(cx, j, JOB_ON_RETRY);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_retry, NULL, "iiii", ask ? 0 : rest_ms(j->tries), j->node_id,
                     ask ? j->node_id : 0, j->id);
    return rc;
}

static enum rc give_up(struct cx *cx, struct job *j, bool recording)
{
    enum rc rc = job_move(cx, j, JOB_ON_GIVE_UP);
    if (rc == RC_OK)
        rc = fault_excuse(cx, j);
    return rc == RC_OK ? publish_job_dead(cx, j, recording) : rc;
}

/* leased|running → failed → queued | dead, in the caller's transaction. permanent: as the node says. */
static enum rc fail(struct cx *cx, struct outcome *o, bool permanent, const char *log)
{
    struct job *j = o->job;
    enum verdict v = VERDICT_AGAIN;
    enum rc rc = give_back(cx, j);
    if (rc == RC_OK)
        rc = verdict_find(cx, j, permanent, &v);
    if (rc == RC_OK)
        rc = job_move(cx, j, JOB_ON_FAIL);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_error, NULL, "ssi", j->error_code, j->error_text, j->id);
    if (rc == RC_OK)
        rc = close_log(cx, j, is(j->error_code, FAIL_LOST) ? "lost" : "failed", log);
    if (rc == RC_OK && is_fault(j, permanent))
        rc = fault_note(cx, j, &o->failing);
    if (rc != RC_OK)
        return rc;
    if (v == VERDICT_AGAIN || v == VERDICT_ASK)
        return try_again(cx, j, v == VERDICT_ASK);
    return give_up(cx, j, v == VERDICT_RECORDING);
}

/* Some failures are permanent by their nature, whatever the node says. */
static enum rc take_failed(struct cx *cx, struct outcome *o, const struct wire_report *r)
{
    o->job->error_code = wire_failure_name(r->error.code);
    o->job->error_text = shorten(cx, r->error.text);
    return fail(cx, o, r->error.permanent || wire_failure(r->error.code)->permanent, r->log);
}

/* A report about an attempt that is not running (any more). If it repeats a final report that was accepted,
 * it is acknowledged; all others are refused. */
static enum rc answer_stale(struct cx *cx, const struct job *j, int64_t node_id, const struct wire_report *r,
                            enum job_answer *out)
{
    struct rows *rows;
    enum rc rc =
        db_query(cx, SQL_job_log_outcome, &rows, "iiii", r->job, (int64_t)r->attempt, node_id, r->fence);
    const char *outcome;
    if (rc != RC_OK)
        return rc;
    outcome = rows_count(rows) > 0 ? row_text(rows, 0, 0) : "";
    if (r->state != REPORT_RUNNING && (strcmp(outcome, "done") == 0 || strcmp(outcome, "failed") == 0))
        *out = JOB_ANSWER_ACK;
    else if (j->state == JOB_CANCELLED && strcmp(outcome, "cancelled") == 0)
        *out = JOB_ANSWER_CANCEL;
    else
        *out = JOB_ANSWER_REFUSED;
    return RC_OK;
}

struct report_tx {
    int64_t node_id;
    const struct wire_report *r;
    enum job_answer answer;
    struct outcome outcome;
};

/* Of a live job the lecture first, as whoever ends its stream takes them; then the job. */
static enum rc lock_job(struct cx *cx, int64_t id, struct job **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_job_live_lecture, &rows, "i", id);
    if (rc == RC_OK && rows_count(rows) > 0)
        rc = db_query(cx, SQL_lecture_lock, &rows, "i", row_i64(rows, 0, 0));
    return rc == RC_OK ? job_lock(cx, id, out) : rc;
}

static enum rc report_tx(struct cx *cx, void *arg)
{
    struct report_tx *t = arg;
    const struct wire_report *r = t->r;
    enum job_answer answer = r->state == REPORT_RUNNING ? JOB_ANSWER_RENEWED : JOB_ANSWER_ACK;
    struct job *j;
    enum rc rc = lock_job(cx, r->job, &j);
    t->outcome = (struct outcome){0};
    if (rc != RC_OK)
        return rc;
    if ((j->state != JOB_LEASED && j->state != JOB_RUNNING) || j->node_id != t->node_id ||
        j->fence != r->fence || j->attempt != r->attempt)
        return answer_stale(cx, j, t->node_id, r, &t->answer);
    t->outcome.job = j;
    if (r->state == REPORT_RUNNING)
        rc = take_running(cx, j, r);
    else if (j->kind == JOB_LIVE)
        rc = take_live_end(cx, j, r);
    else if (r->state == REPORT_DONE)
        rc = take_done(cx, j, r);
    else
        rc = take_failed(cx, &t->outcome, r);
    if (rc == RC_OK)
        t->answer = answer;
    return rc;
}

enum rc report_take(struct cx *cx, int64_t node_id, const struct wire_report *r, enum job_answer *out)
{
    struct report_tx t = {.node_id = node_id, .r = r};
    enum rc rc = db_tx(cx, report_tx, &t);
    struct wire_report bad;
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        *out = JOB_ANSWER_REFUSED;
        return RC_OK;
    }
    if (rc == RC_INVALID && r->state == REPORT_DONE) {
        log_err(LOG_WARN, cx, "outputs of a job do not say what they must");
        bad = *r;
        bad.state = REPORT_FAILED;
        bad.error = (struct wire_error){.code = FAIL_INTERNAL, .text = cx->err.detail};
        err_clear(cx);
        t.r = &bad;
        rc = db_tx(cx, report_tx, &t);
    }
    if (rc != RC_OK)
        return rc;
    tell(cx, &t.outcome);
    *out = t.answer;
    return RC_OK;
}

/* --- lost leases --- */

static enum rc lose(struct cx *cx, struct outcome *o)
{
    struct job *j = o->job;
    j->error_code = wire_failure_name(FAIL_LOST);
    j->error_text = "the node stopped reporting";
    if (j->tries >= JOB_MAX_TRIES)
        return fail(cx, o, false, "");
    enum rc rc = job_move(cx, j, JOB_ON_LOSE);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_error, NULL, "ssi", j->error_code, j->error_text, j->id);
    if (rc == RC_OK)
        rc = close_log(cx, j, "lost", "");
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_retry, NULL, "iiii", rest_ms(j->tries), j->node_id, (int64_t)0, j->id);
    return rc;
}

struct expire_tx {
    struct outcome *all;
    size_t n;
};

static enum rc expire_tx(struct cx *cx, void *arg)
{
    struct expire_tx *t = arg;
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_expired, &rows, "");
    if (rc != RC_OK)
        return rc;
    t->n = rows_count(rows);
    t->all = arena_array(cx->arena, t->n + 1, sizeof *t->all);
    for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
        struct job *j = arena_alloc(cx->arena, sizeof *j);
        job_read(rows, i, j);
        t->all[i] = (struct outcome){.job = j, .lost = true};
        rc = lose(cx, &t->all[i]);
    }
    return rc;
}

enum rc report_expire(struct cx *cx, int *n)
{
    struct expire_tx t = {0};
    enum rc rc = db_tx(cx, expire_tx, &t);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < t.n; i++)
        tell(cx, &t.all[i]);
    *n = (int)t.n;
    return RC_OK;
}
