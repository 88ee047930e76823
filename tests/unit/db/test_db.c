/* lib/db against a real MariaDB: types, results, errors, transactions, retries, lost links. The table it
 * works on is `preference` and `term` of the schema, so that it needs no statements of its own. */
#include "tests/unit/testing.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/db/db_impl.h"
#include "lib/os/file.h"
#include "tests/unit/mariadb.h"

static struct mariadb *server;
static struct cx cx;

static int64_t insert_term(const char *slug, int64_t starts_at)
{
    struct db_done done = {0};
    assert_ok(shown(&cx, db_exec(&cx, SQL_term_insert, &done, "sistt", slug, (int64_t)2026, "w", starts_at,
                                 starts_at + 1)));
    assert_int_equal(done.affected, 1);
    return done.id;
}

static void values_come_back_as_they_went(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    int64_t at = 1764000000123;
    int64_t id = insert_term("2030w", at);
    assert_ok(db_one(&cx, SQL_term_get, &rows, "i", id));
    assert_int_equal(rows_count(rows), 1);
    assert_int_equal(row_i64(rows, 0, 0), id);
    assert_string_equal(row_text(rows, 0, 1), "2030w");
    assert_int_equal(row_i64(rows, 0, 2), 2026);
    assert_string_equal(row_text(rows, 0, 3), "w");
    assert_int_equal(row_time(rows, 0, 4), at);
    assert_false(row_null(rows, 0, 4));
    id = insert_term("2030s", -1); /* a millisecond before 1970 */
    assert_ok(db_one(&cx, SQL_term_get, &rows, "i", id));
    assert_int_equal(row_time(rows, 0, 4), -1);
}

static void text_of_every_kind(void **state)
{
    (void)state;
    static const char hostile[] = "'; DROP TABLE user; -- \\ \" <b>\xf0\x9f\x8e\x93 \xd8\xb9";
    struct db_done done = {0};
    struct rows *rows = NULL;
    struct str slice = {"Zo\xc3\xab and more", 4};
    assert_ok(shown(&cx, db_exec(&cx, SQL_user_insert, &done, "sLssit", "text", &slice, NULL, NULL,
                                 (int64_t)0, clock_now())));
    assert_ok(db_exec(&cx, SQL_user_preference_set, NULL, "iss", done.id, "note", hostile));
    assert_ok(db_one(&cx, SQL_user_preference_get, &rows, "is", done.id, "note"));
    assert_string_equal(row_text(rows, 0, 0), hostile);
    assert_ok(db_exec(&cx, SQL_user_preference_set, NULL, "iss", done.id, "note", ""));
    assert_ok(db_one(&cx, SQL_user_preference_get, &rows, "is", done.id, "note"));
    assert_string_equal(row_text(rows, 0, 0), "");
    assert_ok(db_one(&cx, SQL_user_get_by_login, &rows, "s", "text"));
    assert_string_equal(row_text(rows, 0, 2), "Zo\xc3\xab");
    assert_true(row_null(rows, 0, 3));
    assert_null(row_text(rows, 0, 3));
    assert_int_equal(row_i64(rows, 0, 4), 0);
    assert_int_equal(row_bytes(rows, 0, 3).n, 0);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    struct db_done done = {0};
    unsigned char raw[32];
    for (unsigned i = 0; i < sizeof raw; i++)
        raw[i] = (unsigned char)(255 - i * 7);
    raw[5] = 0;
    struct str hash = {(const char *)raw, sizeof raw};
    assert_ok(
        db_exec(&cx, SQL_user_insert, &done, "ssssit", "bytes", "B", NULL, NULL, (int64_t)0, clock_now()));
    assert_ok(shown(&cx, db_exec(&cx, SQL_session_insert, NULL, "Bitts", &hash, done.id, clock_now(),
                                 clock_now() + 60000, "agent")));
    assert_ok(db_one(&cx, SQL_session_get, &rows, "Bt", &hash, clock_now()));
    assert_int_equal(row_i64(rows, 0, 0), done.id);
    raw[31] ^= 1;
    assert_rc(db_one(&cx, SQL_session_get, &rows, "Bt", &hash, clock_now()), RC_NOTFOUND);
}

