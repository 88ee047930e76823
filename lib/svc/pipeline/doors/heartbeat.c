#include "lib/svc/pipeline/doors/heartbeat.h"

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/metrics.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/doors/assign.h"
#include "lib/svc/pipeline/doors/pace.h"

enum {
    UNLISTED_MS = 3000 /* a running job not listed for so long is lost; less could be a late heartbeat */
};

static enum rc keep_load(struct cx *cx, const struct node_info *node, const struct wire_beat *r,
                         const struct pace *pace)
{
    const struct wire_load *l = &r->load;
    int64_t quick = r->slots[LANE_QUICK], encode = r->slots[LANE_ENCODE], store = r->slots[LANE_STORE],
            live = r->slots[LANE_LIVE];
    return db_exec(cx, SQL_node_seen, NULL, "sdiiiiiiiiiiii", r->version, l->cpu, l->memory_used,
                   l->memory_total, l->disk_free, l->disk_total, l->uptime, quick, encode, store, live,
                   r->store, (int64_t)pace->rests, node->id);
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

/* The answer while it grows: its lists have room for everything a message may hold. */
struct draft {
    int64_t acked[WIRE_JOBS_MAX], cancel[WIRE_JOBS_MAX];
    const char *uploads[WIRE_UPLOADS_MAX], *drop[WIRE_UPLOADS_MAX], *seal[WIRE_UPLOADS_MAX];
    struct wire_refusal refused[WIRE_JOBS_MAX];
    struct wire_renewal tokens[WIRE_JOBS_MAX];
    struct wire_assign assign[WIRE_JOBS_MAX];
    struct wire_answer answer;
};

static enum rc take_uploads(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                            struct draft *d)
{
    struct wire_answer *a = &d->answer;
    for (size_t i = 0; i < b->upload_count && i < WIRE_UPLOADS_MAX; i++) {
        enum upload_answer answer;
        enum rc rc = arrival_complete(cx, node->id, &b->uploads[i], &answer);
        if (rc == RC_OK && answer == UPLOAD_ANSWER_ACK)
            d->uploads[a->ack.upload_count++] = b->uploads[i].id;
        else if (rc == RC_OK && answer == UPLOAD_ANSWER_DROP)
            d->drop[a->upload_drop_count++] = b->uploads[i].id;
        rc = excuse(cx, rc, "report of an upload failed");
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static void answer_job(struct draft *d, const struct wire_report *r, enum job_answer answer)
{
    struct wire_answer *a = &d->answer;
    if (answer == JOB_ANSWER_ACK)
        d->acked[a->ack.job_count++] = r->job;
    else if (answer == JOB_ANSWER_CANCEL)
        d->cancel[a->cancel_count++] = r->job;
    else if (answer == JOB_ANSWER_REFUSED)
        d->refused[a->refused_count++] = (struct wire_refusal){r->job, r->attempt};
}

/* If renewing fails, the next heartbeat asks for it again. */
static void renew_token(struct cx *cx, const struct wire_report *r, struct draft *d)
{
    bool due;
    if (assign_renew_token(cx, r, &due, &d->tokens[d->answer.token_count]) != RC_OK) {
        log_err(LOG_ERROR, cx, "a job's token cannot be renewed");
        err_clear(cx);
    } else if (due) {
        d->answer.token_count++;
    }
}

static enum rc take_jobs(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                         struct draft *d)
{
    for (size_t i = 0; i < b->job_count && i < WIRE_JOBS_MAX; i++) {
        enum job_answer answer;
        enum rc rc = report_take(cx, node->id, &b->jobs[i], &answer);
        if (rc == RC_OK)
            answer_job(d, &b->jobs[i], answer);
        if (rc == RC_OK && answer == JOB_ANSWER_RENEWED)
            renew_token(cx, &b->jobs[i], d);
        rc = excuse(cx, rc, "report of a job failed");
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* A restarted node does not know its jobs any more: they need not wait for the end of their leases. */
static enum rc end_unlisted(struct cx *cx, const struct node_info *node)
{
    return db_exec(cx, SQL_job_end_unlisted, NULL, "iii", node->id, (int64_t)JOB_LIVE_LEASE_MS - UNLISTED_MS,
                   (int64_t)JOB_LEASE_MS - UNLISTED_MS);
}

/* All jobs that are leased to the node and that it does not know yet, also because an answer was lost. */
static enum rc assign(struct cx *cx, const struct node_info *node, struct draft *d)
{
    struct job *jobs;
    size_t n;
    enum rc rc = job_list_assigned(cx, node->id, &jobs, &n);
    for (size_t i = 0; rc == RC_OK && i < n && i < WIRE_JOBS_MAX; i++) {
        rc = assign_job(cx, &jobs[i], &d->assign[d->answer.assign_count]);
        d->answer.assign_count += rc == RC_OK;
        rc = excuse(cx, rc, "a job cannot be handed out");
    }
    return rc;
}

/* Recordings of live streams whose ingest is gone: the store takes what it has. */
static enum rc add_sealed(struct cx *cx, const struct node_info *node, struct draft *d)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_live_sealed, &rows, "ii", node->id, (int64_t)WIRE_UPLOADS_MAX);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows) && i < WIRE_UPLOADS_MAX; i++)
        d->seal[d->answer.upload_seal_count++] = row_text(rows, i, 0);
    return RC_OK;
}

/* What is left when the reports are taken. Most heartbeats have none, and most nodes have no job. The keys go
 * out when the row is written, and not to those that are workers only, since these verify no tokens: reading
 * them costs more than all the rest of a heartbeat. */
static enum rc finish(struct cx *cx, const struct node_info *node, const struct wire_beat *b, struct draft *d)
{
    struct pace_look look;
    struct pace pace;
    json_t *keys = NULL;
    enum rc rc = pace_look(cx, node, b, &look);
    if (rc == RC_OK)
        rc = pace_find(cx, node, b, &look, &pace);
    if (rc == RC_OK && look.news)
        rc = keep_load(cx, node, b, &pace);
    else if (rc == RC_OK && (node->roles & NODE_INGEST)) /* a stream goes to one that was heard just now */
        rc = db_exec(cx, SQL_node_heard, NULL, "i", node->id);
    if (rc == RC_OK && look.news && (node->roles & ~(unsigned)NODE_WORKER))
        rc = keys_public(cx, &keys);
    if (rc == RC_OK && look.news && (node->roles & NODE_STORAGE))
        rc = add_sealed(cx, node, d);
    if (rc == RC_OK && look.holds)
        rc = end_unlisted(cx, node);
    if (rc == RC_OK && look.holds)
        rc = assign(cx, node, d);
    if (rc != RC_OK)
        return rc;
    d->answer.every = pace.every;
    d->answer.keys = keys;
    return RC_OK;
}

enum rc heartbeat_take(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                       struct wire_answer *out)
{
    struct draft *d = arena_alloc(cx->arena, sizeof *d);
    d->answer = (struct wire_answer){.node = node->id,
                                     .ack = {.jobs = d->acked, .uploads = d->uploads},
                                     .assign = d->assign,
                                     .cancel = d->cancel,
                                     .refused = d->refused,
                                     .tokens = d->tokens,
                                     .upload_drop = d->drop,
                                     .upload_seal = d->seal};
    enum rc rc = take_uploads(cx, node, b, d);
    if (rc == RC_OK)
        rc = take_jobs(cx, node, b, d);
    if (rc == RC_OK)
        rc = finish(cx, node, b, d);
    metric_add(rc == RC_OK ? METRIC_node_heartbeats_total : METRIC_node_heartbeat_errors_total, 1);
    if (rc != RC_OK)
        return rc;
    *out = d->answer;
    return RC_OK;
}
