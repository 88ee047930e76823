/* Boxes of any bytes, as when one of our files is read again. */
#include <stdlib.h>
#include <string.h>

#include "lib/format/mp4_init.h"
#include "lib/format/mp4_shorten.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
    if (!right)
        abort();
}

static void try_track(struct mp4_track *t, struct str body)
{
    if (mp4_track_read(body, t))
        check(t->scale > 0 && t->codec[0] != '\0' && memchr(t->codec, '\0', sizeof t->codec));
}

/* Each track by itself is one track. */
static void try_split(struct str body)
{
    uint32_t numbers[8], one;
    struct buf out;
    size_t n = mp4_init_tracks(body, numbers, 8);
    for (size_t i = 0; i < n; i++) {
        struct str rest, inner;
        struct mp4_box box;
        buf_init(&out, 1 << 20);
        if (mp4_init_put((struct str){NULL, 0}, body, numbers[i], &out)) {
            rest = buf_view(&out);
            check(mp4_box_next(&rest, &box, &inner) && rest.n == 0);
            check(mp4_init_tracks(inner, &one, 1) == 1 && one == numbers[i]);
        }
        buf_fini(&out);
    }
}

/* It is shorter by just so much, or as it was. */
static void try_shorten(const struct mp4_track *t, struct str body, const struct mp4_fragment *f)
{
    struct mp4_fragment after;
    char *copy = malloc(body.n + 1);
    check(copy);
    memcpy(copy, body.p, body.n);
    bool shorter = mp4_shorten(copy, body.n, 3);
    if (mp4_fragment_read(t, (struct str){copy, body.n}, &after))
        check(after.samples == f->samples && after.decoded_to == f->decoded_to - (shorter ? 3 : 0));
    else
        check(false);
    free(copy);
}

static void try_fragment(const struct mp4_track *t, struct str body)
{
    struct mp4_fragment f;
    if (!mp4_fragment_read(t, body, &f))
        return;
    check(f.payload >= 0 && f.samples >= 0 && f.decoded_from >= 0 && f.decoded_to >= f.decoded_from);
    check(f.samples > 0 ? f.to >= f.from : f.from == 0 && f.to == 0);
    try_shorten(t, body, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp4_track t = {.scale = 1};
    struct mp4_box box;
    for (size_t at = 0; mp4_box_read(data + at, size - at, &box); at += (size_t)box.length) {
        check(box.length >= box.head && box.head >= 8);
        if ((uint64_t)box.length > size - at)
            break;
        struct str body = {(const char *)data + at + box.head, (size_t)(box.length - box.head)};
        if (strcmp(box.type, "moov") == 0) {
            try_split(body);
            try_track(&t, body);
        }
        if (strcmp(box.type, "moof") == 0)
            try_fragment(&t, body);
    }
    return 0;
}
