/* The lists of lectures, one statement each. */
#include "lib/svc/teaching/lecture.h"

#include "lib/db/db.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture_row.h"

enum { CONTINUE_MARGIN = 20 };

/* After all lectures (lecture_times: from 2000 to 2100). */
static const int64_t TIME_LAST = INT64_C(7258118400000);

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

void lecture_take_all(struct cx *cx, const struct rows *rows, struct lecture_list *out)
{
    struct lecture_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = lecture_from_row(rows, i);
    *out = list;
}

/* The place where a part begins; *from is unchanged if there is no such lecture. */
struct place {
    int64_t at, id;
};

static enum rc find_place(struct cx *cx, const struct course *course, const char *key, struct place *from,
                          bool *found)
{
    struct rows *rows = NULL;
    *found = false;
    enum rc rc = key ? db_query(cx, SQL_lecture_place, &rows, "si", key, course->id) : RC_OK;
    if (rc == RC_OK && key && rows_count(rows) == 1) {
        *from = (struct place){row_time(rows, 0, 0), row_i64(rows, 0, 1)};
        *found = true;
    }
    return rc;
}

static void reverse(struct lecture_list *list)
{
    for (size_t i = 0; i < list->n / 2; i++) {
        struct lecture swap = list->item[i];
        list->item[i] = list->item[list->n - 1 - i];
        list->item[list->n - 1 - i] = swap;
    }
}

/* Fills the part from the rows; the additional row, which tells whether there are more, is dropped. */
static void take_part(struct cx *cx, const struct rows *rows, const struct course *course, int64_t limit,
                      struct lecture_part *part, bool *more)
{
    lecture_take_all(cx, rows, &part->list);
    for (size_t i = 0; i < part->list.n; i++) {
        part->list.item[i].number = row_i64(rows, i, LECTURE_COLUMNS);
        part->list.item[i].object.link = course->object.link;
    }
    part->total = part->list.n ? row_i64(rows, 0, LECTURE_COLUMNS + 1) : 0;
    *more = part->list.n > (size_t)limit;
    if (*more)
        part->list.n = (size_t)limit;
}

/* Reads from the known end of the part: a part that ends before a lecture is read in reverse order. */
enum rc lecture_list_by_course(struct cx *cx, const struct course *course, const struct lecture_range *range,
                               struct lecture_part *out)
{
    struct rows *rows = NULL;
    struct lecture_part part = {0};
    bool back = range->before != NULL, up = range->newest == back, found, more;
    struct place from = {up ? range->from : TIME_LAST, up ? 0 : INT64_MAX};
    enum rc rc = find_place(cx, course, back ? range->before : range->after, &from, &found);
    if (rc == RC_OK && back && !found) { /* the lecture to begin at does not exist */
        struct lecture_range whole = *range;
        whole.before = NULL;
        return lecture_list_by_course(cx, course, &whole, out);
    }
    int64_t run = policy_may(cx->actor, ACT_COURSE_TEACH, &course->object), me = actor_id(cx);
    if (rc == RC_OK)
        rc =
            db_query(cx, up ? SQL_lecture_list_up : SQL_lecture_list_down, &rows, "iiiittiii", me, course->id,
                     run, range->unwatched ? me : 0, from.at, from.at, from.id, range->limit + 1, course->id);
    if (rc != RC_OK)
        return rc;
    take_part(cx, rows, course, range->limit, &part, &more);
    if (back)
        reverse(&part.list);
    part.previous = back ? more : found;
    part.next = back || more;
    *out = part;
    return RC_OK;
}

enum rc lecture_list_next(struct cx *cx, const struct course *course, struct lecture_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_lecture_next, &rows, "iit", actor_id(cx), course->id, clock_now());
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}

enum rc lecture_list_deleted(struct cx *cx, const struct course *course, int64_t limit,
                             struct lecture_list *out)
{
    struct rows *rows = NULL;
    if (!policy_may(cx->actor, ACT_COURSE_TIMETABLE, &course->object)) {
        *out = (struct lecture_list){0};
        return RC_OK;
    }
    int64_t since = clock_now() - (int64_t)LECTURE_UNDO_DAYS * 24 * 3600 * 1000;
    enum rc rc =
        db_query(cx, SQL_lecture_list_deleted, &rows, "itii", actor_id(cx), since, course->id, limit);
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}

enum rc lecture_list_recent(struct cx *cx, int64_t limit, struct lecture_list *out)
{
    struct rows *rows = NULL;
    int64_t me = actor_id(cx);
    if (!me) {
        *out = (struct lecture_list){0};
        return RC_OK;
    }
    enum rc rc = db_query(cx, SQL_lecture_list_recent, &rows, "iiiii", me, me, me, me, limit);
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}

enum rc lecture_list_recent_public(struct cx *cx, int64_t limit, struct lecture_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_lecture_list_recent_public, &rows, "ii", actor_id(cx), limit);
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}

/* A person who began a lecture of a hidden course has its link. A few more rows are read than asked for,
 * since lectures that the person may no longer play are dropped here, by the same table as everywhere. */
enum rc lecture_list_continue(struct cx *cx, int64_t limit, struct lecture_list *out)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    if (!actor_id(cx)) {
        *out = (struct lecture_list){0};
        return RC_OK;
    }
    enum rc rc = db_query(cx, SQL_lecture_list_continue, &rows, "ii", actor_id(cx), limit + CONTINUE_MARGIN);
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    size_t n = 0;
    for (size_t i = 0; i < list.n && n < (size_t)limit; i++) {
        list.item[i].object.link = true;
        if (policy_may(cx->actor, ACT_LECTURE_PLAY, &list.item[i].object))
            list.item[n++] = list.item[i];
    }
    list.n = n;
    *out = list;
    return RC_OK;
}

enum rc lecture_list_purgeable(struct cx *cx, int64_t limit, struct lecture_list *out)
{
    struct rows *rows = NULL;
    int64_t before = clock_now() - (int64_t)LECTURE_UNDO_DAYS * 24 * 3600 * 1000;
    enum rc rc = db_query(cx, SQL_lecture_list_purgeable, &rows, "tti", before, before, limit);
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}
