/* What people may do beyond their courses: roles for an organisation and everything below it, admins. */
#include "lib/svc/people/user.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"

/* --- give, take --- */

struct grant {
    int64_t user_id, organisation_id;
    enum role role;
    bool take;
};

static enum rc insert_grant(struct cx *cx, const struct grant *g, struct db_done *done)
{
    struct user *u = NULL;
    enum rc rc = user_get(cx, g->user_id, &u);
    if (rc == RC_OK)
        rc = user_check_enabled(cx, u);
    return rc == RC_OK ? db_exec(cx, SQL_user_grant_insert, done, "isiit", g->user_id, role_name(g->role),
                                 g->organisation_id, cx->actor->user_id, clock_now())
                       : rc;
}

static enum rc delete_grant(struct cx *cx, const struct grant *g, struct db_done *done)
{
    enum rc rc = g->role == ROLE_ADMIN ? user_check_admin_left(cx, g->user_id) : RC_OK;
    return rc == RC_OK ? db_exec(cx, SQL_user_grant_delete, done, "isi", g->user_id, role_name(g->role),
                                 g->organisation_id)
                       : rc;
}

static enum rc grant_tx(struct cx *cx, void *arg)
{
    const struct grant *g = arg;
    struct db_done done = {0};
    enum rc rc = g->take ? delete_grant(cx, g, &done) : insert_grant(cx, g, &done);
    if (rc == RC_CONFLICT && db_duplicate(cx, "role_grant_once")) {
        err_clear(cx);
        rc = db_exec(cx, SQL_user_grant_keep, &done, "iisi", cx->actor->user_id, g->user_id,
                     role_name(g->role), g->organisation_id);
    }
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, g->take ? "user.revoke" : "user.grant", "user", g->user_id,
                         "%s, organisation %lld", role_name(g->role), (long long)g->organisation_id);
    return rc;
}

static enum rc change_grant(struct cx *cx, struct grant *g)
{
    if ((g->role == ROLE_ADMIN) != (g->organisation_id == 0))
        return err_set(cx, RC_INVALID, "org", "org_unknown", "%s: with an organisation, admins without",
                       role_name(g->role));
    enum rc rc = user_may_manage(cx, g->organisation_id);
    return rc == RC_OK ? db_tx(cx, grant_tx, g) : rc;
}

enum rc user_grant(struct cx *cx, int64_t user_id, enum role role, int64_t organisation_id)
{
    return change_grant(cx, &(struct grant){user_id, organisation_id, role, false});
}

enum rc user_revoke(struct cx *cx, int64_t user_id, enum role role, int64_t organisation_id)
{
    return change_grant(cx, &(struct grant){user_id, organisation_id, role, true});
}

/* --- the actor --- */

static enum rc load_grants(struct cx *cx, struct actor *a)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_user_grants, &rows, "i", a->user_id);
    if (rc != RC_OK)
        return rc;
    size_t n = rows_count(rows);
    struct role_grant *grants = arena_array(cx->arena, n + 1, sizeof *grants);
    for (size_t i = 0; i < n; i++) {
        if (!role_of(row_bytes(rows, i, 0), &grants[i].role))
            bug("unknown role in role_grant");
        grants[i].organisation_id = row_i64(rows, i, 1);
        grants[i].organisation_path = row_text(rows, i, 2);
    }
    a->grants = grants;
    a->grant_count = n;
    return RC_OK;
}

enum rc user_make_actor(struct cx *cx, int64_t user_id, const char *login, const char *name,
                        struct actor **out)
{
    struct actor *a = arena_alloc(cx->arena, sizeof *a);
    *a = (struct actor){.user_id = user_id, .login = login, .name = name};
    enum rc rc = load_grants(cx, a);
    if (rc == RC_OK)
        *out = a;
    return rc;
}

/* --- lists --- */

static struct user_role role_from_row(const struct rows *rows, size_t r)
{
    struct user_role g = {.user_id = row_i64(rows, r, 0),
                          .login = row_text(rows, r, 1),
                          .name = row_text(rows, r, 2),
                          .disabled = row_bool(rows, r, 3),
                          .since = row_time(rows, r, 5),
                          .granted_by = row_text(rows, r, 6),
                          .organisation_slug = row_text(rows, r, 7),
                          .organisation_name = row_text(rows, r, 8),
                          .organisation_path = row_text(rows, r, 9),
                          .idp = row_text(rows, r, 10)};
    if (!role_of(row_bytes(rows, r, 4), &g.role))
        bug("unknown role in role_grant");
    return g;
}

static void take_roles(struct cx *cx, const struct rows *rows, struct user_roles *out)
{
    struct user_roles list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = role_from_row(rows, i);
    *out = list;
}

enum rc user_roles_of(struct cx *cx, int64_t organisation_id, int64_t limit, int64_t offset,
                      struct user_roles *out)
{
    struct rows *rows = NULL;
    enum rc rc = user_may_manage(cx, organisation_id);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_user_roles_of, &rows, "iii", organisation_id, limit, offset);
    if (rc == RC_OK)
        take_roles(cx, rows, out);
    return rc;
}

/* "/1/4/9/" as "[1,4,9]", or without the last: "[1,4]". */
static const char *ids_of(struct arena *a, const char *path, bool last)
{
    char *ids = arena_printf(a, "[%s", path + 1);
    size_t n = strlen(ids);
    n -= n > 1; /* the last slash */
    while (!last && n > 1 && ids[n - 1] != '/')
        n--;
    n -= n > 1 && ids[n - 1] == '/';
    for (size_t i = 0; i < n; i++)
        ids[i] = ids[i] == '/' ? ',' : ids[i];
    ids[n] = '\0';
    return arena_printf(a, "%s]", ids);
}

enum rc user_roles_above(struct cx *cx, const char *path, bool own, int64_t limit, struct user_roles *out)
{
    struct rows *rows = NULL;
    enum rc rc =
        db_query(cx, SQL_user_roles_above, &rows, "sii", ids_of(cx->arena, path, own), (int64_t)!own, limit);
    if (rc == RC_OK)
        take_roles(cx, rows, out);
    return rc;
}
