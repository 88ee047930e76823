#include "lib/format/mp4_init.h"

#include <string.h>

static uint32_t u32_at(struct str s, size_t at)
{
    if (s.n < at + 4)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* tkhd (section 8.3.2): behind version, flags, and two times of 32 or 64 bits. 0: none, which no track has. */
static uint32_t number_of(struct str trak)
{
    struct str tkhd = mp4_box_child(trak, "tkhd");
    return u32_at(tkhd, tkhd.n > 0 && tkhd.p[0] == 1 ? 20 : 12);
}

size_t mp4_init_tracks(struct str moov, uint32_t *numbers, size_t max)
{
    struct mp4_box box;
    struct str body;
    size_t n = 0;
    while (mp4_box_next(&moov, &box, &body)) {
        if (strcmp(box.type, "trak") != 0)
            continue;
        uint32_t number = number_of(body);
        if (number == 0 || n == max)
            return 0;
        numbers[n++] = number;
    }
    return moov.n == 0 ? n : 0;
}

/* The head of a box whose content follows; its length is put right by end_box. */
static size_t begin_box(struct buf *out, const char *type)
{
    size_t at = out->n;
    buf_add(out, "\0\0\0\0", 4);
    buf_add(out, type, 4);
    return at;
}

static void end_box(struct buf *out, size_t at)
{
    size_t n = out->n - at;
    if (out->overflow)
        return;
    for (int i = 0; i < 4; i++)
        out->p[at + (size_t)i] = (char)(n >> (24 - 8 * i));
}

/* mvex (section 8.8.1) without the trex boxes of other tracks. */
static bool put_defaults(struct str mvex, uint32_t number, struct buf *out)
{
    struct mp4_box box;
    struct str body;
    bool found = false;
    size_t at = begin_box(out, "mvex");
    while (mp4_box_next(&mvex, &box, &body)) {
        bool trex = strcmp(box.type, "trex") == 0, own = trex && u32_at(body, 4) == number;
        if (!trex || own)
            buf_add(out, body.p - box.head, (size_t)box.length);
        found = found || own;
    }
    end_box(out, at);
    return found && mvex.n == 0;
}

bool mp4_init_put(struct str ftyp, struct str moov, uint32_t number, struct buf *out)
{
    struct mp4_box box;
    struct str body;
    int tracks = 0, defaults = 0;
    buf_add(out, ftyp.p, ftyp.n);
    size_t at = begin_box(out, "moov");
    while (mp4_box_next(&moov, &box, &body)) {
        if (strcmp(box.type, "mvex") == 0) {
            if (!put_defaults(body, number, out))
                return false;
            defaults++;
        } else if (strcmp(box.type, "trak") != 0) {
            buf_add(out, body.p - box.head, (size_t)box.length);
        } else if (number_of(body) == number) {
            buf_add(out, body.p - box.head, (size_t)box.length);
            tracks++;
        }
    }
    end_box(out, at);
    return moov.n == 0 && tracks == 1 && defaults == 1 && !out->overflow;
}
