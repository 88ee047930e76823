/* lib/base/str: numbers, UTF-8, slices, base64, hex. */
#include "tests/unit/testing.h"

#include "lib/base/str.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x10", false, 0},
        {"1e3", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t v = 4711;
        assert_int_equal(str_to_i64(str_of(rows[i].text), INT64_MIN, INT64_MAX, &v), rows[i].ok);
        assert_true(v == (rows[i].ok ? rows[i].value : 4711));
    }
    int64_t v;
    assert_false(str_to_i64(STR("11"), 0, 10, &v));
    assert_true(str_to_i64(STR("10"), 0, 10, &v));
}

static void utf8(void **state)
{
    (void)state;
    assert_true(str_is_utf8(STR("")));
    assert_true(str_is_utf8(STR("Übung \xF0\x9F\x8E\x93 \xE2\x80\xAE")));
    assert_false(str_is_utf8(STR("a\0b")));
    assert_false(str_is_utf8(STR("\xC0\xAF")));         /* overlong / */
    assert_false(str_is_utf8(STR("\xE0\x80\xAF")));     /* overlong / */
    assert_false(str_is_utf8(STR("\xED\xA0\x80")));     /* surrogate */
    assert_false(str_is_utf8(STR("\xF4\x90\x80\x80"))); /* over U+10FFFF */
    assert_false(str_is_utf8(STR("\xE2\x82")));         /* cut off */
    assert_int_equal(str_utf8_length(STR("Ü\xF0\x9F\x8E\x93")), 2);
}

static void utf8_is_cut_between_characters(void **state)
{
    (void)state;
    const struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x93");
    static const size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t max = 0; max < sizeof kept / sizeof *kept; max++) {
        assert_int_equal(str_utf8_cut(s, max).n, kept[max]);
        assert_true(str_is_utf8(str_utf8_cut(s, max)));
    }
    assert_ptr_equal(str_utf8_cut(s, 4).p, s.p);
    assert_int_equal(str_utf8_cut(STR("\x80\x80\x80"), 2).n, 0); /* no character begins there */
}

static void slices(void **state)
{
    (void)state;
    struct str rest = STR("a,,b");
    assert_true(str_eq(str_cut(&rest, ','), "a"));
    assert_true(str_eq(str_cut(&rest, ','), ""));
    assert_true(str_eq(str_cut(&rest, ','), "b"));
    assert_int_equal(rest.n, 0);
    assert_true(str_eq(str_trim(STR(" \t x y\r\n")), "x y"));
    assert_true(str_eq(str_trim(STR("  ")), ""));
    assert_true(str_is_slug(STR("linear-algebra-1"), 60));
    assert_false(str_is_slug(STR("../etc"), 60));
    assert_false(str_is_slug(STR("Abc"), 60));
    assert_false(str_is_slug(STR(""), 60));
    assert_true(str_is_key(STR("k3f9x2a7qd01"), 12));
    assert_false(str_is_key(STR("k3f9x2a7qd0"), 12));
    assert_true(str_eq_secret(STR("abc"), STR("abc")));
    assert_false(str_eq_secret(STR("abc"), STR("abd")));
    assert_false(str_eq_secret(STR("abc"), STR("abcd")));
}

/* RFC 4648 section 10, both alphabets, and what a decoder must refuse. */
static void base64(void **state)
{
    (void)state;
    static const char *const rows[][3] = {{"", "", ""},
                                          {"f", "Zg==", "Zg"},
                                          {"fo", "Zm8=", "Zm8"},
                                          {"foo", "Zm9v", "Zm9v"},
                                          {"foobar", "Zm9vYmFy", "Zm9vYmFy"}};
    unsigned char *out;
    size_t n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str in = str_of(rows[i][0]);
        assert_string_equal(str_b64(arena, in.p, in.n), rows[i][1]);
        assert_string_equal(str_b64url(arena, in.p, in.n), rows[i][2]);
        assert_true(str_b64_decode(arena, str_of(rows[i][1]), &out, &n));
        assert_true(str_eq((struct str){(char *)out, n}, rows[i][0]));
        assert_true(str_b64url_decode(arena, str_of(rows[i][2]), &out, &n));
        assert_true(str_eq((struct str){(char *)out, n}, rows[i][0]));
    }
    assert_string_equal(str_b64url(arena, "\xFB\xFF", 2), "-_8");
    assert_false(str_b64url_decode(arena, STR("Zg=="), &out, &n)); /* padding */
    assert_false(str_b64url_decode(arena, STR("+/8"), &out, &n));  /* the other alphabet */
    assert_false(str_b64url_decode(arena, STR("Zh"), &out, &n));   /* stray bits: not canonical */
    assert_false(str_b64url_decode(arena, STR("Zm9vY"), &out, &n));
    assert_false(str_b64_decode(arena, STR("Zg="), &out, &n));
}

static void hex(void **state)
{
    (void)state;
    unsigned char out[2];
    assert_string_equal(str_hex(arena, "\x00\xAF", 2), "00af");
    assert_true(str_hex_decode(STR("00aF"), out, 2));
    assert_memory_equal(out, "\x00\xAF", 2);
    assert_false(str_hex_decode(STR("00a"), out, 2));
    assert_false(str_hex_decode(STR("00ag"), out, 2));
}

static void controls(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\x1b[2J", "a\x7f",
                                      "\xC2\x9B"
                                      "31m",
                                      "\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(str_has_controls(str_of(bad[i]), true));
    assert_true(str_has_controls(STR("a\nb"), false));
    assert_false(str_has_controls(STR("a\nb\tc\r"), true));
    assert_false(str_has_controls(STR("\xC2\xA0 \xC3\x9C \xF0\x9F\x8E\x93"), false));
    assert_string_equal(str_printable(arena, STR("a\x1b[2Jb\n\xC2\x9B"
                                                 "1mc\xC3\x9C")),
                        "a [2Jb\n  1mc\xC3\x9C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(utf8_is_cut_between_characters),
        cmocka_unit_test(slices),
        cmocka_unit_test(base64),
        cmocka_unit_test(hex),
        cmocka_unit_test(controls),
    };
    return cmocka_run_group_tests_name("str", tests, setup, teardown);
}
