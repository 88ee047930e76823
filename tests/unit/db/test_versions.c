/* Two versions on one schema: while one takes the place of the other, programs of both run, and the old ones may be
 * put back (doc/style.md, "Schema changes"). sql/previous.def has the statements of the version before and the number
 * of its last schema file. What a statement needs is asked by preparing it on a private MariaDB; narrower types and
 * new unique keys are not noticed that way. */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/os/file.h"
#include "tests/unit/mariadb.h"

enum {
#define SCHEMA(number) PREVIOUS_SCHEMA = number
#define SQL(name, text)
#include "sql/previous.def"
#undef SCHEMA
#undef SQL
};

static const struct {
    const char *name, *text;
} previous[] = {
#define SCHEMA(number)
#define SQL(name, text) {#name, text},
#include "sql/previous.def"
#undef SCHEMA
#undef SQL
};

enum { PREVIOUS_COUNT = sizeof previous / sizeof *previous };

static struct mariadb *server;
static MYSQL *raw;
static struct cx cx;

/* --- schemas, each in a database of its own --- */

static void run(const char *sql)
{
    if (mysql_query(raw, sql) != 0)
        fprintf(stderr, "# %s: %s\n", sql, mysql_error(raw));
    assert_int_equal(mysql_errno(raw), 0);
}

/* Its answer; the caller frees it. */
static MYSQL_RES *ask(const char *sql)
{
    run(sql);
    MYSQL_RES *res = mysql_store_result(raw);
    if (!res)
        fail_msg("%s: %u %s", sql, mysql_errno(raw), mysql_error(raw));
    return res;
}

/* cx uses a new, empty database of that name from here on. */
static void use_database(const char *name)
{
    run(arena_printf(cx.arena, "CREATE DATABASE %s CHARACTER SET utf8mb4", name));
    run(arena_printf(cx.arena, "USE %s", name));
    db_free(cx.db);
    cx.db = db_new(&(struct db_options){.socket = mariadb_socket(server), .user = "root", .name = name});
}

/* Which files: those of the version before, those and all that expand, all. */
enum files { EARLIER, EXPANDED, ALL };

static bool belongs(const struct db_migration *m, enum files files)
{
    return m->version <= PREVIOUS_SCHEMA || files == ALL || (files == EXPANDED && m->phase == DB_EXPAND);
}

