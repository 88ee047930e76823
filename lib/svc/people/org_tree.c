#include "lib/svc/people/org_tree.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/org_row.h"

static const char DEFAULT_ZONE[] = "Europe/Berlin";

/* The first statement of every change. What is read after it holds until the end of the transaction. */
static enum rc begin_change(struct cx *cx)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_org_tree_change, &done, "");
    if (rc == RC_OK && done.affected != 1)
        rc = err_set(cx, RC_INTERNAL, NULL, NULL, "the row of organisation_tree is missing");
    return rc;
}

/* field: where the place is chosen; NULL: it is not */
static enum rc too_deep(struct cx *cx, const char *field)
{
    return err_set(cx, RC_INVALID, field, "org_too_deep", "more than %d levels", ORG_DEPTH_MAX);
}

enum rc org_check_open(struct cx *cx, const struct org *org)
{
    if (!org->archived_by)
        return RC_OK;
    return err_set(cx, RC_CONFLICT, "org", "org_archived", "organisation %s is archived", org->slug);
}

/* --- create --- */

struct create {
    const struct org_new *in;
    int64_t id;
};

static enum rc insert(struct cx *cx, const struct create *c, const struct org *parent, struct db_done *done)
{
    const struct org_new *in = c->in;
    const char *zone = in->zone ? in->zone : parent ? parent->zone : DEFAULT_ZONE;
    const char *lang = in->lang ? in->lang : parent ? parent->lang : "";
    enum rc rc = db_exec(cx, SQL_org_insert, done, "isssst", in->parent_id, in->slug, in->name, zone, lang,
                         clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "organisation_slug"))
        return org_slug_taken(cx, in->slug);
    const char *path = arena_printf(cx->arena, "%s%lld/", parent ? parent->path : "/", (long long)done->id);
    if (rc == RC_OK && strlen(path) > ORG_PATH_MAX)
        rc = too_deep(cx, NULL);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_set_path, NULL, "si", path, done->id);
    return rc;
}

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct create *c = arg;
    struct org *parent = NULL;
    struct db_done done = {0};
    enum rc rc = begin_change(cx);
    if (rc == RC_OK && c->in->parent_id)
        rc = org_get(cx, c->in->parent_id, &parent);
    if (rc == RC_OK)
        rc = parent ? org_check(cx, ACT_ORG_MANAGE, parent) : policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK && parent)
        rc = org_check_open(cx, parent);
    if (rc == RC_OK && parent && parent->depth + 1 >= ORG_DEPTH_MAX)
        rc = too_deep(cx, NULL);
    if (rc == RC_OK)
        rc = insert(cx, c, parent, &done);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_former_delete, NULL, "s", c->in->slug);
    if (rc == RC_OK)
        rc = audit_write(cx, "org.create", "org", done.id, "%s", c->in->slug);
    if (rc == RC_OK)
        c->id = done.id;
    return rc;
}

enum rc org_create(struct cx *cx, const struct org_new *in, int64_t *id)
{
    struct create c = {.in = in};
    struct org_edit fields = {.slug = in->slug, .name = in->name, .zone = in->zone, .lang = in->lang};
    enum rc rc = org_check_fields(cx, &fields);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK && id)
        *id = c.id;
    return rc;
}

/* --- move --- */

struct move {
    int64_t id, parent_id;
    bool back;
    int64_t here; /* back: below which it must be */
};

/* Bytes of the path of the one above, with which its path begins; 1 for a root. */
static size_t length_above(const struct org *org)
{
    size_t n = strlen(org->path) - 1;
    while (n > 1 && org->path[n - 1] != '/')
        n--;
    return n;
}

bool org_may_move(const struct cx *cx, const struct org *org)
{
    char above[ORG_PATH_MAX + 1];
    snprintf(above, sizeof above, "%.*s", (int)length_above(org), org->path);
    return org->parent_id
               ? policy_may(cx->actor, ACT_ORG_MANAGE, &(struct policy_object){.organisation_path = above})
               : policy_may(cx->actor, ACT_INSTALL, NULL);
}

