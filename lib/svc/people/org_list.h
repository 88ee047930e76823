/* Lists of organisations: those above one, those below it, those among which somebody may choose. None but
 * org_list reads the whole tree. */
#ifndef LIB_SVC_PEOPLE_ORG_LIST_H
#define LIB_SVC_PEOPLE_ORG_LIST_H

#include "lib/svc/people/org.h"

enum { ORG_COUNT_MAX = 100, ORG_WORDS_MAX = 4 };

struct org_list {
    struct org *item;
    size_t n;
    bool more; /* there are others behind the limit */
};

/* The whole tree, parents before children, siblings by name. For lecternctl. */
WARN_UNUSED enum rc org_list(struct cx *cx, struct org_list *out);

/* Those whose ids stand in the path "/1/4/9/", from the root on, itself last. */
WARN_UNUSED enum rc org_list_above(struct cx *cx, const char *path, struct org_list *out);

struct org_child {
    struct org org;
    int64_t children, courses; /* its own ones */
};

struct org_children {
    struct org_child *item;
    size_t n;
    bool more;
};

/* Directly below it, archived ones too, by name. Needs ACT_ORG_MANAGE on it. */
WARN_UNUSED enum rc org_list_children(struct cx *cx, const struct org *org, int64_t limit, int64_t offset,
                                      struct org_children *out);

struct org_counts {
    int64_t below, courses, people, nodes; /* ORG_COUNT_MAX + 1: more than ORG_COUNT_MAX */
};

/* In it and everywhere below; people are those who belong to it, whatever their roles. Needs ACT_ORG_MANAGE. */
WARN_UNUSED enum rc org_count(struct cx *cx, const struct org *org, struct org_counts *out);

struct org_search {
    enum action action; /* what cx->actor must be allowed there: ACT_ORG_MANAGE, ACT_COURSE_CREATE */
    const char *words;  /* of name or slug, in any order; the first ORG_WORDS_MAX count; "": any */
    const char *except; /* path of a subtree that is left out; NULL: none */
    int64_t limit;
};

/* By name, those that begin with the first word before the others; archived ones are left out; each with the
 * names above it. Of more than 400 that are found, 400 are put in that order. */
WARN_UNUSED enum rc org_find(struct cx *cx, const struct org_search *in, struct org_list *out);

/* Where the rights of cx->actor begin: the organisations of the grants that allow the action, none of them
 * below another, archived ones too; all roots for whoever may it everywhere. By name, each with the names
 * above it. */
WARN_UNUSED enum rc org_list_tops(struct cx *cx, enum action action, int64_t limit, int64_t offset,
                                  struct org_list *out);

#endif
