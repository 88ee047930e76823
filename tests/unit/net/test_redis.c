/* lib/net/redis and the rate limits on it, with a real redis-server of our own: counters shared by two
 * connections, a server that goes away and comes back. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/redis.h"

extern char **environ;

static char dir[] = "/tmp/lectern-redis-XXXXXX";
static char socket_path[64];
static pid_t server;
/* The same program under two names: redis-tools alone has the second, and argv[0] decides what it is. */
static const char *program = "/usr/bin/redis-server";

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void server_start(void)
{
    char name[] = "redis-server", port[] = "--port", zero[] = "0", sock[] = "--unixsocket", save[] = "--save",
         none[] = "", folder[] = "--dir", level[] = "--loglevel", warning[] = "warning";
    char *argv[] = {name, port, zero, sock, socket_path, save, none, folder, dir, level, warning, NULL};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawn(&server, program, &files, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    for (int i = 0; i < 500; i++) {
        struct redis *r = redis_new(socket_path, NULL, 0);
        enum rc rc = redis_ping(r);
        redis_free(r);
        if (rc == RC_OK)
            return;
        pause_ms(20);
    }
    fail_msg("redis-server does not answer");
}

static void server_kill(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
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
    server_kill();
    assert_rc(redis_count(r, "x", 60, &n), RC_UNAVAIL);
    int64_t from = clock_mono();
    for (int i = 0; i < 1000; i++)
        assert_rc(redis_count(r, "x", 60, &n), RC_UNAVAIL);
    assert_true(clock_mono() - from < 500); /* a thousand failures cost nothing */
    server_start();
    pause_ms(1100);
    assert_ok(redis_count(r, "x", 60, &n));
    /* started anew while the link rested: the first question already gets its answer */
    server_kill();
    server_start();
    assert_ok(redis_count(r, "x", 60, &n));
    redis_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_shared_and_expire),
        cmocka_unit_test(keys_are_bytes_not_commands),
        cmocka_unit_test(a_server_that_comes_back_is_found_again),
    };
    if (access(program, X_OK) != 0)
        program = "/usr/bin/redis-check-rdb";
    if (access(program, X_OK) != 0) {
        puts("1..0 # SKIP redis is not installed");
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(dir))
        return 1;
    snprintf(socket_path, sizeof socket_path, "%s/sock", dir);
    server_start();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    server_kill();
    rmdir(dir);
    return failed;
}
