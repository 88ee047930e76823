#include "lib/live/split.h"

#include <string.h>

#include "lib/format/mp4_init.h"
#include "lib/format/mp4_shorten.h"

enum { SECOND_US = 1000000, MS_US = 1000, EARLY_US = 10 * MS_US /* times of tracks are rounded */ };

void split_init(struct split *s, int tracks, int32_t shift, const struct split_hooks *hooks, void *arg)
{
    *s = (struct split){.hooks = hooks, .arg = arg, .expected = tracks, .shift = (int64_t)shift * MS_US};
    buf_init(&s->held, 3 * (size_t)SPLIT_PART_MAX);
    buf_init(&s->ftyp, SPLIT_PART_MAX);
}

void split_fini(struct split *s)
{
    buf_fini(&s->held);
    buf_fini(&s->ftyp);
}

/* --- the head --- */

static bool take_moov(struct split *s, struct str moov)
{
    uint32_t numbers[SPLIT_TRACKS_MAX];
    struct buf init;
    bool good = !s->begun && mp4_init_tracks(moov, numbers, SPLIT_TRACKS_MAX) == (size_t)s->expected;
    buf_init(&init, SPLIT_PART_MAX);
    for (int i = 0; good && i < s->expected; i++) {
        struct mp4_box box;
        struct str rest, body;
        buf_clear(&init);
        good = mp4_init_put(buf_view(&s->ftyp), moov, numbers[i], &init);
        s->tracks[i] = (struct split_track){.number = numbers[i], .segment = -1};
        rest = (struct str){init.p + s->ftyp.n, init.n - s->ftyp.n};
        good = good && mp4_box_next(&rest, &box, &body) && mp4_track_read(body, &s->tracks[i].of);
        if (good)
            s->hooks->init(s->arg, i, buf_view(&init));
    }
    buf_fini(&init);
    s->begun = good;
    return good;
}

/* --- fragments --- */

static int64_t in_us(int64_t ticks, uint32_t scale)
{
    return ticks / scale * SECOND_US + ticks % scale * SECOND_US / scale;
}

static int64_t *start_of(struct split *s, int64_t segment)
{
    return &s->starts[segment % SPLIT_STARTS];
}

static void place_first(struct split *s, struct split_track *t, int64_t from, int64_t to, bool key)
{
    if (t->segment >= 0) {
        int64_t start = *start_of(s, t->segment);
        bool begins = key && from - start >= SPLIT_SEGMENT_LEAST_MS * MS_US;
        if (!begins && to - start <= SPLIT_SEGMENT_MOST_MS * MS_US)
            return;
    }
    t->segment++;
    t->part = 0;
    *start_of(s, t->segment) = from;
}

static bool is_sound(const struct split_track *t)
{
    return str_starts(str_of(t->of.codec), "mp4a");
}

static bool place_other(struct split *s, struct split_track *t, int64_t from)
{
    int64_t latest = s->tracks[0].segment;
    if (t->segment < 0)
        t->segment = 0;
    if (latest - t->segment >= SPLIT_STARTS)
        return false;
    if (is_sound(t))
        from += s->shift;
    while (t->segment < latest && from + EARLY_US >= *start_of(s, t->segment + 1)) {
        t->segment++;
        t->part = 0;
    }
    return true;
}

static bool read_fragment(struct split *s, const struct split_track *t, struct str moof,
                          struct mp4_fragment *f)
{
    if (!mp4_fragment_read(&t->of, moof, f))
        return false;
    int64_t excess = f->decoded_to - f->decoded_from - t->of.scale * (int64_t)SPLIT_PART_MOST_MS / 1000;
    if (f->track != t->number || excess <= 0 || excess > UINT32_MAX)
        return true;
    return !mp4_shorten(s->held.p + (moof.p - s->held.p), moof.n, (uint32_t)excess) ||
           mp4_fragment_read(&t->of, moof, f);
}

/* moof: the content of the box; whole: it and its mdat. */
static bool take_fragment(struct split *s, struct str moof, struct str whole)
{
    for (int i = 0; i < s->expected; i++) {
        struct split_track *t = &s->tracks[i];
        struct mp4_fragment f;
        if (!read_fragment(s, t, moof, &f))
            return false;
        if (f.track != t->number)
            continue;
        int64_t from = in_us(f.decoded_from, t->of.scale), to = in_us(f.decoded_to, t->of.scale);
        if (f.samples == 0 || (is_sound(t) && t->segment < 0 && to - from < SPLIT_PART_LEAST_MS * MS_US))
            return true;
        if (i == 0)
            place_first(s, t, from, to, f.key);
        else if (!place_other(s, t, from))
            return false;
        s->hooks->part(s->arg, &(struct split_part){.track = i,
                                                    .segment = t->segment,
                                                    .part = t->part++,
                                                    .from = from / MS_US,
                                                    .to = to / MS_US,
                                                    .bytes = whole});
        return true;
    }
    return false;
}

/* --- boxes --- */

/* The whole box at the beginning of `rest`. False: it is not all there; *bad: and never will be. */
static bool next(struct str rest, struct mp4_box *box, bool *bad)
{
    static const char wide[] = {0, 0, 0, 1}; /* then the length takes eight bytes more */
    if (rest.n < MP4_BOX_HEAD / 2 || (rest.n < MP4_BOX_HEAD && memcmp(rest.p, wide, sizeof wide) == 0))
        return false;
    *bad = !mp4_box_read((const unsigned char *)rest.p, rest.n, box) || box->length > SPLIT_PART_MAX;
    return !*bad && (uint64_t)box->length <= rest.n;
}

/* Takes the first box of `rest`, a moof with the mdat behind it. Bytes taken; 0: more are needed, or *bad. */
static size_t take_box(struct split *s, struct str rest, bool *bad)
{
    struct mp4_box box, data;
    if (!next(rest, &box, bad))
        return 0;
    size_t length = (size_t)box.length, head = (size_t)box.head;
    struct str body = {rest.p + head, length - head};
    if (strcmp(box.type, "ftyp") == 0) {
        buf_clear(&s->ftyp);
        buf_add(&s->ftyp, rest.p, length);
    } else if (strcmp(box.type, "moov") == 0) {
        *bad = !take_moov(s, body);
    } else if (strcmp(box.type, "moof") == 0) {
        if (!next((struct str){rest.p + length, rest.n - length}, &data, bad))
            return 0;
        length += (size_t)data.length;
        *bad = !s->begun || strcmp(data.type, "mdat") != 0 ||
               !take_fragment(s, body, (struct str){rest.p, length});
    }
    return *bad ? 0 : length;
}

bool split_bytes(struct split *s, struct str bytes)
{
    bool bad = false;
    buf_add(&s->held, bytes.p, bytes.n);
    size_t at = 0, n = s->held.overflow ? 0 : 1;
    while (n > 0) {
        n = take_box(s, (struct str){s->held.p + at, s->held.n - at}, &bad);
        at += n;
    }
    if (bad || s->held.overflow)
        return false;
    memmove(s->held.p, s->held.p + at, s->held.n - at);
    s->held.n -= at;
    return true;
}