static void failures_have_their_codes(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    assert_rc(db_one(&cx, SQL_term_get, &rows, "i", (int64_t)-5), RC_NOTFOUND);
    assert_ok(db_query(&cx, SQL_term_get, &rows, "i", (int64_t)-5));
    assert_int_equal(rows_count(rows), 0);

    insert_term("2031w", 0);
    assert_rc(db_exec(&cx, SQL_term_insert, NULL, "sistt", "2031w", (int64_t)1, "w", (int64_t)0, (int64_t)1),
              RC_CONFLICT);
    assert_true(db_duplicate(&cx, "term_slug"));
    assert_false(db_duplicate(&cx, "course_slug"));
    assert_rc(db_exec(&cx, SQL_term_insert, NULL, "sistt", "longer than its column", (int64_t)1, "w",
                      (int64_t)0, (int64_t)1),
              RC_INVALID);
    assert_false(db_duplicate(&cx, "term_slug"));
    assert_rc(db_exec(&cx, SQL_term_insert, NULL, "sistt", "x", (int64_t)1, "q", (int64_t)0, (int64_t)1),
              RC_INVALID);
    assert_rc(db_exec(&cx, SQL_user_preference_set, NULL, "iss", (int64_t)-1, "a", "b"), RC_CONFLICT);
    assert_non_null(strstr(cx.err.detail, "user_preference_set"));
    struct cx nowhere;
    cx_init(&nowhere);
    nowhere.db =
        db_new(&(struct db_options){.socket = "/nonexistent/sock", .user = "root", .name = "lectern"});
    assert_rc(db_ping(&nowhere), RC_UNAVAIL);
    assert_rc(db_query(&nowhere, SQL_term_list, &rows, ""), RC_UNAVAIL);
    assert_string_equal(nowhere.err.key, "database_away");
    test_cx_fini(&nowhere);
}

static void every_statement_prepares(void **state)
{
    (void)state;
    assert_ok(shown(&cx, db_prepare_all(&cx)));
    assert_true(SQL_COUNT > 40);
}

static void the_session_is_utc_and_strict(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    assert_ok(shown(&cx, db_one(&cx, SQL_db_settings, &rows, "")));
    assert_string_equal(row_text(rows, 0, 0), "+00:00");
    assert_non_null(strstr(row_text(rows, 0, 1), "STRICT_ALL_TABLES"));
    assert_string_equal(row_text(rows, 0, 2), "READ-COMMITTED");
    assert_string_equal(row_text(rows, 0, 3), "utf8mb4");
}

/* --- transactions --- */

struct step {
    int runs;
    const char *slug;
    enum rc give;
};

static enum rc insert_step(struct cx *c, void *arg)
{
    struct step *s = arg;
    s->runs++;
    enum rc rc = db_exec(c, SQL_term_insert, NULL, "sistt", s->slug, (int64_t)1, "w", (int64_t)0, (int64_t)1);
    return rc == RC_OK && s->give != RC_OK ? err_set(c, s->give, NULL, NULL, "on purpose") : rc;
}

static size_t count_slug(struct cx *c, const char *slug)
{
    struct rows *rows = NULL;
    size_t n = 0;
    assert_ok(db_query(c, SQL_term_list, &rows, ""));
    for (size_t i = 0; i < rows_count(rows); i++)
        n += strcmp(row_text(rows, i, 1), slug) == 0;
    return n;
}

static void a_transaction_is_all_or_nothing(void **state)
{
    (void)state;
    struct step good = {.slug = "tx-good"}, bad = {.slug = "tx-bad", .give = RC_DENIED};
    assert_ok(db_tx(&cx, insert_step, &good));
    assert_int_equal(good.runs, 1);
    assert_int_equal(count_slug(&cx, "tx-good"), 1);
    assert_rc(db_tx(&cx, insert_step, &bad), RC_DENIED);
    assert_int_equal(bad.runs, 1);
    assert_int_equal(count_slug(&cx, "tx-bad"), 0);
    assert_false(db_in_tx(&cx));
}

