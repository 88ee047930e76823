/* What people can do with a lecture: create, edit, publish, delete and undo. */
#include "lib/svc/teaching/lecture.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/schedule.h"

static const int64_t UNDO_MS = (int64_t)LECTURE_UNDO_DAYS * 24 * 3600 * 1000;

/* --- create, edit --- */

static enum rc check_there(struct cx *cx, const struct policy_object *object)
{
    return object->deleted ? err_set(cx, RC_CONFLICT, NULL, "deleted", "it or its course is deleted") : RC_OK;
}

/* A lecture to change. */
static enum rc get_there(struct cx *cx, enum action action, const char *key, struct lecture **out)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(cx, action, key, &l);
    if (rc == RC_OK)
        rc = check_there(cx, &l->object);
    if (rc == RC_OK)
        *out = l;
    return rc;
}

/* From 2000 to 2100: other years are mistakes, and the database may not hold them. */
bool lecture_time_ok(int64_t at)
{
    return at >= INT64_C(946684800000) && at < INT64_C(4102444800000);
}

static enum rc check_texts(struct cx *cx, const struct lecture_edit *in)
{
    enum rc rc = check_line(cx, in->title, LECTURE_TITLE_MAX, "title", "lecture_title_invalid");
    return rc == RC_OK ? check_text(cx, in->description, LECTURE_DESCRIPTION_MAX, "description",
                                    "lecture_description_long")
                       : rc;
}

static enum rc check_times(struct cx *cx, const struct lecture_edit *in)
{
    enum rc rc = check_text(cx, in->hall, SCHEDULE_HALL_MAX, "hall", "schedule_hall");
    if (rc != RC_OK)
        return rc;
    if (lecture_time_ok(in->starts_at) &&
        (in->ends_at == NO_TIME || (lecture_time_ok(in->ends_at) && in->ends_at > in->starts_at)))
        return RC_OK;
    return err_set(cx, RC_INVALID, "ends_at", "lecture_times",
                   "a lecture ends after it begins, from 2000 to 2100");
}

struct edit {
    int64_t course_id, id;
    const char *key;
    const struct lecture_edit *in;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct edit *e = arg;
    const struct lecture_edit *in = e->in;
    struct course *course = NULL;
    struct db_done done = {0};
    char *key = arena_alloc(cx->arena, LECTURE_KEY_LENGTH + 1);
    int64_t now = clock_now();
    bool over = (in->ends_at != NO_TIME ? in->ends_at : in->starts_at) <= now;
    rand_key(key, LECTURE_KEY_LENGTH + 1);
    enum rc rc = course_get(cx, ACT_COURSE_TIMETABLE, e->course_id, &course);
    if (rc == RC_OK)
        rc = check_there(cx, &course->object);
    struct booking hall = {
        .field = "hall", .hall = in->hall, .starts_at = in->starts_at, .ends_at = in->ends_at};
    if (rc == RC_OK)
        rc = booking_take(cx, course->object.organisation_path, &hall, 1);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_lecture_insert, &done, "sssttsttsisi", key, in->title,
                     in->description ? in->description : "", in->starts_at, in->ends_at,
                     time_state_name(over ? TIME_ENDED : TIME_PLANNED), now, now, hall.text, hall.hall_id,
                     hall_state_name(hall.state), e->course_id);
    if (rc == RC_OK)
        rc = audit_write(cx, "lecture.create", "lecture", done.id, "%s", key);
    if (rc == RC_OK) {
        e->key = key;
        e->id = done.id;
    }
    return rc;
}

enum rc lecture_create(struct cx *cx, int64_t course_id, const struct lecture_edit *in, const char **key,
                       int64_t *id)
{
    struct edit e = {.course_id = course_id, .in = in};
    enum rc rc = check_texts(cx, in);
    if (rc == RC_OK)
        rc = check_times(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &e);
    if (rc != RC_OK)
        return rc;
    *key = e.key;
    if (id)
        *id = e.id;
    return RC_OK;
}

const char *lecture_seen(struct cx *cx, const struct lecture *l, bool texts, bool times)
{
    const char *text[] = {l->title, l->description, arena_printf(cx->arena, "%lld", (long long)l->starts_at),
                          arena_printf(cx->arena, "%lld", (long long)l->ends_at), lecture_hall(l)};
    size_t first = texts ? 0 : 2, end = times ? sizeof text / sizeof *text : 2;
    return seen_of(cx, text + first, end - first);
}

/* Its times and its hall, as they will be. A form that says the hall that the lecture has asks for nothing. */
static enum rc take_place(struct cx *cx, const struct lecture *l, const struct lecture_edit *in,
                          struct booking *b)
{
    bool times = in->starts_at != NO_TIME;
    bool same = !in->hall || strcmp(in->hall, lecture_hall(l)) == 0;
    *b = (struct booking){.field = "hall",
                          .hall = times && !same ? in->hall : NULL,
                          .starts_at = times ? in->starts_at : l->starts_at,
                          .ends_at = times ? in->ends_at : l->ends_at,
                          .lecture = l};
    return booking_take(cx, l->organisation_path, b, 1);
}

