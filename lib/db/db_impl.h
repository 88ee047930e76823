/* Inside lib/db only: the connection and what its files share. The array of prepared statements is as long as
 * the list that the build makes, sql/statements.def. */
#ifndef LIB_DB_DB_IMPL_H
#define LIB_DB_DB_IMPL_H

#include <mysql.h>

#include "lib/db/db.h"

enum { DUPLICATE_KEY_MAX = 65 };

struct db {
    struct db_options options; /* strings are ours */
    MYSQL *link;               /* NULL: not connected */
    MYSQL_STMT *statement[SQL_COUNT];
    uint64_t count;
    bool in_tx;
    bool retry;      /* the last failure was a deadlock or a lock wait: the transaction may run again */
    enum rc tx_fail; /* first failure of a joined transaction */
    uint64_t fault;  /* statements until one fails, 0: none; see db_fault */
    unsigned fault_error;
    char duplicate[DUPLICATE_KEY_MAX]; /* the unique key of the last failure, or "" */
};

/* The text of a statement; lends. */
const char *db_sql_text(enum sql sql);

/* Makes sure that there is a link, connecting if there is none or the server has closed it: after the server has started
 * again, the first statement works. A link that was lost inside a transaction is not
 * replaced before its end. */
WARN_UNUSED enum rc link_ensure(struct cx *cx);
void link_drop(struct db *db);
/* Turns a server or client error into rc and cx->err, notes db->retry and db->duplicate, drops a lost
 * link. */
enum rc link_fail(struct cx *cx, const char *what, unsigned error, const char *text);
/* One statement as text, without parameters or result: session set-up, BEGIN, steps of a migration. */
WARN_UNUSED enum rc link_run(struct cx *cx, const char *what, struct str text);
/* Counts a statement; RC_OK, or the failure that db_fault asked for. */
WARN_UNUSED enum rc link_count(struct cx *cx, const char *what);
/* Sleeps before try number `n` (from 1), a little longer each time, with jitter. */
void link_back_off(int n);

/* Collects the result of an executed statement into the arena. */
WARN_UNUSED enum rc rows_collect(struct cx *cx, const char *what, MYSQL_STMT *st, struct rows **out);

int64_t db_time_to_ms(const MYSQL_TIME *t);
void db_time_from_ms(int64_t ms, MYSQL_TIME *out);

#endif
