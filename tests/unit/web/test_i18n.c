/* How each language writes dates, numbers, sizes; plurals; and that templates and Markdown are safe. */
#include "tests/unit/testing.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/os/file.h"
#include "lib/web/i18n.h"
#include "lib/web/parse.h"
#include "lib/web/plural.h"
#include "lib/web/view.h"
#include "lib/wire/words.h"

static struct cx cx;
static struct i18n *en, *de;
static const struct zone *berlin, *lisbon, *new_york, *utc;

static int64_t at(const char *iso)
{
    int64_t ms = 0;
    assert_true(clock_parse_iso(iso, &ms));
    return ms;
}

static void test_dates(void **state)
{
    (void)state;
    struct arena *a = cx.arena;
    int64_t now = at("2026-11-20T12:00:00Z"), from = at("2026-11-24T09:15:00Z"),
            to = at("2026-11-24T10:45:00Z");
    assert_string_equal(i18n_period(a, en, berlin, from, to, now), "Tue 24 Nov, 10:15–11:45");
    assert_string_equal(i18n_period(a, de, berlin, from, to, now), "Di 24. Nov., 10:15–11:45");
    assert_string_equal(i18n_period(a, en, berlin, from, NO_TIME, now), "Tue 24 Nov, 10:15");
    assert_string_equal(i18n_period(a, en, berlin, NO_TIME, to, now), "");
    assert_string_equal(
        i18n_period(a, de, berlin, at("2025-03-30T00:30:00Z"), at("2025-03-30T01:30:00Z"), now),
        "So 30. März 2025, 01:30–03:30");
    assert_string_equal(
        i18n_period(a, en, berlin, at("2026-12-31T22:00:00Z"), at("2026-12-31T23:30:00Z"), now),
        "Thu 31 Dec, 23:00 – Fri 1 Jan 2027, 00:30");
    assert_string_equal(i18n_month(a, de, berlin, from), "November 2026");
    assert_string_equal(i18n_month(a, en, berlin, at("2026-02-28T23:30:00Z")), "March 2026");
}

static void test_local(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_true(i18n_parse_local(berlin, "2026-11-24T10:15", &ms));
    assert_int_equal(ms, at("2026-11-24T09:15:00Z"));
    assert_string_equal(i18n_local(cx.arena, berlin, ms), "2026-11-24T10:15");
    assert_true(i18n_parse_local(berlin, "2026-07-01 10:15:30", &ms));
    assert_int_equal(ms, at("2026-07-01T08:15:30Z"));
    assert_true(i18n_parse_local(berlin, "2026-03-29T02:30", &ms)); /* does not exist */
    assert_int_equal(ms, at("2026-03-29T01:30:00Z"));
    assert_string_equal(i18n_local(cx.arena, berlin, NO_TIME), "");
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-06-01",
                                      "2026-13-01T10:00",
                                      "2026-06-31T10:00",
                                      "2026-06-01T24:00",
                                      "2026-06-01T10:60",
                                      "-026-06-01T10:00",
                                      "2026-06-01T10:00Z",
                                      "2026-06-0aT10:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(i18n_parse_local(berlin, bad[i], &ms));
}

/* One moment in several zones, and back again. */
static void test_zones(void **state)
{
    (void)state;
    struct arena *a = cx.arena;
    int64_t now = at("2026-11-20T12:00:00Z"), from = at("2026-11-30T23:30:00Z"), ms = 0;
    assert_string_equal(i18n_period(a, en, lisbon, from, NO_TIME, now), "Mon 30 Nov, 23:30");
    assert_string_equal(i18n_period(a, en, berlin, from, NO_TIME, now), "Tue 1 Dec, 00:30");
    assert_string_equal(i18n_month(a, en, lisbon, from), "November 2026");
    assert_string_equal(i18n_month(a, en, berlin, from), "December 2026");
    assert_string_equal(i18n_local(a, new_york, from), "2026-11-30T18:30");
    assert_true(i18n_parse_local(new_york, "2026-11-30T18:30", &ms));
    assert_int_equal(ms, from);
    assert_string_equal(i18n_city(a, new_york), "New York");
    assert_string_equal(i18n_city(a, utc), "UTC");
    assert_string_equal(i18n_local(a, berlin, from), "2026-12-01T00:30");
}

