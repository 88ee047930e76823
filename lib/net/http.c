#include "lib/net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"

enum {
    CALL_MS = 15000,
    STILL_S = 60,
    CONNECT_MS = 10000,
    HEADER_MAX = 2048,
    STATUS_OK = 200,
    STATUS_PARTIAL = 206,
    RECEIVE_BUFFER = 512 * 1024, /* libcurl's default, 16 KiB, is a third slower on fast networks */
    SEND_BUFFER = 1024 * 1024
};

struct http {
    CURL *curl;
    char *ca_file;
};

/* The call that is running, for the callbacks of libcurl. */
struct call {
    struct cx *cx;
    struct http *h;
    const struct http_request *rq;
    struct http_response *rs;
    struct curl_slist *headers;
    struct buf body;
    bool stopped; /* by the progress function */

    int in_fd; /* -1, or the file that is sent */
    int64_t in_start, in_left, in_total;

    int out_fd; /* -1, or the file that a 200 or 206 goes to */
    int64_t out_start, out_done;
    int out_errno;
};

void http_global_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        bug("libcurl does not start");
}

struct http *http_new(const char *ca_file)
{
    struct http *h = mem_alloc(sizeof *h);
    h->curl = curl_easy_init();
    if (!h->curl)
        bug("no curl handle");
    h->ca_file = ca_file && *ca_file ? mem_strdup(ca_file) : NULL;
    return h;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    curl_easy_cleanup(h->curl);
    free(h->ca_file);
    free(h);
}

static bool to_file(const struct call *c)
{
    return c->out_fd >= 0 && (c->rs->status == STATUS_OK || c->rs->status == STATUS_PARTIAL);
}

/* A server without ranges answers 200 with the whole object: the file is written again from its beginning. */
static bool rewind_file(struct call *c)
{
    if (c->rs->status != STATUS_OK || c->out_start == 0)
        return true;
    c->out_start = 0;
    return ftruncate(c->out_fd, 0) == 0 && lseek(c->out_fd, 0, SEEK_SET) == 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    n *= size;
    if (!to_file(c)) {
        buf_add(&c->body, p, n);
        return c->body.overflow ? 0 : n;
    }
    if ((c->out_done == 0 && !rewind_file(c)) || !file_write_all(c->out_fd, p, n)) {
        c->out_errno = errno;
        return 0;
    }
    if (c->rq->piece)
        c->rq->piece(c->rq->piece_arg, c->out_start + c->out_done, p, n);
    c->out_done += (int64_t)n;
    return n;
}

static size_t on_send(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    n *= size;
    if ((int64_t)n > c->in_left)
        n = (size_t)c->in_left;
    if (n == 0)
        return 0;
    ssize_t got;
    do
        got = read(c->in_fd, p, n);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return CURL_READFUNC_ABORT;
    c->in_left -= got;
    return (size_t)got;
}

/* A connection kept from an earlier call may turn out to be closed after a part of the body was sent; curl
 * then opens a new one and asks for the body from its beginning. */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
    struct call *c = arg;
    if (origin != SEEK_SET || offset < 0 || offset > c->in_total ||
        lseek(c->in_fd, c->in_start + offset, SEEK_SET) < 0)
        return CURL_SEEKFUNC_FAIL;
    c->in_left = c->in_total - offset;
    return CURL_SEEKFUNC_OK;
}

static bool header_is(struct str line, const char *name, struct str *value)
{
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
        return false;
    *value = str_trim((struct str){line.p + n + 1, line.n - n - 1});
    return true;
}

/* A new status line begins a new answer (after 100 Continue, for example): the headers before it are
 * forgotten. */
static void forget(struct http_response *rs)
{
    *rs = (struct http_response){
        .type = "", .upload_offset = -1, .upload_length = -1, .digest = "", .total = -1};
}