static enum rc swallow_inner(struct cx *c, void *arg)
{
    struct step outer = {.slug = "tx-outer"};
    assert_true(db_in_tx(c));
    enum rc rc = insert_step(c, &outer);
    if (db_tx(c, insert_step, arg) != RC_OK)
        return rc; /* a mistake in the caller: it does not pass the failure on */
    return rc;
}

static void a_joined_failure_dooms_the_whole(void **state)
{
    (void)state;
    struct step inner = {.slug = "tx-inner", .give = RC_CONFLICT};
    assert_rc(db_tx(&cx, swallow_inner, &inner), RC_CONFLICT);
    assert_int_equal(count_slug(&cx, "tx-outer"), 0);
    inner.give = RC_OK;
    assert_ok(shown(&cx, db_tx(&cx, swallow_inner, &inner)));
    assert_int_equal(count_slug(&cx, "tx-outer"), 1);
    assert_int_equal(count_slug(&cx, "tx-inner"), 1);
}

/* A deadlock may occur at each statement of a transaction (1 BEGIN, 2 INSERT, 3 COMMIT). */
static void deadlocks_are_retried_wherever_they_strike(void **state)
{
    (void)state;
    static const char *const slugs[] = {"retry-1", "retry-2", "retry-3"};
    for (unsigned n = 1; n <= 3; n++) {
        struct step s = {.slug = slugs[n - 1]};
        db_fault(&cx, n, n == 2 ? 1205 : 1213);
        assert_ok(shown(&cx, db_tx(&cx, insert_step, &s)));
        assert_int_equal(s.runs, n == 1 ? 1 : 2);
        assert_int_equal(count_slug(&cx, slugs[n - 1]), 1);
    }
    db_fault(&cx, 1, 1213); /* outside a transaction: the statement alone */
    insert_term("retry-4", 0);
    db_fault(&cx, 0, 0);
}

/* Two connections lock two rows in opposite order, many times: the server chooses victims, and no caller
 * notices. */
struct rival {
    struct cx cx;
    int64_t first, second;
    enum rc rc;
};

static enum rc lock_both(struct cx *c, void *arg)
{
    const struct rival *r = arg;
    enum rc rc =
        db_exec(c, SQL_progress_save, NULL, "iiibt", r->first, (int64_t)1, (int64_t)5, 0, clock_now());
    if (rc == RC_OK)
        rc = db_exec(c, SQL_progress_save, NULL, "iiibt", r->second, (int64_t)1, (int64_t)5, 0, clock_now());
    return rc;
}

static void *rival_run(void *arg)
{
    struct rival *r = arg;
    for (int i = 0; i < 60 && r->rc == RC_OK; i++) {
        r->rc = db_tx(&r->cx, lock_both, r);
        arena_reset(r->cx.arena);
    }
    return NULL;
}

