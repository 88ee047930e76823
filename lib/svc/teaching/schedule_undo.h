/* Undoing the last change of a timetable. Of each person in each course the last change is kept: how its lectures were before
 * and after it. A new series is undone by the nonce of its form. */
#ifndef LIB_SVC_TEACHING_SCHEDULE_UNDO_H
#define LIB_SVC_TEACHING_SCHEDULE_UNDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum { SCHEDULE_UNDO_KEY = 24 /* characters of [a-z0-9] */ };

struct schedule_undone {
    size_t n;     /* how many lectures */
    size_t asked; /* their halls are given on request now, and are asked for */
    bool made;    /* they were a new series, and are gone */
};

/* Puts back time, hall, cancellation and note of all lectures of that change: as they were, or none. The lectures of a new series
 * are removed: all, or none; its form can be sent again. Needs ACT_COURSE_TIMETABLE. RC_CONFLICT schedule_undo_over: it is neither
 * the last change of cx->actor in this course nor a series, or was undone; schedule_undo_changed: somebody has changed one of the
 * lectures since, or it is live or deleted; hall_taken_meanwhile: others have one of the halls,
 * or it cannot be booked any more (booking_retake); deleted: the course is. */
WARN_UNUSED enum rc schedule_undo(struct cx *cx, int64_t course_id, const char *key,
                                  struct schedule_undone *out);

/* For schedule_change.c, in the transaction of the change, before and after it. ids: of all its lectures, as JSON; *undo and
 * *key: for schedule_undo_after, schedule_undo. */
WARN_UNUSED enum rc schedule_undo_before(struct cx *cx, int64_t course_id, const char *ids, int64_t *undo,
                                         const char **key);
WARN_UNUSED enum rc schedule_undo_after(struct cx *cx, int64_t undo);

#endif
