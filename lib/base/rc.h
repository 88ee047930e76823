/* Result codes: every function that can fail returns one. Outputs go through pointers and stay untouched on
 * failure; the detail of a failure stands in struct err of the context (lib/base/cx.h). */
#ifndef LIB_BASE_RC_H
#define LIB_BASE_RC_H

enum rc {
    RC_OK = 0,
    RC_INVALID,  /* the input breaks a rule; err.field may name the field */
    RC_DENIED,   /* the actor may not do this (or must sign in first) */
    RC_NOTFOUND, /* no such object, or none that the actor may know of */
    RC_CONFLICT, /* the object's state or a uniqueness rule forbids it */
    RC_TOOBIG,   /* over a stated limit */
    RC_TIMEOUT,
    RC_UNAVAIL,  /* a part we need (database, store, disk) is not there; trying again may help */
    RC_INTERNAL, /* our fault */
    RC_COUNT
};

#define WARN_UNUSED __attribute__((warn_unused_result))

/* The code's name without prefix, in lower case ("notfound"); lends a static string. */
const char *rc_name(enum rc rc);

/* A broken invariant: logs file, line and text, then aborts. Never for bad input. */
#define bug(text) bug_at(__FILE__, __LINE__, (text))
_Noreturn void bug_at(const char *file, int line, const char *text);

#endif
