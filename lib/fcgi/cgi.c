/* Plain CGI (RFC 3875): one request, from the environment and standard input, answered on standard output. */
#include "lib/fcgi/inner.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/os/file.h"

static const char *param(const struct fcgi_request *rq, const char *name)
{
    (void)rq;
    return getenv(name);
}

static size_t read_body(struct fcgi_request *rq, char *p, size_t n)
{
    ssize_t got;
    do
        got = read(STDIN_FILENO, p, n);
    while (got < 0 && errno == EINTR);
    rq->cut = got < 0;
    return got > 0 ? (size_t)got : 0;
}

static bool write_answer(struct fcgi_request *rq, const char *p, size_t n)
{
    (void)rq;
    return file_write_all(STDOUT_FILENO, p, n);
}

static void stop_body(struct fcgi_request *rq)
{
    (void)rq; /* only one thread exists */
}

int cgi_run(const struct fcgi_program *program)
{
    static const struct fcgi_kind kind = {param, read_body, write_answer, stop_body};
    struct fcgi_request rq = {.kind = &kind};
    struct cx cx;
    cx_init(&cx);
    enum rc rc = program->start ? program->start(&cx, program->ctx) : RC_OK;
    if (rc == RC_OK)
        program->serve(&cx, &rq, program->ctx);
    else
        log_err(LOG_ERROR, &cx, "cannot start");
    cx_fini(&cx);
    return rc == RC_OK && !rq.failed ? 0 : 1;
}
