#include "lib/svc/pipeline/records/job.h"

#include "lib/db/db.h"
#include "lib/svc/pipeline/records/job_row.h"

/* Lane and priority depend on the kind: steps that somebody waits for come first. */
static const struct {
    enum job_lane lane;
    int priority;
} kinds[JOB_KIND_COUNT] = {
    [JOB_PROBE] = {LANE_QUICK, 80},  [JOB_QUICK] = {LANE_QUICK, 70},  [JOB_FULL] = {LANE_ENCODE, 30},
    [JOB_COMMIT] = {LANE_STORE, 90}, [JOB_DELETE] = {LANE_STORE, 10}, [JOB_LIVE] = {LANE_LIVE, 100},
    [JOB_SEAL] = {LANE_STORE, 95},
};

int64_t job_lease_ms(enum job_lane lane)
{
    return lane == LANE_LIVE ? JOB_LIVE_LEASE_MS : JOB_LEASE_MS;
}

/* The columns ${job_cols} of sql/queries/job.sql. */
void job_read(const struct rows *rows, size_t i, struct job *out)
{
    *out = (struct job){.id = row_i64(rows, i, 0),
                        .task_id = row_i64(rows, i, 1),
                        .lecture_id = row_i64(rows, i, 2),
                        .source_id = row_i64(rows, i, 3),
                        .lecture_key = row_text(rows, i, 4),
                        .view = VIEW_KIND_COUNT,
                        .priority = (int)row_i64(rows, i, 9),
                        .attempt = (int)row_i64(rows, i, 10),
                        .tries = (int)row_i64(rows, i, 11),
                        .fence = row_i64(rows, i, 12),
                        .node_id = row_i64(rows, i, 13),
                        .target_node = row_i64(rows, i, 14),
                        .avoid_node = row_i64(rows, i, 15),
                        .waits_for = row_i64(rows, i, 16),
                        .generation = (int)row_i64(rows, i, 17),
                        .progress = row_double(rows, i, 18),
                        .eta = (int)row_i64(rows, i, 19),
                        .params = row_text(rows, i, 20),
                        .result = row_text(rows, i, 21),
                        .error_code = row_text(rows, i, 22),
                        .error_text = row_text(rows, i, 23),
                        .not_before = row_time(rows, i, 24),
                        .lease_expires = row_time(rows, i, 25),
                        .created = row_time(rows, i, 26),
                        .started = row_time(rows, i, 27),
                        .finished = row_time(rows, i, 28),
                        .blamed_by = row_i64(rows, i, 29)};
    if (!wire_kind_of(row_bytes(rows, i, 5), &out->kind) ||
        !wire_lane_of(row_bytes(rows, i, 6), &out->lane) || !job_state_of(row_bytes(rows, i, 7), &out->state))
        bug("unknown word in a job row");
    (void)wire_view_of(row_bytes(rows, i, 8), &out->view);
}

struct job *job_read_all(struct cx *cx, const struct rows *rows)
{
    size_t n = rows_count(rows);
    struct job *list = arena_array(cx->arena, n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        job_read(rows, i, &list[i]);
    return list;
}

enum rc job_add(struct cx *cx, const struct job_new *n, int64_t *id)
{
    const char *state = job_state_name(n->waits_for ? JOB_WAITING : JOB_QUEUED);
    const char *view = n->view < VIEW_KIND_COUNT ? wire_view_name(n->view) : NULL;
    struct db_done done;
    enum rc rc = db_exec(cx, SQL_job_insert, &done, "iiissssiiisiii", n->task_id, n->lecture_id, n->source_id,
                         wire_kind_name(n->kind), wire_lane_name(kinds[n->kind].lane), view, state,
                         (int64_t)kinds[n->kind].priority, n->target_node, n->waits_for, n->params,
                         (int64_t)n->delay_ms, -n->target_node, n->lecture_id);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

static enum rc get(struct cx *cx, enum sql sql, int64_t id, struct job **out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, sql, &rows, "i", id);
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_NOTFOUND, NULL, "job_unknown", "no job %lld", (long long)id);
    if (rc != RC_OK)
        return rc;
    *out = job_read_all(cx, rows);
    return RC_OK;
}

enum rc job_get(struct cx *cx, int64_t id, struct job **out)
{
    return get(cx, SQL_job_get, id, out);
}

