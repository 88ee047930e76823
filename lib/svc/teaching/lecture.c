#include "lib/svc/teaching/lecture.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course_row.h"
#include "lib/svc/teaching/lecture_row.h"

const char *const release_names[RELEASE_KIND_COUNT + 1] = {"ready", "days", "hand", NULL};
WORDS_OF(release_kind_of, enum release_kind, release_names, RELEASE_KIND_COUNT)

static const char *const hall_states[HALL_STATE_COUNT] = {"", "requested", "booked", "refused", "lost"};
static WORDS_OF(hall_state_of, enum hall_state, hall_states, HALL_STATE_COUNT)

    const char *hall_state_name(enum hall_state state)
{
    return state == HALL_NONE ? NULL : hall_states[state];
}

const char *lecture_hall(const struct lecture *l)
{
    return l->hall_id ? l->hall_name : l->hall;
}

int64_t lecture_end(int64_t starts_at, int64_t ends_at)
{
    return ends_at != NO_TIME ? ends_at : starts_at + INT64_C(4) * 3600 * 1000;
}

static void take_states(const struct rows *rows, size_t r, struct lecture *l)
{
    const char *media = row_text(rows, r, 7);
    if (!time_state_of(row_bytes(rows, r, 6), &l->time_state) ||
        !media_state_of(str_of(media), &l->media_state) || !access_of(row_bytes(rows, r, 9), &l->access) ||
        !visibility_of(row_bytes(rows, r, 20), &l->visibility) ||
        !hall_state_of(row_bytes(rows, r, 42), &l->hall_state))
        bug("unknown state in lecture");
}

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* When the recording appears, and whether it is withheld now from those who do not run the course. */
static void take_release(const struct rows *rows, size_t r, struct lecture *l)
{
    int64_t now = clock_now();
    if (!release_kind_of(row_bytes(rows, r, 35), &l->release.kind))
        bug("unknown release in lecture");
    l->release.days = row_i64(rows, r, 36);
    l->release.hides = row_bool(rows, r, 37);
    l->release_own = row_bool(rows, r, 38);
    l->released_at = row_time(rows, r, 39);
    l->hidden = l->release.hides && row_time(rows, r, 40) <= now;
    l->appears_at = 0;
    if (l->release.kind == RELEASE_HAND)
        l->appears_at = l->released_at;
    else if (l->release.kind == RELEASE_DAYS)
        l->appears_at = (l->ends_at != NO_TIME ? l->ends_at : l->starts_at) + l->release.days * DAY_MS;
    l->object.withheld = l->hidden || l->appears_at == NO_TIME || l->appears_at > now;
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
                        .position_ms = row_i64(rows, r, 29),
                        .watched = row_bool(rows, r, 30),
                        .hall = row_text(rows, r, 31),
                        .series_id = row_i64(rows, r, 32),
                        .edited = row_bool(rows, r, 33),
                        .cancel_note = row_text(rows, r, 34),
                        .hall_id = row_i64(rows, r, 41),
                        .hall_note = row_text(rows, r, 43),
                        .hall_name = row_text(rows, r, 44)};
    take_states(rows, r, &l);
    l.object = (struct policy_object){.organisation_path = l.organisation_path,
                                      .visibility = l.visibility,
                                      .access = l.access,
                                      .downloads = l.downloads,
                                      .deleted = l.deleted_at != NO_TIME || l.course_deleted,
                                      .enrolled = row_bool(rows, r, 28),
                                      .lecture = true,
                                      .rehearsal = row_bool(rows, r, 45)};
    staff_from_row(rows, r, 26, &l.object);
    take_release(rows, r, &l);
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

/* The lock is taken before the row is read: with READ COMMITTED the read then sees what the last holder
 * wrote. */
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

/* --- for the pipeline --- */

enum rc lecture_set_generation(struct cx *cx, int64_t id, int64_t generation, int64_t duration_ms,
                               const char *poster_view)
{
    struct db_done done = {0};
    int64_t now = clock_now();
    enum rc rc = db_exec(cx, SQL_lecture_set_generation, &done, "tiistii", now, generation, duration_ms,
                         poster_view, now, id, generation);
    if (rc == RC_OK && done.affected == 0)
        return err_set(cx, RC_CONFLICT, NULL, "lecture_generation",
                       "generation %lld of lecture %lld is not newer", (long long)generation, (long long)id);
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
