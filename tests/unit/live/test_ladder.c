/* What is made of a stream, by its tags and by what the machine has left. */
#include "lib/live/ladder.h"

#include <string.h>

#include "tests/unit/testing.h"

/* AVCDecoderConfigurationRecord of x264, 1920x1080. */
#define AVC_1080                                                                                             \
    "\x01\x64\x00\x28\xff\xe1\x00\x1b\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00\x03\x00"   \
    "\x04\x00\x00\x03\x00\xf0\x3c\x60\xc6\x58\x01\x00\x06\x68\xeb\xe3\xcb\x22\xc0\xfd\xf8\xf8\x00"

static struct incoming of(int width, int height)
{
    return (struct incoming){.pictures = true, .sound = true, .width = width, .height = height, .keys = 3};
}

static struct ladder choose(struct incoming s, double left, int fewer)
{
    struct ladder l;
    ladder_choose(&s, left, fewer, &l);
    return l;
}

static void copied(void **state)
{
    (void)state;
    struct ladder l = choose(of(1920, 1080), 8, 0);
    assert_true(l.count == 3 && l.sound && l.rungs[0].copied && !l.forced);
    assert_true(l.rungs[0].width == 1920 && l.rungs[0].height == 1080 && l.rungs[0].bitrate > 0);
    assert_true(!l.rungs[1].copied && l.rungs[1].width == 1280 && l.rungs[1].height == 720);
    assert_true(!l.rungs[2].copied && l.rungs[2].width == 640 && l.rungs[2].height == 360);
    assert_true(l.cost > 0.659 && l.cost < 0.661);
    l = choose(of(1280, 720), 8, 0);
    assert_true(l.count == 2 && l.rungs[1].height == 360 && l.cost > 0.319 && l.cost < 0.321);
    l = choose(of(640, 360), 8, 0);
    assert_true(l.count == 1 && l.rungs[0].copied);
    l = choose(of(1920, 1088), 8, 0); /* nobody's picture, but some say so */
    assert_true(l.count > 0);
}

static void encoded(void **state)
{
    (void)state;
    struct incoming s = of(1920, 1080);
    s.uneven = true;
    struct ladder l = choose(s, 8, 0);
    assert_true(l.count == 3 && !l.rungs[0].copied && l.rungs[0].height == 1080 && l.cost > 1.43 &&
                l.cost < 1.45);
    s = of(3840, 2160);
    l = choose(s, 8, 0);
    assert_true(l.count == 3 && !l.rungs[0].copied && l.rungs[0].width == 1920 && l.rungs[0].height == 1080);
    s = of(853, 481); /* sides are even */
    s.uneven = true;
    l = choose(s, 8, 0);
    assert_true(l.rungs[0].height == 480 && l.rungs[0].width % 2 == 0);
    s = of(0, 0);
    assert_true(choose(s, 8, 0).count == 2);
    s.pictures = false;
    assert_int_equal(choose(s, 8, 0).count, 0);
}

/* From the largest encoded one down to the picture as it comes. */
static void fewer(void **state)
{
    (void)state;
    struct ladder l = choose(of(1920, 1080), 8, 1);
    assert_true(l.count == 2 && l.rungs[0].copied && l.rungs[1].height == 360);
    l = choose(of(1920, 1080), 8, 2);
    assert_true(l.count == 1 && l.rungs[0].copied && !l.forced);
    assert_int_equal(choose(of(1920, 1080), 8, LADDER_FEWER_MAX).count, 1);
    struct incoming s = of(1920, 1080);
    s.uneven = true;
    l = choose(s, 8, 1);
    assert_true(l.count == 2 && l.rungs[0].height == 720 && l.rungs[1].height == 360);
    l = choose(s, 8, 3);
    assert_true(l.count == 1 && l.rungs[0].copied && l.forced);
    assert_false(ladder_is_wrong(&l, &s)); /* there is nothing else */
}

static void room(void **state)
{
    (void)state;
    assert_int_equal(choose(of(1920, 1080), 0.66, 0).count, 3);
    assert_int_equal(choose(of(1920, 1080), 0.65, 0).count, 2);
    assert_int_equal(choose(of(1920, 1080), 0.31, 0).count, 1);
    assert_int_equal(choose(of(1920, 1080), -1, 0).count, 1);
    struct incoming s = of(1920, 1080);
    s.rate = 60; /* costs twice as much */
    assert_int_equal(choose(s, 0.66, 0).count, 2);
}

