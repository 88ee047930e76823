/* The students of a course: who is enrolled in it. Who runs it: course_staff.h. */
#ifndef LIB_SVC_TEACHING_COURSE_STUDENTS_H
#define LIB_SVC_TEACHING_COURSE_STUDENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

struct course_student {
    int64_t user_id;
    const char *login;
    const char *name;
};

struct course_students {
    struct course_student *item;
    size_t n;
};

/* All need ACT_COURSE_PEOPLE on the course. Adding twice is RC_OK; RC_NOTFOUND user_unknown, RC_CONFLICT
 * user_disabled (field login). */
WARN_UNUSED enum rc course_students_add(struct cx *cx, int64_t course_id, const char *login);
/* RC_OK also if the person is not enrolled. */
WARN_UNUSED enum rc course_students_remove(struct cx *cx, int64_t course_id, int64_t user_id);
/* By name; at most `limit` after `offset`. */
WARN_UNUSED enum rc course_students_list(struct cx *cx, int64_t course_id, int64_t limit, int64_t offset,
                                         struct course_students *out);

#endif
