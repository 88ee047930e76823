/* AMF0: values as commands have them, what is refused, and the bounds. */
#include "tests/unit/testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/proto/amf0.h"

static void walking(void **state)
{
    (void)state;
    static const char bytes[] =
        "\x02\0\3abc"                                          /* "abc" */
        "\0\x3f\xf0\0\0\0\0\0\0"                               /* 1 */
        "\1\1"                                                 /* true */
        "\x05\x06"                                             /* null, undefined */
        "\x03\0\1a\x03\0\1b\x02\0\1c\0\0\x09\0\1d\x05\0\0\x09" /* {a: {b: "c"}, d: null} */
        "\x08\0\0\0\x09\0\1n\1\0\0\0\x09"                      /* ECMA, whose count is wrong: {n: false} */
        "\x0a\0\0\0\2\x05\x02\0\1z"                            /* [null, "z"] */
        "\x0b\x40\0\0\0\0\0\0\0\0\0"                           /* date 2 */
        "\x0c\0\0\0\1L";                                       /* long string */
    struct amf0 a = amf0_of((struct str){bytes, sizeof bytes - 1}), in;
    struct amf0_value v, w;
    struct str name;
    assert_true(amf0_next(&a, &v) && v.type == AMF0_STRING && str_eq(v.text, "abc"));
    assert_true(amf0_next(&a, &v) && v.type == AMF0_NUMBER && fpclassify(v.number - 1) == FP_ZERO);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_BOOLEAN && v.truth);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_NULL);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_UNDEFINED);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_OBJECT);
    assert_true(amf0_find(&v, "d", &w) && w.type == AMF0_NULL);
    assert_false(amf0_find(&v, "b", &w)); /* inside a, not here */
    assert_true(amf0_find(&v, "a", &w) && str_eq(amf0_find_text(&w, "b"), "c"));
    assert_true(amf0_find_text(&v, "a").n == 0 && amf0_find_text(&v, "none").n == 0);
    in = amf0_of(v.inside);
    assert_true(amf0_next_member(&in, &name, &w) && str_eq(name, "a") && w.type == AMF0_OBJECT);
    assert_true(amf0_next_member(&in, &name, &w) && str_eq(name, "d"));
    assert_false(amf0_next_member(&in, &name, &w) || amf0_is_bad(&in));
    assert_true(amf0_next(&a, &v) && v.type == AMF0_OBJECT && amf0_find(&v, "n", &w) && !w.truth);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_ARRAY);
    assert_false(amf0_find(&v, "z", &w));
    in = amf0_of(v.inside);
    assert_true(amf0_next(&in, &w) && amf0_next(&in, &w) && str_eq(w.text, "z"));
    assert_false(amf0_next(&in, &w) || amf0_is_bad(&in));
    assert_true(amf0_next(&a, &v) && v.type == AMF0_DATE && fpclassify(v.number - 2) == FP_ZERO);
    assert_true(amf0_next(&a, &v) && v.type == AMF0_STRING && str_eq(v.text, "L"));
    assert_false(amf0_next(&a, &v) || amf0_is_bad(&a));
    for (size_t n = 0; n < sizeof bytes - 1;
         n++) { /* cut anywhere: it ends, and reads nothing behind its end */
        char *cut = malloc(n + 1);
        memcpy(cut, bytes, n);
        a = amf0_of((struct str){cut, n});
        while (amf0_next(&a, &v))
            ;
        free(cut);
    }
}

