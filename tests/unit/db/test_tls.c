/* The database over the network: TLS with a certificate that is verified, or no connection. MariaDB listens
 * on two addresses; its certificate names one of them. */
#include "tests/unit/testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "tests/unit/mariadb.h"

extern char **environ;

enum { PATH_SIZE = 80 };

static struct mariadb *server;
static unsigned port;
static char dir[] = "/tmp/lectern-tls-XXXXXX", pem[PATH_SIZE], other[PATH_SIZE];

/* Runs a program with its output in a file. */
static void run(const char *const *words, const char *path)
{
    char *argv[32] = {0};
    pid_t pid = 0;
    int status = 0;
    posix_spawn_file_actions_t files;
    for (size_t i = 0; words[i]; i++)
        argv[i] = mem_strdup(words[i]);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (posix_spawnp(&pid, argv[0], &files, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid ||
        status != 0) {
        fprintf(stderr, "%s failed\n", words[0]);
        exit(1);
    }
    posix_spawn_file_actions_destroy(&files);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
}

/* A key, and after it a certificate for 127.0.0.1 that is its own authority. */
static void make_certificate(const char *path)
{
    run((const char *const[]){"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                              NULL},
        path);
    run((const char *const[]){"openssl", "req", "-x509", "-key", path, "-days", "2", "-subj", "/CN=database",
                              "-addext", "subjectAltName=IP:127.0.0.1", NULL},
        path);
}

static unsigned free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&a, n) || getsockname(fd, (struct sockaddr *)&a, &n))
        abort();
    close(fd);
    return ntohs(a.sin_port);
}

/* Connects as lectern.conf says; the failure's detail goes to `detail`. */
static enum rc try(const char *host, const char *user, const char *more, char *detail, size_t size)
{
    struct cx cx;
    struct conf conf;
    cx_init(&cx);
    const char *text = arena_printf(
        cx.arena, "database_host = %s\ndatabase_port = %u\ndatabase_user = %s\n%s\n", host, port, user, more);
    assert_ok(conf_parse(&cx, "test", str_of(text), &conf));
    cx.db = db_new_conf(&conf);
    enum rc rc = db_ping(&cx);
    uint64_t before = db_count(&cx);
    for (int i = 0; rc == RC_OK && i < 3; i++)
        assert_ok(db_ping(&cx));
    assert_true(db_count(&cx) == before); /* the link was kept: a new one sets up its session */
    snprintf(detail, size, "%s", rc == RC_OK ? "" : cx.err.detail);
    test_cx_fini(&cx);
    return rc;
}

static char trusted[PATH_SIZE * 2], detail[512];

static void works(const char *host, const char *user, const char *more)
{
    enum rc rc = try(host, user, more, detail, sizeof detail);
    if (rc != RC_OK)
        print_message("# %s\n", detail);
    assert_ok(rc);
}

static void fails(const char *host, const char *user, const char *more, const char *word)
{
    assert_rc(try(host, user, more, detail, sizeof detail), RC_UNAVAIL);
    if (!strstr(detail, word))
        fail_msg("%s", detail);
}

static void with_the_right_certificate(void **state)
{
    (void)state;
    works("127.0.0.1", "sealed", trusted); /* an account that the server admits with TLS only */
}

static void never_with_another(void **state)
{
    (void)state;
    fails("127.0.0.1", "open", "", "certificate");
    char more[PATH_SIZE * 2];
    snprintf(more, sizeof more, "database_ca_file = %s", other);
    fails("127.0.0.1", "open", more, "certificate");
    fails("127.0.0.1", "open", "database_ca_file = /nowhere.pem", "TLS/SSL");
}

static void never_under_another_name(void **state)
{
    (void)state;
    fails("127.0.0.2", "open", trusted, "ertificate");
}

static void plain_if_it_is_said(void **state)
{
    (void)state;
    works("127.0.0.1", "open", "database_tls = 0");
    fails("127.0.0.1", "sealed", "database_tls = 0", "denied");
}

static void a_server_without_tls_is_refused(void **state)
{
    (void)state;
    mariadb_kill(server);
    mariadb_network(server, port, NULL);
    mariadb_again(server);
    fails("127.0.0.1", "open", trusted, "TLS/SSL");
    works("127.0.0.1", "open", "database_tls = 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_the_right_certificate),      cmocka_unit_test(never_with_another),
        cmocka_unit_test(never_under_another_name),        cmocka_unit_test(plain_if_it_is_said),
        cmocka_unit_test(a_server_without_tls_is_refused),
    };
    server = mariadb_start();
    if (!server) {
        puts("1..0 # SKIP mariadbd is not installed");
        return 0;
    }
    if (!mkdtemp(dir))
        return 1;
    snprintf(pem, sizeof pem, "%s/one.pem", dir);
    snprintf(other, sizeof other, "%s/two.pem", dir);
    snprintf(trusted, sizeof trusted, "database_ca_file = %s", pem);
    make_certificate(pem);
    make_certificate(other);
    port = free_port();
    mariadb_kill(server);
    mariadb_network(server, port, pem);
    mariadb_again(server);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mariadb_stop(server);
    unlink(pem);
    unlink(other);
    rmdir(dir);
    return failed;
}
