/* Playlists over the segments of an origin, and which of their parts are there. */
#include <stdio.h>
#include <string.h>

#include "lib/format/hls_live.h"
#include "lib/live/origin_inner.h"

enum { TIME_EVERY = 5 /* segments from one date to the next */, AHEAD_SEGMENTS = 2, AHEAD_PARTS = 8 };

#define GAP_US       INT64_C(2000000) /* where nobody knows how long it is */
#define RATE_UNKNOWN INT64_C(1000000)

void origin_init_name(int track, int run, char out[ORIGIN_FILE])
{
    snprintf(out, ORIGIN_FILE, "%s-r%d.mp4", origin_track_name(track), run);
}

void origin_segment_name(int track, size_t msn, char out[ORIGIN_FILE])
{
    snprintf(out, ORIGIN_FILE, "%s-%zu.m4s", origin_track_name(track), msn);
}

static void part_name(int track, size_t msn, int part, char out[ORIGIN_FILE])
{
    snprintf(out, ORIGIN_FILE, "%s-%zu.%d.m4s", origin_track_name(track), msn, part);
}

/* --- what a playlist of a track consists of --- */

/* The run to which a number belongs, of those that have begun; *end is the first number behind it, SIZE_MAX for the
 * last run. -1: none. */
static int run_of(const struct origin *o, size_t msn, size_t *end)
{
    *end = SIZE_MAX;
    for (int i = o->run_count - 1; i >= 0; i--) {
        if (!o->runs[i].begun)
            continue;
        if (o->runs[i].first_msn <= msn)
            return i;
        *end = o->runs[i].first_msn;
    }
    return -1;
}

/* The track whose segments a playlist of `track` has in that run; -1: none. */
static int source_of(const struct origin_run *r, int track)
{
    if (r->in[track].announced)
        return track;
    int lead = origin_lead(r);
    return track == ORIGIN_SOUND || lead == ORIGIN_SOUND ? -1 : lead;
}

/* One entry of a playlist. */
struct entry {
    int run, source;                /* source -1: a gap */
    const struct origin_segment *s; /* NULL: a gap */
    int64_t length, time;
    bool closed;
};

static int64_t gap_length(const struct origin *o, size_t msn)
{
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        if (msn < o->tracks[t].n && o->tracks[t].segments[msn].there)
            return o->tracks[t].segments[msn].length;
    return GAP_US;
}

/* False: the playlist ends before this number. */
static bool entry_at(const struct origin *o, int track, size_t msn, struct entry *e)
{
    size_t end;
    *e = (struct entry){.run = run_of(o, msn, &end), .source = -1, .closed = true};
    if (e->run < 0)
        return false;
    const struct origin_run *r = &o->runs[e->run];
    int source = source_of(r, track);
    const struct origin_track *t = &o->tracks[source >= 0 ? source : origin_lead(r)];
    if (msn >= t->n && end == SIZE_MAX)
        return false;
    if (source < 0 && msn < t->n && !t->segments[msn].closed)
        return false;
    if (source >= 0 && msn < t->n && t->segments[msn].there) {
        e->s = &t->segments[msn];
        e->source = source;
        e->length = e->s->length;
        e->time = e->s->time;
        e->closed = e->s->closed;
    } else {
        e->length = gap_length(o, msn);
    }
    return true;
}

/* How many numbers the playlist has, also that of a segment that is not complete. */
static size_t count(const struct origin *o, int track)
{
    struct entry e;
    size_t n = 0;
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        n = o->tracks[t].n > n ? o->tracks[t].n : n;
    while (n > 0 && !entry_at(o, track, n - 1, &e))
        n--;
    return n;
}

/* The first number so close to the end that less than `us` lies behind it. */
static size_t number_near(const struct origin *o, int track, size_t n, int64_t us)
{
    struct entry e;
    int64_t behind = 0;
    while (n > 0 && behind < us && entry_at(o, track, n - 1, &e)) {
        behind += e.length;
        n--;
    }
    return n;
}

/* --- writing them --- */

