/* The people of a course: who runs it, and which students belong to it. */
#ifndef LIB_SVC_TEACHING_COURSE_PEOPLE_H
#define LIB_SVC_TEACHING_COURSE_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum course_role { COURSE_STUDENT, COURSE_STAFF, COURSE_ROLE_COUNT };

struct course_person {
    int64_t user_id;
    const char *login;
    const char *name;
};

struct course_people {
    struct course_person *item;
    size_t n;
};

/* All need ACT_COURSE_STAFF on the course. Adding twice is RC_OK; RC_NOTFOUND user_unknown, RC_CONFLICT
 * user_disabled (field login). */
WARN_UNUSED enum rc course_people_add(struct cx *cx, int64_t course_id, enum course_role role,
                                      const char *login);
/* RC_OK also if the person is not in the course. The last person of the staff cannot be removed: RC_CONFLICT
 * staff_last. */
WARN_UNUSED enum rc course_people_remove(struct cx *cx, int64_t course_id, enum course_role role,
                                         int64_t user_id);
/* Students by name, staff as they came; at most `limit` after `offset`. */
WARN_UNUSED enum rc course_people_list(struct cx *cx, int64_t course_id, enum course_role role, int64_t limit,
                                       int64_t offset, struct course_people *out);

#endif
