#include "lib/svc/people/user.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/password.h"

enum { COLUMN_EXTRA = 7, PREFERENCE_NAME_MAX = 40, PREFERENCE_VALUE_MAX = 500, LIST_MAX = 100000 };

static struct user from_row(const struct rows *rows, size_t r)
{
    return (struct user){.id = row_i64(rows, r, 0),
                         .login = row_text(rows, r, 1),
                         .name = row_text(rows, r, 2),
                         .email = row_text(rows, r, 3),
                         .organisation_id = row_i64(rows, r, 4),
                         .created_at = row_time(rows, r, 5),
                         .disabled = row_bool(rows, r, 6)};
}

/* In lower case, in the arena; RC_INVALID if it is not a login. */
static enum rc normal_login(struct cx *cx, const char *login, char **out)
{
    struct str s = str_of(login);
    bool good = s.n > 0 && s.n <= USER_LOGIN_MAX;
    char *text = arena_alloc(cx->arena, s.n + 1);
    for (size_t i = 0; good && i < s.n; i++) {
        char c = s.p[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        good = (text[i] >= 'a' && text[i] <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._@-", c));
    }
    if (!good)
        return err_set(cx, RC_INVALID, "login", "login_invalid", "login: 1 to %d of [a-z0-9._@-]",
                       USER_LOGIN_MAX);
    *out = text;
    return RC_OK;
}

static enum rc check_password(struct cx *cx, const char *password)
{
    struct str s = str_of(password);
    if (!str_is_utf8(s) || str_utf8_length(s) < USER_PASSWORD_MIN)
        return err_set(cx, RC_INVALID, "password", "password_short", "fewer than %d characters",
                       USER_PASSWORD_MIN);
    if (s.n > USER_PASSWORD_MAX)
        return err_set(cx, RC_INVALID, "password", "password_long", "more than %d bytes", USER_PASSWORD_MAX);
    return RC_OK;
}

enum rc user_check_enabled(struct cx *cx, const struct user *u)
{
    if (!u->disabled)
        return RC_OK;
    return err_set(cx, RC_CONFLICT, "login", "user_disabled", "account %s is disabled", u->login);
}

/* --- create --- */

struct create {
    const struct user_new *in;
    const char *login, *encoded;
    int64_t id;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct create *c = arg;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_user_insert, &done, "ssssit", c->login, c->in->name, c->in->email,
                         c->encoded, c->in->organisation_id, clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "user_login"))
        return err_set(cx, RC_CONFLICT, "login", "login_taken", "login %s is taken", c->login);
    if (rc == RC_OK)
        rc = audit_write(cx, "user.create", "user", done.id, "%s", c->login);
    if (rc == RC_OK)
        c->id = done.id;
    return rc;
}

enum rc user_create(struct cx *cx, const struct user_new *in, int64_t *id)
{
    char *login = NULL, *encoded = NULL;
    enum rc rc = user_may_manage(cx, in->organisation_id);
    if (rc == RC_OK)
        rc = normal_login(cx, in->login, &login);
    if (rc == RC_OK)
        rc = check_line(cx, in->name, USER_NAME_MAX, "name", "name_invalid");
    if (rc == RC_OK && in->email)
        rc = check_email(cx, in->email);
    if (rc == RC_OK && in->password)
        rc = check_password(cx, in->password);
    if (rc == RC_OK && in->password)
        rc = password_hash(cx, in->password, &encoded);
    if (rc != RC_OK)
        return rc;
    struct create c = {.in = in, .login = login, .encoded = encoded};
    rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK && id)
        *id = c.id;
    return rc;
}

/* --- find --- */

static enum rc unknown(struct cx *cx)
{
    return err_set(cx, RC_NOTFOUND, "login", "user_unknown", "there is no such person");
}

static struct user *take_one(struct cx *cx, const struct rows *rows)
{
    struct user *u = arena_alloc(cx->arena, sizeof *u);
    *u = from_row(rows, 0);
    u->local = !row_null(rows, 0, COLUMN_EXTRA);
    return u;
}

enum rc user_get_by_login(struct cx *cx, const char *login, struct user **out)
{
    char *normal = NULL;
    struct rows *rows = NULL;
    if (normal_login(cx, login, &normal) != RC_OK)
        return unknown(cx);
    enum rc rc = db_query(cx, SQL_user_get_by_login, &rows, "s", normal);
    if (rc != RC_OK)
        return rc;
    if (rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "login", "user_unknown", "there is no person %s", normal);
    *out = take_one(cx, rows);
    return RC_OK;
}

enum rc user_get(struct cx *cx, int64_t id, struct user **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_user_get, &rows, "i", id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return unknown(cx);
    if (rc == RC_OK)
        *out = take_one(cx, rows);
    return rc;
}

enum rc user_list(struct cx *cx, int64_t limit, int64_t offset, struct user_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_user_list, &rows, "ii", limit < LIST_MAX ? limit : LIST_MAX, offset);
    if (rc != RC_OK)
        return rc;
    struct user_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++) {
        list.item[i] = from_row(rows, i);
        list.item[i].roles = row_text(rows, i, COLUMN_EXTRA);
    }
    *out = list;
    return RC_OK;
}

/* --- passwords --- */

struct set_password {
    int64_t user_id;
    const char *encoded;
};

