#include "lib/proto/flv.h"

#include <string.h>

#include "lib/base/words.h"

/* --- files --- */

enum {
    SIGNATURE = 0x464c5601,
    HAS_AUDIO = 4,
    HAS_VIDEO = 1,
    HEAD_BYTES = 9,
    FILTER = 0x20,
    TYPE_BITS = 0x1f
};

enum flv_result flv_head_read(struct str bytes, size_t *used)
{
    struct octets o = octets_of(bytes);
    uint32_t signature = octets_take(&o, 4);
    octets_take(&o, 1);
    uint32_t offset = octets_take(&o, 4);
    if (o.bad)
        return FLV_MORE;
    if (signature != SIGNATURE || offset < HEAD_BYTES || offset > FLV_BODY_MAX)
        return FLV_BAD;
    *used = (size_t)offset + FLV_TAG_TAIL;
    return bytes.n < *used ? FLV_MORE : FLV_OK;
}

static bool is_type(uint32_t type)
{
    return type == FLV_AUDIO || type == FLV_VIDEO || type == FLV_DATA;
}

enum flv_result flv_tag_read(struct str bytes, struct flv_tag *out, size_t *used)
{
    struct octets o = octets_of(bytes);
    uint32_t type = octets_take(&o, 1), n = octets_take(&o, 3), time = octets_take(&o, 3);
    time |= octets_take(&o, 1) << 24;
    uint32_t stream = octets_take(&o, 3);
    if (o.bad) {
        *used = FLV_TAG_MIN;
        return FLV_MORE;
    }
    if (type & FILTER || !is_type(type & TYPE_BITS) || n > FLV_BODY_MAX || stream != 0)
        return FLV_BAD;
    struct str body = octets_slice(&o, n);
    uint32_t back = octets_take(&o, 4);
    *used = FLV_TAG_MIN + (size_t)n;
    if (o.bad)
        return FLV_MORE;
    if (back != n + FLV_TAG_HEAD)
        return FLV_BAD;
    *out = (struct flv_tag){(enum flv_type)(type & TYPE_BITS), time, body};
    return FLV_OK;
}

void flv_head_put(struct buf *b, bool audio, bool video)
{
    octets_put(b, SIGNATURE, 4);
    octets_put(b, (audio ? HAS_AUDIO : 0) | (video ? HAS_VIDEO : 0), 1);
    octets_put(b, HEAD_BYTES, 4);
    octets_put(b, 0, FLV_TAG_TAIL);
}

struct flv_frame flv_frame_of(enum flv_type type, uint32_t time, size_t n)
{
    struct flv_frame f = {.head = {0}};
    octets_store(f.head, type, 1);
    octets_store(f.head + 1, (uint32_t)n, 3);
    octets_store(f.head + 4, time, 3);
    octets_store(f.head + 7, time >> 24, 1);
    octets_store(f.head + 8, 0, 3);
    octets_store(f.tail, (uint32_t)n + FLV_TAG_HEAD, 4);
    return f;
}

void flv_tag_put(struct buf *b, const struct flv_tag *tag)
{
    struct flv_frame f = flv_frame_of(tag->type, tag->time, tag->body.n);
    buf_add(b, f.head, sizeof f.head);
    buf_add(b, tag->body.p, tag->body.n);
    buf_add(b, f.tail, sizeof f.tail);
}

/* --- Enhanced RTMP: codecs by four characters --- */

/* Packet types of both media where they agree, section "Enhanced Video" and "Enhanced Audio" of v2. */
enum { EX_SETUP = 0, EX_FRAMES = 1, EX_VIDEO_END = 2, EX_AUDIO_END = 2, EX_FRAMES_X = 3 };
enum {
    EX_VIDEO_METADATA = 4,
    EX_VIDEO_TS_SETUP = 5,
    EX_VIDEO_MULTI = 6,
    EX_AUDIO_CHANNELS = 4,
    EX_AUDIO_MULTI = 5
};
enum { EX_MORE = 7, EX_MORE_MOST = 4 };

