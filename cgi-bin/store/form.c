/* The form for browsers without script: multipart/form-data, streamed to the spool; the answer leads back to
 * a page of the core. The token is in the path because a plain form cannot send a header. */
#include "cgi-bin/store/store_app.h"

#include <errno.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"
#include "lib/proto/multipart.h"
#include "lib/wire/words.h"

enum { FORM_SLACK = 65536 /* bytes that delimiters and other fields may add to the file */ };

struct form {
    struct rq *rq;
    const struct jwt_claims *claims;
    int64_t limit, size;
    int fd; /* of the upload, once the file's part began */
    bool in_file, over, came;
    enum rc rc; /* of the storage */
    struct store_upload up;
};

/* --- the answer: the core's page, which has the words --- */

/* At most this many bytes are read and dropped, so that the client reads the answer: some minutes in a campus
 * network. */
static const int64_t PATIENCE = INT64_C(16) << 30;

/* A browser with HTTP/1 reads the answer only after it has sent the whole form; if it is answered earlier it
 * shows only that the connection was lost. So the rest is read and dropped, within limits that protect other
 * clients. */
static void hear_out(struct rq *rq)
{
    int64_t before = rq->received;
    char *piece = mem_alloc(PIECE_SIZE);
    if (place_hear(rq))
        while (rq->received < PATIENCE && place_is_heard(rq, rq->received - before) &&
               rq_read(rq, piece, PIECE_SIZE) > 0)
            ;
    free(piece);
}

static void go_back(struct rq *rq, const struct jwt_claims *c, const char *code, int status, const char *text)
{
    hear_out(rq);
    if (!c->back || strpbrk(c->back, "\r\n\\ ") ||
        (!str_starts(str_of(c->back), "http") && c->back[0] != '/')) {
        rq_error(rq, status, code, text);
        return;
    }
    rq_begin(rq, 303);
    rq_printf(rq, "Location: %s%c%s=%s\r\nContent-Length: 0\r\n\r\n", c->back,
              strchr(c->back, '?') ? '&' : '?', status == 303 ? "done" : "error", code);
}

static void refuse(struct rq *rq, const struct jwt_claims *c, enum form_error e, int status, const char *text)
{
    go_back(rq, c, wire_form_error_name(e), status, text);
}

/* --- the parts --- */

