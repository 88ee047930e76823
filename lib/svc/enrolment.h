/* Enrolment: which students belong to a course. */
#ifndef LIB_SVC_ENROLMENT_H
#define LIB_SVC_ENROLMENT_H

#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/course.h"

/* Need ACT_COURSE_STAFF on the course. Twice is RC_OK. RC_NOTFOUND user_unknown (field login). */
WARN_UNUSED enum rc enrolment_add(struct cx *cx, int64_t course_id, const char *login);
WARN_UNUSED enum rc enrolment_remove(struct cx *cx, int64_t course_id, int64_t user_id);
/* By name, at most `limit` after `offset`. */
WARN_UNUSED enum rc enrolment_list(struct cx *cx, int64_t course_id, int64_t limit, int64_t offset,
                                   struct course_people *out);

#endif
