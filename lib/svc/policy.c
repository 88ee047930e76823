#include "lib/svc/policy.h"

#include <string.h>

#include "lib/base/words.h"

static const char *const role_names[ROLE_COUNT] = {"admin", "maintainer", "lecturer"};
const char *const visibility_names[VIS_COUNT + 1] = {"public", "signedin", "enrolled", "hidden", NULL};
static const char *const access_names[ACCESS_COUNT] = {"draft", "published", "unpublished"};

WORDS_NAME(role_name, enum role, role_names, ROLE_COUNT)
WORDS_OF(role_of, enum role, role_names, ROLE_COUNT)
WORDS_NAME(visibility_name, enum visibility, visibility_names, VIS_COUNT)
WORDS_OF(visibility_of, enum visibility, visibility_names, VIS_COUNT)
WORDS_NAME(access_name, enum access, access_names, ACCESS_COUNT)
WORDS_OF(access_of, enum access, access_names, ACCESS_COUNT)

struct actor policy_system(const char *name)
{
    return (struct actor){.login = name, .name = name, .program = true};
}

/* --- the table --- */

enum {
    RUN = REL_STAFF | REL_MAINTAINER | REL_ADMIN, /* those who run the course */
    MANAGE = REL_MAINTAINER | REL_ADMIN,
    TEACH = REL_LECTURER | MANAGE,
    EVERY = REL_ANYBODY | REL_LINK | REL_SIGNEDIN | TEACH | REL_ENROLLED | REL_STAFF
};

#define SEEN_IN_LISTS                                                                                        \
    {                                                                                                        \
        [VIS_PUBLIC] = EVERY, [VIS_SIGNEDIN] = REL_SIGNEDIN | RUN, [VIS_ENROLLED] = REL_ENROLLED | RUN,      \
        [VIS_HIDDEN] = RUN                                                                                   \
    }
#define SEEN_BY_ADDRESS                                                                                      \
    {                                                                                                        \
        [VIS_PUBLIC] = EVERY, [VIS_SIGNEDIN] = REL_SIGNEDIN | RUN, [VIS_ENROLLED] = REL_ENROLLED | RUN,      \
        [VIS_HIDDEN] = REL_LINK | REL_ENROLLED | RUN                                                         \
    }
#define FOR_ALL(set)                                                                                         \
    {                                                                                                        \
        [VIS_PUBLIC] = (set), [VIS_SIGNEDIN] = (set), [VIS_ENROLLED] = (set), [VIS_HIDDEN] = (set)           \
    }

enum {
    OF_LECTURE = 1 << 0,  /* if it is a draft or unpublished, only for those who run the course */
    DOWNLOADS = 1 << 1,   /* the same if the course allows no downloads */
    FOR_VIEWERS = 1 << 2, /* not for deleted objects; a refusal may be "sign in" or "not enrolled" */
    OF_COURSE = 1 << 3    /* depends on visibility; a refusal may be "not found" */
};

static const struct {
    unsigned needs[VIS_COUNT];
    unsigned flags;
} table[ACT_COUNT] = {
    [ACT_COURSE_LIST] = {SEEN_IN_LISTS, OF_COURSE | FOR_VIEWERS},
    [ACT_COURSE_PAGE] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS},
    [ACT_COURSE_EDIT] = {FOR_ALL(RUN), OF_COURSE},
    [ACT_COURSE_STAFF] = {FOR_ALL(RUN), OF_COURSE},
    [ACT_COURSE_CREATE] = {FOR_ALL(TEACH), 0},
    [ACT_LECTURE_LIST] = {SEEN_IN_LISTS, OF_COURSE | FOR_VIEWERS | OF_LECTURE},
    [ACT_LECTURE_PAGE] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | OF_LECTURE},
    [ACT_LECTURE_PLAY] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | OF_LECTURE},
    [ACT_LECTURE_DOWNLOAD] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | OF_LECTURE | DOWNLOADS},
    [ACT_LECTURE_EDIT] = {FOR_ALL(RUN), OF_COURSE | OF_LECTURE},
    [ACT_ORG_MANAGE] = {FOR_ALL(MANAGE), 0},
    [ACT_INSTALL] = {FOR_ALL(REL_ADMIN), 0},
};

