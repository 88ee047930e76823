/* The audit: who did what to which object. Services write it in the transaction of the act itself. */
#ifndef LIB_SVC_AUDIT_H
#define LIB_SVC_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

/* action "lecture.publish", kind "lecture"; id 0: none. The detail is for people who read the audit: no
 * secrets, no tokens; cut to 1,000 characters. The actor is cx->actor. */
WARN_UNUSED enum rc audit_write(struct cx *cx, const char *action, const char *kind, int64_t id,
                                const char *detail_fmt, ...) __attribute__((format(printf, 5, 6)));

struct audit_entry {
    int64_t at;
    const char *actor;
    const char *action;
    const char *kind;
    int64_t object_id;
    const char *detail;
};

struct audit_list {
    struct audit_entry *item;
    size_t n;
};

/* Newest first. kind NULL: everything, else one object's. Needs ACT_INSTALL. */
WARN_UNUSED enum rc audit_list(struct cx *cx, const char *kind, int64_t object_id, int64_t limit,
                               struct audit_list *out);

/* Who last did one of these things ("course.update,course.release") to an object, if anybody did. No right is checked: for those who
 * may do them. */
struct audit_last {
    int64_t user_id;  /* 0: a program */
    const char *name; /* of the person; NULL: a program, or nobody */
    int64_t at;       /* NO_TIME: nobody */
};
WARN_UNUSED enum rc audit_last(struct cx *cx, const char *kind, int64_t object_id, const char *actions,
                               struct audit_last *out);

#endif
