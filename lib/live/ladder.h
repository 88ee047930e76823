/* Which renditions of a live stream are made: the top as it comes if it fits into segments, else encoded, and below it
 * 720 and 360 lines, as many as the machine has room for. Pure. */
#ifndef LIB_LIVE_LADDER_H
#define LIB_LIVE_LADDER_H

#include "lib/live/incoming.h"

enum { LADDER_RUNGS = 3, LADDER_LINES_MAX = 1080, LADDER_FEWER_MAX = LADDER_RUNGS, LADDER_RATE_LEAST = 10 };

/* Seconds of CPU for a second of 1080p30, as measured with FFmpeg 5.1 (veryfast, zerolatency): copying, and each
 * encoded rung; decoding is with the rung of 360 lines. */
#define LADDER_COST_COPY 0.03
#define LADDER_COST_360  0.29
#define LADDER_COST_720  0.34
#define LADDER_COST_1080 0.78

struct rung {
    int width, height; /* 0: that of the source, which does not say it */
    int64_t bitrate;   /* bits a second; of a copied one what the publisher says, else a guess */
    bool copied;
};

struct ladder {
    struct rung rungs[LADDER_RUNGS]; /* the largest first */
    int count;                       /* 0: there are no pictures that can be shown */
    bool sound;
    double rate;   /* pictures a second; 0: not known */
    bool filled;   /* encoded rungs get pictures again so that there are LADDER_RATE_LEAST a second */
    bool forced;   /* the top is copied only since nothing can be encoded */
    int32_t shift; /* ms from the decoding to the presentation of a keyframe of the source */
    double cost;   /* seconds of CPU for a second, as of the machine on which the costs above were measured */
};

/* left: what may be spent, in the same unit. fewer: so many of the encoded rungs, the largest first, are left out; the
 * last that remains is the top, copied however far apart its keyframes are. */
void ladder_choose(const struct incoming *s, double left, int fewer, struct ladder *out);
/* Whether what runs is not what the stream needs: the top is copied, and should not be, or there are too few pictures. */
bool ladder_is_wrong(const struct ladder *l, const struct incoming *s);

#endif
