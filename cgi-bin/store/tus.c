/* Resumable uploads: tus 1.0.0 core with creation, creation-with-upload, creation-defer-length, expiration and
 * termination (tus.io). The id of the upload is the one in the token; clients cannot choose it. */
#include "cgi-bin/store/store_app.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/os/metrics.h"

#define BODY_TYPE "application/offset+octet-stream"

static int64_t largest(const struct rq *rq, const struct jwt_claims *c)
{
    int64_t conf = rq->app->conf->store_max_upload;
    return c->max < conf ? c->max : conf;
}

static bool is(const struct rq *rq, const char *method)
{
    return strcmp(rq->method, method) == 0;
}

/* --- what every request but OPTIONS must bring --- */

static bool version_ok(struct rq *rq)
{
    if (strcmp(rq_header(rq, "HTTP_TUS_RESUMABLE"), "1.0.0") == 0)
        return true;
    rq_begin(rq, 412);
    rq_printf(rq, "Tus-Version: 1.0.0\r\nContent-Length: 0\r\n\r\n");
    return false;
}

/* Checks the upload token against an id. Answers itself. */
static enum rc claims_of(struct rq *rq, struct str id, struct jwt_claims *c)
{
    enum rc rc = rq_authorize(rq, c);
    if (rc != RC_OK)
        return rc;
    if (c->up && c->max >= 0 && store_is_key(str_of(c->up)) && (id.n == 0 || str_eq(id, c->up))) {
        memcpy(rq->object, c->up, sizeof rq->object);
        return RC_OK;
    }
    rq_error(rq, 403, "foreign", "This permission is for another file.");
    return RC_DENIED;
}

static void answer_options(struct rq *rq)
{
    rq_begin(rq, 204);
    rq_printf(rq,
              "Tus-Version: 1.0.0\r\n"
              "Tus-Extension: creation,creation-with-upload,creation-defer-length,termination,expiration\r\n"
              "Tus-Max-Size: %lld\r\n"
              "Access-Control-Allow-Methods: POST, HEAD, PATCH, DELETE, OPTIONS\r\n"
              "Access-Control-Allow-Headers: Authorization, Content-Type, Tus-Resumable, Upload-Length, "
              "Upload-Defer-Length, Upload-Metadata, "
              "Upload-Offset, X-HTTP-Method-Override, X-Requested-With\r\n"
              "Access-Control-Max-Age: 86400\r\n\r\n",
              (long long)rq->app->conf->store_max_upload);
}

/* --- creation --- */

/* Upload-Metadata: "key base64,key base64": the file's name, or "". */
static const char *name_of(struct rq *rq)
{
    struct str rest = str_of(rq_header(rq, "HTTP_UPLOAD_METADATA"));
    while (rest.n > 0) {
        struct str value = str_trim(str_cut(&rest, ',')), key = str_cut(&value, ' ');
        unsigned char *p;
        size_t n;
        if (!str_eq(key, "filename") && !str_eq(key, "name"))
            continue;
        if (!str_b64_decode(rq->cx.arena, str_trim(value), &p, &n) || n > STORE_MAX_TITLE)
            return "";
        struct str name = {(const char *)p, n};
        return str_is_utf8(name) ? str_dup(rq->cx.arena, name) : "";
    }
    return "";
}

/* Are there more bytes than may follow? Answers itself. */
static bool too_long(struct rq *rq, int64_t bytes, int64_t room)
{
    if (bytes <= room)
        return false;
    rq_error(rq, 413, "too_long", "There are more bytes than the file was said to have, or may have.");
    return true;
}

static bool too_big(struct rq *rq, const struct jwt_claims *c, int64_t size)
{
    if (size <= largest(rq, c))
        return false;
    rq_error(rq, 413, "too_big", "The file is larger than what may be uploaded here.");
    return true;
}

