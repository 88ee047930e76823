/* Writes messages as chunks (section 5.3) without touching their payload: a frame says what stands before the
 * payload and between its pieces, so a relay sends a message that others hold, too. */
#ifndef LIB_PROTO_RTMP_FRAME_H
#define LIB_PROTO_RTMP_FRAME_H

#include "lib/base/buf.h"
#include "lib/proto/rtmp.h"

enum { RTMP_FRAME_HEAD = 1 + 11 + 4, RTMP_FRAME_NEXT = 1 + 4, RTMP_FRAME_LANES = 5 };

/* To send: head, then the payload, with `next` after every `slice` bytes of it that are not the last. */
struct rtmp_frame {
    unsigned char head[RTMP_FRAME_HEAD], next[RTMP_FRAME_NEXT];
    size_t head_n, next_n;
    uint32_t slice;
};

/* What the last header on a chunk stream said. The members are the writer's own. */
struct rtmp_written {
    uint8_t type;
    bool known, stepped;
    uint32_t stream, n, time, step;
};

struct rtmp_writer {
    uint32_t chunk; /* our chunk size; a change is sent to the peer first */
    struct rtmp_written lanes[RTMP_FRAME_LANES];
};

void rtmp_writer_init(struct rtmp_writer *w);
/* The frame of the next message; n bytes of payload. Frames are sent in the order in which they were made. */
struct rtmp_frame rtmp_writer_frame(struct rtmp_writer *w, uint8_t type, uint32_t stream, uint32_t time,
                                    uint32_t n);
/* Frame and payload as they are sent. */
size_t rtmp_frame_size(const struct rtmp_frame *f, size_t n);
void rtmp_frame_put(struct buf *b, const struct rtmp_frame *f, struct str payload);

#endif
