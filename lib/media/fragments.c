#include "lib/media/fragments.h"

#include <stdio.h>
#include <string.h>

enum {
    TFHD_OFFSET = 0x1,
    TFHD_DESCRIPTION = 0x2,
    TFHD_DURATION = 0x8,
    TFHD_SIZE = 0x10,
    TRUN_OFFSET = 0x1,
    TRUN_FLAGS = 0x4,
    TRUN_DURATIONS = 0x100,
    TRUN_SIZES = 0x200,
    TRUN_SAMPLE_FLAGS = 0x400,
    TRUN_SHIFTS = 0x800
};

#define TIME_MOST    ((int64_t)1 << 52) /* ticks, bytes: sums stay far from the end of an int64_t */
#define SAMPLES_MOST (1u << 20)         /* of a run; four seconds hold a few hundred */

/* Reads big-endian numbers; past the end they are 0 and the reader is bad. */
struct reader {
    const unsigned char *p;
    size_t n;
    bool bad;
};

static struct reader reader_of(struct str s)
{
    return (struct reader){(const unsigned char *)s.p, s.n, false};
}

static uint64_t read_number(struct reader *r, size_t bytes)
{
    uint64_t v = 0;
    if (r->n < bytes) {
        r->bad = true;
        r->n = 0;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | r->p[i];
    r->p += bytes;
    r->n -= bytes;
    return v;
}

static uint32_t read_u32(struct reader *r)
{
    return (uint32_t)read_number(r, 4);
}

/* A time of 32 or, in version 1 of its box, 64 bits. */
static int64_t read_time(struct reader *r, bool wide)
{
    uint64_t v = read_number(r, wide ? 8 : 4);
    if (v > (uint64_t)TIME_MOST)
        r->bad = true;
    return r->bad ? 0 : (int64_t)v;
}

/* Version (*version) and flags of a full box. */
static uint32_t read_flags(struct reader *r, int *version)
{
    uint32_t v = read_u32(r);
    *version = (int)(v >> 24);
    return v & 0xffffff;
}

bool fragments_box(const unsigned char *p, size_t n, char type[5], int64_t *length, int *head)
{
    struct reader r = {p, n, false};
    uint64_t size = read_u32(&r);
    if (r.n < 4)
        return false;
    memcpy(type, r.p, 4);
    type[4] = '\0';
    read_u32(&r);
    *head = size == 1 ? 16 : 8;
    if (size == 1)
        size = read_number(&r, 8);
    if (r.bad || size < (uint64_t)*head || size > INT64_MAX)
        return false;
    *length = (int64_t)size;
    return true;
}

/* The next box inside another; false at the end, or where none fits (*rest is then not empty). */
static bool next_box(struct str *rest, char type[5], struct str *body)
{
    int64_t length;
    int head;
    if (!fragments_box((const unsigned char *)rest->p, rest->n, type, &length, &head) ||
        (uint64_t)length > rest->n)
        return false;
    *body = (struct str){rest->p + head, (size_t)(length - head)};
    rest->p += length;
    rest->n -= (size_t)length;
    return true;
}

/* The only child of that name; none or several: the empty slice. */
static struct str child_of(struct str parent, const char *name)
{
    struct str found = {NULL, 0}, body;
    char type[5];
    for (int n = 0; next_box(&parent, type, &body);)
        if (strcmp(type, name) == 0)
            found = n++ == 0 ? body : (struct str){NULL, 0};
    return found;
}

static bool read_codec(struct fragments *f, struct str description)
{
    const unsigned char *p = (const unsigned char *)description.p;
    for (size_t i = 0; i + 8 <= description.n; i++) {
        if (memcmp(p + i, "avcC", 4) == 0) {
            snprintf(f->codec, sizeof f->codec, "avc1.%02x%02x%02x", p[i + 5], p[i + 6], p[i + 7]);
            return true;
        }
        if (memcmp(p + i, "esds", 4) == 0) {
            snprintf(f->codec, sizeof f->codec, "mp4a.40.2");
            return true;
        }
    }
    return false;
}

/* One entry that begins at 0 is what no list would say as well. */
static bool is_moved(struct str elst)
{
    struct reader r = reader_of(elst);
    int version;
    if (elst.n == 0)
        return false;
    read_flags(&r, &version);
    uint32_t entries = read_u32(&r);
    read_number(&r, version == 1 ? 8 : 4);
    uint64_t from = read_number(&r, version == 1 ? 8 : 4);
    return entries > 1 || (entries == 1 && from != 0);
}

bool fragments_head(struct fragments *f, struct str moov)
{
    int version;
    struct str trak = child_of(moov, "trak"), mdia = child_of(trak, "mdia");
    struct reader mdhd = reader_of(child_of(mdia, "mdhd")),
                  trex = reader_of(child_of(child_of(moov, "mvex"), "trex"));
    read_flags(&mdhd, &version);
    read_number(&mdhd, version == 1 ? 16 : 8); /* made, changed */
    f->scale = read_u32(&mdhd);
    read_number(&trex, 12); /* flags, track, description */
    f->usual = read_u32(&trex);
    f->edited = is_moved(child_of(child_of(trak, "edts"), "elst"));
    return !mdhd.bad && !trex.bad && f->scale > 0 &&
           read_codec(f, child_of(child_of(child_of(mdia, "minf"), "stbl"), "stsd"));
}

/* What tfhd says of samples that do not speak for themselves. */
struct defaults {
    uint32_t length, size;
};

static bool read_samples(struct fragments *f, struct str trun, const struct defaults *usual, int64_t *payload)
{
    struct reader r = reader_of(trun);
    int version;
    uint32_t flags = read_flags(&r, &version), n = read_u32(&r);
    if (flags & TRUN_OFFSET)
        read_u32(&r);
    if (flags & TRUN_FLAGS)
        read_u32(&r);
    if (n > SAMPLES_MOST)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        int64_t length = flags & TRUN_DURATIONS ? read_u32(&r) : usual->length;
        *payload += flags & TRUN_SIZES ? read_u32(&r) : usual->size;
        if (flags & TRUN_SAMPLE_FLAGS)
            read_u32(&r);
        uint32_t bits = flags & TRUN_SHIFTS ? read_u32(&r) : 0;
        int64_t at = f->decoded + (version == 0 ? (int64_t)bits : (int64_t)(int32_t)bits);
        if (r.bad || f->decoded > TIME_MOST || *payload > TIME_MOST)
            return false;
        if (f->samples == 0 || at < f->start)
            f->start = at;
        if (f->samples == 0 || at + length > f->end)
            f->end = at + length;
        f->decoded += length;
        f->samples++;
    }
    return !r.bad;
}

