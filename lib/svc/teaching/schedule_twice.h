/* Which times of a course are taken: lectures in parallel rooms are possible, so this refuses nothing. Who plans is told. */
#ifndef LIB_SVC_TEACHING_SCHEDULE_TWICE_H
#define LIB_SVC_TEACHING_SCHEDULE_TWICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

/* When a lecture is to take place. */
struct schedule_span {
    int64_t lecture_id; /* 0: it is to be made */
    int64_t starts_at;
    int64_t ends_at;   /* NO_TIME: unknown; it counts as four hours */
    bool skip;         /* it will not be made: the others need not know it */
    const char *twice; /* set: a lecture of the course at that time; "": another of these; NULL: none */
};

/* Sets `twice` of n spans; back to back is not at the same time, and cancelled lectures do not count. What these lectures
 * were before does not count either. One statement. Needs no right: course_get has asked for it. */
WARN_UNUSED enum rc schedule_find_twice(struct cx *cx, int64_t course_id, struct schedule_span *span,
                                        size_t n);

#endif
