/* Rehearsals: a person streams while none of their lectures is due, or says that the next stream is a test. A rehearsal is a lecture in
 * every respect, so that its stream, recording and processing are those of all others; but its course is one that belongs to the
 * person and stands in no list, and to anybody else it does not exist (struct policy_object). It is removed with all its files
 * REHEARSAL_DAYS after its end, or becomes a lecture of another course. */
#ifndef LIB_SVC_LIVE_REHEARSAL_H
#define LIB_SVC_LIVE_REHEARSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/state.h"
#include "lib/svc/teaching/course.h"

enum { REHEARSAL_DAYS = 7, LIVE_TEST_S = 3600 };

struct rehearsal {
    const char *key; /* of its lecture */
    int64_t began_at;
    int64_t ended_at; /* NO_TIME: it is on */
    int64_t until;    /* removed then; NO_TIME: it is on */
    enum media_state media;
};
struct rehearsal_list {
    struct rehearsal *item;
    size_t n;
};

/* For lib/svc/live/start.c, inside db_tx: a new one of cx->actor, which the caller locks. *id 0: they may have none, since they may
 * upload in no course and create none. */
WARN_UNUSED enum rc rehearsal_add(struct cx *cx, int64_t *id);
/* The stream did not begin: the lecture is removed. */
WARN_UNUSED enum rc rehearsal_drop(struct cx *cx, int64_t id);

/* Those of cx->actor that are on or kept, the newest first, at most 20. One statement. */
WARN_UNUSED enum rc rehearsal_list(struct cx *cx, struct rehearsal_list *out);
/* The courses in which cx->actor could make a lecture of one: where they may plan lectures and upload; the newest term first, at most
 * 100. One statement. */
WARN_UNUSED enum rc rehearsal_courses(struct cx *cx, struct course_list *out);
/* Makes a lecture of the course of it, with this title, as a draft: ACT_COURSE_UPLOAD on the rehearsal, and that and
 * ACT_COURSE_TIMETABLE on the course. RC_NOTFOUND lecture_unknown: no rehearsal of the actor; RC_CONFLICT live_on: its stream is not
 * over; deleted: the course or the rehearsal is; RC_INVALID lecture_title_invalid. */
WARN_UNUSED enum rc rehearsal_give(struct cx *cx, const char *key, int64_t course_id, const char *title);
/* Removes those that are over for REHEARSAL_DAYS; for the scheduler. One statement. */
WARN_UNUSED enum rc rehearsal_sweep(struct cx *cx);

/* Test mode of cx->actor: the next stream is a rehearsal, whatever is due. It ends with that rehearsal, after LIVE_TEST_S, or when the
 * person chooses a lecture. *until: ms; NO_TIME: it is off. */
WARN_UNUSED enum rc live_test_get(struct cx *cx, int64_t *until);
/* RC_DENIED signin: nobody; RC_CONFLICT live_on_air: the person has streamed into a lecture whose stream goes on, and could not come back to it. */
WARN_UNUSED enum rc live_test_set(struct cx *cx, bool on);
/* Inside db_tx: the stream of this lecture is over. */
WARN_UNUSED enum rc live_test_over(struct cx *cx, int64_t lecture_id);

#endif
