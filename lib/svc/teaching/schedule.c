#include "lib/svc/teaching/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/rand.h"
#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/teaching/free_day.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/schedule_twice.h"

enum { ROWS_AT_ONCE = 250, MINUTE_MS = 60 * 1000 };

static int64_t end_of(const struct schedule_date *d)
{
    return d->starts_at + d->length * MINUTE_MS;
}

static enum rc wrong_row(struct cx *cx, const char *field, size_t row, const char *key)
{
    return err_set(cx, RC_INVALID, arena_printf(cx->arena, "%s-%zu", field, row + 1), key, "row %zu: %s",
                   row + 1, key);
}

/* --- looking --- */

enum rc schedule_days(struct cx *cx, const struct course *course, const struct series_rule *rule,
                      const int64_t **days, size_t *n)
{
    struct free_day_list free = {0};
    struct series_rule r = *rule;
    if (!r.count)
        return series_days(cx, &r, days, n);
    enum rc rc = free_day_list(cx, course->organisation_id, r.first, r.first + SERIES_SPAN_DAYS, &free);
    r.free = &free;
    return rc == RC_OK ? series_days(cx, &r, days, n) : rc;
}

static enum rc set_times(struct cx *cx, const struct course *course, struct schedule_date *date, size_t n)
{
    const struct zone *zone = NULL;
    enum rc rc = course_zone(cx, course, &zone);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct wall w = wall_of_day(date[i].day);
        w.minute = (int)date[i].minute;
        date[i].starts_at = zone_utc(zone, &w);
        if (!date[i].skip && !lecture_time_ok(date[i].starts_at))
            rc = wrong_row(cx, "date", i, "schedule_time");
    }
    return rc;
}

static void mark_free(const struct free_day_list *free, struct schedule_date *d)
{
    for (size_t i = 0; i < free->n; i++)
        if (free->item[i].first <= d->day && d->day <= free->item[i].last)
            d->free = free->item[i].name;
}

