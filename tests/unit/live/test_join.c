/* Recordings joined: what stays, at which times. */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <string.h>

#include "lib/live/join.h"

/* A tag is written as a letter and its time: "K0 s23 P40". m metadata, a A two headers of AAC, v V two of H.264,
 * K a keyframe, P another picture, s sound, e the end of a sequence, x MP3, H a picture of HEVC. */
static const struct {
    char letter;
    enum flv_type type;
    struct str body;
} kinds[] = {
    {'m', FLV_DATA, {"\2\0\x0aonMetaData\3\0\0\x09", 17}},
    {'a', FLV_AUDIO, {"\xaf\0\x12\x10", 4}},
    {'A', FLV_AUDIO, {"\xaf\0\x11\x90", 4}},
    {'v', FLV_VIDEO, {"\x17\0\0\0\0one", 8}},
    {'V', FLV_VIDEO, {"\x17\0\0\0\0two", 8}},
    {'K', FLV_VIDEO, {"\x17\1\0\0\0k", 6}},
    {'P', FLV_VIDEO, {"\x27\1\0\0\0p", 6}},
    {'s', FLV_AUDIO, {"\xaf\1s", 3}},
    {'e', FLV_VIDEO, {"\x17\2\0\0\0", 5}},
    {'x', FLV_AUDIO, {"\x2f\xff\xfb", 3}},
    {'H', FLV_VIDEO, {"\x93hvc1h", 6}},
};

struct recording {
    int64_t begins;
    bool goes_on;
    const char *tags;
};

static bool next_tag(const char **tags, struct flv_tag *out)
{
    char letter;
    unsigned time;
    int used;
    if (sscanf(*tags, " %c%u%n", &letter, &time, &used) != 2)
        return false;
    *tags += used;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].letter == letter)
            *out = (struct flv_tag){kinds[i].type, time, kinds[i].body};
    return true;
}

static void write_out(struct buf *text, const struct join_out *out)
{
    for (size_t t = 0; t < out->n; t++)
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (out->tags[t].type == kinds[i].type && out->tags[t].body.n == kinds[i].body.n &&
                memcmp(out->tags[t].body.p, kinds[i].body.p, kinds[i].body.n) == 0)
                buf_printf(text, "%s%c%u", text->n > 0 ? " " : "", kinds[i].letter, out->tags[t].time);
}

static void look(struct join *j, const struct recording *all, size_t n)
{
    struct flv_tag tag;
    for (size_t i = 0; i < n; i++)
        for (const char *tags = all[i].tags; next_tag(&tags, &tag);)
            if (join_look(j, &tag))
                return;
}

/* Joins n recordings into `text`; *j stays open. */
static void join_all(struct join *j, bool cut, const struct recording *all, size_t n, struct buf *text)
{
    struct flv_tag tag;
    struct join_out out;
    join_init(j, cut);
    look(j, all, n);
    join_head(j, &out);
    write_out(text, &out);
    for (size_t i = 0; i < n; i++) {
        join_part(j, all[i].begins, all[i].goes_on);
        for (const char *tags = all[i].tags; next_tag(&tags, &tag);) {
            join_tag(j, &tag, &out);
            write_out(text, &out);
        }
    }
}

static void expect(bool cut, const struct recording *all, size_t n, const char *want)
{
    struct join j;
    struct buf text;
    buf_init(&text, 4096);
    join_all(&j, cut, all, n, &text);
    assert_string_equal(text.p ? text.p : "", want);
    join_fini(&j);
    buf_fini(&text);
}

#define JOINED(cut, want, ...)                                                                               \
    expect(cut, (const struct recording[]){__VA_ARGS__},                                                     \
           sizeof((const struct recording[]){__VA_ARGS__}) / sizeof(struct recording), want)

/* Metadata, ends and pictures before the first keyframe go; the first frame is at 0. */
static void one(void **state)
{
    (void)state;
    JOINED(false, "a0 v0 s0 K5 s23 P45", {0, false, "m700 a700 v700 P700 s700 K705 s723 m730 P745 e745"});
    JOINED(false, "", {0, false, "m0"});
    JOINED(false, "v0 K0 P40", {0, false, "v0 K0 P40"});
    JOINED(false, "a0 s0 s23", {0, false, "a0 s0 s23"});
}

/* A second ingest was sent what the first one had from its last keyframe on. */
static void takeover(void **state)
{
    (void)state;
    JOINED(false, "a0 v0 K0 s10 P40 s33 K80 s56 P120 s79 K160", {0, false, "a0 v0 K0 s10 P40 s33 K80 s56"},
           {0, true, "m0 a80 v80 K80 s56 P120 s79 K160"});
    /* what was lost between them is a gap */
    JOINED(false, "v0 K0 P40 K2000", {0, false, "v0 K0 P40"}, {0, true, "v2000 K2000"});
    /* across the wrap of 2^32 */
    JOINED(false, "v0 K0 P40 P80 P120", {0, false, "v4294967200 K4294967200 P4294967240 P4294967280"},
           {0, true, "v4294967200 K4294967200 P4294967240 P4294967280 P24"});
}

