/* The server's side of an RTMP connection on which somebody publishes (RTMP section 7.2): bytes in, events and
 * bytes out. The owner decides, when it knows, whether a publish is accepted; until then the peer has no
 * answer, so a refusal comes before NetStream.Publish.Start and the encoder says that it could not begin.
 * One publish per connection, no playing. Tried with FFmpeg, OBS's and rtmpdump's librtmp, GStreamer rtmp2sink. */
#ifndef LIB_PROTO_RTMP_SERVER_H
#define LIB_PROTO_RTMP_SERVER_H

#include "lib/proto/rtmp_link.h"

enum {
    RTMP_APP_MAX = 256,  /* bytes of the application's name */
    RTMP_URL_MAX = 1024, /* of tcUrl */
    RTMP_NAME_MAX = 4096 /* of the stream's name: a token of ours */
};

enum rtmp_event_kind {
    RTMP_EVENT_MORE,      /* nothing: *in is used up */
    RTMP_EVENT_CONNECT,   /* app, url; already answered */
    RTMP_EVENT_PUBLISH,   /* name, mode; to be answered by rtmp_server_accept or _refuse */
    RTMP_EVENT_MEDIA,     /* message: RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA, the latter without @setDataFrame */
    RTMP_EVENT_UNPUBLISH, /* the peer ended the stream */
    RTMP_EVENT_PONG,      /* stamp, of rtmp_link_ping */
    RTMP_EVENT_START,     /* client only: the stream was accepted */
    RTMP_EVENT_REFUSED,   /* client only: code, words: refused, or ended by the peer */
    RTMP_EVENT_FAULT      /* fault; close the connection */
};

/* Everything in it is lent until the next call with that connection; keep a message by rtmp_message_ref. A name
 * is a secret. Texts are UTF-8 without control characters; url may be empty. */
struct rtmp_event {
    enum rtmp_event_kind kind;
    struct str app, url, name, mode, code, words;
    struct rtmp_message *message;
    uint32_t stamp;
    enum rtmp_fault fault;
};

enum rtmp_server_state {
    RTMP_SERVER_NEW,
    RTMP_SERVER_CONNECTED,
    RTMP_SERVER_ASKED, /* a publish waits for the owner's decision */
    RTMP_SERVER_LIVE,
    RTMP_SERVER_OVER /* refused, or unpublished: commands are answered, media is dropped */
};

struct rtmp_server {
    struct rtmp_link link; /* link.out is to be sent; rtmp_link_ping may be used */
    enum rtmp_server_state state;
    uint32_t stream;           /* on which the peer publishes */
    struct rtmp_message *lent; /* what the last event lends from */
};

void rtmp_server_init(struct rtmp_server *s);
void rtmp_server_fini(struct rtmp_server *s);

/* Takes bytes off *in up to the next event; call until RTMP_EVENT_MORE or _FAULT. Media may come before the
 * publish was accepted, from encoders that do not wait: keep it within a bound, or drop it. */
void rtmp_server_next(struct rtmp_server *s, struct str *in, struct rtmp_event *out);

/* Answers a publish. False: it is not waiting any more. */
bool rtmp_server_accept(struct rtmp_server *s);
/* code: "NetStream.Publish.BadName", "NetStream.Publish.Rejected"; words: for the person, at most 1000 bytes
 * are sent. OBS writes them into its log only. Close the connection once link.out is sent. */
bool rtmp_server_refuse(struct rtmp_server *s, const char *code, struct str words);

#endif
