/* The output of the FFmpeg of a live stream, one pipe with all tracks, taken apart into what lectern-lived gets: an init
 * for each track, then parts, numbered by segment and part. FFmpeg writes fragments (moof and mdat) of one track each
 * (movflag separate_moof), those of the first track first. A fragment is a part. A segment begins with a keyframe of
 * the first track, or without one if it would become too long; the other tracks begin theirs with the first fragment
 * that is not decoded before that moment. So segment k of every track covers the same time. A fragment that is too long
 * for a part, since the next picture came late, is shortened: then there is a gap. A sound that begins behind the first
 * picture begins with a fragment that is long enough for a part. Pure; bounded; the bytes may be
 * anything. */
#ifndef LIB_LIVE_SPLIT_H
#define LIB_LIVE_SPLIT_H

#include "lib/base/buf.h"
#include "lib/format/mp4.h"

enum {
    SPLIT_TRACKS_MAX = 4,
    SPLIT_PART_MAX = 8 << 20, /* bytes of a fragment, and of the head */
    SPLIT_SEGMENT_LEAST_MS =
        300, /* a keyframe that comes earlier begins no segment: sound might have nothing in it */
    SPLIT_SEGMENT_MOST_MS = 2400,
    SPLIT_PART_MOST_MS = 400,
    SPLIT_PART_LEAST_MS = 340, /* of the first part of a sound */
    SPLIT_STARTS = 64          /* segments that a track may be behind the first */
};

struct split_part {
    int track;
    int64_t segment, part; /* both from 0 */
    int64_t from, to;      /* decoded, ms of the output's clock */
    struct str bytes;      /* moof and mdat; lends */
};

struct split_hooks {
    void (*init)(void *arg, int track, struct str bytes); /* for each track, before the first part; lends */
    void (*part)(void *arg, const struct split_part *part);
};

struct split_track {
    struct mp4_track of;
    uint32_t number;
    int64_t segment, part; /* the next part's, unless it begins a segment; segment -1: none yet */
};

/* The members are the splitter's own. */
struct split {
    const struct split_hooks *hooks;
    void *arg;
    int expected;    /* tracks */
    int64_t shift;   /* µs */
    struct buf held; /* bytes that are no whole box, or no whole fragment, yet */
    struct buf ftyp;
    struct split_track tracks[SPLIT_TRACKS_MAX];
    bool begun;                   /* there are tracks */
    int64_t starts[SPLIT_STARTS]; /* µs: where the last segments of the first track begin */
};

/* tracks: how many there are, 1 to SPLIT_TRACKS_MAX. shift: ms by which pictures are written before they are decoded,
 * as the movflag cmaf has it with B-frames: sound is written so much earlier in its own time. */
void split_init(struct split *s, int tracks, int32_t shift, const struct split_hooks *hooks, void *arg);
void split_fini(struct split *s);
/* The next bytes. False: they are not what they should be; nothing more can be read. */
bool split_bytes(struct split *s, struct str bytes);

#endif
