#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_fini(struct buf *b)
{
    free(b->p);
    b->p = NULL;
    b->n = b->size = 0;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
    if (b->p)
        b->p[0] = '\0';
}

static bool reserve(struct buf *b, size_t n)
{
    if (b->overflow || n > b->max - b->n) {
        b->overflow = true;
        return false;
    }
    if (b->n + n + 1 > b->size) {
        size_t size = b->size ? b->size : 256;
        while (size < b->n + n + 1)
            size *= 2;
        b->p = mem_resize(b->p, size);
        b->size = size;
    }
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0 && reserve(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

void buf_json(struct buf *b, struct str s)
{
    bool valid = str_is_utf8(s);
    buf_str(b, "\"");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < 0x20)
            buf_printf(b, "\\u%04x", c);
        else if (c >= 0x80 && !valid)
            buf_str(b, "\xEF\xBF\xBD");
        else
            buf_add(b, &s.p[i], 1);
    }
    buf_str(b, "\"");
}

struct str buf_view(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}
