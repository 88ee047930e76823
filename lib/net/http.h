/* HTTP client over libcurl: one call, bounded answer, time limits, TLS verified. One struct http per thread:
 * it keeps the connection for the next call. Redirects are not followed. Tokens go into `bearer`; nothing
 * here logs them. */
#ifndef LIB_NET_HTTP_H
#define LIB_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

struct http;

enum { HTTP_MAX_ANSWER = 4 * 1024 * 1024 }; /* default limit of an answer's body, bytes */

/* ca_file: PEM of the authorities to trust, NULL or "" for the system's. Call http_global_init() once before
 * threads. */
void http_global_init(void);
struct http *http_new(const char *ca_file);
void http_free(struct http *h);

/* done of total bytes (total -1: unknown). Return false to stop: the call ends with RC_TIMEOUT. */
typedef bool http_progress(void *arg, int64_t done, int64_t total);

/* Called for each n bytes that http_get_file has written at offset `at` of the file. Pieces come in order; if
 * the server knows no ranges they begin at 0 again. */
typedef void http_piece(void *arg, int64_t at, const char *p, size_t n);

struct http_request {
    const char *method; /* NULL: GET, or POST with a body */
    const char *url;    /* http or https only */
    const char *socket; /* path of a unix socket that is asked instead of the address's host, or NULL */
    const char *bearer; /* Authorization: Bearer …, or NULL */
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
    struct str body;            /* p NULL: none */
    const char *content_type;   /* NULL: application/json when there is a body */
    size_t max_answer;          /* 0: HTTP_MAX_ANSWER */
    int timeout_ms; /* of the whole call; 0: 15 s. Streaming calls: of standing still (under 1 byte/s); 0: 60
                       s */
    http_progress *progress; /* or NULL */
    void *progress_arg;
    http_piece *piece; /* of http_get_file, or NULL: gets the bytes as they arrive */
    void *piece_arg;
    bool unsynced; /* of http_get_file: no fsync, the file may be lost in a power failure */
};

struct http_response {
    int status;            /* the final one */
    struct str body;       /* in the arena */
    const char *type;      /* Content-Type, or "" */
    const char *location;  /* Location, or NULL */
    int64_t upload_offset; /* Upload-Offset, or -1 */
    int64_t upload_length; /* Upload-Length, or -1 */
    const char *digest;    /* Repr-Digest, or "" */
    int64_t total;   /* length of the whole object: Content-Range's total, else Content-Length; -1 unknown */
    int retry_after; /* seconds, 0: none given */
};

/* RC_OK means an answer came, whatever its status: look at rs->status. RC_UNAVAIL: no connection or it broke;
 * RC_TIMEOUT; RC_TOOBIG: the answer exceeds the limit; RC_INVALID: the address is none. */
WARN_UNUSED enum rc http_call(struct cx *cx, struct http *h, const struct http_request *rq,
                              struct http_response *rs);

/* Sends `length` bytes of the file from `offset` as the body (method PUT unless rq says otherwise; tus PATCH
 * too). length -1: to the end of the file. Memory use does not depend on the length. */
WARN_UNUSED enum rc http_send_file(struct cx *cx, struct http *h, const struct http_request *rq,
                                   const char *path, int64_t offset, int64_t length,
                                   struct http_response *rs);

/* Writes the body of a 200 or 206 to `path`. If a part of the file exists, only the rest is asked for
 * (Range). `size` is the expected length, or -1. RC_OK: the file is complete (rs->status 200 or 206, fsynced
 * unless rq->unsynced), or the answer had another status: then the file is unchanged and the body is in rs.
 * RC_UNAVAIL: the connection broke; what arrived is kept, call again. RC_CONFLICT: the existing file is
 * longer than `size`, or the object has another length. */
WARN_UNUSED enum rc http_get_file(struct cx *cx, struct http *h, const struct http_request *rq,
                                  const char *path, int64_t size, struct http_response *rs);

#endif
