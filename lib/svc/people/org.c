#include "lib/svc/people/org.h"

#include <string.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"

#define ZONES "/usr/share/zoneinfo"

static const char DEFAULT_ZONE[] = "Europe/Berlin";

enum { ZONE_MAX = 40, PATH_MAX_LENGTH = 190 };

static int depth_of(const char *path)
{
    int slashes = 0;
    for (const char *p = path; *p; p++)
        slashes += *p == '/';
    return slashes - 2;
}

static struct org from_row(const struct rows *rows, size_t r)
{
    struct org o = {.id = row_i64(rows, r, 0),
                    .parent_id = row_i64(rows, r, 1),
                    .path = row_text(rows, r, 2),
                    .slug = row_text(rows, r, 3),
                    .name = row_text(rows, r, 4),
                    .zone = row_text(rows, r, 5)};
    o.depth = depth_of(o.path);
    return o;
}

struct policy_object org_object(const struct org *org)
{
    return (struct policy_object){
        .organisation_path = org->path, .visibility = VIS_PUBLIC, .access = ACCESS_PUBLISHED};
}

static enum rc take_one(struct cx *cx, const struct rows *rows, struct org **out)
{
    if (rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "org", "org_unknown", "no such organisation");
    struct org *o = arena_alloc(cx->arena, sizeof *o);
    *o = from_row(rows, 0);
    *out = o;
    return RC_OK;
}

enum rc org_get(struct cx *cx, int64_t id, struct org **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_get, &rows, "i", id);
    return rc == RC_OK ? take_one(cx, rows, out) : rc;
}

enum rc org_get_by_slug(struct cx *cx, const char *slug, struct org **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_get_by_slug, &rows, "s", slug);
    if (rc == RC_OK && rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "org", "org_unknown", "there is no organisation %s", slug);
    return rc == RC_OK ? take_one(cx, rows, out) : rc;
}

/* "Europe/Berlin", "UTC", "America/Argentina/Salta": letters, digits, _ + - and / between words, and known to
 * the C library, which would treat any other name as UTC. */
static enum rc check_zone(struct cx *cx, const char *zone)
{
    size_t n = strlen(zone);
    bool good = n > 0 && n <= ZONE_MAX && zone[0] != '/' && zone[n - 1] != '/';
    for (size_t i = 0; good && i < n; i++)
        good = (zone[i] >= 'a' && zone[i] <= 'z') || (zone[i] >= 'A' && zone[i] <= 'Z') ||
               (zone[i] >= '0' && zone[i] <= '9') || strchr("_+-/", zone[i]);
    if (good && access(ZONES, F_OK) == 0)
        good = access(arena_printf(cx->arena, ZONES "/%s", zone), F_OK) == 0;
    return good ? RC_OK
                : err_set(cx, RC_INVALID, "zone", "zone_invalid",
                          "not the name of a time zone, such as Europe/Berlin");
}

struct create {
    const struct org_new *in;
    const char *zone;
    int64_t id;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct create *c = arg;
    const char *top = "/";
    const char *zone = c->in->zone;
    enum rc rc = RC_OK;
    if (c->in->parent_id) {
        struct org *parent = NULL;
        rc = org_get(cx, c->in->parent_id, &parent);
        if (rc != RC_OK)
            return rc;
        struct policy_object object = org_object(parent);
        rc = policy_check(cx, ACT_ORG_MANAGE, &object);
        if (rc == RC_OK && parent->depth + 1 >= ORG_DEPTH_MAX)
            rc = err_set(cx, RC_INVALID, "parent", "org_too_deep", "more than %d levels", ORG_DEPTH_MAX);
        top = parent->path;
        zone = zone ? zone : parent->zone;
    } else {
        rc = policy_check(cx, ACT_INSTALL, NULL);
    }
    if (rc != RC_OK)
        return rc;
    struct db_done done = {0};
    rc = db_exec(cx, SQL_org_insert, &done, "issst", c->in->parent_id, c->in->slug, c->in->name,
                 zone ? zone : DEFAULT_ZONE, clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "organisation_slug"))
        return err_set(cx, RC_CONFLICT, "slug", "slug_taken", "the slug %s is taken by another organisation",
                       c->in->slug);
    const char *path = arena_printf(cx->arena, "%s%lld/", top, (long long)done.id);
    if (rc == RC_OK && strlen(path) > PATH_MAX_LENGTH)
        rc = err_set(cx, RC_INVALID, "parent", "org_too_deep", "path too long");
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_set_path, NULL, "si", path, done.id);
    if (rc == RC_OK)
        rc = audit_write(cx, "org.create", "org", done.id, "%s", c->in->slug);
    if (rc == RC_OK)
        c->id = done.id;
    return rc;
}

enum rc org_create(struct cx *cx, const struct org_new *in, int64_t *id)
{
    struct create c = {.in = in};
    enum rc rc = check_slug(cx, in->slug, ORG_SLUG_MAX);
    if (rc == RC_OK)
        rc = check_line(cx, in->name, ORG_NAME_MAX, "name", "name_invalid");
    if (rc == RC_OK && in->zone)
        rc = check_zone(cx, in->zone);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK && id)
        *id = c.id;
    return rc;
}

/* Appends the children of `parent` in the order of `all`, each followed by its own children. org_create
 * bounds the depth. */
static void add_below(const struct org_list *all, int64_t parent, struct org_list *out)
{
    for (size_t i = 0; i < all->n; i++) {
        if (all->item[i].parent_id == parent) {
            out->item[out->n++] = all->item[i];
            add_below(all, all->item[i].id, out);
        }
    }
}

enum rc org_list(struct cx *cx, struct org_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_list, &rows, "");
    if (rc != RC_OK)
        return rc;
    struct org_list all = {.n = rows_count(rows)}, list = {0};
    all.item = arena_array(cx->arena, all.n + 1, sizeof *all.item);
    list.item = arena_array(cx->arena, all.n + 1, sizeof *list.item);
    for (size_t i = 0; i < all.n; i++)
        all.item[i] = from_row(rows, i);
    add_below(&all, 0, &list);
    *out = list;
    return RC_OK;
}

enum rc org_list_teachable(struct cx *cx, struct org_list *out)
{
    struct org_list list;
    enum rc rc = org_list(cx, &list);
    if (rc != RC_OK)
        return rc;
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct policy_object object = org_object(&list.item[i]);
        if (policy_may(cx->actor, ACT_COURSE_CREATE, &object))
            list.item[n++] = list.item[i];
    }
    list.n = n;
    *out = list;
    return RC_OK;
}