static struct str video(char *body, bool key, int32_t shift)
{
    const char head[] = {(char)(key ? 0x17 : 0x27), 1, 0, 0, (char)shift, 0};
    memcpy(body, head, sizeof head);
    return (struct str){body, sizeof head};
}

static void setup(struct incoming *s)
{
    static const char head[] = "\x17\x00\x00\x00\x00" AVC_1080, sound[] = "\xaf\x00\x11\x90";
    struct flv_tag tag = {FLV_VIDEO, 0, {head, sizeof head - 1}};
    *s = (struct incoming){.pictures = false};
    assert_false(incoming_tag(s, &tag));
    tag = (struct flv_tag){FLV_AUDIO, 0, {sound, sizeof sound - 1}};
    assert_false(incoming_tag(s, &tag));
    assert_true(s->pictures && s->sound && s->width == 1920 && s->height == 1080);
}

/* Pictures 40 ms apart, a keyframe every `every` of them. */
static void feed(struct incoming *s, uint32_t from, int n, int every)
{
    char body[8];
    for (int i = 0; i < n; i++) {
        struct flv_tag tag = {FLV_VIDEO, from + (uint32_t)i * 40, video(body, i % every == 0, 80)};
        assert_int_equal(incoming_tag(s, &tag), i % every == 0);
    }
}

static void keyframes(void **state)
{
    (void)state;
    struct incoming s;
    setup(&s);
    feed(&s, 1000, 200, 50);
    assert_true(s.keys == 4 && s.shift == 80 && !s.uneven);
    setup(&s);
    feed(&s, 0, 53, 250); /* 8 seconds apart: known when the second one is late */
    assert_false(s.uneven);
    setup(&s);
    feed(&s, 0, 60, 250);
    assert_true(s.uneven);
    setup(&s);
    feed(&s, 0, 30, 5);
    assert_true(s.uneven);
    /* later, one may be missing, not two */
    setup(&s);
    feed(&s, 0, 150, 50);
    feed(&s, 6000 + 2040, 1, 1);
    assert_false(s.uneven);
    feed(&s, 6000 + 8000, 1, 1);
    assert_true(s.uneven);
    /* over the wrap of 32 bits */
    setup(&s);
    feed(&s, UINT32_MAX - 2999, 200, 50);
    assert_true(s.keys == 4 && !s.uneven);
}

/* Slides at three pictures a second. */
static void slow(void **state)
{
    (void)state;
    struct incoming s;
    struct ladder l;
    char body[8];
    setup(&s);
    feed(&s, 0, 1, 1);
    ladder_choose(&s, 8, 0, &l);
    for (uint32_t i = 1; i <= 3; i++) {
        struct flv_tag tag = {FLV_VIDEO, i * 333, video(body, false, 0)};
        assert_false(s.slow || ladder_is_wrong(&l, &s));
        assert_false(incoming_tag(&s, &tag));
    }
    assert_true(s.slow && ladder_is_wrong(&l, &s));
    ladder_choose(&s, 8, 0, &l);
    assert_true(l.filled && !l.rungs[0].copied && !ladder_is_wrong(&l, &s));
}

static void others(void **state)
{
    (void)state;
    struct incoming s;
    struct ladder l;
    char body[8];
    setup(&s);
    feed(&s, 0, 1, 1);
    ladder_choose(&s, 8, 0, &l);
    assert_false(ladder_is_wrong(&l, &s));
    s.uneven = true;
    assert_true(ladder_is_wrong(&l, &s));
    uint64_t before = s.setup;
    static const char head[] = "\x17\x00\x00\x00\x00\x01\x64\x00\x28\xff";
    struct flv_tag tag = {FLV_VIDEO, 0, {head, sizeof head - 1}};
    assert_false(incoming_tag(&s, &tag)); /* no record: the one before counts */
    assert_true(s.setup == before);
    body[0] = 0x12; /* Sorenson H.263 */
    tag.body = (struct str){body, 1};
    assert_false(incoming_tag(&s, &tag));
    assert_true(s.unread && s.other == FLV_CODEC_OTHER);
    tag.body = STR("\x91hvc1\0\0\0frame"); /* HEVC, by four characters */
    assert_false(incoming_tag(&s, &tag));
    assert_true(s.unread && s.other == FLV_CODEC_HEVC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copied), cmocka_unit_test(encoded),   cmocka_unit_test(fewer),
        cmocka_unit_test(room),   cmocka_unit_test(keyframes), cmocka_unit_test(slow),
        cmocka_unit_test(others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