enum { FRAME_KEY = 1, FRAME_COMMAND = 5 };

static enum flv_codec codec_of(struct str four)
{
    static const struct {
        const char four[5];
        enum flv_codec codec;
    } known[] = {{"avc1", FLV_CODEC_AVC}, {"hvc1", FLV_CODEC_HEVC}, {"av01", FLV_CODEC_AV1},
                 {"vp09", FLV_CODEC_VP9}, {"mp4a", FLV_CODEC_AAC},  {".mp3", FLV_CODEC_MP3},
                 {"Opus", FLV_CODEC_OPUS}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(four, known[i].four))
            return known[i].codec;
    return FLV_CODEC_OTHER;
}

/* Extensions of the head that may stand before the codec (ModEx, v2): skipped. Gives the packet type that
 * follows them. */
static uint32_t pass_extensions(struct octets *o, uint32_t type)
{
    for (int i = 0; type == EX_MORE; i++) {
        size_t n = octets_take(o, 1) + 1;
        if (n == 256)
            n = octets_take(o, 2) + 1;
        octets_slice(o, n);
        type = octets_take(o, 1) & 0x0f;
        if (i == EX_MORE_MOST)
            o->bad = true;
        if (o->bad)
            break;
    }
    return type;
}

static int32_t take_shift(struct octets *o)
{
    uint32_t v = octets_take(o, 3);
    return v & 0x800000 ? (int32_t)v - 0x1000000 : (int32_t)v;
}

static bool ex_video(struct octets *o, uint32_t first, struct flv_packet *p)
{
    uint32_t type = pass_extensions(o, first & 0x0f), frame = first >> 4 & 7;
    p->four = true;
    p->key = frame == FRAME_KEY;
    if (frame == FRAME_COMMAND && type != EX_VIDEO_METADATA) {
        p->kind = FLV_KIND_INFO;
        return !o->bad;
    }
    if (type == EX_VIDEO_MULTI) {
        p->kind = FLV_KIND_MULTI;
        return !o->bad;
    }
    p->codec = codec_of(octets_slice(o, 4));
    if (type == EX_FRAMES && (p->codec == FLV_CODEC_AVC || p->codec == FLV_CODEC_HEVC))
        p->shift = take_shift(o);
    if (type == EX_SETUP || type == EX_VIDEO_TS_SETUP)
        p->kind = FLV_KIND_SETUP;
    else if (type == EX_VIDEO_END)
        p->kind = FLV_KIND_END;
    else if (type == EX_VIDEO_METADATA)
        p->kind = FLV_KIND_INFO;
    else if (type != EX_FRAMES && type != EX_FRAMES_X)
        return false;
    return !o->bad;
}

static bool ex_audio(struct octets *o, uint32_t first, struct flv_packet *p)
{
    uint32_t type = pass_extensions(o, first & 0x0f);
    p->four = true;
    if (type == EX_AUDIO_MULTI) {
        p->kind = FLV_KIND_MULTI;
        return !o->bad;
    }
    p->codec = codec_of(octets_slice(o, 4));
    if (type == EX_SETUP)
        p->kind = FLV_KIND_SETUP;
    else if (type == EX_AUDIO_END)
        p->kind = FLV_KIND_END;
    else if (type == EX_AUDIO_CHANNELS)
        p->kind = FLV_KIND_INFO;
    else if (type != EX_FRAMES)
        return false;
    return !o->bad;
}

/* --- codecs by number --- */

enum { EX_VIDEO = 0x80, VIDEO_AVC = 7, SOUND_MP3 = 2, SOUND_EX = 9, SOUND_AAC = 10, SOUND_MP3_8K = 14 };
enum { AVC_SETUP = 0, AVC_FRAMES = 1, AVC_END = 2, AAC_SETUP = 0, AAC_FRAMES = 1 };

