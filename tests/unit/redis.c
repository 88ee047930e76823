#include "tests/unit/redis.h"

#include "tests/unit/testing.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/net/redis.h"

extern char **environ;

static char dir[] = "/tmp/lectern-redis-XXXXXX";
static char socket_path[64];
static pid_t server;
/* The same program has two names; redis-tools has only the second, and argv[0] decides what it does. */
static const char *program = "/usr/bin/redis-server";

void redis_server_again(void)
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
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    fail_msg("redis-server does not answer");
}

void redis_server_kill(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
}

const char *redis_server_start(void)
{
    if (access(program, X_OK) != 0)
        program = "/usr/bin/redis-check-rdb";
    if (access(program, X_OK) != 0)
        return NULL;
    signal(SIGPIPE, SIG_IGN);
    assert_non_null(mkdtemp(dir));
    snprintf(socket_path, sizeof socket_path, "%s/sock", dir);
    redis_server_again();
    return socket_path;
}

void redis_server_stop(void)
{
    redis_server_kill();
    rmdir(dir);
}
