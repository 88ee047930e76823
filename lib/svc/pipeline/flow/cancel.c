#include "lib/svc/pipeline/flow/cancel.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/records/job_row.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"

enum { PARAMS_MAX = 65536 };

static enum rc cancel(struct cx *cx, struct job *j)
{
    enum rc rc = job_move(cx, j, JOB_ON_CANCEL);
    if (rc == RC_OK && j->attempt > 0)
        rc = db_exec(cx, SQL_job_log_close, NULL, "ssssii", "cancelled", NULL, NULL, "", j->id,
                     (int64_t)j->attempt);
    return rc == RC_OK ? task_settle(cx, j->task_id) : rc;
}

/* The job whose results this job made or was to commit; *maker is NULL if there are none. */
static enum rc find_maker(struct cx *cx, struct job *j, struct job **maker)
{
    const json_t *params;
    enum rc rc;
    *maker = j->kind == JOB_QUICK || j->kind == JOB_FULL ? j : NULL;
    if (j->kind != JOB_COMMIT)
        return RC_OK;
    rc = js_parse_object(cx, str_of(j->params), PARAMS_MAX, &params);
    return rc == RC_OK ? job_get(cx, js_get_i64(params, "from", 0), maker) : rc;
}

static enum rc drop_outputs(struct cx *cx, struct job *j)
{
    struct job *maker;
    struct lecture *l;
    const char **paths;
    enum rc rc = find_maker(cx, j, &maker);
    if (rc != RC_OK || !maker || maker->attempt == 0)
        return rc;
    rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc != RC_OK)
        return rc;
    paths = arena_array(cx->arena, (size_t)maker->attempt + 1, sizeof *paths);
    for (int i = 0; i < maker->attempt; i++)
        paths[i] = arena_printf(cx->arena, "incoming/%s/%lld-%d", l->key, (long long)maker->id, i + 1);
    return removal_queue(
        cx, &(struct removal){
                .lecture_id = l->id, .node_id = l->node_id, .paths = paths, .delay_ms = REMOVAL_ATTEMPT_MS});
}

static enum rc cancel_rows(struct cx *cx, const struct rows *rows, bool drop)
{
    struct job *list = job_read_all(cx, rows);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        rc = cancel(cx, &list[i]);
        if (rc == RC_OK && drop)
            rc = drop_outputs(cx, &list[i]);
    }
    return rc;
}

enum rc cancel_by_lecture(struct cx *cx, int64_t lecture_id)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_open, &rows, "iii", lecture_id, (int64_t)0, (int64_t)0);
    return rc == RC_OK ? cancel_rows(cx, rows, false) : rc;
}

enum rc cancel_by_source(struct cx *cx, int64_t lecture_id, int64_t source_id)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_open, &rows, "iii", lecture_id, source_id, source_id);
    return rc == RC_OK ? cancel_rows(cx, rows, true) : rc;
}

enum rc cancel_superseded(struct cx *cx, int64_t lecture_id, enum view_kind view, int64_t source_id)
{
    struct rows *rows;
    enum rc rc =
        db_query(cx, SQL_job_list_superseded, &rows, "isi", lecture_id, wire_view_name(view), source_id);
    return rc == RC_OK ? cancel_rows(cx, rows, true) : rc;
}
