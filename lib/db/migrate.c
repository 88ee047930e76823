#include "lib/db/db.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db_impl.h"
#include "lib/os/file.h"

enum { MIGRATIONS_MAX = 9999, FILE_MAX = 4 * 1024 * 1024, NAME_LENGTH_MAX = 100, DIGITS = 4 };
enum { HOLDER_SIZE = 17, LEASE_MS = 15000, WAIT_MS = 600000, LOOK_MS = 200 };

/* "0001_core.sql": four digits, an underline, a name. */
static bool parse_name(const char *file, int *version)
{
    struct str s = str_of(file);
    int64_t v = 0;
    if (s.n <= DIGITS + 5 || s.n > NAME_LENGTH_MAX || file[DIGITS] != '_' ||
        strcmp(file + s.n - 4, ".sql") != 0)
        return false;
    if (!str_to_i64((struct str){file, DIGITS}, 1, MIGRATIONS_MAX, &v))
        return false;
    *version = (int)v;
    return true;
}

static int by_version(const void *a, const void *b)
{
    const struct db_migration *x = a, *y = b;
    return (x->version > y->version) - (x->version < y->version);
}

/* --- one file --- */

struct file {
    struct str text;
    enum db_phase phase;
    char *hash; /* SHA-256 of the text without the line of the phase: that came later than the first files */
};

/* Takes the line `-- phase: …` out of the comment that begins the file. The rest of the text is *before and *after
 * it. */
static bool find_phase(struct str text, enum db_phase *phase, struct str *before, struct str *after)
{
    struct str rest = text;
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        if (line.n && !str_starts(line, "--"))
            break;
        if (str_eq(line, "-- phase: expand"))
            *phase = DB_EXPAND;
        else if (str_eq(line, "-- phase: contract"))
            *phase = DB_CONTRACT;
        else
            continue;
        *before = (struct str){text.p, (size_t)(line.p - text.p)};
        *after = rest;
        return true;
    }
    return false;
}

static char *digest(struct cx *cx, struct str before, struct str after)
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) || !EVP_DigestUpdate(ctx, before.p, before.n) ||
        !EVP_DigestUpdate(ctx, after.p, after.n) || !EVP_DigestFinal_ex(ctx, md, &n))
        bug("SHA-256");
    EVP_MD_CTX_free(ctx);
    return str_hex(cx->arena, md, n);
}

static enum rc read_file(struct cx *cx, const char *dir, const char *name, struct file *out)
{
    struct file file = {0};
    struct str before, after;
    enum rc rc = file_read(cx, arena_printf(cx->arena, "%s/%s", dir, name), FILE_MAX, &file.text);
    if (rc != RC_OK)
        return rc;
    if (!find_phase(file.text, &file.phase, &before, &after))
        return err_set(cx, RC_INVALID, NULL, NULL,
                       "%s does not begin with a comment that has the line '-- phase: expand' or "
                       "'-- phase: contract'",
                       name);
    file.hash = digest(cx, before, after);
    *out = file;
    return RC_OK;
}

static enum rc list_files(struct cx *cx, const char *dir, struct db_migrations *out)
{
    DIR *d = opendir(dir);
    if (!d)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "cannot read %s: %s", dir, strerror(errno));
    struct db_migrations list = {.item = arena_array(cx->arena, MIGRATIONS_MAX, sizeof *list.item)};
    int version = 0;
    for (const struct dirent *e; (e = readdir(d)) && list.n < MIGRATIONS_MAX;)
        if (parse_name(e->d_name, &version))
            list.item[list.n++] =
                (struct db_migration){.version = version, .name = arena_strdup(cx->arena, e->d_name)};
    closedir(d);
    qsort(list.item, list.n, sizeof *list.item, by_version);
    for (size_t i = 0; i < list.n; i++) {
        struct file file;
        if (i > 0 && list.item[i].version == list.item[i - 1].version)
            return err_set(cx, RC_CONFLICT, NULL, NULL, "%s: %s and %s have the same number", dir,
                           list.item[i - 1].name, list.item[i].name);
        enum rc rc = read_file(cx, dir, list.item[i].name, &file);
        if (rc != RC_OK)
            return rc;
        list.item[i].phase = file.phase;
    }
    *out = list;
    return RC_OK;
}

/* Cuts the next statement off *rest: whole lines up to one that ends with `;`, comment lines left out. Empty
 * at the end. */
static struct str next_statement(struct cx *cx, struct str *rest)
{
    char *text = arena_alloc(cx->arena, rest->n + 2);
    size_t n = 0;
    while (rest->n) {
        struct str line = str_cut(rest, '\n');
        struct str words = str_trim(line);
        if (words.n == 0 || str_starts(words, "--"))
            continue;
        memcpy(text + n, line.p, line.n);
        n += line.n;
        text[n++] = '\n';
        if (words.p[words.n - 1] == ';')
            break;
    }
    return (struct str){text, n};
}

struct state {
    bool known, done;
    int64_t steps;
    const char *hash;
};

static enum rc load_state(struct cx *cx, int version, struct state *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_db_migrate_get, &rows, "i", (int64_t)version);
    if (rc != RC_OK)
        return rc;
    *out = (struct state){0};
    if (rows_count(rows)) {
        *out = (struct state){.known = true,
                              .hash = row_text(rows, 0, 0),
                              .steps = row_i64(rows, 0, 1),
                              .done = row_bool(rows, 0, 2)};
    }
    return RC_OK;
}

