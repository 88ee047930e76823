#include "lib/svc/teaching/schedule_twice.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/lecture.h"

static int64_t end_of(const struct schedule_span *s)
{
    return lecture_end(s->starts_at, s->ends_at);
}

static bool is_among(const struct schedule_span *span, size_t n, int64_t lecture_id)
{
    for (size_t i = 0; i < n; i++)
        if (span[i].lecture_id == lecture_id)
            return true;
    return false;
}

/* One lecture of the course, as it is now. */
static void mark(struct schedule_span *span, size_t n, int64_t start, int64_t end, const char *title)
{
    for (size_t i = 0; i < n; i++)
        if (start < end_of(&span[i]) && end > span[i].starts_at)
            span[i].twice = title;
}

static void mark_each_other(struct schedule_span *span, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (i != k && !span[k].skip && !span[i].twice && span[k].starts_at < end_of(&span[i]) &&
                end_of(&span[k]) > span[i].starts_at)
                span[i].twice = "";
}

enum rc schedule_find_twice(struct cx *cx, int64_t course_id, struct schedule_span *span, size_t n)
{
    struct rows *rows = NULL;
    if (n == 0)
        return RC_OK;
    int64_t first = span[0].starts_at, last = end_of(&span[0]);
    for (size_t i = 1; i < n; i++) {
        first = span[i].starts_at < first ? span[i].starts_at : first;
        last = end_of(&span[i]) > last ? end_of(&span[i]) : last;
    }
    enum rc rc = db_query(cx, SQL_schedule_busy, &rows, "itt", course_id, last, first);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        span[i].twice = NULL;
    for (size_t i = 0; i < rows_count(rows); i++)
        if (!is_among(span, n, row_i64(rows, i, 0)))
            mark(span, n, row_time(rows, i, 1), row_time(rows, i, 2), row_text(rows, i, 3));
    mark_each_other(span, n);
    return RC_OK;
}
