#include "lib/svc/sso/idp_edit.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org.h"
#include "lib/svc/policy.h"
#include "lib/svc/seen.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/rules.h"
#include "lib/svc/sso/sp_key.h"

/* --- settings --- */

/* Domains as one text with single spaces, in lower case: letters, digits, dots, hyphens. */
static enum rc normal_words(struct cx *cx, const char *words, const char *field, const char *key,
                            const char **out)
{
    struct str s = str_of(words);
    char *text = arena_alloc(cx->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool gap = c == ' ' || c == ',' || c == '\n' || c == '\t';
        if (gap && (n == 0 || text[n - 1] == ' '))
            continue;
        if (!gap && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '-')
            return err_set(cx, RC_INVALID, field, key, "%s: names of domains with spaces between", field);
        text[n++] = gap ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    if (n > 0 && text[n - 1] == ' ')
        n--;
    if (n > IDP_WORDS_MAX)
        return err_set(cx, RC_INVALID, field, key, "%s: more than %d bytes", field, IDP_WORDS_MAX);
    *out = arena_strndup(cx->arena, text, n);
    return RC_OK;
}

/* Checks what may change later; out has the words in their form. */
static enum rc check_settings(struct cx *cx, const struct idp_new *in, struct idp_new *out)
{
    *out = *in;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = check_line(cx, in->name, IDP_NAME_MAX, "name", "name_invalid");
    if (rc == RC_OK)
        rc = normal_words(cx, in->domains, "domains", "idp_domains", &out->domains);
    if (rc == RC_OK)
        rc = normal_words(cx, in->scopes, "scopes", "idp_scopes", &out->scopes);
    if (rc == RC_OK && in->organisation_id) {
        struct org *org;
        rc = org_get(cx, in->organisation_id, &org);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            rc = err_set(cx, RC_INVALID, "org", "org_unknown", "no organisation %lld",
                         (long long)in->organisation_id);
        }
    }
    return rc;
}

const char *idp_seen(struct cx *cx, const struct idp *idp)
{
    const char *text[] = {idp->name, idp->domains, idp->scopes,
                          arena_printf(cx->arena, "%lld", (long long)idp->organisation_id),
                          idp->allow_cbc ? "1" : ""};
    return seen_of(cx, text, sizeof text / sizeof *text);
}

/* Of a file that was brought, when that was. */
const char *idp_source_seen(struct cx *cx, const struct idp *idp)
{
    long long brought = *idp->source ? 0 : (long long)idp->metadata_at;
    const char *text[] = {idp->source, idp->source_cert, arena_printf(cx->arena, "%lld", brought)};
    return seen_of(cx, text, sizeof text / sizeof *text);
}

/* Of two who change it at once, the second sees what the first wrote. */
static enum rc get_locked(struct cx *cx, int64_t id, struct idp **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_idp_lock, &rows, "i", id);
    return rc == RC_OK ? idp_get(cx, id, out) : rc;
}

struct change {
    int64_t id;
    const struct idp_new *in;
    const struct saml_idp *metadata; /* of what is at hand, or NULL */
};

static enum rc change_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    const struct idp_new *in = c->in;
    struct idp *before;
    enum rc rc = get_locked(cx, c->id, &before);
    if (rc == RC_OK)
        rc = seen_check(cx, in->seen, idp_seen(cx, before));
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_idp_update, NULL, "sissbi", in->name, in->organisation_id, in->domains,
                     in->scopes, (int)in->allow_cbc, c->id);
    if (rc == RC_OK)
        rc = audit_write(cx, "idp.change", "idp", c->id, "%s: scopes %s, CBC %s", in->name, in->scopes,
                         in->allow_cbc ? "allowed" : "refused");
    return rc;
}

enum rc idp_change(struct cx *cx, int64_t id, const struct idp_new *in)
{
    struct idp_new clean;
    struct change c = {.id = id, .in = &clean};
    enum rc rc = check_settings(cx, in, &clean);
    return rc == RC_OK ? db_tx(cx, change_tx, &c) : rc;
}

/* --- where its metadata comes from --- */

