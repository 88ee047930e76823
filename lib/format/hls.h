/* HLS playlists (RFC 8216): media playlists are read and written, master playlists written. Bytes in, structs
 * out, and back; the bytes may be anything. Texts are slices: what was read lends from the bytes that were
 * read.
 *
 * A playlist of a recording and one that grows are the same struct; the latter has no end yet. Tags that are
 * not named here are skipped (section 6.3.1), so they are not written again either. */
#ifndef LIB_FORMAT_HLS_H
#define LIB_FORMAT_HLS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"

enum { HLS_SEGMENTS_MAX = 65536 }; /* 36 hours of two seconds each */

#define HLS_SECOND     INT64_C(1000000)       /* lengths are microseconds: six digits behind the point */
#define HLS_LENGTH_MAX (1000000 * HLS_SECOND) /* of one segment */
#define HLS_BYTES_MAX  (INT64_C(1) << 56)     /* where a range may end */

/* EXT-X-PLAYLIST-TYPE (section 4.3.3.5); HLS_OPEN: no such tag, segments may be removed. */
enum hls_type { HLS_OPEN, HLS_EVENT, HLS_VOD, HLS_TYPE_COUNT };

/* Bytes of a resource; bytes 0: all of it. */
struct hls_range {
    int64_t bytes, at;
};

/* EXT-X-MAP (section 4.3.2.5): what a player reads before the segments that name it. */
struct hls_map {
    struct str uri;
    struct hls_range range;
};

struct hls_segment {
    const struct hls_map *map; /* NULL: none is needed; not after a segment that has one */
    struct str uri;
    struct hls_range range;
    int64_t length; /* 0 to HLS_LENGTH_MAX */
};

struct hls_playlist {
    int version;      /* of the protocol, section 7 */
    int target;       /* seconds; no segment is longer, rounded to whole seconds */
    int64_t sequence; /* number of the first segment */
    enum hls_type type;
    bool independent; /* every segment begins with a keyframe */
    bool ended;       /* EXT-X-ENDLIST: no segment will be added */
    struct hls_segment *segments;
    size_t n;
};

/* Reads a media playlist; segments and maps are in the arena, and ranges without an offset get theirs.
 * RC_INVALID: it is no media playlist, or a value exceeds the limits above; RC_TOOBIG: more than
 * HLS_SEGMENTS_MAX segments. The detail names the line. */
WARN_UNUSED enum rc hls_read(struct cx *cx, struct str text, struct hls_playlist *out);

/* Writes the whole playlist. URIs must have neither quotes nor control characters; those that were read have
 * none. */
void hls_write(struct buf *out, const struct hls_playlist *p);

/* EXT-X-MEDIA of type AUDIO (section 4.3.4.1): the one sound of all variants. */
struct hls_sound {
    const char *group, *name, *uri, *codec;
    int channels;
};

/* EXT-X-STREAM-INF (section 4.3.4.2); the rates include the sound, bit/s. What is 0 is not known, and left out. */
struct hls_variant {
    const char *uri, *codec; /* codec: of the video alone, as in CODECS */
    int64_t peak, average;
    int width, height, fps_num, fps_den;
};

/* Writes a master playlist; independent: every segment begins with a keyframe; sound may be NULL. The texts must have
 * neither quotes nor control characters. */
void hls_write_master(struct buf *out, bool independent, const struct hls_variant *variants, size_t n,
                      const struct hls_sound *sound);

#endif
