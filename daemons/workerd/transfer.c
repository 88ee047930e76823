#include "daemons/workerd/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/base/str.h"
#include "lib/os/daemon.h"

enum {
    PATIENCE_MS = 10 * 60 * 1000, /* without any progress */
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 20 * 1000,
    SLICE_MS = 200,
    HASH_CHUNK = 1 << 18,
    HASH_BYTES = 32,
    DISK_LEAST = 1024 * 1024
};

struct watch {
    const struct transfer *t;
    int64_t most; /* bytes seen; more than before is progress */
};

static bool on_progress(void *arg, int64_t done, int64_t total)
{
    struct watch *w = arg;
    if (done > w->most)
        w->most = done;
    if (w->t->progress)
        w->t->progress(w->t->arg, done, total);
    return !atomic_load(w->t->stop);
}

/* Waits before the next try, with jitter so that many workers do not come back at once. False: stopped. */
static bool wait_again(const struct transfer *t, int tries)
{
    int64_t ms = FIRST_WAIT_MS;
    for (int i = 1; i < tries && ms < LONGEST_WAIT_MS; i++)
        ms *= 2;
    ms = ms / 2 + (int64_t)rand_below((uint32_t)ms);
    for (int64_t end = clock_mono() + ms; clock_mono() < end;) {
        if (atomic_load(t->stop))
            return false;
        daemon_pause(SLICE_MS);
    }
    return !atomic_load(t->stop);
}

static enum rc refused(struct cx *cx, const struct http_response *rs)
{
    enum rc rc = rs->status == 404                        ? RC_NOTFOUND
                 : rs->status == 507 || rs->status == 413 ? RC_TOOBIG
                                                          : RC_DENIED;
    return err_set(cx, rc, NULL, NULL, "the store answered %d: %.*s", rs->status,
                   (int)(rs->body.n < 200 ? rs->body.n : 200), rs->body.p ? rs->body.p : "");
}

int64_t transfer_room(const char *path)
{
    struct statvfs v;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder)
        *slash = '\0';
    return statvfs(folder, &v) == 0 ? (int64_t)v.f_bavail * (int64_t)v.f_frsize : 0;
}

/* True while trying again can help. Statuses that say "not now" and lost connections do. */
static bool passing(enum rc rc, const struct http_response *rs)
{
    if (rc != RC_OK)
        return rc == RC_UNAVAIL || rc == RC_TIMEOUT;
    return rs->status == 408 || rs->status == 429 || (rs->status >= 500 && rs->status != 507);
}

enum rc transfer_get(struct cx *cx, const struct transfer *t, const char *path, int64_t size)
{
    struct watch w = {.t = t};
    struct http_request rq = {.url = t->url, .bearer = t->token, .progress = on_progress, .progress_arg = &w};
    int64_t since = clock_mono(), seen = 0;
    for (int tries = 1;; tries++) {
        struct http_response rs = {0};
        err_clear(cx);
        enum rc rc = http_get_file(cx, t->http, &rq, path, size, &rs);
        if (rc == RC_OK && (rs.status == 200 || rs.status == 206))
            return RC_OK;
        if (atomic_load(t->stop))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
        if (!passing(rc, &rs))
            return rc != RC_OK ? rc : refused(cx, &rs);
        if (w.most > seen) {
            seen = w.most;
            since = clock_mono();
            tries = 1;
        }
        if (clock_mono() - since > PATIENCE_MS || transfer_room(path) < DISK_LEAST)
            return rc != RC_OK ? rc : refused(cx, &rs);
        if (!wait_again(t, tries))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
    }
}

enum rc transfer_put(struct cx *cx, const struct transfer *t, const char *path, const char *sha256)
{
    unsigned char digest[HASH_BYTES];
    if (!str_hex_decode(str_of(sha256), digest, sizeof digest))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "bad digest of %s", path);
    const char *headers[] = {
        arena_printf(cx->arena, "Repr-Digest: sha-256=:%s:", str_b64(cx->arena, digest, sizeof digest)),
        NULL};
    struct watch w = {.t = t};
    struct http_request rq = {.method = "PUT",
                              .url = t->url,
                              .bearer = t->token,
                              .headers = headers,
                              .content_type = "application/octet-stream",
                              .progress = on_progress,
                              .progress_arg = &w};
    int64_t since = clock_mono();
    for (int tries = 1;; tries++) {
        struct http_response rs = {0};
        err_clear(cx);
        enum rc rc = http_send_file(cx, t->http, &rq, path, 0, -1, &rs);
        if (rc == RC_OK && rs.status >= 200 && rs.status < 300)
            return RC_OK;
        if (atomic_load(t->stop))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
        if (!passing(rc, &rs) || clock_mono() - since > PATIENCE_MS)
            return rc != RC_OK ? rc : refused(cx, &rs);
        LOG(WARN, cx, "artifact not taken, trying again", F_NUM("status", rs.status), F_NUM("tries", tries));
        if (!wait_again(t, tries))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
    }
}

enum rc transfer_check(struct cx *cx, const char *path, const char *sha256)
{
    unsigned char digest[EVP_MAX_MD_SIZE], want[HASH_BYTES];
    char *chunk = arena_alloc(cx->arena, HASH_CHUNK);
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = fd >= 0 && md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    while (ok && (n = read(fd, chunk, HASH_CHUNK)) > 0)
        ok = EVP_DigestUpdate(md, chunk, (size_t)n) == 1;
    ok = ok && n == 0 && EVP_DigestFinal_ex(md, digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    if (fd >= 0)
        close(fd);
    if (!ok)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "%s cannot be read again: %s", path, strerror(errno));
    if (!str_hex_decode(str_of(sha256), want, sizeof want) || memcmp(want, digest, sizeof want) != 0)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "%s is not what was announced", path);
    return RC_OK;
}
