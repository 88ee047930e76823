/* Big-endian numbers and slices taken one after the other from bytes of a peer. Past the end everything is 0
 * or empty and the reader stays bad, so that callers read freely and look once. Only for files of lib/proto. */
#ifndef LIB_PROTO_OCTETS_H
#define LIB_PROTO_OCTETS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct octets {
    const unsigned char *p;
    size_t n; /* what is left */
    bool bad;
};

struct octets octets_of(struct str s); /* lends from s */
/* A number of 1 to 4 bytes. */
uint32_t octets_take(struct octets *o, int bytes);
struct str octets_slice(struct octets *o, size_t n);
/* What is left. */
struct str octets_rest(const struct octets *o);

/* Writes the low `bytes` (1 to 4) bytes of v. */
void octets_store(unsigned char *to, uint32_t v, int bytes);
void octets_put(struct buf *b, uint32_t v, int bytes);

#endif
