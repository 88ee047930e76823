/* Reads the chunks of an RTMP connection (section 5.3) and joins them to messages. Bytes come in pieces of any
 * size. Memory: a fixed part, and for messages that are not complete at most RTMP_HELD_MAX in sum, reserved as
 * bytes arrive and not as headers promise. Only for files of lib/proto. */
#ifndef LIB_PROTO_RTMP_CHUNK_H
#define LIB_PROTO_RTMP_CHUNK_H

#include "lib/proto/rtmp.h"

enum { RTMP_CHUNK_HEAD = 3 + 11 + 4 };

/* A chunk stream: what its next headers leave out, and the message that is being read. */
struct rtmp_lane {
    uint32_t id;
    uint32_t time; /* of the last message */
    uint32_t step; /* what a message without a header of its own adds to it */
    uint32_t stream;
    uint32_t n; /* length of the last message */
    uint8_t type;
    bool extended; /* the last header had an extended time stamp, so type 3 has one, too (5.3.1.3) */
    struct rtmp_message *message; /* NULL: between messages */
    uint32_t room;                /* bytes allocated for it */
};

/* The members are the reader's own. */
struct rtmp_reader {
    enum rtmp_fault fault;
    uint32_t chunk; /* the peer's chunk size */
    unsigned char head[RTMP_CHUNK_HEAD];
    size_t head_n;
    struct rtmp_lane lanes[RTMP_LANES_MAX];
    int lanes_n;
    int current;   /* lane of the chunk that is being read, -1: a header is next */
    uint32_t left; /* bytes of that chunk */
    uint32_t held;
};

void rtmp_reader_init(struct rtmp_reader *r);
void rtmp_reader_fini(struct rtmp_reader *r);

/* Takes bytes off *in up to the end of a message. *out: the message, which the caller then owns; NULL: *in is
 * used up. Set Chunk Size and Abort take effect here and are given, too. Faults stay. */
enum rtmp_fault rtmp_reader_next(struct rtmp_reader *r, struct str *in, struct rtmp_message **out);

#endif
