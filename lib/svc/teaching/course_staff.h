/* The staff of a course: who runs it, in which role. Students: course_students.h. */
#ifndef LIB_SVC_TEACHING_COURSE_STAFF_H
#define LIB_SVC_TEACHING_COURSE_STAFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"

enum { COURSE_STAFF_MAX = 500 };

struct course_staff {
    int64_t user_id;
    const char *login;
    const char *name;
    enum staff_role role;
    unsigned rights; /* of an assistant: bits 1u << RIGHT_… */
    int64_t since;
    const char *granted_by; /* name; NULL: a program, or not known */
    bool disabled;          /* the account */
};

struct course_staff_list {
    struct course_staff *item;
    size_t n;
};

/* All need ACT_COURSE_PEOPLE on the course, and policy_may_give for the role that is given or taken: RC_DENIED
 * more_than_held. The last owner stays: RC_CONFLICT owner_last. */

/* Adds the person, or changes role and rights of one of the staff. rights counts for assistants only, who need
 * one at least: RC_INVALID (field rights) rights_none. RC_NOTFOUND user_unknown, RC_CONFLICT user_disabled
 * (field login), staff_many: COURSE_STAFF_MAX are there. */
WARN_UNUSED enum rc course_staff_give(struct cx *cx, int64_t course_id, const char *login,
                                      enum staff_role role, unsigned rights);
/* The same for a form that adds somebody: RC_CONFLICT (login) staff_there: they have another role already, which stays. */
WARN_UNUSED enum rc course_staff_add(struct cx *cx, int64_t course_id, const char *login,
                                     enum staff_role role, unsigned rights);
/* The same for the form of one person. seen: course_staff_seen of what it showed, NULL: not asked; RC_CONFLICT (seen)
 * changed_meanwhile; RC_NOTFOUND user_unknown: they are not of the staff (any more). */
WARN_UNUSED enum rc course_staff_change(struct cx *cx, int64_t course_id, int64_t user_id,
                                        enum staff_role role, unsigned rights, const char *seen);
const char *course_staff_seen(struct cx *cx, const struct course_staff *s);
/* RC_OK also if the person is not of the staff. */
WARN_UNUSED enum rc course_staff_take(struct cx *cx, int64_t course_id, int64_t user_id);
/* Owners first, then lecturers, assistants; each as they came. */
WARN_UNUSED enum rc course_staff_list(struct cx *cx, int64_t course_id, struct course_staff_list *out);
/* One of them: RC_NOTFOUND user_unknown. */
WARN_UNUSED enum rc course_staff_get(struct cx *cx, int64_t course_id, int64_t user_id,
                                     struct course_staff **out);

#endif
