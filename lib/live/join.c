#include "lib/live/join.h"

#include <string.h>

#include "lib/proto/codec.h"
#include "lib/proto/rtmp.h"

void join_init(struct join *j, bool cut)
{
    *j = (struct join){.cut = cut};
    for (int i = 0; i < JOIN_KINDS; i++) {
        buf_init(&j->kinds[i].setup, JOIN_SETUP_MAX);
        j->kinds[i].end = -1;
    }
}

void join_fini(struct join *j)
{
    for (int i = 0; i < JOIN_KINDS; i++)
        buf_fini(&j->kinds[i].setup);
}

/* NULL: neither a frame nor a header. */
static struct join_kind *kind_of(struct join *j, const struct flv_tag *tag, struct flv_packet *p)
{
    if (!flv_packet_read(tag->type, tag->body, p) ||
        (p->kind != FLV_KIND_FRAMES && p->kind != FLV_KIND_SETUP))
        return NULL;
    return &j->kinds[tag->type == FLV_AUDIO ? JOIN_SOUND : JOIN_PICTURES];
}

static bool is_same(const struct join_kind *k, struct str body)
{
    return k->setup.n == body.n && memcmp(k->setup.p, body.p, body.n) == 0;
}

/* The header is in force. */
static void note_setup(struct join_kind *k, enum flv_type type)
{
    struct flv_packet p;
    struct codec_picture c;
    k->setups++;
    if (type == FLV_VIDEO && flv_video_read(buf_view(&k->setup), &p) && codec_avc_read(p.data, &c) &&
        c.width * c.height > k->width * k->height) {
        k->width = c.width;
        k->height = c.height;
    }
}

static void set_setup(struct join_kind *k, struct str body)
{
    buf_clear(&k->setup);
    buf_add(&k->setup, body.p, body.n);
}

/* --- the first pass --- */

static bool has_setup(enum flv_codec codec)
{
    return codec == FLV_CODEC_AAC || codec == FLV_CODEC_AVC;
}

static bool is_complete(const struct join_kind *k)
{
    return k->known && (k->setup.n > 0 || !has_setup(k->codec));
}

bool join_look(struct join *j, const struct flv_tag *tag)
{
    struct flv_packet p;
    struct join_kind *k = kind_of(j, tag, &p);
    if (k && !p.four && !k->known) {
        k->known = true;
        k->codec = p.codec;
    }
    if (k && !p.four && p.codec == k->codec && p.kind == FLV_KIND_SETUP && k->setup.n == 0 &&
        tag->body.n <= JOIN_SETUP_MAX)
        set_setup(k, tag->body);
    return is_complete(&j->kinds[JOIN_SOUND]) && is_complete(&j->kinds[JOIN_PICTURES]);
}

static void put(struct join_out *out, enum flv_type type, int64_t time, struct str body)
{
    out->tags[out->n++] = (struct flv_tag){type, (uint32_t)time, body};
}

void join_head(struct join *j, struct join_out *out)
{
    static const enum flv_type types[JOIN_KINDS] = {FLV_AUDIO, FLV_VIDEO};
    *out = (struct join_out){.n = 0};
    for (int i = 0; i < JOIN_KINDS; i++)
        if (j->kinds[i].setup.n > 0) {
            put(out, types[i], 0, buf_view(&j->kinds[i].setup));
            note_setup(&j->kinds[i], types[i]);
        }
}

/* --- the second pass --- */

void join_part(struct join *j, int64_t begins, bool goes_on)
{
    for (int i = 0; i < JOIN_KINDS; i++)
        j->kinds[i].fresh = !goes_on;
    if (goes_on)
        return;
    j->there = (struct overlap){.has = {false}};
    j->starts = j->waits = true;
    j->begins = begins;
}

/* Is the frame wanted? Not what the part before has, nor pictures of a stream before its first keyframe. */
static bool is_wanted(struct join *j, struct join_kind *k, const struct flv_tag *tag,
                      const struct flv_packet *p)
{
    k->fresh = k->fresh || overlap_is_new(&j->there, tag);
    if (!k->fresh)
        return false;
    if (tag->type == FLV_VIDEO && j->waits && !p->key)
        return false;
    j->waits = j->waits && tag->type != FLV_VIDEO;
    return true;
}

static bool has_frames(const struct join *j)
{
    return j->kinds[JOIN_SOUND].end >= 0 || j->kinds[JOIN_PICTURES].end >= 0;
}

/* From the latest frame to the first one of a stream: as long as nobody sent. */
static int64_t pause_before(struct join *j)
{
    if (!has_frames(j)) {
        j->removed = j->begins;
        return 0;
    }
    int64_t pause = j->begins - j->removed - j->at;
    return pause < JOIN_STEP_MS ? JOIN_STEP_MS : pause;
}

/* Where the frame belongs. A stream's clock that was set goes on where it was. */
static int64_t place(struct join *j, uint32_t time)
{
    int64_t ahead = j->starts ? pause_before(j) : rtmp_time_between(j->last, time);
    if (!j->starts && (ahead > JOIN_JUMP_MS || ahead < -JOIN_GAP_MS)) {
        j->there = (struct overlap){.has = {false}};
        ahead = JOIN_STEP_MS;
    }
    if (j->cut && ahead > (j->starts ? JOIN_BREAK_MS : JOIN_GAP_MS)) {
        j->removed += ahead - JOIN_STEP_MS;
        ahead = JOIN_STEP_MS;
    }
    if (!j->starts && ahead <= 0)
        return j->at + ahead;
    j->starts = false;
    j->last = time;
    j->at += ahead;
    return j->at;
}

static void put_frame(struct join *j, struct join_kind *k, const struct flv_tag *tag, struct join_out *out)
{
    int64_t time = place(j, tag->time);
    overlap_note(&j->there, tag);
    if (time <= k->end)
        time = k->end + 1;
    if (time < 0)
        time = 0;
    if (time > JOIN_END_MS)
        return;
    k->end = time;
    if (k->pending) {
        put(out, tag->type, time, buf_view(&k->setup));
        note_setup(k, tag->type);
        k->pending = false;
    }
    put(out, tag->type, time, tag->body);
}

void join_tag(struct join *j, const struct flv_tag *tag, struct join_out *out)
{
    struct flv_packet p;
    struct join_kind *k = kind_of(j, tag, &p);
    *out = (struct join_out){.n = 0};
    if (!k)
        return;
    if (p.four || !k->known || p.codec != k->codec) {
        if (!k->left_out && p.kind == FLV_KIND_FRAMES) {
            k->left_out = true;
            k->other = p.codec;
        }
    } else if (p.kind == FLV_KIND_SETUP) {
        if (!is_same(k, tag->body) && tag->body.n <= JOIN_SETUP_MAX) {
            set_setup(k, tag->body);
            k->pending = true;
        }
    } else if (is_wanted(j, k, tag, &p))
        put_frame(j, k, tag, out);
}
