/* The question whether lectures of a course may take place at the same time: a box of the forms that plan them, there once it
 * is needed. */
#ifndef CGI_BIN_WEB_TWICE_H
#define CGI_BIN_WEB_TWICE_H

#include "cgi-bin/web/site.h"
#include "lib/svc/teaching/schedule_twice.h"

/* After schedule_find_twice, in the page's zone: RC_CONFLICT (field twice) schedule_twice, with a sentence that names the first
 * of them, unless none is at the same time as another or the box is ticked. */
WARN_UNUSED enum rc twice_ask(struct web_request *rq, const struct schedule_span *span, size_t n);
/* Form.twice, for twice_box of _macros.cs. offered: also if nobody has asked yet. */
void twice_show(struct web_request *rq, bool offered);

#endif
