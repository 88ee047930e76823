#include "lib/svc/people/password.h"

#include <argon2.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/os/conf.h"

enum {
    MEMORY_KIB = 19 * 1024,
    PASSES = 2,
    LANES = 1,
    SALT_SIZE = 16,
    HASH_SIZE = 32,
    ENCODED_SIZE = 160,
    POLL_MS = 10
};

/* The hash that is checked if there is no password, so that the time of the answer does not tell. */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LXNhbHQtMTIzNA$"
                             "Zm9yIG5vYm9keTogbmV2ZXIgZXF1YWwgdG8gYSBoYXM";

/* --- turns: a file lock per place, which a crash lets go of --- */

static int open_place(struct cx *cx, int place)
{
    const char *path = arena_printf(cx->arena, "%s/password-%d.lock", cx->conf->run_dir, place);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0)
        (void)fchmod(fd, 0666); /* lecternctl may run as another user than the daemons */
    return fd;
}

/* *fd: closing it ends the turn; -1 without a run_dir for the locks (tests, a first start): then nobody
 * waits. */
static enum rc turn_begin(struct cx *cx, int *fd)
{
    int64_t until = clock_mono() + PASSWORD_WAIT_MS;
    struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    *fd = -1;
    if (!cx->conf)
        return RC_OK;
    for (;; nanosleep(&pause, NULL)) {
        for (int place = 0; place < PASSWORD_AT_ONCE; place++) {
            int f = open_place(cx, place);
            if (f < 0) {
                LOG(DEBUG, cx, "no turns for passwords", F_TEXT("run_dir", cx->conf->run_dir));
                return RC_OK;
            }
            if (flock(f, LOCK_EX | LOCK_NB) == 0) {
                *fd = f;
                return RC_OK;
            }
            close(f);
        }
        if (clock_mono() > until)
            return err_set(cx, RC_UNAVAIL, NULL, "busy", "no turn for a password within %d ms",
                           PASSWORD_WAIT_MS);
    }
}

static void turn_end(int fd)
{
    if (fd >= 0)
        close(fd);
}

enum rc password_hash(struct cx *cx, const char *password, char **encoded)
{
    unsigned char salt[SALT_SIZE];
    char *text = arena_alloc(cx->arena, ENCODED_SIZE);
    int fd = -1;
    enum rc rc = turn_begin(cx, &fd);
    if (rc != RC_OK)
        return rc;
    rand_bytes(salt, sizeof salt);
    int got = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt, sizeof salt,
                                    HASH_SIZE, text, ENCODED_SIZE);
    turn_end(fd);
    if (got != ARGON2_OK)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "argon2: %s", argon2_error_message(got));
    *encoded = text;
    return RC_OK;
}

enum rc password_verify(struct cx *cx, const char *encoded, const char *password, bool *right)
{
    int fd = -1;
    enum rc rc = turn_begin(cx, &fd);
    if (rc != RC_OK)
        return rc;
    int got = argon2id_verify(encoded ? encoded : NOBODY, password, strlen(password));
    turn_end(fd);
    if (got != ARGON2_OK && got != ARGON2_VERIFY_MISMATCH)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "argon2: %s", argon2_error_message(got));
    *right = encoded && got == ARGON2_OK;
    return RC_OK;
}
