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
    size_t n;
};

static enum rc check_unchanged(struct cx *cx, int64_t id, size_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_schedule_undo_check, &rows, "i", id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        if (!row_i64(rows, i, 1))
            rc = err_set(cx, RC_CONFLICT, NULL, "schedule_undo_changed", "lecture %lld was changed since",
                         (long long)row_i64(rows, i, 0));
    if (rc == RC_OK)
        *n = rows_count(rows);
    return rc;
}

/* Their halls may be taken meanwhile. */
static enum rc retake_halls(struct cx *cx, int64_t id)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    size_t lost = 0;
    enum rc rc = db_query(cx, SQL_schedule_undo_halls, &rows, "ii", actor_id(cx), id);
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    rc = booking_retake(cx, &list, &lost);
    return rc == RC_OK && lost
               ? err_set(cx, RC_CONFLICT, NULL, "hall_taken_meanwhile", "%zu halls are taken", lost)
               : rc;
}

static enum rc undo_tx(struct cx *cx, void *arg)
{
    struct undo *u = arg;
    struct course *course = NULL;
    struct rows *rows = NULL;
    size_t n = 0;
    enum rc rc = course_get(cx, ACT_COURSE_TIMETABLE, u->course_id, &course);
    if (rc == RC_OK && course->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc == RC_OK)
        rc = db_query(cx, SQL_schedule_undo_get, &rows, "iis", u->course_id, actor_id(cx), u->key);
    if (rc == RC_OK && rows_count(rows) == 0)
        rc = err_set(cx, RC_CONFLICT, NULL, "schedule_undo_over", "not the last change");
    if (rc != RC_OK)
        return rc;
    int64_t id = row_i64(rows, 0, 0);
    rc = check_unchanged(cx, id, &n);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_schedule_undo_apply, NULL, "ti", clock_now(), id);
    if (rc == RC_OK)
        rc = retake_halls(cx, id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_schedule_undo_forget, NULL, "ii", u->course_id, actor_id(cx));
    if (rc == RC_OK)
        rc = audit_write(cx, "schedule.undo", "course", u->course_id, "%zu lectures", n);
    if (rc == RC_OK)
        u->n = n;
    return rc;
}

enum rc schedule_undo(struct cx *cx, int64_t course_id, const char *key, size_t *n)
{
    struct undo u = {.course_id = course_id, .key = key};
    if (!str_is_key(str_of(key), SCHEDULE_UNDO_KEY))
        return err_set(cx, RC_CONFLICT, NULL, "schedule_undo_over", "no key");
    enum rc rc = db_tx(cx, undo_tx, &u);
    if (rc == RC_OK)
        *n = u.n;
    return rc;
}
