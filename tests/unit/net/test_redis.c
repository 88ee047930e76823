/* lib/net/redis and the rate limits that use it, with a private redis-server: counters shared by two
 * connections, a server that goes away and comes back. */
#include "tests/unit/testing.h"

#include <time.h>

#include "lib/base/clock.h"
#include "lib/net/redis.h"
#include "tests/unit/redis.h"

static const char *socket_path;

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void counters_are_shared_and_expire(void **state)
{
    (void)state;
    struct redis *a = redis_new(socket_path, NULL, 0), *b = redis_new(socket_path, NULL, 0);
    int64_t n = 0;
    assert_ok(redis_count(a, "k", 60, &n));
    assert_int_equal(n, 1);
    assert_ok(redis_count(b, "k", 60, &n));
    assert_int_equal(n, 2);
    assert_ok(redis_delete(b, "k"));
    assert_ok(redis_count(a, "k", 1, &n));
    assert_int_equal(n, 1);
    pause_ms(1200);
    assert_ok(redis_count(a, "k", 1, &n));
    assert_int_equal(n, 1);
    redis_free(a);
    redis_free(b);
}

static void hits_are_taken_back_and_marks_expire(void **state)
{
    (void)state;
    struct redis *r = redis_new(socket_path, NULL, 0);
    int64_t n = 0;
    bool there = true;
    assert_ok(redis_count(r, "back", 60, &n));
    assert_ok(redis_count(r, "back", 60, &n));
    assert_ok(redis_uncount(r, "back", 60));
    assert_ok(redis_count(r, "back", 60, &n));
    assert_int_equal(n, 2);
    assert_ok(redis_uncount(r, "never counted", 1)); /* and does not stay for ever */
    assert_ok(redis_marked(r, "mark", &there));
    assert_false(there);
    assert_ok(redis_mark(r, "mark", 1));
    assert_ok(redis_marked(r, "mark", &there));
    assert_true(there);
    pause_ms(1200);
    assert_ok(redis_marked(r, "mark", &there));
    assert_false(there);
    assert_ok(redis_marked(r, "never counted", &there));
    assert_false(there);
    redis_free(r);
}

static void keys_are_bytes_not_commands(void **state)
{
    (void)state;
    struct redis *r = redis_new(socket_path, NULL, 0);
    int64_t n = 0;
    assert_ok(redis_count(r, "a b\r\nFLUSHALL\r\n", 60, &n));
    assert_int_equal(n, 1);
    assert_ok(redis_count(r, "a b\r\nFLUSHALL\r\n", 60, &n));
    assert_int_equal(n, 2);
    redis_free(r);
}

static void a_server_that_comes_back_is_found_again(void **state)
{
    (void)state;
    struct redis *r = redis_new(socket_path, NULL, 0);
    int64_t n = 0;
    assert_ok(redis_ping(r));
    redis_server_kill();
    assert_rc(redis_count(r, "x", 60, &n), RC_UNAVAIL);
    int64_t from = clock_mono();
    for (int i = 0; i < 1000; i++)
        assert_rc(redis_count(r, "x", 60, &n), RC_UNAVAIL);
    assert_true(clock_mono() - from < 500); /* a thousand failures cost nothing */
    redis_server_again();
    pause_ms(1100);
    assert_ok(redis_count(r, "x", 60, &n));
    /* restarted while the link was unused: the first request already gets its answer */
    redis_server_kill();
    redis_server_again();
    assert_ok(redis_count(r, "x", 60, &n));
    redis_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_shared_and_expire),
        cmocka_unit_test(hits_are_taken_back_and_marks_expire),
        cmocka_unit_test(keys_are_bytes_not_commands),
        cmocka_unit_test(a_server_that_comes_back_is_found_again),
    };
    socket_path = redis_server_start();
    if (!socket_path) {
        puts("1..0 # SKIP redis is not installed");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    redis_server_stop();
    return failed;
}
