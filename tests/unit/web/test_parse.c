/* Input from outside: decoding, pairs, cookies, languages, local paths, form tokens. */
#include "tests/unit/testing.h"

#include "lib/base/buf.h"
#include "lib/web/csrf.h"
#include "lib/web/parse.h"

static struct cx cx;

static int set_up(void **state)
{
    (void)state;
    cx_init(&cx);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cx_fini(&cx);
    return 0;
}

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        const char *in, *form, *path; /* NULL: refused */
    } rows[] = {
        {"", "", ""},           {"a+b", "a b", "a+b"},      {"a%20b", "a b", "a b"},
        {"%C3%bc", "ü", "ü"},   {"%F0%9F%98%80", "😀", "😀"}, {"%", NULL, NULL},
        {"%4", NULL, NULL},     {"x%4", NULL, NULL},        {"%4g", NULL, NULL},
        {"%41", "A", "A"},      {"%00", NULL, NULL},        {"%ff", NULL, NULL},
        {"%C0%80", NULL, NULL}, {"%ED%A0%80", NULL, NULL},  {"%25%34%31", "%41", "%41"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int form = 0; form < 2; form++) {
            const char *want = form ? rows[i].form : rows[i].path, *got = NULL;
            enum rc rc = web_decode(&cx, str_of(rows[i].in), form, &got);
            assert_int_equal(rc, want ? RC_OK : RC_INVALID);
            if (want)
                assert_string_equal(got, want);
        }
}

static void test_pairs(void **state)
{
    (void)state;
    struct web_pairs pairs;
    assert_int_equal(web_parse_pairs(&cx, STR("a=1&b=x%26y&&c&a=2&=z"), WEB_MAX_PAIRS, &pairs), RC_OK);
    assert_int_equal(pairs.n, 5);
    assert_string_equal(web_pairs_get(&pairs, "a"), "1");
    assert_string_equal(web_pairs_get(&pairs, "b"), "x&y");
    assert_string_equal(web_pairs_get(&pairs, "c"), "");
    assert_null(web_pairs_get(&pairs, "d"));

    struct buf many;
    buf_init(&many, 10000);
    for (int i = 0; i <= WEB_MAX_PAIRS; i++)
        buf_str(&many, "a=1&");
    assert_int_equal(web_parse_pairs(&cx, buf_view(&many), WEB_MAX_PAIRS, &pairs), RC_TOOBIG);
    many.n = 4 * WEB_MAX_PAIRS;
    assert_int_equal(web_parse_pairs(&cx, buf_view(&many), WEB_MAX_PAIRS, &pairs), RC_OK);
    assert_int_equal(pairs.n, WEB_MAX_PAIRS);
    buf_clear(&many);
    for (int i = 0; i <= WEB_MAX_NAME; i++)
        buf_str(&many, "n");
    assert_int_equal(web_parse_pairs(&cx, buf_view(&many), WEB_MAX_PAIRS, &pairs), RC_TOOBIG);
    buf_fini(&many);
}

static void test_cookie(void **state)
{
    (void)state;
    const char *header = "a=1; __Host-lectern=tok; b=\"q\"; __Host-lectern=second;c=3";
    assert_string_equal(web_parse_cookie(cx.arena, header, "__Host-lectern"), "tok");
    assert_string_equal(web_parse_cookie(cx.arena, header, "c"), "3");
    assert_null(web_parse_cookie(cx.arena, header, "Host-lectern"));
    assert_null(web_parse_cookie(cx.arena, NULL, "a"));
    assert_null(web_parse_cookie(cx.arena, "a=\xff", "a"));
    const char *names[2];
    header = "p-b=1; q=2; p-a=3; p-=4; p-c=5";
    assert_int_equal(web_parse_cookie_names(cx.arena, header, "p-", names, 2), 2);
    assert_string_equal(names[0], "b");
    assert_string_equal(names[1], "a");
    assert_int_equal(web_parse_cookie_names(cx.arena, NULL, "p-", names, 2), 0);
    char *big = arena_alloc(cx.arena, WEB_MAX_COOKIES + 10);
    memset(big, 'x', WEB_MAX_COOKIES + 5);
    memcpy(big, "a=1;", 4);
    assert_null(web_parse_cookie(cx.arena, big, "a"));
}

static void test_language(void **state)
{
    (void)state;
    static const char *const codes[] = {"en", "de", NULL};
    static const struct {
        const char *header, *want;
    } rows[] = {{NULL, "en"},          {"", "en"},
                {"de", "de"},          {"de-AT,de;q=0.9,en;q=0.8", "de"},
                {"fr,de;q=0.5", "de"}, {"en;q=0.3, de;q=0.31", "de"},
                {"de;q=0", "en"},      {"DE", "de"},
                {"den", "en"},         {"de;q=abc,en;q=0.1", "en"},
                {"*", "en"},           {",,,;;;", "en"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(web_parse_language(rows[i].header, codes), rows[i].want);
}

static void test_local_path(void **state)
{
    (void)state;
    static const char *const good[] = {"/", "/a?b=c", "/course/2026w/x#y"};
    static const char *const bad[] = {"",         "a",     "//evil.example", "/\\evil",
                                      "http://x", "/a\nb", "/a b",           "/a\x7f"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(web_is_local_path(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(web_is_local_path(bad[i]));
    assert_false(web_is_local_path(NULL));
    assert_string_equal(web_encode(cx.arena, "a b&ü/~"), "a%20b%26%C3%BC%2F~");
}

static void test_csrf(void **state)
{
    (void)state;
    const char *token = csrf_token(cx.arena, "secret");
    assert_int_equal(strlen(token), 32);
    assert_true(csrf_check(cx.arena, "secret", token));
    assert_false(csrf_check(cx.arena, "other", token));
    assert_false(csrf_check(cx.arena, "secret", ""));
    assert_false(csrf_check(cx.arena, "secret", NULL));
    assert_false(csrf_check(cx.arena, NULL, token));
    assert_false(csrf_check(cx.arena, "", csrf_token(cx.arena, "")));

    const char *base = "https://lectern.example", *host = "127.0.0.1:8080";
    assert_true(csrf_origin_ok(NULL, NULL, base, host));
    assert_true(csrf_origin_ok(NULL, "same-origin", base, host));
    assert_false(csrf_origin_ok(NULL, "cross-site", base, host));
    assert_false(csrf_origin_ok(NULL, "same-site", base, host));
    assert_true(csrf_origin_ok("https://lectern.example", NULL, base, host));
    assert_true(csrf_origin_ok("http://127.0.0.1:8080", NULL, base, host));
    assert_false(csrf_origin_ok("http://127.0.0.1:80", NULL, base, host));
    assert_false(csrf_origin_ok("https://lectern.example.evil", NULL, base, host));
    assert_false(csrf_origin_ok("null", NULL, base, host));
    assert_false(csrf_origin_ok("http://", NULL, base, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cookie, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_local_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csrf, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("web_parse", tests, NULL, NULL);
}