static void test_numbers(void **state)
{
    (void)state;
    struct arena *a = cx.arena;
    assert_string_equal(i18n_number(a, en, 0), "0");
    assert_string_equal(i18n_number(a, en, 999), "999");
    assert_string_equal(i18n_number(a, en, 12345), "12,345");
    assert_string_equal(i18n_number(a, de, 1234567), "1.234.567");
    assert_string_equal(i18n_number(a, en, -123), "-123");
    assert_string_equal(i18n_number(a, en, -123456), "-123,456");
    assert_string_equal(i18n_size(a, en, 0), "0.0 MB");
    assert_string_equal(i18n_size(a, en, 1), "0.1 MB");
    assert_string_equal(i18n_size(a, de, 2700000000), "2,7 GB");
    assert_string_equal(i18n_size(a, en, 41200000), "41 MB");
    assert_string_equal(i18n_size(a, en, 53687091200), "54 GB");
    assert_string_equal(i18n_size(a, en, 999900000), "1.0 GB");
    assert_string_equal(i18n_duration(a, 5283), "1:28:03");
    assert_string_equal(i18n_duration(a, 59), "0:59");
    assert_string_equal(i18n_duration(a, 90), "1:30");
    assert_string_equal(i18n_duration(a, 3599), "59:59");
    assert_string_equal(i18n_duration(a, 3600), "1:00:00");
    assert_string_equal(i18n_span(a, en, 10), "less than a minute");
    assert_string_equal(i18n_span(a, de, 180), "etwa 3 min");
    assert_string_equal(i18n_span(a, en, 4830), "about 1 h 21 min");
}

static void test_plurals(void **state)
{
    (void)state;
    struct arena *a = cx.arena;
    assert_string_equal(i18n_count(a, en, "Course.lectures", 0), "No lecture yet");
    assert_string_equal(i18n_count(a, en, "Course.lectures", 1), "1 lecture");
    assert_string_equal(i18n_count(a, de, "Course.lectures", 1200), "1.200 Vorlesungen");
    assert_string_equal(i18n_fill(a, en, "Flash.course_saved", "what", "{n} <x>", NULL),
                        "“{n} <x>” is saved.");
    assert_string_equal(i18n_text(en, "No.such_key"), "No.such_key");
    assert_null(i18n_find(en, "No.such_key"));
}

static void assert_form(const char *rule, int64_t n, const char *want)
{
    struct str form;
    assert_true(plural_form(rule, n, &form));
    assert_true(str_eq(form, want));
}

static void test_plural_rules(void **state)
{
    (void)state;
    static const char polish[] =
        "n == 1 ? one : n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14) ? few : many",
                      french[] = "n<2?one:other", chinese[] = "other";
    assert_form(polish, 1, "one");
    assert_form(polish, 3, "few");
    assert_form(polish, 5, "many");
    assert_form(polish, 13, "many");
    assert_form(polish, 0, "many");
    assert_form(polish, 1022, "few");
    assert_form(french, 0, "one");
    assert_form(french, 2, "other");
    assert_form(chinese, 1, "other");
    assert_form("n != 1 || n > 5 && 0 ? a : b", 1, "b");
    assert_form("(n == 1) == 1 ? a : n >= 7 ? b : c", 7, "b");
    static const char *const bad[] = {"",
                                      "n",
                                      "1",
                                      "n == 1 ? one",
                                      "n == ? a : b",
                                      "a b",
                                      "a ? b : c",
                                      "n % 0 ? a : b",
                                      "a == 1 ? a : b",
                                      "(n == 1 ? a : b",
                                      "n = 1 ? a : b",
                                      "n ? 1 : b",
                                      "A",
                                      "n+1 ? a : b"};
    struct str form;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(plural_form(bad[i], 1, &form));
    assert_false(plural_form(polish, -1, &form));
    char deep[PLURAL_RULE_MAX + 2];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_false(plural_form(deep, 1, &form));
    assert_false(plural_form(deep + 1, 1, &form));
}

