/* Changing what is planned: lectures of a course are moved, cancelled and restored together, one, a series from one on, or any
 * that are ticked. All need ACT_COURSE_TIMETABLE on the course; RC_CONFLICT deleted: the course is deleted; (seen) changed_meanwhile. Lectures that were
 * deleted meanwhile, or are another course's, are left out. */
#ifndef LIB_SVC_TEACHING_SCHEDULE_CHANGE_H
#define LIB_SVC_TEACHING_SCHEDULE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/schedule.h"
#include "lib/svc/teaching/schedule_twice.h"

enum { SCHEDULE_NOTE_MAX = 300 /* characters */ };

enum schedule_scope { SCHEDULE_ONE, SCHEDULE_FOLLOWING, SCHEDULE_ALL, SCHEDULE_SCOPE_COUNT };

struct schedule_keys {
    const char *const *key;
    size_t n;         /* at most SERIES_MAX */
    const char *seen; /* of a single lecture: schedule_seen of what the form showed; NULL: not asked */
};

/* Of when and where it takes place, or that it does not, and why (lib/svc/seen.h). */
const char *schedule_seen(struct cx *cx, const struct lecture *l);

/* The lectures of these keys, by time; descriptions are NULL. */
WARN_UNUSED enum rc schedule_get(struct cx *cx, const struct course *course, const struct schedule_keys *keys,
                                 struct lecture_list *out);
/* A lecture, or its series from it on, or the whole series; a lecture of no series is alone. RC_NOTFOUND lecture_unknown. */
WARN_UNUSED enum rc schedule_get_scope(struct cx *cx, const struct course *course, const char *key,
                                       enum schedule_scope scope, struct lecture_list *out);
/* True if a change of the series leaves this lecture alone unless somebody asks for it: it is over, has a recording, was
 * changed apart, or is cancelled. */
bool schedule_stays(const struct lecture *l, int64_t now);

/* What becomes of each lecture; by the wall clock of the course's zone, so a lecture at 10:15 is at 10:15 after the change. */
struct schedule_move {
    bool has_day;
    int64_t day; /* the date of all of them, since 1970-01-01: for a single lecture */
    bool has_weekday;
    int weekday; /* 0: Sunday; in the week in which it is (from Monday on) */
    bool has_minute;
    int64_t minute; /* since midnight */
    bool has_length;
    int64_t length;   /* minutes */
    const char *hall; /* of the list, or any text; NULL: as it is */
    bool apart;       /* from now on a change of their series leaves them alone */
};

/* When these lectures will take place after the move, of those whose times it changes and that are not cancelled; looked up
 * (schedule_find_twice). RC_INVALID schedule_time. */
WARN_UNUSED enum rc schedule_move_look(struct cx *cx, const struct course *course,
                                       const struct schedule_keys *keys, const struct schedule_move *move,
                                       struct schedule_span **span, size_t *n);

/* The same for what schedule_restore would restore. */
WARN_UNUSED enum rc schedule_restore_look(struct cx *cx, const struct course *course,
                                          const struct schedule_keys *keys, struct schedule_span **span,
                                          size_t *n);

struct schedule_changed {
    size_t n;         /* how many lectures */
    const char *undo; /* for schedule_undo; NULL: none was changed */
    size_t asked;     /* of schedule_restore: their halls are given on request now, and are asked for */
};

/* In one transaction, 250 rows a statement. RC_INVALID schedule_length (length), schedule_hall (hall),
 * schedule_time (date): outside of 2000 to 2100; RC_CONFLICT lecture_state: one of them is live;
 * the failures of booking_take (hall). */
WARN_UNUSED enum rc schedule_move(struct cx *cx, int64_t course_id, const struct schedule_keys *keys,
                                  const struct schedule_move *move, struct schedule_changed *out);
/* They do not take place, and their halls are free; note: why, for everybody. Cancelling twice changes the note. RC_INVALID schedule_note (note),
 * RC_CONFLICT lecture_state: one of them is live. */
WARN_UNUSED enum rc schedule_cancel(struct cx *cx, int64_t course_id, const struct schedule_keys *keys,
                                    const char *note, struct schedule_changed *out);
/* They take place after all. What is not cancelled stays as it is and does not count. RC_CONFLICT
 * hall_taken_meanwhile (hall): others have one of the halls, or it cannot be booked any more (booking_retake). */
WARN_UNUSED enum rc schedule_restore(struct cx *cx, int64_t course_id, const struct schedule_keys *keys,
                                     struct schedule_changed *out);

#endif
