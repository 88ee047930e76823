/* lib/fcgi with real processes: this program starts itself as a FastCGI program (TEST_FCGI in its environment)
 * and speaks to it as a web server does. */
#include "tests/unit/testing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/fcgi/fcgi.h"
#include "lib/fcgi/inner.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "tests/unit/fcgi/client.h"

enum { PATIENCE_MS = 30000, LOOK_MS = 20, PATH_MAX_HERE = 100, BODY = 200000 };

/* --- the program --- */

static bool exists(const char *dir, const char *name)
{
    char path[PATH_MAX_HERE];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void count_body(struct fcgi_request *rq, char *out, size_t size)
{
    char piece[1000];
    size_t all = 0;
    for (size_t n; (n = fcgi_read(rq, piece, sizeof piece)) > 0;)
        all += n;
    snprintf(out, size, "%zu %s", all, fcgi_is_complete(rq) ? "complete" : "cut");
}

static void serve(struct cx *cx, struct fcgi_request *rq, void *ctx)
{
    const struct conf *conf = ctx;
    const char *query = fcgi_param(rq, "QUERY_STRING");
    char seen[40];
    count_body(rq, seen, sizeof seen);
    if (strcmp(seen + strlen(seen) - 3, "cut") == 0 &&
        file_write(cx, arena_printf(cx->arena, "%s/seen", conf->state_dir), str_of(seen), 0600) != RC_OK)
        abort();
    if (strcmp(query, "die") == 0)
        raise(SIGKILL);
    while (strcmp(query, "hold") == 0 && !exists(conf->state_dir, "go"))
        poll(NULL, 0, LOOK_MS);
    fcgi_printf(rq, "Status: 200 OK\r\n\r\n");
    if (strcmp(query, "count") == 0)
        fcgi_printf(rq, "%s", seen);
    else if (strcmp(query, "long") == 0)
        fcgi_printf(rq, "%0*d", BODY, 7);
    else if (strcmp(query, "absent") == 0)
        fcgi_printf(rq, "%s", fcgi_param(rq, "NOTHING") ? "there" : "absent");
    else
        fcgi_printf(rq, "%ld", (long)getpid());
}

/* One socket served by processes, one by threads. */
static int serve_main(int argc, char **argv)
{
    const struct conf *conf = daemon_start("test_fcgi", argc, argv);
    const struct fcgi_socket sockets[] = {
        {conf->web_socket, conf->web_processes, 0},
        {conf->store_socket, 1, conf->store_threads},
    };
    return fcgi_run(&(struct fcgi_program){
        .sockets = sockets, .socket_count = 2, .ctx = (void *)(uintptr_t)conf, .serve = serve});
}

/* --- the tests' side --- */

static struct cx cx;
static char dir[] = "/tmp/lectern-test-fcgi-XXXXXX";
static char web[PATH_MAX_HERE], store[PATH_MAX_HERE], conf_file[PATH_MAX_HERE], log_file[PATH_MAX_HERE];
static char program[PATH_MAX_HERE]; /* a link to this one, which can be taken away */
static pid_t parent;

static void configure(int processes, int threads)
{
    char *text = arena_printf(cx.arena,
                              "state_dir = %s\nlog_level = error\nweb_socket = %s\nweb_processes = %d\n"
                              "store_socket = %s\nstore_threads = %d\n",
                              dir, web, processes, store, threads);
    assert_ok(file_write(&cx, conf_file, str_of(text), 0600));
}

static bool serves(const char *path)
{
    return client_ask(path, "pid", STR(""))[0] != '\0';
}

#define assert_soon(test)                                                                                    \
    do {                                                                                                     \
        int64_t until = clock_mono() + PATIENCE_MS;                                                          \
        bool met; /* once is enough: of two processes that serve, now this one answers and now that one */   \
        while (!(met = (test)) && clock_mono() < until)                                                      \
            poll(NULL, 0, LOOK_MS);                                                                          \
        assert_true(met);                                                                                    \
    } while (0)

_Noreturn static void be_program(void)
{
    setenv("TEST_FCGI", "1", 1);
    execl(program, program, "-c", conf_file, (char *)NULL);
    _exit(127);
}

static pid_t start(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDERR_FILENO);
        be_program();
    }
    return pid;
}

