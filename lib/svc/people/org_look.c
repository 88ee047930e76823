#include "lib/svc/people/org_look.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/accent.h"
#include "lib/svc/people/org_row.h"

enum { HASH_BYTES = 16 };

static const char *const kind_names[IMAGE_KIND_COUNT] = {"png", "webp"};

WORDS_NAME(image_kind_name, enum image_kind, kind_names, IMAGE_KIND_COUNT)
WORDS_OF(image_kind_of, enum image_kind, kind_names, IMAGE_KIND_COUNT)

static struct org_logo logo_from_row(const struct rows *rows, size_t r, unsigned column)
{
    struct org_logo logo = {.hash = row_text(rows, r, column),
                            .width = (int)row_i64(rows, r, column + 2),
                            .height = (int)row_i64(rows, r, column + 3)};
    if (!image_kind_of(row_bytes(rows, r, column + 1), &logo.kind))
        bug("a logo of no kind");
    return logo;
}

/* The rows begin with the organisation itself and end with the root. */
enum rc org_get_look(struct cx *cx, const char *path, struct org_look *out)
{
    struct rows *rows = NULL;
    struct org_look look = {.contact = "", .lang = ""};
    enum rc rc = db_query(cx, SQL_org_look, &rows, "s", org_path_ids(cx, path));
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (!look.accent)
            look.accent = row_text(rows, i, 1);
        if (!*look.contact)
            look.contact = row_text(rows, i, 2);
        if (!look.name && !row_null(rows, i, 3)) {
            look.name = row_text(rows, i, 0);
            look.logo = logo_from_row(rows, i, 3);
        }
    }
    if (rows_count(rows) > 0)
        look.lang = row_text(rows, 0, 7);
    *out = look;
    return RC_OK;
}

/* --- colour --- */

struct change {
    int64_t id;
    const char *accent;
    struct str bytes;
    struct image image;
};

static enum rc get_mine(struct cx *cx, int64_t id, struct org **org)
{
    enum rc rc = org_get(cx, id, org);
    return rc == RC_OK ? org_check(cx, ACT_ORG_MANAGE, *org) : rc;
}

static enum rc accent_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct org *org = NULL;
    enum rc rc = get_mine(cx, c->id, &org);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_set_accent, NULL, "si", c->accent, org->id);
    return rc == RC_OK ? audit_write(cx, "org.accent", "org", org->id, "%s: %s", org->slug,
                                     c->accent ? c->accent : "none")
                       : rc;
}

enum rc org_set_accent(struct cx *cx, int64_t id, const char *accent)
{
    struct accent a;
    if (*accent && !accent_read(accent, &a))
        return err_set(cx, RC_INVALID, "accent", "accent_invalid", "a colour is # and six digits of 0-9a-f");
    if (*accent && !accent_good(&a))
        return err_set(cx, RC_INVALID, "accent", "accent_pale", "%s: contrast %.1f; %s would do", a.light,
                       a.contrast, a.nearest);
    return db_tx(cx, accent_tx, &(struct change){.id = id, .accent = *accent ? a.light : NULL});
}

/* --- logo --- */

static const char *hash_of(struct cx *cx, struct str bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes.p, bytes.n, digest, NULL, EVP_sha256(), NULL) != 1)
        bug("SHA-256 is not there");
    return str_b64url(cx->arena, digest, HASH_BYTES);
}

/* What no organisation shows any more goes with the change that left it. */
static enum rc logo_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct org *org = NULL;
    const char *hash = c->bytes.n ? hash_of(cx, c->bytes) : NULL;
    enum rc rc = get_mine(cx, c->id, &org);
    if (rc == RC_OK && hash)
        rc = db_exec(cx, SQL_org_logo_insert, NULL, "ssiiBt", hash, image_kind_name(c->image.kind),
                     (int64_t)c->image.width, (int64_t)c->image.height, &c->bytes, clock_now());
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_org_set_logo, NULL, "si", hash, org->id);
    if (rc == RC_OK && org->logo)
        rc = db_exec(cx, SQL_org_logo_delete, NULL, "ss", org->logo, org->logo);
    return rc == RC_OK
               ? audit_write(cx, "org.logo", "org", org->id, "%s: %s", org->slug, hash ? hash : "none")
               : rc;
}

enum rc org_set_logo(struct cx *cx, int64_t id, struct str bytes)
{
    struct change c = {.id = id, .bytes = bytes};
    if (bytes.n > ORG_LOGO_BYTES)
        return err_set(cx, RC_TOOBIG, "logo", "logo_too_big", "a logo of %zu bytes", bytes.n);
    if (bytes.n && image_read(bytes, &c.image) != RC_OK)
        return err_set(cx, RC_INVALID, "logo", "logo_invalid", "neither PNG nor WebP, or damaged, or moving");
    int least = c.image.width < c.image.height ? c.image.width : c.image.height,
        most = c.image.width > c.image.height ? c.image.width : c.image.height;
    if (bytes.n && (least < ORG_LOGO_SIDE_MIN || most > ORG_LOGO_SIDE_MAX))
        return err_set(cx, RC_INVALID, "logo", "logo_size", "%d × %d pixels", c.image.width, c.image.height);
    return db_tx(cx, logo_tx, &c);
}

enum rc org_get_logo(struct cx *cx, const char *hash, struct org_logo *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct rows *rows = NULL;
    if (strlen(hash) != ORG_LOGO_HASH || strspn(hash, digits) != ORG_LOGO_HASH)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "not the hash of a logo");
    enum rc rc = db_one(cx, SQL_org_logo_get, &rows, "s", hash);
    if (rc != RC_OK)
        return rc;
    *out = logo_from_row(rows, 0, 0);
    out->bytes = row_bytes(rows, 0, 4);
    return RC_OK;
}