static bool read_defaults(const struct fragments *f, struct str tfhd, struct defaults *out)
{
    struct reader r = reader_of(tfhd);
    int version;
    uint32_t flags = read_flags(&r, &version);
    read_u32(&r); /* track */
    if (flags & TFHD_OFFSET)
        read_number(&r, 8);
    if (flags & TFHD_DESCRIPTION)
        read_u32(&r);
    out->length = flags & TFHD_DURATION ? read_u32(&r) : f->usual;
    out->size = flags & TFHD_SIZE ? read_u32(&r) : 0;
    return !r.bad;
}

bool fragments_part(struct fragments *f, struct str moof, int64_t *payload)
{
    struct str traf = child_of(moof, "traf"), body;
    struct reader tfdt = reader_of(child_of(traf, "tfdt"));
    struct defaults usual;
    char type[5];
    int version;
    read_flags(&tfdt, &version);
    int64_t begin = read_time(&tfdt, version == 1);
    if (f->scale == 0 || tfdt.bad || !read_defaults(f, child_of(traf, "tfhd"), &usual) ||
        (f->samples > 0 && begin < f->decoded))
        return false;
    f->decoded = begin;
    *payload = 0;
    while (next_box(&traf, type, &body))
        if (strcmp(type, "trun") == 0 && !read_samples(f, body, &usual, payload))
            return false;
    return traf.n == 0;
}
