/* multipart/form-data: the events do not depend on the size of the pieces; everything malformed is
 * refused. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/proto/multipart.h"

struct seen {
    struct buf log;
    int stop_at; /* the event that says stop; 0: none */
    int events;
};

static bool on_begin(void *arg, const struct multipart_part *p)
{
    struct seen *s = arg;
    buf_printf(&s->log, "[%s|%s|%d:", p->name, p->file, p->is_file);
    return ++s->events != s->stop_at;
}

static bool on_data(void *arg, const char *p, size_t n)
{
    struct seen *s = arg;
    buf_add(&s->log, p, n);
    return true;
}

static bool on_end(void *arg)
{
    struct seen *s = arg;
    buf_str(&s->log, "]");
    return ++s->events != s->stop_at;
}

static enum rc parse(struct seen *s, const char *type, struct str body, size_t portion, bool *done)
{
    struct multipart m;
    const struct multipart_events events = {s, on_begin, on_data, on_end};
    buf_clear(&s->log);
    s->events = 0;
    enum rc rc = multipart_init(&m, str_of(type), &events);
    for (size_t at = 0; at < body.n && rc == RC_OK; at += portion)
        rc = multipart_feed(&m, body.p + at, body.n - at < portion ? body.n - at : portion);
    *done = rc == RC_OK && multipart_is_done(&m);
    return rc;
}

#define TYPE "multipart/form-data; boundary=AaB"
#define PART(name, data)                                                                                     \
    "--AaB\r\nContent-Disposition: form-data; name=\"" name "\"\r\nContent-Type: text/plain\r\n\r\n" data    \
    "\r\n"

static void test_every_portion(void **state)
{
    (void)state;
    const struct str body = STR("preamble\r\n" PART("a", "1\r2\r\n-\r\n--Aa\r\r\n--AaC") PART(
        "f\"; filename=\"x \\\"y\\\".mp4", "") PART("c", "\r\n\r\n") "--AaB--\r\nepilogue --AaB");
    struct seen s = {.stop_at = 0};
    bool done;
    buf_init(&s.log, 65536);
    for (size_t portion = 1; portion <= body.n; portion++) {
        assert_ok(parse(&s, TYPE, body, portion, &done));
        assert_true(done);
        assert_string_equal(s.log.p, "[a||0:1\r2\r\n-\r\n--Aa\r\r\n--AaC][f|x \"y\".mp4|1:][c||0:\r\n\r\n]");
    }
    buf_fini(&s.log);
}

static void test_types(void **state)
{
    (void)state;
    static const char *const good[] = {TYPE, "multipart/form-data;boundary=\"AaB\"",
                                       "Multipart/Form-Data; charset=x; Boundary=AaB"};
    static const char *const bad[] = {
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"AaB",
        "multipart/form-data; boundary=a\x01"
        "b",
        "multipart/form-data; boundary=\xc3\xa4",
        "multipart/form-data; "
        "boundary=01234567890123456789012345678901234567890123456789012345678901234567890"};
    struct seen s = {.stop_at = 0};
    bool done;
    buf_init(&s.log, 65536);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(parse(&s, good[i], STR(PART("a", "x") "--AaB--"), 7, &done));
        assert_true(done);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(parse(&s, bad[i], STR(PART("a", "x") "--AaB--"), 7, &done), RC_INVALID);
    buf_fini(&s.log);
}

static void test_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "--AaBx\r\n",
        "--AaB\r\n\r\nno name\r\n--AaB--",
        "--AaB\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--AaB--",
        "--AaB\r\nContent-Disposition: form-data; name=\"a\nb\"\r\n\r\nx\r\n--AaB--",
        "--AaB\r\nContent-Disposition: form-data; "
        "name=\"0123456789012345678901234567890123456789012345678901234567890123456789\"\r\n\r\n",
    };
    struct seen s = {.stop_at = 0};
    bool done;
    buf_init(&s.log, 65536);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(parse(&s, TYPE, str_of(bad[i]), 3, &done), RC_INVALID);

    assert_ok(parse(&s, TYPE, STR(PART("a", "cut off")), 100, &done));
    assert_false(done);
    assert_ok(parse(&s, TYPE, STR(""), 100, &done));
    assert_false(done);

    struct buf many; /* too many parts; a head without end */
    buf_init(&many, 1 << 20);
    for (int i = 0; i <= MULTIPART_MAX_PARTS; i++)
        buf_str(&many, PART("a", "x"));
    assert_rc(parse(&s, TYPE, buf_view(&many), 100, &done), RC_INVALID);
    buf_clear(&many);
    buf_str(&many, "--AaB\r\n");
    for (int i = 0; i <= MULTIPART_MAX_HEAD; i++)
        buf_str(&many, "x");
    assert_rc(parse(&s, TYPE, buf_view(&many), 100, &done), RC_INVALID);
    buf_fini(&many);
    for (s.stop_at = 1; s.stop_at <= 4; s.stop_at++)
        assert_rc(parse(&s, TYPE, STR(PART("a", "x") PART("b", "y") "--AaB--"), 5, &done), RC_INVALID);
    buf_fini(&s.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_portion),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_malformed),
    };
    return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
