/* Organisations: a tree; rights and resources hold for a node and everything below it. */
#ifndef LIB_SVC_PEOPLE_ORG_H
#define LIB_SVC_PEOPLE_ORG_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"

enum { ORG_SLUG_MAX = 60, ORG_NAME_MAX = 200, ORG_DEPTH_MAX = 12 };

struct org {
    int64_t id;
    int64_t parent_id; /* 0: a root */
    const char *path;  /* ids from the root, "/1/4/9/": a is below b when a's path starts with b's */
    const char *slug;  /* unique in the installation */
    const char *name;
    const char *zone; /* IANA time zone, "Europe/Berlin" */
    int depth;        /* 0: a root */
};

struct org_list {
    struct org *item;
    size_t n;
};

struct org_new {
    const char *slug;
    const char *name;
    int64_t parent_id; /* 0: a root (needs ACT_INSTALL; else ACT_ORG_MANAGE on the parent) */
    const char *zone;  /* NULL: the parent's, or Europe/Berlin */
};

/* RC_INVALID slug_invalid, name_invalid, zone_invalid; RC_CONFLICT slug_taken; RC_NOTFOUND org_unknown
 * (parent). */
WARN_UNUSED enum rc org_create(struct cx *cx, const struct org_new *in, int64_t *id);
/* RC_NOTFOUND org_unknown. Names of organisations are public. */
WARN_UNUSED enum rc org_get(struct cx *cx, int64_t id, struct org **out);
WARN_UNUSED enum rc org_get_by_slug(struct cx *cx, const char *slug, struct org **out);
/* The whole tree, parents before children, siblings by name. */
WARN_UNUSED enum rc org_list(struct cx *cx, struct org_list *out);
/* Those in which cx->actor may create courses, in tree order. */
WARN_UNUSED enum rc org_list_teachable(struct cx *cx, struct org_list *out);

/* The object for ACT_ORG_MANAGE and ACT_COURSE_CREATE. */
struct policy_object org_object(const struct org *org);

#endif
