#include "lib/svc/lecture.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/course.h"
#include "lib/svc/lecture_row.h"

static const int64_t UNDO_MS = (int64_t)LECTURE_UNDO_DAYS * 24 * 3600 * 1000;

static void take_states(const struct rows *rows, size_t r, struct lecture *l)
{
    const char *media = row_text(rows, r, 7);
    if (!time_state_of(row_text(rows, r, 6), &l->time_state) ||
        !media_state_of(str_of(media), &l->media_state) || !access_of(row_text(rows, r, 9), &l->access) ||
        !visibility_of(row_text(rows, r, 20), &l->visibility))
        bug("unknown state in lecture");
}

struct lecture lecture_from_row(const struct rows *rows, size_t r)
{
    struct lecture l = {.id = row_i64(rows, r, 0),
                        .key = row_text(rows, r, 1),
                        .course_id = row_i64(rows, r, 2),
                        .title = row_text(rows, r, 3),
                        .starts_at = row_time(rows, r, 4),
                        .ends_at = row_time(rows, r, 5),
                        .media_reason = row_text(rows, r, 8),
                        .published_at = row_time(rows, r, 10),
                        .generation = row_i64(rows, r, 11),
                        .duration_ms = row_i64(rows, r, 12),
                        .poster_view = row_text(rows, r, 13),
                        .node_id = row_i64(rows, r, 14),
                        .deleted_at = row_time(rows, r, 15),
                        .course_key = row_text(rows, r, 16),
                        .course_slug = row_text(rows, r, 17),
                        .course_name = row_text(rows, r, 18),
                        .term_slug = row_text(rows, r, 19),
                        .downloads = row_bool(rows, r, 21),
                        .course_deleted = row_bool(rows, r, 22),
                        .organisation_id = row_i64(rows, r, 23),
                        .organisation_path = row_text(rows, r, 24),
                        .organisation_zone = row_text(rows, r, 25),
                        .position_ms = row_i64(rows, r, 28),
                        .watched = row_bool(rows, r, 29)};
    take_states(rows, r, &l);
    l.object = (struct policy_object){.organisation_path = l.organisation_path,
                                      .visibility = l.visibility,
                                      .access = l.access,
                                      .downloads = l.downloads,
                                      .deleted = l.deleted_at != NO_TIME || l.course_deleted,
                                      .staff = row_bool(rows, r, 26),
                                      .enrolled = row_bool(rows, r, 27)};
    return l;
}

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

static enum rc unknown(struct cx *cx)
{
    return err_set(cx, RC_NOTFOUND, NULL, "lecture_unknown", "no such lecture");
}

static enum rc take_one(struct cx *cx, const struct rows *rows, struct lecture **out)
{
    if (rows_count(rows) == 0)
        return unknown(cx);
    struct lecture *l = arena_alloc(cx->arena, sizeof *l);
    *l = lecture_from_row(rows, 0);
    l->description = row_text(rows, 0, LECTURE_COLUMNS);
    l->number = row_i64(rows, 0, LECTURE_COLUMNS + 1);
    *out = l;
    return RC_OK;
}

enum rc lecture_get(struct cx *cx, enum action action, const char *key, struct lecture **out)
{
    struct rows *rows = NULL;
    struct lecture *l = NULL;
    if (!str_is_key(str_of(key), LECTURE_KEY_LENGTH))
        return unknown(cx);
    enum rc rc = db_query(cx, SQL_lecture_get, &rows, "is", actor_id(cx), key);
    if (rc == RC_OK)
        rc = take_one(cx, rows, &l);
    if (rc != RC_OK)
        return rc;
    l->object.link = true;
    rc = policy_check(cx, action, &l->object);
    if (rc == RC_OK)
        *out = l;
    return rc;
}

enum rc lecture_get_by_id(struct cx *cx, enum action action, int64_t id, struct lecture **out)
{
    struct rows *rows = NULL;
    struct lecture *l = NULL;
    enum rc rc = db_query(cx, SQL_lecture_get_by_id, &rows, "ii", actor_id(cx), id);
    if (rc == RC_OK)
        rc = take_one(cx, rows, &l);
    if (rc == RC_OK)
        rc = policy_check(cx, action, &l->object);
    if (rc == RC_OK)
        *out = l;
    return rc;
}

/* The lock is taken before the row is read: READ COMMITTED then shows what the last holder wrote. */
enum rc lecture_lock(struct cx *cx, int64_t id, struct lecture **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_lecture_lock, &rows, "i", id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return unknown(cx);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_lecture_get_by_id, &rows, "ii", actor_id(cx), id);
    return rc == RC_OK ? take_one(cx, rows, out) : rc;
}

/* --- create, edit --- */

static enum rc check_there(struct cx *cx, const struct policy_object *object)
{
    return object->deleted ? err_set(cx, RC_CONFLICT, NULL, "deleted", "it or its course is deleted") : RC_OK;
}

/* A lecture to change. */
static enum rc get_there(struct cx *cx, const char *key, struct lecture **out)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(cx, ACT_LECTURE_EDIT, key, &l);
    if (rc == RC_OK)
        rc = check_there(cx, &l->object);
    if (rc == RC_OK)
        *out = l;
    return rc;
}

