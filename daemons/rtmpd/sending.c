#include "daemons/rtmpd/sending.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/metrics.h"
#include "lib/store/store.h"
#include "lib/wire/live.h"

enum {
    STILL_MS = 10000,   /* that a store may take no byte */
    CALL_MS = 5000,     /* for a request without a file */
    PIECE = 64 << 20,   /* bytes of one PATCH: then others have their turn */
    TOKEN_LEAST_S = 60, /* a token that is valid for less is renewed first */
    HASH_BYTES = 32
};

static void forget_token(struct sending *s)
{
    if (s->token)
        mem_wipe(s->token, strlen(s->token));
    free(s->token);
    s->token = NULL;
}

void sending_init(struct sending *s, const char *session, int64_t fence)
{
    *s = (struct sending){.fence = fence, .sent = -1};
    memcpy(s->session, session, WIRE_KEY_LENGTH);
}

void sending_fini(struct sending *s)
{
    forget_token(s);
    free(s->url);
}

/* --- the file --- */

static void remove_file(struct turn *t, const char *why)
{
    if (unlink(t->path) != 0 && errno != ENOENT)
        LOG(ERROR, NULL, "a recording cannot be removed", F_TEXT("path", t->path),
            F_TEXT("reason", strerror(errno)));
    LOG(INFO, NULL, why, F_TEXT("session", t->s->session), F_NUM("fence", t->s->fence),
        F_NUM("bytes", t->size));
    t->gone = true;
}

/* The store has something else under this name. The file stays for people, and is tried again by the next start. */
static void keep_file(struct turn *t, const char *why)
{
    LOG(ERROR, NULL, why, F_TEXT("path", t->path), F_NUM("bytes", t->size));
    metric_add(METRIC_rtmpd_ingest_kept_total, 1);
    t->gone = true;
}

static bool stopped(void *arg)
{
    const struct turn *t = arg;
    return *t->stopping;
}

