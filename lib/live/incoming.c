#include "lib/live/incoming.h"

#include <math.h>

#include "lib/proto/codec.h"
#include "lib/proto/rtmp.h"

/* FNV-1a, 64 bits: to notice a change, not to withstand anybody. */
static uint64_t hash_of(struct str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

static double number_in(const struct amf0_value *o, const char *name, double most)
{
    struct amf0_value v;
    if (!amf0_find(o, name, &v) || v.type != AMF0_NUMBER || !isfinite(v.number) || v.number < 0 ||
        v.number > most)
        return 0;
    return v.number;
}

static void take_metadata(struct incoming *s, struct str body)
{
    struct amf0_value o;
    if (!flv_metadata_read(body, &o))
        return;
    s->rate = number_in(&o, "framerate", 240);
    s->bitrate = (int64_t)(number_in(&o, "videodatarate", 1e6) * 1000);
}

static void take_setup(struct incoming *s, const struct flv_packet *p)
{
    struct codec_picture picture;
    if (p->codec == FLV_CODEC_AAC)
        s->sound = true;
    if (p->codec != FLV_CODEC_AVC || !codec_avc_read(p->data, &picture))
        return;
    s->pictures = true;
    s->setup = hash_of(p->data);
    s->width = picture.width;
    s->height = picture.height;
}

/* Before each picture: a keyframe that does not come counts as one that is too late. */
static void judge_gap(struct incoming *s, uint32_t time, bool key)
{
    int64_t gap = rtmp_time_between(s->last_key, time);
    if (s->keys == 0)
        return;
    if (gap > (s->keys < INCOMING_KEYS ? INCOMING_GAP_MOST_MS : INCOMING_GAP_LOST_MS))
        s->uneven = true;
    if (key && gap >= 0 && gap < INCOMING_GAP_LEAST_MS && s->keys < INCOMING_KEYS)
        s->uneven = true;
}

static void judge_rate(struct incoming *s, uint32_t time)
{
    bool far = s->keys > 0 && rtmp_time_between(s->last, time) > INCOMING_SLOW_MS;
    s->far = far ? s->far + 1 : 0;
    s->slow = s->slow || s->far >= INCOMING_SLOW;
    s->last = time;
}

static bool take_frame(struct incoming *s, const struct flv_packet *p, uint32_t time)
{
    if (p->codec != FLV_CODEC_AVC || p->four) {
        s->unread = true;
        s->other = p->codec;
        return false;
    }
    if (!s->pictures)
        return false;
    judge_gap(s, time, p->key);
    judge_rate(s, time);
    if (!p->key)
        return false;
    if (s->keys++ == 0)
        s->shift = p->shift;
    s->last_key = time;
    return true;
}

bool incoming_tag(struct incoming *s, const struct flv_tag *tag)
{
    struct flv_packet p;
    if (tag->type == FLV_DATA) {
        take_metadata(s, tag->body);
        return false;
    }
    if (!flv_packet_read(tag->type, tag->body, &p))
        return false;
    if (p.kind == FLV_KIND_SETUP && !p.four)
        take_setup(s, &p);
    return p.kind == FLV_KIND_FRAMES && tag->type == FLV_VIDEO && take_frame(s, &p, tag->time);
}