static bool plain_video(struct octets *o, uint32_t first, struct flv_packet *p)
{
    uint32_t frame = first >> 4;
    p->key = frame == FRAME_KEY;
    if (frame == FRAME_COMMAND)
        p->kind = FLV_KIND_INFO;
    if (frame == FRAME_COMMAND || (first & 0x0f) != VIDEO_AVC)
        return true;
    p->codec = FLV_CODEC_AVC;
    uint32_t type = octets_take(o, 1);
    p->shift = take_shift(o);
    if (type == AVC_SETUP)
        p->kind = FLV_KIND_SETUP;
    else if (type == AVC_END)
        p->kind = FLV_KIND_END;
    else if (type != AVC_FRAMES)
        return false;
    return !o->bad;
}

static bool plain_audio(struct octets *o, uint32_t first, struct flv_packet *p)
{
    uint32_t format = first >> 4;
    if (format == SOUND_MP3 || format == SOUND_MP3_8K)
        p->codec = FLV_CODEC_MP3;
    if (format != SOUND_AAC)
        return true;
    p->codec = FLV_CODEC_AAC;
    uint32_t type = octets_take(o, 1);
    p->kind = type == AAC_SETUP ? FLV_KIND_SETUP : FLV_KIND_FRAMES;
    return !o->bad && type <= AAC_FRAMES;
}

/* An unknown codec's data is not cut into parts. */
static bool finish(const struct octets *o, struct str body, struct flv_packet *p, struct flv_packet *out)
{
    p->data = p->codec == FLV_CODEC_OTHER ? body : octets_rest(o);
    *out = *p;
    return true;
}

bool flv_video_read(struct str body, struct flv_packet *out)
{
    struct octets o = octets_of(body);
    struct flv_packet p = {.codec = FLV_CODEC_OTHER};
    uint32_t first = octets_take(&o, 1);
    if (o.bad || !(first & EX_VIDEO ? ex_video : plain_video)(&o, first, &p))
        return false;
    return finish(&o, body, &p, out);
}

bool flv_audio_read(struct str body, struct flv_packet *out)
{
    struct octets o = octets_of(body);
    struct flv_packet p = {.codec = FLV_CODEC_OTHER, .key = true};
    uint32_t first = octets_take(&o, 1);
    if (o.bad || !(first >> 4 == SOUND_EX ? ex_audio : plain_audio)(&o, first, &p))
        return false;
    return finish(&o, body, &p, out);
}

bool flv_packet_read(enum flv_type type, struct str body, struct flv_packet *out)
{
    if (type == FLV_VIDEO)
        return flv_video_read(body, out);
    return type == FLV_AUDIO && flv_audio_read(body, out);
}

const char *flv_codec_name(enum flv_codec codec)
{
    static const char *const names[FLV_CODEC_COUNT] = {
        "an unknown codec", "AAC", "MP3", "Opus", "H.264", "HEVC", "AV1", "VP9",
    };
    return words_name(names, FLV_CODEC_COUNT, codec);
}

/* --- data tags --- */

/* The body behind its first value if that is this string; else NULL. */
static const char *behind(struct str body, const char *word)
{
    struct amf0 a = amf0_of(body);
    struct amf0_value v;
    return amf0_next(&a, &v) && v.type == AMF0_STRING && str_eq(v.text, word) ? octets_rest(&a.in).p : NULL;
}

static struct str from(struct str body, const char *p)
{
    return (struct str){p, body.n - (size_t)(p - body.p)};
}

struct str flv_data_strip(struct str body)
{
    const char *p = behind(body, "@setDataFrame");
    return p ? from(body, p) : body;
}

bool flv_metadata_read(struct str body, struct amf0_value *out)
{
    struct str event = flv_data_strip(body);
    const char *p = behind(event, "onMetaData");
    if (!p)
        return false;
    struct amf0 a = amf0_of(from(event, p));
    struct amf0_value v;
    if (!amf0_next(&a, &v) || v.type != AMF0_OBJECT)
        return false;
    *out = v;
    return true;
}
