/* The form that says when recordings appear: of a course, and of a lecture that follows it or has a rule of its own. */
#ifndef CGI_BIN_WEB_RELEASE_FORM_H
#define CGI_BIN_WEB_RELEASE_FORM_H

#include "cgi-bin/web/seen.h"

/* Sets Form.release, Form.days, Form.hides and Form.seen. own: the rule is not the course's; NULL: it is the course's form. seen: `now`
 * is set here. */
WARN_UNUSED enum rc release_form_show(struct web_request *rq, const struct release *r, const bool *own,
                                      struct seen_form seen);
/* Reads what it sends; *own stays as it is in the form of a course. */
WARN_UNUSED enum rc release_form_read(struct web_request *rq, struct release *out, bool *own);
/* When viewers see the recording of a lecture, as a sentence; NULL: they do, as soon as it is there. */
const char *release_sentence(struct web_request *rq, const struct lecture *l);

#endif
