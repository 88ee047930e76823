/* The lists of courses: one statement each. */
#include "lib/svc/teaching/course.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course_row.h"

static const int64_t NEW_MS = (int64_t)7 * 24 * 3600 * 1000;

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

static void take_all(struct cx *cx, const struct rows *rows, struct course_list *out)
{
    struct course_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = course_from_row(rows, i);
    *out = list;
}

enum rc course_list_mine(struct cx *cx, int64_t limit, int64_t offset, struct course_list *out)
{
    struct rows *rows = NULL;
    int64_t me = actor_id(cx);
    if (!me) {
        *out = (struct course_list){0};
        return RC_OK;
    }
    enum rc rc = db_query(cx, SQL_course_list_mine, &rows, "itiiiii", me, clock_now() - NEW_MS, me, me, me,
                          limit, offset);
    if (rc != RC_OK)
        return rc;
    take_all(cx, rows, out);
    for (size_t i = 0; i < out->n; i++) {
        out->item[i].new_count = row_i64(rows, i, COURSE_COLUMNS);
        out->item[i].next_at = row_time(rows, i, COURSE_COLUMNS + 1);
        out->item[i].next_hall = row_text(rows, i, COURSE_COLUMNS + 2);
    }
    return RC_OK;
}

enum rc course_list_taught(struct cx *cx, int64_t limit, int64_t offset, struct course_list *out)
{
    struct rows *rows = NULL;
    if (!actor_id(cx)) {
        *out = (struct course_list){0};
        return RC_OK;
    }
    enum rc rc = db_query(cx, SQL_course_list_taught, &rows, "iii", actor_id(cx), limit, offset);
    if (rc != RC_OK)
        return rc;
    take_all(cx, rows, out);
    for (size_t i = 0; i < out->n; i++) {
        out->item[i].draft_count = row_i64(rows, i, COURSE_COLUMNS);
        out->item[i].failed_count = row_i64(rows, i, COURSE_COLUMNS + 1);
    }
    return RC_OK;
}

enum rc course_list_deleted(struct cx *cx, int64_t limit, struct course_list *out)
{
    struct rows *rows = NULL;
    if (!actor_id(cx)) {
        *out = (struct course_list){0};
        return RC_OK;
    }
    int64_t since = clock_now() - (int64_t)COURSE_UNDO_DAYS * 24 * 3600 * 1000;
    enum rc rc = db_query(cx, SQL_course_list_deleted, &rows, "itsi", actor_id(cx), since,
                          actor_managed(cx->arena, cx->actor), limit);
    if (rc == RC_OK)
        take_all(cx, rows, out);
    return rc;
}

enum rc course_list_term(struct cx *cx, int64_t term_id, const char *find, int64_t limit, int64_t offset,
                         struct course_list *out)
{
    struct rows *rows = NULL;
    int64_t me = actor_id(cx), signed_in = me != 0, known = cx->actor != NULL;
    enum rc rc =
        db_query(cx, SQL_course_list_term, &rows, "iiiisiisii", me, me, me, term_id, db_like(cx, find), known,
                 signed_in, actor_managed(cx->arena, cx->actor), limit, offset);
    if (rc == RC_OK)
        take_all(cx, rows, out);
    return rc;
}

enum rc course_list_public(struct cx *cx, int64_t term_id, int64_t limit, struct course_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_course_list_public, &rows, "iii", actor_id(cx), term_id, limit);
    if (rc == RC_OK)
        take_all(cx, rows, out);
    return rc;
}

enum rc course_list_all(struct cx *cx, int64_t term_id, struct course_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_course_list_all, &rows, "i", term_id);
    if (rc != RC_OK)
        return rc;
    take_all(cx, rows, out);
    for (size_t i = 0; i < out->n; i++) {
        out->item[i].keep_gaps = row_bool(rows, i, COURSE_COLUMNS);
        out->item[i].keep_first = row_bool(rows, i, COURSE_COLUMNS + 1);
    }
    return RC_OK;
}