static void on_status(struct call *c, struct str line)
{
    int64_t status = 0;
    forget(c->rs);
    str_cut(&line, ' ');
    if (str_to_i64(str_cut(&line, ' '), 100, 999, &status))
        c->rs->status = (int)status;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    struct str line = str_trim((struct str){p, n * size}), v;
    int64_t number;
    if (line.n > HEADER_MAX)
        return n * size;
    if (str_starts(line, "HTTP/")) {
        on_status(c, line);
    } else if (header_is(line, "Content-Type", &v)) {
        c->rs->type = str_dup(c->cx->arena, v);
    } else if (header_is(line, "Location", &v)) {
        c->rs->location = str_dup(c->cx->arena, v);
    } else if (header_is(line, "Upload-Offset", &v) && str_to_i64(v, 0, INT64_MAX, &number)) {
        c->rs->upload_offset = number;
    } else if (header_is(line, "Upload-Length", &v) && str_to_i64(v, 0, INT64_MAX, &number)) {
        c->rs->upload_length = number;
    } else if (header_is(line, "Repr-Digest", &v)) {
        c->rs->digest = str_dup(c->cx->arena, v);
    } else if (header_is(line, "Retry-After", &v) && str_to_i64(v, 0, 86400, &number)) {
        c->rs->retry_after = (int)number;
    } else if (header_is(line, "Content-Length", &v) && str_to_i64(v, 0, INT64_MAX, &number)) {
        if (c->rs->total < 0)
            c->rs->total = number;
    } else if (header_is(line, "Content-Range", &v)) {
        str_cut(&v, '/');
        if (str_to_i64(v, 0, INT64_MAX, &number))
            c->rs->total = number;
    }
    return n * size;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    struct call *c = arg;
    bool go_on;
    (void)up_total;
    if (c->in_fd >= 0)
        go_on = c->rq->progress(c->rq->progress_arg, up, c->in_total);
    else
        go_on = c->rq->progress(c->rq->progress_arg, c->out_start + down,
                                down_total > 0 ? c->out_start + down_total : c->rs->total);
    c->stopped = !go_on;
    return go_on ? 0 : 1;
}

static void add_header(struct call *c, const char *line)
{
    struct curl_slist *list = curl_slist_append(c->headers, line);
    if (!list)
        bug("out of memory in libcurl");
    c->headers = list;
}

static void set_headers(struct call *c)
{
    const struct http_request *rq = c->rq;
    for (const char *const *h = rq->headers; h && *h; h++)
        add_header(c, *h);
    if (rq->bearer) {
        char *line = arena_printf(c->cx->arena, "Authorization: Bearer %s", rq->bearer);
        add_header(c, line);
        mem_wipe(line, strlen(line));
    }
    if (rq->body.p || c->in_fd >= 0) {
        const char *type = rq->content_type ? rq->content_type
                           : rq->body.p     ? "application/json"
                                            : "application/octet-stream";
        add_header(c, arena_printf(c->cx->arena, "Content-Type: %s", type));
    }
    add_header(c, "Expect:");
    curl_easy_setopt(c->h->curl, CURLOPT_HTTPHEADER, c->headers);
}

static void set_body(struct call *c)
{
    CURL *h = c->h->curl;
    const struct http_request *rq = c->rq;
    if (c->in_fd >= 0) {
        curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(h, CURLOPT_READFUNCTION, on_send);
        curl_easy_setopt(h, CURLOPT_READDATA, c);
        curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, on_rewind);
        curl_easy_setopt(h, CURLOPT_SEEKDATA, c);
        curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->in_left);
        curl_easy_setopt(h, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
    } else if (rq->body.p) {
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, rq->body.p);
    }
    if (rq->method && strcmp(rq->method, "HEAD") == 0)
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    else if (rq->method)
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, rq->method);
}

static void set_limits(struct call *c)
{
    CURL *h = c->h->curl;
    const struct http_request *rq = c->rq;
    bool streaming = c->in_fd >= 0 || c->out_fd >= 0;
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    if (streaming) {
        curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME,
                         rq->timeout_ms ? (rq->timeout_ms + 999L) / 1000L : (long)STILL_S);
    } else {
        curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, rq->timeout_ms ? (long)rq->timeout_ms : (long)CALL_MS);
    }
    if (rq->progress) {
        curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(h, CURLOPT_XFERINFODATA, c);
    }
}

static void set_options(struct call *c)
{
    CURL *h = c->h->curl;
    curl_easy_reset(h);
    curl_easy_setopt(h, CURLOPT_URL, c->rq->url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    if (c->rq->socket)
        curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->rq->socket);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "lectern/" PACKAGE_VERSION);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    if (c->h->ca_file)
        curl_easy_setopt(h, CURLOPT_CAINFO, c->h->ca_file);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
    if (c->out_fd >= 0)
        curl_easy_setopt(h, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    if (c->out_start > 0)
        curl_easy_setopt(h, CURLOPT_RANGE, arena_printf(c->cx->arena, "%lld-", (long long)c->out_start));
    set_body(c);
    set_headers(c);
    set_limits(c);
}

static enum rc failure(struct call *c, CURLcode code)
{
    if (c->out_errno != 0)
        return err_set(c->cx, RC_UNAVAIL, NULL, file_error_key(c->out_errno), "cannot write: %s",
                       strerror(c->out_errno));
    if (c->body.overflow)
        return err_set(c->cx, RC_TOOBIG, NULL, NULL, "the answer has more than %zu bytes", c->body.max);
    if (c->stopped)
        return err_set(c->cx, RC_TIMEOUT, NULL, NULL, "stopped by the caller");
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return err_set(c->cx, RC_INVALID, NULL, NULL, "not an http address");
    enum rc rc = code == CURLE_OPERATION_TIMEDOUT ? RC_TIMEOUT : RC_UNAVAIL;
    return err_set(c->cx, rc, NULL, NULL, "%s", curl_easy_strerror(code));
}