/* digest: Repr-Digest of RFC 9530, "sha-256=:<base64>:". *same: it is the file's. */
static enum rc compare(struct cx *cx, struct turn *t, const char *digest, bool *same)
{
    char hex[STORE_SHA256_HEX];
    unsigned char hash[HASH_BYTES];
    int fd = open(t->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot open %s: %s", t->path, strerror(errno));
    enum rc rc = store_hash(cx, fd, stopped, t, hex);
    close(fd);
    if (rc != RC_OK)
        return rc;
    if (!str_hex_decode(str_of(hex), hash, sizeof hash))
        bug("a hash that is none");
    const char *own = arena_printf(cx->arena, "sha-256=:%s:", str_b64(cx->arena, hash, sizeof hash));
    *same = strcmp(own, digest) == 0;
    return RC_OK;
}

/* --- the core --- */

static enum rc ask_target(struct cx *cx, struct turn *t)
{
    struct sending *s = t->s;
    const struct wire_live_upload q = {.session = s->session, .fence = s->fence, .less = s->less};
    struct wire_live_target target;
    const json_t *o;
    enum rc rc = core_ask(cx, t->core, t->http, "/api/v1/live/upload", wire_live_upload_write(cx, &q), &o);
    if (rc == RC_CONFLICT && t->over) {
        err_clear(cx);
        remove_file(t, "a recording that nobody wants was removed");
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = wire_live_target_read(cx, o, &target);
    if (rc != RC_OK)
        return rc;
    const char *url = arena_printf(cx->arena, "%s/%s", target.url, target.upload);
    if (!s->url || strcmp(s->url, url) != 0) {
        free(s->url);
        s->url = mem_strdup(url);
        s->sent = -1;
        s->less = false;
    }
    forget_token(s);
    s->token = mem_strdup(target.token);
    s->until = target.until;
    return RC_OK;
}

/* --- the store --- */

/* For an answer that is not the one that was hoped for; what was believed is asked anew. */
static enum rc refused(struct cx *cx, struct turn *t, const struct http_response *rs)
{
    t->s->sent = -1;
    if (rs->status == 401 || rs->status == 403 || rs->status == 404) /* the core may have had it removed */
        forget_token(t->s);
    return err_set(cx, RC_UNAVAIL, NULL, NULL, "the store answered %d: %.*s", rs->status,
                   (int)(rs->body.n < 200 ? rs->body.n : 200), rs->body.p ? rs->body.p : "");
}

static enum rc create(struct cx *cx, struct turn *t)
{
    const char *name = arena_printf(cx->arena, "%s-%lld.flv", t->s->session, (long long)t->s->fence);
    const char *headers[] = {
        "Tus-Resumable: 1.0.0", "Upload-Defer-Length: 1",
        arena_printf(cx->arena, "Upload-Metadata: filename %s", str_b64(cx->arena, name, strlen(name))),
        NULL};
    const char *slash = strrchr(t->s->url, '/');
    const struct http_request rq = {.method = "POST",
                                    .url =
                                        arena_printf(cx->arena, "%.*s", (int)(slash - t->s->url), t->s->url),
                                    .bearer = t->s->token,
                                    .headers = headers,
                                    .body = STR(""), /* empty, so that Content-Length: 0 is sent */
                                    .content_type = "application/octet-stream",
                                    .timeout_ms = CALL_MS};
    struct http_response rs;
    enum rc rc = http_call(cx, t->http, &rq, &rs);
    if (rc == RC_OK && rs.status != 201)
        rc = refused(cx, t, &rs);
    if (rc == RC_OK)
        t->s->sent = rs.upload_offset;
    return rc;
}

/* The store has it under its whole length. Its hash comes later if the store has to read the file. */
static enum rc acknowledge(struct cx *cx, struct turn *t, const struct http_response *rs)
{
    bool same = false;
    t->s->sent = -1;
    if (rs->upload_length < t->size && !t->s->less) {
        t->s->less = t->again = true;
        forget_token(t->s);
        return RC_OK;
    }
    if (rs->upload_length != t->size) {
        keep_file(t, "the store has closed a recording before all of it was there: it stays here");
        return RC_OK;
    }
    if (*rs->digest == '\0')
        return RC_OK;
    enum rc rc = compare(cx, t, rs->digest, &same);
    if (rc == RC_OK && same)
        remove_file(t, "a recording is at its store");
    else if (rc == RC_OK)
        keep_file(t, "the store has a recording otherwise than it is here: it stays here");
    if (rc == RC_OK && same)
        metric_add(METRIC_rtmpd_ingest_stored_total, 1);
    return rc;
}

static enum rc ask_offset(struct cx *cx, struct turn *t)
{
    static const char *const headers[] = {"Tus-Resumable: 1.0.0", NULL};
    const struct http_request rq = {
        .method = "HEAD", .url = t->s->url, .bearer = t->s->token, .headers = headers, .timeout_ms = CALL_MS};
    struct http_response rs;
    enum rc rc = http_call(cx, t->http, &rq, &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status == 404)
        return create(cx, t);
    if (rs.status != 200 || rs.upload_offset < 0)
        return refused(cx, t, &rs);
    t->s->sent = rs.upload_offset;
    return t->over && rs.upload_length == rs.upload_offset ? acknowledge(cx, t, &rs) : RC_OK;
}

static bool on_progress(void *arg, int64_t done, int64_t total)
{
    (void)done;
    (void)total;
    return !stopped(arg);
}

static enum rc send_piece(struct cx *cx, struct turn *t)
{
    struct sending *s = t->s;
    int64_t n = t->size - s->sent < PIECE ? t->size - s->sent : PIECE;
    const char *headers[] = {
        "Tus-Resumable: 1.0.0", arena_printf(cx->arena, "Upload-Offset: %lld", (long long)s->sent),
        t->over ? arena_printf(cx->arena, "Upload-Length: %lld", (long long)t->size) : NULL, NULL};
    const struct http_request rq = {.method = "PATCH",
                                    .url = s->url,
                                    .bearer = s->token,
                                    .headers = headers,
                                    .content_type = "application/offset+octet-stream",
                                    .timeout_ms = STILL_MS,
                                    .progress = on_progress,
                                    .progress_arg = t};
    struct http_response rs;
    enum rc rc = http_send_file(cx, t->http, &rq, t->path, s->sent, n, &rs);
    if (rc == RC_OK && rs.status != 204)
        rc = refused(cx, t, &rs);
    if (rc != RC_OK) {
        s->sent = -1; /* a part may have arrived */
        return rc;
    }
    metric_add(METRIC_rtmpd_ingest_sent_bytes_total, n);
    s->sent = rs.upload_offset;
    t->again = s->sent < t->size;
    if (t->over && s->sent == t->size) {
        s->sent = -1;
        t->again = true; /* ask whether it is complete */
    }
    return RC_OK;
}

enum rc sending_turn(struct cx *cx, struct turn *t)
{
    struct sending *s = t->s;
    enum rc rc = RC_OK;
    if (!s->token || s->until - clock_now() / 1000 < TOKEN_LEAST_S)
        rc = ask_target(cx, t);
    if (rc == RC_OK && !t->gone && s->sent < 0)
        rc = ask_offset(cx, t);
    if (rc != RC_OK || t->gone || s->sent < 0)
        return rc;
    if (s->sent > t->size) {
        if (t->over)
            keep_file(t, "the store has more of a recording than is here: it stays here");
        return RC_OK;
    }
    return s->sent < t->size || t->over ? send_piece(cx, t) : RC_OK;
}
