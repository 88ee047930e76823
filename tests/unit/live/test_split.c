/* The output of an FFmpeg, built box by box, taken apart. */
#include "lib/live/split.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/boxes.h"
#include "tests/unit/testing.h"

enum { ALL_MAX = 64 << 10 };

struct seen {
    char text[2048];
    int inits;
};

static void on_init(void *arg, int track, struct str bytes)
{
    struct seen *seen = arg;
    assert_true(track == seen->inits++ && bytes.n > 16 && memcmp(bytes.p + 4, "ftyp", 4) == 0);
}

static void on_part(void *arg, const struct split_part *p)
{
    struct seen *seen = arg;
    size_t n = strlen(seen->text);
    assert_true(memcmp(p->bytes.p + 4, "moof", 4) == 0);
    snprintf(seen->text + n, sizeof seen->text - n, "%d:%d.%d@%d-%d ", p->track, (int)p->segment,
             (int)p->part, (int)p->from, (int)p->to);
}

static const struct split_hooks hooks = {.init = on_init, .part = on_part};

static void add_box(struct buf *all, const char *type, const void *p, size_t n)
{
    struct bytes head = {.n = 0};
    put32(&head, (uint32_t)n + 8);
    buf_add(all, head.p, 4);
    buf_add(all, type, 4);
    buf_add(all, p, n);
}

static void add_head(struct buf *all, int tracks)
{
    struct bytes b;
    add_box(all, "ftyp", "iso6....", 8);
    moov(&b, tracks, 0, false);
    add_box(all, "moov", b.p, b.n);
    add_box(all, "free", "", 0);
}

/* A fragment of that track, of n pictures of 1/25 s, from picture `at` on. */
static void add_fragment(struct buf *all, uint32_t track, uint32_t at, uint32_t n, bool key)
{
    struct bytes b = {.n = 0};
    PUT(&b, "mfhd", 0, 1);
    size_t traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0x20020, track, 0x10000);
    PUT(&b, "tfdt", 0, at);
    if (key)
        PUT(&b, "trun", 0x4, n, 0);
    else
        PUT(&b, "trun", 0, n);
    close_box(&b, traf);
    add_box(all, "moof", b.p, b.n);
    add_box(all, "mdat", "frames", 6);
}

/* In pieces of `step` bytes. */
static bool read_all(const struct buf *all, int tracks, size_t step, struct seen *seen)
{
    struct split s;
    bool good = true;
    *seen = (struct seen){.inits = 0};
    split_init(&s, tracks, 0, &hooks, seen);
    for (size_t at = 0; good && at < all->n; at += step)
        good = split_bytes(&s, (struct str){all->p + at, all->n - at < step ? all->n - at : step});
    split_fini(&s);
    return good;
}

static void expect(const struct buf *all, int tracks, const char *text)
{
    struct seen seen;
    for (size_t step = 1; step <= all->n; step = step * 3 + 1) {
        assert_true(read_all(all, tracks, step, &seen));
        assert_int_equal(seen.inits, tracks);
        assert_string_equal(seen.text, text);
    }
}

static void segments(void **state)
{
    (void)state;
    struct buf all;
    buf_init(&all, ALL_MAX);
    add_head(&all, 2);
    for (uint32_t at = 0; at < 100; at += 10)
        for (uint32_t track = 1; track <= 2; track++)
            add_fragment(&all, track, at, 10, at % 50 == 0);
    expect(
        &all, 2,
        "0:0.0@0-400 1:0.0@0-400 0:0.1@400-800 1:0.1@400-800 0:0.2@800-1200 1:0.2@800-1200 0:0.3@1200-1600 "
        "1:0.3@1200-1600 0:0.4@1600-2000 1:0.4@1600-2000 0:1.0@2000-2400 1:1.0@2000-2400 0:1.1@2400-2800 "
        "1:1.1@2400-2800 0:1.2@2800-3200 1:1.2@2800-3200 0:1.3@3200-3600 1:1.3@3200-3600 0:1.4@3600-4000 "
        "1:1.4@3600-4000 ");
    buf_fini(&all);
}

