#include "lib/format/mp4.h"

#include <stdio.h>
#include <string.h>

#include "lib/format/mp4_flags.h"

/* sample_is_non_sync_sample (section 8.8.3.1) */
enum { SAMPLE_NOT_SYNC = 0x10000 };

/* Bytes before the boxes inside a sample description (section 8.5.2) and its entries (12.1.3, 12.2.3). */
enum { DESCRIPTION_HEAD = 8, PICTURE_HEAD = 78, SOUND_HEAD = 28, PICTURE_SIZE_AT = 24, CHANNELS_AT = 16 };

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

bool mp4_box_read(const unsigned char *p, size_t n, struct mp4_box *out)
{
    struct reader r = {p, n, false};
    struct mp4_box b = {.head = 8};
    uint64_t size = read_u32(&r);
    if (r.n < 4)
        return false;
    memcpy(b.type, r.p, 4);
    read_u32(&r);
    if (size == 1) {
        b.head = 16;
        size = read_number(&r, 8);
    }
    if (r.bad || size < (uint64_t)b.head || size > INT64_MAX)
        return false;
    b.length = (int64_t)size;
    *out = b;
    return true;
}

bool mp4_box_next(struct str *rest, struct mp4_box *box, struct str *body)
{
    if (!mp4_box_read((const unsigned char *)rest->p, rest->n, box) || (uint64_t)box->length > rest->n)
        return false;
    *body = (struct str){rest->p + box->head, (size_t)(box->length - box->head)};
    rest->p += box->length;
    rest->n -= (size_t)box->length;
    return true;
}

struct str mp4_box_child(struct str parent, const char *name)
{
    struct str found = {NULL, 0}, body;
    struct mp4_box box;
    for (int n = 0; mp4_box_next(&parent, &box, &body);)
        if (strcmp(box.type, name) == 0)
            found = n++ == 0 ? body : (struct str){NULL, 0};
    return found;
}

static struct str behind(struct str s, size_t n)
{
    return s.n < n ? (struct str){NULL, 0} : (struct str){s.p + n, s.n - n};
}

/* Of the first entry of a sample description. */
static bool read_codec(struct mp4_track *t, struct str stsd)
{
    struct mp4_box box;
    struct str entries = behind(stsd, DESCRIPTION_HEAD), entry;
    if (!mp4_box_next(&entries, &box, &entry))
        return false;
    struct str avcc = mp4_box_child(behind(entry, PICTURE_HEAD), "avcC");
    struct reader head = reader_of(entry);
    if (strcmp(box.type, "avc1") == 0 && avcc.n >= 4) { /* version, profile, constraints, level */
        const unsigned char *p = (const unsigned char *)avcc.p;
        read_number(&head, PICTURE_SIZE_AT);
        t->width = (int)read_number(&head, 2);
        t->height = (int)read_number(&head, 2);
        snprintf(t->codec, sizeof t->codec, "avc1.%02x%02x%02x", p[1], p[2], p[3]);
        return true;
    }
    if (strcmp(box.type, "mp4a") == 0 && mp4_box_child(behind(entry, SOUND_HEAD), "esds").n > 0) {
        read_number(&head, CHANNELS_AT);
        t->channels = (int)read_number(&head, 2);
        snprintf(t->codec, sizeof t->codec, "mp4a.40.2");
        return true;
    }
    return false;
}

/* An edit list of one entry that begins at 0 has no effect. */
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

bool mp4_track_read(struct str moov, struct mp4_track *out)
{
    struct mp4_track t = {0};
    int version;
    struct str trak = mp4_box_child(moov, "trak"), mdia = mp4_box_child(trak, "mdia");
    struct reader mdhd = reader_of(mp4_box_child(mdia, "mdhd")),
                  trex = reader_of(mp4_box_child(mp4_box_child(moov, "mvex"), "trex"));
    read_flags(&mdhd, &version);
    read_number(&mdhd, version == 1 ? 16 : 8); /* made, changed */
    t.scale = read_u32(&mdhd);
    read_number(&trex, 12); /* flags, track, description */
    t.usual = read_u32(&trex);
    read_u32(&trex); /* size */
    t.flags = read_u32(&trex);
    t.edited = is_moved(mp4_box_child(mp4_box_child(trak, "edts"), "elst"));
    if (mdhd.bad || trex.bad || t.scale == 0 ||
        !read_codec(&t, mp4_box_child(mp4_box_child(mp4_box_child(mdia, "minf"), "stbl"), "stsd")))
        return false;
    *out = t;
    return true;
}

/* The values of tfhd for samples that have none of their own. */
struct defaults {
    uint32_t track, length, size, flags;
};

