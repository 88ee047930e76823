/* A form with a file: its fields are pairs, the file is bytes or too big, and everything malformed is refused. */
#include "tests/unit/testing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/web/file.h"

static struct cx cx;
static struct web_pairs form;
static struct web_file file;

#define TYPE               "multipart/form-data; boundary=AaB"
#define FIELD(name, value) "--AaB\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, of, value)                                                                           \
    "--AaB\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" of                             \
    "\"\r\nContent-Type: text/html\r\n\r\n" value "\r\n"
#define END "--AaB--\r\n"

static enum rc parse_bytes(struct str body)
{
    cx_reset(&cx);
    form = (struct web_pairs){0};
    file = (struct web_file){0};
    return web_parse_file(&cx, str_of(TYPE), body, &form, &file);
}

static enum rc parse(const char *body)
{
    return parse_bytes(str_of(body));
}

static void fields_and_the_first_file(void **state)
{
    (void)state;
    assert_int_equal(parse(FIELD("csrf", "token") FILE_PART("logo", "a.png", "\x89PNG \xff\r\n--Aa")
                               FILE_PART("other", "b", "second") FIELD("n", "ü") FIELD("empty", "") END),
                     RC_OK);
    assert_int_equal(form.n, 3);
    assert_string_equal(web_pairs_get(&form, "csrf"), "token");
    assert_string_equal(web_pairs_get(&form, "n"), "ü");
    assert_string_equal(web_pairs_get(&form, "empty"), "");
    assert_string_equal(file.field, "logo");
    assert_false(file.too_big);
    assert_int_equal(file.bytes.n, 12);
    assert_memory_equal(file.bytes.p, "\x89PNG \xff\r\n--Aa", 12);
    assert_int_equal(parse(FIELD("csrf", "token") FILE_PART("logo", "", "") END), RC_OK);
    assert_null(file.field); /* nothing was chosen */
}

static void a_file_may_be_too_big_a_field_may_not(void **state)
{
    (void)state;
    static const char head[] =
        FIELD("csrf", "token") "--AaB\r\nContent-Disposition: form-data; name=\"logo\"";
    static const char named[] = "; filename=\"a\"\r\n\r\n", plain[] = "\r\n\r\n", end[] = "\r\n" END;
    enum { MORE = WEB_MAX_FILE + 1 };
    char *body = mem_alloc(MORE + 500);
    for (int i = 0; i < 2; i++) {
        const char *middle = i == 0 ? named : plain;
        size_t n = strlen(head), m = strlen(middle);
        memcpy(body, head, n);
        memcpy(body + n, middle, m);
        memset(body + n + m, 'x', MORE);
        memcpy(body + n + m + MORE, end, sizeof end - 1);
        enum rc rc = parse_bytes((struct str){body, n + m + MORE + sizeof end - 1});
        assert_int_equal(rc, i == 0 ? RC_OK : RC_INVALID);
        assert_true(i == 1 || (file.too_big && file.bytes.n == 0));
        assert_true(i == 1 || strcmp(web_pairs_get(&form, "csrf"), "token") == 0);
    }
    free(body);
}

static void anything_malformed_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        FIELD("a", "b"),
        FIELD("a", "\xff") END,
        FIELD("\xff", "b") END,
        "--AaB\r\nContent-Disposition: form-data\r\n\r\nx\r\n" END,
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(parse(bad[i]), RC_INVALID);
        assert_string_equal(cx.err.key, "bad_request");
        assert_null(file.field);
    }
    static const char nul[] = FIELD("a", "b\0c") END;
    assert_int_equal(parse_bytes((struct str){nul, sizeof nul - 1}), RC_INVALID);
    cx_reset(&cx);
    assert_int_equal(web_parse_file(&cx, str_of("multipart/form-data"), STR(END), &form, &file), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_the_first_file),
        cmocka_unit_test(a_file_may_be_too_big_a_field_may_not),
        cmocka_unit_test(anything_malformed_is_refused),
    };
    cx_init(&cx);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cx_fini(&cx);
    return failed;
}