static void gaps(void **state)
{
    (void)state;
    const char first[] = "a0 v0 K0 s0 P1000", second[] = "a0 v0 K0 s5 P40";
    JOINED(false, "a0 v0 K0 s0 P1000 K11000 s11005 P11040", {5000, false, first}, {16000, false, second});
    JOINED(true, "a0 v0 K0 s0 P1000 K1040 s1045 P1080", {5000, false, first}, {16000, false, second});
    /* a short one stays; a third recording knows what was cut before it */
    JOINED(true, "a0 v0 K0 s0 P1000 K1400 s1405 P1440 K1480 s1485 P1520 K1880 s1885 P1920", {0, false, first},
           {1400, false, second}, {24000, false, second}, {24400, false, second});
    JOINED(true, "a0 v0 K0 s0 P1000 K1040 s1045 P1080", {0, false, first}, {1401, false, second});
    /* clocks that disagree with the core's: nothing is put before what is there */
    JOINED(false, "v0 K0 P9000 K9040", {0, false, "v0 K0 P9000"}, {8000, false, "v0 K0"});
    /* within a recording */
    JOINED(false, "v0 K0 P40 P10040", {0, false, "v0 K0 P40 P10040"});
    JOINED(true, "v0 K0 P40 P3040 P3080 P3120", {0, false, "v0 K0 P40 P3040 P6041 P6081"});
}

/* A publisher's clock that is set back or ahead. */
static void clocks(void **state)
{
    (void)state;
    JOINED(false, "v0 K0 P40 P80 P120", {0, false, "v0 K0 P40 P3600040 P3600080"});
    JOINED(false, "a0 v0 K0 s10000 P10040 s10053 P10093",
           {0, false, "a0 v0 K0 s10000 P0 s13 P53"}); /* too early by ten seconds: set back */
    JOINED(false, "v0 K0 P400 P401 P402 P440", {0, false, "v0 K0 P400 P360 P400 P440"}); /* out of order */
    JOINED(false, "a0 v0 s0 K0 P1 P40", {0, false, "a0 v0 s30 K10 P20 P70"}); /* before the first frame */
}

/* What a decoder must know comes once, when it is new, and before the first frame of whatever comes later. */
static void headers(void **state)
{
    (void)state;
    JOINED(false, "v0 K0 P40 V1000 K1000 P1040", {0, false, "v0 K0 P40"}, {1000, false, "V0 K0 P40"});
    JOINED(false, "v0 K0 P40 V80 P80 v120 P120", {0, false, "v0 K0 v20 P40 V60 V70 P80 v100 P120"});
    JOINED(false, "a0 v0 K0 P40 K1000 s1000", {0, false, "v0 K0 P40"}, {1000, false, "v0 a0 K0 s0"});
    JOINED(false, "a0 v0 s0 s23 K1000 s1000", {0, false, "a0 s0 s23"}, {1000, false, "v0 a0 K0 s0"});
    JOINED(false, "a0 v0 K0 s0 A1000 s1000 K1000", {0, false, "a0 v0 K0 s0"}, {1000, false, "A0 v0 s0 K0"});
}

static void codecs(void **state)
{
    (void)state;
    const struct recording all[] = {{0, false, "v0 a0 K0 s0 P40 s23"}, {1000, false, "a0 H0 s0 x20 s23"}};
    struct join j;
    struct buf text;
    buf_init(&text, 4096);
    join_all(&j, false, all, 2, &text);
    assert_string_equal(text.p, "a0 v0 K0 s0 P40 s23 s1000 s1023");
    assert_true(j.kinds[JOIN_PICTURES].left_out && j.kinds[JOIN_PICTURES].other == FLV_CODEC_HEVC);
    assert_true(j.kinds[JOIN_SOUND].left_out && j.kinds[JOIN_SOUND].other == FLV_CODEC_MP3);
    join_fini(&j);
    buf_clear(&text);
    join_all(&j, false, &all[1], 1, &text);
    assert_true(!j.kinds[JOIN_PICTURES].known && j.kinds[JOIN_PICTURES].left_out &&
                j.kinds[JOIN_SOUND].known);
    join_fini(&j);
    buf_fini(&text);
    JOINED(false, "v0 x0 K0 x26", {0, false, "v0 x0 K0 x26"});
}

static void bounds(void **state)
{
    (void)state;
    static char body[JOIN_SETUP_MAX + 10] = "\x17";
    const struct flv_tag setup = {FLV_VIDEO, 0, {body, sizeof body}}, frame = {FLV_VIDEO, 0, kinds[5].body};
    struct join_out out;
    struct join j;
    join_init(&j, false);
    assert_false(join_look(&j, &setup));
    assert_true(j.kinds[JOIN_PICTURES].known && j.kinds[JOIN_PICTURES].setup.n == 0);
    join_part(&j, 0, false);
    join_tag(&j, &setup, &out);
    assert_int_equal(out.n, 0);
    join_tag(&j, &frame, &out);
    assert_int_equal(out.n, 1);
    join_part(&j, JOIN_END_MS, false);
    join_tag(&j, &frame, &out);
    assert_true(out.n == 1 && out.tags[0].time == JOIN_END_MS);
    join_part(&j, JOIN_END_MS + 1000, false);
    join_tag(&j, &frame, &out);
    assert_int_equal(out.n, 0);
    join_fini(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one),    cmocka_unit_test(takeover), cmocka_unit_test(gaps),
        cmocka_unit_test(clocks), cmocka_unit_test(headers),  cmocka_unit_test(codecs),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}
