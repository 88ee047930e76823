#include "lib/proto/octets.h"

struct octets octets_of(struct str s)
{
    return (struct octets){(const unsigned char *)s.p, s.n, false};
}

uint32_t octets_take(struct octets *o, int bytes)
{
    struct str s = octets_slice(o, (size_t)bytes);
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return v;
}

struct str octets_slice(struct octets *o, size_t n)
{
    if (n > o->n) {
        o->bad = true;
        o->n = 0;
        return (struct str){"", 0};
    }
    struct str s = {(const char *)o->p, n};
    o->p += n;
    o->n -= n;
    return s;
}

struct str octets_rest(const struct octets *o)
{
    return (struct str){(const char *)o->p, o->n};
}

void octets_store(unsigned char *to, uint32_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, v >>= 8)
        to[i] = (unsigned char)v;
}

void octets_put(struct buf *b, uint32_t v, int bytes)
{
    unsigned char to[4];
    octets_store(to, v, bytes);
    buf_add(b, to, (size_t)bytes);
}
