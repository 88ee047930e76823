/* MP4 boxes for tests, built one by one: a file of one track, as FFmpeg writes it, but of a few bytes. */
#ifndef TESTS_UNIT_BOXES_H
#define TESTS_UNIT_BOXES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/str.h"

struct bytes {
    unsigned char p[4096];
    size_t n;
};

static inline void put32(struct bytes *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        b->p[b->n++] = (unsigned char)(v >> shift);
}

static inline size_t open_box(struct bytes *b, const char *type)
{
    size_t at = b->n;
    put32(b, 0);
    memcpy(b->p + b->n, type, 4);
    b->n += 4;
    return at;
}

static inline void close_box(struct bytes *b, size_t at)
{
    size_t end = b->n;
    b->n = at;
    put32(b, (uint32_t)(end - at));
    b->n = end;
}

/* A box of numbers. */
static inline void put_box(struct bytes *b, const char *type, const uint32_t *v, size_t n)
{
    size_t at = open_box(b, type);
    for (size_t i = 0; i < n; i++)
        put32(b, v[i]);
    close_box(b, at);
}

#define PUT(b, type, ...)                                                                                    \
    put_box(b, type, (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4)

static inline void zeroes(struct bytes *b, size_t n)
{
    memset(b->p + b->n, 0, n);
    b->n += n;
}

/* A sample description of H.264 (profile 100, level 3.1), or of AAC. */
static inline void put_description(struct bytes *b, bool sound)
{
    size_t stsd = open_box(b, "stsd");
    put32(b, 0);
    put32(b, 1);
    size_t entry = open_box(b, sound ? "mp4a" : "avc1");
    zeroes(b, sound ? 28 : 78);
    if (sound)
        PUT(b, "esds", 0, 0x03000000);
    else
        PUT(b, "avcC", 0x0164001f, 0xff000000);
    close_box(b, entry);
    close_box(b, stsd);
}

/* The content of a moov box: `traks` tracks of 25 ticks a second, with an edit list from `edit` on. A sample without
 * flags of its own is no keyframe. */
static inline struct str moov(struct bytes *b, int traks, uint32_t edit, bool sound)
{
    b->n = 0;
    for (int i = 0; i < traks; i++) {
        size_t trak = open_box(b, "trak");
        PUT(b, "tkhd", 7, 0, 0, (uint32_t)i + 1, 0, 0);
        size_t edts = open_box(b, "edts");
        PUT(b, "elst", 0, 1, 0, edit, 0x10000);
        close_box(b, edts);
        size_t mdia = open_box(b, "mdia");
        PUT(b, "mdhd", 0, 0, 0, 25, 0, 0);
        size_t minf = open_box(b, "minf"), stbl = open_box(b, "stbl");
        put_description(b, sound);
        close_box(b, stbl);
        close_box(b, minf);
        close_box(b, mdia);
        close_box(b, trak);
    }
    size_t mvex = open_box(b, "mvex");
    for (int i = 0; i < traks; i++)
        PUT(b, "trex", 0, (uint32_t)i + 1, 1, 1, 0, 0x10000);
    close_box(b, mvex);
    return (struct str){(const char *)b->p, b->n};
}

/* Four pictures with B-frames, the first a keyframe, decoded from `at` on, shown 0 3 1 2; sizes 10, 20, 30 and 40. */
static inline struct str moof(struct bytes *b, uint32_t at)
{
    b->n = 0;
    PUT(b, "mfhd", 0, 1);
    size_t traf = open_box(b, "traf");
    PUT(b, "tfhd", 0x020000, 1);
    PUT(b, "tfdt", 0, at);
    PUT(b, "trun", 0x01000a05, 4, 0, 0x2000000, 10, 0, 20, 2, 30, (uint32_t)-1, 40, (uint32_t)-1);
    close_box(b, traf);
    return (struct str){(const char *)b->p, b->n};
}

#endif