/* An unfinished upload of another size or name is replaced: the person has chosen another file. */
static enum rc make_way(struct rq *rq, const char *id, int64_t size, const char *name)
{
    struct store_upload old;
    int fd = -1;
    enum rc rc = store_upload_stat(&rq->cx, rq->app->store, id, &old);
    bool same = rc == RC_OK && (old.size == size || size == STORE_SIZE_LATER) && strcmp(old.name, name) == 0;
    if (rc != RC_OK || old.complete || same) {
        err_clear(&rq->cx);
        return RC_OK;
    }
    rc = writer_open(rq, id, false, &old, &fd);
    if (rc == RC_OK) {
        writer_close(rq);
        rc = store_upload_close(&rq->cx, rq->app->store, &old, fd);
    }
    return rc == RC_OK ? store_upload_discard(&rq->cx, rq->app->store, id) : rc;
}

/* Makes the upload of a token, replacing what is left of another file. Answers itself. */
static enum rc make(struct rq *rq, const char *id, int64_t size, const char *name, struct store_upload *up)
{
    struct store_upload there;
    enum rc rc = make_way(rq, id, size, name);
    if (rc == RC_OK)
        rc = store_upload_create(&rq->cx, rq->app->store, id, size, name, up);
    if (rc == RC_CONFLICT && store_upload_stat(&rq->cx, rq->app->store, id, &there) == RC_OK &&
        there.complete)
        rq_error(rq, 409, "complete", "This upload is complete already. Please begin a new one.");
    else if (rc != RC_OK)
        rq_fail(rq, rc);
    return rc;
}

/* Writes the body of POST or PATCH to the open upload, of which `end` is the last byte at most. Answers only if it
 * fails. */
static enum rc receive(struct rq *rq, struct store_upload *up, int fd, int64_t end)
{
    int64_t got = 0;
    enum rc rc = writer_receive(rq, up, fd, end, &got);
    writer_close(rq);
    enum rc closed = store_upload_close(&rq->cx, rq->app->store, up, fd);
    if (rc == RC_OK)
        rc = closed;
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return rc;
    }
    if (up->complete) {
        metric_add(METRIC_store_uploads_total, 1);
        LOG(INFO, &rq->cx, "upload complete", F_TEXT("upload", up->id), F_NUM("bytes", up->size));
    }
    return RC_OK;
}

/* Upload-Length, or Upload-Defer-Length: 1. Answers itself. */
static enum rc size_of(struct rq *rq, int64_t *size)
{
    const char *later = rq_header(rq, "HTTP_UPLOAD_DEFER_LENGTH");
    enum rc rc = rq_number(rq, "HTTP_UPLOAD_LENGTH", STORE_SIZE_LATER, size);
    if (rc != RC_OK || (*size >= 0 && *later == '\0') || (*size < 0 && strcmp(later, "1") == 0))
        return rc;
    rq_error(rq, 400, "no_length",
             "The size of the file (Upload-Length) must be given at the beginning, or that it comes later "
             "(Upload-Defer-Length: 1).");
    return RC_INVALID;
}

static void create(struct rq *rq)
{
    struct jwt_claims c;
    struct store_upload up;
    int64_t size, body;
    int fd = -1;
    if (!version_ok(rq) || claims_of(rq, STR(""), &c) != RC_OK || size_of(rq, &size) != RC_OK ||
        rq_number(rq, "CONTENT_LENGTH", 0, &body) != RC_OK || rq_place(rq, &c) != RC_OK)
        return;
    bool with_body = strcmp(rq_header(rq, "CONTENT_TYPE"), BODY_TYPE) == 0 && body > 0;
    if (too_big(rq, &c, size) || (with_body && too_long(rq, body, size < 0 ? largest(rq, &c) : size)) ||
        rq_room(rq, size > 0 ? size : 0) != RC_OK || make(rq, c.up, size, name_of(rq), &up) != RC_OK)
        return;
    if (with_body && up.offset == 0 && !up.complete) {
        enum rc rc = writer_open(rq, c.up, false, &up, &fd);
        if (rc != RC_OK)
            rq_fail(rq, rc);
        if (rc != RC_OK || receive(rq, &up, fd, up.size < 0 ? largest(rq, &c) : up.size) != RC_OK)
            return;
    }
    rq_begin(rq, 201);
    rq_printf(rq, "Location: /store/v1/uploads/%s\r\nUpload-Offset: %lld\r\nUpload-Expires: %s\r\n\r\n",
              up.id, (long long)up.offset, rq_date(rq, up.expires_ms));
}