static enum rc check_source(struct cx *cx, const struct idp_source *in)
{
    struct str s = str_of(in->from);
    const struct saml_cert *certs;
    size_t n;
    bool plain = str_starts(s, "http://"), good = s.n <= IDP_SOURCE_MAX && str_is_utf8(s);
    good = good && !str_has_controls(s, false) && (plain || str_starts(s, "https://") || str_starts(s, "/"));
    if (s.n == 0 && !in->xml.p)
        return err_set(cx, RC_INVALID, "source", "idp_source_none", "neither an address nor a file");
    if (s.n > 0 && (!good || (plain && !in->cert)))
        return err_set(
            cx, RC_INVALID, "source", "idp_source",
            "the metadata is an absolute path, https://…, or http://… with the certificate that signs it");
    if (!in->cert)
        return RC_OK;
    if (saml_certs_from_pem(cx, str_of(in->cert), &certs, &n) != RC_OK) {
        err_clear(cx);
        return err_set(cx, RC_INVALID, "cert", "idp_cert", "not a certificate in PEM");
    }
    return RC_OK;
}

/* entity NULL: whichever it describes. */
static enum rc read_at_hand(struct cx *cx, const char *entity, const struct idp_source *in,
                            struct saml_idp *out)
{
    enum rc rc = check_source(cx, in);
    if (rc == RC_OK && in->xml.p)
        rc = idp_read(cx, entity, in->cert, in->xml, out);
    if (rc != RC_DENIED)
        return rc;
    const char *why = cx->err.detail;
    err_clear(cx);
    return err_set(cx, RC_INVALID, "file", "idp_metadata", "%s", why);
}

static const char *source_name(const struct idp_source *in)
{
    return *in->from ? in->from : "a file that was brought";
}

struct move {
    int64_t id;
    const struct idp_source *in;
    const struct saml_idp *metadata; /* as in struct change */
};

/* The last good metadata, which may be older than the wish that it is signed. */
static enum rc keep_if_signed(struct cx *cx, int64_t id, const char *cert, bool *forgotten)
{
    struct idp *idp;
    struct saml_idp metadata;
    enum rc rc = idp_get(cx, id, &idp);
    if (rc == RC_OK && idp->metadata)
        rc = idp_read(cx, idp->entity, cert, str_of(idp->metadata), &metadata);
    if (rc != RC_DENIED)
        return rc;
    err_clear(cx);
    *forgotten = true;
    return db_exec(cx, SQL_idp_forget, NULL, "i", id);
}

static enum rc set_source_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    const struct idp_source *in = m->in;
    struct idp *before;
    bool forgotten = false;
    enum rc rc = get_locked(cx, m->id, &before);
    if (rc == RC_OK)
        rc = seen_check(cx, in->seen, idp_source_seen(cx, before));
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_idp_set_source, NULL, "ssti", in->from, in->cert, clock_now(), m->id);
    if (rc == RC_OK && m->metadata)
        rc = idp_keep(cx, m->id, in->from, in->cert, in->xml, m->metadata);
    else if (rc == RC_OK && in->cert)
        rc = keep_if_signed(cx, m->id, in->cert, &forgotten);
    return rc == RC_OK ? audit_write(cx, "idp.source", "idp", m->id, "%s, %s%s", source_name(in),
                                     in->cert ? "signed" : "not signed",
                                     forgotten ? "; what was there is not, and is forgotten" : "")
                       : rc;
}

enum rc idp_set_source(struct cx *cx, int64_t id, const struct idp_source *source)
{
    struct idp *idp;
    struct saml_idp metadata = {0};
    struct move m = {.id = id, .in = source, .metadata = source->xml.p ? &metadata : NULL};
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = idp_get(cx, id, &idp);
    if (rc == RC_OK)
        rc = read_at_hand(cx, idp->entity, source, &metadata);
    return rc == RC_OK ? db_tx(cx, set_source_tx, &m) : rc;
}

enum rc idp_refresh(struct cx *cx, int64_t id)
{
    struct idp *idp;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = idp_get(cx, id, &idp);
    if (rc == RC_OK && !*idp->source)
        rc = err_set(cx, RC_CONFLICT, NULL, "idp_brought", "its metadata was brought as a file");
    return rc == RC_OK ? db_exec(cx, SQL_idp_refresh, NULL, "ti", clock_now(), id) : rc;
}

/* --- adding --- */