enum rc job_lock(struct cx *cx, int64_t id, struct job **out)
{
    return get(cx, SQL_job_lock, id, out);
}

enum rc job_list_by_task(struct cx *cx, int64_t task_id, struct job **out, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_by_task, &rows, "i", task_id);
    if (rc != RC_OK)
        return rc;
    *out = job_read_all(cx, rows);
    *n = rows_count(rows);
    return RC_OK;
}

enum rc job_list_assigned(struct cx *cx, int64_t node_id, struct job **out, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_assigned, &rows, "i", node_id);
    if (rc != RC_OK)
        return rc;
    *out = job_read_all(cx, rows);
    *n = rows_count(rows);
    return RC_OK;
}

static enum rc illegal(struct cx *cx, const struct job *j, enum job_event event)
{
    return err_set(cx, RC_CONFLICT, NULL, "job_state",
                   "job %lld is %s: event %d is not possible or came too late", (long long)j->id,
                   job_state_name(j->state), (int)event);
}

static bool is_final(enum job_state s)
{
    return s == JOB_DONE || s == JOB_DEAD || s == JOB_CANCELLED;
}

enum rc job_move(struct cx *cx, struct job *j, enum job_event event)
{
    enum job_state to;
    struct db_done done;
    enum rc rc;
    if (event == JOB_ON_LEASE || !job_next(j->state, event, &to))
        return illegal(cx, j, event);
    rc = db_exec(cx, SQL_job_move, &done, "sbisi", job_state_name(to), (int)is_final(to), j->id,
                 job_state_name(j->state), j->fence);
    if (rc != RC_OK)
        return rc;
    if (done.affected != 1)
        return illegal(cx, j, event);
    j->state = to;
    return RC_OK;
}

enum rc job_lease(struct cx *cx, struct job *j, int64_t node_id, int rests)
{
    enum job_state to;
    struct db_done done;
    enum rc rc;
    if (!job_next(j->state, JOB_ON_LEASE, &to))
        return illegal(cx, j, JOB_ON_LEASE);
    rc = db_exec(cx, SQL_job_lease, &done, "siiiisi", job_state_name(to), node_id, (int64_t)j->generation,
                 job_lease_ms(j->lane) + rests * INT64_C(1000), j->id, job_state_name(j->state), j->fence);
    if (rc == RC_OK && done.affected != 1)
        return illegal(cx, j, JOB_ON_LEASE);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_log_insert, NULL, "iiii", j->id, (int64_t)j->attempt + 1, node_id,
                     j->fence + 1);
    if (rc != RC_OK)
        return rc;
    j->state = to;
    j->attempt++;
    j->tries++;
    j->fence++;
    j->node_id = node_id;
    return RC_OK;
}

static enum rc promote_tx(struct cx *cx, void *arg)
{
    struct job *j;
    enum rc rc = job_lock(cx, *(const int64_t *)arg, &j);
    if (rc == RC_OK && j->state == JOB_WAITING)
        rc = job_move(cx, j, JOB_ON_PROMOTE);
    return rc;
}

enum rc job_promote(struct cx *cx, int *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_ids_ready, &rows, "");
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        int64_t id = row_i64(rows, i, 0);
        rc = db_tx(cx, promote_tx, &id);
    }
    if (rc == RC_OK)
        *n = (int)rows_count(rows);
    return rc;
}

enum rc job_attempts(struct cx *cx, int64_t job_id, struct job_attempt **out, size_t *n)
{
    struct rows *rows;
    struct job_attempt *list;
    enum rc rc = db_query(cx, SQL_job_log_list, &rows, "i", job_id);
    if (rc != RC_OK)
        return rc;
    list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++)
        list[i] = (struct job_attempt){.attempt = (int)row_i64(rows, i, 0),
                                       .node = row_text(rows, i, 1),
                                       .outcome = row_text(rows, i, 2),
                                       .error_code = row_text(rows, i, 3),
                                       .error_text = row_text(rows, i, 4),
                                       .log = row_text(rows, i, 5),
                                       .started = row_time(rows, i, 6),
                                       .finished = row_time(rows, i, 7)};
    *out = list;
    *n = rows_count(rows);
    return RC_OK;
}
