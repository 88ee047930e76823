/* Playback: the token in the path and the addresses under it. */
#ifndef LIB_SVC_PIPELINE_DOORS_PLAYBACK_H
#define LIB_SVC_PIPELINE_DOORS_PLAYBACK_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/doors/publication.h"

enum { PLAYBACK_TOKEN_S = 15 * 60, PLAYBACK_GENERATIONS_AHEAD = 8 };

/* What somebody may watch, as policy_may says: a set of bits. */
enum {
    PLAYBACK_RECORDING = 1, /* ACT_LECTURE_PLAY; a stream that is over counts as a recording */
    PLAYBACK_STREAM = 2,    /* ACT_LECTURE_LIVE: the stream while it is on */
    PLAYBACK_DOWNLOAD = 4   /* ACT_LECTURE_DOWNLOAD: files may be saved */
};

struct playback {
    const char *token;     /* secret: never log it */
    int64_t expires;       /* ms */
    const char *store_url; /* "" : the core's own address serves the files */
    bool recording;        /* it opens the publication's generation */
    bool stream;           /* it opens that of the stream */
};

/* A token for all of the lecture that `may` covers: the current generation, that of the stream, and with PLAYBACK_RECORDING the next few.
 * Who may watch the stream alone gets no other generation. RC_NOTFOUND not_watchable: nothing of that is there. */
WARN_UNUSED enum rc playback_token(struct cx *cx, const struct publication *p, unsigned may, int seconds,
                                   struct playback *out);

/* "<store>/m/<token>/<lecture>/g<N>/<VIEW>/<file>", of the publication's generation, and of that of the stream. */
const char *playback_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                         enum view_kind view, const char *file);
const char *playback_stream_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                                enum view_kind view, const char *file);

/* The names of playlists in a generation of a stream. */
#define PLAYBACK_LOW    "live.m3u8"   /* low latency */
#define PLAYBACK_PLAIN  "plain.m3u8"  /* for players that do not know parts */
#define PLAYBACK_MASTER "master.m3u8" /* from the seal on; and of every recording */

#endif
