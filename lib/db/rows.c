#include "lib/db/db.h"

#include <math.h>
#include <string.h>

#include "lib/db/db_impl.h"

enum kind { KIND_NULL, KIND_NUMBER, KIND_REAL, KIND_TIME, KIND_TEXT };

struct cell {
    enum kind kind;
    union {
        int64_t i; /* numbers, times */
        double d;
        struct str s; /* NUL-terminated */
    };
};

struct rows {
    const char *what; /* the statement, for bug() */
    size_t n;
    unsigned columns;
    struct cell *cell;
};

enum { COLUMNS_MAX = 64 };

/* Where the library puts the values of the current row. */
struct fetch {
    unsigned n;
    enum kind kind[COLUMNS_MAX];
    MYSQL_BIND bind[COLUMNS_MAX];
    unsigned long length[COLUMNS_MAX];
    my_bool null[COLUMNS_MAX];
    union {
        long long i;
        double d;
        MYSQL_TIME t;
    } value[COLUMNS_MAX];
};

static enum kind kind_of(enum enum_field_types type)
{
    switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return KIND_NUMBER;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return KIND_REAL;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return KIND_TIME;
    default:
        return KIND_TEXT;
    }
}

static void fetch_bind(struct fetch *f, MYSQL_RES *meta)
{
    static const enum enum_field_types types[] = {[KIND_NUMBER] = MYSQL_TYPE_LONGLONG,
                                                  [KIND_REAL] = MYSQL_TYPE_DOUBLE,
                                                  [KIND_TIME] = MYSQL_TYPE_DATETIME,
                                                  [KIND_TEXT] = MYSQL_TYPE_STRING};
    memset(f->bind, 0, sizeof f->bind);
    f->n = mysql_num_fields(meta);
    if (f->n > COLUMNS_MAX)
        bug("too many columns");
    for (unsigned c = 0; c < f->n; c++) {
        f->kind[c] = kind_of(mysql_fetch_field_direct(meta, c)->type);
        MYSQL_BIND *b = &f->bind[c];
        b->buffer_type = types[f->kind[c]];
        b->length = &f->length[c];
        b->is_null = &f->null[c];
        /* Text is bound with length 0: its length is known after the fetch, then it is read into the
         * arena. */
        if (f->kind[c] != KIND_TEXT) {
            b->buffer = &f->value[c];
            b->buffer_length = sizeof f->value[c];
        }
    }
}

static enum rc fetch_text(struct cx *cx, const char *what, MYSQL_STMT *st, unsigned c, unsigned long n,
                          struct str *out)
{
    char *p = arena_alloc(cx->arena, (size_t)n + 1);
    if (n > 0) {
        unsigned long length = 0;
        my_bool null = 0;
        MYSQL_BIND b = {.buffer_type = MYSQL_TYPE_STRING,
                        .buffer = p,
                        .buffer_length = n,
                        .length = &length,
                        .is_null = &null};
        if (mysql_stmt_fetch_column(st, &b, c, 0) != 0)
            return link_fail(cx, what, mysql_stmt_errno(st), mysql_stmt_error(st));
    }
    *out = (struct str){p, n};
    return RC_OK;
}

/* is_null is tested first: for NULL, the other values are those of the row before. */
static enum rc fetch_cell(struct cx *cx, const char *what, MYSQL_STMT *st, const struct fetch *f, unsigned c,
                          size_t *bytes, struct cell *out)
{
    out->kind = f->null[c] ? KIND_NULL : f->kind[c];
    switch (out->kind) {
    case KIND_NUMBER:
        out->i = (int64_t)f->value[c].i;
        return RC_OK;
    case KIND_REAL:
        out->d = f->value[c].d;
        return RC_OK;
    case KIND_TIME:
        out->i = db_time_to_ms(&f->value[c].t);
        return RC_OK;
    case KIND_TEXT:
        *bytes += f->length[c];
        if (*bytes > DB_RESULT_MAX)
            return err_set(cx, RC_TOOBIG, NULL, NULL, "database: %s: result over %d bytes", what,
                           DB_RESULT_MAX);
        return fetch_text(cx, what, st, c, f->length[c], &out->s);
    case KIND_NULL:
        break;
    }
    return RC_OK;
}