void tus_collection(struct rq *rq, struct str rest)
{
    rq->tus = true;
    if (rest.n > 0)
        rq_error(rq, 404, "not_found", "There is nothing here.");
    else if (is(rq, "OPTIONS"))
        answer_options(rq);
    else if (is(rq, "POST"))
        create(rq);
    else
        rq_error(rq, 405, "method", "This address knows POST and OPTIONS.");
}

/* --- one upload --- */

/* Repr-Digest (RFC 9530) of a complete upload whose hash is known: whoever sent the file may then remove it. */
static void put_digest(struct rq *rq, const char *id)
{
    char hex[STORE_SHA256_HEX];
    unsigned char digest[(STORE_SHA256_HEX - 1) / 2];
    if (store_source_hashed(&rq->cx, rq->app->store, id, hex) &&
        str_hex_decode(str_of(hex), digest, sizeof digest))
        rq_printf(rq, "Repr-Digest: sha-256=:%s:\r\n", str_b64(rq->cx.arena, digest, sizeof digest));
}

static void head(struct rq *rq, const char *id)
{
    struct store_upload up;
    enum rc rc = store_upload_stat(&rq->cx, rq->app->store, id, &up);
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return;
    }
    rq_begin(rq, 200);
    rq_printf(rq, "Upload-Offset: %lld\r\nUpload-Expires: %s\r\n", (long long)up.offset,
              rq_date(rq, up.expires_ms));
    if (up.size < 0)
        rq_printf(rq, "Upload-Defer-Length: 1\r\n");
    else
        rq_printf(rq, "Upload-Length: %lld\r\n", (long long)up.size);
    if (up.complete)
        put_digest(rq, id);
    rq_printf(rq, "\r\n");
}

/* What the headers of a PATCH say; size: Upload-Length, or STORE_SIZE_LATER. */
struct patch {
    int64_t offset, length, size;
    int64_t end; /* of the file, at most */
};

/* Answers 415 or 400 itself. */
static enum rc read_patch(struct rq *rq, struct patch *p)
{
    if (strcmp(rq_header(rq, "CONTENT_TYPE"), BODY_TYPE) != 0) {
        rq_error(rq, 415, "type", "The body must be " BODY_TYPE ".");
        return RC_INVALID;
    }
    enum rc rc = rq_number(rq, "HTTP_UPLOAD_OFFSET", -1, &p->offset);
    if (rc == RC_OK)
        rc = rq_number(rq, "CONTENT_LENGTH", 0, &p->length);
    if (rc == RC_OK)
        rc = rq_number(rq, "HTTP_UPLOAD_LENGTH", STORE_SIZE_LATER, &p->size);
    return rc;
}

/* With the upload open: whether the PATCH goes on where it ends, within its size; notes a size that was to come
 * later. Answers itself. */
static enum rc apply_patch(struct rq *rq, const struct jwt_claims *c, struct store_upload *up,
                           struct patch *p)
{
    enum rc rc = RC_INVALID;
    if (p->offset != up->offset) {
        rq_error(rq, 409, "offset",
                 "The file goes on at another place. Ask for it (HEAD) and continue there.");
        return RC_INVALID;
    }
    if (p->size != STORE_SIZE_LATER) {
        if (too_big(rq, c, p->size))
            return RC_INVALID;
        rc = store_upload_size(&rq->cx, rq->app->store, up, p->size);
        if (rc == RC_INVALID)
            rq_error(rq, 400, "size", "The size of the file (Upload-Length) was another one before.");
        else if (rc != RC_OK)
            rq_fail(rq, rc);
        if (rc != RC_OK)
            return rc;
    }
    p->end = up->size < 0 ? largest(rq, c) : up->size;
    return too_long(rq, p->length, p->end - up->offset) ? RC_INVALID : RC_OK;
}