/* --- the lease: one migrates at a time, on whatever node of a cluster --- */

struct lease {
    char holder[HOLDER_SIZE];
    bool mine;
};

static enum rc take_tx(struct cx *cx, void *arg)
{
    struct lease *l = arg;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_db_migrate_lock_row, NULL, "");
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_db_migrate_take, &done, "si", l->holder, (int64_t)LEASE_MS);
    l->mine = rc == RC_OK && done.affected == 1;
    return rc;
}

static enum rc lease_take(struct cx *cx, struct lease *l)
{
    struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
    int64_t until = clock_mono() + WAIT_MS;
    rand_hex(l->holder, sizeof l->holder);
    enum rc rc = link_ensure(cx);
    if (rc == RC_OK)
        rc = link_run(cx, "schema_lock", str_of(db_sql_text(SQL_db_migrate_lock_table)));
    while (rc == RC_OK) {
        rc = db_tx(cx, take_tx, l);
        if (rc != RC_OK || l->mine)
            break;
        if (clock_mono() >= until)
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "another migration has been running for ten minutes");
        nanosleep(&look, NULL);
    }
    return rc;
}

static enum rc hold_tx(struct cx *cx, void *arg)
{
    struct lease *l = arg;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_db_migrate_hold, &done, "is", (int64_t)LEASE_MS, l->holder);
    l->mine = rc == RC_OK && done.affected == 1;
    return rc;
}

/* Called after each statement. If the statement took longer than the lease, another process may hold it now
 * and goes on. */
static enum rc lease_hold(struct cx *cx, struct lease *l)
{
    enum rc rc = db_tx(cx, hold_tx, l);
    if (rc == RC_OK && !l->mine)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "another migration has taken over from this one");
    return rc;
}

static enum rc give_tx(struct cx *cx, void *arg)
{
    const struct lease *l = arg;
    return db_exec(cx, SQL_db_migrate_give, NULL, "s", l->holder);
}

/* --- applying --- */

/* Runs the remaining statements of one file. MariaDB commits at every DDL statement, so each one is recorded
 * when it is done. */
static enum rc apply(struct cx *cx, const char *dir, const struct db_migration *m, struct lease *l)
{
    struct state state;
    struct file file = {0};
    enum rc rc = read_file(cx, dir, m->name, &file);
    if (rc == RC_OK)
        rc = load_state(cx, m->version, &state);
    if (rc != RC_OK)
        return rc;
    if (state.done && strcmp(state.hash, file.hash) != 0)
        return err_set(cx, RC_CONFLICT, NULL, "migration_changed",
                       "%s was changed after it was applied; put it back and add a new file instead",
                       m->name);
    if (state.done)
        return RC_OK;
    rc =
        db_exec(cx, SQL_db_migrate_start, NULL, "isst", (int64_t)m->version, m->name, file.hash, clock_now());
    for (int64_t step = 1; rc == RC_OK; step++) {
        struct str statement = next_statement(cx, &file.text);
        if (statement.n == 0)
            break;
        if (step <= state.steps)
            continue;
        rc = link_run(cx, arena_printf(cx->arena, "%s, statement %d", m->name, (int)step), statement);
        if (rc == RC_OK)
            rc = lease_hold(cx, l);
        if (rc == RC_OK)
            rc = db_exec(cx, SQL_db_migrate_step, NULL, "ii", step, (int64_t)m->version);
    }
    return rc == RC_OK ? db_exec(cx, SQL_db_migrate_finish, NULL, "ti", clock_now(), (int64_t)m->version)
                       : rc;
}

enum rc db_migrations(struct cx *cx, const char *dir, struct db_migrations *out)
{
    struct db_migrations list;
    struct rows *rows = NULL;
    enum rc rc = list_files(cx, dir, &list);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_db_migrate_known, &rows, "");
    if (rc != RC_OK)
        return rc;
    bool table = row_i64(rows, 0, 0) > 0;
    for (size_t i = 0; i < list.n; i++) {
        struct state state = {0};
        rc = table ? load_state(cx, list.item[i].version, &state) : RC_OK;
        if (rc != RC_OK)
            return rc;
        list.item[i].done = state.done;
        list.pending += !state.done;
    }
    *out = list;
    return RC_OK;
}

static enum rc migrate_locked(struct cx *cx, const char *dir, struct lease *l, struct db_migrations *out)
{
    struct db_migrations list = {0};
    enum rc rc = link_run(cx, "schema_version", str_of(db_sql_text(SQL_db_migrate_table)));
    if (rc == RC_OK)
        rc = db_migrations(cx, dir, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++)
        rc = apply(cx, dir, &list.item[i], l);
    if (rc == RC_OK && out)
        *out = list;
    return rc;
}

enum rc db_migrate(struct cx *cx, const char *dir, struct db_migrations *out)
{
    struct lease lease = {0};
    if (db_in_tx(cx))
        bug("db_migrate in a transaction");
    enum rc rc = lease_take(cx, &lease);
    if (rc != RC_OK)
        return rc;
    rc = migrate_locked(cx, dir, &lease, out);
    struct err first = cx->err;
    if (db_tx(cx, give_tx, &lease) != RC_OK && rc == RC_OK)
        log_err(LOG_WARN, cx,
                "the lease of the migration was not given back: the next one waits for its end");
    cx->err = first;
    return rc;
}
