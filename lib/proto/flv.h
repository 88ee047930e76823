/* FLV (Adobe, Video File Format Specification 10.1, annex E; Enhanced RTMP v1 and v2, Veovera 2023 and 2025):
 * the file, its tags, and what the first bytes of a tag say. RTMP carries the same tag bodies, with the same
 * type numbers and time stamps. Nothing is kept or allocated: a reader of a file keeps the bytes, which may
 * end anywhere, as when the writer was killed. Pure. */
#ifndef LIB_PROTO_FLV_H
#define LIB_PROTO_FLV_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/proto/amf0.h"

enum {
    FLV_HEAD = 13,          /* bytes of the file's header (E.2), with the back pointer 0 behind it */
    FLV_TAG_HEAD = 11,      /* of a tag's header (E.4.1) */
    FLV_TAG_TAIL = 4,       /* of the back pointer behind a tag (E.3) */
    FLV_BODY_MAX = 4 << 20, /* of a tag's body; the format allows 16 MiB. As RTMP_MESSAGE_MAX */
    FLV_TAG_MIN = FLV_TAG_HEAD + FLV_TAG_TAIL
};

enum flv_type { FLV_AUDIO = 8, FLV_VIDEO = 9, FLV_DATA = 18 };

struct flv_tag {
    enum flv_type type;
    uint32_t time; /* ms; the 24 and 8 bits as one unsigned number, which wraps after 49.7 days */
    struct str body;
};

enum flv_result {
    FLV_OK,
    FLV_MORE, /* not all bytes are there: a file that ends so was cut within this tag */
    FLV_BAD   /* no FLV, or damaged: nothing behind it can be trusted */
};

/* --- files --- */

/* The header at p; FLV_HEAD bytes are enough. *used: where the first tag begins. A header that is longer than
 * FLV_HEAD is skipped, as E.2 wants. */
enum flv_result flv_head_read(struct str bytes, size_t *used);
/* The tag at the beginning of `bytes`, whole, with the back pointer, which must be right. *used: its length.
 * FLV_MORE: *used is the length that `bytes` must have at least. Encrypted tags (filter bit) are FLV_BAD. The
 * body lends from `bytes`. */
enum flv_result flv_tag_read(struct str bytes, struct flv_tag *out, size_t *used);

void flv_head_put(struct buf *b, bool audio, bool video);
/* What stands before and behind a body of n bytes, so that it can be written without a copy. */
struct flv_frame {
    unsigned char head[FLV_TAG_HEAD], tail[FLV_TAG_TAIL];
};
struct flv_frame flv_frame_of(enum flv_type type, uint32_t time, size_t n); /* n: at most FLV_BODY_MAX */
void flv_tag_put(struct buf *b, const struct flv_tag *tag);

/* --- what a tag's body begins with (E.4.2, E.4.3; Enhanced RTMP) --- */

enum flv_codec {
    FLV_CODEC_OTHER, /* known to the format, not to us; then `kind` is FLV_KIND_FRAMES and `data` the whole body */
    FLV_CODEC_AAC,
    FLV_CODEC_MP3,
    FLV_CODEC_OPUS,
    FLV_CODEC_AVC,
    FLV_CODEC_HEVC,
    FLV_CODEC_AV1,
    FLV_CODEC_VP9,
    FLV_CODEC_COUNT
};

enum flv_kind {
    FLV_KIND_FRAMES, /* coded pictures or sound */
    FLV_KIND_SETUP,  /* the sequence header: what a decoder needs before all frames */
    FLV_KIND_END,    /* end of sequence */
    FLV_KIND_INFO,   /* colours of HDR (metadata packet), commands to a player, channel layout */
    FLV_KIND_MULTI   /* several tracks in one tag (Enhanced RTMP v2): not supported, to be refused */
};

struct flv_packet {
    enum flv_codec codec;
    enum flv_kind kind;
    bool four;       /* the codec is named by four characters (Enhanced RTMP) and not by a number of FLV */
    bool key;        /* video: a keyframe, or the setup; audio: always */
    int32_t shift;   /* composition time, ms: a picture is shown at time + shift */
    struct str data; /* what follows: a frame, or the decoder's configuration record; lends */
};

/* False: empty, cut, or a packet type that no version of the format has. */
bool flv_video_read(struct str body, struct flv_packet *out);
bool flv_audio_read(struct str body, struct flv_packet *out);
/* For either; false for a data tag, too. */
bool flv_packet_read(enum flv_type type, struct str body, struct flv_packet *out);
const char *flv_codec_name(enum flv_codec codec); /* "H.264", for people */

/* --- data tags (E.4.4) --- */

/* A body without the string "@setDataFrame" before it, which is for the server and not stored (E.5). */
struct str flv_data_strip(struct str body);
/* onMetaData, with or without @setDataFrame: the object behind its name. False: another event, or broken. */
bool flv_metadata_read(struct str body, struct amf0_value *out);

#endif
