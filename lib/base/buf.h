/* A growing byte buffer with a maximum. The first write over the maximum sets a sticky error and drops
 * everything after, so that callers append freely and check once at the end. Always NUL-terminated. */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

struct buf {
    char *p;
    size_t n, size, max;
    bool overflow;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* empties it, keeps the memory, clears the error */

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text as a JSON string (RFC 8259 section 7), quotes included; invalid UTF-8 becomes U+FFFD. */
void buf_json(struct buf *b, struct str s);

/* What is in it; lends. */
struct str buf_view(const struct buf *b);

#endif
