#include "daemons/workerd/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/str.h"

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

/* Waits before the next try. False: stopped. */
static bool wait_again(const struct transfer *t, int tries)
{
    for (int64_t end = clock_mono() + backoff_ms(tries, FIRST_WAIT_MS, LONGEST_WAIT_MS);
         clock_mono() < end;) {
        if (atomic_load(t->stop))
            return false;
        usleep(SLICE_MS * 1000); /* not daemon_pause: it no longer waits once the program is stopping */
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

/* True if another attempt can help: after lost connections, and statuses that mean "not now". */
static bool passing(enum rc rc, const struct http_response *rs)
{
    if (rc != RC_OK)
        return rc == RC_UNAVAIL || rc == RC_TIMEOUT;
    return rs->status == 408 || rs->status == 429 || (rs->status >= 500 && rs->status != 507);
}

/* The digest of a file, computed while it arrives. */
struct digest {
    EVP_MD_CTX *md;
    int64_t at; /* bytes that are in it; -1: it missed some */
};

static void digest_begin(struct digest *d)
{
    d->at = EVP_DigestInit_ex(d->md, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

static void on_piece(void *arg, int64_t at, const char *p, size_t n)
{
    struct digest *d = arg;
    if (at == 0)
        digest_begin(d);
    if (at != d->at || EVP_DigestUpdate(d->md, p, n) != 1)
        d->at = -1;
    else
        d->at += (int64_t)n;
}

static enum rc compare(struct cx *cx, struct digest *d, const char *path, const char *sha256)
{
    unsigned char is[EVP_MAX_MD_SIZE], want[HASH_BYTES];
    if (EVP_DigestFinal_ex(d->md, is, NULL) != 1)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "no SHA-256 of %s", path);
    if (!str_hex_decode(str_of(sha256), want, sizeof want) || memcmp(want, is, sizeof want) != 0)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "%s is not what was announced", path);
    return RC_OK;
}

/* For a file of which an earlier attempt left a part, or which did not arrive in order: reads it. */
static enum rc digest_file(struct cx *cx, struct digest *d, const char *path)
{
    char *chunk = arena_alloc(cx->arena, HASH_CHUNK);
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    digest_begin(d);
    while (fd >= 0 && d->at >= 0 && (n = read(fd, chunk, HASH_CHUNK)) > 0)
        on_piece(d, d->at, chunk, (size_t)n);
    if (fd >= 0)
        close(fd);
    if (n != 0 || d->at < 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "%s cannot be read again: %s", path, strerror(errno));
    return RC_OK;
}

static enum rc get(struct cx *cx, const struct transfer *t, const char *path, int64_t size, struct digest *d)
{
    struct watch w = {.t = t};
    struct http_request rq = {.url = t->url,
                              .progress = on_progress,
                              .progress_arg = &w,
                              .piece = on_piece,
                              .piece_arg = d,
                              .unsynced = true}; /* scratch: swept at the next start */
    int64_t since = clock_mono(), seen = 0;
    for (int tries = 1;; tries++) {
        struct http_response rs = {0};
        err_clear(cx);
        rq.bearer = t->token(t->arg, cx);
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

bool transfer_is_local(struct cx *cx, const struct transfer *t, int64_t size, const char *sha256)
{
    char hex[STORE_SHA256_HEX];
    int64_t have = -1;
    if (!t->store || !store_is_key(str_of(t->upload)))
        return false;
    enum rc rc = store_source_hash(cx, t->store, t->upload, NULL, NULL, hex, &have);
    err_clear(cx);
    return rc == RC_OK && have == size && strcmp(hex, sha256) == 0;
}

/* The store's own file, if store and scratch folder lie on one file system. */
static bool get_local(struct cx *cx, const struct transfer *t, const char *path)
{
    if (!t->local)
        return false;
    unlink(path);
    enum rc rc = store_source_link(cx, t->store, t->upload, path);
    err_clear(cx);
    return rc == RC_OK;
}

enum rc transfer_get(struct cx *cx, const struct transfer *t, const char *path, int64_t size,
                     const char *sha256)
{
    if (get_local(cx, t, path))
        return RC_OK;
    struct digest d = {.md = EVP_MD_CTX_new(), .at = -1};
    enum rc rc = d.md ? RC_OK : err_set(cx, RC_INTERNAL, NULL, NULL, "no SHA-256");
    if (rc == RC_OK)
        rc = get(cx, t, path, size, &d);
    if (rc == RC_OK && d.at != size)
        rc = digest_file(cx, &d, path);
    if (rc == RC_OK)
        rc = compare(cx, &d, path, sha256);
    EVP_MD_CTX_free(d.md);
    return rc;
}

enum rc transfer_put(struct cx *cx, const struct transfer *t, const char *path, const char *sha256)
{
    unsigned char digest[HASH_BYTES];
    if (!str_hex_decode(str_of(sha256), digest, sizeof digest))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "bad digest of %s", path);
    if (t->store && t->artifact) {
        enum rc rc = store_put_link(cx, t->store, t->artifact, path, sha256);
        if (rc == RC_OK)
            return RC_OK;
        LOG(INFO, cx, "stored the long way", F_TEXT("reason", cx->err.detail ? cx->err.detail : rc_name(rc)));
        err_clear(cx);
    }
    const char *headers[] = {
        arena_printf(cx->arena, "Repr-Digest: sha-256=:%s:", str_b64(cx->arena, digest, sizeof digest)),
        NULL};
    struct watch w = {.t = t};
    struct http_request rq = {.method = "PUT",
                              .url = t->url,
                              .headers = headers,
                              .content_type = "application/octet-stream",
                              .progress = on_progress,
                              .progress_arg = &w};
    int64_t since = clock_mono(), seen = 0;
    for (int tries = 1;; tries++) {
        struct http_response rs = {0};
        err_clear(cx);
        rq.bearer = t->token(t->arg, cx);
        enum rc rc = http_send_file(cx, t->http, &rq, path, 0, -1, &rs);
        if (rc == RC_OK && rs.status >= 200 && rs.status < 300)
            return RC_OK;
        if (atomic_load(t->stop))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
        if (w.most > seen) { /* bytes arrived in this attempt, so patience begins anew */
            seen = w.most;
            since = clock_mono();
        }
        if (!passing(rc, &rs) || clock_mono() - since > PATIENCE_MS)
            return rc != RC_OK ? rc : refused(cx, &rs);
        LOG(WARN, cx, "artifact not taken, trying again", F_NUM("status", rs.status), F_NUM("tries", tries));
        if (!wait_again(t, tries))
            return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped");
    }
}
