#include "lib/svc/people/token.h"

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/user.h"

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

const char *const token_scope_names[SCOPE_COUNT + 1] = {"stream", NULL};
WORDS_NAME(token_scope_name, enum token_scope, token_scope_names, SCOPE_COUNT)
WORDS_OF(token_scope_of, enum token_scope, token_scope_names, SCOPE_COUNT)

static enum rc unknown(struct cx *cx, enum rc rc)
{
    return err_set(cx, rc, NULL, "token_unknown", "no such personal token");
}

/* --- making --- */

struct making {
    const struct token_new *in;
    struct str hash;
    int64_t now;
};

static enum rc check(struct cx *cx, const struct token_new *in)
{
    enum rc rc = check_line(cx, in->name, TOKEN_NAME_MAX, "name", "token_name_invalid");
    if (rc != RC_OK)
        return rc;
    if (in->scopes == 0 || in->scopes >> SCOPE_COUNT)
        return err_set(cx, RC_INVALID, "scopes", "scopes_none", "scopes %u", in->scopes);
    if (in->days < 0 || in->days > TOKEN_DAYS_MAX)
        return err_set(cx, RC_INVALID, "days", "days_invalid", "%d days", in->days);
    return RC_OK;
}

static enum rc create_tx(struct cx *cx, void *arg)
{
    const struct making *m = arg;
    const struct token_new *in = m->in;
    struct rows *rows = NULL;
    struct user *user = NULL;
    struct db_done done = {0};
    enum rc rc = user_get(cx, in->user_id, &user);
    if (rc == RC_OK)
        rc = user_check_enabled(cx, user);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_token_lock, &rows, "i", in->user_id);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_token_count, &rows, "i", in->user_id);
    if (rc == RC_OK && row_i64(rows, 0, 0) >= TOKENS_MAX)
        return err_set(cx, RC_CONFLICT, NULL, "tokens_many", "%d tokens", TOKENS_MAX);
    if (rc == RC_OK && in->newest && row_i64(rows, 0, 1) > *in->newest)
        return err_set(cx, RC_CONFLICT, NULL, "token_again", "token %lld is newer than the form",
                       (long long)row_i64(rows, 0, 1));
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_token_insert, &done, "Bisitt", &m->hash, in->user_id, in->name,
                     (int64_t)in->scopes, m->now, in->days ? m->now + in->days * DAY_MS : NO_TIME);
    if (rc == RC_OK)
        rc = audit_write(cx, "token.create", "user", in->user_id, "%lld %s", (long long)done.id, in->name);
    return rc;
}

enum rc token_create(struct cx *cx, const struct token_new *in, const char **text)
{
    struct making m = {.in = in, .now = clock_now()};
    if (!cx->actor || (!cx->actor->program && cx->actor->user_id != in->user_id))
        return err_set(cx, RC_DENIED, NULL, "not_allowed", "a token of another person");
    const char *secret = secret_new(cx, &m.hash);
    enum rc rc = check(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &m);
    if (rc == RC_OK)
        *text = arena_printf(cx->arena, TOKEN_PREFIX "%s", secret);
    return rc;
}

/* --- those that are there --- */

static bool is_own(const struct cx *cx, int64_t user_id)
{
    return cx->actor && cx->actor->user_id && cx->actor->user_id == user_id;
}

static enum rc list_rows(struct cx *cx, int64_t user_id, int64_t limit, struct rows **rows)
{
    enum rc rc = RC_OK;
    if (user_id == 0) {
        rc = policy_check(cx, ACT_INSTALL, NULL);
        return rc == RC_OK ? db_query(cx, SQL_token_list_all, rows, "ti", clock_now(), limit) : rc;
    }
    if (!is_own(cx, user_id))
        rc = user_check_account(cx, user_id);
    return rc == RC_OK ? db_query(cx, SQL_token_list, rows, "ti", clock_now(), user_id) : rc;
}

enum rc token_list(struct cx *cx, int64_t user_id, int64_t limit, struct token_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = list_rows(cx, user_id, limit, &rows);
    if (rc != RC_OK)
        return rc;
    struct token_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct token){.id = row_i64(rows, i, 0),
                                      .name = row_text(rows, i, 1),
                                      .scopes = (unsigned)row_i64(rows, i, 2),
                                      .created_at = row_time(rows, i, 3),
                                      .expires_at = row_time(rows, i, 4),
                                      .used_at = row_time(rows, i, 5),
                                      .used_from = row_text(rows, i, 6),
                                      .expired = row_bool(rows, i, 7),
                                      .login = row_text(rows, i, 8),
                                      .streams = row_bool(rows, i, 9)};
    *out = list;
    return RC_OK;
}

static enum rc revoke_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_token_owner, &rows, "i", *id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return unknown(cx, RC_NOTFOUND);
    if (rc != RC_OK)
        return rc;
    int64_t user_id = row_i64(rows, 0, 0);
    if (!is_own(cx, user_id) && user_check_account(cx, user_id) != RC_OK) {
        err_clear(cx);
        return unknown(cx, RC_NOTFOUND); /* whose it is is nobody else's business */
    }
    rc = db_exec(cx, SQL_token_delete, NULL, "i", *id);
    if (rc == RC_OK)
        rc =
            audit_write(cx, "token.revoke", "user", user_id, "%lld %s", (long long)*id, row_text(rows, 0, 1));
    return rc;
}

enum rc token_revoke(struct cx *cx, int64_t id)
{
    return db_tx(cx, revoke_tx, &id);
}

/* --- using --- */

/* late: an expired one, too. */
static enum rc open_token(struct cx *cx, struct str text, enum token_scope scope, const char *from, bool late,
                          struct actor **actor, int64_t *id)
{
    static const size_t prefix = sizeof TOKEN_PREFIX - 1;
    struct rows *rows = NULL;
    struct str hash;
    int64_t now = clock_now();
    if (!str_starts(text, TOKEN_PREFIX) ||
        !secret_hash(cx, (struct str){text.p + prefix, text.n - prefix}, &hash))
        return unknown(cx, RC_DENIED);
    enum rc rc = db_query(cx, SQL_token_get, &rows, "tstB", now, from, now, &hash);
    if (rc == RC_OK && (rows_count(rows) == 0 || (!late && row_bool(rows, 0, 6))))
        return unknown(cx, RC_DENIED);
    if (rc == RC_OK && !(row_i64(rows, 0, 4) & 1 << scope))
        return err_set(cx, RC_DENIED, NULL, "token_scope", "token %lld is not for %s",
                       (long long)row_i64(rows, 0, 0), token_scope_name(scope));
    if (rc == RC_OK && row_bool(rows, 0, 5))
        rc = db_exec(cx, SQL_token_used, NULL, "tsi", now, from, row_i64(rows, 0, 0));
    if (rc != RC_OK)
        return rc;
    *id = row_i64(rows, 0, 0);
    return user_make_actor(cx, row_i64(rows, 0, 1), row_text(rows, 0, 2), row_text(rows, 0, 3), actor);
}

enum rc token_open(struct cx *cx, struct str text, enum token_scope scope, const char *from,
                   struct actor **actor, int64_t *id)
{
    return open_token(cx, text, scope, from, false, actor, id);
}

enum rc token_open_late(struct cx *cx, struct str text, enum token_scope scope, const char *from,
                        struct actor **actor, int64_t *id)
{
    return open_token(cx, text, scope, from, true, actor, id);
}
