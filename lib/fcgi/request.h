/* One request: its CGI variables (RFC 3875), the bytes of its body as they arrive, its answer. It comes from
 * a web server by FastCGI, or from the environment and standard input as plain CGI; a test may define a kind
 * of its own, in memory. A request belongs to the thread that serves it; other threads may only call
 * fcgi_stop_body. */
#ifndef LIB_FCGI_REQUEST_H
#define LIB_FCGI_REQUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fcgi_request;

/* What a kind of request can do; the functions below call it. */
struct fcgi_kind {
    const char *(*param)(const struct fcgi_request *rq, const char *name);
    size_t (*read)(struct fcgi_request *rq, char *p, size_t n);
    bool (*write)(struct fcgi_request *rq, const char *p, size_t n);
    void (*stop_body)(struct fcgi_request *rq);
};

struct fcgi_request {
    const struct fcgi_kind *kind;
    bool cut;    /* the body ended before it was complete */
    bool failed; /* the answer breaks off */
};

/* A variable by its CGI name ("HTTP_RANGE"), or NULL. Lends until the end of the request. */
const char *fcgi_param(const struct fcgi_request *rq, const char *name);

/* The next bytes of the body as they arrive: at least one, at most n; waits for the first without a limit. 0:
 * the body is over. */
size_t fcgi_read(struct fcgi_request *rq, char *p, size_t n);
/* After fcgi_read has returned 0: true if the body was complete. False: the client or the web server has
 * gone, or fcgi_stop_body was called. */
bool fcgi_is_complete(const struct fcgi_request *rq);
/* Ends the body for the thread that reads it; bytes that have arrived can still be read. The caller makes
 * sure that the request is not over. */
void fcgi_stop_body(struct fcgi_request *rq);

/* Sends n bytes of the answer: first "Status: 200 OK\r\n" and the other headers, an empty line, then the
 * body. False: nobody takes them any more. */
bool fcgi_write(struct fcgi_request *rq, const char *p, size_t n);
/* The same with a format. A client that has gone is noticed when the body is written. */
void fcgi_printf(struct fcgi_request *rq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a function that was called with "...". */
void fcgi_vprintf(struct fcgi_request *rq, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* The answer breaks off before its end; the web server is told. */
void fcgi_fail(struct fcgi_request *rq);

#endif
