#include "lib/svc/sso/idp.h"

#include <string.h>
#include <strings.h>

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/policy.h"
#include "lib/svc/sso/hash.h"

enum { TAKEN_MS = 120000, FAILURE_MAX = 500, COLUMN_METADATA = 17, LABELS_MAX = 10 /* of a host name */ };
static const int64_t NEVER = 253370764800000; /* 9999-01-01: the column has no NULL */

static const char *const state_names[IDP_STATE_COUNT] = {"waiting", "expired", "ready"};
WORDS_NAME(idp_state_name, enum idp_state, state_names, IDP_STATE_COUNT)

/* --- rows --- */

static enum idp_state state_of(const struct idp *i)
{
    if (i->metadata_at == NO_TIME)
        return IDP_WAITING;
    return i->metadata_until != NO_TIME && i->metadata_until <= clock_now() ? IDP_EXPIRED : IDP_READY;
}

static struct idp from_row(const struct rows *rows, size_t r)
{
    struct idp i = {.id = row_i64(rows, r, 0),
                    .entity = row_text(rows, r, 1),
                    .name = row_text(rows, r, 2),
                    .organisation_id = row_i64(rows, r, 3),
                    .organisation = row_text(rows, r, 4),
                    .domains = row_text(rows, r, 5),
                    .scopes = row_text(rows, r, 6),
                    .allow_cbc = row_bool(rows, r, 7),
                    .source = row_text(rows, r, 8),
                    .source_cert = row_text(rows, r, 9),
                    .metadata_at = row_time(rows, r, 10),
                    .metadata_until = row_time(rows, r, 11),
                    .keys_until = row_time(rows, r, 12),
                    .checked_at = row_time(rows, r, 13),
                    .due_at = row_time(rows, r, 14),
                    .failures = row_i64(rows, r, 15),
                    .failure = row_text(rows, r, 16)};
    i.state = state_of(&i);
    return i;
}

static enum rc take_one(struct cx *cx, const struct rows *rows, struct idp **out)
{
    if (rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "idp", "idp_unknown", "there is no such identity provider");
    struct idp *i = arena_alloc(cx->arena, sizeof *i);
    *i = from_row(rows, 0);
    i->metadata = row_text(rows, 0, COLUMN_METADATA);
    *out = i;
    return RC_OK;
}

enum rc idp_get(struct cx *cx, int64_t id, struct idp **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_idp_get, &rows, "i", id);
    return rc == RC_OK ? take_one(cx, rows, out) : rc;
}

enum rc idp_get_by_entity(struct cx *cx, const char *entity, struct idp **out)
{
    struct rows *rows = NULL;
    struct str hash = sso_hash(cx, entity);
    enum rc rc = db_query(cx, SQL_idp_get_entity, &rows, "B", &hash);
    return rc == RC_OK ? take_one(cx, rows, out) : rc;
}

/* One row more than `limit` was asked for. */
static struct idp_list new_list(struct cx *cx, const struct rows *rows, int64_t limit)
{
    struct idp_list list = {.n = rows_count(rows), .more = rows_count(rows) > (size_t)limit};
    list.n -= list.more;
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    return list;
}

enum rc idp_list(struct cx *cx, const char *words, int64_t limit, int64_t offset, struct idp_list *out)
{
    struct rows *rows = NULL;
    const char *pattern = db_like(cx, words);
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_idp_list, &rows, "sssii", pattern, pattern, pattern, limit + 1, offset);
    if (rc != RC_OK)
        return rc;
    struct idp_list list = new_list(cx, rows, limit);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = from_row(rows, i);
    *out = list;
    return RC_OK;
}

/* --- metadata that was read --- */

/* When the last of its keys ends: as long as one is valid, people of that IdP can be told in time. */
static int64_t keys_end(const struct saml_idp *m)
{
    int64_t end = m->certs[0].ends;
    for (size_t i = 1; i < m->certs_n; i++)
        if (m->certs[i].ends > end)
            end = m->certs[i].ends;
    return end;
}

/* Sooner than usual if it is cached shorter, or before it is over. */
static int64_t next_after(const struct saml_idp *m, int64_t now)
{
    int64_t wait = (int64_t)IDP_REFRESH_S * 1000, least = (int64_t)IDP_REFRESH_MIN_S * 1000;
    if (m->cache_ms >= 0 && m->cache_ms < wait)
        wait = m->cache_ms;
    if (m->valid_until != NO_TIME && (m->valid_until - now) / 2 < wait)
        wait = (m->valid_until - now) / 2;
    return now + (wait > least ? wait : least);
}

enum rc idp_read(struct cx *cx, const char *entity, const char *signer, struct str xml, struct saml_idp *out)
{
    const struct saml_cert *certs = NULL;
    size_t n = 0;
    enum saml_reason why;
    enum rc rc = signer ? saml_certs_from_pem(cx, str_of(signer), &certs, &n) : RC_OK;
    return rc == RC_OK ? saml_idp_metadata(cx, xml, entity, certs, n, clock_now(), out, &why) : rc;
}