static enum rc add_tx(struct cx *cx, void *arg)
{
    struct change *c = arg;
    const struct idp_new *in = c->in;
    const struct idp_source *from = &in->source;
    struct str hash = sso_hash(cx, in->entity);
    struct db_done done;
    int64_t now = clock_now();
    enum rc rc =
        db_exec(cx, SQL_idp_insert, &done, "Bssissbsstt", &hash, in->entity, in->name, in->organisation_id,
                in->domains, in->scopes, (int)in->allow_cbc, from->from, from->cert, now, now);
    if (rc == RC_CONFLICT && db_duplicate(cx, "idp_entity"))
        return err_set(cx, RC_CONFLICT, "entity", "idp_taken", "%s is there already", in->entity);
    if (rc == RC_OK && c->metadata)
        rc = idp_keep(cx, done.id, from->from, from->cert, from->xml, c->metadata);
    if (rc == RC_OK)
        rc = audit_write(cx, "idp.add", "idp", done.id, "%s, metadata %s", in->entity, source_name(from));
    if (rc == RC_OK)
        c->id = done.id;
    return rc;
}

/* What nobody said: the metadata does, or it has the name of the place where it is (as Shibboleth's). */
static enum rc check_entity(struct cx *cx, struct idp_new *in, const struct saml_idp *metadata)
{
    if (!*in->entity)
        in->entity = metadata ? metadata->entity : *in->source.from == '/' ? "" : in->source.from;
    struct str entity = str_of(in->entity);
    if (entity.n == 0 || entity.n > IDP_ENTITY_MAX || !str_is_utf8(entity) || str_has_controls(entity, false))
        return err_set(cx, RC_INVALID, "entity", "idp_entity", "an entityID has 1 to %d bytes",
                       IDP_ENTITY_MAX);
    return RC_OK;
}

enum rc idp_add(struct cx *cx, const struct idp_new *in, int64_t *id)
{
    struct idp_new clean;
    struct saml_idp m = {0};
    const struct saml_idp *at_hand = in->source.xml.p ? &m : NULL;
    struct change c = {.in = &clean, .metadata = at_hand};
    enum rc rc = check_settings(cx, in, &clean);
    if (rc == RC_OK)
        rc = read_at_hand(cx, *in->entity ? in->entity : NULL, &in->source, &m);
    if (rc == RC_OK)
        rc = check_entity(cx, &clean, at_hand);
    if (rc == RC_OK)
        rc = sp_keys_ensure(cx);
    if (rc == RC_OK)
        rc = db_tx(cx, add_tx, &c);
    if (rc == RC_OK)
        *id = c.id;
    return rc;
}

/* --- ending --- */

enum rc idp_ending(struct cx *cx, int64_t id, struct idp_ending *out)
{
    struct idp *idp;
    struct rows *rows = NULL;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = idp_get(cx, id, &idp);
    if (rc != RC_OK)
        return rc;
    const char *provider = sso_provider(cx, idp->entity);
    rc = db_one(cx, SQL_idp_ending, &rows, "ssiti", provider, provider, id, clock_now(), id);
    if (rc == RC_OK)
        *out = (struct idp_ending){.name = idp->name,
                                   .people = row_i64(rows, 0, 0),
                                   .stranded = row_i64(rows, 0, 1),
                                   .sessions = row_i64(rows, 0, 2),
                                   .roles = row_i64(rows, 0, 3)};
    return rc;
}

/* An installation whose admins sign in at this provider alone would have nobody left to mend it. */
static enum rc check_admin_left(struct cx *cx, const struct idp *idp)
{
    struct rows *rows = NULL;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "admins");
    if (rc == RC_OK)
        rc = db_one(cx, SQL_idp_admins, &rows, "si", sso_provider(cx, idp->entity), idp->id);
    if (rc == RC_OK && row_bool(rows, 0, 0) && !row_bool(rows, 0, 1))
        rc = err_set(cx, RC_CONFLICT, NULL, "idp_last_admin",
                     "no admin could sign in any more: give one a password first (lecternctl user passwd)");
    return rc;
}

static enum rc remove_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct idp *idp = NULL;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "signins");
    if (rc == RC_OK)
        rc = get_locked(cx, *id, &idp);
    if (rc == RC_OK)
        rc = check_admin_left(cx, idp);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_session_delete_idp, NULL, "i", *id);
    if (rc == RC_OK)
        rc = sso_rules_end(cx, idp);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_idp_delete, NULL, "i", *id);
    return rc == RC_OK ? audit_write(cx, "idp.remove", "idp", *id, "%s", idp->entity) : rc;
}

enum rc idp_remove(struct cx *cx, int64_t id)
{
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    return rc == RC_OK ? db_tx(cx, remove_tx, &id) : rc;
}
