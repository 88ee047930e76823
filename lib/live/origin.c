#include "lib/live/origin.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/live/origin_inner.h"

enum { FIRST_SIZE = 16 };

#define AT_MOST_MS (INT64_C(1) << 40)
#define ORDER_MOST (INT64_C(1) << 53)

/* --- life --- */

void origin_init(struct origin *o, const struct origin_sink *sink)
{
    *o = (struct origin){.sink = *sink, .until = ORIGIN_NOT_YET};
}

static void drop_held(struct origin *o, int64_t before)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->held_count; i++)
        if (o->held[i].k >= before) {
            o->held[kept++] = o->held[i];
        } else {
            o->held_bytes -= o->held[i].bytes->n;
            origin_bytes_unref(o->held[i].bytes);
        }
    o->held_count = kept;
}

void origin_fini(struct origin *o)
{
    drop_held(o, INT64_MAX);
    origin_forget(o);
    free(o->held);
    *o = (struct origin){.sealed = true};
}

/* --- parts --- */

static bool fits(const struct origin *o, int track, size_t msn, int64_t length)
{
    const struct origin_track *t = &o->tracks[track];
    if (msn + 1 != t->n)
        return msn >= t->n;
    const struct origin_segment *s = &t->segments[msn];
    return !s->closed && s->length + length <= ORIGIN_SEGMENT_US && s->part_count < ORIGIN_PARTS_MAX;
}

/* Of a run that has begun. Takes `bytes`. */
static enum origin_said place(struct origin *o, int track, int64_t k, const struct mp4_fragment *f,
                              struct origin_bytes *bytes)
{
    const struct origin_run *r = origin_current(o);
    size_t msn = r->first_msn + (size_t)(k - r->first_k);
    enum origin_said said = ORIGIN_TAKEN;
    if (k < r->first_k)
        said = ORIGIN_HAD;
    else if (msn >= ORIGIN_SEGMENTS_MAX)
        said = ORIGIN_TOO_MANY;
    else if (!fits(o, track, msn, origin_fragment_us(&r->in[track].init, f)))
        said = ORIGIN_BAD;
    if (said != ORIGIN_TAKEN) {
        origin_bytes_unref(bytes);
        return said;
    }
    if (msn >= o->tracks[track].n) {
        origin_complete(o, track);
        origin_add_segment(o, track, msn)->k = k;
    }
    if (!o->sink.append(o->sink.arg, track, msn, (struct str){bytes->p, bytes->n})) {
        origin_bytes_unref(bytes);
        return ORIGIN_DISK;
    }
    origin_add_part(o, track, f, bytes);
    return ORIGIN_TAKEN;
}

/* --- where a run begins --- */

/* From here on its segments are counted. */
static void begin(struct origin *o, int64_t now)
{
    struct origin_run *r = origin_current(o);
    char line[ORIGIN_LINE];
    const struct origin_held *last = &o->held[o->held_count - 1];
    r->begun = true;
    r->first_k = o->floor;
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        if (o->tracks[t].n > r->first_msn)
            r->first_msn = o->tracks[t].n;
    int64_t shown_at = now - r->at - origin_ms(&r->in[last->track].init, last->f.decoded_to);
    if (r->shown_at == ORIGIN_NOT_YET || shown_at - r->shown_at > ORIGIN_DRIFT_MS ||
        r->shown_at - shown_at > ORIGIN_DRIFT_MS)
        r->shown_at = shown_at;
    origin_line_begin(o, o->run_count - 1, line);
    o->sink.line(o->sink.arg, str_of(line));
    for (size_t i = 0; i < o->held_count; i++)
        (void)place(o, o->held[i].track, o->held[i].k, &o->held[i].f, o->held[i].bytes);
    o->held_count = 0;
    o->held_bytes = 0;
}

static bool holds_track(const struct origin *o, int track, int64_t k)
{
    for (size_t i = 0; i + 1 < o->held_count; i++)
        if (o->held[i].track == track && (k < 0 || o->held[i].k == k))
            return true;
    return false;
}

/* A part of the first track came, the last that is held: players have everything up to its segment's beginning, or
 * it goes beyond what they have. Who begins has to begin with a keyframe. */
static void judge(struct origin *o, int64_t now)
{
    const struct origin_held *h = &o->held[o->held_count - 1];
    const struct origin_run *r = origin_current(o);
    int64_t end = r->at + origin_ms(&r->in[h->track].init, h->f.decoded_to);
    if (!holds_track(o, h->track, -1) || (h->f.key && !holds_track(o, h->track, h->k))) {
        o->floor = h->k;
        drop_held(o, o->floor);
    }
    if (end <= o->until && now - o->held_at <= ORIGIN_HELD_MS)
        return;
    if (end <= o->until)
        o->until = ORIGIN_NOT_YET;
    begin(o, now);
}

