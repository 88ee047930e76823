#include "lib/proto/codec.h"

#include <stdio.h>
#include <string.h>

#include "lib/proto/octets.h"

/* --- bits --- */

/* Reads bits from the highest on; past the end they are 0 and the reader is bad. A 3 behind two
 * zeroes is skipped (emulation prevention, H.264 section 7.4.1). */
struct bits {
    const unsigned char *p, *end;
    int left;   /* bits of *p that are not read yet */
    int zeroes; /* zero bytes before *p */
    bool bad;
};

static struct bits bits_of(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    return (struct bits){.p = p, .end = p + s.n, .left = 8};
}

static void next_byte(struct bits *b)
{
    b->zeroes = *b->p == 0 ? b->zeroes + 1 : 0;
    b->p++;
    b->left = 8;
    if (b->zeroes >= 2 && b->p < b->end && *b->p == 3) {
        b->p++;
        b->zeroes = 0;
    }
}

static uint32_t take(struct bits *b, int n)
{
    uint32_t v = 0;
    for (; n > 0; n--) {
        if (b->p >= b->end) {
            b->bad = true;
            return 0;
        }
        v = v << 1 | (*b->p >> --b->left & 1u);
        if (b->left == 0)
            next_byte(b);
    }
    return v;
}

/* Exponential Golomb codes (H.264 section 9.1); signed ones are only skipped, which is the same. */
static uint32_t take_golomb(struct bits *b)
{
    int zeroes = 0;
    while (!b->bad && take(b, 1) == 0)
        if (++zeroes > 31)
            b->bad = true;
    return b->bad ? 0 : (1u << zeroes) - 1 + take(b, zeroes);
}

/* --- H.264 --- */

/* Profiles whose parameter sets say more (section 7.3.2.1.1). */
static bool is_high(uint32_t profile)
{
    static const unsigned char high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return profile != 0 && memchr(high, (int)profile, sizeof high) != NULL;
}

static void pass_scaling_list(struct bits *b, int n)
{
    int last = 8, next = 8;
    for (int i = 0; i < n && !b->bad; i++) {
        if (next != 0) {
            uint32_t code = take_golomb(b);
            int delta = code & 1 ? (int)(code / 2 & 0xff) + 1 : -(int)(code / 2 & 0xff);
            next = (last + delta + 256) & 0xff;
        }
        last = next == 0 ? last : next;
    }
}

/* Gives chroma_format_idc, 4 if the three colours are coded apart. */
static uint32_t take_chroma(struct bits *b)
{
    uint32_t chroma = take_golomb(b);
    bool apart = chroma == 3 && take(b, 1);
    take_golomb(b); /* bit depths */
    take_golomb(b);
    take(b, 1);
    if (take(b, 1))
        for (int i = 0; i < (chroma == 3 ? 12 : 8); i++)
            if (take(b, 1))
                pass_scaling_list(b, i < 6 ? 16 : 64);
    return apart ? 4 : chroma;
}

static void pass_order(struct bits *b)
{
    uint32_t type = take_golomb(b);
    if (type == 0)
        take_golomb(b);
    if (type != 1)
        return;
    take(b, 1);
    take_golomb(b);
    take_golomb(b);
    for (uint32_t n = take_golomb(b); n > 0 && !b->bad; n--)
        take_golomb(b);
}

/* macroblocks * 16 less what is cropped, or 0. */
static int side(uint64_t macroblocks, uint64_t cropped)
{
    uint64_t all = macroblocks * 16;
    return all > CODEC_SIDE_MAX || cropped >= all ? 0 : (int)(all - cropped);
}

/* A sequence parameter set; a size that cannot be read stays 0. */
static void read_size(struct str unit, struct codec_picture *out)
{
    struct bits b = bits_of(unit);
    uint32_t chroma = 1, crop[4] = {0}; /* left, right, top, bottom */
    take(&b, 8);
    uint32_t profile = take(&b, 8);
    take(&b, 16);
    take_golomb(&b);
    if (is_high(profile))
        chroma = take_chroma(&b);
    take_golomb(&b);
    pass_order(&b);
    take_golomb(&b);
    take(&b, 1);
    uint64_t columns = (uint64_t)take_golomb(&b) + 1, rows = (uint64_t)take_golomb(&b) + 1;
    uint32_t whole = take(&b, 1); /* frame_mbs_only_flag: else rows are those of a field */
    if (!whole)
        take(&b, 1);
    take(&b, 1);
    if (take(&b, 1))
        for (int i = 0; i < 4; i++)
            crop[i] = take_golomb(&b);
    if (b.bad)
        return;
    uint64_t x = chroma == 1 || chroma == 2 ? 2 : 1, y = (chroma == 1 ? 2 : 1) * (2 - whole);
    int width = side(columns, x * ((uint64_t)crop[0] + crop[1]));
    int height = side(rows * (2 - whole), y * ((uint64_t)crop[2] + crop[3]));
    if (width > 0 && height > 0) {
        out->width = width;
        out->height = height;
    }
}

bool codec_avc_read(struct str record, struct codec_picture *out)
{
    struct octets o = octets_of(record);
    uint32_t version = octets_take(&o, 1), profile = octets_take(&o, 1), flags = octets_take(&o, 1);
    uint32_t level = octets_take(&o, 1);
    octets_take(&o, 1);
    uint32_t units = octets_take(&o, 1) & 0x1f;
    struct str unit = octets_slice(&o, octets_take(&o, 2));
    if (o.bad || version != 1 || units == 0 || unit.n < 4 || (unit.p[0] & 0x1f) != 7)
        return false;
    struct codec_picture p = {.width = 0};
    snprintf(p.name, sizeof p.name, "avc1.%02x%02x%02x", profile, flags, level);
    read_size(unit, &p);
    *out = p;
    return true;
}