static enum rc set_password_tx(struct cx *cx, void *arg)
{
    const struct set_password *s = arg;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_user_set_password, &done, "si", s->encoded, s->user_id);
    if (rc == RC_OK && done.affected == 0)
        return unknown(cx);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_session_delete_user, NULL, "i", s->user_id);
    return rc == RC_OK ? audit_write(cx, "user.password", "user", s->user_id, "%s", "") : rc;
}

static enum rc set_password(struct cx *cx, int64_t user_id, const char *password)
{
    char *encoded = NULL;
    enum rc rc = check_password(cx, password);
    if (rc == RC_OK)
        rc = password_hash(cx, password, &encoded);
    struct set_password s = {.user_id = user_id, .encoded = encoded};
    return rc == RC_OK ? db_tx(cx, set_password_tx, &s) : rc;
}

enum rc user_set_password(struct cx *cx, int64_t user_id, const char *password)
{
    enum rc rc = user_check_account(cx, user_id);
    return rc == RC_OK ? set_password(cx, user_id, password) : rc;
}

struct set_disabled {
    int64_t user_id;
    bool disabled;
};

static enum rc set_disabled_tx(struct cx *cx, void *arg)
{
    const struct set_disabled *s = arg;
    struct db_done done = {0};
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_user_get, &rows, "i", s->user_id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return unknown(cx);
    if (rc == RC_OK && s->disabled)
        rc = user_check_admin_left(cx, s->user_id);
    if (rc == RC_OK)
        rc = s->disabled ? db_exec(cx, SQL_user_disable, &done, "ti", clock_now(), s->user_id)
                         : db_exec(cx, SQL_user_enable, &done, "i", s->user_id);
    if (rc == RC_OK && s->disabled)
        rc = db_exec(cx, SQL_session_delete_user, NULL, "i", s->user_id);
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, s->disabled ? "user.disable" : "user.enable", "user", s->user_id, "%s",
                         row_text(rows, 0, 1));
    return rc;
}

enum rc user_set_disabled(struct cx *cx, int64_t user_id, bool disabled)
{
    struct set_disabled s = {.user_id = user_id, .disabled = disabled};
    enum rc rc = user_check_account(cx, user_id);
    if (rc == RC_OK && disabled && cx->actor->user_id == user_id)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "nobody disables themself");
    return rc == RC_OK ? db_tx(cx, set_disabled_tx, &s) : rc;
}

enum rc user_change_password(struct cx *cx, struct ratelimit *limits, const char *old, const char *password)
{
    struct rows *rows = NULL;
    bool right = false;
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no password");
    enum rc rc = check_password(cx, password);
    if (rc == RC_OK)
        rc = ratelimit_hit(cx, limits, &RATELIMIT_PASSWORD, cx->actor->login);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_user_get, &rows, "i", cx->actor->user_id);
    if (rc == RC_OK && row_null(rows, 0, COLUMN_EXTRA))
        rc = err_set(cx, RC_CONFLICT, NULL, "password_none", "an account without a password");
    if (rc == RC_OK)
        rc = password_verify(cx, row_text(rows, 0, COLUMN_EXTRA), old, &right);
    if (rc == RC_OK && !right)
        rc = err_set(cx, RC_DENIED, "old_password", "password_wrong", "the old password is not right");
    if (rc == RC_OK)
        rc = set_password(cx, cx->actor->user_id, password);
    if (rc == RC_OK)
        ratelimit_clear(cx, limits, &RATELIMIT_PASSWORD, cx->actor->login);
    return rc;
}

enum rc user_verify(struct cx *cx, const char *login, const char *password, struct user **out)
{
    char *normal = NULL;
    struct rows *rows = NULL;
    bool known = normal_login(cx, login, &normal) == RC_OK && strlen(password) <= USER_PASSWORD_MAX;
    err_clear(cx);
    enum rc rc = known ? db_query(cx, SQL_user_get_by_login, &rows, "s", normal) : RC_OK;
    if (rc != RC_OK)
        return rc;
    known = known && rows_count(rows) == 1;
    bool right = false;
    const char *encoded = known ? row_text(rows, 0, COLUMN_EXTRA) : NULL;
    rc = password_verify(cx, encoded, strlen(password) <= USER_PASSWORD_MAX ? password : "", &right);
    if (rc != RC_OK)
        return rc;
    struct user u = {0};
    if (known)
        u = from_row(rows, 0);
    if (!right || u.disabled)
        return err_set(cx, RC_DENIED, NULL, "signin_wrong", "wrong login or password");
    *out = arena_alloc(cx->arena, sizeof **out);
    **out = u;
    return RC_OK;
}

/* --- preferences --- */

static enum rc check_preference(struct cx *cx, const char *name)
{
    size_t n = strlen(name);
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no preferences");
    if (n == 0 || n > PREFERENCE_NAME_MAX || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != n)
        return err_set(cx, RC_INVALID, "name", NULL, "not the name of a preference");
    return RC_OK;
}

enum rc user_preference_get(struct cx *cx, const char *name, const char **value)
{
    struct rows *rows = NULL;
    enum rc rc = check_preference(cx, name);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_user_preference_get, &rows, "is", cx->actor->user_id, name);
    if (rc == RC_OK)
        *value = row_text(rows, 0, 0);
    return rc;
}

enum rc user_preference_set(struct cx *cx, const char *name, const char *value)
{
    enum rc rc = check_preference(cx, name);
    if (rc == RC_OK)
        rc = check_text(cx, value, PREFERENCE_VALUE_MAX, name, NULL);
    return rc == RC_OK ? db_exec(cx, SQL_user_preference_set, NULL, "iss", cx->actor->user_id, name, value)
                       : rc;
}
