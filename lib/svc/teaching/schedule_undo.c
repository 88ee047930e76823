#include "lib/svc/teaching/schedule_undo.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture_row.h"

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

/* --- keeping --- */

enum rc schedule_undo_before(struct cx *cx, int64_t course_id, const char *ids, int64_t *undo,
                             const char **key)
{
    struct db_done done = {0};
    char *fresh = arena_alloc(cx->arena, SCHEDULE_UNDO_KEY + 1);
    rand_key(fresh, SCHEDULE_UNDO_KEY + 1);
    enum rc rc =
        db_exec(cx, SQL_schedule_undo_replace, &done, "iist", course_id, actor_id(cx), fresh, clock_now());
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_schedule_undo_before, NULL, "is", done.id, ids);
    if (rc == RC_OK) {
        *undo = done.id;
        *key = fresh;
    }
    return rc;
}

enum rc schedule_undo_after(struct cx *cx, int64_t undo)
{
    return db_exec(cx, SQL_schedule_undo_after, NULL, "i", undo);
}

/* --- undoing --- */

struct undo {
    int64_t course_id;
    const char *key;
    struct schedule_undone out;
};

/* check: schedule_undo_check or series_undo_check. */
static enum rc check_unchanged(struct cx *cx, enum sql check, int64_t id, size_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, check, &rows, "i", id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        if (!row_i64(rows, i, 1))
            rc = err_set(cx, RC_CONFLICT, NULL, "schedule_undo_changed", "lecture %lld was changed since",
                         (long long)row_i64(rows, i, 0));
    if (rc == RC_OK)
        *n = rows_count(rows);
    return rc;
}

/* Their halls may be taken meanwhile, or not be given any more. since: of the change. */
static enum rc retake_halls(struct cx *cx, int64_t id, int64_t since, size_t *asked)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    struct booking_retaken retaken;
    enum rc rc = db_query(cx, SQL_schedule_undo_halls, &rows, "ii", actor_id(cx), id);
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    rc = booking_retake(cx, &list, since, &retaken);
    if (rc == RC_OK && retaken.lost)
        rc = err_set(cx, RC_CONFLICT, NULL, "hall_taken_meanwhile", "%zu halls cannot be had", retaken.lost);
    if (rc == RC_OK)
        *asked = retaken.asked;
    return rc;
}

static enum rc undo_change(struct cx *cx, struct undo *u, int64_t id, int64_t since)
{
    enum rc rc = check_unchanged(cx, SQL_schedule_undo_check, id, &u->out.n);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_schedule_undo_apply, NULL, "ti", clock_now(), id);
    if (rc == RC_OK)
        rc = retake_halls(cx, id, since, &u->out.asked);
    return rc == RC_OK ? db_exec(cx, SQL_schedule_undo_forget, NULL, "ii", u->course_id, actor_id(cx)) : rc;
}

/* Nobody has done anything with its lectures, so nothing of them has to be kept. */
static enum rc undo_series(struct cx *cx, struct undo *u, int64_t id)
{
    enum rc rc = check_unchanged(cx, SQL_series_undo_check, id, &u->out.n);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_series_undo_lectures, NULL, "i", id);
    return rc == RC_OK ? db_exec(cx, SQL_series_undo_series, NULL, "i", id) : rc;
}

static enum rc undo_tx(struct cx *cx, void *arg)
{
    struct undo *u = arg;
    struct course *course = NULL;
    struct rows *change = NULL, *series = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_TIMETABLE, u->course_id, &course);
    if (rc == RC_OK && course->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc == RC_OK)
        rc = db_query(cx, SQL_schedule_undo_get, &change, "iis", u->course_id, actor_id(cx), u->key);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_series_undo_get, &series, "is", u->course_id, u->key);
    if (rc != RC_OK)
        return rc;
    u->out = (struct schedule_undone){.made = rows_count(change) == 0};
    if (rows_count(change) > 0)
        rc = undo_change(cx, u, row_i64(change, 0, 0), row_time(change, 0, 1));
    else if (rows_count(series) > 0)
        rc = undo_series(cx, u, row_i64(series, 0, 0));
    else
        rc = err_set(cx, RC_CONFLICT, NULL, "schedule_undo_over", "not the last change");
    return rc == RC_OK ? audit_write(cx, "schedule.undo", "course", u->course_id, "%zu lectures%s", u->out.n,
                                     u->out.made ? ", which were new" : "")
                       : rc;
}

enum rc schedule_undo(struct cx *cx, int64_t course_id, const char *key, struct schedule_undone *out)
{
    struct undo u = {.course_id = course_id, .key = key};
    if (!str_is_key(str_of(key), SCHEDULE_UNDO_KEY))
        return err_set(cx, RC_CONFLICT, NULL, "schedule_undo_over", "no key");
    enum rc rc = db_tx(cx, undo_tx, &u);
    if (rc == RC_OK)
        *out = u.out;
    return rc;
}
