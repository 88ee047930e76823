/* The timetable of a course: which lectures a series would have, and making them. What is planned is visible to everybody who
 * may see the course; its recording appears as the course says. */
#ifndef LIB_SVC_TEACHING_SCHEDULE_H
#define LIB_SVC_TEACHING_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/series.h"

enum {
    SCHEDULE_LONGEST = 24 * 60, /* minutes of one lecture */
    SCHEDULE_HALL_MAX = 120,    /* characters */
    SCHEDULE_NONCE = 24         /* characters of [a-z0-9] */
};

/* One lecture to be. Its day and minute are those on the wall of the course's zone. */
struct schedule_date {
    int64_t day;                   /* since 1970-01-01 */
    int64_t minute;                /* since midnight */
    int64_t length;                /* minutes, 1 to SCHEDULE_LONGEST */
    const char *hall;              /* of the list, or any text; "": not known yet */
    bool skip;                     /* not to be made */
    int64_t starts_at;             /* ms UTC, as zone_utc says */
    const char *free;              /* the name of the free days it lies in, or NULL */
    const char *twice;             /* as in struct schedule_span */
    const struct booking *booking; /* whether the hall can be had */
    size_t row;                    /* in the form, from 1 on */
};

/* The days of a rule, whose number of lectures is that of days that are not free in the course's organisation: series_days. Needs no
 * right, as what follows. */
WARN_UNUSED enum rc schedule_days(struct cx *cx, const struct course *course, const struct series_rule *rule,
                                  const int64_t **days, size_t *n);

/* Sets starts_at, free, twice and booking of n dates, in two statements, and at most three for halls. Needs no right: course_get has asked for it. RC_INVALID
 * schedule_time (field "date-<row>", from 1 on): outside of 2000 to 2100. */
WARN_UNUSED enum rc schedule_look(struct cx *cx, const struct course *course, struct schedule_date *date,
                                  size_t n);

struct schedule_new {
    const char *title;                /* {n} becomes the number of each, in the order of time */
    int64_t number;                   /* of the first */
    const char *nonce;                /* of the form */
    const struct schedule_date *date; /* what schedule_look sets does not count */
    size_t n;
};

/* Makes the lectures, published, with their halls, in one transaction, 250 rows a statement. Needs ACT_COURSE_TIMETABLE. A form that is sent again
 * (same nonce) makes nothing and is RC_OK with *made 0. RC_INVALID lecture_title_invalid (title), schedule_none (pick): not a
 * single date, schedule_length (length-<row>), schedule_time (date-<row>), schedule_hall (hall-<row>); RC_TOOBIG series_long;
 * RC_CONFLICT deleted, and the failures of booking_take (hall-<row>). */
WARN_UNUSED enum rc schedule_create(struct cx *cx, int64_t course_id, const struct schedule_new *in,
                                    size_t *made);
/* Has a form with this nonce made its lectures already? */
WARN_UNUSED enum rc schedule_is_made(struct cx *cx, const struct course *course, const char *nonce,
                                     bool *made);

#endif
