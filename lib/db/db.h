/* The database: one connection to MariaDB per thread, statements by name, transactions, results in the arena.
 * The only library that includes <mysql.h>; no function takes SQL text: every statement of the platform
 * stands in sql/queries/ under a name, and the build makes enum sql of them. Not for sharing between threads.
 *
 * Every call takes the connection from cx->db and fails with
 *   RC_UNAVAIL   the server cannot be reached, the link was lost (a transaction is gone then), or a lock did
 *                not come free after all retries; the next use outside a transaction connects anew
 *   RC_CONFLICT  a unique key (see db_duplicate) or a foreign key forbids it
 *   RC_INVALID   a value does not fit its column
 *   RC_TOOBIG    the result is larger than DB_RESULT_MAX
 *   RC_INTERNAL  anything else; the detail names the statement */
#ifndef LIB_DB_DB_H
#define LIB_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"
#include "lib/base/cx.h"
#include "lib/base/str.h"

/* SQL_course_get and so on, one per `-- name:` in sql/queries/. */
enum sql {
#define SQL(name, text) SQL_##name,
#include "sql/statements.def"
#undef SQL
    SQL_COUNT
};

enum {
    DB_RESULT_MAX = 64 * 1024 * 1024, /* bytes of text in one result */
    DB_PARAMS_MAX = 48,               /* parameters of one statement */
    DB_TX_TRIES = 8                   /* runs of one transaction before it counts as RC_UNAVAIL */
};

struct db;

/* socket or host is set, not both. A host is reached by TLS, its certificate checked against its name, unless
 * it is said to be plain. Strings are copied. */
struct db_options {
    const char *socket;
    const char *host;
    unsigned port;
    bool plain;          /* host: without TLS */
    const char *ca_file; /* host: certificates to trust, NULL: the system's */
    const char *user;
    const char *password; /* NULL: none (unix_socket) */
    const char *name;
};

/* A connection that is opened at its first use, so that a program starts while the database is away. Never
 * NULL. */
struct db *db_new(const struct db_options *options) __attribute__((returns_nonnull));
/* The same from the keys database_* of the configuration. */
struct db *db_new_conf(const struct conf *conf) __attribute__((returns_nonnull));
void db_free(struct db *db); /* NULL is fine */

/* One round trip: is the server there? Connects if need be. */
WARN_UNUSED enum rc db_ping(struct cx *cx);

/* --- statements ---
 * `types` has one letter per `?` of the statement, the values follow in order:
 *   i int64_t            b bool (give it as int)          d double
 *   s const char *       NULL gives SQL NULL
 *   L const struct str * text with a length; a NULL pointer gives SQL NULL      B the same for binary columns
 *   t int64_t            ms since 1970 UTC to DATETIME(3); NO_TIME gives SQL NULL
 * Give plain numbers a type: (int64_t)1, not 1. A count of letters that differs from the statement is a
 * bug(). */

struct rows;

/* Reads. *out lives in the arena. No row is RC_OK with rows_count 0. */
WARN_UNUSED enum rc db_query(struct cx *cx, enum sql sql, struct rows **out, const char *types, ...);
/* Reads the one row that must be there: RC_NOTFOUND (no key) if there is none. Access it as row 0. */
WARN_UNUSED enum rc db_one(struct cx *cx, enum sql sql, struct rows **out, const char *types, ...);

struct db_done {
    int64_t affected; /* rows that matched the WHERE of an UPDATE, changed or not; rows inserted or deleted */
    int64_t id;       /* AUTO_INCREMENT value of an INSERT */
};

/* Writes. `done` may be NULL. */
WARN_UNUSED enum rc db_exec(struct cx *cx, enum sql sql, struct db_done *done, const char *types, ...);

/* --- results: row and column count from 0; outside either is a bug() --- */