/* From 2000 to 2100: what people mean, and what the database holds. */
static bool in_range(int64_t at)
{
    return at >= INT64_C(946684800000) && at < INT64_C(4102444800000);
}

static enum rc check_edit(struct cx *cx, const struct lecture_edit *in)
{
    enum rc rc = check_line(cx, in->title, LECTURE_TITLE_MAX, "title", "lecture_title_invalid");
    if (rc == RC_OK)
        rc = check_text(cx, in->description, LECTURE_DESCRIPTION_MAX, "description",
                        "lecture_description_long");
    if (rc == RC_OK && (!in_range(in->starts_at) || (in->ends_at != NO_TIME && !in_range(in->ends_at)) ||
                        (in->ends_at != NO_TIME && in->ends_at <= in->starts_at)))
        rc = err_set(cx, RC_INVALID, "ends_at", "lecture_times",
                     "a lecture ends after it begins, from 2000 to 2100");
    return rc;
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
    enum rc rc = course_get(cx, ACT_COURSE_EDIT, e->course_id, &course);
    if (rc == RC_OK)
        rc = check_there(cx, &course->object);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_lecture_insert, &done, "sissttstt", key, e->course_id, in->title,
                     in->description ? in->description : "", in->starts_at, in->ends_at,
                     time_state_name(over ? TIME_ENDED : TIME_PLANNED), now, now);
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
    enum rc rc = check_edit(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &e);
    if (rc != RC_OK)
        return rc;
    *key = e.key;
    if (id)
        *id = e.id;
    return RC_OK;
}

static enum rc update_tx(struct cx *cx, void *arg)
{
    const struct edit *e = arg;
    struct lecture *l = NULL;
    enum rc rc = get_there(cx, e->key, &l);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_lecture_update, NULL, "ssttti", e->in->title, e->in->description,
                     e->in->starts_at, e->in->ends_at, clock_now(), l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.update", "lecture", l->id, "%s", "") : rc;
}

enum rc lecture_update(struct cx *cx, const char *key, const struct lecture_edit *in)
{
    struct edit e = {.key = key, .in = in};
    enum rc rc = check_edit(cx, in);
    return rc == RC_OK ? db_tx(cx, update_tx, &e) : rc;
}

/* --- publish, delete, undo --- */

static enum rc publish_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = get_there(cx, arg, &l);
    if (rc == RC_OK)
        rc = lecture_access_move(cx, l->id, ACCESS_ON_PUBLISH);
    return rc == RC_OK ? audit_write(cx, "lecture.publish", "lecture", l->id, "%s", "") : rc;
}

static enum rc unpublish_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = get_there(cx, arg, &l);
    if (rc == RC_OK)
        rc = lecture_access_move(cx, l->id, ACCESS_ON_UNPUBLISH);
    return rc == RC_OK ? audit_write(cx, "lecture.unpublish", "lecture", l->id, "%s", "") : rc;
}

static enum rc delete_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    int64_t now = clock_now();
    enum rc rc = lecture_get(cx, ACT_LECTURE_EDIT, arg, &l);
    if (rc != RC_OK || l->deleted_at != NO_TIME)
        return rc;
    rc = db_exec(cx, SQL_lecture_set_deleted, NULL, "tti", now, now, l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.delete", "lecture", l->id, "%s", l->title) : rc;
}

/* Under the lock that purge_start takes, too: what is being purged cannot come back, its files go. */
static enum rc undelete_tx(struct cx *cx, void *arg)
{
    struct lecture *l = NULL;
    struct rows *rows = NULL;
    enum rc rc = lecture_get(cx, ACT_LECTURE_EDIT, arg, &l);
    if (rc == RC_OK)
        rc = lecture_lock(cx, l->id, &l);
    if (rc != RC_OK || l->deleted_at == NO_TIME)
        return rc;
    rc = db_one(cx, SQL_purge_running, &rows, "i", l->id);
    if (rc == RC_OK && (row_i64(rows, 0, 0) > 0 || clock_now() - l->deleted_at > UNDO_MS))
        return err_set(cx, RC_CONFLICT, NULL, "undo_over", "being purged, or deleted more than %d days ago",
                       LECTURE_UNDO_DAYS);
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

/* --- for the pipeline --- */

enum rc lecture_set_generation(struct cx *cx, int64_t id, int64_t generation, int64_t duration_ms,
                               const char *poster_view)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_lecture_set_generation, &done, "iistii", generation, duration_ms,
                         poster_view, clock_now(), id, generation);
    if (rc == RC_OK && done.affected == 0)
        return err_set(cx, RC_CONFLICT, NULL, "lecture_generation",
                       "generation %lld of lecture %lld is not the next", (long long)generation,
                       (long long)id);
    return rc;
}

enum rc lecture_set_node(struct cx *cx, int64_t id, int64_t node_id)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_lecture_set_node, &done, "iii", node_id, id, node_id);
    if (rc == RC_OK && done.affected == 0)
        return err_set(cx, RC_CONFLICT, NULL, "lecture_node", "lecture %lld is kept on another node",
                       (long long)id);
    return rc;
}