static enum origin_said hold(struct origin *o, int track, int64_t k, const struct mp4_fragment *f,
                             struct str bytes, int64_t now)
{
    if (o->held_bytes + bytes.n > ORIGIN_HELD_MAX)
        return ORIGIN_TOO_MANY;
    if (o->held_count == o->held_size) {
        o->held_size = o->held_size > 0 ? o->held_size * 2 : FIRST_SIZE;
        o->held = mem_resize(o->held, o->held_size * sizeof *o->held);
    }
    if (o->held_count == 0)
        o->held_at = now;
    o->held[o->held_count++] = (struct origin_held){track, k, *f, origin_bytes_new(bytes)};
    o->held_bytes += bytes.n;
    if (track == origin_lead(origin_current(o)))
        judge(o, now);
    return ORIGIN_TAKEN;
}

/* --- the ingest --- */

static bool is_sound(const struct origin_run *r)
{
    bool any = false;
    for (int t = 0; t < ORIGIN_TRACKS; t++) {
        const struct origin_input *in = &r->in[t];
        any |= in->announced;
        if (in->width < 0 || in->width > ORIGIN_SIZE_MAX || in->height < 0 || in->height > ORIGIN_SIZE_MAX ||
            in->rate < 0 || in->rate > ORIGIN_RATE_MAX)
            return false;
    }
    return any && r->session[0] != '\0' && r->at >= 0 && r->at <= AT_MOST_MS && r->fence >= 0 &&
           r->fence <= ORDER_MOST && r->child >= 0 && r->child <= ORDER_MOST;
}

static int order(const struct origin_run *r, int64_t fence, int64_t child)
{
    if (r->fence != fence)
        return r->fence < fence ? -1 : 1;
    return r->child < child ? -1 : r->child > child;
}

enum origin_said origin_run(struct origin *o, const struct origin_run *run)
{
    const struct origin_run *now = origin_current(o);
    char line[ORIGIN_LINE];
    if (o->sealed)
        return ORIGIN_SEALED;
    if (!is_sound(run))
        return ORIGIN_BAD;
    if (now && strcmp(now->session, run->session) == 0) {
        int way = order(now, run->fence, run->child);
        if (way >= 0)
            return way == 0 ? ORIGIN_HAD : ORIGIN_OLD;
    }
    for (int i = 0; now && i < o->run_count; i++)
        if (strcmp(o->runs[i].session, run->session) == 0 && strcmp(now->session, run->session) != 0)
            return ORIGIN_OLD;
    if (o->run_count == ORIGIN_RUNS_MAX)
        return ORIGIN_TOO_MANY;
    origin_end(o);
    drop_held(o, INT64_MAX);
    origin_add_run(o, run);
    origin_line_run(o, o->run_count - 1, line);
    o->sink.line(o->sink.arg, str_of(line));
    return ORIGIN_TAKEN;
}

enum origin_said origin_find(const struct origin *o, int64_t fence, int64_t child)
{
    const struct origin_run *r = origin_current(o);
    if (o->sealed)
        return ORIGIN_SEALED;
    if (!r)
        return ORIGIN_BAD;
    int way = order(r, fence, child);
    if (way == 0)
        return ORIGIN_TAKEN;
    for (int i = 0; i < o->run_count; i++)
        if (order(&o->runs[i], fence, child) == 0)
            return ORIGIN_OLD;
    return way > 0 ? ORIGIN_OLD : ORIGIN_BAD;
}

enum origin_said origin_track_init(struct origin *o, int track, struct str bytes)
{
    struct origin_run *r = origin_current(o);
    struct mp4_track t;
    if (o->sealed)
        return ORIGIN_SEALED;
    if (!r || !r->in[track].announced || !mp4_chunk_track(bytes, &t) ||
        (strncmp(t.codec, "mp4a", 4) == 0) != (track == ORIGIN_SOUND))
        return ORIGIN_BAD;
    if (r->in[track].ready)
        return ORIGIN_HAD;
    r->in[track].init = t;
    r->in[track].ready = true;
    return ORIGIN_TAKEN;
}

enum origin_said origin_part(struct origin *o, int track, int64_t k, int64_t p, struct str bytes, int64_t now)
{
    struct origin_run *r = origin_current(o);
    struct mp4_fragment f;
    if (o->sealed)
        return ORIGIN_SEALED;
    if (!r || !r->in[track].ready || k < 0 || p < 0 || p >= ORIGIN_PARTS_MAX)
        return ORIGIN_BAD;
    struct origin_input *in = &r->in[track];
    if (k < in->k || (k == in->k && p < in->p))
        return ORIGIN_HAD;
    if (k > in->k + ORIGIN_SKIPPED_MAX || !mp4_chunk_read(&in->init, bytes, &f) || f.decoded_from < in->end)
        return ORIGIN_BAD;
    int64_t length = origin_fragment_us(&in->init, &f);
    if (length == 0)
        return ORIGIN_BAD;
    enum origin_said said =
        r->begun ? place(o, track, k, &f, origin_bytes_new(bytes)) : hold(o, track, k, &f, bytes, now);
    if (said == ORIGIN_TAKEN || said == ORIGIN_HAD) {
        in->k = k;
        in->p = p + 1;
        in->end = f.decoded_to;
    }
    return said == ORIGIN_HAD ? ORIGIN_TAKEN : said;
}

void origin_end(struct origin *o)
{
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        origin_complete(o, t);
}

void origin_seal(struct origin *o)
{
    if (o->sealed)
        return;
    origin_end(o);
    o->sink.line(o->sink.arg, STR("sealed\n"));
    o->sealed = true;
    o->version++;
}
