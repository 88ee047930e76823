/* Files of ours, read as a player does; built here box by box. */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/media/fragments.h"
#include "tests/unit/testing.h"

struct bytes {
    unsigned char p[4096];
    size_t n;
};

static void put32(struct bytes *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        b->p[b->n++] = (unsigned char)(v >> shift);
}

static size_t open_box(struct bytes *b, const char *type)
{
    size_t at = b->n;
    put32(b, 0);
    memcpy(b->p + b->n, type, 4);
    b->n += 4;
    return at;
}

static void close_box(struct bytes *b, size_t at)
{
    size_t end = b->n;
    b->n = at;
    put32(b, (uint32_t)(end - at));
    b->n = end;
}

/* A box of numbers. */
static void put_box(struct bytes *b, const char *type, const uint32_t *v, size_t n)
{
    size_t at = open_box(b, type);
    for (size_t i = 0; i < n; i++)
        put32(b, v[i]);
    close_box(b, at);
}

#define PUT(b, type, ...)                                                                                    \
    put_box(b, type, (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4)

/* The content of a moov box: `traks` tracks of 25 ticks a second, with an edit list from `edit` on. */
static struct str moov(struct bytes *b, int traks, uint32_t edit)
{
    b->n = 0;
    for (int i = 0; i < traks; i++) {
        size_t trak = open_box(b, "trak"), edts = open_box(b, "edts");
        PUT(b, "elst", 0, 1, 0, edit, 0x10000);
        close_box(b, edts);
        size_t mdia = open_box(b, "mdia");
        PUT(b, "mdhd", 0, 0, 0, 25, 0, 0);
        size_t minf = open_box(b, "minf"), stbl = open_box(b, "stbl"), stsd = open_box(b, "stsd");
        PUT(b, "avcC", 0x0164001f, 0xff);
        close_box(b, stsd);
        close_box(b, stbl);
        close_box(b, minf);
        close_box(b, mdia);
        close_box(b, trak);
    }
    size_t mvex = open_box(b, "mvex");
    PUT(b, "trex", 0, 1, 1, 1, 0, 0);
    close_box(b, mvex);
    return (struct str){(const char *)b->p, b->n};
}

/* Four pictures with B-frames, decoded from `at` on, shown 0 3 1 2; sizes 10, 20, 30 and 40. */
static struct str moof(struct bytes *b, uint32_t at)
{
    b->n = 0;
    PUT(b, "mfhd", 0, 1);
    size_t traf = open_box(b, "traf");
    PUT(b, "tfhd", 0x020000, 1);
    PUT(b, "tfdt", 0, at);
    PUT(b, "trun", 0x01000a01, 4, 0, 10, 0, 20, 2, 30, (uint32_t)-1, 40, (uint32_t)-1);
    close_box(b, traf);
    return (struct str){(const char *)b->p, b->n};
}

static void pictures(void **state)
{
    (void)state;
    struct bytes b;
    struct fragments f = {0};
    int64_t payload = 0;
    assert_true(fragments_head(&f, moov(&b, 1, 0)));
    assert_string_equal(f.codec, "avc1.64001f");
    assert_true(f.scale == 25 && f.usual == 1 && !f.edited);
    assert_true(fragments_part(&f, moof(&b, 0), &payload));
    assert_true(payload == 100 && f.samples == 4 && f.start == 0 && f.end == 4 && f.decoded == 4);
    assert_true(fragments_part(&f, moof(&b, 6), &payload));
    assert_true(payload == 100 && f.samples == 8 && f.start == 0 && f.end == 10 && f.decoded == 10);
    assert_false(fragments_part(&f, moof(&b, 9), &payload)); /* overlaps */
}

static void late(void **state)
{
    (void)state;
    struct bytes b;
    struct fragments f = {0};
    int64_t payload;
    assert_true(fragments_head(&f, moov(&b, 1, 2)) && f.edited);
    assert_true(fragments_part(&f, moof(&b, 3), &payload));
    assert_true(f.start == 3 && f.end == 7);
}

static void refusals(void **state)
{
    (void)state;
    struct bytes b;
    struct fragments f = {0}, none = {0};
    int64_t payload;
    assert_false(fragments_head(&f, moov(&b, 2, 0)));
    assert_false(fragments_part(&none, moof(&b, 0), &payload)); /* before its head */
    struct str whole = moov(&b, 1, 0);
    for (size_t n = 0; n < whole.n; n++)
        assert_false(fragments_head(&f, (struct str){whole.p, n}));
    assert_true(fragments_head(&f, whole));
    whole = moof(&b, 0);
    for (size_t n = 0; n < whole.n; n++) {
        struct fragments copy = f;
        assert_false(fragments_part(&copy, (struct str){whole.p, n}, &payload) && copy.samples > 0);
    }
}

static void heads(void **state)
{
    (void)state;
    char type[5];
    int64_t length;
    int head;
    assert_true(fragments_box((const unsigned char *)"\0\0\0\x10moof", 8, type, &length, &head));
    assert_true(length == 16 && head == 8 && strcmp(type, "moof") == 0);
    const unsigned char *wide = (const unsigned char *)"\0\0\0\1mdat\0\0\0\1\0\0\0\0";
    assert_true(fragments_box(wide, 16, type, &length, &head) && length == (int64_t)1 << 32 && head == 16);
    assert_false(fragments_box(wide, 15, type, &length, &head));
    assert_false(fragments_box((const unsigned char *)"\0\0\0\7moof", 8, type, &length, &head));
    assert_false(fragments_box((const unsigned char *)"\0\0\0\1mdat\377\377\377\377\0\0\0\0", 16, type,
                               &length, &head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures),
        cmocka_unit_test(late),
        cmocka_unit_test(refusals),
        cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
