#include "lib/svc/live/session.h"

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/pipeline/flow/settle.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/wire/limits.h"

/* --- rows --- */

/* The columns ${live_session_cols} of sql/queries/live.sql. */
static struct live_session *read_all(struct cx *cx, const struct rows *rows)
{
    size_t n = rows_count(rows);
    struct live_session *list = arena_array(cx->arena, n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct live_session){.id = row_i64(rows, i, 0),
                                        .key = row_text(rows, i, 1),
                                        .lecture_id = row_i64(rows, i, 2),
                                        .user_id = row_i64(rows, i, 4),
                                        .token_id = row_i64(rows, i, 5),
                                        .entry_id = row_i64(rows, i, 6),
                                        .job_id = row_i64(rows, i, 7),
                                        .stopped = row_bool(rows, i, 8),
                                        .why = row_text(rows, i, 9),
                                        .silent = row_bool(rows, i, 10),
                                        .quiet = row_bool(rows, i, 11),
                                        .generation = (int)row_i64(rows, i, 12)};
        if (!wire_view_of(row_bytes(rows, i, 3), &list[i].view))
            bug("unknown view in a session");
    }
    return list;
}

static enum rc take(struct cx *cx, enum rc rc, const struct rows *rows, struct live_session **out, size_t *n)
{
    if (rc != RC_OK)
        return rc;
    *out = read_all(cx, rows);
    *n = rows_count(rows);
    return RC_OK;
}

static enum rc take_one(struct cx *cx, enum rc rc, const struct rows *rows, struct live_session **out)
{
    if (rc == RC_OK)
        *out = rows_count(rows) > 0 ? read_all(cx, rows) : NULL;
    return rc;
}

/* A lecture that is gone has no sessions any more. */
static enum rc lock_lectures(struct cx *cx, const struct rows *rows)
{
    struct rows *locked = NULL;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        rc = db_query(cx, SQL_lecture_lock, &locked, "i", row_i64(rows, i, 0));
    return rc;
}

enum rc live_session_lock(struct cx *cx, const char *key, struct live_session **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_session_lecture, &rows, "s", key);
    if (rc == RC_OK)
        rc = lock_lectures(cx, rows);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_session_lock, &rows, "s", key);
    return take_one(cx, rc, rows, out);
}

static enum rc lock_by_job(struct cx *cx, int64_t job_id, struct live_session **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_session_lock_by_job, &rows, "i", job_id);
    return take_one(cx, rc, rows, out);
}

enum rc live_session_lock_view(struct cx *cx, int64_t lecture_id, enum view_kind view,
                               struct live_session **out, size_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = view < VIEW_KIND_COUNT
                     ? db_query(cx, SQL_live_session_lock_view, &rows, "is", lecture_id, wire_view_name(view))
                     : db_query(cx, SQL_live_session_lock_lecture, &rows, "i", lecture_id);
    return take(cx, rc, rows, out, n);
}

enum rc live_session_lock_elsewhere(struct cx *cx, int64_t user_id, int64_t lecture_id,
                                    struct live_session **out, size_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_session_lectures_elsewhere, &rows, "ii", user_id, lecture_id);
    if (rc == RC_OK)
        rc = lock_lectures(cx, rows);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_session_lock_elsewhere, &rows, "ii", user_id, lecture_id);
    return take(cx, rc, rows, out, n);
}

/* --- beginning --- */

enum rc live_session_add(struct cx *cx, const struct live_session_new *n, struct live_session *out)
{
    char key[WIRE_KEY_LENGTH + 1];
    struct job_new job = {.lecture_id = n->lecture_id, .kind = JOB_LIVE, .view = n->view};
    struct db_done done = {0};
    int64_t id = 0;
    rand_key(key, sizeof key);
    job.params = arena_printf(cx->arena, "{\"session\":\"%s\"}", key);
    enum rc rc = task_add(cx, TASK_LIVE, n->lecture_id, 0, &job.task_id);
    if (rc == RC_OK)
        rc = job_add(cx, &job, &id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_session_insert, &done, "sisiiisii", key, n->lecture_id,
                     wire_view_name(n->view), n->user_id, n->token_id, n->entry_id, n->from, id,
                     (int64_t)n->generation);
    if (rc == RC_OK)
        *out = (struct live_session){.id = done.id,
                                     .key = arena_strdup(cx->arena, key),
                                     .lecture_id = n->lecture_id,
                                     .view = n->view,
                                     .user_id = n->user_id,
                                     .token_id = n->token_id,
                                     .entry_id = n->entry_id,
                                     .job_id = id,
                                     .generation = n->generation};
    return rc;
}