static void real_deadlocks_do_not_show(void **state)
{
    (void)state;
    struct rival r[2];
    pthread_t thread[2];
    int64_t user[2];
    struct db_done done = {0};
    for (int i = 0; i < 2; i++) {
        assert_ok(db_exec(&cx, SQL_user_insert, &done, "ssssit", i ? "rival-b" : "rival-a", "R", NULL, NULL,
                          (int64_t)0, clock_now()));
        user[i] = done.id;
    }
    assert_ok(db_exec(&cx, SQL_org_insert, &done, "isssst", (int64_t)0, "o", "O", "UTC", "", clock_now()));
    int64_t org = done.id, term = insert_term("2040w", 0), now = clock_now();
    assert_ok(shown(&cx, db_exec(&cx, SQL_course_insert, &done, "siissssbbbtt", "aaaaaaaaaaaa", term, org,
                                 "c", "C", "", "public", 0, 0, 0, now, now)));
    assert_ok(shown(&cx, db_exec(&cx, SQL_lecture_insert, &done, "sssttsttsisi", "aaaaaaaaaaaa", "L", "", now,
                                 NO_TIME, "planned", now, now, "", (int64_t)0, NULL, done.id)));
    assert_int_equal(done.id, 1);
    for (int i = 0; i < 2; i++) {
        test_cx_init(&r[i].cx, server);
        r[i].first = user[i];
        r[i].second = user[1 - i];
        r[i].rc = RC_OK;
        pthread_create(&thread[i], NULL, rival_run, &r[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(thread[i], NULL);
        assert_ok(shown(&r[i].cx, r[i].rc));
        test_cx_fini(&r[i].cx);
    }
}

/* A locking read over a range may fail while its rows are read: the server sends their description before it locks. The
 * statement must be usable afterwards, in the second run of the transaction. */
struct victim {
    struct cx rival;
    pthread_barrier_t locked; /* each of the two has its first row */
    int64_t user, rows;       /* what both want: the progress of the user, the organisation's node */
    int runs;
    enum rc rc;
};

static enum rc lock_node(struct cx *c)
{
    struct rows *rows;
    return db_query(c, SQL_node_former, &rows, "isis", (int64_t)1, "victim", (int64_t)1, "");
}

static enum rc lock_progress(struct cx *c, const struct victim *v)
{
    return db_exec(c, SQL_progress_save, NULL, "iiibt", v->user, (int64_t)1, (int64_t)7, 0, clock_now());
}

/* It has written much, so the server takes the other one for the victim. */
static enum rc rival_locks(struct cx *c, void *arg)
{
    struct victim *v = arg;
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < 50; i++)
        rc = db_exec(c, SQL_user_preference_set, NULL, "iss", v->user, arena_printf(c->arena, "victim-%d", i),
                     "x");
    if (rc == RC_OK)
        rc = lock_node(c);
    pthread_barrier_wait(&v->locked);
    return rc == RC_OK ? lock_progress(c, v) : rc;
}

static enum rc victim_locks(struct cx *c, void *arg)
{
    struct victim *v = arg;
    enum rc rc = lock_progress(c, v);
    if (v->runs++ == 0)
        pthread_barrier_wait(&v->locked);
    return rc == RC_OK ? lock_node(c) : rc;
}

static void *victim_rival(void *arg)
{
    struct victim *v = arg;
    v->rc = db_tx(&v->rival, rival_locks, v);
    return NULL;
}

static void a_locking_read_that_fails_runs_again(void **state)
{
    (void)state;
    struct victim v = {.runs = 0};
    pthread_t thread;
    struct rows *rows;
    assert_ok(db_one(&cx, SQL_user_get_by_login, &rows, "s", "rival-a"));
    v.user = row_i64(rows, 0, 0);
    assert_ok(shown(&cx, db_exec(&cx, SQL_node_insert, NULL, "isisssii", (int64_t)1, "victim", (int64_t)1, "",
                                 "0", "00000000000000000000000000000000", (int64_t)1, (int64_t)1)));
    test_cx_init(&v.rival, server);
    pthread_barrier_init(&v.locked, NULL, 2);
    pthread_create(&thread, NULL, victim_rival, &v);
    assert_ok(shown(&cx, db_tx(&cx, victim_locks, &v)));
    pthread_join(thread, NULL);
    assert_ok(shown(&v.rival, v.rc));
    assert_int_equal(v.runs, 2);
    test_cx_fini(&v.rival);
    pthread_barrier_destroy(&v.locked);
}

static void statements_are_counted(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    uint64_t before = db_count(&cx);
    assert_ok(db_query(&cx, SQL_term_list, &rows, ""));
    assert_int_equal(db_count(&cx) - before, 1);
    struct step s = {.slug = "counted"};
    assert_ok(db_tx(&cx, insert_step, &s));
    assert_int_equal(db_count(&cx) - before, 4);
}

/* --- migrations --- */

static void *migrate_run(void *arg)
{
    struct rival *r = arg;
    r->rc = db_migrate(&r->cx, test_schema_dir(), NULL);
    return NULL;
}

static void migrating_again_changes_nothing(void **state)
{
    (void)state;
    struct rival r[3];
    pthread_t thread[3];
    struct db_migrations list = {0};
    for (int i = 0; i < 3; i++) {
        test_cx_init(&r[i].cx, server);
        pthread_create(&thread[i], NULL, migrate_run, &r[i]);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
        assert_ok(shown(&r[i].cx, r[i].rc));
        test_cx_fini(&r[i].cx);
    }
    assert_ok(db_migrations(&cx, test_schema_dir(), &list));
    assert_true(list.n >= 1);
    assert_int_equal(list.pending, 0);
    assert_string_equal(list.item[0].name, "0001_core.sql");
}

/* A folder with one migration of this name and text. */
static char *folder_with(const char *name, const char *text)
{
    char *path = arena_strdup(cx.arena, "/tmp/lectern-sql-XXXXXX");
    assert_non_null(mkdtemp(path));
    assert_ok(file_write(&cx, arena_printf(cx.arena, "%s/%s", path, name), str_of(text), 0644));
    return path;
}

static void a_dead_migration_is_waited_for(void **state)
{
    (void)state;
    struct db_done done = {0};
    assert_ok(db_exec(&cx, SQL_db_migrate_take, &done, "si", "dead", (int64_t)700));
    assert_int_equal(done.affected, 1);
    assert_ok(shown(&cx, db_migrate(&cx, test_schema_dir(), NULL)));
    assert_ok(db_exec(&cx, SQL_db_migrate_hold, &done, "is", (int64_t)700, "dead"));
    assert_int_equal(done.affected, 0); /* another process has the lease at the end */
}

/* Its first statement gives the lease away, as if it had taken too long. */
static void a_migration_that_lost_its_lease_stops(void **state)
{
    (void)state;
    struct db_migrations list = {0};
    struct db_done done = {0};
    char *path = folder_with("9000_lease.sql", "-- phase: expand\n"
                                               "UPDATE schema_lock SET holder = 'thief';\n"
                                               "INSERT INTO term (slug, year, half, starts_at, ends_at)"
                                               " VALUES ('late', 1, 's', '2000-01-01', '2000-01-01');\n");
    assert_rc(db_migrate(&cx, path, NULL), RC_CONFLICT);
    assert_non_null(strstr(cx.err.detail, "taken over"));
    assert_int_equal(count_slug(&cx, "late"), 0);
    assert_ok(db_migrations(&cx, path, &list));
    assert_int_equal(list.pending, 1);
    assert_ok(db_exec(&cx, SQL_db_migrate_give, &done, "s", "thief"));
    assert_int_equal(done.affected, 1);
    assert_ok(file_remove_tree(&cx, path));
}

/* Installations that applied these files before they had a phase know them by these checksums. */
static void the_first_files_are_known_without_their_phase(void **state)
{
    (void)state;
    static const char *const hashes[] = {"be43d9346541ccc7401998f92a4091dbd95da8f51d19b6fc13c2b755f80ad045",
                                         "2219a56778da9f993b27dda1bace8bedf800059d002ad98feb7889d60e6e2370",
                                         "c966350ef356d7e3b0ccbafe78b6baf642080de191d5398a4d3269df23605b09",
                                         "bb440854329fe56ac1695fc379db5f336fbe907a8a8fb8090b54e5d4a1999a8f",
                                         "5013dfaf3e779a1aa06338c9cc627710e2bade9840f6bff1f37eac33995db930"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        struct rows *rows = NULL;
        assert_ok(db_one(&cx, SQL_db_migrate_get, &rows, "i", (int64_t)i + 1));
        assert_string_equal(row_text(rows, 0, 0), hashes[i]);
    }
}

static void a_file_is_what_it_was_but_for_its_phase(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum rc rc;
    } versions[] = {
        {"-- phase: expand\n-- Why.\nDO 1;\n", RC_OK},
        {"-- Why.\n-- phase: contract\nDO 1;\n", RC_OK},
        {"-- phase: expand\n-- Why.\nDO 2;\n", RC_CONFLICT},
        {"-- phase: expand\nDO 1;\n", RC_CONFLICT},
        {"-- Why.\nDO 1;\n-- phase: expand\n", RC_INVALID},
        {"-- phase: both\n-- Why.\nDO 1;\n", RC_INVALID},
        {"-- Why.\nDO 1;\n", RC_INVALID},
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char *path = folder_with("9001_changed.sql", versions[i].text);
        assert_rc(db_migrate(&cx, path, NULL), versions[i].rc);
        assert_ok(file_remove_tree(&cx, path));
    }
}