static int begin(void **state)
{
    (void)state;
    char self[1000] = "";
    configure(3, 4);
    unlink(log_file);
    unlink(program);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0 || symlink(self, program) != 0)
        return -1;
    parent = start();
    int64_t until = clock_mono() + PATIENCE_MS;
    while (!(serves(web) && serves(store)) && clock_mono() < until)
        poll(NULL, 0, LOOK_MS);
    return serves(web) && serves(store) ? 0 : -1;
}

static int end_status(void)
{
    int status = -1;
    if (parent > 0)
        waitpid(parent, &status, 0);
    parent = 0;
    return status;
}

static int finish(void **state)
{
    (void)state;
    if (parent > 0)
        kill(parent, SIGTERM);
    end_status();
    unlink(arena_printf(cx.arena, "%s/go", dir));
    unlink(arena_printf(cx.arena, "%s/seen", dir));
    return 0;
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static pid_t ask_pid(const char *path)
{
    int64_t pid = 0;
    return str_to_i64(str_of(client_ask(path, "pid", STR(""))), 1, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

static void let_go(void)
{
    assert_ok(file_write(&cx, arena_printf(cx.arena, "%s/go", dir), STR(""), 0600));
}

/* The pid that a request answers which was begun before. */
static pid_t answered_by(int fd)
{
    struct buf out;
    int64_t pid = 0;
    buf_init(&out, 100);
    assert_true(client_answer(fd, &out));
    assert_true(str_to_i64(buf_view(&out), 1, INT32_MAX, &pid));
    buf_fini(&out);
    return (pid_t)pid;
}

/* --- requests --- */

static void variables_and_body_arrive(void **state)
{
    (void)state;
    char *body = mem_alloc(BODY);
    const char *const sockets[] = {web, store};
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(client_ask(sockets[i], "count", STR("")), "0 complete");
        assert_string_equal(client_ask(sockets[i], "count", STR("hello")), "5 complete");
        assert_string_equal(client_ask(sockets[i], "count", (struct str){body, BODY}), "200000 complete");
        assert_string_equal(client_ask(sockets[i], "absent", STR("")), "absent");
        assert_int_equal(strlen(client_ask(sockets[i], "long", STR(""))), BODY);
    }
    free(body);
}

/* A web server that dies, or gives the client up, in the middle of a body. */
static void broken_body_is_no_end(void **state)
{
    (void)state;
    int fd = client_begin(store, "count");
    client_send(fd, "some", 4);
    close(fd);
    assert_soon(exists(dir, "seen"));
    struct str seen;
    assert_ok(file_read(&cx, arena_printf(cx.arena, "%s/seen", dir), 100, &seen));
    assert_string_equal(seen.p, "4 cut");
}

static void what_is_no_request_does_no_harm(void **state)
{
    (void)state;
    static const char *const noise[] = {"GET / HTTP/1.1\r\n\r\n", "", "\1\1", "\1\4\0\1\0\4\0\0abcd"};
    for (size_t i = 0; i < 2 * sizeof noise / sizeof *noise; i++) {
        int fd = client_begin(i % 2 ? web : store, "pid");
        assert_true(fd >= 0);
        (void)!write(fd, noise[i / 2], strlen(noise[i / 2]));
        close(fd);
    }
    assert_true(serves(web));
    assert_true(serves(store));
}

static void plain_cgi_answers_one_request(void **state)
{
    (void)state;
    char answer[100] = "";
    int in[2], out[2], status = -1;
    assert_int_equal(pipe(in) | pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        setenv("REQUEST_METHOD", "POST", 1);
        setenv("QUERY_STRING", "count", 1);
        be_program();
    }
    assert_int_equal(write(in[1], "hello", 5), 5);
    close(in[1]);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_true(read(out[0], answer, sizeof answer - 1) > 0);
    assert_string_equal(answer, "Status: 200 OK\r\n\r\n5 complete");
    close(in[0]);
    close(out[0]);
    close(out[1]);
}

/* --- sockets --- */

static void socket_takes_the_place_of_a_left_one(void **state)
{
    (void)state;
    struct listener one = {.fd = -1}, two = {.fd = -1};
    struct stat st;
    assert_ok(listener_open(&cx, web, &one));
    assert_ok(listener_open(&cx, web, &two));
    assert_int_equal(stat(web, &st), 0);
    assert_int_equal(st.st_mode, S_IFSOCK | 0660);
    assert_false(exists(dir, "web.sock.new"));
    listener_close(&one);
    assert_int_equal(access(web, F_OK), 0); /* it is not the first one's any more */
    listener_close(&two);
    assert_int_not_equal(access(web, F_OK), 0);
    listener_close(&two);
}

static void socket_that_cannot_be_is_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"/nowhere/at/all.sock", "127.0.0.1:nothing", "192.0.2.1:9"};
    struct listener l = {.fd = -1};
    char *far = arena_printf(cx.arena, "/tmp/%0100d", 1);
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        const char *address = i < sizeof bad / sizeof *bad ? bad[i] : far;
        assert_rc(listener_open(&cx, address, &l), RC_UNAVAIL);
        assert_non_null(strstr(cx.err.detail, address));
        assert_int_equal(l.fd, -1);
        err_clear(&cx);
    }
}

