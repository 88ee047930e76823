/* The client's side of an RTMP connection, as a publisher (RTMP section 7.3.1): connects, creates a stream,
 * publishes it under a name and says whether it was accepted; then sends media without copying it. Bytes and
 * messages in, events and bytes out. Tried with nginx-rtmp, FFmpeg as a server and rtmp_server.h. */
#ifndef LIB_PROTO_RTMP_CLIENT_H
#define LIB_PROTO_RTMP_CLIENT_H

#include "lib/proto/rtmp_server.h"

enum rtmp_client_state {
    RTMP_CLIENT_HANDSHAKE,
    RTMP_CLIENT_CONNECTING,
    RTMP_CLIENT_CREATING,
    RTMP_CLIENT_ASKING,
    RTMP_CLIENT_LIVE,
    RTMP_CLIENT_OVER
};

/* The texts are lent until RTMP_EVENT_START, _REFUSED or _FAULT; limits are those of rtmp_server.h. */
struct rtmp_target {
    struct str app, url, name; /* url: tcUrl, "rtmp://host:port/app" */
};

struct rtmp_client {
    struct rtmp_link link; /* link.out is to be sent; rtmp_link_ping may be used */
    enum rtmp_client_state state;
    struct rtmp_target target;
    uint32_t stream;
    struct rtmp_message *lent; /* what the last event lends from */
};

/* Begins the handshake: link.out has bytes afterwards. */
void rtmp_client_init(struct rtmp_client *c, const struct rtmp_target *target);
void rtmp_client_fini(struct rtmp_client *c);

/* Takes bytes off *in up to the next event; call until RTMP_EVENT_MORE or _FAULT. Events: _START, _REFUSED,
 * _PONG. After _REFUSED nothing more can be sent. */
void rtmp_client_next(struct rtmp_client *c, struct str *in, struct rtmp_event *out);

/* The frame of a media message for this connection, at that time (ms); the caller sends first what is in
 * link.out, then the frame with the payload. False: not accepted yet, or not any more. */
bool rtmp_client_frame(struct rtmp_client *c, const struct rtmp_message *m, uint32_t time,
                       struct rtmp_frame *out);
/* Says that the stream ends; the connection may be closed once link.out is sent. */
void rtmp_client_end(struct rtmp_client *c);

#endif
