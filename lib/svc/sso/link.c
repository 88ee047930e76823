#include "lib/svc/sso/link.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/policy.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/idp.h"
#include "lib/svc/sso/rules.h"

enum { SECRET_SIZE = 33, SHOWN_MAX = 255 };

enum rc sso_link_keep(struct cx *cx, int64_t user_id, int64_t idp_id, const char *subject, const char *shown,
                      const char **secret)
{
    char *fresh = arena_alloc(cx->arena, SECRET_SIZE);
    struct str cut = str_utf8_cut(str_of(shown), SHOWN_MAX);
    rand_key(fresh, SECRET_SIZE);
    struct str hash = sso_hash(cx, fresh);
    enum rc rc = db_exec(cx, SQL_identity_pending_insert, NULL, "BiisLt", &hash, user_id, idp_id, subject,
                         &cut, clock_now() + (int64_t)SSO_LINK_S * 1000);
    if (rc == RC_OK)
        *secret = fresh;
    return rc;
}

/* The row of what waits: provider's id, its name, its entityID, the subject, what it is known by. */
static enum rc pending(struct cx *cx, const char *secret, struct rows **rows)
{
    struct str hash = sso_hash(cx, secret ? secret : "");
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor links nothing");
    enum rc rc = db_one(cx, SQL_identity_pending_get, rows, "Bit", &hash, cx->actor->user_id, clock_now());
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_NOTFOUND, NULL, "sso_link_gone", "nothing waits to be linked in this browser");
    return rc;
}

static struct sso_link link_of(const struct rows *rows)
{
    return (struct sso_link){.idp = row_text(rows, 0, 1), .shown = row_text(rows, 0, 4)};
}

enum rc sso_link_get(struct cx *cx, const char *secret, struct sso_link *out)
{
    struct rows *rows = NULL;
    enum rc rc = pending(cx, secret, &rows);
    if (rc == RC_OK)
        *out = link_of(rows);
    return rc;
}

struct confirm {
    const char *secret;
    struct sso_link link;
};

/* others: how many the account has already. */
static enum rc insert(struct cx *cx, const struct rows *rows, size_t others)
{
    struct db_done done;
    struct rows *owner = NULL;
    const char *provider = sso_provider(cx, row_text(rows, 0, 2)), *subject = row_text(rows, 0, 3);
    enum rc rc = db_query(cx, SQL_identity_get, &owner, "ss", provider, subject);
    if (rc != RC_OK)
        return rc;
    if (rows_count(owner) > 0)
        return row_i64(owner, 0, 1) == cx->actor->user_id
                   ? RC_OK
                   : err_set(cx, RC_CONFLICT, NULL, "sso_link_taken", "the identity belongs to account %lld",
                             (long long)row_i64(owner, 0, 1));
    if (others >= SSO_LINKS_MAX)
        return err_set(cx, RC_CONFLICT, NULL, "sso_link_many", "%d identities", SSO_LINKS_MAX);
    rc = db_exec(cx, SQL_identity_insert, &done, "isst", cx->actor->user_id, provider, subject, clock_now());
    return rc == RC_OK ? audit_write(cx, "user.link", "user", cx->actor->user_id, "%s", row_text(rows, 0, 2))
                       : rc;
}

/* Of a button that was pressed twice the second request waits for the first, and finds what that has done: what was
 * proved stays until it is too old. */
static enum rc confirm_tx(struct cx *cx, void *arg)
{
    struct confirm *c = arg;
    struct rows *rows = NULL, *count = NULL;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "signins");
    if (rc == RC_OK)
        rc = pending(cx, c->secret, &rows);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_identity_list, &count, "ii", cx->actor->user_id, (int64_t)SSO_LINKS_MAX);
    if (rc == RC_OK)
        rc = insert(cx, rows, rows_count(count));
    if (rc == RC_OK)
        c->link = link_of(rows);
    return rc;
}

enum rc sso_link_confirm(struct cx *cx, const char *secret, struct sso_link *out)
{
    struct confirm c = {.secret = secret};
    enum rc rc = db_tx(cx, confirm_tx, &c);
    if (rc == RC_OK)
        *out = c.link;
    return rc;
}

enum rc sso_link_list(struct cx *cx, struct sso_identities *out)
{
    struct rows *rows = NULL;
    struct sso_identities list = {0};
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no identities");
    enum rc rc = db_query(cx, SQL_identity_list, &rows, "ii", cx->actor->user_id, (int64_t)SSO_LINKS_MAX);
    if (rc != RC_OK)
        return rc;
    list.n = rows_count(rows);
    size_t alive = 0;
    for (size_t i = 0; i < list.n; i++) {
        list.item[i] = (struct sso_identity){.id = row_i64(rows, i, 0),
                                             .idp = row_text(rows, i, 1),
                                             .idp_id = row_i64(rows, i, 5),
                                             .since = row_time(rows, i, 2),
                                             .used = row_time(rows, i, 3),
                                             .may_unlink = row_bool(rows, i, 4)};
        alive += list.item[i].idp_id != 0;
    }
    for (size_t i = 0; i < list.n; i++)
        list.item[i].may_unlink |= alive > (list.item[i].idp_id != 0);
    *out = list;
    return RC_OK;
}

static enum rc find_own(struct cx *cx, int64_t id, struct sso_identity *out)
{
    struct sso_identities list;
    enum rc rc = sso_link_list(cx, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        if (list.item[i].id != id)
            continue;
        *out = list.item[i];
        return out->may_unlink
                   ? RC_OK
                   : err_set(cx, RC_CONFLICT, NULL, "sso_link_last", "nothing else signs in to this account");
    }
    return rc == RC_OK ? err_set(cx, RC_NOTFOUND, NULL, "sso_link_gone", "no identity %lld of this account",
                                 (long long)id)
                       : rc;
}

/* Sessions and roles that the person has by the provider of an identity which is no longer theirs. */
static enum rc end_with(struct cx *cx, int64_t idp_id)
{
    struct idp *idp = NULL;
    struct db_done ended = {0};
    struct sso_moved moved = {0};
    int64_t user = cx->actor->user_id;
    if (idp_id == 0)
        return audit_write(cx, "user.unlink", "user", user, "a provider that was removed");
    enum rc rc = idp_get(cx, idp_id, &idp);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_session_delete_idp_person, &ended, "ii", user, idp_id);
    if (rc == RC_OK)
        rc = sso_rules_follow(cx, idp, user, &moved);
    return rc == RC_OK
               ? audit_write(cx, "user.unlink", "user", user,
                             "%s: %lld sessions ended, %lld roles given, %lld taken by rules", idp->entity,
                             (long long)ended.affected, (long long)moved.given, (long long)moved.taken)
               : rc;
}

/* Two requests that take the last two ways both write the row "signins", so the second sees what the first
 * did. */
static enum rc unlink_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct sso_identity one = {0};
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "signins");
    if (rc == RC_OK)
        rc = find_own(cx, *id, &one);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_identity_delete, NULL, "ii", *id, cx->actor->user_id);
    return rc == RC_OK ? end_with(cx, one.idp_id) : rc;
}

enum rc sso_unlink(struct cx *cx, int64_t id)
{
    return db_tx(cx, unlink_tx, &id);
}

enum rc sso_link_sweep(struct cx *cx, int64_t *count)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_identity_pending_sweep, &done, "t", clock_now());
    if (rc == RC_OK)
        *count = done.affected;
    return rc;
}
