/* Makes the bytes of an answer from what a handler returned. */
#ifndef LIB_WEB_ANSWER_H
#define LIB_WEB_ANSWER_H

#include "lib/web/web.h"

/* The one place that maps a result to status, page or redirect: renders the page, shows a failed form again
 * with what was typed, sends a visitor to sign in, or explains what went wrong and what to do. Afterwards
 * rq->status, headers and out are complete; nothing has been sent. */
void web_finish(struct web_request *rq, enum rc rc);

#endif
