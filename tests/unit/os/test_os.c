/* lib/os: configuration file, crash-safe files. */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/os/cond.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"

static struct cx cx;
static char dir[] = "/tmp/lectern-test-os-XXXXXX";

static int setup(void **state)
{
    (void)state;
    cx_init(&cx);
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    enum rc rc = file_remove_tree(&cx, dir);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : -1;
}

static void conf_reads_keys_and_defaults(void **state)
{
    (void)state;
    struct conf conf;
    assert_ok(conf_parse(
        &cx, "f", STR("# a comment\n\n node_name = Demo hall \nweb_processes=8\nstore_max_upload = 2G\n"),
        &conf));
    assert_string_equal(conf.node_name, "Demo hall");
    assert_int_equal(conf.web_processes, 8);
    assert_true(conf.store_max_upload == 2LL * 1024 * 1024 * 1024);
    assert_int_equal(conf.redis_port, 6379);
}

static void conf_errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"node_name = x\ncolour = red\n", "f:2: unknown key `colour`"},
        {"web_processes = many\n", "f:1: web_processes must be a number from 1 to 64"},
        {"web_processes = 65\n", "f:1: web_processes must be a number from 1 to 64"},
        {"store_max_form = 2X\n", "f:1: store_max_form must be a size such as 500M or 2G"},
        {"store_max_form = 99999999999G\n", "f:1: store_max_form must be a size such as 500M or 2G"},
        {"node_name\n", "f:1: expected `key = value`"},
        {"node_name = a\nnode_name = b\n", "f:2: `node_name` is set twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct conf conf;
        assert_rc(conf_parse(&cx, "f", str_of(rows[i].text), &conf), RC_INVALID);
        assert_string_equal(cx.err.detail, rows[i].says);
    }
}

static void files_are_replaced_whole(void **state)
{
    (void)state;
    struct str got;
    char *deep = arena_printf(cx.arena, "%s/a/b", dir), *path = arena_printf(cx.arena, "%s/f", deep), *secret;
    assert_ok(file_mkdirs(&cx, deep, 0755));
    assert_ok(file_mkdirs(&cx, deep, 0755));
    assert_ok(file_write(&cx, path, STR("one"), 0600));
    assert_ok(file_write(&cx, path, STR(" two \nthree"), 0600));
    assert_ok(file_read(&cx, path, 100, &got));
    assert_true(str_eq(got, " two \nthree"));
    assert_ok(file_read_secret(&cx, path, &secret));
    assert_string_equal(secret, "two");
    assert_rc(file_read(&cx, path, 5, &got), RC_TOOBIG);
    assert_rc(file_read(&cx, deep, 5, &got), RC_INVALID);
    assert_rc(file_read(&cx, "/nonexistent/x", 5, &got), RC_NOTFOUND);
    assert_ok(file_remove_tree(&cx, deep));
    assert_rc(file_read(&cx, path, 100, &got), RC_NOTFOUND);
    assert_ok(file_remove_tree(&cx, deep));
}

static void folders_are_listed(void **state)
{
    (void)state;
    static const char *const files[] = {"b.cs", "a.cs", ".c.cs", "d.css", "cs"};
    const char *folder = arena_printf(cx.arena, "%s/list", dir), **names;
    size_t n;
    assert_rc(file_list(&cx, folder, "", &names, &n), RC_NOTFOUND);
    assert_ok(file_mkdirs(&cx, folder, 0755));
    assert_ok(file_list(&cx, folder, "", &names, &n));
    assert_int_equal(n, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_ok(file_write(&cx, arena_printf(cx.arena, "%s/%s", folder, files[i]), STR("x"), 0600));
    assert_ok(file_list(&cx, folder, ".cs", &names, &n));
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "a.cs");
    assert_string_equal(names[1], "b.cs");
    assert_ok(file_list(&cx, folder, "", &names, &n));
    assert_int_equal(n, 4);
}

/* If the folder has no space or no permission, the old content stays and the failure says why. */
static void failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    assert_rc(file_write(&cx, "/dev/full/x", STR("x"), 0600), RC_UNAVAIL);
    assert_non_null(strstr(cx.err.detail, "/dev/full/x"));
    assert_rc(file_write(&cx, "/proc/x", STR("x"), 0600), RC_NOTFOUND);
}

struct shared {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
};

static void *signal_it(void *arg)
{
    struct shared *s = arg;
    pthread_mutex_lock(&s->lock);
    s->done = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void waits_end_by_time_or_by_a_signal(void **state)
{
    (void)state;
    struct shared s = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    int rounds = 0;
    cond_init(&s.changed);
    pthread_mutex_lock(&s.lock);
    for (int64_t until = clock_mono() + 50; clock_mono() < until; rounds++)
        cond_wait_ms(&s.changed, &s.lock, 20);
    assert_true(rounds < 10); /* by another clock each wait would end at once, or never */
    cond_wait_ms(&s.changed, &s.lock, 0);
    cond_wait_ms(&s.changed, &s.lock, INT64_MIN);
    assert_int_equal(pthread_create(&thread, NULL, signal_it, &s), 0);
    while (!s.done)
        cond_wait_ms(&s.changed, &s.lock, 3600 * 1000); /* the limit of the test, if nothing woke us */
    pthread_mutex_unlock(&s.lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_cond_destroy(&s.changed);
    pthread_mutex_destroy(&s.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_reads_keys_and_defaults),    cmocka_unit_test(conf_errors_name_the_line),
        cmocka_unit_test(files_are_replaced_whole),        cmocka_unit_test(folders_are_listed),
        cmocka_unit_test(failed_write_keeps_the_old_file), cmocka_unit_test(waits_end_by_time_or_by_a_signal),
    };
    return cmocka_run_group_tests_name("os", tests, setup, teardown);
}
