/* The index of an origin: one line for each run, for where it begins, and for each segment that is complete.
 *   run <run> <session> <fence> <child> <at> <track>:<width>x<height>:<rate> …
 *   begin <run> <first k> <first msn> <time at which the session began>
 *   <track> <msn> <run> <k> <length, µs> <bytes> <1: begins with a keyframe> <time>
 *   sealed */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/live/origin_inner.h"

enum { FIELDS = 8 };

#define NUMBER_MOST (INT64_C(1) << 53)

/* --- writing --- */

void origin_line_run(const struct origin *o, int run, char out[ORIGIN_LINE])
{
    const struct origin_run *r = &o->runs[run];
    int n = snprintf(out, ORIGIN_LINE, "run %d %s %" PRId64 " %" PRId64 " %" PRId64, run, r->session,
                     r->fence, r->child, r->at);
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        if (r->in[t].announced)
            n += snprintf(out + n, (size_t)(ORIGIN_LINE - n), " %s:%dx%d:%" PRId64, origin_track_name(t),
                          r->in[t].width, r->in[t].height, r->in[t].rate);
    snprintf(out + n, (size_t)(ORIGIN_LINE - n), "\n");
}

void origin_line_begin(const struct origin *o, int run, char out[ORIGIN_LINE])
{
    const struct origin_run *r = &o->runs[run];
    snprintf(out, ORIGIN_LINE, "begin %d %" PRId64 " %zu %" PRId64 "\n", run, r->first_k, r->first_msn,
             r->shown_at);
}

void origin_line_segment(const struct origin *o, int track, size_t msn, char out[ORIGIN_LINE])
{
    const struct origin_segment *s = &o->tracks[track].segments[msn];
    snprintf(out, ORIGIN_LINE, "%s %zu %d %" PRId64 " %" PRId64 " %" PRId64 " %d %" PRId64 "\n",
             origin_track_name(track), msn, s->run, s->k, s->length, s->bytes, s->key, s->time);
}

/* --- reading --- */

/* `n` numbers that are not negative, each with a space before it, and nothing else. */
static bool read_numbers(struct str rest, int n, int64_t out[FIELDS])
{
    for (int i = 0; i < n; i++)
        if (!str_to_i64(str_cut(&rest, ' '), 0, NUMBER_MOST, &out[i]))
            return false;
    return rest.n == 0;
}

/* "v0:1920x1080:4000000" */
static bool read_track(struct str word, struct origin_run *r)
{
    int64_t width, height;
    int t = origin_track_of(str_cut(&word, ':'));
    struct str size = str_cut(&word, ':'), w = str_cut(&size, 'x');
    if (t < 0 || !str_to_i64(w, 0, ORIGIN_SIZE_MAX, &width) ||
        !str_to_i64(size, 0, ORIGIN_SIZE_MAX, &height) ||
        !str_to_i64(word, 0, ORIGIN_RATE_MAX, &r->in[t].rate))
        return false;
    r->in[t].announced = true;
    r->in[t].width = (int)width;
    r->in[t].height = (int)height;
    return true;
}

static bool read_run(struct origin *o, struct str rest)
{
    struct origin_run r = {.begun = false};
    int64_t run;
    struct str number = str_cut(&rest, ' '), session = str_cut(&rest, ' '), fence = str_cut(&rest, ' '),
               child = str_cut(&rest, ' '), at = str_cut(&rest, ' ');
    if (!str_to_i64(number, o->run_count, o->run_count, &run) || session.n == 0 ||
        session.n >= sizeof r.session || !str_to_i64(fence, 0, NUMBER_MOST, &r.fence) ||
        !str_to_i64(child, 0, NUMBER_MOST, &r.child) || !str_to_i64(at, 0, NUMBER_MOST, &r.at) ||
        rest.n == 0 || o->run_count == ORIGIN_RUNS_MAX)
        return false;
    memcpy(r.session, session.p, session.n);
    while (rest.n > 0)
        if (!read_track(str_cut(&rest, ' '), &r))
            return false;
    origin_add_run(o, &r);
    return true;
}

static bool read_begin(struct origin *o, struct str rest)
{
    struct origin_run *r = origin_current(o);
    int64_t v[FIELDS];
    if (!r || !read_numbers(rest, 4, v) || v[0] != o->run_count - 1 || r->begun || v[2] > ORIGIN_SEGMENTS_MAX)
        return false;
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        if (o->tracks[t].n > (size_t)v[2])
            return false;
    r->begun = true;
    r->first_k = v[1];
    r->first_msn = (size_t)v[2];
    r->shown_at = v[3];
    return true;
}

