#include "lib/db/db.h"

#include <stdarg.h>
#include <string.h>

#include "lib/db/db_impl.h"

/* The values of one call, taken from the argument list once, so that the statement can be run again. */
struct params {
    unsigned n;
    MYSQL_BIND bind[DB_PARAMS_MAX];
    union {
        long long i;
        double d;
        MYSQL_TIME t;
        unsigned long length;
    } value[DB_PARAMS_MAX];
};

static void take_bytes(struct params *p, unsigned k, const char *s, size_t n, enum enum_field_types type)
{
    MYSQL_BIND *b = &p->bind[k];
    b->buffer_type = s ? type : MYSQL_TYPE_NULL;
    /* The library reads parameters only; its type is not const. */
    union {
        const char *in;
        void *out;
    } u = {.in = s};
    b->buffer = u.out;
    b->buffer_length = (unsigned long)n;
    p->value[k].length = (unsigned long)n;
    b->length = &p->value[k].length;
}

static void take_time(struct params *p, unsigned k, int64_t ms)
{
    MYSQL_BIND *b = &p->bind[k];
    b->buffer_type = ms == NO_TIME ? MYSQL_TYPE_NULL : MYSQL_TYPE_DATETIME;
    if (ms != NO_TIME)
        db_time_from_ms(ms, &p->value[k].t);
    b->buffer = &p->value[k].t;
}

static void take_number(struct params *p, unsigned k, long long i)
{
    p->value[k].i = i;
    p->bind[k].buffer_type = MYSQL_TYPE_LONGLONG;
    p->bind[k].buffer = &p->value[k].i;
}

static void take_slice(struct params *p, unsigned k, const struct str *s, enum enum_field_types type)
{
    take_bytes(p, k, s ? (s->p ? s->p : "") : NULL, s ? s->n : 0, type);
}

static void params_take(struct params *p, const char *types, va_list ap)
{
    p->n = (unsigned)strlen(types);
    if (p->n > DB_PARAMS_MAX)
        bug("too many parameters");
    memset(p->bind, 0, p->n * sizeof *p->bind);
    for (unsigned k = 0; k < p->n; k++) {
        const char *s;
        switch (types[k]) {
        case 'i':
            take_number(p, k, va_arg(ap, int64_t));
            break;
        case 'b':
            take_number(p, k, va_arg(ap, int) != 0);
            break;
        case 'd':
            p->value[k].d = va_arg(ap, double);
            p->bind[k].buffer_type = MYSQL_TYPE_DOUBLE;
            p->bind[k].buffer = &p->value[k].d;
            break;
        case 's':
            s = va_arg(ap, const char *);
            take_bytes(p, k, s, s ? strlen(s) : 0, MYSQL_TYPE_STRING);
            break;
        case 'L':
            take_slice(p, k, va_arg(ap, const struct str *), MYSQL_TYPE_STRING);
            break;
        case 'B':
            take_slice(p, k, va_arg(ap, const struct str *), MYSQL_TYPE_BLOB);
            break;
        case 't':
            take_time(p, k, va_arg(ap, int64_t));
            break;
        default:
            bug("unknown parameter type");
        }
    }
}

static enum rc fail_stmt(struct cx *cx, enum sql sql, MYSQL_STMT *st)
{
    return link_fail(cx, db_sql_name(sql), mysql_stmt_errno(st), mysql_stmt_error(st));
}

static enum rc prepare(struct cx *cx, enum sql sql, MYSQL_STMT **out)
{
    struct db *db = cx->db;
    if (!db->statement[sql]) {
        const char *text = db_sql_text(sql);
        MYSQL_STMT *st = mysql_stmt_init(db->link);
        if (!st)
            bug("mysql_stmt_init");
        if (mysql_stmt_prepare(st, text, (unsigned long)strlen(text)) != 0) {
            enum rc rc = fail_stmt(cx, sql, st);
            mysql_stmt_close(st);
            return rc;
        }
        db->statement[sql] = st;
    }
    *out = db->statement[sql];
    return RC_OK;
}

static enum rc execute_once(struct cx *cx, enum sql sql, struct params *p, MYSQL_STMT **out)
{
    MYSQL_STMT *st = NULL;
    enum rc rc = link_ensure(cx);
    if (rc == RC_OK)
        rc = link_count(cx, db_sql_name(sql));
    if (rc == RC_OK)
        rc = prepare(cx, sql, &st);
    if (rc != RC_OK)
        return rc;
    if (mysql_stmt_param_count(st) != p->n)
        bug(db_sql_name(sql));
    if (p->n && mysql_stmt_bind_param(st, p->bind) != 0)
        return fail_stmt(cx, sql, st);
    if (mysql_stmt_execute(st) != 0)
        return fail_stmt(cx, sql, st);
    *out = st;
    return RC_OK;
}

/* A statement outside a transaction is a transaction by itself, so it is repeated here after a deadlock;
 * inside a transaction, db_tx repeats all of it. */
static enum rc execute(struct cx *cx, enum sql sql, struct params *p, MYSQL_STMT **out)
{
    for (int n = 1;; n++) {
        enum rc rc = execute_once(cx, sql, p, out);
        if (rc == RC_OK || cx->db->in_tx || !cx->db->retry || n >= DB_TX_TRIES)
            return rc;
        link_back_off(n);
    }
}

static enum rc query(struct cx *cx, enum sql sql, struct rows **out, const char *types, va_list ap)
{
    struct params p;
    MYSQL_STMT *st = NULL;
    params_take(&p, types, ap);
    enum rc rc = execute(cx, sql, &p, &st);
    return rc == RC_OK ? rows_collect(cx, db_sql_name(sql), st, out) : rc;
}

enum rc db_query(struct cx *cx, enum sql sql, struct rows **out, const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    enum rc rc = query(cx, sql, out, types, ap);
    va_end(ap);
    return rc;
}

enum rc db_one(struct cx *cx, enum sql sql, struct rows **out, const char *types, ...)
{
    struct rows *rows = NULL;
    va_list ap;
    va_start(ap, types);
    enum rc rc = query(cx, sql, &rows, types, ap);
    va_end(ap);
    if (rc != RC_OK)
        return rc;
    if (rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "database: %s: no row", db_sql_name(sql));
    *out = rows;
    return RC_OK;
}

enum rc db_exec(struct cx *cx, enum sql sql, struct db_done *done, const char *types, ...)
{
    struct params p;
    MYSQL_STMT *st = NULL;
    va_list ap;
    va_start(ap, types);
    params_take(&p, types, ap);
    va_end(ap);
    enum rc rc = execute(cx, sql, &p, &st);
    if (rc != RC_OK)
        return rc;
    if (done) {
        done->affected = (int64_t)mysql_stmt_affected_rows(st);
        done->id = (int64_t)mysql_stmt_insert_id(st);
    }
    /* A statement without parameters may have a result (SELECT GET_LOCK …). It is not used, but it must be
     * read from the link. */
    mysql_stmt_free_result(st);
    return RC_OK;
}

enum rc db_prepare_all(struct cx *cx)
{
    enum rc rc = link_ensure(cx);
    for (unsigned i = 0; rc == RC_OK && i < SQL_COUNT; i++) {
        MYSQL_STMT *st = NULL;
        rc = prepare(cx, (enum sql)i, &st);
    }
    return rc;
}