static bool on_begin(void *arg, const struct multipart_part *part)
{
    struct form *f = arg;
    struct rq *rq = f->rq;
    f->in_file = part->is_file && part->file[0] != '\0' && !f->came;
    if (!f->in_file)
        return true;
    /* Some old browsers send the whole path. */
    const char *name = part->file;
    for (const char *p = part->file; *p; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    if (!str_is_utf8(str_of(name)))
        name = "";
    f->came = true;
    f->rc = store_upload_create(&rq->cx, rq->app->store, f->claims->up, f->limit, name, &f->up);
    if (f->rc == RC_OK)
        f->rc = writer_open(rq, f->claims->up, false, &f->up, &f->fd);
    return f->rc == RC_OK;
}

static bool on_data(void *arg, const char *p, size_t n)
{
    struct form *f = arg;
    if (!f->in_file)
        return true;
    f->size += (int64_t)n;
    if (f->size > f->limit) {
        f->over = true;
        return false;
    }
    if (!file_write_all(f->fd, p, n))
        f->rc =
            err_set(&f->rq->cx, RC_UNAVAIL, NULL, file_error_key(errno), "cannot write: %s", strerror(errno));
    return f->rc == RC_OK;
}

static bool on_end(void *arg)
{
    struct form *f = arg;
    f->in_file = false;
    return true;
}

/* --- the whole --- */

static enum rc feed(struct form *f, struct multipart *m)
{
    char *piece = mem_alloc(PIECE_SIZE);
    enum rc rc = RC_OK;
    for (size_t n; rc == RC_OK && (n = rq_read(f->rq, piece, PIECE_SIZE)) > 0;)
        rc = multipart_feed(m, piece, n);
    free(piece);
    return rc;
}

/* A form cannot be resumed: the file has arrived completely or is removed. */
static void finish(struct form *f, bool whole)
{
    struct rq *rq = f->rq;
    struct store *s = rq->app->store;
    if (f->fd >= 0) {
        writer_close(rq);
        enum rc rc = whole ? store_upload_finish(&rq->cx, s, &f->up, f->fd)
                           : store_upload_close(&rq->cx, s, &f->up, f->fd);
        if (f->rc == RC_OK)
            f->rc = rc;
    }
    if (!f->up.complete && f->came && f->rc != RC_CONFLICT) {
        enum rc rc = store_upload_discard(&rq->cx, s, f->claims->up);
        if (rc != RC_OK)
            log_err(LOG_WARN, &rq->cx, "unfinished form not removed");
    }
}

static void answer(struct form *f, bool whole)
{
    struct rq *rq = f->rq;
    const struct jwt_claims *c = f->claims;
    if (f->over)
        refuse(rq, c, FORM_TOO_BIG, 413, "The file is larger than what may be uploaded here.");
    else if (f->rc == RC_UNAVAIL && file_is_full(&rq->cx))
        refuse(rq, c, FORM_DISK_FULL, 507, "The storage is full. Please tell your administrators.");
    else if (f->rc == RC_CONFLICT)
        refuse(rq, c, FORM_LOCKED, 423, "This file is being uploaded in another window.");
    else if (f->rc != RC_OK)
        refuse(rq, c, FORM_UNAVAILABLE, 503, "The storage does not answer just now. Please try again.");
    else if (!f->came)
        refuse(rq, c, FORM_NO_FILE, 400, "No file was chosen.");
    else if (!whole)
        refuse(rq, c, FORM_BROKEN, 400, "The upload broke off. Please try again.");
    else
        go_back(rq, c, f->up.id, 303, "The file has arrived.");
}

static void receive(struct rq *rq, const struct jwt_claims *c, int64_t limit)
{
    struct form f = {.rq = rq, .claims = c, .limit = limit, .fd = -1};
    const struct multipart_events events = {&f, on_begin, on_data, on_end};
    struct multipart *m = mem_alloc(sizeof *m);
    enum rc rc = multipart_init(m, str_of(rq_header(rq, "CONTENT_TYPE")), &events);
    if (rc == RC_OK)
        rc = feed(&f, m);
    bool whole = rc == RC_OK && multipart_is_done(m) && f.came;
    finish(&f, whole);
    free(m);
    if (f.up.complete) {
        metric_add(METRIC_store_uploads_total, 1);
        LOG(INFO, &rq->cx, "upload complete by form", F_TEXT("upload", f.up.id), F_NUM("bytes", f.up.size));
    }
    answer(&f, whole);
}

/* Removes what an earlier attempt left. If the upload is complete already, that is the answer. False:
 * answered. */
static bool begin_anew(struct rq *rq, const struct jwt_claims *c)
{
    struct store_upload up;
    enum rc rc = store_upload_stat(&rq->cx, rq->app->store, c->up, &up);
    if (rc == RC_OK && up.complete) {
        go_back(rq, c, up.id, 303, "The file has arrived.");
        return false;
    }
    rc = store_upload_discard(&rq->cx, rq->app->store, c->up);
    if (rc == RC_OK || rc == RC_NOTFOUND) {
        err_clear(&rq->cx);
        return true;
    }
    refuse(rq, c, FORM_LOCKED, 423, "This file is being uploaded in another window.");
    return false;
}

void form_post(struct rq *rq, struct str token)
{
    struct jwt_claims c;
    int64_t length, limit = rq->app->conf->store_max_form;
    bool fits;
    if (strcmp(rq->method, "POST") != 0) {
        rq_error(rq, 405, "method", "This address takes the upload form (POST).");
        return;
    }
    if (rq_verify(rq, token, &c) != RC_OK || rq_number(rq, "CONTENT_LENGTH", -1, &length) != RC_OK)
        return;
    if (!c.up || c.max < 0 || !store_is_key(str_of(c.up))) {
        rq_error(rq, 403, "foreign", "This permission is not for a form.");
        return;
    }
    memcpy(rq->object, c.up, sizeof rq->object);
    if (c.max < limit)
        limit = c.max;
    if (length > limit + FORM_SLACK)
        refuse(rq, &c, FORM_TOO_BIG, 413, "The file is larger than what this form can take.");
    else if (rq_fits(rq, length > 0 ? length : 0, &fits) != RC_OK)
        refuse(rq, &c, FORM_UNAVAILABLE, 503, "The storage does not answer just now. Please try again.");
    else if (!fits)
        refuse(rq, &c, FORM_DISK_FULL, 507, "There is not enough room on the storage for this file.");
    else if (place_take(rq, &c) != RC_OK)
        refuse(rq, &c, FORM_BUSY, 429, "There are too many transfers at once. Please wait a moment.");
    else if (begin_anew(rq, &c))
        receive(rq, &c, limit);
}
