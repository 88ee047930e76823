#include "lib/svc/people/org.h"

#include <string.h>

#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org_row.h"
#include "lib/svc/seen.h"

/* --- rows --- */

static int depth_of(const char *path)
{
    int slashes = 0;
    for (const char *p = path; *p; p++)
        slashes += *p == '/';
    return slashes - 2;
}

struct org org_from_row(const struct rows *rows, size_t r)
{
    struct org o = {.id = row_i64(rows, r, 0),
                    .parent_id = row_i64(rows, r, 1),
                    .path = row_text(rows, r, 2),
                    .slug = row_text(rows, r, 3),
                    .name = row_text(rows, r, 4),
                    .zone = row_text(rows, r, 5),
                    .lang = row_text(rows, r, 6),
                    .contact = row_text(rows, r, 7),
                    .accent = row_text(rows, r, 8),
                    .logo = row_text(rows, r, 9),
                    .archived_by = row_i64(rows, r, 10),
                    .archived_at = row_time(rows, r, 11)};
    o.depth = depth_of(o.path);
    return o;
}

const char *org_subtree(struct cx *cx, const char *path)
{
    return arena_printf(cx->arena, "%s%%", path);
}

const char *org_path_ids(struct cx *cx, const char *path)
{
    size_t n = strlen(path);
    char *ids = arena_strndup(cx->arena, path, n);
    for (size_t i = 1; i + 1 < n; i++)
        if (ids[i] == '/')
            ids[i] = ',';
    ids[0] = '[';
    ids[n - 1] = ']';
    return ids;
}

/* --- rights --- */

struct policy_object org_object(const struct org *org)
{
    return (struct policy_object){
        .organisation_path = org->path, .visibility = VIS_PUBLIC, .access = ACCESS_PUBLISHED};
}

enum rc org_check(struct cx *cx, enum action action, const struct org *org)
{
    struct policy_object object = org_object(org);
    return policy_check(cx, action, &object);
}

/* --- one --- */

static enum rc take_one(struct cx *cx, const char *what, const struct rows *rows, struct org **out)
{
    if (rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "org", "org_unknown", "there is no organisation %s", what);
    struct org *o = arena_alloc(cx->arena, sizeof *o);
    *o = org_from_row(rows, 0);
    *out = o;
    return RC_OK;
}

enum rc org_get(struct cx *cx, int64_t id, struct org **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_get, &rows, "i", id);
    return rc == RC_OK ? take_one(cx, "of that number", rows, out) : rc;
}

enum rc org_get_by_slug(struct cx *cx, const char *slug, struct org **out)
{
    struct rows *rows = NULL;
    if (!str_is_slug(str_of(slug), ORG_SLUG_MAX))
        return err_set(cx, RC_NOTFOUND, "org", "org_unknown", "%s is no slug", slug);
    enum rc rc = db_query(cx, SQL_org_get_by_slug, &rows, "s", slug);
    if (rc == RC_OK && rows_count(rows) == 0)
        rc = db_query(cx, SQL_org_get_former, &rows, "s", slug);
    return rc == RC_OK ? take_one(cx, slug, rows, out) : rc;
}

enum rc org_get_first(struct cx *cx, struct org **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_first_root, &rows, "");
    return rc == RC_OK ? take_one(cx, "at all", rows, out) : rc;
}

/* --- fields --- */

static enum rc check_zone(struct cx *cx, const char *zone)
{
    const struct zone *z;
    return zone_open(cx->arena, zone, &z) ? RC_OK
                                          : err_set(cx, RC_INVALID, "zone", "zone_invalid",
                                                    "not the name of a time zone, such as Europe/Berlin");
}

static enum rc check_lang(struct cx *cx, const char *lang)
{
    size_t n = strspn(lang, "abcdefghijklmnopqrstuvwxyz");
    bool good = lang[n] == '\0' && n != 1 && n <= ORG_LANG_MAX;
    return good ? RC_OK
                : err_set(cx, RC_INVALID, "lang", "lang_invalid", "not a code of a language, such as de");
}

/* An address of mail, or one of the web, in which a browser reads nothing but an address. */
static enum rc check_contact(struct cx *cx, const char *contact)
{
    struct str s = str_of(contact);
    bool web = str_starts(s, "https://") && s.n > strlen("https://") && s.n <= ORG_CONTACT_MAX &&
               str_is_utf8(s) && !str_has_controls(s, false) && !strpbrk(contact, " \"<>\\");
    if (web || check_email(cx, contact) == RC_OK)
        return RC_OK;
    return err_set(cx, RC_INVALID, "contact", "contact_invalid",
                   "neither an address of mail nor one that begins with https://");
}

enum rc org_check_fields(struct cx *cx, const struct org_edit *in)
{
    enum rc rc = check_slug(cx, in->slug, ORG_SLUG_MAX);
    if (rc == RC_OK)
        rc = check_line(cx, in->name, ORG_NAME_MAX, "name", "name_invalid");
    if (rc == RC_OK && in->zone)
        rc = check_zone(cx, in->zone);
    if (rc == RC_OK && in->lang && *in->lang)
        rc = check_lang(cx, in->lang);
    if (rc == RC_OK && in->contact && *in->contact)
        rc = check_contact(cx, in->contact);
    return rc;
}

enum rc org_slug_taken(struct cx *cx, const char *slug)
{
    return err_set(cx, RC_CONFLICT, "slug", "slug_taken", "the slug %s is taken by another organisation",
                   slug);
}

const char *org_seen(struct cx *cx, const struct org *org)
{
    const char *text[] = {org->name, org->slug, org->zone, org->lang, org->contact};
    return seen_of(cx, text, sizeof text / sizeof *text);
}

struct update {
    int64_t id;
    const struct org_edit *in;
};

/* The organisation is locked before it is read: of two who save it, the second sees what the first wrote. */
static enum rc update_tx(struct cx *cx, void *arg)
{
    const struct update *u = arg;
    const struct org_edit *in = u->in;
    struct org *org = NULL;
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_lock, &rows, "i", u->id);
    if (rc == RC_OK)
        rc = org_get(cx, u->id, &org);
    if (rc == RC_OK)
        rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = seen_check(cx, in->seen, org_seen(cx, org));
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_update, NULL, "sssssi", in->slug, in->name, in->zone, in->lang, in->contact,
                     org->id);
    if (rc == RC_CONFLICT && db_duplicate(cx, "organisation_slug"))
        return org_slug_taken(cx, in->slug);
    if (rc == RC_OK && strcmp(org->slug, in->slug) != 0) {
        rc = db_exec(cx, SQL_org_former_insert, NULL, "sit", org->slug, org->id, clock_now());
        if (rc == RC_OK)
            rc = db_exec(cx, SQL_org_former_delete, NULL, "s", in->slug);
    }
    return rc == RC_OK ? audit_write(cx, "org.update", "org", org->id, "%s", in->slug) : rc;
}

enum rc org_update(struct cx *cx, int64_t id, const struct org_edit *in)
{
    struct update u = {id, in};
    enum rc rc = org_check_fields(cx, in);
    return rc == RC_OK ? db_tx(cx, update_tx, &u) : rc;
}
