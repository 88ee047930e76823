#include "lib/svc/teaching/calendar.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/hall.h"
#include "lib/svc/teaching/lecture_row.h"

const char *const calendar_scope_names[CALENDAR_SCOPE_COUNT + 1] = {"mine",         "all",  "course",
                                                                    "organisation", "hall", NULL};
WORDS_NAME(calendar_scope_name, enum calendar_scope, calendar_scope_names, CALENDAR_SCOPE_COUNT)
WORDS_OF(calendar_scope_of, enum calendar_scope, calendar_scope_names, CALENDAR_SCOPE_COUNT)

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

/* --- which one --- */

static struct calendar of_organisation(const struct org *org)
{
    return (struct calendar){
        CALENDAR_ORGANISATION, org->id, org->name, org->zone, org->slug, org->path, false, NULL};
}

static enum rc open_course(struct cx *cx, int64_t id, struct calendar *out)
{
    struct course *course = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_PAGE, id, &course);
    if (rc == RC_OK)
        *out = (struct calendar){CALENDAR_COURSE,
                                 id,
                                 course->name,
                                 course->organisation_zone,
                                 "",
                                 "",
                                 course->visibility == VIS_PUBLIC,
                                 course};
    return rc;
}

static enum rc open_hall(struct cx *cx, int64_t id, struct calendar *out)
{
    struct hall *hall = NULL;
    enum rc rc = hall_get(cx, id, &hall);
    if (rc == RC_OK)
        *out = (struct calendar){CALENDAR_HALL,           id,    hall->name, hall->organisation_zone, "",
                                 hall->organisation_path, false, NULL};
    return rc;
}

enum rc calendar_open(struct cx *cx, enum calendar_scope scope, int64_t id, struct calendar *out)
{
    struct org *org = NULL;
    if (scope == CALENDAR_COURSE)
        return open_course(cx, id, out);
    if (scope == CALENDAR_HALL)
        return open_hall(cx, id, out);
    if (scope == CALENDAR_MINE && !actor_id(cx))
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no calendar");
    if (scope != CALENDAR_ORGANISATION) {
        *out = (struct calendar){scope, 0, "", NULL, "", "/", scope == CALENDAR_ALL, NULL};
        return RC_OK;
    }
    enum rc rc = org_get(cx, id, &org);
    if (rc == RC_OK)
        *out = of_organisation(org);
    return rc;
}

enum rc calendar_open_org(struct cx *cx, const char *slug, struct calendar *out)
{
    struct org *org = NULL;
    enum rc rc = org_get_by_slug(cx, slug, &org);
    if (rc == RC_OK)
        *out = of_organisation(org);
    return rc;
}

bool calendar_is_wide(const struct calendar *c)
{
    return c->scope == CALENDAR_ALL || c->scope == CALENDAR_ORGANISATION;
}

/* --- what is in it --- */

/* Whether so many courses are below that reading lectures in the order of time ends sooner. */
static enum rc has_many(struct cx *cx, const struct calendar *c, const char *below, bool *many)
{
    struct rows *rows = NULL;
    *many = c->scope == CALENDAR_ALL;
    if (*many)
        return RC_OK;
    enum rc rc = db_query(cx, SQL_calendar_has_many, &rows, "si", below, (int64_t)CALENDAR_MANY);
    if (rc == RC_OK)
        *many = row_i64(rows, 0, 0) == CALENDAR_MANY;
    return rc;
}

static enum rc query_tree(struct cx *cx, const struct calendar *c, int64_t from, int64_t to, int64_t most,
                          struct rows **rows)
{
    struct policy_object object = {.organisation_path = c->path};
    const char *below = arena_printf(cx->arena, "%s%%", c->path);
    int64_t me = actor_id(cx), signed_in = me != 0, all = policy_may(cx->actor, ACT_ORG_MANAGE, &object);
    int64_t known = cx->actor != NULL;
    bool many;
    enum rc rc = has_many(cx, c, below, &many);
    if (rc != RC_OK)
        return rc;
    if (many)
        return db_query(cx, SQL_calendar_by_time, rows, "ittsiiiii", me, from, to, below, known, all,
                        signed_in, all, most);
    return db_query(cx, SQL_calendar_organisation, rows, "ittttiisiiiii", me, to, from, from, to, me, me,
                    below, known, all, signed_in, all, most);
}

static enum rc query_hall(struct cx *cx, const struct calendar *c, int64_t from, int64_t to, int64_t most,
                          struct rows **rows)
{
    struct policy_object object = {.organisation_path = c->path};
    int64_t me = actor_id(cx), signed_in = me != 0, all = policy_may(cx->actor, ACT_ORG_MANAGE, &object);
    int64_t known = cx->actor != NULL;
    return db_query(cx, SQL_calendar_hall, rows, "iittiiiii", me, c->id, from, to, known, all, signed_in, all,
                    most);
}

static enum rc query(struct cx *cx, const struct calendar *c, int64_t from, int64_t to, int64_t most,
                     struct rows **rows)
{
    int64_t me = actor_id(cx);
    if (c->scope == CALENDAR_MINE)
        return db_query(cx, SQL_calendar_mine, rows, "iiitti", me, me, me, from, to, most);
    if (c->scope == CALENDAR_COURSE)
        return db_query(cx, SQL_calendar_course, rows, "iitti", me, c->id, from, to, most);
    return c->scope == CALENDAR_HALL ? query_hall(cx, c, from, to, most, rows)
                                     : query_tree(cx, c, from, to, most, rows);
}

/* What the person may not see (a draft, a hidden course) is dropped, by the same table as everywhere. Whoever may open a course
 * finds its lectures there, also if no list names it. */
enum rc calendar_list(struct cx *cx, const struct calendar *c, int64_t from, int64_t to, int64_t most,
                      struct calendar_list *out)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    size_t n = 0;
    enum rc rc = query(cx, c, from, to, most + 1, &rows);
    if (rc != RC_OK)
        return rc;
    enum action act = c->scope == CALENDAR_COURSE ? ACT_LECTURE_PAGE : ACT_LECTURE_LIST;
    lecture_take_all(cx, rows, &list);
    int64_t *changed = arena_array(cx->arena, list.n + 1, sizeof *changed);
    size_t read = list.n < (size_t)most ? list.n : (size_t)most;
    for (size_t i = 0; i < read; i++) {
        if (!policy_may(cx->actor, act, &list.item[i].object))
            continue;
        changed[n] = row_time(rows, i, LECTURE_COLUMNS);
        list.item[n++] = list.item[i];
    }
    *out = (struct calendar_list){{list.item, n}, changed, list.n > (size_t)most};
    return RC_OK;
}
