#include "lib/svc/teaching/release.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/course.h"

static const char *name_of(const struct release *r)
{
    return words_name(release_names, RELEASE_KIND_COUNT, (size_t)r->kind);
}

const char *release_seen(struct cx *cx, const struct release *r, bool own)
{
    const char *text[] = {own ? name_of(r) : "", arena_printf(cx->arena, "%lld", (long long)r->days),
                          r->hides ? "1" : ""};
    return seen_of(cx, text,
                   own ? sizeof text / sizeof *text : 1); /* what follows the course shows no more */
}

static enum rc check(struct cx *cx, const struct release *in)
{
    if (in->kind == RELEASE_DAYS && (in->days < 1 || in->days > RELEASE_DAYS_MAX))
        return err_set(cx, RC_INVALID, "days", "release_days", "%lld days", (long long)in->days);
    return RC_OK;
}

static enum rc get_course(struct cx *cx, int64_t id)
{
    struct course *course = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_PUBLISH, id, &course);
    if (rc == RC_OK && course->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    return rc;
}

enum rc release_get_course(struct cx *cx, int64_t course_id, struct release *out)
{
    struct rows *rows = NULL;
    struct release r = {0};
    enum rc rc = get_course(cx, course_id);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_release_get_course, &rows, "i", course_id);
    if (rc != RC_OK)
        return rc;
    if (!release_kind_of(row_bytes(rows, 0, 0), &r.kind))
        bug("unknown release in course");
    r.days = row_i64(rows, 0, 1);
    r.hides = row_bool(rows, 0, 2);
    *out = r;
    return RC_OK;
}

struct set {
    int64_t course_id;
    const char *key;
    const struct release *in;
    const char *seen;
    bool now;
};

static enum rc course_tx(struct cx *cx, void *arg)
{
    const struct set *s = arg;
    const struct release *in = s->in;
    struct rows *rows = NULL;
    struct release before;
    int64_t now = clock_now();
    enum rc rc = db_query(cx, SQL_course_lock, &rows, "i", s->course_id);
    if (rc == RC_OK)
        rc = release_get_course(cx, s->course_id, &before);
    if (rc == RC_OK)
        rc = seen_check(cx, s->seen, release_seen(cx, &before, true));
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_release_set_course, NULL, "sibti", name_of(in), in->days, (int)in->hides, now,
                     s->course_id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_release_set_lectures, NULL, "sibti", name_of(in), in->days, (int)in->hides, now,
                     s->course_id);
    return rc == RC_OK ? audit_write(cx, "course.release", "course", s->course_id, "%s", name_of(in)) : rc;
}

enum rc release_set_course(struct cx *cx, int64_t course_id, const struct release *in, const char *seen)
{
    enum rc rc = check(cx, in);
    return rc == RC_OK ? db_tx(cx, course_tx, &(struct set){.course_id = course_id, .in = in, .seen = seen})
                       : rc;
}

static enum rc get_lecture(struct cx *cx, const char *key, struct lecture **out)
{
    enum rc rc = lecture_get(cx, ACT_COURSE_PUBLISH, key, out);
    if (rc == RC_OK && (*out)->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "it or its course is deleted");
    return rc;
}

static enum rc lecture_tx(struct cx *cx, void *arg)
{
    const struct set *s = arg;
    const struct release *in = s->in;
    struct lecture *l = NULL;
    int64_t now = clock_now();
    enum rc rc = get_lecture(cx, s->key, &l);
    if (rc == RC_OK)
        rc = lecture_lock(cx, l->id, &l);
    if (rc == RC_OK)
        rc = seen_check(cx, s->seen, release_seen(cx, &l->release, l->release_own));
    if (rc == RC_OK && in)
        rc = db_exec(cx, SQL_release_set_lecture, NULL, "sibti", name_of(in), in->days, (int)in->hides, now,
                     l->id);
    else if (rc == RC_OK)
        rc = db_exec(cx, SQL_release_reset_lecture, NULL, "ti", now, l->id);
    return rc == RC_OK ? audit_write(cx, "lecture.release", "lecture", l->id, "%s",
                                     in ? name_of(in) : "as the course")
                       : rc;
}

enum rc release_set_lecture(struct cx *cx, const char *key, const struct release *in, const char *seen)
{
    enum rc rc = in ? check(cx, in) : RC_OK;
    return rc == RC_OK ? db_tx(cx, lecture_tx, &(struct set){.key = key, .in = in, .seen = seen}) : rc;
}

static enum rc time_tx(struct cx *cx, void *arg)
{
    const struct set *s = arg;
    struct lecture *l = NULL;
    int64_t now = clock_now();
    enum rc rc = get_lecture(cx, s->key, &l);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_release_set_time, NULL, "tti", s->now ? now : NO_TIME, now, l->id);
    return rc == RC_OK
               ? audit_write(cx, s->now ? "lecture.released" : "lecture.withheld", "lecture", l->id, "%s", "")
               : rc;
}

enum rc release_now(struct cx *cx, const char *key)
{
    return db_tx(cx, time_tx, &(struct set){.key = key, .now = true});
}

enum rc release_back(struct cx *cx, const char *key)
{
    return db_tx(cx, time_tx, &(struct set){.key = key});
}
