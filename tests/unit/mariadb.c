#include "tests/unit/mariadb.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/db/db.h"

extern char **environ;

enum { PATH_SIZE = 96, START_MS = 60000, WORDS_MAX = 24 };

struct mariadb {
    char dir[PATH_SIZE], socket[PATH_SIZE + 16], init[PATH_SIZE + 16], data[PATH_SIZE + 16];
    pid_t pid;     /* 0: not running */
    unsigned port; /* 0: socket only */
    char pem[PATH_SIZE + 16];
};

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "private MariaDB: %s: %s\n", what, strerror(errno));
    exit(1);
}

static const char *find_program(const char *name)
{
    static const char *const dirs[] = {"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"};
    static char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        snprintf(path, sizeof path, "%s/%s", dirs[i], name);
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

void mariadb_network(struct mariadb *m, unsigned port, const char *pem)
{
    m->port = port;
    snprintf(m->pem, sizeof m->pem, "%s", pem ? pem : "");
}

/* Its output goes to `log` in the folder. */
static pid_t run(const struct mariadb *m, const char *const *words)
{
    char log[PATH_SIZE + 16];
    char *argv[WORDS_MAX + 1] = {0};
    pid_t pid = 0;
    posix_spawn_file_actions_t files;
    for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
        argv[i] = mem_strdup(words[i]);
    snprintf(log, sizeof log, "%s/log", m->dir);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    if (posix_spawn(&pid, argv[0], &files, NULL, argv, environ) != 0)
        die(argv[0]);
    posix_spawn_file_actions_destroy(&files);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    return pid;
}

/* Needed for root; for other users it is the default. */
static const char *user_option(void)
{
    return geteuid() == 0 ? "--user=root" : "--skip-external-locking";
}

static void show_log(const struct mariadb *m)
{
    char path[PATH_SIZE + 16], line[512];
    snprintf(path, sizeof path, "%s/log", m->dir);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        fprintf(stderr, "# %s", line);
    if (f)
        fclose(f);
}

static bool answers(const struct mariadb *m)
{
    struct cx cx;
    test_cx_init(&cx, m);
    bool up = db_ping(&cx) == RC_OK;
    test_cx_fini(&cx);
    return up;
}

void mariadb_again(struct mariadb *m)
{
    char socket[PATH_SIZE + 32], data[PATH_SIZE + 32], init[PATH_SIZE + 32], pid_file[PATH_SIZE + 32];
    char program[PATH_SIZE];
    snprintf(program, sizeof program, "%s", find_program("mariadbd"));
    snprintf(socket, sizeof socket, "--socket=%s", m->socket);
    snprintf(data, sizeof data, "--datadir=%s", m->data);
    snprintf(init, sizeof init, "--init-file=%s", m->init);
    snprintf(pid_file, sizeof pid_file, "--pid-file=%s/pid", m->dir);
    char port[PATH_SIZE], cert[PATH_SIZE + 32], key[PATH_SIZE + 32];
    snprintf(port, sizeof port, m->port ? "--port=%u" : "--skip-networking", m->port);
    snprintf(cert, sizeof cert, "--ssl-cert=%s", m->pem);
    snprintf(key, sizeof key, "--ssl-key=%s", m->pem);
    m->pid = run(m, (const char *const[]){program,
                                          "--no-defaults",
                                          user_option(),
                                          socket,
                                          data,
                                          init,
                                          pid_file,
                                          port,
                                          "--bind-address=127.0.0.1,127.0.0.2",
                                          "--tmpdir=/tmp",
                                          "--innodb-buffer-pool-size=48M",
                                          "--innodb-log-file-size=16M",
                                          "--innodb-flush-log-at-trx-commit=2",
                                          "--innodb-fast-shutdown=2",
                                          "--character-set-server=utf8mb4",
                                          "--skip-name-resolve",
                                          "--performance-schema=OFF",
                                          m->pem[0] ? cert : NULL,
                                          key,
                                          NULL});
    int64_t until = clock_mono() + START_MS;
    struct timespec pause = {.tv_nsec = 20000000};
    while (!answers(m)) {
        if (clock_mono() > until || waitpid(m->pid, NULL, WNOHANG) != 0) {
            show_log(m);
            die("does not answer");
        }
        nanosleep(&pause, NULL);
    }
}

static void install(const struct mariadb *m)
{
    char data[PATH_SIZE + 32];
    int status = 0;
    const char *program = find_program("mariadb-install-db");
    if (!program)
        die("no mariadb-install-db");
    snprintf(data, sizeof data, "--datadir=%s", m->data);
    pid_t pid = run(m, (const char *const[]){program, "--no-defaults", user_option(), data,
                                             "--auth-root-authentication-method=normal", "--skip-test-db",
                                             "--skip-name-resolve", "--innodb-log-file-size=16M", NULL});
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        show_log(m);
        die("mariadb-install-db");
    }
}

struct mariadb *mariadb_start(void)
{
    if (!find_program("mariadbd"))
        return NULL;
    struct mariadb *m = mem_alloc(sizeof *m);
    snprintf(m->dir, sizeof m->dir, "/tmp/lectern-db-XXXXXX");
    if (!mkdtemp(m->dir))
        die("mkdtemp");
    snprintf(m->socket, sizeof m->socket, "%s/sock", m->dir);
    snprintf(m->data, sizeof m->data, "%s/data", m->dir);
    snprintf(m->init, sizeof m->init, "%s/init.sql", m->dir);
    FILE *f = fopen(m->init, "we");
    if (!f ||
        fputs("CREATE DATABASE IF NOT EXISTS lectern CHARACTER SET utf8mb4;\n"
              "CREATE USER IF NOT EXISTS open@'127.0.0.1';\nGRANT ALL ON lectern.* TO open@'127.0.0.1';\n"
              "CREATE USER IF NOT EXISTS sealed@'127.0.0.1';\n"
              "GRANT ALL ON lectern.* TO sealed@'127.0.0.1' REQUIRE SSL;\n",
              f) == EOF ||
        fclose(f) != 0)
        die(m->init);
    install(m);
    mariadb_again(m);
    return m;
}

void mariadb_kill(struct mariadb *m)
{
    kill(m->pid, SIGKILL);
    waitpid(m->pid, NULL, 0);
    m->pid = 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void mariadb_stop(struct mariadb *m)
{
    if (!m)
        return;
    if (m->pid)
        mariadb_kill(m);
    nftw(m->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(m);
}

const char *mariadb_socket(const struct mariadb *m)
{
    return m->socket;
}

void test_cx_init(struct cx *cx, const struct mariadb *m)
{
    cx_init(cx);
    cx->db = db_new(&(struct db_options){.socket = m->socket, .user = "root", .name = "lectern"});
}

void test_cx_fini(struct cx *cx)
{
    db_free(cx->db);
    cx->db = NULL;
    cx_fini(cx);
}

const char *test_schema_dir(void)
{
    return TEST_SRCDIR "/sql/schema";
}

void test_migrate(struct cx *cx)
{
    if (shown(cx, db_migrate(cx, test_schema_dir(), NULL)) != RC_OK)
        exit(1);
}

enum rc shown(struct cx *cx, enum rc rc)
{
    if (rc != RC_OK)
        fprintf(stderr, "# %s %s %s: %s\n", rc_name(rc), cx->err.field ? cx->err.field : "-",
                cx->err.key ? cx->err.key : "-", cx->err.detail ? cx->err.detail : "");
    return rc;
}