static enum rc mark_twice(struct cx *cx, int64_t course_id, struct schedule_date *date, size_t n)
{
    struct schedule_span *span = arena_array(cx->arena, n, sizeof *span);
    for (size_t i = 0; i < n; i++)
        span[i] = (struct schedule_span){
            .starts_at = date[i].starts_at, .ends_at = end_of(&date[i]), .skip = date[i].skip};
    enum rc rc = schedule_find_twice(cx, course_id, span, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        date[i].twice = span[i].twice;
    return rc;
}

/* The halls of these dates, to be looked at or taken. */
static struct booking *bookings_of(struct cx *cx, const struct schedule_date *date, size_t n)
{
    struct booking *b = arena_array(cx->arena, n + 1, sizeof *b);
    for (size_t i = 0; i < n; i++)
        b[i] = (struct booking){.field = arena_printf(cx->arena, "hall-%zu", date[i].row),
                                .hall = date[i].skip ? "" : date[i].hall,
                                .starts_at = date[i].starts_at,
                                .ends_at = end_of(&date[i])};
    return b;
}

static enum rc look_at_halls(struct cx *cx, const struct course *course, struct schedule_date *date, size_t n)
{
    for (size_t i = 0; i < n; i++)
        date[i].row = i + 1;
    struct booking *b = bookings_of(cx, date, n);
    enum rc rc = booking_look(cx, course->object.organisation_path, b, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        date[i].booking = &b[i];
    return rc;
}

enum rc schedule_look(struct cx *cx, const struct course *course, struct schedule_date *date, size_t n)
{
    struct free_day_list free = {0};
    enum rc rc = set_times(cx, course, date, n);
    if (rc != RC_OK || n == 0)
        return rc;
    int64_t first = date[0].day, last = first;
    for (size_t i = 1; i < n; i++) {
        first = date[i].day < first ? date[i].day : first;
        last = date[i].day > last ? date[i].day : last;
    }
    rc = free_day_list(cx, course->organisation_id, first, last, &free);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        mark_free(&free, &date[i]);
    if (rc == RC_OK)
        rc = mark_twice(cx, course->id, date, n);
    return rc == RC_OK ? look_at_halls(cx, course, date, n) : rc;
}

/* --- making --- */

/* The title with its number: "Lecture {n}" is "Lecture 3". */
static const char *numbered(struct cx *cx, const char *title, int64_t number)
{
    const char *at = strstr(title, "{n}");
    return at ? arena_printf(cx->arena, "%.*s%lld%s", (int)(at - title), title, (long long)number, at + 3)
              : title;
}

static enum rc check_new(struct cx *cx, const struct schedule_new *in)
{
    size_t n = 0;
    enum rc rc = check_line(cx, numbered(cx, in->title, in->number + (int64_t)in->n), LECTURE_TITLE_MAX,
                            "title", "lecture_title_invalid");
    if (rc == RC_OK && !str_is_key(str_of(in->nonce), SCHEDULE_NONCE))
        rc = err_set(cx, RC_INVALID, NULL, "form", "no nonce");
    for (size_t i = 0; rc == RC_OK && i < in->n; i++) {
        const struct schedule_date *d = &in->date[i];
        if (d->skip)
            continue;
        n++;
        if (d->length < 1 || d->length > SCHEDULE_LONGEST)
            rc = wrong_row(cx, "length", i, "schedule_length");
        else if (check_text(cx, d->hall, SCHEDULE_HALL_MAX, "hall", "schedule_hall") != RC_OK)
            rc = wrong_row(cx, "hall", i, "schedule_hall");
    }
    if (rc == RC_OK && n == 0)
        rc = err_set(cx, RC_INVALID, "pick", "schedule_none", "not a single date");
    if (rc == RC_OK && n > SERIES_MAX)
        rc = err_set(cx, RC_TOOBIG, "pick", "series_long", "over %d dates", SERIES_MAX);
    return rc;
}

/* Rows `from` to `to` as JSON for the statement. */
static const char *rows_json(struct cx *cx, const struct schedule_new *in, const struct booking *b,
                             size_t from, size_t to)
{
    json_t *list = js_array(cx);
    for (size_t i = from; i < to; i++) {
        const struct schedule_date *d = &in->date[i];
        char key[LECTURE_KEY_LENGTH + 1];
        rand_key(key, sizeof key);
        json_t *o = json_object();
        json_object_set_new(o, "k", json_string(key));
        json_object_set_new(o, "t", json_string(numbered(cx, in->title, in->number + (int64_t)i)));
        json_object_set_new(o, "s", json_integer(d->starts_at / 1000));
        json_object_set_new(o, "e", json_integer(end_of(d) / 1000));
        json_object_set_new(o, "h", json_string(b[i].text));
        if (b[i].hall_id) {
            json_object_set_new(o, "hi", json_integer(b[i].hall_id));
            json_object_set_new(o, "hs", json_string(hall_state_name(b[i].state)));
        }
        json_array_append_new(list, o);
    }
    return js_text(cx, list).p;
}

static int by_time(const void *a, const void *b)
{
    const struct schedule_date *x = a, *y = b;
    return (x->starts_at > y->starts_at) - (x->starts_at < y->starts_at);
}

/* What is to be made, in the order of time. */
static enum rc pick(struct cx *cx, const struct course *course, struct schedule_new *in)
{
    struct schedule_date *date = arena_array(cx->arena, in->n, sizeof *date);
    memcpy(date, in->date, in->n * sizeof *date);
    enum rc rc = set_times(cx, course, date, in->n);
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        if (!date[i].skip) {
            date[n] = date[i];
            date[n++].row = i + 1;
        }
    qsort(date, n, sizeof *date, by_time);
    in->date = date;
    in->n = n;
    return rc;
}

static enum rc insert(struct cx *cx, const struct schedule_new *in, const struct booking *b, int64_t series)
{
    enum rc rc = RC_OK;
    for (size_t from = 0; rc == RC_OK && from < in->n; from += ROWS_AT_ONCE) {
        size_t to = in->n - from < ROWS_AT_ONCE ? in->n : from + ROWS_AT_ONCE;
        rc = db_exec(cx, SQL_schedule_insert, NULL, "sti", rows_json(cx, in, b, from, to), clock_now(),
                     series);
    }
    return rc;
}

enum rc schedule_is_made(struct cx *cx, const struct course *course, const char *nonce, bool *made)
{
    struct rows *rows = NULL;
    if (!str_is_key(str_of(nonce), SCHEDULE_NONCE)) {
        *made = false;
        return RC_OK;
    }
    enum rc rc = db_one(cx, SQL_series_made, &rows, "is", course->id, nonce);
    if (rc == RC_OK)
        *made = row_i64(rows, 0, 0) > 0;
    return rc;
}

struct create {
    int64_t course_id;
    const struct schedule_new *in;
    size_t made;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct create *c = arg;
    struct schedule_new in = *c->in;
    struct course *course = NULL;
    struct db_done series = {0};
    struct booking *halls = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_TIMETABLE, c->course_id, &course);
    if (rc == RC_OK && course->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc == RC_OK)
        rc = pick(cx, course, &in);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_series_insert, &series, "ist", c->course_id, in.nonce, clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "series_nonce")) { /* the form was sent twice */
        err_clear(cx);
        return RC_OK;
    }
    if (rc == RC_OK) {
        halls = bookings_of(cx, in.date, in.n);
        rc = booking_take(cx, course->object.organisation_path, halls, in.n);
    }
    if (rc == RC_OK)
        rc = insert(cx, &in, halls, series.id);
    if (rc == RC_OK)
        rc = audit_write(cx, "schedule.create", "course", c->course_id, "series %lld, %zu lectures",
                         (long long)series.id, in.n);
    if (rc == RC_OK)
        c->made = in.n;
    return rc;
}

enum rc schedule_create(struct cx *cx, int64_t course_id, const struct schedule_new *in, size_t *made)
{
    struct create c = {.course_id = course_id, .in = in};
    enum rc rc = check_new(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK)
        *made = c.made;
    return rc;
}