static bool is_below(const char *path, const char *top)
{
    return path && top && *top && strncmp(path, top, strlen(top)) == 0;
}

static unsigned relations_of_grant(const struct role_grant *g, const struct policy_object *o)
{
    if (g->role == ROLE_ADMIN)
        return REL_ADMIN;
    if (!o || !is_below(o->organisation_path, g->organisation_path))
        return 0;
    return g->role == ROLE_MAINTAINER ? REL_MAINTAINER : REL_LECTURER;
}

static unsigned relations(const struct actor *actor, const struct policy_object *o)
{
    unsigned r = REL_ANYBODY;
    if (o && o->link)
        r |= REL_LINK;
    if (!actor)
        return r;
    if (actor->program)
        return r | REL_ADMIN;
    r |= REL_SIGNEDIN;
    if (o && o->enrolled)
        r |= REL_ENROLLED;
    if (o && o->staff)
        r |= REL_STAFF;
    for (size_t i = 0; i < actor->grant_count; i++)
        r |= relations_of_grant(&actor->grants[i], o);
    return r;
}

static unsigned needs_of(enum action action, const struct policy_object *o)
{
    unsigned flags = table[action].flags;
    unsigned needs = table[action].needs[o ? o->visibility : VIS_PUBLIC];
    if (!o)
        return needs;
    if ((flags & FOR_VIEWERS) && o->deleted)
        return 0;
    if ((flags & FOR_VIEWERS) && (flags & OF_LECTURE) && o->access != ACCESS_PUBLISHED)
        needs &= RUN;
    if ((flags & DOWNLOADS) && !o->downloads)
        needs &= RUN;
    return needs;
}

bool policy_may(const struct actor *actor, enum action action, const struct policy_object *object)
{
    if (!object && action != ACT_INSTALL)
        bug("policy_may without an object");
    return (needs_of(action, object) & relations(actor, object)) != 0;
}

/* True if the actor may open the page, or would be asked to sign in or to enrol: then they may know that it
 * exists. */
static bool may_know(const struct actor *actor, enum action action, const struct policy_object *o)
{
    unsigned r = relations(actor, o);
    if (!(table[action].flags & OF_COURSE) || (r & RUN))
        return true;
    if (o->deleted || ((table[action].flags & OF_LECTURE) && o->access != ACCESS_PUBLISHED))
        return false;
    return o->visibility != VIS_HIDDEN || (r & table[ACT_COURSE_PAGE].needs[VIS_HIDDEN]);
}

enum rc policy_check(struct cx *cx, enum action action, const struct policy_object *object)
{
    if (policy_may(cx->actor, action, object))
        return RC_OK;
    unsigned flags = table[action].flags;
    if (!may_know(cx->actor, action, object))
        return err_set(cx, RC_NOTFOUND, NULL, (flags & OF_LECTURE) ? "lecture_unknown" : "course_unknown",
                       "policy: action %d, not to be known", (int)action);
    /* If even those who run it may not do it, it is over: a deleted course has no page. */
    if (object && (flags & FOR_VIEWERS) && object->deleted)
        return err_set(cx, RC_NOTFOUND, NULL, (flags & OF_LECTURE) ? "lecture_unknown" : "course_unknown",
                       "policy: action %d, deleted", (int)action);
    if (!cx->actor)
        return err_set(cx, RC_DENIED, NULL, "signin", "policy: action %d, visitor", (int)action);
    bool enrol = (flags & FOR_VIEWERS) && object && object->visibility == VIS_ENROLLED && !object->enrolled;
    return err_set(cx, RC_DENIED, NULL, enrol ? "not_enrolled" : "not_allowed", "policy: action %d, %s",
                   (int)action, cx->actor->login);
}

bool actor_has_role(const struct actor *actor, enum role role)
{
    if (!actor)
        return false;
    if (actor->program)
        return true;
    for (size_t i = 0; i < actor->grant_count; i++)
        if (actor->grants[i].role <= role)
            return true;
    return false;
}

bool actor_teaches(const struct actor *actor)
{
    return actor && (actor->teaches || actor_has_role(actor, ROLE_LECTURER));
}
