/* What a live stream brings, as far as its tags have shown: codecs, size, rates, and how far apart its keyframes are.
 * From that a ladder is chosen (lib/live/ladder.h). Pure; the tags may hold anything. */
#ifndef LIB_LIVE_INCOMING_H
#define LIB_LIVE_INCOMING_H

#include "lib/proto/flv.h"

enum {
    INCOMING_GAP_LEAST_MS = 450, /* keyframes closer together make parts and segments too short */
    INCOMING_GAP_MOST_MS = 2100, /* … farther apart, segments too long */
    INCOMING_GAP_LOST_MS = 4200, /* … once the first three were right: one may be missing, not two */
    INCOMING_SLOW_MS = 200,      /* pictures farther apart do not fit into parts of 0.4 s … */
    INCOMING_SLOW = 3,           /* … and are filled up, if there are so many in a row */
    INCOMING_KEYS = 3            /* keyframes by which the beginning is judged */
};

struct incoming {
    bool pictures;        /* H.264 with its header */
    bool sound;           /* AAC with its header */
    bool unread;          /* pictures that FFmpeg 5.1 does not read from an FLV … */
    enum flv_codec other; /* … of this codec */
    int width, height;    /* 0: the header does not say */
    double rate;          /* pictures a second; 0: the publisher does not say */
    int64_t bitrate;      /* of the pictures, bits a second; 0: not said */
    int32_t shift;        /* ms from the decoding of the first keyframe to its presentation */
    int keys;             /* keyframes so far */
    bool uneven;          /* two of them were too close or too far apart to be copied into segments */
    bool slow;            /* so few pictures a second that some have to be shown again */
    int far;              /* pictures in a row, up to the last one, that came too late */
    uint32_t last;        /* time of the last picture, ms */
    uint32_t last_key;    /* time of the last one, ms */
    uint64_t setup;       /* of the picture's header: another number, another header */
};

/* *s begins with zeroes. True: the tag is a keyframe, behind its header. */
bool incoming_tag(struct incoming *s, const struct flv_tag *tag);

#endif
