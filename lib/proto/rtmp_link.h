/* One RTMP connection of either side: handshake, messages, and the control messages that need no decision
 * (section 5.4 and 6.2): chunk size, abort, acknowledgements by window in both directions, pings of the peer.
 * What is to be sent is collected in `out`, which its owner empties after every call. Memory: what rtmp_chunk.h
 * says, and RTMP_OUT_MAX; a peer that lets `out` fill up is at fault. */
#ifndef LIB_PROTO_RTMP_LINK_H
#define LIB_PROTO_RTMP_LINK_H

#include "lib/proto/rtmp_chunk.h"
#include "lib/proto/rtmp_frame.h"
#include "lib/proto/rtmp_handshake.h"

struct rtmp_link {
    enum rtmp_fault fault;
    struct rtmp_handshake handshake;
    struct rtmp_reader reader;
    struct rtmp_writer writer;
    struct buf out;          /* to send, before any frame that is made later */
    uint32_t received, told; /* bytes received, and what of them was acknowledged; both wrap */
    uint32_t window_in;      /* the peer wants an acknowledgement at least so often; 0: it has not said */
    uint32_t window_out;     /* what we want; 0: nothing */
    uint32_t sent, answered; /* bytes of messages sent, and what the peer acknowledged; both wrap */
    uint32_t pings;          /* pings without an answer */
};

void rtmp_link_init(struct rtmp_link *l);
void rtmp_link_fini(struct rtmp_link *l);

/* Takes bytes off *in up to a message that the caller must look at: a command, data, media, or the answer to a
 * ping (RTMP_USER_CONTROL, read by rtmp_pong_read). *out: the caller owns it; NULL: *in is used up. */
enum rtmp_fault rtmp_link_next(struct rtmp_link *l, struct str *in, struct rtmp_message **out);

/* A message into `out`, copied. */
void rtmp_link_send(struct rtmp_link *l, uint8_t type, uint32_t stream, struct str body);
/* Bytes that we will put into one chunk, from RTMP_CHUNK_MIN to RTMP_CHUNK_MAX. */
void rtmp_link_set_chunk(struct rtmp_link *l, uint32_t chunk);
/* The bytes that we want acknowledged, and (section 5.4.5) that the peer should want. */
void rtmp_link_set_window(struct rtmp_link *l, uint32_t window);
void rtmp_link_stream_begin(struct rtmp_link *l, uint32_t stream); /* section 7.1.7 */
/* A ping whose answer brings `stamp` back. FFmpeg, GStreamer's rtmp2sink, nginx-rtmp and rtmp_client.h answer. OBS
 * and librtmp read nothing while they send, and never do; and whoever closes with a ping unread resets the
 * connection, so that the kernel drops what we have not read of its last seconds. So ping receivers, not
 * publishers. Count unanswered pings and not the time: after a process stood still, its clock says nothing about
 * the peer. */
void rtmp_link_ping(struct rtmp_link *l, uint32_t stamp);
/* False: the message is no answer to a ping. */
bool rtmp_pong_read(const struct rtmp_message *m, uint32_t *stamp);

#endif
