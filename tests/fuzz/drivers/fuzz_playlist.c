/* Playlists of any bytes: read, judged as one that FFmpeg wrote of somebody's file, given another end; and
 * what is written of one reads as the same again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/media/make.h"
#include "lib/media/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20, PER_BYTE = 8 };

static void check(bool right)
{
    if (!right)
        abort();
}

static bool same_text(struct str a, struct str b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool same_range(const struct hls_range *a, const struct hls_range *b)
{
    return a->bytes == b->bytes && a->at == b->at;
}

static bool same_map(const struct hls_map *a, const struct hls_map *b)
{
    return a == b || (a && b && same_text(a->uri, b->uri) && same_range(&a->range, &b->range));
}

static void check_same(const struct hls_playlist *a, const struct hls_playlist *b)
{
    check(a->version == b->version && a->target == b->target && a->sequence == b->sequence);
    check(a->type == b->type && a->independent == b->independent && a->ended == b->ended && a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct hls_segment *s = &a->segments[i], *t = &b->segments[i];
        check(s->length == t->length && same_text(s->uri, t->uri));
        check(same_range(&s->range, &t->range) && same_map(s->map, t->map));
    }
}

static void check_limits(const struct hls_playlist *p)
{
    check(p->n <= HLS_SEGMENTS_MAX && p->target >= 0);
    for (size_t i = 0; i < p->n; i++) {
        const struct hls_segment *s = &p->segments[i];
        check(s->length >= 0 && s->length < HLS_LENGTH_MAX && s->uri.n > 0);
        check(s->range.bytes >= 0 && s->range.at >= 0 && s->range.at + s->range.bytes <= HLS_BYTES_MAX);
    }
}

static int64_t end_of(const struct hls_playlist *p)
{
    const struct hls_range *last = p->n > 0 ? &p->segments[p->n - 1].range : NULL;
    return last ? last->at + last->bytes : 0;
}

static void try(struct cx *cx, const struct hls_playlist *p, size_t size)
{
    struct hls_playlist again;
    struct verify_list list;
    struct buf out;
    buf_init(&out, LARGEST + PER_BYTE * size);
    hls_write(&out, p);
    check(!out.overflow && hls_read(cx, buf_view(&out), &again) == RC_OK);
    check_same(p, &again);
    if (verify_playlist(p, end_of(p), &list)) {
        check(isfinite(list.seconds) && list.seconds >= 0 && list.peak >= 0);
        make_ending(&again, list.seconds);
        check_limits(&again);
    }
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct hls_playlist p;
    cx_init(&cx);
    if (hls_read(&cx, (struct str){(const char *)data, size}, &p) == RC_OK) {
        check_limits(&p);
        try(&cx, &p, size);
    }
    cx_fini(&cx);
    return 0;
}
