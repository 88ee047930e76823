#include "lib/proto/image.h"

#include <string.h>

/* Sides up to 2^24, which WebP cannot exceed; PNG could. */
enum { SIDE_MAX = 1 << 24, PNG_CHUNK = 12, PNG_HEAD = 13, RIFF_HEAD = 12, RIFF_CHUNK = 8 };

static uint32_t big32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static uint32_t little(const char *p, int bytes)
{
    uint32_t n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        n = n << 8 | (unsigned char)p[i];
    return n;
}

static struct str from(struct str s, size_t n)
{
    return (struct str){s.p + n, s.n - n};
}

static bool is(const char *p, const char *name)
{
    return memcmp(p, name, 4) == 0;
}

static bool take_size(struct image *image, uint32_t width, uint32_t height)
{
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return false;
    image->width = (int)width;
    image->height = (int)height;
    return true;
}

/* --- PNG, section 11 --- */

/* Colour types and the bit depths that each may have, as bits: section 11.2.1, table 12. */
static bool is_depth(unsigned char depth, unsigned char colour)
{
    static const unsigned depths[] = {[0] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 16,
                                      [2] = 1 << 8 | 1 << 16,
                                      [3] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8,
                                      [4] = 1 << 8 | 1 << 16,
                                      [6] = 1 << 8 | 1 << 16};
    return colour < sizeof depths / sizeof *depths && depth <= 16 && (depths[colour] & 1u << depth);
}

static bool png_head(const char *p, uint32_t n, struct image *image)
{
    return n == PNG_HEAD && take_size(image, big32(p), big32(p + 4)) &&
           is_depth((unsigned char)p[8], (unsigned char)p[9]) && p[10] == 0 && p[11] == 0 &&
           (unsigned char)p[12] <= 1;
}

static bool read_png(struct str rest, struct image *image)
{
    bool first = true, data = false;
    while (rest.n >= PNG_CHUNK) {
        uint32_t n = big32(rest.p);
        const char *type = rest.p + 4;
        if (n > rest.n - PNG_CHUNK || first != is(type, "IHDR") || is(type, "acTL"))
            return false;
        if (first && !png_head(rest.p + 8, n, image))
            return false;
        if (is(type, "IEND"))
            return n == 0 && data && rest.n == PNG_CHUNK;
        data |= is(type, "IDAT");
        first = false;
        rest = from(rest, PNG_CHUNK + n);
    }
    return false;
}

/* --- WebP, section 2 --- */

/* A frame of VP8 begins with a tag of three bytes, whose lowest bit is 0 for a key frame (RFC 6386, section 9.1). */
static bool lossy_size(struct str chunk, struct image *image)
{
    return chunk.n >= 10 && (chunk.p[0] & 1) == 0 && memcmp(chunk.p + 3, "\x9d\x01\x2a", 3) == 0 &&
           take_size(image, little(chunk.p + 6, 2) & 0x3fff, little(chunk.p + 8, 2) & 0x3fff);
}

/* RFC 9649, section 3.4: 14 bits each of width - 1 and height - 1, behind a signature; then alpha, and version 0. */
static bool lossless_size(struct str chunk, struct image *image)
{
    if (chunk.n < 5 || chunk.p[0] != 0x2f)
        return false;
    uint32_t bits = little(chunk.p + 1, 4);
    return bits >> 29 == 0 && take_size(image, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
}

enum { EXTENDED_ANIMATION = 0x02 };

static bool extended_size(struct str chunk, struct image *image)
{
    return chunk.n == 10 && !(chunk.p[0] & EXTENDED_ANIMATION) &&
           take_size(image, little(chunk.p + 4, 3) + 1, little(chunk.p + 7, 3) + 1);
}

/* One chunk. *canvas is what VP8X says, *picture what the picture itself does; a width of 0: not seen yet. */
static bool take_chunk(const char *type, struct str chunk, bool first, struct image *canvas,
                       struct image *picture)
{
    if (is(type, "VP8X"))
        return first && extended_size(chunk, canvas);
    bool lossy = is(type, "VP8 ");
    if (lossy || is(type, "VP8L"))
        return !picture->width && (lossy ? lossy_size(chunk, picture) : lossless_size(chunk, picture));
    return !first && !is(type, "ANIM") && !is(type, "ANMF");
}

static bool read_webp(struct str rest, struct image *image)
{
    struct image canvas = {.width = 0}, picture = {.width = 0};
    bool first = true;
    while (rest.n >= RIFF_CHUNK) {
        uint32_t n = little(rest.p + 4, 4);
        if (n > rest.n - RIFF_CHUNK)
            return false;
        if (!take_chunk(rest.p, (struct str){rest.p + RIFF_CHUNK, n}, first, &canvas, &picture))
            return false;
        size_t padded = (size_t)n + (n & 1);
        if (padded > rest.n - RIFF_CHUNK)
            return false;
        rest = from(rest, RIFF_CHUNK + padded);
        first = false;
    }
    if (rest.n || !picture.width ||
        (canvas.width && (canvas.width != picture.width || canvas.height != picture.height)))
        return false;
    image->width = picture.width;
    image->height = picture.height;
    return true;
}

enum rc image_read(struct str bytes, struct image *out)
{
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    struct image image = {.kind = IMAGE_PNG};
    bool good = false;
    if (bytes.n > sizeof signature - 1 && memcmp(bytes.p, signature, sizeof signature - 1) == 0) {
        good = read_png(from(bytes, sizeof signature - 1), &image);
    } else if (bytes.n > RIFF_HEAD && is(bytes.p, "RIFF") && is(bytes.p + 8, "WEBP")) {
        image.kind = IMAGE_WEBP;
        good = little(bytes.p + 4, 4) == bytes.n - 8 && read_webp(from(bytes, RIFF_HEAD), &image);
    }
    if (!good)
        return RC_INVALID;
    *out = image;
    return RC_OK;
}