/* *mapped: the run whose init the playlist has named. A track may begin later than its run. */
static void put_begin(const struct origin *o, const struct entry *e, size_t msn, int *mapped, struct buf *out)
{
    char name[ORIGIN_FILE];
    bool first = o->runs[e->run].first_msn == msn;
    if (first && msn > 0)
        hls_live_discontinuity(out);
    if (e->source >= 0 && *mapped != e->run) {
        *mapped = e->run;
        origin_init_name(e->source, e->run, name);
        hls_live_map(out, name);
    }
    if (e->s && (first || msn % TIME_EVERY == 0))
        hls_live_time(out, e->time);
}

static void put_parts(const struct entry *e, size_t msn, struct buf *out)
{
    char name[ORIGIN_FILE];
    for (int i = 0; e->s && e->s->parts && i < e->s->part_count; i++) {
        part_name(e->source, msn, i, name);
        hls_live_part(out, name, e->s->parts[i].length, e->s->parts[i].key);
    }
}

/* The part that comes next. */
static void put_hint(const struct origin *o, int track, size_t n, struct buf *out)
{
    char name[ORIGIN_FILE];
    struct entry e = {.closed = true};
    const struct origin_run *r = origin_current(o);
    bool open = n > 0 && entry_at(o, track, n - 1, &e) && !e.closed;
    int source = r ? source_of(r, track) : -1;
    if (source < 0 && !open)
        return;
    part_name(open ? e.source : source, open ? n - 1 : n, open ? e.s->part_count : 0, name);
    hls_live_hint(out, name);
}

/* Of the parts from number `msn` on, the longest, but not less than usual. */
static int64_t part_target(const struct origin *o, int track, size_t msn, size_t n)
{
    struct entry e;
    int64_t target = ORIGIN_PART_US;
    for (; msn < n && entry_at(o, track, msn, &e); msn++)
        for (int i = 0; e.s && e.s->parts && i < e.s->part_count; i++)
            if (e.s->parts[i].length > target)
                target = e.s->parts[i].length;
    return target;
}

void origin_list(const struct origin *o, int track, enum origin_form form, struct buf *out)
{
    bool low = form == ORIGIN_LOW || form == ORIGIN_LOW_SKIP;
    struct hls_live head = {.target = ORIGIN_TARGET_S, .type = HLS_OPEN};
    struct entry e;
    size_t n = count(o, track), listed = number_near(o, track, n, ORIGIN_LISTED_US);
    if (low) {
        head.part_target = part_target(o, track, listed, n);
        head.hold_back = ORIGIN_HOLD_BACKS * head.part_target;
        head.skip_until = ORIGIN_SKIP_US;
    } else {
        head.type = form == ORIGIN_VOD ? HLS_VOD : HLS_EVENT;
    }
    if (form == ORIGIN_LOW_SKIP)
        head.skipped = (int64_t)number_near(o, track, n, ORIGIN_SKIP_US);
    hls_live_head(out, &head);
    int mapped = -1;
    if (head.skipped > 0 && entry_at(o, track, (size_t)head.skipped - 1, &e) && e.source >= 0)
        mapped = e.run;
    for (size_t msn = (size_t)head.skipped; msn < n && entry_at(o, track, msn, &e); msn++) {
        char name[ORIGIN_FILE];
        if (!e.closed && !low)
            break;
        put_begin(o, &e, msn, &mapped, out);
        if (low && !o->sealed && msn >= listed)
            put_parts(&e, msn, out);
        origin_segment_name(e.source >= 0 ? e.source : track, msn, name);
        if (e.closed)
            hls_live_segment(out, name, e.length, !e.s);
    }
    if (o->sealed)
        hls_live_end(out);
    else if (low)
        put_hint(o, track, n, out);
}

/* --- the master --- */

/* The latest run that has the track; NULL: none. */
static const struct origin_input *input_of(const struct origin *o, int track)
{
    for (int i = o->run_count - 1; i >= 0; i--)
        if (o->runs[i].begun && o->runs[i].in[track].ready)
            return &o->runs[i].in[track];
    return NULL;
}

bool origin_has_track(const struct origin *o, int track)
{
    return input_of(o, track) != NULL;
}