static enum rc perform(struct call *c)
{
    enum rc rc = RC_OK;
    forget(c->rs);
    buf_init(&c->body, c->rq->max_answer ? c->rq->max_answer : HTTP_MAX_ANSWER);
    set_options(c);

    CURLcode code = curl_easy_perform(c->h->curl);
    /* A server that refuses a body may answer and close the connection without reading all of it: the answer
     * counts. */
    if (code != CURLE_OK && !(code == CURLE_SEND_ERROR && c->rs->status >= 300)) {
        rc = failure(c, code);
    } else {
        char *p = arena_alloc(c->cx->arena, c->body.n + 1);
        if (c->body.n > 0)
            memcpy(p, c->body.p, c->body.n);
        c->rs->body = (struct str){p, c->body.n};
    }
    curl_easy_setopt(c->h->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(c->headers);
    buf_fini(&c->body);
    return rc;
}

enum rc http_call(struct cx *cx, struct http *h, const struct http_request *rq, struct http_response *rs)
{
    struct call c = {.cx = cx, .h = h, .rq = rq, .rs = rs, .in_fd = -1, .out_fd = -1};
    return perform(&c);
}

static enum rc open_failed(struct cx *cx, const char *path)
{
    int e = errno;
    return err_set(cx, e == ENOENT ? RC_NOTFOUND : RC_UNAVAIL, NULL, NULL, "cannot open %s: %s", path,
                   strerror(e));
}

enum rc http_send_file(struct cx *cx, struct http *h, const struct http_request *rq, const char *path,
                       int64_t offset, int64_t length, struct http_response *rs)
{
    struct http_request put = *rq;
    struct call c = {.cx = cx, .h = h, .rq = &put, .rs = rs, .out_fd = -1};
    struct stat st;
    enum rc rc;
    if (!put.method)
        put.method = "PUT";
    c.in_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (c.in_fd < 0)
        return open_failed(cx, path);
    if (fstat(c.in_fd, &st) != 0 || offset < 0 || offset > st.st_size ||
        (length >= 0 && length > st.st_size - offset) || lseek(c.in_fd, offset, SEEK_SET) != offset) {
        rc = err_set(cx, RC_INVALID, NULL, NULL, "%s has no bytes %lld+%lld", path, (long long)offset,
                     (long long)length);
    } else {
        c.in_start = offset;
        c.in_total = c.in_left = length >= 0 ? length : st.st_size - offset;
        rc = perform(&c);
    }
    close(c.in_fd);
    return rc;
}

/* How many bytes of an existing file can be kept; -1 if it is longer than the object. */
static int64_t have(int fd, int64_t size)
{
    int64_t n = lseek(fd, 0, SEEK_END);
    return size >= 0 && n > size ? -1 : n;
}

static enum rc received(struct call *c, const char *path, int64_t size)
{
    int64_t total = c->out_start + c->out_done;
    if (!to_file(c))
        return RC_OK;
    if (c->out_done == 0 && !rewind_file(c)) /* an empty 200 */
        return err_set(c->cx, RC_UNAVAIL, NULL, NULL, "cannot rewind %s", path);
    if (size >= 0 && c->rs->total >= 0 && c->rs->total != size)
        return err_set(c->cx, RC_CONFLICT, NULL, NULL, "%s: the object has %lld bytes, expected %lld", path,
                       (long long)c->rs->total, (long long)size);
    if ((size >= 0 && total < size) || (c->rs->total >= 0 && total < c->rs->total))
        return err_set(c->cx, RC_UNAVAIL, NULL, NULL, "%s: %lld bytes came", path, (long long)total);
    if (!c->rq->unsynced && fsync(c->out_fd) != 0)
        return err_set(c->cx, RC_UNAVAIL, NULL, NULL, "cannot sync %s: %s", path, strerror(errno));
    return RC_OK;
}

enum rc http_get_file(struct cx *cx, struct http *h, const struct http_request *rq, const char *path,
                      int64_t size, struct http_response *rs)
{
    struct call c = {.cx = cx, .h = h, .rq = rq, .rs = rs, .in_fd = -1};
    enum rc rc;
    c.out_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (c.out_fd < 0)
        return open_failed(cx, path);
    c.out_start = have(c.out_fd, size);
    if (c.out_start < 0) {
        rc = err_set(cx, RC_CONFLICT, NULL, NULL, "%s is longer than %lld bytes", path, (long long)size);
    } else if (size > 0 && c.out_start == size) {
        forget(rs);
        rs->status = STATUS_OK;
        rs->total = size;
        rc = RC_OK;
    } else {
        rc = perform(&c);
        if (rc == RC_OK)
            rc = received(&c, path, size);
    }
    close(c.out_fd);
    return rc;
}
