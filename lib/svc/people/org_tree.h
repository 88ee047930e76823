/* The shape of the tree of organisations: create, move, archive. Each change first writes one common row, so
 * that changes come one after the other: of two moves at once the second sees what the first has done.
 *
 * Archived organisations, and everything below them, are not offered where one is chosen, get no new courses
 * and no new organisations, and are not moved. What exists in them stays and goes on playing. */
#ifndef LIB_SVC_PEOPLE_ORG_TREE_H
#define LIB_SVC_PEOPLE_ORG_TREE_H

#include "lib/svc/people/org.h"

struct org_new {
    const char *slug;
    const char *name;
    int64_t parent_id; /* 0: a root (needs ACT_INSTALL; else ACT_ORG_MANAGE on the parent) */
    const char *zone;  /* NULL: the parent's, or Europe/Berlin */
    const char *lang;  /* NULL: the parent's, or none */
};

/* RC_INVALID slug_invalid, name_invalid, zone_invalid, lang_invalid, org_too_deep; RC_CONFLICT slug_taken,
 * org_archived; RC_NOTFOUND org_unknown (parent). A former slug of another organisation is taken from it. */
WARN_UNUSED enum rc org_create(struct cx *cx, const struct org_new *in, int64_t *id);

/* The organisation and everything below it; parent_id 0: it becomes a root. Needs ACT_ORG_MANAGE where it is
 * taken away (ACT_INSTALL for a root) and where it comes to. To where it is already: RC_OK, nothing changes.
 * RC_DENIED org_move_denied, org_place_denied (field parent): not where it is taken away, not where it would come to;
 * RC_INVALID (field parent) org_below_itself, org_too_deep: the height of what is moved counts; RC_CONFLICT
 * org_archived: it or its new place is. */
WARN_UNUSED enum rc org_move(struct cx *cx, int64_t id, int64_t parent_id);
/* Undoes such a move: back from below `here` to below `parent_id` (0: to the top). The failures of org_move, and RC_CONFLICT
 * org_moved_since: it is not below `here` any more. */
WARN_UNUSED enum rc org_move_back(struct cx *cx, int64_t id, int64_t here, int64_t parent_id);
/* True if cx->actor may take it away from where it is. */
bool org_may_move(const struct cx *cx, const struct org *org);

/* Needs ACT_ORG_MANAGE. Repeating either is RC_OK. What was archived before, by itself, stays archived when
 * one above is restored. org_restore: RC_CONFLICT org_archived_above while one above it is archived. */
WARN_UNUSED enum rc org_archive(struct cx *cx, int64_t id);
WARN_UNUSED enum rc org_restore(struct cx *cx, int64_t id);

/* RC_CONFLICT org_archived (field org). */
WARN_UNUSED enum rc org_check_open(struct cx *cx, const struct org *org);

#endif
