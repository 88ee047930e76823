/* What lectern-lived reads that others wrote: lines of an index up to an empty one, then an init and parts of the
 * current run as an ingest sends them, each behind its length in two bytes. Whatever was taken, playlists can be made
 * of it, and read again. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/cx.h"
#include "lib/format/hls.h"
#include "lib/live/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1796000000, LIST_MAX = 32 << 20 };

static bool append(void *arg, int track, size_t msn, struct str bytes)
{
    (void)arg;
    (void)track;
    return bytes.n > 0 && msn < ORIGIN_SEGMENTS_MAX;
}

static void complete(void *arg, int track, size_t msn)
{
    const struct origin *o = *(struct origin **)arg;
    char line[ORIGIN_LINE];
    origin_line_segment(o, track, msn, line);
    if (o->tracks[track].segments[msn].length > ORIGIN_SEGMENT_US || !strchr(line, '\n'))
        abort();
}

static void add_line(void *arg, struct str line)
{
    (void)arg;
    if (line.n == 0 || line.p[line.n - 1] != '\n')
        abort();
}

static struct str next_piece(struct str *rest)
{
    if (rest->n < 2)
        return (struct str){"", 0};
    size_t n = (size_t)(unsigned char)rest->p[0] << 8 | (unsigned char)rest->p[1];
    struct str piece = {rest->p + 2, n < rest->n - 2 ? n : rest->n - 2};
    *rest = (struct str){piece.p + piece.n, rest->n - 2 - piece.n};
    return piece;
}

static void feed(struct origin *o, struct str rest)
{
    int track = rest.n > 0 ? rest.p[0] & 3 : 0;
    rest = rest.n > 0 ? (struct str){rest.p + 1, rest.n - 1} : rest;
    struct str init = next_piece(&rest);
    if (!origin_current(o) || origin_track_init(o, track, init) != ORIGIN_TAKEN)
        return;
    for (int64_t i = 0; rest.n >= 2; i++)
        (void)origin_part(o, track, i / 6, i % 6, next_piece(&rest), NOW);
}

static void check_list(struct cx *cx, const struct origin *o, int track, enum origin_form form)
{
    struct hls_playlist list;
    struct buf out;
    buf_init(&out, LIST_MAX);
    origin_list(o, track, form, &out);
    if (out.overflow || (form != ORIGIN_LOW_SKIP && hls_read(cx, buf_view(&out), &list) != RC_OK))
        abort();
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct origin o, *self = &o;
    const struct origin_sink sink = {append, complete, add_line, &self};
    struct buf out;
    struct cx cx;
    cx_init(&cx);
    origin_init(&o, &sink);
    for (struct str line = str_cut(&rest, '\n'); line.n > 0; line = str_cut(&rest, '\n'))
        if (!origin_read_line(&o, line))
            break;
    feed(&o, rest);
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        for (int form = ORIGIN_LOW; form <= ORIGIN_VOD; form++)
            check_list(&cx, &o, t, (enum origin_form)form);
    buf_init(&out, LIST_MAX);
    (void)origin_master(&o, "live-", origin_is_independent(&o), &out);
    buf_fini(&out);
    origin_seal(&o);
    if (!origin_has(&o, 0, 1 << 30, 1) || origin_length(&o) < 0)
        abort();
    origin_fini(&o);
    cx_fini(&cx);
    return 0;
}
