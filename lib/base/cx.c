#include "lib/base/cx.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/rand.h"

void cx_init(struct cx *cx)
{
    memset(cx, 0, sizeof *cx);
    cx->arena = arena_new();
    rand_hex(cx->id, sizeof cx->id);
}

void cx_fini(struct cx *cx)
{
    arena_free(cx->arena);
    cx->arena = NULL;
}

void cx_reset(struct cx *cx)
{
    arena_reset(cx->arena);
    err_clear(cx);
    cx->actor = NULL;
    cx->signing = NULL;
    rand_hex(cx->id, sizeof cx->id);
}

enum rc err_set(struct cx *cx, enum rc rc, const char *field, const char *key, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cx->err = (struct err){.rc = rc, .field = field, .key = key, .detail = arena_vprintf(cx->arena, fmt, ap)};
    va_end(ap);
    return rc;
}

void err_clear(struct cx *cx)
{
    cx->err = (struct err){0};
}