static bool read_segment(struct origin *o, int track, struct str rest)
{
    struct origin_run *r = origin_current(o);
    int64_t v[FIELDS];
    if (!r || !r->begun || !r->in[track].announced || !read_numbers(rest, 7, v) ||
        v[0] < (int64_t)o->tracks[track].n || v[0] < (int64_t)r->first_msn || v[0] >= ORIGIN_SEGMENTS_MAX ||
        v[1] != o->run_count - 1 || v[3] > ORIGIN_SEGMENT_US || v[5] > 1)
        return false;
    struct origin_segment *s = origin_add_segment(o, track, (size_t)v[0]);
    *s = (struct origin_segment){.run = (int)v[1],
                                 .k = v[2],
                                 .length = v[3],
                                 .bytes = v[4],
                                 .key = v[5] == 1,
                                 .time = v[6],
                                 .there = true,
                                 .closed = true};
    o->tracks[track].kept = o->tracks[track].n;
    r->in[track].k = s->k + 1;
    if (s->length > 0 && s->bytes * 8000000 / s->length > o->tracks[track].peak)
        o->tracks[track].peak = s->bytes * 8000000 / s->length;
    if (track == origin_lead(r))
        o->until = s->time - r->shown_at + s->length / 1000;
    return true;
}

bool origin_read_line(struct origin *o, struct str line)
{
    struct str word = str_cut(&line, ' ');
    int track = origin_track_of(word);
    if (o->sealed)
        return false;
    if (track >= 0)
        return read_segment(o, track, line);
    if (str_eq(word, "run"))
        return read_run(o, line);
    if (str_eq(word, "begin"))
        return read_begin(o, line);
    o->sealed = str_eq(word, "sealed");
    return o->sealed;
}

bool origin_read_init(struct origin *o, int run, int track, struct str bytes)
{
    struct origin_input *in = &o->runs[run].in[track];
    in->ready = in->announced && mp4_chunk_track(bytes, &in->init);
    return in->ready;
}

/* --- a segment that was not complete --- */

size_t origin_next(const struct origin *o, int track)
{
    const struct origin_run *r = origin_current(o);
    size_t n = o->tracks[track].n;
    if (o->sealed || !r || !r->begun || !r->in[track].ready)
        return SIZE_MAX;
    return n > r->first_msn ? n : r->first_msn;
}

/* The next moof and mdat; false: they are not there as a whole. */
static bool next_chunk(struct str *rest, struct str *out)
{
    struct mp4_box box;
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        if (!mp4_box_read((const unsigned char *)rest->p + n, rest->n - n, &box) ||
            (uint64_t)box.length > rest->n - n)
            return false;
        n += (size_t)box.length;
    }
    *out = (struct str){rest->p, n};
    *rest = (struct str){rest->p + n, rest->n - n};
    return true;
}

bool origin_read_parts(struct origin *o, int track, struct str bytes)
{
    struct origin_track *t = &o->tracks[track];
    struct origin_segment *s = &t->segments[t->kept - 1];
    const struct origin_input *in = &o->runs[s->run].in[track];
    struct mp4_fragment f;
    struct str chunk;
    int64_t length = 0;
    if (!s->there || !in->ready)
        return false;
    while (s->part_count < ORIGIN_PARTS_MAX && next_chunk(&bytes, &chunk) &&
           mp4_chunk_read(&in->init, chunk, &f)) {
        const struct origin_part part = {origin_fragment_us(&in->init, &f), f.key, origin_bytes_new(chunk)};
        length += part.length;
        origin_push_part(s, &part);
    }
    if (length != s->length || bytes.n > 0) {
        origin_free_parts(s);
        s->part_count = 0;
        return false;
    }
    t->kept--;
    return true;
}

size_t origin_read_segment(struct origin *o, int track, struct str bytes)
{
    struct origin_run *r = origin_current(o);
    struct origin_input *in = &r->in[track];
    size_t msn = origin_next(o, track), whole = 0;
    struct mp4_fragment f;
    struct str chunk;
    while (next_chunk(&bytes, &chunk) && mp4_chunk_read(&in->init, chunk, &f) && f.decoded_from >= in->end &&
           (whole == 0 || in->p < ORIGIN_PARTS_MAX) && origin_fragment_us(&in->init, &f) > 0) {
        if (whole == 0) {
            origin_complete(o, track);
            struct origin_segment *s = origin_add_segment(o, track, msn);
            s->k = in->k = r->first_k + (int64_t)(msn - r->first_msn);
            in->p = 0;
        }
        origin_add_part(o, track, &f, origin_bytes_new(chunk));
        in->p++;
        in->end = f.decoded_to;
        whole += chunk.n;
    }
    return whole;
}
