/* lib/base/slug: names of the world as parts of addresses. */
#include "tests/unit/testing.h"

#include "lib/base/slug.h"

enum { LONG = 60 };

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

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *slug;
    } rows[] = {
        {"Algorithms 2", "algorithms-2"},
        {"Fakultät für Öffentliches Recht", "fakultaet-fuer-oeffentliches-recht"},
        {"Straße", "strasse"},
        {"ÀÉÎÕÛÝ Çñ ÿ", "aeiouy-cn-y"},
        {"Łódź, Čeština & Ğ", "lodz-cestina-g"},
        {"Œuvre, Ægir, Þór", "oeuvre-aegir-thor"},
        {"o\xCC\x88kologie", "okologie"}, /* an accent that stands alone */
        {"Women's and Men’s", "womens-and-mens"},
        {"  -- C++ / C# --  ", "c-c"},
        {"数学 1", "1"},
        {"Математика", ""},
        {"👩‍🏫", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *slug = slug_of(arena, str_of(rows[i].name), LONG);
        assert_string_equal(slug, rows[i].slug);
        assert_true(*slug == '\0' || str_is_slug(str_of(slug), LONG));
    }
}

static void long_names(void **state)
{
    (void)state;
    assert_string_equal(slug_of(arena, STR("one two three"), 13), "one-two-three");
    assert_string_equal(slug_of(arena, STR("one two three"), 12), "one-two");
    assert_string_equal(slug_of(arena, STR("one two three"), 7), "one-two");
    assert_string_equal(slug_of(arena, STR("one two three"), 4), "one");
    assert_string_equal(slug_of(arena, STR("Donaudampfschiff"), 5), "donau");
    assert_string_equal(slug_of(arena, STR("abä"), 3), "ab");
}

/* Bytes that are no character at their end are not read past it. */
static void cut_character(void **state)
{
    (void)state;
    for (size_t n = 1; n < 4; n++)
        slug_of(arena, (struct str){"\xF0\x9F\x8E\x93", n}, LONG);
    assert_string_equal(slug_of(arena, (struct str){"a\xC3", 2}, LONG), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(long_names),
        cmocka_unit_test(cut_character),
    };
    return cmocka_run_group_tests_name("slug", tests, setup, teardown);
}
