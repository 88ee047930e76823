/* Finished files are read again before anybody relies on them: packets, lengths, what a player needs to know.
 */
#ifndef LIB_MEDIA_VERIFY_H
#define LIB_MEDIA_VERIFY_H

#include <stdint.h>

#include "lib/base/str.h"
#include "lib/media/plan.h"
#include "lib/media/tool.h"

#define VERIFY_ENDS_APART 0.2 /* seconds audio and video may end apart */

enum { VERIFY_CODEC = 24, VERIFY_HASH = 65 };

struct verify_track {
    int64_t packets, bytes;
    double start, end;        /* seconds */
    char codec[VERIFY_CODEC]; /* as in a playlist's CODECS: "avc1.64001f", "mp4a.40.2" */
    int64_t average, peak;    /* bit/s, peak over the playlist's segments */
};

/* Reads the file and its playlist (video.mp4 → video.m3u8). Fails with verify. */
enum rc verify_read(struct cx *cx, struct media_job *job, const char *name,
                    struct verify_track *out) WARN_UNUSED;

/* copied: packets and length equal the source's. Fails with verify. */
enum rc verify_copied(struct cx *cx, struct media_job *job, const struct probe *p, const char *name,
                      const struct verify_track *t) WARN_UNUSED;
/* encoded: as many packets as frames were encoded (frames < 0: not known for this one), the length as
 * planned. */
enum rc verify_encoded(struct cx *cx, struct media_job *job, const struct plan *plan, const char *name,
                       const struct verify_track *t, int64_t frames) WARN_UNUSED;
/* Audio and video end together. */
enum rc verify_ends(struct cx *cx, struct media_job *job, const char *name, const struct verify_track *video,
                    const struct verify_track *audio) WARN_UNUSED;

/* SHA-256 in hex of job->out/name, and its size. */
enum rc verify_hash(struct cx *cx, struct media_job *job, const char *name, char hash[VERIFY_HASH],
                    int64_t *size) WARN_UNUSED;

/* --- pure parts, for tests --- */

/* The codec's name from the head of an MP4 file ('avcC' or 'esds' box). False: neither is there. */
bool verify_codec(const unsigned char *head, size_t n, char out[VERIFY_CODEC]);
/* Largest bit rate of a playlist's segments: EXTINF and BYTERANGE. 0: none. */
int64_t verify_peak(struct str playlist);

#endif
