/* Who may do what: the one place that decides, for pages, API, RPC and daemons alike.
 * A table says per action and visibility which relations to the object suffice (lib/svc/policy.c); a test
 * visits every cell. Pure: no I/O. The services load the facts together with the object and check before they
 * return or change it. */
#ifndef LIB_SVC_POLICY_H
#define LIB_SVC_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum role { ROLE_ADMIN, ROLE_MAINTAINER, ROLE_LECTURER, ROLE_COUNT };
enum visibility { VIS_PUBLIC, VIS_SIGNEDIN, VIS_ENROLLED, VIS_HIDDEN, VIS_COUNT };
enum access { ACCESS_DRAFT, ACCESS_PUBLISHED, ACCESS_UNPUBLISHED, ACCESS_COUNT };

/* The words of the database, forms and JSON ("signedin"); lend. The _of forms are false for any other
 * word. */
const char *role_name(enum role role);
bool role_of(struct str name, enum role *out);
extern const char *const visibility_names[VIS_COUNT + 1]; /* ends with NULL */
const char *visibility_name(enum visibility visibility);
bool visibility_of(struct str name, enum visibility *out);
const char *access_name(enum access access);
bool access_of(struct str name, enum access *out);

struct role_grant {
    enum role role;
    int64_t organisation_id;       /* 0 for an admin */
    const char *organisation_path; /* "/1/4/"; "" for an admin */
};

/* Who acts. cx->actor == NULL is a visitor. Made by session_open (people) or policy_system (programs). */
struct actor {
    int64_t user_id;   /* 0: no person */
    const char *login; /* what the audit writes */
    const char *name;
    const struct role_grant *grants;
    size_t grant_count;
    bool program; /* a program of the core: may everything */
    bool teaches; /* staff of a course; known from session_open, for menus only */
};

/* The actor of a program of the core; `name` is "lecternctl", "lectern-schedd", … and must outlive it. */
struct actor policy_system(const char *name);

/* What an action is about: facts about the object as seen by the actor. Filled by course_get, lecture_get,
 * org_get. */
struct policy_object {
    const char *organisation_path; /* of the organisation it belongs to */
    enum visibility visibility;    /* of the course */
    enum access access;            /* of the lecture; ACCESS_PUBLISHED for a course */
    bool downloads;                /* the course allows them */
    bool deleted;                  /* the course or the lecture is, with its undo still running */
    bool staff;                    /* the actor is staff of the course */
    bool enrolled;
    bool link; /* the actor came with the key of the lecture or course */
};

enum action {
    ACT_COURSE_LIST,   /* see it in lists */
    ACT_COURSE_PAGE,   /* open its page */
    ACT_COURSE_EDIT,   /* settings, lectures, delete and undo */
    ACT_COURSE_STAFF,  /* say who runs it and who is enrolled */
    ACT_COURSE_CREATE, /* in an organisation: only organisation_path counts */
    ACT_LECTURE_LIST,
    ACT_LECTURE_PAGE,
    ACT_LECTURE_PLAY,
    ACT_LECTURE_DOWNLOAD,
    ACT_LECTURE_EDIT, /* text, upload, publish, delete and undo, processing state */
    ACT_ORG_MANAGE,   /* people, nodes, sub-organisations: only organisation_path counts */
    ACT_INSTALL,      /* the whole installation: terms, migrations */
    ACT_COUNT
};

/* The relations of an actor to an object, strongest last; a set of bits. */
enum relation {
    REL_ANYBODY = 1 << 0,
    REL_LINK = 1 << 1,
    REL_SIGNEDIN = 1 << 2,
    REL_LECTURER = 1 << 3, /* holds the role lecturer for the organisation (or one above) */
    REL_ENROLLED = 1 << 4,
    REL_STAFF = 1 << 5,
    REL_MAINTAINER = 1 << 6, /* of the organisation or one above */
    REL_ADMIN = 1 << 7
};

/* actor NULL: visitor. object NULL only for ACT_INSTALL. */
bool policy_may(const struct actor *actor, enum action action, const struct policy_object *object);

/* policy_may for cx->actor with a failure for people: RC_NOTFOUND if the actor may not even know of the
 * object (hidden course, draft, deleted); RC_DENIED with key "signin" for a visitor who might have the right
 * after signing in, "not_enrolled" on a course for enrolled people, else "not_allowed". */
WARN_UNUSED enum rc policy_check(struct cx *cx, enum action action, const struct policy_object *object);

/* True if the actor has the role (or a stronger one) for any organisation. For menus only, never as a check.
 * Admin > maintainer > lecturer. */
bool actor_has_role(const struct actor *actor, enum role role);
/* True for staff of a course, and for the role lecturer or a stronger one. For menus only. */
bool actor_teaches(const struct actor *actor);

#endif
