/* Lists of organisations. */
#ifndef LIB_SVC_PEOPLE_ORG_LIST_H
#define LIB_SVC_PEOPLE_ORG_LIST_H

#include "lib/svc/people/org.h"

struct org_list {
    struct org *item;
    size_t n;
};

/* The whole tree, parents before children, siblings by name. For lecternctl: no page reads all of it. */
WARN_UNUSED enum rc org_list(struct cx *cx, struct org_list *out);

/* Those in which cx->actor may create courses, in tree order. */
WARN_UNUSED enum rc org_list_teachable(struct cx *cx, struct org_list *out);

#endif
