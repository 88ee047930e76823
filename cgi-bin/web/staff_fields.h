/* A role in a course as fields of a form, and in words: shared by the pages of a course's people and rights. */
#ifndef CGI_BIN_WEB_STAFF_FIELDS_H
#define CGI_BIN_WEB_STAFF_FIELDS_H

#include "cgi-bin/web/site.h"
#include "lib/svc/teaching/course_staff.h"

/* The parameters: F_AS, then one flag per right, in the order of enum staff_right. */
enum { F_AS, F_RIGHT, F_COUNT = F_RIGHT + RIGHT_COUNT };
extern const struct web_param staff_params[F_COUNT];
enum { AS_STUDENT, AS_STAFF /* and on: as enum staff_role */ };

/* What they say, as read by web_params. */
enum staff_role staff_fields_role(const struct web_value *v);
unsigned staff_fields_rights(const struct web_value *v);

/* Sets Form.as and Form.rights with what the actor may give, and no more; with AS_STUDENT if `student`. `role`
 * (one of staff_role_names, or "student") and `rights` are chosen before anything is typed. */
void staff_fields_show(struct web_request *rq, const struct course *c, bool student, const char *role,
                       unsigned rights);

/* "Assistant: texts, upload" */
const char *staff_fields_words(struct web_request *rq, const struct course_staff *s);

/* The page where the role of the person in the course is changed; NULL if the actor may not. */
const char *staff_fields_url(struct web_request *rq, const struct course *c, const struct course_staff *s);

#endif