static void test_markdown(void **state)
{
    (void)state;
    const char *html =
        view_markdown(cx.arena, "*a* <script>alert(1)</script> [x](javascript:alert(1)) "
                                "[y](https://example.org) ![z](data:text/html,x)\n\n<div onclick=x>\n");
    assert_non_null(strstr(html, "<em>a</em>"));
    assert_non_null(strstr(html, "href=\"https://example.org\""));
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "javascript:"));
    assert_null(strstr(html, "onclick"));
    assert_null(strstr(html, "data:text"));
}

/* ClearSilver 0.10.5 loses 32 bytes at each template that it cannot parse; a start that fails ends anyway. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:cs_parse_string";
}

static const char *in_dir(const char *dir, const char *name)
{
    return arena_printf(cx.arena, "%s/%s", dir, name);
}

static void write_template(const char *dir, const char *name, const char *text)
{
    assert_int_equal(file_write(&cx, in_dir(dir, name), str_of(text), 0644), RC_OK);
}

/* Every template of the folder is a page, but for pieces; one that is wrong stops the start. */
static void test_pages_of_a_folder(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } bad[] = {{"broken.cs", "<?cs if:A ?>"},
               {"sneaky.cs", "<?cs include:\"../lang/en.cs\" ?>"},
               {"missing.cs", "<?cs include:\"_none.cs\" ?>"},
               {"odd-name.cs", "text"}};
    char dir[] = "/tmp/lectern-view-XXXXXX";
    struct view *view = NULL;
    struct buf out;
    buf_init(&out, 1024);
    struct view_node *values = view_tree(cx.arena);
    view_set(values, "A", "<b>");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(view_open(&cx, dir, &view), RC_NOTFOUND); /* no catalogues */
    assert_int_equal(symlink(TEST_SRCDIR "/templates/lang", in_dir(dir, "lang")), 0);
    write_template(dir, "_piece.cs", "<?cs call:later() ?>"); /* alone it is wrong */
    assert_int_equal(view_open(&cx, dir, &view), RC_NOTFOUND);
    write_template(dir, "hello.cs",
                   "<?cs def:later() ?><?cs var:A ?>.<?cs /def ?><?cs include:\"_piece.cs\" ?>");
    write_template(dir, "notes.txt", "<?cs if:A ?>");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_template(dir, bad[i].name, bad[i].text);
        assert_int_equal(view_open(&cx, dir, &view), RC_INTERNAL);
        assert_null(view);
        assert_int_equal(unlink(in_dir(dir, bad[i].name)), 0);
    }
    assert_int_equal(view_open(&cx, dir, &view), RC_OK);
    assert_int_equal(view_render(&cx, view, "hello", en, values, &out), RC_OK);
    assert_string_equal(out.p, "&lt;b&gt;.");
    assert_int_equal(view_render(&cx, view, "_piece", en, values, &out), RC_INTERNAL);
    assert_int_equal(view_render(&cx, view, "nosuchpage", en, values, &out), RC_INTERNAL);
    view_close(view);
    buf_fini(&out);
    assert_int_equal(file_remove_tree(&cx, dir), RC_OK);
}

/* Whatever a node says that went wrong, lecturers read why. */
static void test_failures(void **state)
{
    (void)state;
    for (int f = 0; f < FAILURE_COUNT; f++) {
        const char *key = arena_printf(cx.arena, "Err.%s", wire_failure((enum failure)f)->key);
        if (!i18n_find(en, key) || !i18n_find(de, key))
            fail_msg("no sentence %s", key);
    }
}

/* A language is a folder: English, but for what the last catalogue says otherwise. */
static void make_language(const char *dir, const char *code, const char *own)
{
    static const char *const rooms[] = {"account", "base",   "errors", "schedule",
                                        "start",   "states", "teach",  "watch"};
    const char *folder = arena_printf(cx.arena, "%s/lang/%s", dir, code);
    assert_int_equal(file_mkdirs(&cx, folder, 0755), RC_OK);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        const char *room = arena_printf(cx.arena, "%s.hdf", rooms[i]);
        assert_int_equal(
            symlink(arena_printf(cx.arena, TEST_SRCDIR "/templates/lang/en/%s", room), in_dir(folder, room)),
            0);
    }
    write_template(folder, "zz.hdf", own);
}

