/* RTMP (Adobe, Real Time Messaging Protocol specification 1.0, 2012): what its layers share, that is numbers,
 * limits, faults and messages. Layers from below: rtmp_handshake, rtmp_chunk (reading) and rtmp_frame (writing),
 * rtmp_link (one connection with its control messages), rtmp_command, and on top rtmp_server and rtmp_client.
 * All are pure: bytes in, values and bytes out; no socket and no clock. One thread per connection; a message
 * may be shared by connections of the same thread. */
#ifndef LIB_PROTO_RTMP_H
#define LIB_PROTO_RTMP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

enum {
    RTMP_CHUNK_DEFAULT = 128, /* section 5.4.1 */
    RTMP_CHUNK_MIN = 128, /* section 5.4.1: a sender SHOULD NOT go below; smaller ones only cost us time */
    RTMP_CHUNK_MAX = 0xffffff,  /* more than the longest message is the same as that */
    RTMP_MESSAGE_MAX = 4 << 20, /* bytes of a picture or sound; the protocol allows 16 MiB */
    RTMP_TEXT_MAX = 64 << 10,   /* bytes of every other message */
    RTMP_HELD_MAX = 5 << 20,    /* bytes kept for messages of one connection that are not complete */
    RTMP_LANES_MAX = 32,        /* chunk streams of one connection */
    RTMP_OUT_MAX = 64 << 10     /* bytes that wait to be sent, without media */
};

/* Message types (sections 5.4, 6.2, 7.1). */
enum rtmp_type {
    RTMP_SET_CHUNK_SIZE = 1,
    RTMP_ABORT = 2,
    RTMP_ACKNOWLEDGEMENT = 3,
    RTMP_USER_CONTROL = 4,
    RTMP_WINDOW_SIZE = 5,
    RTMP_PEER_BANDWIDTH = 6,
    RTMP_AUDIO = 8, /* body as of an FLV tag of the same number, and so the next and RTMP_DATA */
    RTMP_VIDEO = 9,
    RTMP_DATA_AMF3 = 15,
    RTMP_COMMAND_AMF3 = 17,
    RTMP_DATA = 18,
    RTMP_COMMAND = 20,
    RTMP_AGGREGATE = 22
};

/* Why a connection must be closed. Each is final for the connection. */
enum rtmp_fault {
    RTMP_FINE = 0,
    RTMP_FAULT_VERSION,
    RTMP_FAULT_CHUNK_SIZE,
    RTMP_FAULT_LENGTH,
    RTMP_FAULT_HELD,
    RTMP_FAULT_LANES,
    RTMP_FAULT_HEAD,
    RTMP_FAULT_MIDDLE,
    RTMP_FAULT_CONTROL,
    RTMP_FAULT_COMMAND,
    RTMP_FAULT_ORDER,
    RTMP_FAULT_AGGREGATE,
    RTMP_FAULT_OUT,
    RTMP_FAULT_COUNT
};

/* A sentence for the log and for the lecturer; lends a static string. */
const char *rtmp_fault_words(enum rtmp_fault fault);

/* A whole message, counted by references and never changed once it is given, so that a window, a file and
 * several connections can hold it without a copy. The count is not for several threads. */
struct rtmp_message {
    unsigned refs;
    uint8_t type;    /* enum rtmp_type, or a number that is none */
    uint32_t stream; /* message stream id */
    uint32_t time;   /* ms, wraps after 49.7 days */
    uint32_t n;
    unsigned char bytes[];
};

/* With one reference. n: at most RTMP_MESSAGE_MAX; p is copied. */
struct rtmp_message *rtmp_message_new(uint8_t type, uint32_t stream, uint32_t time, struct str bytes);
struct rtmp_message *rtmp_message_ref(struct rtmp_message *m); /* the same, one reference more */
/* Gives a reference back, and frees with the last one; commands, which hold secrets, are overwritten first.
 * NULL is fine. */
void rtmp_message_unref(struct rtmp_message *m);
struct str rtmp_message_view(const struct rtmp_message *m);
/* The time from a to b, ms, across the wrap of 2^32; negative if b is before a. */
int64_t rtmp_time_between(uint32_t a, uint32_t b);

#endif
