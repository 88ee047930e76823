/* Terms: summer and winter of a year. Slug "2026s" or "2026w"; pages write the name in their language. */
#ifndef LIB_SVC_TEACHING_TERM_H
#define LIB_SVC_TEACHING_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

struct term {
    int64_t id;
    const char *slug;
    int year;  /* the year it starts in */
    char half; /* 's' or 'w' */
    int64_t starts_at;
    int64_t ends_at; /* exclusive */
    /* The lecture period, days since 1970-01-01 (lib/base/zone.h), both included; the whole term if nobody has said. */
    bool has_period;
    int64_t first, last;
    bool current;
};

struct term_list {
    struct term *item;
    size_t n;
};

/* starts_at and ends_at NO_TIME: 1 April to 1 October, 1 October to 1 April (UTC). Needs ACT_INSTALL.
 * RC_INVALID term_invalid (slug), term_dates; RC_CONFLICT term_taken. */
WARN_UNUSED enum rc term_create(struct cx *cx, const char *slug, int64_t starts_at, int64_t ends_at,
                                int64_t *id);
/* The lecture period: days since 1970-01-01, both included. Needs ACT_INSTALL. RC_INVALID term_period (last): it does not lie
 * in the term; RC_NOTFOUND term_unknown. */
WARN_UNUSED enum rc term_set_period(struct cx *cx, int64_t id, int64_t first, int64_t last);
/* RC_NOTFOUND term_unknown. */
WARN_UNUSED enum rc term_get(struct cx *cx, int64_t id, struct term **out);
WARN_UNUSED enum rc term_get_by_slug(struct cx *cx, const char *slug, struct term **out);
/* The term that runs now, else the next one, else the last one; RC_NOTFOUND term_unknown if there is none. */
WARN_UNUSED enum rc term_get_current(struct cx *cx, struct term **out);
/* Newest first. `current` is set for the term that term_get_current returns. */
WARN_UNUSED enum rc term_list(struct cx *cx, struct term_list *out);

/* A DATE of the database, which comes and goes as midnight UTC, and the day since 1970-01-01. */
int64_t term_day(int64_t ms);
int64_t term_midnight(int64_t day);

#endif
