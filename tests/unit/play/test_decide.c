/* The decision about media: every way in which address, file, method and grant can disagree. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/play/cache.h"
#include "lib/play/decide.h"

#define ROOT          "/var/lib/lectern/store"
#define FILE_OF(path) ROOT "/media/" path
#define GOOD          "lecture00001/g2/CAM/v720.mp4"

static const struct grant grant = {.lecture = "lecture00001", .gmin = 2, .gmax = 3, .views = 1};

static bool allow(const char *method, const char *path, const char *file)
{
    return decide_allow(method, str_of(path), file, ROOT, &grant);
}

static void test_split(void **state)
{
    (void)state;
    struct str token, path;
    assert_true(decide_split("/m/tok/" GOOD "?a=/b", &token, &path));
    assert_true(str_eq(token, "tok"));
    assert_true(str_eq(path, GOOD));
    static const char *const bad[] = {
        "",        "/",        "/m/",           "/m//x",           "/m/tok", "/m/tok/", "/media/" GOOD,
        "m/tok/x", "/M/tok/x", "/m/tok?/" GOOD, "http://h/m/tok/x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decide_split(bad[i], &token, &path));
}

static void test_allow(void **state)
{
    (void)state;
    assert_true(allow("GET", GOOD, FILE_OF(GOOD)));
    assert_true(allow("HEAD", GOOD, FILE_OF(GOOD)));
    assert_true(allow("GET", "lecture00001/g3/CAM/sub/x.vtt", FILE_OF("lecture00001/g3/CAM/sub/x.vtt")));
    assert_true(decide_allow("GET", STR(GOOD), FILE_OF(GOOD), ROOT "/", &grant));
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "get", "", "GETX"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        assert_false(allow(methods[i], GOOD, FILE_OF(GOOD)));
}

static void test_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {"lecture00002/g2/CAM/v720.mp4",
                                      "lecture00001/g1/CAM/v720.mp4",
                                      "lecture00001/g4/CAM/v720.mp4",
                                      "lecture00001/g2/PRES/v720.mp4",
                                      "lecture00001/g2/cam/v720.mp4",
                                      "lecture00001/g02x/CAM/v720.mp4",
                                      "lecture00001/g/CAM/v720.mp4",
                                      "lecture00001/x2/CAM/v720.mp4",
                                      "lecture00001/g2/CAM/",
                                      "lecture00001/g2/CAM",
                                      "lecture00001/g2/CAM/download.mp4",
                                      "lecture00001/g2/CAM/../PRES/v720.mp4",
                                      "lecture00001/g2/CAM/.hidden",
                                      "lecture00001/g2//CAM/v720.mp4",
                                      "lecture00001/g99999999999999999999/CAM/v720.mp4",
                                      ""};
    char file[512];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(file, sizeof file, FILE_OF("%s"), bad[i]);
        assert_false(allow("GET", bad[i], file));
    }
    struct grant dl = grant;
    dl.download = true;
    assert_true(decide_allow("GET", STR("lecture00001/g2/CAM/download.mp4"),
                             FILE_OF("lecture00001/g2/CAM/download.mp4"), ROOT, &dl));
}

static void test_disagreement(void **state)
{
    (void)state;
    assert_false(allow("GET", GOOD, FILE_OF("lecture00002/g2/CAM/v720.mp4")));
    assert_false(allow("GET", "lecture00001/%2e%2e/" GOOD, FILE_OF(GOOD)));
    assert_false(allow("GET", "lecture00001/../" GOOD, FILE_OF(GOOD)));
    assert_false(allow("GET", "lecture00001%2fg2/CAM/v720.mp4", FILE_OF(GOOD)));
    assert_false(allow("GET", GOOD, ROOT "/" GOOD));
    assert_false(allow("GET", GOOD, ROOT "x/media/" GOOD));
    assert_false(allow("GET", GOOD, "/etc/passwd"));
    assert_false(allow("GET", GOOD, ""));
    assert_false(decide_allow("GET", STR(GOOD), "/media/" GOOD, "", &grant));
    assert_false(decide_allow("GET", STR(GOOD), "/media/" GOOD, "/", &grant));
}

static void test_cache(void **state)
{
    (void)state;
    struct cache *c = cache_new(256);
    char big[2000];
    memset(big, 'x', sizeof big);
    assert_null(cache_find(c, STR("tok"), 100));
    cache_keep(c, STR("tok"), &grant, 130, 100);
    assert_string_equal(cache_find(c, STR("tok"), 129)->lecture, "lecture00001");
    assert_null(cache_find(c, STR("tok"), 130)); /* expired */
    assert_null(cache_find(c, STR("tol"), 101));
    assert_null(cache_find(c, STR("tokx"), 101));
    cache_keep(c, STR("tok"), &grant, 100000, 100);
    assert_non_null(cache_find(c, STR("tok"), 159));
    assert_null(cache_find(c, STR("tok"), 160)); /* verified again after a minute */
    cache_keep(c, (struct str){big, sizeof big}, &grant, 100000, 100);
    assert_null(cache_find(c, (struct str){big, sizeof big}, 101));
    cache_keep(c, STR(""), &grant, 100000, 100);
    assert_null(cache_find(c, STR(""), 101));
    cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split), cmocka_unit_test(test_allow),        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_cache), cmocka_unit_test(test_disagreement),
    };
    return cmocka_run_group_tests_name("play", tests, NULL, NULL);
}
