/* Several recordings of one view become one FLV: which tags belong in it, and at which times. A recording begins
 * with each publisher who connects, and with each ingest that takes a stream over. Kept are headers and frames of
 * one codec of sound and one of pictures; left out are metadata (which speaks of one recording only), frames that
 * are there twice after a takeover, and headers that say nothing new, so that a picture that never changes can
 * be copied later on. Times of each kind rise; sound and pictures keep their distance. Only FLV's own codec
 * numbers are kept: FFmpeg 5.1 reads no Enhanced RTMP.
 *
 * All tags are shown twice: to join_look until it has seen enough, then to join_tag. Pure, bounded memory. */
#ifndef LIB_LIVE_JOIN_H
#define LIB_LIVE_JOIN_H

#include "lib/live/overlap.h"

/* A break is shorter than a gap, since OBS needs two seconds to connect again, and pictures with a gap of half a second
 * cannot be copied: one break would have the whole lecture encoded. */
enum {
    JOIN_GAP_MS = 3000,  /* a longer gap within a stream can be cut */
    JOIN_BREAK_MS = 400, /* a longer one between two streams can be cut */
    JOIN_JUMP_MS =
        120 * 1000,    /* a longer one within a stream is a clock that was set: nothing is missing there */
    JOIN_STEP_MS = 40, /* what remains of a gap */
    JOIN_END_MS = 1 << 30,    /* 12 days: what is later is left out */
    JOIN_SETUP_MAX = 64 << 10 /* bytes of a header; a longer one is left out */
};

enum { JOIN_SOUND, JOIN_PICTURES, JOIN_KINDS };

/* The members are of lib/live/join.c. */
struct join_kind {
    bool known;           /* there are frames or headers of a codec that is kept */
    enum flv_codec codec; /* … which one */
    struct buf setup;     /* the header in force, or the next one */
    int setups;           /* how often it changed; the first one counts */
    int width, height;    /* of the largest picture that a header announces; 0: not known */
    bool pending;         /* it stands before the next frame */
    bool fresh;           /* frames of this part are no more those of the part before */
    int64_t end;          /* time of the last frame; -1: none */
    bool left_out;        /* frames of another codec, or of one that cannot be read */
    enum flv_codec other; /* … the first such */
};

struct join {
    struct join_kind kinds[JOIN_KINDS];
    struct overlap there; /* in the stream */
    bool cut;
    bool starts, waits; /* the stream has no frame yet; no keyframe yet */
    uint32_t last;      /* time of the latest frame as the stream has it */
    int64_t at;         /* … and in the joined file */
    int64_t begins;     /* of the stream */
    int64_t removed;    /* ms of gaps that were cut */
};

/* cut: of gaps that are longer than JOIN_GAP_MS or JOIN_BREAK_MS, JOIN_STEP_MS remain. */
void join_init(struct join *j, bool cut);
void join_fini(struct join *j);

/* The next tag of the first pass. True: the headers of both kinds are known, no more need be shown. */
bool join_look(struct join *j, const struct flv_tag *tag);

/* Tags of the joined file. They lend from what was shown, or from *j until the next call. */
struct join_out {
    struct flv_tag tags[2];
    size_t n;
};

/* The first tags: all headers, even of sound that comes an hour later, since a reader looks for streams only at
 * the beginning. */
void join_head(struct join *j, struct join_out *out);
/* A recording begins. begins: when its stream began, ms, from any zero that all have in common
 * (0 to 2^50). goes_on: its stream
 * is that of the recording before, which another ingest had. */
void join_part(struct join *j, int64_t begins, bool goes_on);
/* What its next tag brings: nothing, a frame, or a header and a frame. */
void join_tag(struct join *j, const struct flv_tag *tag, struct join_out *out);

#endif