/* The lecture is locked before it is read again: of two who change its place, the second sees what the first wrote. */
static enum rc update_tx(struct cx *cx, void *arg)
{
    const struct edit *e = arg;
    const struct lecture_edit *in = e->in;
    struct lecture *l = NULL;
    struct booking place;
    enum rc rc = get_there(cx, in->title ? ACT_COURSE_TEXTS : ACT_COURSE_TIMETABLE, e->key, &l);
    if (rc == RC_OK && in->starts_at != NO_TIME)
        rc = policy_check(cx, ACT_COURSE_TIMETABLE, &l->object);
    if (rc == RC_OK)
        rc = lecture_lock(cx, l->id, &l);
    if (rc == RC_OK)
        rc = seen_check(cx, in->seen, lecture_seen(cx, l, in->title != NULL, in->starts_at != NO_TIME));
    if (rc == RC_OK)
        rc = take_place(cx, l, in, &place);
    if (rc != RC_OK)
        return rc;
    bool moved = place.starts_at != l->starts_at || place.ends_at != l->ends_at ||
                 place.hall_id != l->hall_id || strcmp(place.text, l->hall) != 0;
    rc = db_exec(cx, SQL_lecture_update, NULL, "ssbttsissti", in->title ? in->title : l->title,
                 in->description, (int)moved, place.starts_at, place.ends_at, place.text, place.hall_id,
                 hall_state_name(place.state), place.note, clock_now(), l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.update", "lecture", l->id, "%s", "") : rc;
}

enum rc lecture_update(struct cx *cx, const char *key, const struct lecture_edit *in)
{
    struct edit e = {.key = key, .in = in};
    enum rc rc = in->title ? check_texts(cx, in) : RC_OK;
    if (rc == RC_OK && in->starts_at != NO_TIME)
        rc = check_times(cx, in);
    return rc == RC_OK ? db_tx(cx, update_tx, &e) : rc;
}

/* --- publish, delete, undo --- */

static enum rc publish_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = get_there(cx, ACT_COURSE_PUBLISH, arg, &l);
    if (rc == RC_OK)
        rc = lecture_access_move(cx, l->id, ACCESS_ON_PUBLISH);
    return rc == RC_OK ? audit_write(cx, "lecture.publish", "lecture", l->id, "%s", "") : rc;
}

static enum rc unpublish_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = get_there(cx, ACT_COURSE_PUBLISH, arg, &l);
    if (rc == RC_OK)
        rc = lecture_access_move(cx, l->id, ACCESS_ON_UNPUBLISH);
    return rc == RC_OK ? audit_write(cx, "lecture.unpublish", "lecture", l->id, "%s", "") : rc;
}

static enum rc delete_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    int64_t now = clock_now();
    enum rc rc = lecture_get(cx, ACT_COURSE_TIMETABLE, arg, &l);
    if (rc != RC_OK || l->deleted_at != NO_TIME)
        return rc;
    rc = db_exec(cx, SQL_lecture_set_deleted, NULL, "tti", now, now, l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.delete", "lecture", l->id, "%s", l->title) : rc;
}

/* Takes the same lock as purge_start: a lecture that is being purged cannot be restored, since its files are
 * being removed. */
static enum rc undelete_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    struct rows *rows = NULL;
    struct booking_retaken retaken;
    enum rc rc = lecture_get(cx, ACT_COURSE_TIMETABLE, arg, &l);
    if (rc == RC_OK)
        rc = lecture_lock(cx, l->id, &l);
    if (rc != RC_OK || l->deleted_at == NO_TIME)
        return rc;
    rc = db_one(cx, SQL_purge_running, &rows, "i", l->id);
    if (rc == RC_OK && (row_i64(rows, 0, 0) > 0 || clock_now() - l->deleted_at > UNDO_MS))
        return err_set(cx, RC_CONFLICT, NULL, "undo_over", "being purged, or deleted more than %d days ago",
                       LECTURE_UNDO_DAYS);
    if (rc == RC_OK && l->time_state != TIME_CANCELLED)
        rc = booking_retake(cx, &(struct lecture_list){l, 1}, NO_TIME, &retaken);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_lecture_set_deleted, NULL, "tti", NO_TIME, clock_now(), l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.undelete", "lecture", l->id, "%s", "") : rc;
}

/* Runs fn on the lecture of that key. */
static enum rc act(struct cx *cx, enum rc (*fn)(struct cx *, void *), const char *key)
{
    return db_tx(cx, fn, arena_strdup(cx->arena, key));
}

enum rc lecture_publish(struct cx *cx, const char *key)
{
    return act(cx, publish_tx, key);
}

enum rc lecture_unpublish(struct cx *cx, const char *key)
{
    return act(cx, unpublish_tx, key);
}

enum rc lecture_delete(struct cx *cx, const char *key)
{
    return act(cx, delete_tx, key);
}

enum rc lecture_undelete(struct cx *cx, const char *key)
{
    return act(cx, undelete_tx, key);
}