/* PATCH. Without Content-Length (chunked), bytes beyond the size are not read. */
static void patch(struct rq *rq, const char *id, const struct jwt_claims *c)
{
    struct store_upload up;
    struct patch p;
    int fd = -1;
    if (read_patch(rq, &p) != RC_OK || rq_room(rq, p.length) != RC_OK || rq_place(rq, c) != RC_OK)
        return;
    enum rc rc = writer_open(rq, id, false, &up, &fd);
    if (rc == RC_NOTFOUND && store_upload_stat(&rq->cx, rq->app->store, id, &up) == RC_OK) {
        rq_error(rq, 409, "complete", "This upload is complete already.");
        return;
    }
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return;
    }
    if (apply_patch(rq, c, &up, &p) != RC_OK) {
        writer_close(rq);
        rc = store_upload_close(&rq->cx, rq->app->store, &up, fd);
        if (rc != RC_OK)
            log_err(LOG_WARN, &rq->cx, "upload not closed");
        return;
    }
    if (receive(rq, &up, fd, p.end) != RC_OK)
        return;
    rq_begin(rq, 204);
    rq_printf(rq, "Upload-Offset: %lld\r\nUpload-Expires: %s\r\n\r\n", (long long)up.offset,
              rq_date(rq, up.expires_ms));
}

static void terminate(struct rq *rq, const char *id)
{
    struct store_upload up = {.complete = false};
    int fd = -1;
    enum rc rc = writer_open(rq, id, true, &up, &fd);
    if (rc == RC_OK) {
        writer_close(rq);
        rc = store_upload_close(&rq->cx, rq->app->store, &up, fd);
    }
    if (rc == RC_OK && !up.complete)
        rc = store_upload_discard(&rq->cx, rq->app->store, id);
    else if (rc == RC_NOTFOUND && store_upload_stat(&rq->cx, rq->app->store, id, &up) == RC_OK)
        rc = RC_CONFLICT; /* complete: only the core may remove it */
    if (rc == RC_CONFLICT && up.complete) {
        rq_error(rq, 409, "complete", "This upload is complete already.");
    } else if (rc != RC_OK) {
        rq_fail(rq, rc);
    } else {
        rq_begin(rq, 204);
        rq_printf(rq, "\r\n");
    }
}

void tus_upload(struct rq *rq, struct str id)
{
    struct jwt_claims c;
    const char *override = rq_header(rq, "HTTP_X_HTTP_METHOD_OVERRIDE");
    rq->tus = true;
    if (is(rq, "POST") && (strcmp(override, "PATCH") == 0 || strcmp(override, "DELETE") == 0))
        rq->method = override;
    if (is(rq, "OPTIONS"))
        answer_options(rq);
    else if (!store_is_key(id))
        rq_error(rq, 404, "not_found", "There is nothing here.");
    else if (!is(rq, "HEAD") && !is(rq, "PATCH") && !is(rq, "DELETE"))
        rq_error(rq, 405, "method", "This address knows HEAD, PATCH, DELETE and OPTIONS.");
    else if (!version_ok(rq) || claims_of(rq, id, &c) != RC_OK)
        return;
    else if (is(rq, "HEAD"))
        head(rq, c.up);
    else if (is(rq, "PATCH"))
        patch(rq, c.up, &c);
    else if (rq_place_to_end(rq, &c) == RC_OK)
        terminate(rq, c.up);
}
