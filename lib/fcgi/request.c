#include "lib/fcgi/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

enum { SHORT_TEXT = 1024 };

const char *fcgi_param(const struct fcgi_request *rq, const char *name)
{
    return rq->kind->param(rq, name);
}

size_t fcgi_read(struct fcgi_request *rq, char *p, size_t n)
{
    return n > 0 ? rq->kind->read(rq, p, n) : 0;
}

bool fcgi_is_complete(const struct fcgi_request *rq)
{
    return !rq->cut;
}

void fcgi_stop_body(struct fcgi_request *rq)
{
    rq->kind->stop_body(rq);
}

bool fcgi_write(struct fcgi_request *rq, const char *p, size_t n)
{
    return n == 0 || rq->kind->write(rq, p, n);
}

void fcgi_vprintf(struct fcgi_request *rq, const char *fmt, va_list ap)
{
    char text[SHORT_TEXT], *p = text;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    if (n >= SHORT_TEXT) {
        p = mem_alloc((size_t)n + 1);
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    if (n > 0)
        (void)fcgi_write(rq, p, (size_t)n);
    if (p != text)
        free(p);
}

void fcgi_printf(struct fcgi_request *rq, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fcgi_vprintf(rq, fmt, ap);
    va_end(ap);
}

void fcgi_fail(struct fcgi_request *rq)
{
    rq->failed = true;
}
