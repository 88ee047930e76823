#include "lib/svc/pipeline/records/task.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/policy.h"

static const char *const kind_names[TASK_KIND_COUNT] = {"publish", "delete", "live"};

WORDS_NAME(task_kind_name, enum task_kind, kind_names, TASK_KIND_COUNT)
static WORDS_OF(kind_of, enum task_kind, kind_names, TASK_KIND_COUNT)

    /* The columns ${task_cols} of sql/queries/task.sql. */
    static void read_row(const struct rows *rows, size_t i, struct task *out)
{
    *out = (struct task){.id = row_i64(rows, i, 0),
                         .state = row_text(rows, i, 2),
                         .lecture_id = row_i64(rows, i, 3),
                         .lecture_key = row_text(rows, i, 4),
                         .lecture_title = row_text(rows, i, 5),
                         .course_slug = row_text(rows, i, 6),
                         .view = row_text(rows, i, 7),
                         .file = row_text(rows, i, 8),
                         .created = row_time(rows, i, 9),
                         .finished = row_time(rows, i, 10),
                         .job_id = row_i64(rows, i, 11),
                         .job_kind = row_text(rows, i, 12),
                         .job_state = row_text(rows, i, 13),
                         .progress = row_double(rows, i, 14),
                         .eta = (int)row_i64(rows, i, 15),
                         .error_code = row_text(rows, i, 16),
                         .error_text = row_text(rows, i, 17)};
    if (!kind_of(row_bytes(rows, i, 1), &out->kind))
        bug("unknown word in a task row");
}

enum rc task_list(struct cx *cx, bool open_only, int limit, struct task **out, size_t *n)
{
    struct rows *rows;
    struct task *list;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_task_list, &rows, "bi", (int)open_only, (int64_t)limit);
    if (rc != RC_OK)
        return rc;
    list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++)
        read_row(rows, i, &list[i]);
    *out = list;
    *n = rows_count(rows);
    return RC_OK;
}

enum rc task_get(struct cx *cx, int64_t id, struct task **out)
{
    struct rows *rows;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_task_get, &rows, "i", id);
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_NOTFOUND, NULL, "task_unknown", "no task %lld", (long long)id);
    if (rc != RC_OK)
        return rc;
    *out = arena_alloc(cx->arena, sizeof **out);
    read_row(rows, 0, *out);
    return RC_OK;
}

enum rc task_count(struct cx *cx, struct task_counts *out)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_task_count, &rows, "");
    if (rc != RC_OK)
        return rc;
    *out = (struct task_counts){0};
    for (size_t i = 0; i < rows_count(rows); i++) {
        enum job_lane lane;
        enum job_state state;
        if (wire_lane_of(row_bytes(rows, i, 0), &lane) && job_state_of(row_bytes(rows, i, 1), &state))
            out->jobs[lane][state] = (int)row_i64(rows, i, 2);
    }
    return RC_OK;
}

enum rc task_add(struct cx *cx, enum task_kind kind, int64_t lecture_id, int64_t source_id, int64_t *id)
{
    struct db_done done;
    enum rc rc = db_exec(cx, SQL_task_insert, &done, "sii", task_kind_name(kind), lecture_id, source_id);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

enum rc task_settle(struct cx *cx, int64_t task_id)
{
    struct rows *rows;
    int64_t in[JOB_STATE_COUNT] = {0}, over = 0, all = 0;
    const char *state;
    enum rc rc = db_query(cx, SQL_task_job_states, &rows, "i", task_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        enum job_state s;
        if (job_state_of(row_bytes(rows, i, 0), &s))
            in[s] = row_i64(rows, i, 1);
        all += row_i64(rows, i, 1);
    }
    over = in[JOB_DONE] + in[JOB_DEAD] + in[JOB_CANCELLED];
    if (over < all)
        return RC_OK;
    state = in[JOB_DEAD] ? "failed" : in[JOB_CANCELLED] ? "cancelled" : "done";
    return db_exec(cx, SQL_task_close, NULL, "sis", state, task_id, state);
}