static void without_a_phase_nothing_is_applied(void **state)
{
    (void)state;
    struct rows *rows = NULL;
    char *path = folder_with("9002_good.sql", "-- phase: expand\nDO 1;\n");
    assert_ok(file_write(&cx, arena_printf(cx.arena, "%s/9003_bad.sql", path), STR("DO 1;\n"), 0644));
    assert_rc(db_migrate(&cx, path, NULL), RC_INVALID);
    assert_non_null(strstr(cx.err.detail, "9003_bad.sql"));
    assert_ok(db_query(&cx, SQL_db_migrate_get, &rows, "i", (int64_t)9002));
    assert_int_equal(rows_count(rows), 0);
    assert_ok(file_remove_tree(&cx, path));
}

/* --- the link --- */

static enum rc kill_in_the_middle(struct cx *c, void *arg)
{
    struct step *s = arg;
    s->runs++;
    enum rc rc =
        db_exec(c, SQL_term_insert, NULL, "sistt", "lost-1", (int64_t)1, "w", (int64_t)0, (int64_t)1);
    assert_ok(rc);
    mariadb_kill(server);
    return db_exec(c, SQL_term_insert, NULL, "sistt", "lost-2", (int64_t)1, "w", (int64_t)0, (int64_t)1);
}

static void a_lost_link_is_a_rollback_and_comes_back(void **state)
{
    (void)state;
    struct step s = {0};
    assert_rc(db_tx(&cx, kill_in_the_middle, &s), RC_UNAVAIL);
    assert_int_equal(s.runs, 1);
    assert_rc(db_ping(&cx), RC_UNAVAIL);
    mariadb_again(server);
    assert_int_equal(count_slug(&cx, "lost-1"), 0);
    assert_int_equal(count_slug(&cx, "lost-2"), 0);
    insert_term("back", 0);
}