/* No keyframe: a segment ends before it would be longer than 2.4 s. One that comes too early begins none. */
static void without_keyframes(void **state)
{
    (void)state;
    struct buf all;
    buf_init(&all, ALL_MAX);
    add_head(&all, 1);
    add_fragment(&all, 1, 0, 5, true);
    add_fragment(&all, 1, 5, 10, true);
    for (uint32_t at = 15; at < 75; at += 10)
        add_fragment(&all, 1, at, 10, false);
    expect(&all, 1,
           "0:0.0@0-200 0:0.1@200-600 0:0.2@600-1000 0:0.3@1000-1400 0:0.4@1400-1800 0:0.5@1800-2200 "
           "0:1.0@2200-2600 0:1.1@2600-3000 ");
    buf_fini(&all);
}

/* The second track is written later, and begins its segments with fragments that do not begin where those of the first
 * do; it has nothing in one of them. */
static void behind(void **state)
{
    (void)state;
    struct buf all;
    buf_init(&all, ALL_MAX);
    add_head(&all, 2);
    add_fragment(&all, 2, 0, 9, true); /* before any of the first */
    add_fragment(&all, 1, 0, 10, true);
    add_fragment(&all, 1, 10, 10, true);
    add_fragment(&all, 2, 9, 9, true);
    add_fragment(&all, 2, 18, 4, true);
    add_fragment(&all, 1, 20, 10, true);
    add_fragment(&all, 1, 30, 10, true);
    add_fragment(&all, 2, 31, 9, true);
    expect(&all, 2,
           "1:0.0@0-360 0:0.0@0-400 0:1.0@400-800 1:0.1@360-720 1:1.0@720-880 0:2.0@800-1200 0:3.0@1200-1600 "
           "1:3.0@1240-1600 ");
    buf_fini(&all);
}

/* Of one picture, which says its length itself: what is longer than a part may be becomes a gap. */
static void gaps(void **state)
{
    (void)state;
    struct buf all;
    struct bytes b = {.n = 0};
    buf_init(&all, ALL_MAX);
    add_head(&all, 1);
    PUT(&b, "mfhd", 0, 1);
    size_t traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0x20000, 1);
    PUT(&b, "tfdt", 0, 0);
    PUT(&b, "trun", 0x504, 2, 0, 3, 0, 40, 0x10000);
    close_box(&b, traf);
    add_box(&all, "moof", b.p, b.n);
    add_box(&all, "mdat", "frames", 6);
    b.n = 0;
    traf = open_box(&b, "traf");
    PUT(&b, "tfhd", 0x20008, 1, 30);
    PUT(&b, "tfdt", 0, 43);
    PUT(&b, "trun", 0x4, 1, 0);
    close_box(&b, traf);
    add_box(&all, "moof", b.p, b.n);
    add_box(&all, "mdat", "frames", 6);
    expect(&all, 1, "0:0.0@0-400 0:1.0@1720-2120 ");
    buf_fini(&all);
}

static void refusals(void **state)
{
    (void)state;
    struct buf all;
    struct seen seen;
    buf_init(&all, ALL_MAX);
    add_head(&all, 2);
    assert_false(read_all(&all, 1, all.n, &seen)); /* more tracks */
    assert_false(read_all(&all, 3, all.n, &seen));
    add_fragment(&all, 3, 0, 10, true); /* of none */
    assert_false(read_all(&all, 2, all.n, &seen));
    buf_clear(&all);
    add_fragment(&all, 1, 0, 10, true); /* before the head */
    assert_false(read_all(&all, 1, all.n, &seen));
    buf_clear(&all);
    add_head(&all, 1);
    add_box(&all, "moof", "", 0);
    add_box(&all, "moof", "", 0); /* no mdat */
    assert_false(read_all(&all, 1, all.n, &seen));
    buf_clear(&all);
    buf_add(&all, "\x7f\xff\xff\xffmdat\0\0\0\0\0\0\0\0", 16); /* too long to wait for */
    assert_false(read_all(&all, 1, 1, &seen));
    buf_clear(&all);
    buf_add(&all, "\0\0\0\7mdat\0\0\0\0\0\0\0\0", 16);
    assert_false(read_all(&all, 1, 1, &seen));
    buf_fini(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(segments), cmocka_unit_test(without_keyframes),
                                       cmocka_unit_test(behind), cmocka_unit_test(gaps),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
