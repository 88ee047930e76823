#include "lib/svc/policy.h"

#include <string.h>

#include "lib/base/words.h"

static const char *const role_names[ROLE_COUNT] = {"admin", "maintainer", "lecturer"};
const char *const visibility_names[VIS_COUNT + 1] = {"public", "signedin", "enrolled", "hidden", NULL};
static const char *const access_names[ACCESS_COUNT] = {"draft", "published", "unpublished"};
const char *const staff_role_names[STAFF_ROLE_COUNT + 1] = {"owner", "lecturer", "assistant", NULL};
static const char *const staff_right_names[RIGHT_COUNT] = {
    [RIGHT_TEXTS] = "texts",   [RIGHT_UPLOAD] = "upload",         [RIGHT_TIMETABLE] = "timetable",
    [RIGHT_PEOPLE] = "people", [RIGHT_STATISTICS] = "statistics",
};

WORDS_NAME(role_name, enum role, role_names, ROLE_COUNT)
WORDS_OF(role_of, enum role, role_names, ROLE_COUNT)
WORDS_NAME(visibility_name, enum visibility, visibility_names, VIS_COUNT)
WORDS_OF(visibility_of, enum visibility, visibility_names, VIS_COUNT)
WORDS_NAME(access_name, enum access, access_names, ACCESS_COUNT)
WORDS_OF(access_of, enum access, access_names, ACCESS_COUNT)
WORDS_NAME(staff_role_name, enum staff_role, staff_role_names, STAFF_ROLE_COUNT)
WORDS_OF(staff_role_of, enum staff_role, staff_role_names, STAFF_ROLE_COUNT)
WORDS_NAME(staff_right_name, enum staff_right, staff_right_names, RIGHT_COUNT)
WORDS_OF(staff_right_of, enum staff_right, staff_right_names, RIGHT_COUNT)

struct actor policy_system(const char *name)
{
    return (struct actor){.login = name, .name = name, .program = true};
}

/* --- the table --- */

/* The relations of an actor to an object, strongest last; a set of bits. */
enum {
    REL_ANYBODY = 1 << 0,
    REL_LINK = 1 << 1,
    REL_SIGNEDIN = 1 << 2,
    REL_LECTURER = 1 << 3, /* holds the role lecturer for the organisation (or one above) */
    REL_ENROLLED = 1 << 4,
    REL_ASSISTANT = 1 << 5, /* of the course, with any rights */
    REL_TEXTS = 1 << 6,     /* assistant of the course with that right; in the order of enum staff_right */
    REL_UPLOAD = REL_TEXTS << RIGHT_UPLOAD,
    REL_TIMETABLE = REL_TEXTS << RIGHT_TIMETABLE,
    REL_PEOPLE = REL_TEXTS << RIGHT_PEOPLE,
    REL_STATISTICS = REL_TEXTS << RIGHT_STATISTICS,
    REL_COURSE_LECTURER = 1 << 11,
    REL_OWNER = 1 << 12,
    REL_MAINTAINER = 1 << 13, /* of the organisation or one above */
    REL_ADMIN = 1 << 14,

    MANAGE = REL_MAINTAINER | REL_ADMIN,
    CREATE = REL_LECTURER | MANAGE,
    OWN = REL_OWNER | MANAGE,
    LEAD = REL_COURSE_LECTURER | OWN,
    RUN = REL_ASSISTANT | LEAD, /* those who run the course */
    EVERY = REL_ANYBODY | REL_LINK | REL_SIGNEDIN | REL_LECTURER | REL_ENROLLED | RUN
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
    DOWNLOADS = 1 << 0,   /* where the course allows none, only for those who could upload the recording */
    FOR_VIEWERS = 1 << 1, /* not for deleted objects; drafts and unpublished lectures for those who run the
                             course alone; a refusal may be "sign in" or "not enrolled" */
    OF_COURSE = 1 << 2,   /* depends on visibility; a refusal may be "not found" */
    RECORDING = 1 << 3,   /* while it is withheld, for those who run the course alone */
    REHEARSED = 1 << 4    /* with a rehearsal, too, by its person; everything else is for programs alone */
};

static const struct {
    unsigned needs[VIS_COUNT];
    unsigned flags;
} table[ACT_COUNT] = {
    [ACT_COURSE_LIST] = {SEEN_IN_LISTS, OF_COURSE | FOR_VIEWERS},
    [ACT_COURSE_PAGE] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS},
    [ACT_COURSE_TEACH] = {FOR_ALL(RUN), OF_COURSE},
    [ACT_COURSE_TEXTS] = {FOR_ALL(LEAD | REL_TEXTS), OF_COURSE},
    [ACT_COURSE_UPLOAD] = {FOR_ALL(LEAD | REL_UPLOAD), OF_COURSE | REHEARSED},
    [ACT_COURSE_PUBLISH] = {FOR_ALL(LEAD | REL_UPLOAD | REL_TIMETABLE), OF_COURSE},
    [ACT_COURSE_TIMETABLE] = {FOR_ALL(LEAD | REL_TIMETABLE), OF_COURSE},
    [ACT_COURSE_PEOPLE] = {FOR_ALL(LEAD | REL_PEOPLE), OF_COURSE},
    [ACT_COURSE_STATISTICS] = {FOR_ALL(LEAD | REL_STATISTICS), OF_COURSE},
    [ACT_COURSE_SETTINGS] = {FOR_ALL(LEAD), OF_COURSE},
    [ACT_COURSE_OWN] = {FOR_ALL(OWN), OF_COURSE},
    [ACT_COURSE_CREATE] = {FOR_ALL(CREATE), 0},
    [ACT_LECTURE_LIST] = {SEEN_IN_LISTS, OF_COURSE | FOR_VIEWERS},
    [ACT_LECTURE_PAGE] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | REHEARSED},
    [ACT_LECTURE_PLAY] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | RECORDING | REHEARSED},
    [ACT_LECTURE_LIVE] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | REHEARSED},
    [ACT_LECTURE_DOWNLOAD] = {SEEN_BY_ADDRESS, OF_COURSE | FOR_VIEWERS | DOWNLOADS | RECORDING | REHEARSED},
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

