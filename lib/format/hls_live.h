/* Tags of playlists that grow, for players who follow a stream closely: partial segments, blocking reload, delta
 * updates (draft-pantos-hls-rfc8216bis). Written piece by piece by whoever knows the stream; nothing is read. Addresses
 * must have neither quotes nor control characters. */
#ifndef LIB_FORMAT_HLS_LIVE_H
#define LIB_FORMAT_HLS_LIVE_H

#include "lib/format/hls.h"

/* What stands before the segments. The first one's number is 0: none is ever removed. */
struct hls_live {
    int target;          /* s; EXT-X-TARGETDURATION, for good */
    int64_t part_target; /* µs; 0: no partial segments, and what follows is not written */
    int64_t hold_back;   /* µs; PART-HOLD-BACK */
    int64_t skip_until;  /* µs; CAN-SKIP-UNTIL */
    int64_t skipped;     /* segments that EXT-X-SKIP stands for */
    enum hls_type type;
};
void hls_live_head(struct buf *out, const struct hls_live *p);

/* What stands before a segment and its parts. */
void hls_live_discontinuity(struct buf *out);
void hls_live_map(struct buf *out, const char *uri);
void hls_live_time(struct buf *out, int64_t ms); /* EXT-X-PROGRAM-DATE-TIME; ms since 1970 */

/* Lengths in µs. key: it begins with a keyframe. */
void hls_live_part(struct buf *out, const char *uri, int64_t length, bool key);
void hls_live_segment(struct buf *out, const char *uri, int64_t length, bool gap);

/* The next part; the player may ask for it already. */
void hls_live_hint(struct buf *out, const char *uri);
void hls_live_end(struct buf *out);

#endif
