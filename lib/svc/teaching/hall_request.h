/* Requests for halls: lectures whose hall is given on request (HALL_REQUESTED), answered by the maintainers of its organisation. What
 * is over, cancelled or deleted waits for no answer. */
#ifndef LIB_SVC_TEACHING_HALL_REQUEST_H
#define LIB_SVC_TEACHING_HALL_REQUEST_H

#include "lib/svc/people/org.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/schedule_change.h"

enum { HALL_REQUESTS_SHOWN = 20 };

struct hall_requests {
    const struct booking *item; /* lecture is set; `wrong` and `by` as of booking_look */
    size_t n;
    bool more; /* there are others behind HALL_REQUESTS_SHOWN */
};

/* For halls of an organisation and everything below it: by course, hall and time. Needs ACT_ORG_MANAGE. At most three statements. */
WARN_UNUSED enum rc hall_request_list(struct cx *cx, const struct org *org, struct hall_requests *out);

/* How many of them there are, up to HALL_REQUESTS_SHOWN. The same right. One statement. */
WARN_UNUSED enum rc hall_request_count(struct cx *cx, const struct org *org, int64_t *n);

/* Gives the halls, or refuses them, with a note for the lecturers (""); all or none. Needs ACT_ORG_MANAGE on the organisation of each
 * hall. What waits for no answer any more is left out; *n: how many were answered. RC_CONFLICT hall_request_taken (pick): one of the
 * halls is taken then; RC_INVALID schedule_note (note). */
WARN_UNUSED enum rc hall_request_answer(struct cx *cx, const struct schedule_keys *keys, bool give,
                                        const char *note, size_t *n);

#endif