static enum rc fetch_all(struct cx *cx, MYSQL_STMT *st, const struct fetch *f, struct rows *rows)
{
    size_t bytes = 0;
    for (size_t r = 0; r < rows->n; r++) {
        int got = mysql_stmt_fetch(st);
        if (got != 0 && got != MYSQL_DATA_TRUNCATED)
            return link_fail(cx, rows->what, mysql_stmt_errno(st), mysql_stmt_error(st));
        for (unsigned c = 0; c < f->n; c++) {
            enum rc rc = fetch_cell(cx, rows->what, st, f, c, &bytes, &rows->cell[r * f->n + c]);
            if (rc != RC_OK)
                return rc;
        }
    }
    return RC_OK;
}

/* The whole result is stored on our side first: otherwise a second statement would fail (2014). */
enum rc rows_collect(struct cx *cx, const char *what, MYSQL_STMT *st, struct rows **out)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(st);
    if (!meta)
        bug("db_query of a statement without a result");
    struct fetch f;
    fetch_bind(&f, meta);
    mysql_free_result(meta);
    enum rc rc = RC_OK;
    if (mysql_stmt_bind_result(st, f.bind) != 0 || mysql_stmt_store_result(st) != 0) {
        rc = link_fail(cx, what, mysql_stmt_errno(st), mysql_stmt_error(st));
    } else {
        struct rows *rows = arena_alloc(cx->arena, sizeof *rows);
        rows->what = what;
        rows->n = (size_t)mysql_stmt_num_rows(st);
        rows->columns = f.n;
        rows->cell = arena_array(cx->arena, rows->n * f.n + 1, sizeof *rows->cell);
        rc = fetch_all(cx, st, &f, rows);
        if (rc == RC_OK)
            *out = rows;
    }
    if (cx->db->link) {
        mysql_stmt_free_result(st);
        /* After an error within the result, as of a locking read that was the victim of a deadlock, the library
         * takes the rest of the rows for unread: the next use of the statement would wait for it. */
        if (rc != RC_OK && mysql_stmt_reset(st) != 0)
            link_drop(cx->db);
    }
    return rc;
}

static const struct cell *cell_at(const struct rows *rows, size_t row, unsigned column)
{
    if (row >= rows->n || column >= rows->columns)
        bug(rows->what);
    return &rows->cell[row * rows->columns + column];
}

size_t rows_count(const struct rows *rows)
{
    return rows->n;
}

bool row_null(const struct rows *rows, size_t row, unsigned column)
{
    return cell_at(rows, row, column)->kind == KIND_NULL;
}

int64_t row_i64(const struct rows *rows, size_t row, unsigned column)
{
    const struct cell *c = cell_at(rows, row, column);
    switch (c->kind) {
    case KIND_NUMBER:
        return c->i;
    case KIND_REAL:
        return (int64_t)llround(c->d);
    case KIND_NULL:
        return 0;
    default:
        bug(rows->what);
    }
}

bool row_bool(const struct rows *rows, size_t row, unsigned column)
{
    return row_i64(rows, row, column) != 0;
}

double row_double(const struct rows *rows, size_t row, unsigned column)
{
    const struct cell *c = cell_at(rows, row, column);
    switch (c->kind) {
    case KIND_NUMBER:
        return (double)c->i;
    case KIND_REAL:
        return c->d;
    case KIND_NULL:
        return 0;
    default:
        bug(rows->what);
    }
}

struct str row_bytes(const struct rows *rows, size_t row, unsigned column)
{
    const struct cell *c = cell_at(rows, row, column);
    if (c->kind == KIND_NULL)
        return (struct str){"", 0};
    if (c->kind != KIND_TEXT)
        bug(rows->what);
    return c->s;
}

const char *row_text(const struct rows *rows, size_t row, unsigned column)
{
    return row_null(rows, row, column) ? NULL : row_bytes(rows, row, column).p;
}

int64_t row_time(const struct rows *rows, size_t row, unsigned column)
{
    const struct cell *c = cell_at(rows, row, column);
    if (c->kind == KIND_NULL)
        return NO_TIME;
    if (c->kind != KIND_TIME)
        bug(rows->what);
    return c->i;
}
