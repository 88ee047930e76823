/* Transfers of workers: sources with ranges, artifacts with their digest. */
#include "cgi-bin/store/store_app.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

struct range {
    int64_t from, to; /* inclusive */
    bool partial;
};

/* --- sources --- */

/* One range of RFC 9110 section 14.1.2: "bytes=a-", "bytes=a-b", "bytes=-n". Several ranges, or another unit:
 * the whole object. False: the range cannot be satisfied. */
static bool read_range(const struct rq *rq, int64_t size, struct range *r)
{
    struct str s = str_of(rq_header(rq, "HTTP_RANGE"));
    int64_t a = 0, b = size - 1;
    *r = (struct range){0, size - 1, false};
    if (!str_starts(s, "bytes=") || memchr(s.p, ',', s.n))
        return true;
    s = (struct str){s.p + 6, s.n - 6};
    struct str first = str_cut(&s, '-');
    if (first.n == 0) {
        if (!str_to_i64(s, 1, INT64_MAX, &b))
            return true;
        a = b < size ? size - b : 0;
        b = size - 1;
    } else if (!str_to_i64(first, 0, INT64_MAX, &a) || (s.n > 0 && !str_to_i64(s, a, INT64_MAX, &b))) {
        return true;
    }
    if (a >= size)
        return false;
    *r = (struct range){a, b < size ? b : size - 1, true};
    return true;
}

static void send_bytes(struct rq *rq, int fd, int64_t from, int64_t n)
{
    char *piece = mem_alloc(PIECE_SIZE);
    while (n > 0 && !daemon_stopping()) {
        ssize_t got = pread(fd, piece, n < PIECE_SIZE ? (size_t)n : PIECE_SIZE, from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || !fcgi_write(rq->f, piece, (size_t)got))
            break;
        from += got;
        n -= got;
        metric_add(METRIC_store_sent_bytes_total, got);
    }
    free(piece);
    if (n > 0) {
        fcgi_fail(rq->f);
        metric_add(METRIC_store_transfer_errors_total, 1);
    }
}

/* Lets the web server send the file itself, with ranges, if it can: that saves two copies through pipes of 8
 * KiB. It announces this by LECTERN_SENDFILE; only the web server sees the path. */
static bool send_by_server(struct rq *rq, const char *key, int64_t size)
{
    const char *able = rq_header(rq, "LECTERN_SENDFILE");
    if (strcmp(able, "1") != 0)
        return false;
    metric_add(METRIC_store_sent_bytes_total, size);
    rq_begin(rq, 200);
    rq_printf(rq, "Content-Type: application/octet-stream\r\nX-Sendfile: %s/spool/%s.full\r\n\r\n",
              rq->app->conf->store_root, key);
    return true;
}

static void send_source(struct rq *rq, int fd, int64_t size)
{
    struct range r;
    if (!read_range(rq, size, &r)) {
        rq_begin(rq, 416);
        rq_printf(rq, "Content-Range: bytes */%lld\r\nContent-Length: 0\r\n\r\n", (long long)size);
        return;
    }
    rq_begin(rq, r.partial ? 206 : 200);
    rq_printf(rq,
              "Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\nContent-Length: %lld\r\n",
              (long long)(r.to - r.from + 1));
    if (r.partial)
        rq_printf(rq, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)r.from, (long long)r.to,
                  (long long)size);
    rq_printf(rq, "\r\n");
    if (strcmp(rq->method, "HEAD") != 0)
        send_bytes(rq, fd, r.from, r.to - r.from + 1);
}

void source_get(struct rq *rq, struct str id)
{
    struct jwt_claims c;
    int fd = -1;
    int64_t size;
    if (strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0) {
        rq_error(rq, 405, "method", "Sources can only be read.");
        return;
    }
    if (!store_is_key(id)) {
        rq_error(rq, 404, "not_found", "There is nothing here.");
        return;
    }
    if (rq_authorize(rq, &c) != RC_OK)
        return;
    const char *key = str_dup(rq->cx.arena, id);
    memcpy(rq->object, key, sizeof rq->object);
    if (c.job < 0 || !jwt_list_has(c.get, arena_printf(rq->cx.arena, "sources/%s", key))) {
        rq_error(rq, 403, "foreign", "This job may not read that source.");
        return;
    }
    enum rc rc = store_source_open(&rq->cx, rq->app->store, key, &fd, &size);
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return;
    }
    if (!send_by_server(rq, key, size) && rq_place(rq, &c) == RC_OK)
        send_source(rq, fd, size);
    close(fd);
}

/* --- artifacts --- */

