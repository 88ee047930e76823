#include "lib/svc/people/session.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/base/str.h"
#include "lib/db/db.h"
#include "lib/net/address.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/user.h"
#include "lib/svc/secret.h"

enum { AGENT_MAX = 160, BROWSER_LENGTH = 24 };

static const int64_t SESSION_MS = (int64_t)SESSION_DAYS * 24 * 3600 * 1000;

/* The User-Agent, if it is well-formed text. */
static struct str clean_agent(const char *agent)
{
    struct str s = str_utf8_cut(str_of(agent), AGENT_MAX);
    return str_is_utf8(s) ? s : (struct str){"", 0};
}

enum rc session_create_until(struct cx *cx, int64_t user_id, const char *agent, int64_t ends,
                             const char **token, struct str *hash)
{
    int64_t now = clock_now();
    struct str cut = clean_agent(agent), h;
    const char *fresh = secret_new(cx, &h);
    enum rc rc = db_exec(cx, SQL_session_insert, NULL, "BittL", &h, user_id, now,
                         ends < now + SESSION_MS ? ends : now + SESSION_MS, &cut);
    if (rc != RC_OK)
        return rc;
    *token = fresh;
    *hash = h;
    return RC_OK;
}

enum rc session_create(struct cx *cx, int64_t user_id, const char *agent, const char **token)
{
    struct str hash;
    return session_create_until(cx, user_id, agent, INT64_MAX, token, &hash);
}

/* --- who may try --- */

struct limit {
    const struct ratelimit_rule *rule;
    const char *subject;
};

/* The counters of one attempt, and what is remembered if the password is right. */
struct attempt {
    struct limit limits[3];
    size_t n;
    const char *network, *browser; /* with the login */
};

static void add_limit(struct attempt *a, const struct ratelimit_rule *rule, const char *subject)
{
    a->limits[a->n++] = (struct limit){rule, subject};
}

static struct attempt attempt_of(struct cx *cx, struct ratelimit *limits, const struct sign_in *in)
{
    const char *network = address_network(cx->arena, in->address);
    struct attempt a = {.network = arena_printf(cx->arena, "%s from %s", in->login, network),
                        .browser = arena_printf(cx->arena, "%s by %s", in->login, in->browser)};
    if (ratelimit_remembers(cx, limits, a.browser)) {
        add_limit(&a, &RATELIMIT_SIGNIN_KNOWN, a.browser);
        return a;
    }
    add_limit(&a, &RATELIMIT_SIGNIN_NETWORK, network);
    add_limit(&a, &RATELIMIT_SIGNIN_FROM, a.network);
    if (!ratelimit_remembers(cx, limits, a.network))
        add_limit(&a, &RATELIMIT_SIGNIN_LOGIN, in->login);
    return a;
}

/* After a right password: takes back the hits of this attempt, and forgets the wrong ones that its owner
 * typed here, but not those of others: a guesser with an account of their own must not be able to reset the
 * counters. */
static void succeed(struct cx *cx, struct ratelimit *limits, const struct attempt *a)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct limit *l = &a->limits[i];
        if (l->rule == &RATELIMIT_SIGNIN_KNOWN || l->rule == &RATELIMIT_SIGNIN_FROM)
            ratelimit_clear(cx, limits, l->rule, l->subject);
        else
            ratelimit_return(cx, limits, l->rule, l->subject);
    }
    ratelimit_remember(cx, limits, a->network);
    ratelimit_remember(cx, limits, a->browser);
}

const char *session_browser(struct cx *cx, const char *cookie)
{
    if (cookie && str_is_key(str_of(cookie), BROWSER_LENGTH))
        return cookie;
    char *fresh = arena_alloc(cx->arena, BROWSER_LENGTH + 1);
    rand_key(fresh, BROWSER_LENGTH + 1);
    return fresh;
}

/* --- signing in --- */

struct opening {
    const struct user *user;
    const char *agent, *token;
    struct actor *actor;
};

static enum rc sign_in_tx(struct cx *cx, void *arg)
{
    struct opening *s = arg;
    const char *token = NULL;
    struct actor *actor = NULL;
    enum rc rc = user_make_actor(cx, s->user->id, s->user->login, s->user->name, &actor);
    if (rc == RC_OK)
        rc = session_create(cx, s->user->id, s->agent, &token);
    if (rc != RC_OK)
        return rc;
    const struct actor *before = cx->actor;
    cx->actor = actor;
    rc = audit_write(cx, "session.signin", "user", s->user->id, "%s", "");
    cx->actor = before;
    if (rc == RC_OK) {
        s->token = token;
        s->actor = actor;
    }
    return rc;
}

enum rc session_sign_in(struct cx *cx, struct ratelimit *limits, const struct sign_in *in, const char **token,
                        struct actor **actor)
{
    struct user *user = NULL;
    struct attempt attempt = attempt_of(cx, limits, in);
    enum rc rc = RC_OK;
    for (size_t i = 0; i < attempt.n && rc == RC_OK; i++)
        rc = ratelimit_hit(cx, limits, attempt.limits[i].rule, attempt.limits[i].subject);
    if (rc == RC_OK)
        rc = user_verify(cx, in->login, in->password, &user);
    if (rc != RC_OK)
        return rc;
    struct opening s = {.user = user, .agent = in->agent};
    rc = db_tx(cx, sign_in_tx, &s);
    if (rc != RC_OK)
        return rc;
    succeed(cx, limits, &attempt);
    *token = s.token;
    *actor = s.actor;
    return RC_OK;
}

enum rc session_open(struct cx *cx, const char *token, struct actor **actor)
{
    struct rows *rows = NULL;
    struct str h;
    if (!secret_hash(cx, str_of(token), &h))
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "not a session token");
    enum rc rc = db_one(cx, SQL_session_get, &rows, "Bt", &h, clock_now());
    if (rc != RC_OK)
        return rc;
    struct actor *a = NULL;
    rc = user_make_actor(cx, row_i64(rows, 0, 0), row_text(rows, 0, 1), row_text(rows, 0, 2), &a);
    if (rc != RC_OK)
        return rc;
    a->teaches = row_bool(rows, 0, 3);
    *actor = a;
    return RC_OK;
}

enum rc session_close(struct cx *cx, const char *token)
{
    struct str hash;
    return secret_hash(cx, str_of(token), &hash) ? session_close_hash(cx, hash) : RC_OK;
}

enum rc session_close_hash(struct cx *cx, struct str hash)
{
    return db_exec(cx, SQL_session_delete, NULL, "B", &hash);
}

enum rc session_close_all(struct cx *cx, int64_t user_id, int64_t *count)
{
    struct db_done done = {0};
    enum rc rc = cx->actor && cx->actor->user_id == user_id ? RC_OK : user_check_account(cx, user_id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_session_delete_user, &done, "i", user_id);
    if (rc == RC_OK)
        rc = audit_write(cx, "session.close_all", "user", user_id, "%lld sessions", (long long)done.affected);
    if (rc == RC_OK && count)
        *count = done.affected;
    return rc;
}

enum rc session_sweep(struct cx *cx, int64_t *count)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_session_sweep, &done, "t", clock_now());
    if (rc == RC_OK)
        *count = done.affected;
    return rc;
}
