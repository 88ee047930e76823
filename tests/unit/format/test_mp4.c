/* Boxes as of files of ours, read as a player does; built here one by one. */
#include "lib/format/mp4.h"
#include "lib/format/mp4_init.h"
#include "tests/unit/boxes.h"
#include "tests/unit/testing.h"

static void tracks(void **state)
{
    (void)state;
    struct bytes b;
    struct mp4_track t;
    assert_true(mp4_track_read(moov(&b, 1, 0, false), &t));
    assert_string_equal(t.codec, "avc1.64001f");
    assert_true(t.scale == 25 && t.usual == 1 && t.flags == 0x10000 && !t.edited);
    assert_true(mp4_track_read(moov(&b, 1, 2, true), &t));
    assert_string_equal(t.codec, "mp4a.40.2");
    assert_true(t.edited);
    assert_false(mp4_track_read(moov(&b, 0, 0, false), &t));
    assert_false(mp4_track_read(moov(&b, 2, 0, false), &t));
    struct str other = moov(&b, 1, 0, false);
    memcpy(memmem(b.p, b.n, "avc1", 4), "hvc1", 4);
    assert_false(mp4_track_read(other, &t));
    assert_string_equal(t.codec, "mp4a.40.2"); /* untouched */
}

static void pictures(void **state)
{
    (void)state;
    struct bytes b;
    const struct mp4_track t = {.scale = 25, .usual = 1};
    struct mp4_fragment f;
    assert_true(mp4_fragment_read(&t, moof(&b, 6), &f));
    assert_true(f.samples == 4 && f.payload == 100 && f.track == 1 && f.key);
    assert_true(f.decoded_from == 6 && f.decoded_to == 10 && f.from == 6 && f.to == 10);
}

static void joining(void **state)
{
    (void)state;
    struct bytes b;
    const struct mp4_track t = {.scale = 25, .usual = 1};
    struct mp4_fragment all = {0}, next;
    const struct mp4_fragment none = {.decoded_from = 20, .decoded_to = 20};
    assert_true(mp4_fragment_read(&t, moof(&b, 3), &next) && mp4_fragment_join(&all, &next));
    assert_true(mp4_fragment_read(&t, moof(&b, 9), &next) && mp4_fragment_join(&all, &next));
    assert_true(all.samples == 8 && all.payload == 200 && all.decoded_from == 3 && all.decoded_to == 13);
    assert_true(all.from == 3 && all.to == 13);
    assert_true(mp4_fragment_read(&t, moof(&b, 12), &next));
    assert_false(mp4_fragment_join(&all, &next)); /* overlaps */
    assert_true(mp4_fragment_join(&all, &none) && all.samples == 8 && all.to == 13 && all.decoded_to == 20);
    assert_true(mp4_fragment_read(&t, moof(&b, 15), &next));
    assert_false(mp4_fragment_join(&all, &next));
}

/* A run whose samples are all alike says their number and nothing else; two runs follow each other. */
static void alike(void **state)
{
    (void)state;
    struct bytes b = {.n = 0};
    const struct mp4_track t = {.scale = 48000, .usual = 7};
    struct mp4_fragment f;
    size_t traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0x000018, 1, 1024, 300);
    PUT(&b, "tfdt", 0x01000000, 1, 0);
    PUT(&b, "trun", 0x000001, 1000000, 0);
    PUT(&b, "trun", 0x000100, 2, 10, 20);
    close_box(&b, traf);
    assert_true(mp4_fragment_read(&t, (struct str){(const char *)b.p, b.n}, &f));
    assert_true(f.samples == 1000002 && f.payload == 1000002 * 300LL);
    assert_true(f.decoded_from == 1LL << 32 && f.from == f.decoded_from);
    assert_true(f.to == f.decoded_from + 1024000030 && f.decoded_to == f.to);
}

/* Whether the first sample is a keyframe says the run, of its first sample or of each, else the track's fragment, else
 * the track. */
