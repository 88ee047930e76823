#include "lib/proto/rtmp_handshake.h"

enum { OUR_VERSION = 3 };

void rtmp_handshake_greet(struct rtmp_handshake *h, struct buf *out)
{
    unsigned char hello[1 + RTMP_HELLO] = {OUR_VERSION}; /* time 0, and four bytes that must be 0 */
    for (unsigned i = 9; i < sizeof hello; i++)
        hello[i] = (unsigned char)(i * 167 + 13);
    buf_add(out, hello, sizeof hello);
    h->greeted = true;
}

static struct str cut(struct str *in, size_t most)
{
    struct str s = {in->p, in->n < most ? in->n : most};
    in->p += s.n;
    in->n -= s.n;
    return s;
}

enum rtmp_fault rtmp_handshake_feed(struct rtmp_handshake *h, struct str *in, struct buf *out)
{
    if (h->seen == 0 && in->n > 0) {
        if (cut(in, 1).p[0] != OUR_VERSION)
            return RTMP_FAULT_VERSION;
        if (!h->greeted)
            rtmp_handshake_greet(h, out);
        h->seen = 1;
    }
    if (h->seen >= 1 && h->seen <= RTMP_HELLO) {
        struct str echo = cut(in, RTMP_HELLO + 1 - h->seen);
        buf_add(out, echo.p, echo.n);
        h->seen += (uint32_t)echo.n;
    }
    if (h->seen > RTMP_HELLO)
        h->seen += (uint32_t)cut(in, RTMP_HANDSHAKE - h->seen).n;
    return RTMP_FINE;
}

bool rtmp_handshake_is_done(const struct rtmp_handshake *h)
{
    return h->seen == RTMP_HANDSHAKE;
}