/* May it come to `parent` (NULL: become a root), with all that is below it? */
static enum rc check_target(struct cx *cx, const struct org *org, const struct org *parent)
{
    struct rows *rows = NULL;
    struct policy_object object = {.organisation_path = parent ? parent->path : "/"};
    if (!policy_may(cx->actor, parent ? ACT_ORG_MANAGE : ACT_INSTALL, &object))
        return err_set(cx, RC_DENIED, "parent", "org_place_denied", "not allowed below %s",
                       parent ? parent->slug : "nothing");
    if (parent && str_starts(str_of(parent->path), org->path))
        return err_set(cx, RC_INVALID, "parent", "org_below_itself", "%s is %s or below it", parent->slug,
                       org->slug);
    enum rc rc = org_check_open(cx, org);
    if (rc == RC_OK && parent)
        rc = org_check_open(cx, parent);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_org_subtree_size, &rows, "s", org_subtree(cx, org->path));
    if (rc != RC_OK)
        return rc;
    int64_t height = row_i64(rows, 0, 0) - 2 - org->depth;
    int64_t depth = parent ? parent->depth + 1 : 0;
    int64_t bytes =
        row_i64(rows, 0, 1) - (int64_t)length_above(org) + (int64_t)strlen(parent ? parent->path : "/");
    return depth + height < ORG_DEPTH_MAX && bytes <= ORG_PATH_MAX ? RC_OK : too_deep(cx, "parent");
}

static enum rc set_place(struct cx *cx, const struct org *org, const struct org *parent)
{
    const char *path = arena_printf(cx->arena, "%s%lld/", parent ? parent->path : "/", (long long)org->id);
    enum rc rc = db_exec(cx, SQL_org_set_parent, NULL, "ii", parent ? parent->id : 0, org->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_move_paths, NULL, "sis", path, (int64_t)strlen(org->path) + 1,
                     org_subtree(cx, org->path));
    return rc;
}

static enum rc move_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct org *org = NULL, *parent = NULL;
    enum rc rc = begin_change(cx);
    if (rc == RC_OK)
        rc = org_get(cx, m->id, &org);
    if (rc == RC_OK && m->parent_id)
        rc = org_get(cx, m->parent_id, &parent);
    if (rc == RC_OK && m->back && org->parent_id != m->here)
        rc = err_set(cx, RC_CONFLICT, NULL, "org_moved_since", "%s is elsewhere now", org->slug);
    if (rc == RC_OK && !org_may_move(cx, org))
        rc = err_set(cx, RC_DENIED, NULL, "org_move_denied", "not allowed where %s is taken away", org->slug);
    if (rc == RC_OK)
        rc = check_target(cx, org, parent);
    if (rc != RC_OK || m->parent_id == org->parent_id)
        return rc;
    rc = set_place(cx, org, parent);
    if (rc == RC_OK)
        rc = audit_write(cx, "org.move", "org", org->id, "%s: from %s to below %s", org->slug, org->path,
                         parent ? parent->slug : "nothing");
    return rc;
}

enum rc org_move(struct cx *cx, int64_t id, int64_t parent_id)
{
    return db_tx(cx, move_tx, &(struct move){.id = id, .parent_id = parent_id});
}

enum rc org_move_back(struct cx *cx, int64_t id, int64_t here, int64_t parent_id)
{
    return db_tx(cx, move_tx, &(struct move){id, parent_id, true, here});
}

/* --- archive --- */

static enum rc archive_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct org *org = NULL;
    enum rc rc = begin_change(cx);
    if (rc == RC_OK)
        rc = org_get(cx, m->id, &org);
    if (rc == RC_OK)
        rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc != RC_OK || org->archived_by)
        return rc;
    rc = db_exec(cx, SQL_org_archive, NULL, "its", org->id, clock_now(), org_subtree(cx, org->path));
    return rc == RC_OK ? audit_write(cx, "org.archive", "org", org->id, "%s", org->slug) : rc;
}

enum rc org_archive(struct cx *cx, int64_t id)
{
    return db_tx(cx, archive_tx, &(struct move){.id = id});
}

static enum rc restore_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct org *org = NULL, *parent = NULL;
    enum rc rc = begin_change(cx);
    if (rc == RC_OK)
        rc = org_get(cx, m->id, &org);
    if (rc == RC_OK)
        rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK && org->parent_id)
        rc = org_get(cx, org->parent_id, &parent);
    if (rc != RC_OK || !org->archived_by)
        return rc;
    if (org->archived_by != org->id || (parent && parent->archived_by))
        return err_set(cx, RC_CONFLICT, NULL, "org_archived_above", "%s: one above is archived", org->slug);
    rc = db_exec(cx, SQL_org_restore, NULL, "si", org_subtree(cx, org->path), org->id);
    return rc == RC_OK ? audit_write(cx, "org.restore", "org", org->id, "%s", org->slug) : rc;
}

enum rc org_restore(struct cx *cx, int64_t id)
{
    return db_tx(cx, restore_tx, &(struct move){.id = id});
}
