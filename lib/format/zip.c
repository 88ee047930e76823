#include "lib/format/zip.h"

#include <stdint.h>
#include <string.h>

enum {
    NEEDS_VERSION = 20, /* 2.0, section 4.4.3.2: folders */
    DOS_DATE = 1 << 5 | 1,
    FILES_MAX = 16
};

static void put16(struct buf *out, uint32_t v)
{
    const unsigned char octets[] = {(unsigned char)v, (unsigned char)(v >> 8)};
    buf_add(out, octets, sizeof octets);
}

static void put32(struct buf *out, uint32_t v)
{
    put16(out, v & 0xffff);
    put16(out, v >> 16);
}

/* CRC-32 of ISO 3309, section 4.4.7. Bit by bit: the texts are small. */
static uint32_t crc32_of(struct str s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

/* What the header before a file and its entry in the directory share, from "version needed" to "extra field length". */
static void put_common(struct buf *out, const struct zip_file *f)
{
    put16(out, NEEDS_VERSION);
    put16(out, 0); /* flags */
    put16(out, 0); /* stored */
    put16(out, 0); /* time */
    put16(out, DOS_DATE);
    put32(out, crc32_of(f->text));
    put32(out, (uint32_t)f->text.n);
    put32(out, (uint32_t)f->text.n);
    put16(out, (uint32_t)strlen(f->name));
    put16(out, 0); /* extra field */
}

static void put_entry(struct buf *out, const struct zip_file *f, uint32_t at)
{
    put32(out, UINT32_C(0x02014b50));
    put16(out, NEEDS_VERSION);
    put_common(out, f);
    put16(out, 0); /* comment */
    put16(out, 0); /* disk */
    put16(out, 0); /* internal attributes */
    put32(out, 0); /* external attributes */
    put32(out, at);
    buf_str(out, f->name);
}

void zip_write(struct buf *out, const struct zip_file *file, size_t n)
{
    uint32_t at[FILES_MAX];
    n = n < FILES_MAX ? n : FILES_MAX;
    for (size_t i = 0; i < n; i++) {
        at[i] = (uint32_t)out->n;
        put32(out, UINT32_C(0x04034b50));
        put_common(out, &file[i]);
        buf_str(out, file[i].name);
        buf_add(out, file[i].text.p, file[i].text.n);
    }
    uint32_t directory = (uint32_t)out->n;
    for (size_t i = 0; i < n; i++)
        put_entry(out, &file[i], at[i]);
    uint32_t size = (uint32_t)out->n - directory;
    put32(out, UINT32_C(0x06054b50));
    put32(out, 0); /* disks */
    put16(out, (uint32_t)n);
    put16(out, (uint32_t)n);
    put32(out, size);
    put32(out, directory);
    put16(out, 0); /* comment */
}