/* Repr-Digest (RFC 9530): the sha-256 member as hex. */
static bool read_digest(struct rq *rq, char hex[STORE_SHA256_HEX])
{
    struct str rest = str_of(rq_header(rq, "HTTP_REPR_DIGEST"));
    while (rest.n > 0) {
        struct str value = str_trim(str_cut(&rest, ',')), key = str_cut(&value, '=');
        unsigned char *p;
        size_t n;
        if (!str_eq(key, "sha-256") || value.n < 2 || value.p[0] != ':' || value.p[value.n - 1] != ':')
            continue;
        if (!str_b64_decode(rq->cx.arena, (struct str){value.p + 1, value.n - 2}, &p, &n) || n != 32)
            return false;
        memcpy(hex, str_hex(rq->cx.arena, p, n), STORE_SHA256_HEX);
        return true;
    }
    return false;
}

/* Reads the body into put. RC_OK: all of it arrived. */
static enum rc fill(struct rq *rq, struct store_put *put, int64_t length)
{
    char *piece = mem_alloc(PIECE_SIZE);
    int64_t got = 0;
    enum rc rc = RC_OK;
    for (size_t n; rc == RC_OK && (n = rq_read(rq, piece, PIECE_SIZE)) > 0; got += (int64_t)n)
        rc = store_put_write(&rq->cx, put, piece, n);
    free(piece);
    if (rc == RC_OK && (got != length || !rq_complete(rq)))
        rc = err_set(&rq->cx, RC_TIMEOUT, NULL, NULL, "%lld of %lld bytes came", (long long)got,
                     (long long)length);
    return rc;
}

static void answer_put(struct rq *rq, enum rc rc, bool replaced)
{
    if (rc == RC_OK) {
        metric_add(METRIC_store_artifacts_total, 1);
        rq_begin(rq, replaced ? 200 : 201);
        rq_printf(rq, "Content-Length: 0\r\n\r\n");
    } else if (rc == RC_INVALID) {
        rq_error(rq, 422, "digest", "What came does not have the announced digest. Please send it again.");
    } else if (rc == RC_TIMEOUT) {
        rq_error(rq, 400, "broken", "The body broke off. Please send it again.");
    } else {
        rq_fail(rq, rc);
    }
}

static void receive(struct rq *rq, const char *path, const char *hex, int64_t length)
{
    struct store_put *put = NULL;
    bool replaced = false;
    enum rc rc = store_put_begin(&rq->cx, rq->app->store, path, &put);
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return;
    }
    rc = fill(rq, put, length);
    if (rc == RC_OK)
        rc = store_put_commit(&rq->cx, put, hex, &replaced);
    else
        store_put_abort(put);
    answer_put(rq, rc, replaced);
}

/* True if the path is the token's prefix and a name below it. */
static bool may_write(const struct jwt_claims *c, struct str path)
{
    struct str put = str_of(c->put), rest = {path.p, path.n};
    if (c->job < 0 || !str_starts(put, "artifacts/") || put.p[put.n - 1] != '/')
        return false;
    put = (struct str){put.p + 10, put.n - 10};
    if (rest.n <= put.n || memcmp(rest.p, put.p, put.n) != 0)
        return false;
    return store_is_prefix((struct str){put.p, put.n - 1});
}

void artifact_put(struct rq *rq, struct str path)
{
    struct jwt_claims c;
    char hex[STORE_SHA256_HEX];
    int64_t length;
    if (strcmp(rq->method, "PUT") != 0) {
        rq_error(rq, 405, "method", "Artifacts can only be put.");
        return;
    }
    if (rq_authorize(rq, &c) != RC_OK || rq_number(rq, "CONTENT_LENGTH", -1, &length) != RC_OK)
        return;
    if (!store_is_path(path)) {
        rq_error(rq, 404, "not_found", "This is not the address of an artifact.");
        return;
    }
    if (!may_write(&c, path)) {
        rq_error(rq, 403, "foreign", "This job may not write there.");
        return;
    }
    memcpy(rq->object, path.p, STORE_KEY_SIZE);
    if (length < 0 || !read_digest(rq, hex))
        rq_error(rq, 400, "no_digest", "Content-Length and Repr-Digest: sha-256=:…: are needed.");
    else if (rq_room(rq, length) == RC_OK && rq_place(rq, &c) == RC_OK)
        receive(rq, arena_printf(rq->cx.arena, "incoming/%.*s", (int)path.n, path.p), hex, length);
}

void health_get(struct rq *rq, struct str rest)
{
    struct store_space space;
    if (rest.n > 0) {
        rq_error(rq, 404, "not_found", "There is nothing here.");
        return;
    }
    enum rc rc = store_space(&rq->cx, rq->app->store, &space);
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return;
    }
    rq_begin(rq, 200);
    rq_printf(rq, "Content-Type: application/json\r\n\r\n{\"status\":\"ok\",\"free\":%lld,\"total\":%lld}\n",
              (long long)space.free, (long long)space.total);
}
