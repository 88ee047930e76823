#include "lib/svc/retain.h"

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"

/* The schedd that calls this must renew its leadership: a call takes a moment, not minutes. */
enum { BATCHES = 4, UNDO_DAYS = 1 /* the message that offers it is there for minutes */ };

static enum rc remove_old(struct cx *cx, enum sql sql, int days, int64_t *n)
{
    enum rc rc = RC_OK;
    struct db_done done = {.affected = 1};
    int64_t removed = 0;
    for (int i = 0; rc == RC_OK && days > 0 && done.affected > 0 && i < BATCHES; i++) {
        rc = db_exec(cx, sql, &done, "i", (int64_t)days);
        removed += rc == RC_OK ? done.affected : 0;
    }
    if (removed > 0)
        LOG(INFO, cx, "removed what was kept long enough", F_TEXT("what", db_sql_name(sql)),
            F_NUM("rows", removed), F_NUM("days", days));
    *n += removed;
    return rc;
}

enum rc retain_sweep(struct cx *cx, const struct conf *conf, int64_t *n)
{
    const struct {
        enum sql sql;
        int days;
    } rules[] = {{SQL_retain_audit, conf->keep_audit}, {SQL_retain_removals, conf->keep_work},
                 {SQL_retain_logs, conf->keep_work},   {SQL_retain_uploads, conf->keep_work},
                 {SQL_retain_tokens, conf->keep_work}, {SQL_retain_nodes, conf->keep_nodes},
                 {SQL_retain_undos, UNDO_DAYS}};
    int64_t removed = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof rules / sizeof *rules; i++)
        rc = remove_old(cx, rules[i].sql, rules[i].days, &removed);
    if (rc == RC_OK)
        *n = removed;
    return rc;
}