static void socket_may_be_a_host(void **state)
{
    (void)state;
    struct listener l = {.fd = -1};
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    assert_ok(listener_open(&cx, "127.0.0.1:0", &l));
    assert_int_equal(getsockname(l.fd, (struct sockaddr *)&at, &n), 0);
    assert_int_equal(at.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    listener_close(&l);
}

/* --- processes --- */

static void busy_processes_hold_up_nobody(void **state)
{
    (void)state;
    int held[3];
    for (int i = 0; i < 3; i++) {
        held[i] = client_begin(i < 2 ? web : store, "hold");
        client_finish(held[i]);
    }
    pid_t free_one = ask_pid(web), threads = ask_pid(store);
    assert_true(free_one > 0 && threads > 0 && threads != parent && free_one != parent);
    let_go();
    pid_t a = answered_by(held[0]), b = answered_by(held[1]);
    assert_true(a != b && a != free_one && b != free_one);
    assert_int_equal(answered_by(held[2]), threads);
}

/* More connections than threads: the rest waits, and all are answered. */
static void full_threads_answer_later(void **state)
{
    (void)state;
    int held[10];
    for (int i = 0; i < 10; i++) {
        held[i] = client_begin(store, "hold");
        client_finish(held[i]);
    }
    let_go();
    for (int i = 0; i < 10; i++)
        assert_true(answered_by(held[i]) > 0);
}

static void dead_process_is_started_again(void **state)
{
    (void)state;
    const char *const sockets[] = {web, store};
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(client_ask(sockets[i], "die", STR("")), "");
        assert_soon(serves(sockets[i]));
    }
    /* all three: each is held once */
    int held[3];
    for (int i = 0; i < 3; i++) {
        held[i] = client_begin(web, "hold");
        client_finish(held[i]);
    }
    let_go();
    pid_t a = answered_by(held[0]), b = answered_by(held[1]), c = answered_by(held[2]);
    assert_true(a > 0 && b > 0 && c > 0);
}

