/* The last seconds of a live stream, kept so that another ingest can go on when the one that had them dies: the
 * tags from a keyframe on that was sent before the last ping that was answered, and what a decoder needs before
 * them (metadata and sequence headers that were in force at that keyframe). Tags are RTMP messages, held by
 * reference. The memory is bounded; a stream whose keyframes are too far apart for it has no window for a while.
 * Pure; one thread. */
#ifndef LIB_LIVE_WINDOW_H
#define LIB_LIVE_WINDOW_H

#include "lib/proto/rtmp.h"

enum {
    WINDOW_TAG_COST = 96,        /* bytes counted for a tag besides its body */
    WINDOW_SETUP_MAX = 64 << 10, /* longer headers and metadata are not kept apart */
    WINDOW_MARKS_MAX = 8         /* pings on their way */
};

struct window_slot {
    struct rtmp_message *message;
    bool key; /* the window may begin here */
};

/* A ping that was sent: everything before `position` was sent before it. */
struct window_mark {
    uint32_t stamp;
    uint64_t position;
};

enum { WINDOW_METADATA, WINDOW_AUDIO_SETUP, WINDOW_VIDEO_SETUP, WINDOW_SETUPS };

/* The members are the window's own; `bytes` may be read. */
struct window {
    struct rtmp_message *setups[WINDOW_SETUPS]; /* in force where the window begins; NULL: none */
    struct window_slot *slots;                  /* a ring of `size`, `n` from `from` on */
    size_t size, from, n;
    size_t bytes, bytes_max;
    uint64_t position; /* of the first slot, counted from the first tag of the stream */
    struct window_mark marks[WINDOW_MARKS_MAX];
    int marks_n;
    bool has_video;
    bool waits; /* for a keyframe: what came before did not fit */
};

/* bytes_max: with OBS as it is installed, two times 8.3 s of the stream. */
void window_init(struct window *w, size_t bytes_max);
void window_fini(struct window *w);

/* The next tag of the stream, RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA; takes a reference of its own. */
void window_push(struct window *w, struct rtmp_message *m);

/* A ping with this stamp was sent behind the last tag. If too many are on their way, it is not counted, and the
 * window only becomes longer. */
void window_ping(struct window *w, uint32_t stamp);
/* The ping was answered: what lies before the last keyframe that was sent before it is dropped. False: no such
 * ping. */
bool window_pong(struct window *w, uint32_t stamp);
/* The receiver is gone, and so are the answers to pings. */
void window_forget_pings(struct window *w);

/* What to send to somebody who has nothing, in this order: i from 0 to window_count - 1. Lends; *time is the
 * time with which to send it, which for headers is that of the first tag. */
size_t window_count(const struct window *w);
struct rtmp_message *window_at(const struct window *w, size_t i, uint32_t *time);
/* False: there is nothing that a decoder could begin with; the headers are right, and tags from the next
 * keyframe on are. */
bool window_is_whole(const struct window *w);

#endif