static void refused(void **state)
{
    (void)state;
    const struct str bad[] = {
        STR("\x07\0\0"),                 /* reference */
        STR("\x10\0\1T\0\0\x09"),        /* typed object */
        STR("\x0f\0\0\0\0"),             /* XML */
        STR("\x11\1"),                   /* AMF3 */
        STR("\x09"),                     /* an end without an object */
        STR("\x02\0\4abc"),              /* string cut */
        STR("\x0c\xff\xff\xff\xffx"),    /* long string longer than everything */
        STR("\x0a\xff\xff\xff\xff\5\5"), /* array of 2^32 - 1 */
        STR("\x03\0\1a"),                /* no value */
        STR("\x03\0\1a\5"),              /* no end */
        STR("\x03\0\1a\5\0\0"),
        STR("\x03\0\1a\x07\0\0\0\0\x09"), /* reference inside */
        STR("\x0a\0\0\0\2\5"),            /* an element too few */
        STR("\x0a\3\0"),                  /* a count that is cut */
        STR("\x0a\0\0\0\1\x0a\3\0"),
        STR("\0\0\0\0"),
        STR("\1"),
        STR("\x0b\0\0\0\0\0\0\0\0\0"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct amf0 a = amf0_of(bad[i]);
        struct amf0_value v = {.type = AMF0_DATE, .number = 7};
        assert_false(amf0_next(&a, &v));
        assert_true(amf0_is_bad(&a) && v.type == AMF0_DATE); /* untouched */
        assert_false(amf0_next(&a, &v));
    }
}

/* `depth` objects or arrays inside each other, all of them closed. */
static bool nests(int depth, bool arrays)
{
    struct buf b;
    struct amf0_value v;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < depth; i++)
        if (arrays)
            buf_add(&b, "\x0a\0\0\0\1", 5);
        else {
            amf0_put_object(&b);
            amf0_put_name(&b, "x");
        }
    amf0_put_null(&b);
    for (int i = 0; i < depth && !arrays; i++)
        amf0_put_end(&b);
    struct amf0 a = amf0_of(buf_view(&b));
    bool right = amf0_next(&a, &v) && a.in.n == 0;
    assert_true(right || (amf0_is_bad(&a) && a.values <= AMF0_DEPTH_MAX + 1)); /* given up early */
    buf_fini(&b);
    return right;
}

static void bounds(void **state)
{
    (void)state;
    for (int arrays = 0; arrays < 2; arrays++) {
        assert_true(nests(AMF0_DEPTH_MAX, arrays));
        assert_false(nests(AMF0_DEPTH_MAX + 1, arrays));
        assert_false(nests(10000, arrays));
    }
    char many[AMF0_VALUES_MAX + 1];
    struct amf0_value v;
    memset(many, 5, sizeof many);
    struct amf0 a = amf0_of((struct str){many, sizeof many});
    int n = 0;
    while (amf0_next(&a, &v))
        n++;
    assert_true(n == AMF0_VALUES_MAX && amf0_is_bad(&a));
}

static void writing(void **state)
{
    (void)state;
    static char lengthy[AMF0_NAME_MAX + 2];
    struct buf b;
    struct amf0_value v, w;
    memset(lengthy, 'x', sizeof lengthy - 1);
    buf_init(&b, 1 << 20);
    amf0_put_number(&b, -1.5);
    buf_add(&b, "\1\1", 2);
    amf0_put_text(&b, STR("x\0y"));
    amf0_put_text(&b, str_of(lengthy));
    amf0_put_undefined(&b);
    buf_add(&b, "\x08\0\0\0\2", 5);
    amf0_put_member_text(&b, "code", STR("ok"));
    amf0_put_member_number(&b, "n", 1e300);
    amf0_put_end(&b);
    struct amf0 a = amf0_of(buf_view(&b));
    assert_true(amf0_next(&a, &v) && fpclassify(v.number + 1.5) == FP_ZERO);
    assert_true(amf0_next(&a, &v) && v.truth);
    assert_true(amf0_next(&a, &v) && v.text.n == 3 && memcmp(v.text.p, "x\0y", 3) == 0);
    assert_true(amf0_next(&a, &v) && v.text.n == AMF0_NAME_MAX + 1 && str_eq(v.text, lengthy));
    assert_true(amf0_next(&a, &v) && v.type == AMF0_UNDEFINED);
    assert_true(amf0_next(&a, &v) && str_eq(amf0_find_text(&v, "code"), "ok"));
    assert_true(amf0_find(&v, "n", &w) && w.number > 9e299 && a.in.n == 0);
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walking),
        cmocka_unit_test(refused),
        cmocka_unit_test(bounds),
        cmocka_unit_test(writing),
    };
    return cmocka_run_group_tests_name("amf0", tests, NULL, NULL);
}
