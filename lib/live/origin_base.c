/* What an origin consists of: runs, tracks, segments and parts, added one by one. Whether they may be is decided in
 * lib/live/origin.c, or by reading an index. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/live/origin_inner.h"

enum { FIRST_SIZE = 16, PART_SIZE = 8 };

#define SECOND_US INT64_C(1000000)

/* --- bytes --- */

struct origin_bytes *origin_bytes_new(struct str s)
{
    struct origin_bytes *b = mem_alloc(sizeof *b + s.n);
    b->refs = 1;
    b->n = s.n;
    memcpy(b->p, s.p, s.n);
    return b;
}

struct origin_bytes *origin_bytes_ref(struct origin_bytes *b)
{
    b->refs++;
    return b;
}

void origin_bytes_unref(struct origin_bytes *b)
{
    if (b && --b->refs == 0)
        free(b);
}

/* --- names --- */

static const char *const names[ORIGIN_TRACKS] = {"v0", "v1", "v2", "a"};

const char *origin_track_name(int track)
{
    return names[track];
}

int origin_track_of(struct str name)
{
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        if (str_eq(name, names[t]))
            return t;
    return -1;
}

/* --- runs --- */

struct origin_run *origin_current(const struct origin *o)
{
    return o->run_count > 0 ? &o->runs[o->run_count - 1] : NULL;
}

int origin_lead(const struct origin_run *r)
{
    int t = 0;
    while (t + 1 < ORIGIN_TRACKS && !r->in[t].announced)
        t++;
    return t;
}

struct origin_run *origin_add_run(struct origin *o, const struct origin_run *run)
{
    const struct origin_run *before = origin_current(o);
    bool goes_on = before && strcmp(before->session, run->session) == 0;
    int64_t shown_at = goes_on ? before->shown_at : ORIGIN_NOT_YET;
    if (!goes_on)
        o->until = ORIGIN_NOT_YET;
    if (o->run_count == o->run_size) {
        o->run_size = o->run_size > 0 ? o->run_size * 2 : FIRST_SIZE;
        o->runs = mem_resize(o->runs, (size_t)o->run_size * sizeof *o->runs);
    }
    struct origin_run *r = &o->runs[o->run_count++];
    *r = *run;
    r->shown_at = shown_at;
    r->begun = false;
    r->first_msn = 0;
    o->floor = 0;
    for (int t = 0; t < ORIGIN_TRACKS; t++) {
        struct origin_input *in = &r->in[t];
        *in = (struct origin_input){.announced = in->announced,
                                    .width = in->width,
                                    .height = in->height,
                                    .rate = in->rate,
                                    .end = -1};
    }
    return r;
}

/* --- segments --- */

void origin_free_parts(struct origin_segment *s)
{
    for (int i = 0; s->parts && i < s->part_count; i++)
        origin_bytes_unref(s->parts[i].bytes);
    free(s->parts);
    s->parts = NULL;
}

/* Of those that are complete, parts of the last seconds stay in memory. */
static void forget_parts(struct origin_track *t)
{
    int64_t length = 0;
    for (size_t i = t->kept; i < t->n; i++)
        length += t->segments[i].length;
    while (t->kept + 1 < t->n && length - t->segments[t->kept].length >= ORIGIN_KEPT_US) {
        length -= t->segments[t->kept].length;
        origin_free_parts(&t->segments[t->kept++]);
    }
}

struct origin_segment *origin_add_segment(struct origin *o, int track, size_t msn)
{
    struct origin_track *t = &o->tracks[track];
    if (msn >= t->size) {
        size_t size = t->size > 0 ? t->size : FIRST_SIZE;
        while (size <= msn)
            size *= 2;
        t->segments = mem_resize(t->segments, size * sizeof *t->segments);
        t->size = size;
    }
    for (; t->n <= msn; t->n++)
        t->segments[t->n] = (struct origin_segment){.run = o->run_count - 1, .closed = true};
    struct origin_segment *s = &t->segments[msn];
    s->there = true;
    s->closed = false;
    return s;
}

int64_t origin_ms(const struct mp4_track *t, int64_t ticks)
{
    return ticks / t->scale * 1000 + ticks % t->scale * 1000 / t->scale;
}

int64_t origin_fragment_us(const struct mp4_track *t, const struct mp4_fragment *f)
{
    int64_t ticks = f->decoded_to - f->decoded_from;
    if (ticks <= 0 || ticks > (int64_t)t->scale * ORIGIN_SEGMENT_US / SECOND_US)
        return 0;
    return ticks * SECOND_US / t->scale;
}

void origin_push_part(struct origin_segment *s, const struct origin_part *part)
{
    if (s->part_count % PART_SIZE == 0)
        s->parts = mem_resize(s->parts, ((size_t)s->part_count + PART_SIZE) * sizeof *s->parts);
    s->parts[s->part_count++] = *part;
}

void origin_add_part(struct origin *o, int track, const struct mp4_fragment *f, struct origin_bytes *bytes)
{
    struct origin_run *r = origin_current(o);
    struct origin_input *in = &r->in[track];
    struct origin_track *t = &o->tracks[track];
    struct origin_segment *s = &t->segments[t->n - 1];
    int64_t length = origin_fragment_us(&in->init, f);
    if (s->part_count == 0) {
        s->key = f->key;
        s->time = r->shown_at + r->at + origin_ms(&in->init, f->decoded_from);
    }
    origin_push_part(s, &(struct origin_part){length, f->key, bytes});
    s->length += length;
    s->bytes += (int64_t)bytes->n;
    int64_t end = r->at + origin_ms(&in->init, f->decoded_to);
    if (track == origin_lead(r) && end > o->until)
        o->until = end;
    o->version++;
    forget_parts(t);
}

void origin_complete(struct origin *o, int track)
{
    struct origin_track *t = &o->tracks[track];
    struct origin_segment *s = t->n > 0 ? &t->segments[t->n - 1] : NULL;
    if (!s || s->closed)
        return;
    s->closed = true;
    s->there = s->part_count > 0;
    if (!s->there)
        return;
    o->version++;
    int64_t rate = s->length > 0 ? s->bytes * 8 * SECOND_US / s->length : 0;
    if (rate > t->peak)
        t->peak = rate;
    o->sink.complete(o->sink.arg, track, t->n - 1);
}

void origin_forget(struct origin *o)
{
    for (int t = 0; t < ORIGIN_TRACKS; t++) {
        for (size_t i = 0; i < o->tracks[t].n; i++)
            origin_free_parts(&o->tracks[t].segments[i]);
        free(o->tracks[t].segments);
    }
    free(o->runs);
}
