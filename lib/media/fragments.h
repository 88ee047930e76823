/* A fragmented MP4 file of one track (ISO/IEC 14496-12) as a player reads it: when the first sample is
 * presented and when the last one ends. FFmpeg's own reading will not do: it puts pictures later by the depth
 * of their B-frames. Bytes in, figures out; the bytes may be anything. */
#ifndef LIB_MEDIA_FRAGMENTS_H
#define LIB_MEDIA_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

enum { FRAGMENTS_CODEC = 24 };

/* Times in ticks. Begin with zeroes. */
struct fragments {
    char codec[FRAGMENTS_CODEC]; /* as in a playlist's CODECS: "avc1.64001f", "mp4a.40.2" */
    uint32_t scale;              /* ticks of a second */
    uint32_t usual;              /* length of a sample that does not say its own */
    bool edited;                 /* an edit list moves the track, which not every player obeys */
    int64_t samples;
    int64_t start, end; /* of the presentation */
    int64_t decoded;    /* where the samples so far end in decoding order */
};

/* Head of a box: its type ("moov") and whole length, the head's own `*head` bytes (8 or 16) included. n: the
 * bytes there are, 16 if the file goes on. False: no box. */
bool fragments_box(const unsigned char *p, size_t n, char type[5], int64_t *length, int *head);

/* What is in the moov box. False: more or other than one track of H.264 or AAC. */
bool fragments_head(struct fragments *f, struct str moov);

/* What is in the next moof box; *payload gets the bytes its mdat box must hold. False: broken, or it begins
 * before the fragment ahead of it ends. */
bool fragments_part(struct fragments *f, struct str moof, int64_t *payload);

#endif
