/* Calendars: what takes place between two times in one's own courses, a course, a hall, a part of the tree or everywhere, as far as
 * the actor may see it. Times are ms UTC. */
#ifndef LIB_SVC_TEACHING_CALENDAR_H
#define LIB_SVC_TEACHING_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/teaching/lecture.h"

enum calendar_scope {
    CALENDAR_MINE, /* where the actor is enrolled or staff */
    CALENDAR_ALL,  /* of the whole installation */
    CALENDAR_COURSE,
    CALENDAR_ORGANISATION, /* and what is below it */
    CALENDAR_HALL,         /* what has it */
    CALENDAR_SCOPE_COUNT
};

extern const char
    *const calendar_scope_names[CALENDAR_SCOPE_COUNT + 1]; /* of database and forms; ends with NULL */
bool calendar_scope_of(struct str name, enum calendar_scope *out);
const char *calendar_scope_name(enum calendar_scope scope);

enum {
    CALENDAR_MOST = 1000, /* lectures of one list */
    CALENDAR_MANY = 300   /* courses below an organisation from which on its lectures are read by time */
};

struct course;

struct calendar {
    enum calendar_scope scope;
    int64_t id;                  /* of the course, organisation or hall, else 0 */
    const char *name;            /* its name, else "" */
    const char *zone;            /* its time zone; NULL: the installation's */
    const char *slug;            /* of the organisation, else "" */
    const char *path;            /* of the organisation, also of the hall's; "/" for CALENDAR_ALL */
    bool open;                   /* everybody may see it: a public course, or everything public */
    const struct course *course; /* of CALENDAR_COURSE, else NULL */
};

/* Checks that the actor may open it: ACT_COURSE_PAGE on a course; those of organisations and halls are open to everybody, and show
 * what each may see. RC_DENIED signin: CALENDAR_MINE of a visitor; RC_NOTFOUND course_unknown, org_unknown, hall_unknown. */
WARN_UNUSED enum rc calendar_open(struct cx *cx, enum calendar_scope scope, int64_t id, struct calendar *out);
/* The same of an organisation by its slug. */
WARN_UNUSED enum rc calendar_open_org(struct cx *cx, const char *slug, struct calendar *out);

/* Of more lectures than anybody goes to: everything, or an organisation's. */
bool calendar_is_wide(const struct calendar *c);

struct calendar_list {
    struct lecture_list list; /* by time */
    const int64_t *changed;   /* when each was changed last */
    bool more;                /* there are more than `most` */
};

/* What begins at or after `from` and before `to`, at most `most` (1 to CALENDAR_MOST); cancelled ones too. One
 * statement, of CALENDAR_ORGANISATION two. */
WARN_UNUSED enum rc calendar_list(struct cx *cx, const struct calendar *c, int64_t from, int64_t to,
                                  int64_t most, struct calendar_list *out);

#endif