enum rc idp_keep(struct cx *cx, int64_t id, const char *source, const char *signer, struct str xml,
                 const struct saml_idp *metadata)
{
    int64_t now = clock_now();
    return db_exec(cx, SQL_idp_good, NULL, "Lttttiss", &xml, now, metadata->valid_until, keys_end(metadata),
                   *source ? next_after(metadata, now) : NEVER, id, source, signer);
}

/* --- words of it --- */

/* The domain of an address of mail, and those above it, as JSON. */
static const char *hosts_json(struct cx *cx, const char *words)
{
    const char *at = strrchr(words, '@');
    json_t *list = js_array(cx);
    char *host = arena_strdup(cx->arena, at ? at + 1 : "");
    for (char *c = host; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    for (int i = 0; i < LABELS_MAX && host && *host; i++) {
        json_array_append_new(list, json_string(host));
        char *dot = strchr(host, '.');
        host = dot ? dot + 1 : NULL;
    }
    return js_text(cx, list).p;
}

enum rc idp_list_offered(struct cx *cx, const char *words, int64_t first, struct idp_list *out)
{
    struct rows *rows = NULL;
    const char *pattern = *words && !strchr(words, '@') ? db_like(cx, words) : NULL;
    enum rc rc = db_query(cx, SQL_idp_list_offered, &rows, "ssstii", pattern, pattern, hosts_json(cx, words),
                          clock_now(), first, (int64_t)IDP_MAX + 1);
    if (rc != RC_OK)
        return rc;
    struct idp_list list = new_list(cx, rows, IDP_MAX);
    for (size_t i = 0; i < list.n; i++) {
        struct idp one = {.id = row_i64(rows, i, 0),
                          .name = row_text(rows, i, 1),
                          .home = row_text(rows, i, 2),
                          .found = row_bool(rows, i, 3),
                          .state = row_bool(rows, i, 4) ? IDP_READY : IDP_EXPIRED};
        if (one.home && strcmp(one.home, one.name) == 0)
            one.home = NULL;
        list.item[i] = one;
    }
    *out = list;
    return RC_OK;
}

bool idp_scope_fits(const struct idp *idp, const struct saml_idp *metadata, const char *value)
{
    const char *at = strchr(value, '@');
    struct str rest = str_of(idp->scopes);
    if (saml_scope_fits(metadata, value))
        return true;
    if (!at || at == value || !at[1] || strchr(at + 1, '@'))
        return false;
    while (rest.n > 0) {
        struct str w = str_cut(&rest, ' ');
        if (w.n == strlen(at + 1) && strncasecmp(w.p, at + 1, w.n) == 0)
            return true;
    }
    return false;
}

/* --- metadata --- */

/* It was verified when it was kept. */
enum rc idp_metadata(struct cx *cx, const struct idp *idp, struct saml_idp *out)
{
    enum saml_reason why;
    if (!idp->metadata || idp->state != IDP_READY)
        return err_set(cx, RC_UNAVAIL, NULL, "idp_not_ready", "%s: its metadata is %s", idp->entity,
                       idp_state_name(idp->state));
    return saml_idp_metadata(cx, str_of(idp->metadata), idp->entity, NULL, 0, clock_now(), out, &why);
}

enum rc idp_take_due(struct cx *cx, struct idp **out)
{
    struct rows *rows = NULL;
    struct db_done done = {0};
    int64_t now = clock_now();
    enum rc rc = db_one(cx, SQL_idp_due, &rows, "t", now);
    if (rc == RC_OK)
        rc = take_one(cx, rows, out);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_idp_take, &done, "tit", now + TAKEN_MS, (*out)->id, (*out)->due_at);
    if (rc == RC_OK && done.affected == 0)
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "another instance reads it");
    return rc;
}

enum rc idp_loaded(struct cx *cx, const struct idp *idp, struct str xml)
{
    struct saml_idp m;
    enum rc rc = idp_read(cx, idp->entity, idp->source_cert, xml, &m);
    if (rc == RC_OK)
        return idp_keep(cx, idp->id, idp->source, idp->source_cert, xml, &m);
    struct err first = cx->err;
    if (idp_failed(cx, idp, first.detail) == RC_OK)
        cx->err = first;
    return rc;
}

enum rc idp_failed(struct cx *cx, const struct idp *idp, const char *why)
{
    int64_t now = clock_now(), wait = IDP_RETRY_S;
    struct str cut = str_utf8_cut(str_of(why ? why : "no reason given"), FAILURE_MAX);
    for (int64_t i = 0; i < idp->failures && wait < IDP_REFRESH_S; i++)
        wait *= 2;
    if (wait > IDP_REFRESH_S)
        wait = IDP_REFRESH_S;
    return db_exec(cx, SQL_idp_bad, NULL, "ttLiss", now, now + wait * 1000, &cut, idp->id, idp->source,
                   idp->source_cert);
}
