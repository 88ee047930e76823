/* What the files of lib/live/origin share; nobody else includes it. */
#ifndef LIB_LIVE_ORIGIN_INNER_H
#define LIB_LIVE_ORIGIN_INNER_H

#include "lib/live/origin.h"

/* The first track of a run: by its times it is known what is there twice. */
int origin_lead(const struct origin_run *r);
/* Adds a run, whatever is there already. */
struct origin_run *origin_add_run(struct origin *o, const struct origin_run *run);
/* Adds a segment that is there as the last of its track; numbers before it that the track has not become gaps. */
struct origin_segment *origin_add_segment(struct origin *o, int track, size_t msn);
/* µs of a fragment; 0 if it has none or too many. */
int64_t origin_fragment_us(const struct mp4_track *t, const struct mp4_fragment *f);
/* Adds a part to the last segment. Takes `bytes`. */
void origin_add_part(struct origin *o, int track, const struct mp4_fragment *f, struct origin_bytes *bytes);
/* The last segment of the track is complete. */
void origin_complete(struct origin *o, int track);
/* Of a segment whose length and bytes count it already. Takes its bytes. */
void origin_push_part(struct origin_segment *s, const struct origin_part *part);
void origin_free_parts(struct origin_segment *s);
/* Frees runs, tracks and what they have. */
void origin_forget(struct origin *o);
int64_t origin_ms(const struct mp4_track *t, int64_t ticks);
/* The line that makes a run be read again; it ends with a line feed. */
void origin_line_run(const struct origin *o, int run, char out[ORIGIN_LINE]);
void origin_line_begin(const struct origin *o, int run, char out[ORIGIN_LINE]);

#define ORIGIN_NOT_YET INT64_MIN /* for times */

#endif
