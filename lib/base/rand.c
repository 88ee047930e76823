#include "lib/base/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "lib/base/rc.h"

void rand_bytes(void *p, size_t n)
{
    unsigned char *at = p;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            bug("getrandom failed");
        at += got;
        n -= (size_t)got;
    }
}

void rand_hex(char *buf, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i + 1 < size; i++) {
        unsigned char b;
        rand_bytes(&b, 1);
        buf[i] = digits[b & 15];
    }
    buf[size - 1] = '\0';
}

void rand_key(char *buf, size_t size)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i + 1 < size; i++)
        buf[i] = set[rand_below(sizeof set - 1)];
    buf[size - 1] = '\0';
}

uint32_t rand_below(uint32_t below)
{
    if (below == 0)
        bug("rand_below(0)");
    const uint32_t limit = UINT32_MAX - UINT32_MAX % below;
    uint32_t r;
    do
        rand_bytes(&r, sizeof r);
    while (r >= limit);
    return r % below;
}
