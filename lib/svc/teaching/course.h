/* Courses: create, edit, delete with undo, and the lists of the pages. Each list is one statement for any
 * number of rows, and each get is one statement that also reads the facts for policy_may. */
#ifndef LIB_SVC_TEACHING_COURSE_H
#define LIB_SVC_TEACHING_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"

enum {
    COURSE_KEY_LENGTH = 12,
    COURSE_SLUG_MAX = 60,           /* [a-z0-9-] */
    COURSE_NAME_MAX = 200,          /* characters */
    COURSE_DESCRIPTION_MAX = 20000, /* characters of Markdown */
    COURSE_UNDO_DAYS = 14           /* the same as for lectures */
};

struct course {
    int64_t id;
    const char *key; /* the link to a hidden course: ?key= */
    const char *slug;
    const char *name;
    const char *description; /* Markdown; NULL in lists */
    enum visibility visibility;
    bool downloads;
    bool keep_gaps;  /* long gaps of live streams stay; like the next, false in lists but course_list_all */
    bool keep_first; /* who streams a view keeps it while connected */
    int64_t deleted_at; /* NO_TIME: not */
    int64_t term_id;
    const char *term_slug;
    int term_year;
    char term_half;
    int64_t organisation_id;
    const char *organisation_name;
    const char *organisation_zone;
    const char *staff;     /* names of owners and lecturers, "Anna Weber, Jonas Lindt"; NULL: nobody */
    int64_t lecture_count; /* published ones */
    int64_t new_count; /* to watch since the last seven days, not begun by the actor; course_list_mine only */
    int64_t
        next_at; /* of the next lecture that takes place, and where; NO_TIME: none is planned; course_list_mine only */
    const char *next_hall;
    int64_t draft_count;         /* draft or unpublished; course_list_taught only */
    int64_t failed_count;        /* media failed; course_list_taught only */
    struct policy_object object; /* for policy_may(cx->actor, ACT_…, &course->object) */
};

struct course_list {
    struct course *item;
    size_t n;
};

struct course_edit {
    const char *name;
    const char *slug;
    const char *description; /* NULL: "" on create, unchanged on update */
    int64_t term_id;
    int64_t organisation_id;
    enum visibility visibility;
    bool downloads;
    bool keep_gaps;
    bool keep_first;
    const char *seen; /* of an update: course_seen of what the form showed; NULL: not asked */
};

/* Of what a form shows of it (lib/svc/seen.h). texts: of a form that has nothing but name and description. */
const char *course_seen(struct cx *cx, const struct course *c, bool texts);

/* Needs ACT_COURSE_CREATE on the organisation. The creator becomes its owner (if a person).
 * RC_INVALID (field) course_name_invalid, slug_invalid, course_description_long, term_unknown, org_unknown;
 * RC_CONFLICT (slug) course_slug_taken: taken in that term, by a deleted course too while its undo runs;
 * (org) org_archived. */
WARN_UNUSED enum rc course_create(struct cx *cx, const struct course_edit *in, int64_t *id);
/* Needs ACT_COURSE_SETTINGS, and ACT_COURSE_CREATE on the new organisation if it changes. Same errors, and
 * RC_CONFLICT deleted, changed_meanwhile. */
WARN_UNUSED enum rc course_update(struct cx *cx, int64_t id, const struct course_edit *in);
/* Only these two; description NULL: unchanged. seen: as in the edit, of the texts. Needs ACT_COURSE_TEXTS. Same errors. */
WARN_UNUSED enum rc course_set_texts(struct cx *cx, int64_t id, const char *name, const char *description,
                                     const char *seen);
/* The time until which a deletion at that time can be undone. */
int64_t course_undo_until(int64_t deleted_at);
/* The course and its lectures are hidden at once. Undo within COURSE_UNDO_DAYS, else RC_CONFLICT undo_over.
 * Repeating either is RC_OK. Both need ACT_COURSE_OWN. */
WARN_UNUSED enum rc course_delete(struct cx *cx, int64_t id);
WARN_UNUSED enum rc course_undelete(struct cx *cx, int64_t id);

/* Loads the course and checks that cx->actor may do `action` (ACT_COURSE_…): RC_NOTFOUND course_unknown, and
 * the failures of policy_check. link_key: the request's ?key= or NULL; the right one opens a hidden
 * course. */
WARN_UNUSED enum rc course_get(struct cx *cx, enum action action, int64_t id, struct course **out);
WARN_UNUSED enum rc course_get_by_slug(struct cx *cx, enum action action, const char *term_slug,
                                       const char *slug, const char *link_key, struct course **out);

/* The zone in which its lectures take place: that of its organisation; one that the system does not know counts as the
 * installation's. RC_INTERNAL: neither is known. */
struct zone;
WARN_UNUSED enum rc course_zone(struct cx *cx, const struct course *course, const struct zone **out);

/* Where the actor is enrolled or staff, of all terms, newest term first, then by name; [] for visitors. */
WARN_UNUSED enum rc course_list_mine(struct cx *cx, int64_t limit, int64_t offset, struct course_list *out);
/* Where the actor is staff, newest term first, then by name; deleted ones are left out. */
WARN_UNUSED enum rc course_list_taught(struct cx *cx, int64_t limit, int64_t offset, struct course_list *out);
/* Deleted, and cx->actor may bring them back (ACT_COURSE_OWN) until deleted_at + COURSE_UNDO_DAYS; the last
 * deletion first; [] for visitors. */
WARN_UNUSED enum rc course_list_deleted(struct cx *cx, int64_t limit, struct course_list *out);
/* Those of a term that the actor may see in lists, by name; only those with `find` in the name, "": all. */
WARN_UNUSED enum rc course_list_term(struct cx *cx, int64_t term_id, const char *find, int64_t limit,
                                     int64_t offset, struct course_list *out);
/* The public ones of a term, by name: the start page. */
WARN_UNUSED enum rc course_list_public(struct cx *cx, int64_t term_id, int64_t limit,
                                       struct course_list *out);
/* Every course of a term (0: of all), for programs. Needs ACT_INSTALL. */
WARN_UNUSED enum rc course_list_all(struct cx *cx, int64_t term_id, struct course_list *out);

#endif