static void keys(void **state)
{
    (void)state;
    const struct {
        uint32_t track, of_fragment, of_run, flags, own;
        bool key;
    } cases[] = {{0x10000, 0, 0, 0, 0, false},           {0, 0, 0, 0, 0, true},
                 {0, 0x20, 0, 0x10000, 0, false},        {0x10000, 0x20, 0, 0, 0, true},
                 {0x10000, 0x20, 0x4, 0x10000, 0, true}, {0, 0, 0x4, 0, 0x10000, false},
                 {0, 0, 0x400, 0, 0x10000, false},       {0x10000, 0, 0x400, 0, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = {.n = 0};
        const struct mp4_track t = {.scale = 25, .usual = 1, .flags = cases[i].track};
        struct mp4_fragment f;
        size_t traf = open_box(&b, "traf");
        if (cases[i].of_fragment)
            PUT(&b, "tfhd", cases[i].of_fragment, 1, cases[i].flags);
        else
            PUT(&b, "tfhd", 0, 1);
        PUT(&b, "tfdt", 0, 9);
        if (cases[i].of_run)
            PUT(&b, "trun", cases[i].of_run, 1, cases[i].own);
        else
            PUT(&b, "trun", 0, 1);
        close_box(&b, traf);
        assert_true(mp4_fragment_read(&t, (struct str){(const char *)b.p, b.n}, &f));
        assert_true(f.samples == 1 && f.key == cases[i].key);
    }
}

/* One of two tracks: what mp4_track_read takes, with the boxes of all tracks, and without those of the other. */
static void one_of_several(void **state)
{
    (void)state;
    struct bytes b;
    struct buf out;
    struct mp4_track t;
    uint32_t numbers[3];
    struct str two = moov(&b, 2, 0, true),
               ftyp = STR("\0\0\0\x0c"
                          "ftypiso6"),
               rest, body;
    struct mp4_box box;
    buf_init(&out, 4096);
    assert_int_equal(mp4_init_tracks(two, numbers, 3), 2);
    assert_true(numbers[0] == 1 && numbers[1] == 2);
    assert_int_equal(mp4_init_tracks(two, numbers, 1), 0);
    assert_true(mp4_init_put(ftyp, two, 2, &out));
    rest = buf_view(&out);
    assert_true(mp4_box_next(&rest, &box, &body) && strcmp(box.type, "ftyp") == 0);
    assert_true(mp4_box_next(&rest, &box, &body) && strcmp(box.type, "moov") == 0 && rest.n == 0);
    assert_true(mp4_track_read(body, &t) && t.scale == 25);
    assert_true(mp4_init_tracks(body, numbers, 3) == 1 && numbers[0] == 2);
    buf_clear(&out);
    assert_false(mp4_init_put(ftyp, two, 3, &out));
    for (size_t n = 0; n < two.n; n++) {
        buf_clear(&out);
        assert_false(mp4_init_put(ftyp, (struct str){two.p, n}, 2, &out));
    }
    buf_fini(&out);
}

static void nothing(void **state)
{
    (void)state;
    struct bytes b = {.n = 0};
    const struct mp4_track t = {.scale = 25, .usual = 1};
    struct mp4_fragment f;
    size_t traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0, 1);
    PUT(&b, "tfdt", 0, 9);
    close_box(&b, traf);
    assert_true(mp4_fragment_read(&t, (struct str){(const char *)b.p, b.n}, &f));
    assert_true(f.samples == 0 && f.payload == 0 && f.decoded_from == 9 && f.decoded_to == 9 && f.to == 0);
}

static void refusals(void **state)
{
    (void)state;
    struct bytes b;
    struct mp4_track t;
    struct mp4_fragment f;
    struct str whole = moov(&b, 1, 0, false);
    for (size_t n = 0; n < whole.n; n++)
        assert_false(mp4_track_read((struct str){whole.p, n}, &t));
    assert_true(mp4_track_read(whole, &t));
    whole = moof(&b, 0);
    for (size_t n = 0; n < whole.n; n++)
        assert_false(mp4_fragment_read(&t, (struct str){whole.p, n}, &f));
    /* more samples than a run may have, and a time beyond all limits */
    memcpy(memmem(b.p, b.n, "trun", 4), "trun\1\0\12\1\377\377\377\377", 12);
    assert_false(mp4_fragment_read(&t, whole, &f));
    b.n = 0;
    size_t traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0, 1);
    PUT(&b, "tfdt", 0x01000000, 0x100000, 1);
    close_box(&b, traf);
    assert_false(mp4_fragment_read(&t, (struct str){(const char *)b.p, b.n}, &f));
}

static void heads(void **state)
{
    (void)state;
    struct mp4_box box;
    assert_true(mp4_box_read((const unsigned char *)"\0\0\0\x10moof", 8, &box));
    assert_true(box.length == 16 && box.head == 8 && strcmp(box.type, "moof") == 0);
    const unsigned char *wide = (const unsigned char *)"\0\0\0\1mdat\0\0\0\1\0\0\0\0";
    assert_true(mp4_box_read(wide, 16, &box) && box.length == (int64_t)1 << 32 && box.head == 16);
    assert_false(mp4_box_read(wide, 15, &box));
    assert_false(mp4_box_read((const unsigned char *)"\0\0\0\0mdat", 8, &box)); /* to the file's end */
    assert_false(mp4_box_read((const unsigned char *)"\0\0\0\7moof", 8, &box));
    assert_false(mp4_box_read((const unsigned char *)"\0\0\0\1mdat\377\377\377\377\0\0\0\0", 16, &box));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracks),  cmocka_unit_test(pictures), cmocka_unit_test(joining),
        cmocka_unit_test(alike),   cmocka_unit_test(keys),     cmocka_unit_test(one_of_several),
        cmocka_unit_test(nothing), cmocka_unit_test(refusals), cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