enum { CLOSED_MS = 10000 };

/* As a server that ends does: its end of the link is closed while nothing is asked. */
static void close_from_afar(void)
{
    struct cx other;
    test_cx_init(&other, server);
    const char *text = arena_printf(other.arena, "KILL %lu", mysql_thread_id(cx.db->link));
    assert_ok(db_ping(&other));
    assert_ok(link_run(&other, "kill", str_of(text)));
    struct pollfd p = {.fd = (int)mysql_get_socket(cx.db->link), .events = POLLIN};
    assert_int_equal(poll(&p, 1, CLOSED_MS), 1);
    test_cx_fini(&other);
}

/* However short the time since its last use is: the next statement works, and so does the next transaction. */
static void a_link_is_looked_at_before_use(void **state)
{
    (void)state;
    struct step s = {.slug = "after-kill"};
    assert_ok(db_ping(&cx));
    close_from_afar();
    assert_int_equal(count_slug(&cx, "back"), 1);
    close_from_afar();
    assert_ok(db_tx(&cx, insert_step, &s));
    assert_int_equal(s.runs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_as_they_went),
        cmocka_unit_test(text_of_every_kind),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(failures_have_their_codes),
        cmocka_unit_test(every_statement_prepares),
        cmocka_unit_test(the_session_is_utc_and_strict),
        cmocka_unit_test(a_transaction_is_all_or_nothing),
        cmocka_unit_test(a_joined_failure_dooms_the_whole),
        cmocka_unit_test(deadlocks_are_retried_wherever_they_strike),
        cmocka_unit_test(real_deadlocks_do_not_show),
        cmocka_unit_test(a_locking_read_that_fails_runs_again),
        cmocka_unit_test(statements_are_counted),
        cmocka_unit_test(migrating_again_changes_nothing),
        cmocka_unit_test(a_dead_migration_is_waited_for),
        cmocka_unit_test(a_migration_that_lost_its_lease_stops),
        cmocka_unit_test(the_first_files_are_known_without_their_phase),
        cmocka_unit_test(a_file_is_what_it_was_but_for_its_phase),
        cmocka_unit_test(without_a_phase_nothing_is_applied),
        cmocka_unit_test(a_lost_link_is_a_rollback_and_comes_back),
        cmocka_unit_test(a_link_is_looked_at_before_use),
    };
    server = mariadb_start();
    if (!server) {
        puts("1..0 # SKIP mariadbd is not installed");
        return 0;
    }
    test_cx_init(&cx, server);
    test_migrate(&cx);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_cx_fini(&cx);
    mariadb_stop(server);
    return failed;
}
