/* Fragmented MP4 files of one track (ISO/IEC 14496-12) as a player reads them: what the track is, and when
 * the samples of each fragment are decoded and presented. FFmpeg's own reader is not used: it shifts pictures
 * by the depth of their B-frames. Bytes in, values out; the bytes may be anything, and nothing is allocated.
 * There is no writer: FFmpeg writes every MP4 file of Lectern. */
#ifndef LIB_FORMAT_MP4_H
#define LIB_FORMAT_MP4_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

enum { MP4_BOX_HEAD = 16, MP4_CODEC = 24 };

/* Head of a box (section 4.2). */
struct mp4_box {
    char type[5];   /* "moov" */
    int64_t length; /* of the whole box */
    int head;       /* bytes of it that are the head, 8 or 16 */
};

/* The box that begins at p. n: the bytes there are; MP4_BOX_HEAD are enough. False: no box, or one without a
 * length. */
bool mp4_box_read(const unsigned char *p, size_t n, struct mp4_box *out);
/* The next of the boxes in *rest, whole, which moves behind it; *body: its content. False at the end, or if no box
 * fits: *rest is then not empty. */
bool mp4_box_next(struct str *rest, struct mp4_box *box, struct str *body);
/* The content of the only child of that name; the empty slice if there is none or several. */
struct str mp4_box_child(struct str parent, const char *name);

struct mp4_track {
    char codec[MP4_CODEC]; /* as in a playlist's CODECS: "avc1.64001f", "mp4a.40.2" */
    uint32_t scale;        /* ticks of a second, at least 1 */
    uint32_t usual;        /* length of a sample that has none of its own, ticks */
    uint32_t flags;        /* of such a sample (section 8.8.3.1) */
    int width, height;     /* of the picture; 0: sound */
    int channels;          /* of the sound; 0: pictures */
    bool edited;           /* an edit list (section 8.6.6) moves the track; some players ignore it */
};

/* moov: the content of that box. False: more or other than one track of H.264 or AAC with fragments. */
bool mp4_track_read(struct str moov, struct mp4_track *out);

/* Times in ticks of the track. */
struct mp4_fragment {
    uint32_t track; /* its number */
    bool key;       /* the first sample is a keyframe; sound: always */
    int64_t samples;
    int64_t decoded_from, decoded_to; /* by the lengths of the samples */
    int64_t from, to;                 /* presented; without samples 0 */
    int64_t payload;                  /* bytes that its mdat box must hold */
};

/* moof: the content of that box (section 8.8.4). False: broken, or not of one track. */
bool mp4_fragment_read(const struct mp4_track *track, struct str moof, struct mp4_fragment *out);

/* A fragment as it is sent (CMAF's chunk): one moof box with samples, then one mdat box with just the payload, nothing
 * else. False: it is something else. */
bool mp4_chunk_read(const struct mp4_track *track, struct str bytes, struct mp4_fragment *out);
/* The init of a track as it is sent: ftyp, then moov. */
bool mp4_chunk_track(struct str bytes, struct mp4_track *out);

/* Joins `next` to *all, which begins with zeroes. False: `next` begins before the end of *all. */
bool mp4_fragment_join(struct mp4_fragment *all, const struct mp4_fragment *next);

#endif
