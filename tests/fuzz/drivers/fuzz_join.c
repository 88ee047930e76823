/* Recordings of any bytes, joined. The first byte says whether gaps are cut; before each recording stand its length
 * (3 bytes), when its stream began (4) and whether it goes on (1). What comes out is an FLV whose times rise. */
#include <stdlib.h>
#include <string.h>

#include "lib/live/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS_MAX = 4, PART_HEAD = 8 };

struct part {
    struct str bytes;
    int64_t begins;
    bool goes_on;
};

static void check(bool right)
{
    if (!right)
        abort();
}

static size_t number(const uint8_t *p, int n)
{
    size_t v = 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static size_t split(const uint8_t *data, size_t size, struct part parts[PARTS_MAX])
{
    size_t n = 0;
    while (n < PARTS_MAX && size >= PART_HEAD) {
        size_t length = number(data, 3);
        struct part *p = &parts[n++];
        p->begins = (int64_t)number(data + 3, 4);
        p->goes_on = data[7] & 1;
        data += PART_HEAD;
        size -= PART_HEAD;
        length = length < size ? length : size;
        p->bytes = (struct str){(const char *)data, length};
        data += length;
        size -= length;
    }
    return n;
}

static bool next(struct str *bytes, struct flv_tag *tag)
{
    size_t used;
    if (flv_tag_read(*bytes, tag, &used) != FLV_OK)
        return false;
    *bytes = (struct str){bytes->p + used, bytes->n - used};
    return true;
}

static void keep(struct buf *b, const struct join_out *out, int64_t ends[JOIN_KINDS])
{
    struct flv_packet p;
    check(out->n <= 2);
    for (size_t i = 0; i < out->n; i++) {
        const struct flv_tag *t = &out->tags[i];
        int64_t *end = &ends[t->type == FLV_AUDIO ? JOIN_SOUND : JOIN_PICTURES];
        check(flv_packet_read(t->type, t->body, &p) && t->time <= JOIN_END_MS);
        check(p.kind == FLV_KIND_SETUP ? (int64_t)t->time >= *end : (int64_t)t->time > *end);
        if (p.kind == FLV_KIND_FRAMES)
            *end = t->time;
        flv_tag_put(b, t);
    }
}

static void join(const struct part *parts, size_t n, bool cut, struct buf *b)
{
    int64_t ends[JOIN_KINDS] = {-1, -1};
    struct join j;
    struct join_out out;
    struct flv_tag tag;
    bool seen = false;
    join_init(&j, cut);
    for (size_t i = 0; i < n && !seen; i++)
        for (struct str rest = parts[i].bytes; !seen && next(&rest, &tag);)
            seen = join_look(&j, &tag);
    join_head(&j, &out);
    keep(b, &out, ends);
    for (size_t i = 0; i < n; i++) {
        join_part(&j, parts[i].begins, i > 0 && parts[i].goes_on);
        for (struct str rest = parts[i].bytes; next(&rest, &tag);) {
            join_tag(&j, &tag, &out);
            keep(b, &out, ends);
        }
    }
    join_fini(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct part parts[PARTS_MAX] = {{.begins = 0}};
    struct flv_tag tag;
    struct buf joined;
    if (size < 1)
        return 0;
    buf_init(&joined, size + 4 * JOIN_SETUP_MAX);
    join(parts, split(data + 1, size - 1, parts), data[0] & 1, &joined);
    check(!joined.overflow);
    struct str rest = buf_view(&joined);
    while (next(&rest, &tag))
        ;
    check(rest.n == 0);
    buf_fini(&joined);
    return 0;
}