size_t rows_count(const struct rows *rows);
bool row_null(const struct rows *rows, size_t row, unsigned column);
/* NULL gives 0; decimals are rounded. */
int64_t row_i64(const struct rows *rows, size_t row, unsigned column);
/* NULL gives false. */
bool row_bool(const struct rows *rows, size_t row, unsigned column);
/* NULL gives 0. */
double row_double(const struct rows *rows, size_t row, unsigned column);
/* NULL gives NULL; lives in the arena. */
const char *row_text(const struct rows *rows, size_t row, unsigned column);
/* NULL gives the empty slice. */
struct str row_bytes(const struct rows *rows, size_t row, unsigned column);
/* ms since 1970 UTC; NULL gives NO_TIME. */
int64_t row_time(const struct rows *rows, size_t row, unsigned column);

/* --- transactions --- */

/* Runs fn(cx, arg) in a transaction (READ COMMITTED): commits if it returns RC_OK, else rolls back and
 * returns its rc. After a deadlock, a failed certification (1213) or a lock wait that timed out (1205) it
 * rolls back, waits and runs fn again, at most DB_TX_TRIES times. So fn may change nothing but the database
 * and *arg, of which it expects nothing at its beginning; what was done is logged by the caller. Inside a
 * running transaction fn becomes part of it, and a failure of fn makes the whole transaction fail. */
WARN_UNUSED enum rc db_tx(struct cx *cx, enum rc (*fn)(struct cx *cx, void *arg), void *arg);
bool db_in_tx(const struct cx *cx);

/* "%words%", for LIKE ? ESCAPE '!', in which the words stand for themselves. LIKE compares by the collation (ü is u), which LOCATE
 * does not do where letters differ in length. In the arena. */
const char *db_like(struct cx *cx, const char *words);

/* True if the last failure of cx->db was a violation of the unique key of that name; services learn from it
 * which field is wrong. */
bool db_duplicate(const struct cx *cx, const char *key);

/* Statements run on this connection since db_new, BEGIN and COMMIT included. Subtract two to count a
 * request. */
uint64_t db_count(const struct cx *cx);

/* For tests: the nth statement from now fails with this error of the server (1213, 2013, …); 0 calls it
 * off. */
void db_fault(struct cx *cx, uint64_t nth, unsigned error);

/* The name of a statement, for logs and tests; lends. */
const char *db_sql_name(enum sql sql);
/* Prepares every statement: the lint that tests and `lecternctl check` run. The detail names the first that
 * fails. */
WARN_UNUSED enum rc db_prepare_all(struct cx *cx);

/* --- schema --- */

/* Programs of the version before go on working after both (doc/style.md): what expands adds only, what contracts
 * takes away what they do not use any more. */
enum db_phase { DB_EXPAND, DB_CONTRACT };

struct db_migration {
    int version; /* NNNN */
    const char *name;
    enum db_phase phase;
    bool done;
};

struct db_migrations {
    struct db_migration *item;
    size_t n;
    size_t pending;
};

/* Applies the files NNNN_name.sql of `dir` that the database has not seen, in order, each once. Several
 * processes may call it at once, also on several nodes of a cluster: one works, under a lease, the others
 * wait. The comment at the beginning of a file has the line `-- phase: expand` or `-- phase: contract`; if a
 * file has none, nothing is applied and the result is RC_INVALID. A file that was changed after it was
 * applied, other than in that line, is RC_CONFLICT. Statements end with `;` at the end of a line. Each can be
 * repeated (IF NOT EXISTS …), because a statement that a crash interrupted is run again. If a statement takes
 * longer than the lease, another process may take over, and the first one fails with RC_CONFLICT. out (may be
 * NULL): all files; `done` tells which had been applied before this call. The database itself must exist. */
WARN_UNUSED enum rc db_migrate(struct cx *cx, const char *dir, struct db_migrations *out);
/* The same list without changing anything. */
WARN_UNUSED enum rc db_migrations(struct cx *cx, const char *dir, struct db_migrations *out);

#endif