static void stop_signal_ends_all(void **state)
{
    (void)state;
    pid_t child = ask_pid(web), threads = ask_pid(store);
    int silent = client_begin(store, "count"); /* its body never ends */
    client_send(silent, "some", 4);
    kill(parent, SIGTERM);
    int status = end_status();
    assert_int_equal(status, 0);
    assert_true(is_gone(child) && is_gone(threads));
    assert_false(exists(dir, "web.sock") || exists(dir, "store.sock"));
    close(silent);
}

static void killed_parent_leaves_nobody(void **state)
{
    (void)state;
    pid_t child = ask_pid(web), threads = ask_pid(store);
    kill(parent, SIGKILL);
    end_status();
    assert_soon(is_gone(child) && is_gone(threads));
    parent = start(); /* on the sockets that were left */
    assert_soon(serves(web) && serves(store));
}

/* --- the next program --- */

static int count_of(const char *path)
{
    DIR *d = opendir(path);
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static int descriptors(void)
{
    return count_of(arena_printf(cx.arena, "/proc/%ld/fd", (long)parent));
}

static int children(void)
{
    int n = 0, pid;
    FILE *f = fopen(arena_printf(cx.arena, "/proc/%ld/task/%ld/children", (long)parent, (long)parent), "re");
    assert_non_null(f);
    while (fscanf(f, "%d", &pid) == 1)
        n++;
    fclose(f);
    return n;
}

static bool has_logged(const char *words)
{
    struct str text;
    return file_read(&cx, log_file, 1 << 20, &text) == RC_OK && strstr(text.p, words);
}

static void no_request_fails_while_it_is_renewed(void **state)
{
    (void)state;
    int before = descriptors();
    for (int i = 0; i < 3; i++) {
        pid_t old_web = ask_pid(web), old_store = ask_pid(store);
        kill(parent, SIGHUP);
        for (bool over = false; !over;) {
            pid_t a = ask_pid(web), b = ask_pid(store);
            assert_true(a > 0 && b > 0);
            over = is_gone(old_web) && is_gone(old_store);
        }
    }
    assert_soon(children() == 4);
    assert_int_equal(descriptors(), before);
    kill(ask_pid(web), SIGHUP); /* to a process it says nothing */
    assert_true(serves(web));
}

static void requests_end_in_their_own_process(void **state)
{
    (void)state;
    const char *const sockets[] = {web, store};
    int held[2], reading[2];
    for (int i = 0; i < 2; i++) {
        held[i] = client_begin(sockets[i], "hold");
        client_finish(held[i]);
        reading[i] = client_begin(sockets[i], "count");
        client_send(reading[i], "half ", 5);
    }
    pid_t old_store = ask_pid(store), old_web = ask_pid(web);
    kill(parent, SIGHUP);
    assert_soon(is_gone(old_web) && ask_pid(store) != old_store);
    assert_false(is_gone(old_store));
    for (int i = 0; i < 2; i++) {
        struct buf out;
        client_send(reading[i], "whole", 5);
        client_finish(reading[i]);
        buf_init(&out, 100);
        assert_true(client_answer(reading[i], &out));
        assert_string_equal(out.p, "10 complete");
        buf_fini(&out);
    }
    let_go();
    answered_by(held[0]);
    assert_int_equal(answered_by(held[1]), old_store);
    assert_soon(children() == 4);
}

static void stop_signal_ends_old_processes(void **state)
{
    (void)state;
    int silent = client_begin(store, "count");
    client_send(silent, "some", 4);
    pid_t old_store = ask_pid(store);
    kill(parent, SIGHUP);
    assert_soon(ask_pid(store) != old_store);
    assert_false(is_gone(old_store));
    kill(parent, SIGTERM);
    assert_int_equal(end_status(), 0);
    assert_true(is_gone(old_store));
    close(silent);
}

static void what_cannot_start_takes_nothing_over(void **state)
{
    (void)state;
    pid_t old = ask_pid(store);
    assert_ok(file_write(&cx, conf_file, STR("colour = red\n"), 0600));
    kill(parent, SIGHUP);
    assert_soon(has_logged("cannot start: what runs goes on") && has_logged("unknown key `colour`"));
    assert_int_equal(ask_pid(store), old);
    assert_true(serves(web));
    configure(3, 4);
    unlink(program);
    kill(parent, SIGHUP);
    assert_soon(has_logged("cannot be run"));
    assert_int_equal(ask_pid(store), old);
    assert_true(serves(web));
}

static void numbers_and_sockets_may_change(void **state)
{
    (void)state;
    char *moved = arena_printf(cx.arena, "%s/moved.sock", dir);
    pid_t old = ask_pid(web);
    unlink(store); /* by somebody who cleaned up */
    configure(1, 2);
    struct str text;
    assert_ok(file_read(&cx, conf_file, 4096, &text));
    char *at = strstr(text.p, "web.sock");
    assert_non_null(at);
    text = str_of(arena_printf(cx.arena, "%.*smoved.sock%s", (int)(at - text.p), text.p, at + 8));
    assert_ok(file_write(&cx, conf_file, text, 0600));
    kill(parent, SIGHUP);
    assert_soon(serves(moved) && serves(store) && is_gone(old) && children() == 2);
    assert_soon(!exists(dir, "web.sock"));
}

static void signals_in_a_row_do_no_harm(void **state)
{
    (void)state;
    pid_t old = ask_pid(store);
    for (int i = 0; i < 20; i++) {
        kill(parent, SIGHUP);
        assert_true(serves(web));
    }
    assert_soon(ask_pid(store) != old && is_gone(old) && children() == 4);
    assert_int_equal(kill(parent, 0), 0);
    assert_true(serves(web));
}

static int setup(void **state)
{
    (void)state;
    cx_init(&cx);
    log_open("test", "", LOG_ERROR);
    if (!mkdtemp(dir))
        return -1;
    snprintf(web, sizeof web, "%s/web.sock", dir);
    snprintf(store, sizeof store, "%s/store.sock", dir);
    snprintf(conf_file, sizeof conf_file, "%s/lectern.conf", dir);
    snprintf(log_file, sizeof log_file, "%s/log", dir);
    snprintf(program, sizeof program, "%s/program", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    enum rc rc = file_remove_tree(&cx, dir);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : -1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(variables_and_body_arrive, begin, finish),
        cmocka_unit_test_setup_teardown(broken_body_is_no_end, begin, finish),
        cmocka_unit_test_setup_teardown(what_is_no_request_does_no_harm, begin, finish),
        cmocka_unit_test_setup_teardown(plain_cgi_answers_one_request, begin, finish),
        cmocka_unit_test(socket_takes_the_place_of_a_left_one),
        cmocka_unit_test(socket_that_cannot_be_is_named),
        cmocka_unit_test(socket_may_be_a_host),
        cmocka_unit_test_setup_teardown(busy_processes_hold_up_nobody, begin, finish),
        cmocka_unit_test_setup_teardown(full_threads_answer_later, begin, finish),
        cmocka_unit_test_setup_teardown(dead_process_is_started_again, begin, finish),
        cmocka_unit_test_setup_teardown(stop_signal_ends_all, begin, finish),
        cmocka_unit_test_setup_teardown(killed_parent_leaves_nobody, begin, finish),
        cmocka_unit_test_setup_teardown(no_request_fails_while_it_is_renewed, begin, finish),
        cmocka_unit_test_setup_teardown(requests_end_in_their_own_process, begin, finish),
        cmocka_unit_test_setup_teardown(stop_signal_ends_old_processes, begin, finish),
        cmocka_unit_test_setup_teardown(what_cannot_start_takes_nothing_over, begin, finish),
        cmocka_unit_test_setup_teardown(numbers_and_sockets_may_change, begin, finish),
        cmocka_unit_test_setup_teardown(signals_in_a_row_do_no_harm, begin, finish),
    };
    if (getenv("TEST_FCGI"))
        return serve_main(argc, argv);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
