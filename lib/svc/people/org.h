/* Organisations: a tree; rights and resources hold for a node and everything below it. What one is called and
 * looks up; its place in the tree changes in org_tree.h, lists of them are in org_list.h. */
#ifndef LIB_SVC_PEOPLE_ORG_H
#define LIB_SVC_PEOPLE_ORG_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"

enum {
    ORG_SLUG_MAX = 60,
    ORG_NAME_MAX = 200, /* characters */
    ORG_LANG_MAX = 3,
    ORG_CONTACT_MAX = 254,
    ORG_DEPTH_MAX = 12, /* levels */
    ORG_PATH_MAX = 190  /* bytes */
};

struct org {
    int64_t id;
    int64_t parent_id; /* 0: a root */
    const char *path;  /* ids from the root, "/1/4/9/": a is below b when a's path starts with b's */
    const char *slug;  /* unique in the installation */
    const char *name;
    const char *zone;    /* IANA time zone, "Europe/Berlin" */
    const char *lang;    /* ISO 639 code in which its people write, "de"; "": not said */
    const char *contact; /* address of mail or https://…; "": none of its own */
    const char *accent;  /* "#2f5bd8"; NULL: that of the one above */
    const char *logo;    /* hash; NULL: that of the one above */
    int64_t
        archived_by; /* 0: not archived; else its id, or that of the one above with which it was archived */
    int64_t archived_at; /* NO_TIME: not archived */
    int depth;           /* 0: a root */
    const char *above;   /* of lists: the names of those above, "University › School"; NULL: not read */
};

struct org_edit {
    const char *slug;
    const char *name;
    const char *zone;
    const char *lang;    /* "" or two or three letters */
    const char *contact; /* "", an address of mail or an address that begins with https:// */
    const char *seen;    /* org_seen of what the form showed; NULL: not asked */
};

/* Of what the form of all fields shows (lib/svc/seen.h). */
const char *org_seen(struct cx *cx, const struct org *org);

/* RC_NOTFOUND org_unknown. Names of organisations are public. By slug: the one that has it, else the one that
 * had it last, whose `slug` is another. */
WARN_UNUSED enum rc org_get(struct cx *cx, int64_t id, struct org **out);
WARN_UNUSED enum rc org_get_by_slug(struct cx *cx, const char *slug, struct org **out);
/* The first root by name: whose installation it is. */
WARN_UNUSED enum rc org_get_first(struct cx *cx, struct org **out);

/* All fields at once. Needs ACT_ORG_MANAGE. The old slug leads to it until another organisation takes it.
 * RC_INVALID slug_invalid, name_invalid, zone_invalid, lang_invalid, contact_invalid; RC_CONFLICT
 * slug_taken, changed_meanwhile. */
WARN_UNUSED enum rc org_update(struct cx *cx, int64_t id, const struct org_edit *in);

/* The object for ACT_ORG_MANAGE and ACT_COURSE_CREATE. */
struct policy_object org_object(const struct org *org);
/* policy_check on it. */
WARN_UNUSED enum rc org_check(struct cx *cx, enum action action, const struct org *org);

#endif
