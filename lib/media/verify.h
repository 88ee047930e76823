/* Finished files are read again before anybody relies on them: packets, lengths, what a player needs to
 * know. */
#ifndef LIB_MEDIA_VERIFY_H
#define LIB_MEDIA_VERIFY_H

#include <stdint.h>

#include "lib/format/hls.h"
#include "lib/format/mp4.h"
#include "lib/media/plan.h"
#include "lib/media/tool.h"

#define VERIFY_ENDS_APART  0.2  /* seconds audio and video may end apart */
#define VERIFY_START_APART 0.02 /* seconds a track may begin after the lecture: less than a frame */

enum { VERIFY_HASH = 65 };

struct verify_track {
    int64_t packets, bytes;
    double start, end;     /* seconds of the lecture, as a player presents it */
    char codec[MP4_CODEC]; /* as in a playlist's CODECS */
    int64_t average, peak; /* bit/s, peak over the playlist's segments */
    double listed;         /* seconds that the playlist adds up to */
};

/* Reads the file's tables and its playlist (video.mp4 → video.m3u8), which must agree with each other and
 * begin with the lecture. Fails with verify. */
WARN_UNUSED enum rc verify_read(struct cx *cx, struct media_job *job, const char *name,
                                struct verify_track *out);

/* The playlist of `name`, as it stands beside its file. */
WARN_UNUSED enum rc verify_read_playlist(struct cx *cx, const struct media_job *job, const char *name,
                                         struct hls_playlist *out);

/* For a copied track: packets and length equal those of the source. Fails with code verify. */
WARN_UNUSED enum rc verify_copied(struct cx *cx, struct media_job *job, const struct probe *p,
                                  const char *name, const struct verify_track *t);
/* For an encoded track: as many packets as frames were encoded (frames < 0: unknown), and the planned
 * length. */
WARN_UNUSED enum rc verify_encoded(struct cx *cx, struct media_job *job, const struct plan *plan,
                                   const char *name, const struct verify_track *t, int64_t frames);
/* Checks that audio and video end together. */
WARN_UNUSED enum rc verify_ends(struct cx *cx, struct media_job *job, const char *name,
                                const struct verify_track *video, const struct verify_track *audio);

/* SHA-256 in hex of job->out/name, and its size. */
WARN_UNUSED enum rc verify_hash(struct cx *cx, struct media_job *job, const char *name,
                                char hash[VERIFY_HASH], int64_t *size);

/* --- pure parts, for tests --- */

struct verify_list {
    double seconds; /* of all segments */
    int64_t peak;   /* largest bit rate of a segment */
};
/* Reads a playlist of byte ranges of one file of `size` bytes. False if the ranges do not cover the file in
 * order, without gaps. */
bool verify_playlist(const struct hls_playlist *p, int64_t size, struct verify_list *out);

#endif
