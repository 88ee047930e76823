#include "lib/svc/audit.h"

#include <stdarg.h>

#include "lib/db/db.h"
#include "lib/svc/policy.h"

enum { DETAIL_MAX = 1000 };

enum rc audit_write(struct cx *cx, const char *action, const char *kind, int64_t id, const char *detail_fmt,
                    ...)
{
    va_list ap;
    va_start(ap, detail_fmt);
    struct str detail = str_utf8_cut(str_of(arena_vprintf(cx->arena, detail_fmt, ap)), DETAIL_MAX);
    va_end(ap);
    const struct actor *a = cx->actor;
    return db_exec(cx, SQL_audit_insert, NULL, "tisssiLs", clock_now(), a ? a->user_id : (int64_t)0,
                   a && a->login ? a->login : "", action, kind, id, &detail, cx->id);
}

enum rc audit_list(struct cx *cx, const char *kind, int64_t object_id, int64_t limit, struct audit_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc != RC_OK)
        return rc;
    rc = kind ? db_query(cx, SQL_audit_list_object, &rows, "sii", kind, object_id, limit)
              : db_query(cx, SQL_audit_list, &rows, "i", limit);
    if (rc != RC_OK)
        return rc;
    struct audit_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct audit_entry){.at = row_time(rows, i, 0),
                                            .actor = row_text(rows, i, 1),
                                            .action = row_text(rows, i, 2),
                                            .kind = row_text(rows, i, 3),
                                            .object_id = row_i64(rows, i, 4),
                                            .detail = row_text(rows, i, 5)};
    *out = list;
    return RC_OK;
}

enum rc audit_last(struct cx *cx, const char *kind, int64_t object_id, const char *actions,
                   struct audit_last *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_audit_last, &rows, "sis", kind, object_id, actions);
    if (rc != RC_OK)
        return rc;
    *out = (struct audit_last){.at = NO_TIME};
    if (rows_count(rows) > 0)
        *out = (struct audit_last){row_i64(rows, 0, 0), row_text(rows, 0, 1), row_time(rows, 0, 2)};
    return RC_OK;
}
