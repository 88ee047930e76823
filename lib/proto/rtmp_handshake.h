/* The handshake of RTMP (section 5.2), simple form, for both sides. Each side sends a version and 1536 bytes
 * (C0 C1, S0 S1) and then the peer's 1536 bytes again (C2, S2), so nothing is kept: what arrives of the
 * peer's first packet goes out at once. The random bytes are constant, since nothing rests on them, and the
 * peer's echo is not compared, since several encoders do not echo exactly. Only for files of lib/proto. */
#ifndef LIB_PROTO_RTMP_HANDSHAKE_H
#define LIB_PROTO_RTMP_HANDSHAKE_H

#include "lib/base/buf.h"
#include "lib/proto/rtmp.h"

enum { RTMP_HELLO = 1536, RTMP_HANDSHAKE = 1 + 2 * RTMP_HELLO };

struct rtmp_handshake {
    uint32_t seen; /* bytes of the peer, RTMP_HANDSHAKE when it is over */
    bool greeted;
};

/* Sends our version and first packet; a client begins so, a server answers so by itself. */
void rtmp_handshake_greet(struct rtmp_handshake *h, struct buf *out);
/* Takes what belongs to the handshake off *in. Over: rtmp_handshake_is_done. RTMP_FAULT_VERSION. */
enum rtmp_fault rtmp_handshake_feed(struct rtmp_handshake *h, struct str *in, struct buf *out);
bool rtmp_handshake_is_done(const struct rtmp_handshake *h);

#endif