static void test_third_language(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Language.name = Polski\nFormat.plural = n == 1 ? one\n",
                                        "no pair of name and value\n"};
    static const char own[] = "Language.name = Polski\n"
                              "Format.plural = n == 1 ? one : n < 5 ? few : many\n"
                              "Format.thousands = \xc2\xa0\n"
                              "Format.date = {day} {month} ({weekday})\n"
                              "Format.month.10 = lis\n"
                              "Format.period = {date} od {from} do {to}\n"
                              "Format.gigabytes = {n} Gb\n"
                              "Course.lectures.few = {n} wyklady\n"
                              "Course.lectures.many = {n} wykladow\n";
    char dir[] = "/tmp/lectern-view-XXXXXX";
    struct view *view = NULL;
    struct arena *a = cx.arena;
    assert_non_null(mkdtemp(dir));
    write_template(dir, "hello.cs", "<?cs var:Lang ?>");
    make_language(dir, "pl", own);
    assert_int_equal(view_open(&cx, dir, &view), RC_NOTFOUND); /* English must be there */
    make_language(dir, "en", "");
    write_template(dir, "lang/de.hdf", "not a folder, of an older version");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_template(dir, "lang/pl/zz.hdf", wrong[i]);
        assert_int_equal(view_open(&cx, dir, &view), RC_INTERNAL);
    }
    write_template(dir, "lang/pl/zz.hdf", own);
    make_language(dir, "ab", "");
    assert_int_equal(view_open(&cx, dir, &view), RC_OK);
    const char *const *codes = view_codes(view);
    assert_string_equal(codes[0], "en");
    assert_string_equal(codes[1], "ab");
    assert_string_equal(codes[2], "pl");
    assert_null(codes[3]);
    assert_true(view_has_language(view, "pl"));
    assert_false(view_has_language(view, "de"));
    assert_string_equal(i18n_code(view_language(view, "de")), "en");
    assert_string_equal(web_parse_language("pl-PL,en;q=0.5", codes), "pl");
    const struct i18n *pl = view_language(view, "pl");
    assert_string_equal(i18n_name(pl), "Polski");
    assert_string_equal(i18n_count(a, pl, "Course.lectures", 1), "1 lecture");
    assert_string_equal(i18n_count(a, pl, "Course.lectures", 3), "3 wyklady");
    assert_string_equal(i18n_count(a, pl, "Course.lectures", 12345), "12\xc2\xa0"
                                                                     "345 wykladow");
    assert_string_equal(i18n_size(a, pl, 2700000000), "2.7 Gb");
    int64_t from = at("2026-11-24T09:15:00Z");
    assert_string_equal(i18n_period(a, pl, berlin, from, from + 5400000, from),
                        "24 lis (Tue) od 10:15 do 11:45");
    view_close(view);
    assert_int_equal(file_remove_tree(&cx, dir), RC_OK);
}

static int set_up(void **state)
{
    (void)state;
    cx_init(&cx);
    if (!zone_open(cx.arena, "Europe/Berlin", &berlin) || !zone_open(cx.arena, "Europe/Lisbon", &lisbon) ||
        !zone_open(cx.arena, "America/New_York", &new_york) || !zone_open(cx.arena, "UTC", &utc))
        return 1;
    return i18n_load(&cx, TEST_SRCDIR "/templates/lang", "en", &en) ||
           i18n_load(&cx, TEST_SRCDIR "/templates/lang", "de", &de);
}

static int tear_down(void **state)
{
    (void)state;
    i18n_free(en);
    i18n_free(de);
    cx_fini(&cx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_plurals),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_pages_of_a_folder),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_plural_rules),
        cmocka_unit_test(test_third_language),
    };
    return cmocka_run_group_tests_name("web_i18n", tests, set_up, tear_down);
}
