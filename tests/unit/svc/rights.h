/* tests/unit/svc/rights.txt: who may do what, as people read it. Tests hold the program and the lists of the
 * database against it. */
#ifndef TESTS_UNIT_SVC_RIGHTS_H
#define TESTS_UNIT_SVC_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/svc/policy.h"
#include "lib/svc/teaching/hall.h"

/* The rows of every table, in its order. */
enum person {
    VISITOR,
    LINK, /* a visitor with the link */
    SIGNED_IN,
    ENROLLED,
    OWNER,
    LECTURER,
    ASSISTANT,                              /* and on, one per right, as enum staff_right */
    ORG_LECTURER = ASSISTANT + RIGHT_COUNT, /* by a grant; and on, one per enum place */
    PLACE_COUNT = 4,
    ORG_MAINTAINER = ORG_LECTURER + PLACE_COUNT,
    ADMIN = ORG_MAINTAINER + PLACE_COUNT,
    PROGRAM,
    PERSON_COUNT
};
/* Where the grant is, seen from the organisation that the object belongs to. */
enum place { HERE, ABOVE, BELOW, BESIDE };

/* The states of a lecture in the tables of looking; a course is only published or deleted. */
enum state { PUBLISHED, DRAFT, UNPUBLISHED, DELETED, STATE_COUNT };

extern const char *const person_names[PERSON_COUNT];

/* Reads the file; ends the program, with the line that is wrong, if it is not complete. */
void rights_read(void);
/* The cell of a person: true is '+'. Looking at a course or a lecture: */
bool rights_look(enum action action, enum person p, enum visibility v, enum state s, bool downloads);
/* Doing, whatever visibility and state: ACT_COURSE_TEACH to ACT_COURSE_CREATE, ACT_ORG_MANAGE, ACT_INSTALL. */
bool rights_do(enum action action, enum person p);
/* A hall of the course's organisation: keeping it; and what whoever plans a lecture gets: HALL_NONE also if they plan none. */
bool rights_keep_hall(enum person p);
enum hall_state rights_hall(enum person p, enum hall_booking booking);
/* Giving a role; right: of an assistant. */
bool rights_give(enum person p, enum staff_role role, enum staff_right right);

#endif
