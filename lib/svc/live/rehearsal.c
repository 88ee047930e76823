#include "lib/svc/live/rehearsal.h"

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/teaching/lecture.h"

enum { SHOWN = 20, COURSES_SHOWN = 100 };
static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

/* --- beginning --- */

enum rc rehearsal_add(struct cx *cx, int64_t *id)
{
    char course[COURSE_KEY_LENGTH + 1], key[LECTURE_KEY_LENGTH + 1];
    struct rows *rows = NULL;
    struct db_done done = {0};
    int64_t user = actor_id(cx);
    enum rc rc = db_query(cx, SQL_live_rehearsal_home, &rows, "ii", user, user);
    if (rc != RC_OK)
        return rc;
    if (rows_count(rows) == 0) {
        *id = 0;
        return RC_OK;
    }
    rand_key(course, sizeof course);
    rand_key(key, sizeof key);
    rc = db_exec(cx, SQL_live_rehearsal_course, &done, "siiii", course, row_i64(rows, 0, 1),
                 row_i64(rows, 0, 0), user, user);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_rehearsal_insert, &done, "si", key, done.id);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

enum rc rehearsal_drop(struct cx *cx, int64_t id)
{
    return db_exec(cx, SQL_live_rehearsal_drop, NULL, "i", id);
}

/* --- what is kept --- */

enum rc rehearsal_list(struct cx *cx, struct rehearsal_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_rehearsal_list, &rows, "ii", actor_id(cx), (int64_t)SHOWN);
    if (rc != RC_OK)
        return rc;
    struct rehearsal_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++) {
        struct rehearsal *r = &list.item[i];
        *r = (struct rehearsal){.key = row_text(rows, i, 0),
                                .began_at = row_time(rows, i, 1),
                                .ended_at = row_time(rows, i, 2),
                                .until = NO_TIME};
        if (r->ended_at != NO_TIME)
            r->until = r->ended_at + REHEARSAL_DAYS * DAY_MS;
        if (!media_state_of(row_bytes(rows, i, 3), &r->media))
            bug("unknown state in lecture");
    }
    *out = list;
    return RC_OK;
}

static bool is_giveable(const struct cx *cx, const struct course *c)
{
    return policy_may(cx->actor, ACT_COURSE_TIMETABLE, &c->object) &&
           policy_may(cx->actor, ACT_COURSE_UPLOAD, &c->object);
}

enum rc rehearsal_courses(struct cx *cx, struct course_list *out)
{
    struct course_list list;
    enum rc rc = course_list_taught(cx, COURSES_SHOWN, 0, &list);
    if (rc != RC_OK)
        return rc;
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++)
        if (is_giveable(cx, &list.item[i]))
            list.item[n++] = list.item[i];
    list.n = n;
    *out = list;
    return RC_OK;
}

/* --- another course --- */

struct giving {
    int64_t lecture_id;
    const struct course *course;
    const char *title;
};

static enum rc give_tx(struct cx *cx, void *arg)
{
    const struct giving *g = arg;
    struct lecture *l = NULL;
    struct rows *rows = NULL;
    enum rc rc = lecture_lock(cx, g->lecture_id, &l);
    if (rc == RC_OK && !l->object.rehearsal) /* somebody was faster */
        return err_set(cx, RC_NOTFOUND, NULL, "lecture_unknown", "lecture %s is no rehearsal", l->key);
    if (rc == RC_OK && l->object.deleted)
        return err_set(cx, RC_CONFLICT, NULL, "deleted", "rehearsal %s is removed", l->key);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_lock, &rows, "i", l->id);
    if (rc == RC_OK && (rows_count(rows) == 0 || !row_bool(rows, 0, 0)))
        return err_set(cx, RC_CONFLICT, NULL, "live_on", "rehearsal %s is not over", l->key);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_rehearsal_give, NULL, "isi", g->course->id, g->title, l->id);
    return rc == RC_OK
               ? audit_write(cx, "live.rehearsal", "lecture", l->id, "course %lld", (long long)g->course->id)
               : rc;
}

enum rc rehearsal_give(struct cx *cx, const char *key, int64_t course_id, const char *title)
{
    struct lecture *l = NULL;
    struct course *c = NULL;
    enum rc rc = check_line(cx, title, LECTURE_TITLE_MAX, "title", "lecture_title_invalid");
    if (rc == RC_OK)
        rc = lecture_get(cx, ACT_COURSE_UPLOAD, key, &l);
    if (rc == RC_OK)
        rc = course_get(cx, ACT_COURSE_TIMETABLE, course_id, &c);
    if (rc == RC_OK)
        rc = policy_check(cx, ACT_COURSE_UPLOAD, &c->object);
    if (rc == RC_OK && c->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "course %lld is deleted", (long long)course_id);
    if (rc != RC_OK)
        return rc;
    struct giving g = {l->id, c, title};
    return db_tx(cx, give_tx, &g);
}

enum rc rehearsal_sweep(struct cx *cx)
{
    return db_exec(cx, SQL_live_rehearsal_sweep, NULL, "i", (int64_t)REHEARSAL_DAYS);
}

/* --- test mode --- */

enum rc live_test_get(struct cx *cx, int64_t *until)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_test_get, &rows, "iii", (int64_t)LIVE_TEST_S, actor_id(cx),
                          (int64_t)LIVE_TEST_S);
    if (rc == RC_OK)
        *until = rows_count(rows) > 0 ? row_time(rows, 0, 0) : NO_TIME;
    return rc;
}

static enum rc test_tx(struct cx *cx, void *arg)
{
    struct rows *rows = NULL;
    (void)arg;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live"); /* no publisher begins meanwhile */
    if (rc == RC_OK)
        rc = db_one(cx, SQL_live_on_air, &rows, "i", actor_id(cx));
    if (rc == RC_OK && row_bool(rows, 0, 0))
        return err_set(cx, RC_CONFLICT, NULL, "live_on_air", "the person streams a lecture");
    return rc == RC_OK ? db_exec(cx, SQL_live_test_set, NULL, "i", actor_id(cx)) : rc;
}

enum rc live_test_set(struct cx *cx, bool on)
{
    if (!actor_id(cx))
        return err_set(cx, RC_DENIED, NULL, "signin", "test mode of nobody");
    return on ? db_tx(cx, test_tx, NULL) : db_exec(cx, SQL_live_test_clear, NULL, "i", actor_id(cx));
}

enum rc live_test_over(struct cx *cx, int64_t lecture_id)
{
    return db_exec(cx, SQL_live_test_over, NULL, "i", lecture_id);
}
