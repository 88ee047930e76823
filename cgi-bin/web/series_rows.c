#include "cgi-bin/web/series_rows.h"

#include "cgi-bin/web/twice.h"

static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};

enum rc series_open(struct web_request *rq, struct course **c)
{
    struct web_value id;
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, id.num, c);
    if (rc == RC_OK && (*c)->object.deleted)
        rc = err_set(&rq->cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc != RC_OK)
        return rc;
    site_zone(rq, (*c)->organisation_zone);
    view_num(rq->values, "Course.id", (*c)->id);
    view_set(rq->values, "Course.title", (*c)->name);
    return RC_OK;
}

const char *series_day(struct web_request *rq, int64_t day)
{
    struct wall w = wall_of_day(day);
    return wall_date(rq->cx.arena, &w);
}

static const char *period(struct web_request *rq, const struct schedule_date *d)
{
    return site_period(rq, d->starts_at, d->starts_at + d->length * 60000);
}

static bool is_outside(const struct term *term, const struct schedule_date *d)
{
    return d->day < term->first || d->day > term->last;
}

const char *series_note(struct web_request *rq, const struct term *term, const struct schedule_date *d)
{
    if (d->free)
        return web_t(rq, "Schedule.is_free", "what", d->free);
    if (d->twice)
        return web_t(rq, "Schedule.is_twice", "what",
                     *d->twice ? d->twice : web_t(rq, "Schedule.twice_each_other"));
    if (d->starts_at + d->length * 60000 <= rq->now)
        return web_t(rq, "Schedule.is_over");
    return is_outside(term, d) ? web_t(rq, "Schedule.is_outside") : NULL;
}

/* The hall that was typed for all of them: the first date may be over, and what is over takes none. NULL: all are. */
static const struct booking *hall_of_all(const struct web_request *rq, const struct schedule_date *date,
                                         size_t n)
{
    size_t i = 0;
    while (i < n && date[i].booking->ends_at <= rq->now)
        i++;
    return i < n ? date[i].booking : NULL;
}

/* What becomes of it. */
static const char *hall_sentence(struct web_request *rq, const struct booking *b)
{
    if (!b)
        return NULL;
    if (b->wrong && strcmp(b->wrong, "hall_taken") != 0)
        return hall_wrong(rq, b);
    if (!b->with)
        return *b->text && view_get(rq->values, "Offered.0.name")
                   ? web_t(rq, "Halls.only_text", "hall", b->text)
                   : NULL;
    return web_t(rq, b->state == HALL_BOOKED ? "Halls.will_book" : "Halls.will_ask", "hall", b->with->name,
                 "who", b->with->organisation_name);
}

void series_sum(struct web_request *rq, const struct term *term, const struct schedule_date *date, size_t n)
{
    int64_t free = 0, twice = 0, taken = 0, outside = 0;
    for (size_t i = 0; i < n; i++) {
        free += date[i].free != NULL;
        twice += date[i].twice != NULL;
        taken += date[i].booking->wrong && strcmp(date[i].booking->wrong, "hall_taken") == 0;
        outside += !date[i].free && is_outside(term, &date[i]);
    }
    const struct booking *hall = hall_of_all(rq, date, n);
    view_set(rq->values, "Dates.hall", hall_sentence(rq, hall));
    if (hall && hall->with)
        view_set(rq->values, "Dates.hall_url",
                 arena_printf(rq->cx.arena, "/calendar?hall=%lld&day=%s", (long long)hall->with->id,
                              series_day(rq, date[0].day)));
    if (taken)
        view_set(rq->values, "Dates.taken",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_taken", taken));
    view_set(rq->values, "Dates.count", i18n_count(rq->cx.arena, rq->lang, "Schedule.dates", (int64_t)n));
    if (free)
        view_set(rq->values, "Dates.free", i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_free", free));
    if (twice)
        view_set(rq->values, "Dates.twice",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_twice", twice));
    if (outside)
        view_set(rq->values, "Dates.outside",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_outside", outside));
    twice_show(rq, twice > 0);
}

struct view_node *series_row(struct web_request *rq, size_t row)
{
    struct view_node *node = view_add(rq->values, "Dates");
    view_num(node, "row", (int64_t)row + 1);
    return node;
}

void series_row_of(struct web_request *rq, const struct term *term, size_t row, const struct schedule_date *d)
{
    struct view_node *node = series_row(rq, row);
    view_set(node, "text", period(rq, d));
    view_set(node, "date", series_day(rq, d->day));
    view_set(node, "time",
             arena_printf(rq->cx.arena, "%02d:%02d", (int)(d->minute / 60), (int)(d->minute % 60)));
    view_num(node, "length", d->length);
    view_set(node, "hall", d->hall);
    const char *hall = hall_wrong(rq, d->booking);
    view_flag(node, "on", !d->free && !d->twice && !hall);
    view_set(node, "note", hall && !d->free && !d->twice ? hall : series_note(rq, term, d));
}

void series_kept(struct web_request *rq, const char *title, const char *number, const char *nonce,
                 const char *rule)
{
    view_set(rq->values, "Series.title", title);
    view_set(rq->values, "Series.number", number);
    view_set(rq->values, "Series.nonce", nonce);
    view_set(rq->values, "Series.rule", rule);
}
