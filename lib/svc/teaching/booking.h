/* Halls for lectures: which hall a name means, whether it is free, and taking it. The booking is the lecture itself: its hall_id,
 * its time and its hall_state. Overlap is a conflict, back to back is not. What is cancelled, deleted or of a deleted course
 * holds no hall; what is over takes none. */
#ifndef LIB_SVC_TEACHING_BOOKING_H
#define LIB_SVC_TEACHING_BOOKING_H

#include "lib/svc/teaching/hall.h"
#include "lib/svc/teaching/lecture.h"

struct booking {
    /* asked for */
    const char *field;             /* of the form, for a failure: "hall", "hall-3" */
    const char *hall;              /* as typed, "": none; NULL: as the lecture has it */
    int64_t starts_at, ends_at;    /* NO_TIME: unknown, four hours */
    const struct lecture *lecture; /* as it is; NULL: it is yet to be made */

    /* The answer, to be written into the lecture. text, for lecture.hall: the hall's name while it is booked, "" while it is not given,
     * else what was typed. */
    int64_t hall_id;       /* 0: none of the list */
    enum hall_state state; /* HALL_NONE with hall_id 0 */
    const char *text;
    const char *note;

    /* What pages say about it. wrong, why it cannot be had: hall_taken; hall_closed: maintainers alone book it; hall_archived: or it
     * serves the course no more; hall_long: over 24 hours. */
    const struct hall *with;  /* the hall that was meant; NULL: none of the list, or nothing changes */
    const char *wrong;        /* NULL: nothing is */
    const struct lecture *by; /* who has it; NULL: one of the same form, or one the actor may not see */
};

/* Answers n bookings of lectures of an organisation ("/1/4/"): nothing is written. At most three statements. */
WARN_UNUSED enum rc booking_look(struct cx *cx, const char *path, struct booking *b, size_t n);
/* The same, inside db_tx: locks the halls until its end, and fails if anything is wrong: RC_CONFLICT with its key, at its field. The
 * caller has locked the lectures and writes the answer. At most three statements. */
WARN_UNUSED enum rc booking_take(struct cx *cx, const char *path, struct booking *b, size_t n);

/* What became of halls that were not taken again. */
struct booking_retaken {
    size_t asked; /* HALL_REQUESTED now */
    size_t lost;  /* HALL_LOST now */
};
/* Inside db_tx, before they are restored: takes the halls again that these lectures (HALL_BOOKED) had before they were cancelled, deleted or
 * moved. What was given is given again, also what a maintainer gave. But if who may book the hall was changed since (`since`; NO_TIME:
 * since the lecture gave it up), what cx->actor may do now counts: it is asked for, or lost. Lost are also halls that others have, that
 * are archived, or that serve the course no more. */
WARN_UNUSED enum rc booking_retake(struct cx *cx, const struct lecture_list *list, int64_t since,
                                   struct booking_retaken *out);
/* The same for what a course has in halls from now on, when it is restored. */
WARN_UNUSED enum rc booking_retake_course(struct cx *cx, int64_t course_id);

/* For lectures that have chosen a hall (hall_id, starts_at, ends_at, lecture are set): sets `with`, `wrong` and `by`: is it taken by
 * others, or by one before it in the list? */
WARN_UNUSED enum rc booking_compare(struct cx *cx, struct booking *b, size_t n);
/* The same without `by`, inside db_tx: locks the halls until its end. */
WARN_UNUSED enum rc booking_claim(struct cx *cx, struct booking *b, size_t n);

#endif