static unsigned relations_of_staff(enum staff_role role, unsigned rights)
{
    if (role == STAFF_OWNER)
        return REL_OWNER;
    if (role == STAFF_LECTURER)
        return REL_COURSE_LECTURER;
    return REL_ASSISTANT | (rights & ((1u << RIGHT_COUNT) - 1)) * REL_TEXTS;
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
    if (o && o->rehearsal) /* no role above it, no link, no enrolment */
        return o->staff ? r | relations_of_staff(o->staff_role, o->staff_rights) : r;
    if (o && o->enrolled)
        r |= REL_ENROLLED;
    if (o && o->staff)
        r |= relations_of_staff(o->staff_role, o->staff_rights);
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
    if (o->rehearsal && !(o->lecture && (flags & REHEARSED)))
        return REL_ADMIN;
    if (o->rehearsal)
        needs &= RUN | REL_UPLOAD;
    if ((flags & FOR_VIEWERS) && o->deleted)
        return 0;
    if ((flags & FOR_VIEWERS) && o->access != ACCESS_PUBLISHED)
        needs &= RUN;
    if ((flags & RECORDING) && o->withheld)
        needs &= RUN;
    if ((flags & DOWNLOADS) && !o->downloads)
        needs = LEAD | REL_UPLOAD;
    return needs;
}

bool policy_may(const struct actor *actor, enum action action, const struct policy_object *object)
{
    if (!object && action != ACT_INSTALL)
        bug("policy_may without an object");
    return (needs_of(action, object) & relations(actor, object)) != 0;
}

bool policy_may_give(const struct actor *actor, const struct policy_object *object, enum staff_role role,
                     unsigned rights)
{
    unsigned mine = relations(actor, object), given = relations_of_staff(role, rights);
    bool may = policy_may(actor, ACT_COURSE_PEOPLE, object);
    for (int action = 0; may && action < ACT_COUNT; action++) {
        unsigned needs = needs_of((enum action)action, object);
        may = !(needs & given) || (needs & mine);
    }
    return may;
}

/* True if the actor may open the page, or would be asked to sign in or to enrol: then they may know that it
 * exists. */
static bool may_know(const struct actor *actor, enum action action, const struct policy_object *o)
{
    unsigned r = relations(actor, o);
    if (!(table[action].flags & OF_COURSE) || (r & RUN))
        return true;
    if (o->deleted || o->access != ACCESS_PUBLISHED || o->rehearsal)
        return false;
    return o->visibility != VIS_HIDDEN || (r & table[ACT_COURSE_PAGE].needs[VIS_HIDDEN]);
}

enum rc policy_check(struct cx *cx, enum action action, const struct policy_object *object)
{
    if (policy_may(cx->actor, action, object))
        return RC_OK;
    unsigned flags = table[action].flags;
    const char *unknown = object && object->lecture ? "lecture_unknown" : "course_unknown";
    if (!may_know(cx->actor, action, object))
        return err_set(cx, RC_NOTFOUND, NULL, unknown, "policy: action %d, not to be known", (int)action);
    /* If even those who run it may not do it, it is over: a deleted course has no page. */
    if (object && (flags & FOR_VIEWERS) && object->deleted)
        return err_set(cx, RC_NOTFOUND, NULL, unknown, "policy: action %d, deleted", (int)action);
    if (object && (flags & RECORDING) && object->withheld)
        return err_set(cx, RC_DENIED, NULL, "withheld", "policy: action %d, the recording is withheld",
                       (int)action);
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

const char *actor_managed(struct arena *arena, const struct actor *actor)
{
    const char *paths = "";
    if (policy_may(actor, ACT_INSTALL, NULL))
        return "^/";
    for (size_t i = 0; actor && i < actor->grant_count; i++) {
        const struct role_grant *g = &actor->grants[i];
        if (g->role == ROLE_MAINTAINER && *g->organisation_path)
            paths = arena_printf(arena, "%s%s%s", paths, *paths ? "|" : "", g->organisation_path);
    }
    return *paths ? arena_printf(arena, "^(%s)", paths) : "^-";
}

bool actor_teaches(const struct actor *actor)
{
    return actor && (actor->teaches || actor_has_role(actor, ROLE_LECTURER));
}
