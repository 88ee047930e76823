/* One request: headers, tokens, body, answer. */
#include "cgi-bin/store/store_app.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"
#include "lib/wire/words.h"

enum { TEXT_MAX = 4096, RETRY_AFTER_S = 5 };

const char *rq_header(const struct rq *rq, const char *name)
{
    const char *v = fcgi_param(rq->f, name);
    return v ? v : "";
}

enum rc rq_number(struct rq *rq, const char *name, int64_t absent, int64_t *out)
{
    const char *v = rq_header(rq, name);
    if (*v == '\0') {
        *out = absent;
        return RC_OK;
    }
    if (str_to_i64(str_of(v), 0, INT64_MAX, out))
        return RC_OK;
    rq_error(rq, 400, "bad_header", "A header that must be a whole number is none.");
    return RC_INVALID;
}

/* --- tokens --- */

enum rc rq_verify(struct rq *rq, struct str token, struct jwt_claims *c)
{
    enum rc rc = node_keys_verify(&rq->cx, rq->app->keys, clock_now() / 1000, token, c);
    /* All stores have the same public keys: a token that was sent to another node, which may belong to
     * others, must not work here. "" names the core's own store, which has an empty store_url; a token that
     * names no store works nowhere. */
    bool foreign = rc == RC_OK && (!c->st || strcmp(c->st, rq->app->conf->store_url) != 0);
    if (rc == RC_OK && !foreign)
        return RC_OK;
    if (foreign) {
        rq_error(rq, 403, "foreign", "This permission is for another storage node.");
        return RC_DENIED;
    }
    if (rc == RC_UNAVAIL)
        rq_error(rq, 503, "no_keys", "This storage node has not joined yet. Please try again in a moment.");
    else if (rq->cx.err.key && strcmp(rq->cx.err.key, "token_expired") == 0)
        rq_error(rq, 401, "token_expired", "The permission has expired. Please reload the page and go on.");
    else
        rq_error(rq, 401, "token_invalid",
                 "The permission is not valid here. Please reload the page and try again.");
    return rc;
}

enum rc rq_authorize(struct rq *rq, struct jwt_claims *c)
{
    static const char scheme[] = "Bearer ";
    const char *v = rq_header(rq, "HTTP_AUTHORIZATION");
    if (strncmp(v, scheme, sizeof scheme - 1) == 0)
        return rq_verify(rq, str_of(v + sizeof scheme - 1), c);
    rq_error(rq, 401, "token_missing", "This address needs a permission (a bearer token).");
    return RC_DENIED;
}

/* --- body --- */

size_t rq_read(struct rq *rq, char *p, size_t size)
{
    if (daemon_stopping())
        return 0;
    size_t n = fcgi_read(rq->f, p, size);
    if (n > 0)
        atomic_store(&rq->last, clock_mono());
    rq->received += (int64_t)n;
    metric_add(METRIC_store_received_bytes_total, (int64_t)n);
    return n;
}

bool rq_complete(const struct rq *rq)
{
    return fcgi_is_complete(rq->f) && !daemon_stopping();
}

/* --- answer --- */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } table[] = {{200, "OK"},
                 {201, "Created"},
                 {204, "No Content"},
                 {206, "Partial Content"},
                 {303, "See Other"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {409, "Conflict"},
                 {412, "Precondition Failed"},
                 {413, "Content Too Large"},
                 {415, "Unsupported Media Type"},
                 {416, "Range Not Satisfiable"},
                 {422, "Unprocessable Content"},
                 {423, "Locked"},
                 {429, "Too Many Requests"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"},
                 {507, "Insufficient Storage"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].status == status)
            return table[i].reason;
    return "Error";
}

void rq_printf(struct rq *rq, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fcgi_vprintf(rq->f, fmt, ap);
    va_end(ap);
}

/* Scripts of the core's pages may send requests to a store of another origin; other scripts may not. */
static void put_cors(struct rq *rq)
{
    const char *origin = rq_header(rq, "HTTP_ORIGIN");
    for (size_t i = 0; i < 2; i++) {
        if (*origin == '\0' || strcmp(origin, rq->app->origins[i]) != 0)
            continue;
        rq_printf(
            rq,
            "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n"
            "Access-Control-Expose-Headers: Location, Upload-Offset, Upload-Length, Upload-Defer-Length, "
            "Upload-Expires, Retry-After, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size\r\n",
            origin);
        return;
    }
}

void rq_begin(struct rq *rq, int status)
{
    rq->status = status;
    rq_printf(rq, "Status: %d %s\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n", status,
              reason_of(status));
    if (status == 429 || status == 503)
        rq_printf(rq, "Retry-After: %d\r\n", RETRY_AFTER_S);
    if (rq->tus)
        rq_printf(rq, "Tus-Resumable: 1.0.0\r\n");
    put_cors(rq);
}

void rq_error(struct rq *rq, int status, const char *code, const char *text)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    buf_printf(&b, "{\"error\":{\"code\":\"%s\",\"text\":", code);
    buf_json(&b, str_of(text));
    buf_str(&b, "}}\n");
    rq_begin(rq, status);
    rq_printf(rq, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", (int)b.n);
    if (strcmp(rq->method, "HEAD") != 0)
        rq_printf(rq, "%s", b.p);
    buf_fini(&b);
    if (status >= 500)
        metric_add(METRIC_store_transfer_errors_total, 1);
}

void rq_fail(struct rq *rq, enum rc rc)
{
    if (rc == RC_NOTFOUND)
        rq_error(rq, 404, "not_found", "There is nothing here, or no longer.");
    else if (rc == RC_CONFLICT)
        rq_error(rq, 423, "locked", "This file is being written by another request. Please try again.");
    else if (rc == RC_INVALID)
        rq_error(rq, 400, "invalid", "The request breaks a rule of its form.");
    else if (rc == RC_UNAVAIL && file_is_full(&rq->cx))
        rq_error(rq, 507, wire_failure_name(FAIL_DISK_FULL),
                 "The storage is full. What came is kept; please tell your administrators.");
    else if (rc == RC_UNAVAIL)
        rq_error(rq, 503, "unavailable", "The storage does not answer just now. Please try again.");
    else
        rq_error(rq, 500, "internal", "This went wrong on our side. Please try again.");
    if (rc == RC_UNAVAIL || rc == RC_INTERNAL)
        log_err(LOG_ERROR, &rq->cx, "storage failed");
}

const char *rq_date(struct rq *rq, int64_t ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    return arena_printf(rq->cx.arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday % 7], tm.tm_mday,
                        months[tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

enum rc rq_fits(struct rq *rq, int64_t bytes, bool *fits)
{
    struct store_space space;
    enum rc rc = store_space(&rq->cx, rq->app->store, &space);
    if (rc == RC_OK)
        *fits = bytes <= space.free - rq->app->conf->store_min_free;
    return rc;
}

enum rc rq_room(struct rq *rq, int64_t bytes)
{
    bool fits = false;
    enum rc rc = rq_fits(rq, bytes, &fits);
    if (rc != RC_OK) {
        rq_fail(rq, rc);
        return rc;
    }
    if (fits)
        return RC_OK;
    rq_error(rq, 507, wire_failure_name(FAIL_DISK_FULL),
             "There is not enough room on the storage for this file. Please tell your administrators.");
    return RC_UNAVAIL;
}
