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

/* Roles in a course. Owners may do everything in it, lecturers everything but delete it and make owners,
 * assistants what their rights say: a set of bits, 1u << RIGHT_…, and 0 for the other roles. */
enum staff_role { STAFF_OWNER, STAFF_LECTURER, STAFF_ASSISTANT, STAFF_ROLE_COUNT };
enum staff_right {
    RIGHT_TEXTS,      /* titles and descriptions of the course and its lectures */
    RIGHT_UPLOAD,     /* upload, process again, publish */
    RIGHT_TIMETABLE,  /* create and delete lectures, their times, publish */
    RIGHT_PEOPLE,     /* enrol students, give roles */
    RIGHT_STATISTICS, /* who watched how much */
    RIGHT_COUNT
};

/* The words of the database, forms and JSON ("signedin"); lend. The _of forms are false for any other
 * word. */
const char *role_name(enum role role);
bool role_of(struct str name, enum role *out);
extern const char *const visibility_names[VIS_COUNT + 1]; /* ends with NULL */
const char *visibility_name(enum visibility visibility);
bool visibility_of(struct str name, enum visibility *out);
const char *access_name(enum access access);
bool access_of(struct str name, enum access *out);
extern const char *const staff_role_names[STAFF_ROLE_COUNT + 1]; /* ends with NULL */
const char *staff_role_name(enum staff_role role);
bool staff_role_of(struct str name, enum staff_role *out);
const char *staff_right_name(enum staff_right right);
bool staff_right_of(struct str name, enum staff_right *out);

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
    bool staff;                    /* the actor is staff of the course, in this role, with these rights: */
    enum staff_role staff_role;
    unsigned staff_rights;
    bool enrolled;
    bool link;     /* the actor came with the key of the lecture or course */
    bool withheld; /* viewers do not see the recording yet, or not any more (lib/svc/teaching/release.h) */
    bool lecture;  /* it is a lecture, not a course: what a refusal calls it */
    bool
        rehearsal; /* of one person, who is its staff: to anybody else it does not exist (lib/svc/live/rehearsal.h) */
};

/* ACT_COURSE_… from TEACH on are asked about a course and about its lectures alike. */
enum action {
    ACT_COURSE_LIST,       /* see it in lists */
    ACT_COURSE_PAGE,       /* open its page */
    ACT_COURSE_TEACH,      /* open its teaching pages: drafts, states of recordings */
    ACT_COURSE_TEXTS,      /* titles, descriptions */
    ACT_COURSE_UPLOAD,     /* upload, process again, cancel */
    ACT_COURSE_PUBLISH,    /* publish a lecture, take that back */
    ACT_COURSE_TIMETABLE,  /* create and move lectures, delete and undo */
    ACT_COURSE_PEOPLE,     /* enrol; give and take roles: see policy_may_give */
    ACT_COURSE_STATISTICS, /* who watched how much */
    ACT_COURSE_SETTINGS,   /* address, term, organisation, visibility, downloads */
    ACT_COURSE_OWN,        /* delete and undo; make owners; move to another organisation */
    ACT_COURSE_CREATE,     /* in an organisation: only organisation_path counts */
    ACT_LECTURE_LIST,
    ACT_LECTURE_PAGE,
    ACT_LECTURE_PLAY,
    ACT_LECTURE_LIVE, /* watch its live stream while it is on: whoever opens the page could sit in the hall, so a rule that withholds the
                         recording does not withhold the stream */
    ACT_LECTURE_DOWNLOAD,
    ACT_ORG_MANAGE, /* people, nodes, sub-organisations: only organisation_path counts */
    ACT_INSTALL,    /* the whole installation: terms, migrations */
    ACT_COUNT
};

/* actor NULL: visitor. object NULL only for ACT_INSTALL. */
bool policy_may(const struct actor *actor, enum action action, const struct policy_object *object);

/* True if the actor may give somebody this role in the course, and take it: may say who its people are, and
 * may do everything that the role may, so that nobody gives more than they hold. */
bool policy_may_give(const struct actor *actor, const struct policy_object *object, enum staff_role role,
                     unsigned rights);

/* policy_may for cx->actor with a failure for people: RC_NOTFOUND if the actor may not even know of the
 * object (hidden course, draft, deleted); RC_DENIED with key "withheld" for a recording that viewers do not see
 * now, "signin" for a visitor who might have the right after signing in, "not_enrolled" on a course for enrolled
 * people, else "not_allowed". */
WARN_UNUSED enum rc policy_check(struct cx *cx, enum action action, const struct policy_object *object);

/* For lists: the organisations that the actor manages, as a regular expression (REGEXP of MariaDB) over their
 * paths: "^(/1/4/|/1/7/)", "^/" for all, and for none one that matches no path. A constant of the statement,
 * so a list costs the same for everybody. In the arena. */
const char *actor_managed(struct arena *arena, const struct actor *actor);

/* True if the actor has the role (or a stronger one) for any organisation. For menus only, never as a check.
 * Admin > maintainer > lecturer. */
bool actor_has_role(const struct actor *actor, enum role role);
/* True for staff of a course, and for the role lecturer or a stronger one. For menus only. */
bool actor_teaches(const struct actor *actor);

#endif
