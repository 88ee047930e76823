/* The field of a form in which a hall is chosen, and what pages say about halls of lectures. */
#ifndef CGI_BIN_WEB_HALL_FIELD_H
#define CGI_BIN_WEB_HALL_FIELD_H

#include "cgi-bin/web/site.h"
#include "lib/svc/teaching/booking.h"

/* The search for halls was sent, or one that it found was taken: the form comes back (web_form_again). */
bool hall_asked(const struct web_request *rq);
/* Offered: the halls that the actor may book or ask for, for lectures of an organisation ("/1/4/"); Form.hall.hint says what
 * choosing does. web_field was called for "hall". If not all of them can be offered, Form.hall.search, and after a search Form.hall.outcome
 * and Found. One statement. */
WARN_UNUSED enum rc hall_field_show(struct web_request *rq, const char *path);

/* Why a hall cannot be had, in a sentence: "HS 1 is taken: Algorithms, Lecture 3, Tue 24 Nov, 10:15–11:45". NULL: it can be had. */
const char *hall_wrong(struct web_request *rq, const struct booking *b);
/* After a failure of booking_take (rc, passed on): says at its field what is wrong with each of these that cannot be had, HALL_WRONG_SHOWN
 * at most. */
enum { HALL_WRONG_SHOWN = 10 };
enum rc hall_explain(struct web_request *rq, const char *path, struct booking *b, size_t n, enum rc rc);
bool hall_failed(const struct web_request *rq, enum rc rc); /* was it one? */

/* Sets hall_tag and hall_look of a lecture to come whose hall is not simply booked: asked for, refused, lost, booked with a note. */
void hall_show_state(struct web_request *rq, struct view_node *node, const struct lecture *l);

#endif
