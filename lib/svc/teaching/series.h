/* Which days a series of lectures has: chosen weekdays, every so many weeks, until a day or a number of lectures. Not a free
 * recurrence rule (RFC 5545): some of those take long to find out that they have no day. Pure. Days are counted since
 * 1970-01-01 (lib/base/zone.h). */
#ifndef LIB_SVC_TEACHING_SERIES_H
#define LIB_SVC_TEACHING_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/teaching/free_day.h"

enum {
    SERIES_MAX = 500, /* lectures of one form */
    SERIES_WEEKS_MAX = 52,
    SERIES_SPAN_DAYS = 3 * 366 /* from the first day to the last */
};

struct series_rule {
    int64_t first;     /* no lecture before this day */
    unsigned weekdays; /* bit 1 << n, 0: Sunday; 0: the weekday of `first` */
    int64_t every; /* weeks, from 1 to SERIES_WEEKS_MAX; they begin on Monday, the first is that of `first` */
    int64_t until; /* the last day that may have one */
    int64_t count; /* how many; 0: as many as there are until then */
    const struct free_day_list *free; /* they do not count, so that a series goes on after them; NULL: none */
};

/* The days, ascending, free ones among them; *days lives in the arena. Without count the series ends at `until`, with it `until`
 * does not count.
 * RC_INVALID series_every (every); series_until (until): before the first day; series_long (count if it was given, else until):
 * over SERIES_MAX days, or over SERIES_SPAN_DAYS from first to last; series_none (until): no such weekday until then. */
WARN_UNUSED enum rc series_days(struct cx *cx, const struct series_rule *rule, const int64_t **days,
                                size_t *n);

#endif
