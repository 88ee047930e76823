/* Requests from a web server by FastCGI: the only file that uses libfcgi. Connections are accepted here and
 * not by the library, whose accept cannot be interrupted: a process that is to end would take one more
 * request. */
#include "lib/fcgi/inner.h"

#include <fcgiapp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"

enum { FIRST_BYTE_MS = 2000 /* a web server sends its request at once */ };

struct fast {
    struct fcgi_request rq;
    FCGX_Request f;
};

static FCGX_Request *request_of(const struct fcgi_request *rq)
{
    return &((struct fast *)(uintptr_t)rq)->f;
}

static const char *param(const struct fcgi_request *rq, const char *name)
{
    return FCGX_GetParam(name, request_of(rq)->envp);
}

/* FCGX_GetStr waits until all requested bytes have arrived. So: one byte, then what is in the stream's
 * buffer. */
static size_t read_body(struct fcgi_request *rq, char *p, size_t n)
{
    FCGX_Stream *in = request_of(rq)->in;
    size_t got = (size_t)FCGX_GetStr(p, 1, in);
    if (got == 0) {
        rq->cut = FCGX_GetError(in) != 0;
        return 0;
    }
    size_t here = (size_t)(in->stop - in->rdNext), more = here < n - 1 ? here : n - 1;
    return more > 0 ? got + (size_t)FCGX_GetStr(p + 1, (int)more, in) : got;
}

static bool write_answer(struct fcgi_request *rq, const char *p, size_t n)
{
    return FCGX_PutStr(p, (int)n, request_of(rq)->out) == (int)n;
}

static void stop_body(struct fcgi_request *rq)
{
    shutdown(request_of(rq)->ipcFd, SHUT_RD);
}

void fast_init(void)
{
    struct sigaction keep;
    sigaction(SIGUSR1, NULL, &keep);
    FCGX_Init(); /* puts a signal handler of its own in place */
    sigaction(SIGUSR1, &keep, NULL);
}

struct fcgi_request *fast_new(void)
{
    static const struct fcgi_kind kind = {param, read_body, write_answer, stop_body};
    struct fast *fast = mem_alloc(sizeof *fast);
    fast->rq.kind = &kind;
    FCGX_InitRequest(&fast->f, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    return &fast->rq;
}

void fast_free(struct fcgi_request *rq)
{
    FCGX_Free(request_of(rq), request_of(rq)->ipcFd >= 0);
    free(rq);
}

/* The library reads from a connection that it finds in the request, if it is one to be kept; what the web
 * server says about keeping it takes that place. With -1 for a listening socket it does not wait for another
 * one after a request that was none. */
bool fast_begin(struct fcgi_request *rq, int connection)
{
    FCGX_Request *f = request_of(rq);
    struct pollfd p = {.fd = connection, .events = POLLIN};
    *rq = (struct fcgi_request){.kind = rq->kind};
    if (poll(&p, 1, FIRST_BYTE_MS) <= 0) {
        close(connection);
        return false;
    }
    f->ipcFd = connection;
    f->keepConnection = 1;
    return FCGX_Accept_r(f) == 0;
}

void fast_end(struct fcgi_request *rq)
{
    FCGX_Request *f = request_of(rq);
    if (rq->failed)
        FCGX_SetExitStatus(1, f->out);
    FCGX_Finish_r(f);
    if (f->ipcFd >= 0)
        FCGX_Free(f, 1); /* a connection to be kept would occupy this process while it is idle */
}