static bool is_held(const struct job *j)
{
    return j->state == JOB_LEASED || j->state == JOB_RUNNING;
}

static enum rc close_log(struct cx *cx, const struct job *j, const char *outcome)
{
    return db_exec(cx, SQL_job_log_close, NULL, "ssssii", outcome, NULL, NULL, "", j->id,
                   (int64_t)j->attempt);
}

enum rc live_session_lease(struct cx *cx, const struct live_session *s, int64_t node_id, struct job **job)
{
    struct job *j = NULL;
    enum rc rc = job_lock(cx, s->job_id, &j);
    if (rc == RC_OK && is_held(j)) {
        rc = close_log(cx, j, "lost");
        if (rc == RC_OK)
            rc = job_move(cx, j, JOB_ON_LOSE);
    }
    if (rc == RC_OK) {
        j->generation = s->generation;
        rc = job_lease(cx, j, node_id, 0);
    }
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_recording_insert, NULL, "iii", s->id, j->fence, node_id);
    if (rc == RC_OK)
        *job = j;
    return rc;
}

/* --- the end --- */

static enum rc settle(struct cx *cx, const struct job *j)
{
    enum rc rc = task_settle(cx, j->task_id);
    return rc == RC_OK ? settle_lecture(cx, j->lecture_id) : rc;
}

/* Session stopped, recording ended: the job is done. */
static enum rc finish(struct cx *cx, struct job *j)
{
    enum rc rc = j->state == JOB_LEASED ? job_move(cx, j, JOB_ON_START) : RC_OK;
    if (rc == RC_OK)
        rc = job_move(cx, j, JOB_ON_FINISH);
    return rc == RC_OK ? settle(cx, j) : rc;
}

static enum rc note_stop(struct cx *cx, struct live_session *s, const char *why)
{
    enum rc rc = db_exec(cx, SQL_live_session_stop, NULL, "si", why, s->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_interrupt, NULL, "i", s->lecture_id);
    s->stopped = true;
    s->why = why;
    return rc;
}

enum rc live_session_stop(struct cx *cx, struct live_session *s, const char *why)
{
    struct job *j = NULL;
    struct rows *rows = NULL;
    enum rc rc = note_stop(cx, s, why);
    if (rc == RC_OK)
        rc = job_lock(cx, s->job_id, &j);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_recording_ended, &rows, "ii", s->id, j->fence);
    if (rc == RC_OK && is_held(j) && rows_count(rows) > 0 && row_bool(rows, 0, 0))
        rc = finish(cx, j);
    return rc;
}

enum rc live_session_send_away(struct cx *cx, struct live_session *s, const char *why)
{
    struct job *j = NULL;
    enum rc rc = note_stop(cx, s, why);
    if (rc == RC_OK)
        rc = job_lock(cx, s->job_id, &j);
    if (rc != RC_OK || j->state == JOB_DONE || j->state == JOB_CANCELLED)
        return rc;
    rc = close_log(cx, j, "cancelled");
    if (rc == RC_OK)
        rc = job_move(cx, j, JOB_ON_CANCEL);
    return rc == RC_OK ? settle(cx, j) : rc;
}

/* --- reports --- */

enum rc live_session_heard(struct cx *cx, const struct job *j, int64_t silent_ms)
{
    return db_exec(cx, SQL_live_session_heard, NULL, "ii", silent_ms, j->id);
}

enum rc live_session_recorded(struct cx *cx, struct job *j, int64_t bytes)
{
    struct live_session *s = NULL;
    enum rc rc = lock_by_job(cx, j->id, &s);
    if (rc == RC_OK && !s)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "live job %lld has no session", (long long)j->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_recording_end, NULL, "iiii", bytes, bytes, s->id, j->fence);
    if (rc != RC_OK)
        return rc;
    return s->stopped ? finish(cx, j) : db_exec(cx, SQL_live_session_quiet, NULL, "i", s->id);
}
