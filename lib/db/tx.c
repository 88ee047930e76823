#include "lib/db/db.h"

#include "lib/base/log.h"
#include "lib/db/db_impl.h"
#include "lib/os/metrics.h"

/* One run of the transaction. A failure of COMMIT counts like one of fn: Galera certifies there. */
static enum rc run_once(struct cx *cx, enum rc (*fn)(struct cx *, void *), void *arg)
{
    struct db *db = cx->db;
    enum rc rc = link_ensure(cx);
    if (rc == RC_OK)
        rc = link_run(cx, "begin", str_of(db_sql_text(SQL_db_begin)));
    if (rc != RC_OK)
        return rc;
    db->in_tx = true;
    db->tx_fail = RC_OK;
    rc = fn(cx, arg);
    if (rc == RC_OK)
        rc = db->tx_fail;
    bool retry = rc != RC_OK && db->retry;
    if (rc == RC_OK) {
        rc = db->link
                 ? link_count(cx, "commit")
                 : err_set(cx, RC_UNAVAIL, NULL, "database_away", "database: link lost in a transaction");
        if (rc == RC_OK && mysql_commit(db->link) != 0)
            rc = link_fail(cx, "commit", mysql_errno(db->link), mysql_error(db->link));
        retry = db->retry;
    }
    db->in_tx = false;
    /* A link on which the rollback fails is closed; that rolls back, too. */
    if (rc != RC_OK && db->link && mysql_rollback(db->link) != 0)
        link_drop(db);
    db->retry = retry;
    return rc;
}

enum rc db_tx(struct cx *cx, enum rc (*fn)(struct cx *cx, void *arg), void *arg)
{
    struct db *db = cx->db;
    if (!db)
        bug("no database in the context");
    if (db->in_tx) {
        enum rc rc = fn(cx, arg);
        if (rc != RC_OK && db->tx_fail == RC_OK)
            db->tx_fail = rc;
        return rc;
    }
    for (int n = 1;; n++) {
        enum rc rc = run_once(cx, fn, arg);
        if (rc == RC_OK)
            return RC_OK;
        if (!db->retry || n >= DB_TX_TRIES)
            return rc;
        metric_add(METRIC_db_retries_total, 1);
        LOG(DEBUG, cx, "transaction runs again", F_NUM("try", n + 1), F_TEXT("reason", cx->err.detail));
        err_clear(cx);
        link_back_off(n);
    }
}