/* Applies these files, and the text `more` if not NULL, to the database that cx uses. */
static void apply(enum files files, const char *more)
{
    struct db_migrations list;
    char *dir = arena_strdup(cx.arena, "/tmp/lectern-schema-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_ok(shown(&cx, db_migrations(&cx, test_schema_dir(), &list)));
    for (const struct db_migration *m = list.item; m < list.item + list.n; m++)
        if (belongs(m, files))
            assert_int_equal(symlink(arena_printf(cx.arena, "%s/%s", test_schema_dir(), m->name),
                                     arena_printf(cx.arena, "%s/%s", dir, m->name)),
                             0);
    if (more)
        assert_ok(file_write(&cx, arena_printf(cx.arena, "%s/9000_more.sql", dir), str_of(more), 0644));
    assert_ok(shown(&cx, db_migrate(&cx, dir, NULL)));
    assert_ok(file_remove_tree(&cx, dir));
}

/* A new database with their tables. */
static void make_database(const char *name, enum files files, const char *more)
{
    use_database(name);
    apply(files, more);
}

/* --- questions --- */

/* The first statement of the version before that cannot be prepared now, NULL: all can. */
static const char *broken_statement(void)
{
    for (size_t i = 0; i < PREVIOUS_COUNT; i++) {
        MYSQL_STMT *st = mysql_stmt_init(raw);
        bool good = mysql_stmt_prepare(st, previous[i].text, (unsigned long)strlen(previous[i].text)) == 0;
        const char *why =
            good ? NULL : arena_printf(cx.arena, "%s: %s", previous[i].name, mysql_stmt_error(st));
        mysql_stmt_close(st);
        if (!good)
            return why;
    }
    return NULL;
}

/* A column that the tables of the version before (database `earlier`) do not have and that needs a value:
 * INSERTs of that version fail, although they can be prepared. NULL: there is none. */
static const char *demanding_column(void)
{
    const char *name = NULL;
    MYSQL_RES *res =
        ask("SELECT CONCAT(c.table_name, '.', c.column_name) FROM information_schema.columns c"
            " JOIN information_schema.tables t ON t.table_schema = 'earlier' AND t.table_name = c.table_name"
            " LEFT JOIN information_schema.columns b ON b.table_schema = 'earlier' AND b.table_name = "
            "c.table_name"
            " AND b.column_name = c.column_name"
            " WHERE c.table_schema = DATABASE() AND b.column_name IS NULL AND c.is_nullable = 'NO'"
            " AND c.column_default IS NULL AND c.extra = ''");
    MYSQL_ROW row = mysql_fetch_row(res);
    if (row)
        name = arena_strdup(cx.arena, row[0]);
    mysql_free_result(res);
    return name;
}

static void assert_none(const char *finding)
{
    if (finding)
        fprintf(stderr, "# %s\n", finding);
    assert_null(finding);
}

/* --- tests --- */

static void the_version_before_runs_on_its_own_schema(void **state)
{
    (void)state;
    make_database("earlier", EARLIER, NULL);
    assert_true(PREVIOUS_COUNT > 100);
    assert_none(broken_statement());
}

static void the_version_before_runs_on_this_schema(void **state)
{
    (void)state;
    make_database("all_of_it", ALL, NULL);
    assert_none(broken_statement());
    assert_none(demanding_column());
}

/* `lecternctl migrate` runs before the programs are replaced, so ours need the files that expand and no others. */
static void ours_run_on_its_schema_when_that_is_expanded(void **state)
{
    (void)state;
    make_database("expanded", EXPANDED, NULL);
    assert_ok(shown(&cx, db_prepare_all(&cx)));
    assert_none(broken_statement());
    assert_none(demanding_column());
}

static void what_breaks_the_rule_is_found(void **state)
{
    (void)state;
    make_database("without", EXPANDED, "-- phase: contract\nALTER TABLE term DROP COLUMN half;\n");
    const char *broken = broken_statement();
    assert_non_null(broken);
    assert_non_null(strstr(broken, "half"));
    assert_rc(db_prepare_all(&cx), RC_UNAVAIL);
    assert_non_null(strstr(cx.err.detail, "half"));
    make_database("demanding", EXPANDED,
                  "-- phase: expand\nALTER TABLE term ADD COLUMN season INT NOT NULL;\n");
    assert_none(broken_statement());
    assert_string_equal(demanding_column(), "term.season");
}

/* The first column of each row of an answer, with commas between. */
static const char *answer(const char *sql)
{
    const char *text = "";
    MYSQL_ROW row;
    MYSQL_RES *res = ask(sql);
    while ((row = mysql_fetch_row(res)))
        text = arena_printf(cx.arena, "%s%s%s", text, *text ? "," : "", row[0]);
    mysql_free_result(res);
    return text;
}

/* 0010_rights: the first of a course becomes its owner, and whom programs of the version before add later may do what
 * those programs say. */
static void staff_of_the_version_before_has_roles(void **state)
{
    (void)state;
    make_database("staffed", EARLIER, NULL);
    run("INSERT INTO organisation (id, path, slug, name, created_at) VALUES (1, '/1/', 'u', 'U', NOW())");
    run("INSERT INTO term (id, slug, year, half, starts_at, ends_at) VALUES (1, '2026w', 2026, 'w', NOW(), "
        "NOW())");
    run("INSERT INTO user (id, login, name, created_at) VALUES (1, 'a', 'A', NOW()), (2, 'b', 'B', NOW()), "
        "(3, 'c', 'C', NOW())");
    run("INSERT INTO course (id, `key`, term_id, organisation_id, slug, name, visibility, created_at, "
        "updated_at)"
        " VALUES (1, 'k1', 1, 1, 'x', 'X', 'public', NOW(), NOW()), (2, 'k2', 1, 1, 'y', 'Y', 'public', "
        "NOW(), NOW())");
    run("INSERT INTO course_staff (course_id, user_id, created_at) VALUES (1, 1, '2026-01-02'), (1, 2, "
        "'2026-01-01'),"
        " (1, 3, '2026-01-03'), (2, 3, '2026-01-01'), (2, 2, '2026-01-01')");
    apply(EXPANDED, NULL);
    assert_string_equal(answer("SELECT role FROM course_staff ORDER BY course_id, user_id"),
                        "lecturer,owner,lecturer,owner,lecturer");
    run("INSERT INTO course_staff (course_id, user_id, created_at) VALUES (2, 1, '2026-02-01')");
    assert_string_equal(answer("SELECT role FROM course_staff WHERE course_id = 2 ORDER BY user_id"),
                        "owner,owner,lecturer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_before_runs_on_its_own_schema),
        cmocka_unit_test(the_version_before_runs_on_this_schema),
        cmocka_unit_test(ours_run_on_its_schema_when_that_is_expanded),
        cmocka_unit_test(what_breaks_the_rule_is_found),
        cmocka_unit_test(staff_of_the_version_before_has_roles),
    };
    server = mariadb_start();
    if (!server) {
        puts("1..0 # SKIP mariadbd is not installed");
        return 0;
    }
    test_cx_init(&cx, server);
    raw = mysql_init(NULL);
    if (!raw || !mysql_real_connect(raw, NULL, "root", NULL, NULL, 0, mariadb_socket(server), 0))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mysql_close(raw);
    test_cx_fini(&cx);
    mariadb_stop(server);
    return failed;
}
