#include "lib/svc/sso/identity.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/sso/hash.h"

static enum rc look(struct cx *cx, const struct idp *idp, const char *subject, struct sso_account *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_identity_get, &rows, "ss", sso_provider(cx, idp->entity), subject);
    if (rc == RC_OK && rows_count(rows) > 0)
        *out = (struct sso_account){.identity = row_i64(rows, 0, 0),
                                    .user_id = row_i64(rows, 0, 1),
                                    .login = row_text(rows, 0, 2),
                                    .name = row_text(rows, 0, 3),
                                    .disabled = row_bool(rows, 0, 4)};
    return rc;
}

/* The audit has the kinds alone: the values are the person's. */
static enum rc rename_to(struct cx *cx, const struct idp *idp, const char *from, const char *to,
                         const struct sso_account *account)
{
    enum rc rc = db_exec(cx, SQL_identity_rename, NULL, "si", to, account->identity);
    return rc == RC_OK
               ? audit_write(cx, "user.identity", "user", account->user_id, "%s: %.*s instead of %.*s",
                             idp->entity, (int)strcspn(to, ":"), to, (int)strcspn(from, ":"), from)
               : rc;
}

enum rc sso_identity_find(struct cx *cx, const struct idp *idp, const struct sso_person *person,
                          struct sso_account *out)
{
    struct sso_account found = {0};
    enum rc rc = look(cx, idp, person->subject, &found);
    for (size_t i = 0; rc == RC_OK && found.identity == 0 && i < SSO_FORMER_MAX && person->former[i]; i++) {
        rc = look(cx, idp, person->former[i], &found);
        if (rc == RC_OK && found.identity != 0)
            rc = rename_to(cx, idp, person->former[i], person->subject, &found);
    }
    if (rc == RC_OK)
        *out = found;
    return rc;
}
