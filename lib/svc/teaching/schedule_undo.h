/* Undoing the last change of a timetable. Of each person in each course the last change is kept: how its lectures were before
 * and after it. */
#ifndef LIB_SVC_TEACHING_SCHEDULE_UNDO_H
#define LIB_SVC_TEACHING_SCHEDULE_UNDO_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum { SCHEDULE_UNDO_KEY = 24 /* characters of [a-z0-9] */ };

/* Puts back time, hall, cancellation and note of all lectures of that change: as they were, or none. Needs ACT_COURSE_TIMETABLE;
 * *n: how many. RC_CONFLICT schedule_undo_over: it is not the last change of cx->actor in this course, or was undone;
 * schedule_undo_changed: somebody has changed one of the lectures since, or it is live or deleted; hall_taken_meanwhile: one
 * of the halls; deleted: the course is. */
WARN_UNUSED enum rc schedule_undo(struct cx *cx, int64_t course_id, const char *key, size_t *n);

/* For schedule_change.c, in the transaction of the change, before and after it. ids: of all its lectures, as JSON; *undo and
 * *key: for schedule_undo_after, schedule_undo. */
WARN_UNUSED enum rc schedule_undo_before(struct cx *cx, int64_t course_id, const char *ids, int64_t *undo,
                                         const char **key);
WARN_UNUSED enum rc schedule_undo_after(struct cx *cx, int64_t undo);

#endif