bool origin_is_shown(const struct origin *o)
{
    for (int i = 0; i < o->run_count; i++) {
        if (!o->runs[i].begun)
            continue;
        for (int t = 0; t < ORIGIN_TRACKS; t++)
            if (o->runs[i].in[t].announced && o->tracks[t].n == 0)
                return false;
        return true;
    }
    return false;
}

static int64_t rate_of(const struct origin *o, int track)
{
    const struct origin_input *in = input_of(o, track);
    int64_t rate = o->tracks[track].peak;
    if (in && in->rate > rate)
        rate = in->rate;
    return !in ? 0 : rate > 0 ? rate : RATE_UNKNOWN;
}

bool origin_master(const struct origin *o, const char *prefix, bool independent, struct buf *out)
{
    struct hls_variant variants[ORIGIN_TRACKS];
    char uris[ORIGIN_TRACKS][ORIGIN_FILE];
    const struct origin_input *sound = input_of(o, ORIGIN_SOUND);
    size_t n = 0;
    if (!origin_is_shown(o))
        return false;
    for (int t = 0; t < ORIGIN_TRACKS; t++) {
        const struct origin_input *in = input_of(o, t);
        snprintf(uris[t], sizeof uris[t], "%s%s.m3u8", prefix, origin_track_name(t));
        if (!in || (t == ORIGIN_SOUND && n > 0))
            continue;
        variants[n++] =
            (struct hls_variant){.uri = uris[t],
                                 .codec = in->init.codec,
                                 .peak = rate_of(o, t) + (t == ORIGIN_SOUND ? 0 : rate_of(o, ORIGIN_SOUND)),
                                 .width = in->init.width,
                                 .height = in->init.height};
        if (t == ORIGIN_SOUND)
            sound = NULL;
    }
    struct hls_sound group = {.group = "a", .name = "audio", .uri = uris[ORIGIN_SOUND]};
    if (sound) {
        group.codec = sound->init.codec;
        group.channels = sound->init.channels;
    }
    hls_write_master(out, independent, variants, n, sound ? &group : NULL);
    return true;
}

bool origin_is_independent(const struct origin *o)
{
    for (int t = 0; t < ORIGIN_SOUND; t++)
        for (size_t i = 0; i < o->tracks[t].n; i++)
            if (o->tracks[t].segments[i].there && !o->tracks[t].segments[i].key)
                return false;
    return true;
}

int64_t origin_length(const struct origin *o)
{
    struct entry e;
    int64_t length = 0;
    for (size_t msn = 0; entry_at(o, 0, msn, &e); msn++)
        length += e.length;
    return length;
}

/* --- waiting for parts --- */

bool origin_has(const struct origin *o, int track, int64_t msn, int64_t part)
{
    struct entry e;
    size_t n = count(o, track), number = (size_t)msn;
    if (o->sealed || number + 1 < n)
        return true;
    if (number >= n || !entry_at(o, track, number, &e))
        return false;
    if (part < 0)
        return e.closed;
    return e.s && part < e.s->part_count; /* behind its last part: the next segment's first */
}

bool origin_is_far(const struct origin *o, int track, int64_t msn, int64_t part)
{
    struct entry e;
    int64_t n = (int64_t)count(o, track);
    if (o->sealed)
        return false;
    if (msn > n - 1 + AHEAD_SEGMENTS)
        return true;
    int there = msn == n - 1 && entry_at(o, track, (size_t)msn, &e) && e.s ? e.s->part_count : 0;
    return part >= there + AHEAD_PARTS && msn >= n - 1;
}

static const struct origin_segment *segment_at(const struct origin *o, int track, int64_t msn)
{
    return msn >= 0 && (size_t)msn < o->tracks[track].n ? &o->tracks[track].segments[msn] : NULL;
}

struct origin_bytes *origin_part_bytes(const struct origin *o, int track, int64_t msn, int64_t part)
{
    const struct origin_segment *s = segment_at(o, track, msn);
    return s && s->parts && part >= 0 && part < s->part_count ? s->parts[part].bytes : NULL;
}

bool origin_is_over(const struct origin *o, int track, int64_t msn, int64_t part)
{
    const struct origin_segment *s = segment_at(o, track, msn);
    return o->sealed || part < 0 || (s && (s->closed || part < s->part_count));
}
