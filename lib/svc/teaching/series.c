#include "lib/svc/teaching/series.h"

enum { THURSDAY = 4, MONDAY = 1, WEEK = 7 };

/* 0: Sunday. Day 0 was a Thursday. */
static int weekday_of(int64_t day)
{
    return (int)(((day + THURSDAY) % WEEK + WEEK) % WEEK);
}

static int64_t monday_of(int64_t day)
{
    return day - (weekday_of(day) - MONDAY + WEEK) % WEEK;
}

static bool has_day(const struct series_rule *r, int64_t day)
{
    unsigned weekdays = r->weekdays ? r->weekdays : 1U << weekday_of(r->first);
    int64_t week = (monday_of(day) - monday_of(r->first)) / WEEK;
    return (weekdays >> weekday_of(day) & 1) && week % r->every == 0;
}

static bool is_free(const struct series_rule *r, int64_t day)
{
    for (size_t i = 0; r->free && i < r->free->n; i++)
        if (r->free->item[i].first <= day && day <= r->free->item[i].last)
            return true;
    return false;
}

static enum rc too_long(struct cx *cx, const struct series_rule *r)
{
    return err_set(cx, RC_INVALID, r->count ? "count" : "until", "series_long",
                   "over %d dates, or over %d days", SERIES_MAX, SERIES_SPAN_DAYS);
}

enum rc series_days(struct cx *cx, const struct series_rule *r, const int64_t **days, size_t *n)
{
    int64_t last = r->first + SERIES_SPAN_DAYS;
    size_t found = 0;
    int64_t left = r->count;
    if (r->every < 1 || r->every > SERIES_WEEKS_MAX)
        return err_set(cx, RC_INVALID, "every", "series_every", "every %lld weeks", (long long)r->every);
    if (r->count > SERIES_MAX || (!r->count && r->until > last))
        return too_long(cx, r);
    if (!r->count && r->until < r->first)
        return err_set(cx, RC_INVALID, "until", "series_until", "the end lies before the first day");
    if (!r->count)
        last = r->until;
    int64_t *list = arena_array(cx->arena, SERIES_MAX + 1, sizeof *list);
    for (int64_t day = r->first; day <= last && (!r->count || left > 0); day++) {
        if (!has_day(r, day))
            continue;
        if (found == SERIES_MAX)
            return too_long(cx, r);
        list[found++] = day;
        left -= r->count && !is_free(r, day);
    }
    if (left > 0)
        return too_long(cx, r);
    if (found == 0)
        return err_set(cx, RC_INVALID, "until", "series_none", "no such weekday until then");
    *days = list;
    *n = found;
    return RC_OK;
}
