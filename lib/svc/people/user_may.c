/* Who may look after people: give roles, change accounts; and that an admin is left. */
#include "lib/svc/people/user.h"

#include "lib/db/db.h"
#include "lib/svc/people/org.h"

enum rc user_may_manage(struct cx *cx, int64_t organisation_id)
{
    struct org *org = NULL;
    if (!organisation_id)
        return policy_check(cx, ACT_INSTALL, NULL);
    enum rc rc = org_get(cx, organisation_id, &org);
    return rc == RC_OK ? org_check(cx, ACT_ORG_MANAGE, org) : rc;
}

static enum rc check_reach(struct cx *cx, int64_t user_id)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_user_reach, &rows, "ii", user_id, user_id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        struct policy_object object = {.organisation_path = row_text(rows, i, 0), .access = ACCESS_PUBLISHED};
        if (!policy_may(cx->actor, ACT_ORG_MANAGE, &object))
            rc = err_set(cx, RC_DENIED, NULL, "more_than_held", "user %lld has rights in %s",
                         (long long)user_id, object.organisation_path);
    }
    return rc;
}

enum rc user_check_account(struct cx *cx, int64_t user_id)
{
    struct rows *rows = NULL;
    if (policy_may(cx->actor, ACT_INSTALL, NULL))
        return RC_OK;
    enum rc rc = db_query(cx, SQL_user_home, &rows, "i", user_id);
    if (rc == RC_OK)
        rc = user_may_manage(cx, rows_count(rows) ? row_i64(rows, 0, 0) : 0);
    return rc == RC_OK ? check_reach(cx, user_id) : rc;
}

/* Two requests that take the last two admins both write the row "admins", so the second sees what the first
 * did. */
enum rc user_check_admin_left(struct cx *cx, int64_t user_id)
{
    struct rows *rows = NULL;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "admins");
    if (rc == RC_OK)
        rc = db_one(cx, SQL_user_admins, &rows, "i", user_id);
    if (rc == RC_OK && row_bool(rows, 0, 1) && row_i64(rows, 0, 0) == 1)
        rc = err_set(cx, RC_CONFLICT, NULL, "admin_last", "user %lld is the last admin", (long long)user_id);
    return rc;
}