static bool read_defaults(const struct mp4_track *t, struct str tfhd, struct defaults *out)
{
    struct reader r = reader_of(tfhd);
    int version;
    uint32_t flags = read_flags(&r, &version);
    out->track = read_u32(&r);
    if (flags & TFHD_OFFSET)
        read_number(&r, 8);
    if (flags & TFHD_DESCRIPTION)
        read_u32(&r);
    out->length = flags & TFHD_DURATION ? read_u32(&r) : t->usual;
    out->size = flags & TFHD_SIZE ? read_u32(&r) : 0;
    out->flags = flags & TFHD_SAMPLE_FLAGS ? read_u32(&r) : t->flags;
    return !r.bad;
}

/* The next n samples, each of that length and presented `shift` after it is decoded. */
static void add_samples(struct mp4_fragment *f, int64_t n, int64_t length, int64_t shift)
{
    int64_t from = f->decoded_to + shift, to = from + n * length;
    if (f->samples == 0 || from < f->from)
        f->from = from;
    if (f->samples == 0 || to > f->to)
        f->to = to;
    f->decoded_to += n * length;
    f->samples += n;
}

static bool read_samples(struct mp4_fragment *f, struct str trun, const struct defaults *usual)
{
    struct reader r = reader_of(trun);
    int version;
    uint32_t flags = read_flags(&r, &version), n = read_u32(&r);
    if (flags & TRUN_OFFSET)
        read_u32(&r);
    uint32_t first = flags & TRUN_FLAGS ? read_u32(&r) : usual->flags;
    if (n > SAMPLES_MOST)
        return false;
    /* Samples without values of their own take no bytes here, so they are counted without a loop, however
     * many they are. */
    uint32_t step = flags & TRUN_EACH ? 1 : n;
    for (uint32_t i = 0; i < n; i += step) {
        int64_t length = flags & TRUN_DURATIONS ? read_u32(&r) : usual->length;
        int64_t size = flags & TRUN_SIZES ? read_u32(&r) : usual->size;
        uint32_t own = flags & TRUN_SAMPLE_FLAGS ? read_u32(&r) : first;
        if (f->samples == 0)
            f->key = !(own & SAMPLE_NOT_SYNC);
        uint32_t shift = flags & TRUN_SHIFTS ? read_u32(&r) : 0;
        f->payload += step * size;
        if (r.bad || f->decoded_to > TIME_MOST || f->payload > TIME_MOST)
            return false;
        add_samples(f, step, length, version == 0 ? (int64_t)shift : (int64_t)(int32_t)shift);
    }
    return !r.bad;
}

bool mp4_fragment_read(const struct mp4_track *track, struct str moof, struct mp4_fragment *out)
{
    struct str traf = mp4_box_child(moof, "traf"), body;
    struct reader tfdt = reader_of(mp4_box_child(traf, "tfdt"));
    struct defaults usual;
    struct mp4_box box;
    int version;
    read_flags(&tfdt, &version);
    int64_t begin = read_time(&tfdt, version == 1);
    struct mp4_fragment f = {.decoded_from = begin, .decoded_to = begin};
    if (tfdt.bad || !read_defaults(track, mp4_box_child(traf, "tfhd"), &usual))
        return false;
    f.track = usual.track;
    while (mp4_box_next(&traf, &box, &body))
        if (strcmp(box.type, "trun") == 0 && !read_samples(&f, body, &usual))
            return false;
    if (traf.n > 0)
        return false;
    *out = f;
    return true;
}

bool mp4_chunk_read(const struct mp4_track *track, struct str bytes, struct mp4_fragment *out)
{
    struct mp4_box moof, mdat;
    struct str body, data;
    struct mp4_fragment f;
    if (!mp4_box_next(&bytes, &moof, &body) || strcmp(moof.type, "moof") != 0 ||
        !mp4_box_next(&bytes, &mdat, &data) || strcmp(mdat.type, "mdat") != 0 || bytes.n > 0 ||
        !mp4_fragment_read(track, body, &f) || f.samples == 0 || (uint64_t)f.payload != data.n)
        return false;
    *out = f;
    return true;
}

bool mp4_chunk_track(struct str bytes, struct mp4_track *out)
{
    struct mp4_box ftyp, moov;
    struct str body;
    return mp4_box_next(&bytes, &ftyp, &body) && strcmp(ftyp.type, "ftyp") == 0 &&
           mp4_box_next(&bytes, &moov, &body) && strcmp(moov.type, "moov") == 0 && bytes.n == 0 &&
           mp4_track_read(body, out);
}

bool mp4_fragment_join(struct mp4_fragment *all, const struct mp4_fragment *next)
{
    if (all->samples == 0) {
        *all = *next;
        return true;
    }
    if (next->decoded_from < all->decoded_to)
        return false;
    all->decoded_to = next->decoded_to;
    if (next->samples == 0)
        return true;
    all->from = next->from < all->from ? next->from : all->from;
    all->to = next->to > all->to ? next->to : all->to;
    all->samples += next->samples;
    all->payload += next->payload;
    return true;
}
