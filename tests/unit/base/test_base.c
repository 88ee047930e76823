/* lib/base: arena, buffers, JSON text, clock, random keys, errors. */
#include "tests/unit/testing.h"

#include <limits.h>
#include <string.h>

#include "lib/base/backoff.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/cx.h"
#include "lib/base/rand.h"

static void note(void *arg)
{
    char *order = *(char **)arg;
    size_t n = strlen(order);
    order[n] = (char)('a' + n);
}

static void arena_runs_cleanups_newest_first(void **state)
{
    (void)state;
    char first[4] = "", second[4] = "";
    char *one = first, *two = second;
    struct arena *a = arena_new();
    arena_on_free(a, note, &one);
    arena_on_free(a, note, &two);
    arena_reset(a);
    assert_string_equal(first, "a");
    assert_string_equal(second, "a");
    arena_free(a);
    assert_string_equal(first, "a"); /* once only */
}

static void arena_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 40000; n = n * 3 + 1) {
            unsigned char *p = arena_alloc(a, n);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xA5, n);
        }
        arena_reset(a);
    }
    assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
    arena_free(a);
}

static void buffer_stops_at_its_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_str(&b, "12345678");
    assert_false(b.overflow);
    buf_str(&b, "9");
    assert_true(b.overflow);
    assert_string_equal(b.p, "12345678");
    buf_clear(&b);
    buf_printf(&b, "%d", 42);
    assert_string_equal(b.p, "42");
    buf_fini(&b);
}

static void json_text_is_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_json(&b, STR("a\"b\\c\n\x01Ü"));
    assert_string_equal(b.p, "\"a\\\"b\\\\c\\u000a\\u0001Ü\"");
    buf_clear(&b);
    buf_json(&b, STR("x\xFFy"));
    assert_string_equal(b.p, "\"x\xEF\xBF\xBDy\"");
    buf_fini(&b);
}

static void clock_reads_what_it_writes(void **state)
{
    (void)state;
    char iso[CLOCK_ISO_SIZE];
    int64_t back;
    clock_iso(1795515300123, iso);
    assert_string_equal(iso, "2026-11-24T10:15:00.123Z");
    assert_true(clock_parse_iso(iso, &back));
    assert_true(back == 1795515300123);
    assert_true(clock_parse_iso("2026-11-24T10:15:00Z", &back));
    assert_false(clock_parse_iso("2026-11-24 10:15:00Z", &back));
    assert_false(clock_parse_iso("2026-11-24T10:15:00", &back));
    assert_false(clock_parse_iso("2026-11-24T10:15:00.1Z", &back));
    assert_true(clock_mono() <= clock_mono());
}

static void random_keys_are_keys_and_differ(void **state)
{
    (void)state;
    char a[13], b[13], h[17];
    rand_key(a, sizeof a);
    rand_key(b, sizeof b);
    rand_hex(h, sizeof h);
    assert_true(str_is_key(str_of(a), 12));
    assert_string_not_equal(a, b);
    assert_int_equal(strspn(h, "0123456789abcdef"), 16);
    for (int i = 0; i < 1000; i++)
        assert_true(rand_below(7) < 7);
}

static void back_off_doubles_up_to_its_maximum(void **state)
{
    (void)state;
    static const struct {
        int tries;
        int64_t middle;
    } rows[] = {{0, 100}, {1, 100}, {2, 200}, {3, 400}, {4, 800}, {5, 1000}, {6, 1000}, {INT_MAX, 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t least = INT64_MAX, most = 0;
        for (int n = 0; n < 200; n++) {
            int64_t ms = backoff_ms(rows[i].tries, 100, 1000);
            least = ms < least ? ms : least;
            most = ms > most ? ms : most;
        }
        assert_in_range(least, rows[i].middle / 2, rows[i].middle - 1);
        assert_in_range(most, rows[i].middle + 1, rows[i].middle * 3 / 2);
    }
    assert_in_range(backoff_ms(1, 5000, 100), 50, 150); /* the maximum is one for the first wait, too */
}

static void errors_keep_their_reason(void **state)
{
    (void)state;
    struct cx cx;
    cx_init(&cx);
    assert_rc(err_set(&cx, RC_CONFLICT, "slug", "slug_taken", "slug %s", "x"), RC_CONFLICT);
    assert_string_equal(cx.err.detail, "slug x");
    assert_string_equal(cx.err.field, "slug");
    char before[CX_ID_SIZE];
    memcpy(before, cx.id, sizeof before);
    cx_reset(&cx);
    assert_int_equal(cx.err.rc, RC_OK);
    assert_string_not_equal(cx.id, before);
    assert_string_equal(rc_name(RC_NOTFOUND), "notfound");
    cx_fini(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_runs_cleanups_newest_first),
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(buffer_stops_at_its_maximum),
        cmocka_unit_test(json_text_is_escaped),
        cmocka_unit_test(clock_reads_what_it_writes),
        cmocka_unit_test(random_keys_are_keys_and_differ),
        cmocka_unit_test(back_off_doubles_up_to_its_maximum),
        cmocka_unit_test(errors_keep_their_reason),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
