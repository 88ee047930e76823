/* Wall clock and UTC: against the C library over all of the tz database, and what one rule decides: the hour that never
 * comes, the hour that comes twice, midnight. */
#include "tests/unit/testing.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/zone.h"

static struct arena *arena;

static const struct zone *zone(const char *name)
{
    const struct zone *z = NULL;
    assert_true(zone_open(arena, name, &z));
    assert_string_equal(zone_name(z), name);
    return z;
}

/* Local time to UTC as RFC 3339 writes it, without milliseconds. */
static const char *utc_of(const char *name, const char *local)
{
    static char iso[CLOCK_ISO_SIZE];
    struct wall w;
    assert_true(wall_parse(str_of(local), &w));
    clock_iso(zone_utc(zone(name), &w), iso);
    iso[19] = '\0';
    return iso;
}

static const char *local_of(const char *name, const char *utc)
{
    int64_t ms;
    assert_true(clock_parse_iso(utc, &ms));
    struct wall w = zone_wall(zone(name), ms);
    return wall_text(arena, &w);
}

static void test_gap(void **state)
{
    (void)state;
    assert_string_equal(utc_of("Europe/Berlin", "2026-03-29T01:59"), "2026-03-29T00:59:00");
    assert_string_equal(utc_of("Europe/Berlin", "2026-03-29T02:00"), "2026-03-29T01:00:00"); /* 03:00 */
    assert_string_equal(utc_of("Europe/Berlin", "2026-03-29T02:30"), "2026-03-29T01:30:00"); /* 03:30 */
    assert_string_equal(utc_of("Europe/Berlin", "2026-03-29T03:00"), "2026-03-29T01:00:00");
    assert_string_equal(local_of("Europe/Berlin", "2026-03-29T00:59:59Z"), "2026-03-29T01:59");
    assert_string_equal(local_of("Europe/Berlin", "2026-03-29T01:00:00Z"), "2026-03-29T03:00");
    assert_string_equal(utc_of("Australia/Lord_Howe", "2026-10-04T02:15"),
                        "2026-10-03T15:45:00");                                             /* half an hour */
    assert_string_equal(utc_of("Pacific/Apia", "2011-12-30T12:00"), "2011-12-30T22:00:00"); /* a whole day */
    assert_string_equal(utc_of("Europe/Berlin", "2060-03-28T02:30"), "2060-03-28T01:30:00"); /* by the rule */
}

static void test_fold(void **state)
{
    (void)state;
    assert_string_equal(utc_of("Europe/Berlin", "2026-10-25T01:59"), "2026-10-24T23:59:00");
    assert_string_equal(utc_of("Europe/Berlin", "2026-10-25T02:00"),
                        "2026-10-25T00:00:00"); /* the first of two */
    assert_string_equal(utc_of("Europe/Berlin", "2026-10-25T02:59"), "2026-10-25T00:59:00");
    assert_string_equal(utc_of("Europe/Berlin", "2026-10-25T03:00"), "2026-10-25T02:00:00");
    assert_string_equal(local_of("Europe/Berlin", "2026-10-25T00:30:00Z"), "2026-10-25T02:30");
    assert_string_equal(local_of("Europe/Berlin", "2026-10-25T01:30:00Z"), "2026-10-25T02:30");
    assert_string_equal(utc_of("America/New_York", "2026-11-01T01:30"), "2026-11-01T05:30:00");
    assert_string_equal(utc_of("America/Sao_Paulo", "2018-02-17T23:30"), "2018-02-18T01:30:00");
}

static void test_midnight(void **state)
{
    (void)state;
    assert_string_equal(utc_of("Europe/Berlin", "2026-11-24"), "2026-11-23T23:00:00");
    assert_string_equal(local_of("Europe/Berlin", "2026-11-23T23:00:00Z"), "2026-11-24T00:00");
    assert_string_equal(local_of("Europe/Berlin", "2026-11-23T22:59:59Z"), "2026-11-23T23:59");
    assert_string_equal(utc_of("America/Sao_Paulo", "2018-11-04T00:00"), "2018-11-04T03:00:00"); /* 01:00 */
    assert_string_equal(utc_of("Asia/Kathmandu", "2026-01-01T00:00"), "2025-12-31T18:15:00");
    assert_string_equal(utc_of("UTC", "2024-02-29T23:59:59"), "2024-02-29T23:59:59");
}

/* A series adds days to a date; the clock on the wall stays. */
static void test_days(void **state)
{
    (void)state;
    struct wall w;
    assert_true(wall_parse(STR("2026-10-20T10:15"), &w));
    assert_int_equal(w.weekday, 2);
    w.day += 14;
    assert_int_equal(zone_utc(zone("Europe/Berlin"), &w), INT64_C(1793697300000)); /* 2026-11-03T09:15Z */
    for (int64_t day = -800000; day < 2900000; day += 997) {
        struct wall d = wall_of_day(day);
        assert_int_equal(wall_day(&d), day < -719161 ? wall_day(&d) : day);
        assert_in_range(d.month, 1, 12);
    }
    w = wall_of_day(0);
    assert_string_equal(wall_text(arena, &w), "1970-01-01T00:00");
    assert_int_equal(w.weekday, 4);
    w = wall_of_day(INT64_MAX / 86400 / 2);
    assert_int_equal(w.year, 9999);
    w = zone_wall(zone("Europe/Berlin"), NO_TIME);
    assert_int_equal(w.year, 1);
}

static void test_text(void **state)
{
    (void)state;
    struct wall w = {.hour = 7};
    static const char *const bad[] = {"",
                                      "2026-1-01",
                                      "2026-02-29",
                                      "2026-00-01",
                                      "2026-11-24T",
                                      "2026-11-24T10:1",
                                      "2026-11-24T24:00",
                                      "2026-11-24x10:15",
                                      "-026-11-24",
                                      "2026-11-24T1-:15",
                                      "2026-11-24T10:15Z",
                                      "1969-12-31"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (wall_parse(str_of(bad[i]), &w))
            fail_msg("%s", bad[i]);
    assert_false(wall_parse_time(STR("1015"), &w));
    assert_false(wall_parse_time(STR("10:60"), &w));
    assert_false(wall_parse_time(STR("10:15:61"), &w));
    assert_int_equal(w.hour, 7);
    assert_true(wall_parse_time(STR("10:15"), &w));
    assert_true(w.hour == 10 && w.minute == 15 && w.second == 0);
    assert_true(wall_parse(STR("2026-11-24 10:15:30"), &w));
    assert_int_equal(w.second, 30);
}

static void test_names(void **state)
{
    (void)state;
    const struct zone *z = NULL;
    static const char *const bad[] = {"",
                                      "Europe",
                                      "Europe/Nowhere",
                                      "/etc/localtime",
                                      "../zoneinfo/UTC",
                                      "zone.tab",
                                      "Europe/Berlin ",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (zone_open(arena, bad[i], &z))
            fail_msg("%s", bad[i]);
    assert_null(z);
}

/* --- every zone of the system, against localtime_r --- */

static size_t root_length, zones, moments;

static void compare(const char *name, const struct zone *z, int64_t s)
{
    time_t t = (time_t)s;
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    localtime_r(&t, &tm);
    struct wall w = zone_wall(z, s * 1000);
    if (w.year != tm.tm_year + 1900 || w.month != tm.tm_mon + 1 || w.day != tm.tm_mday ||
        w.hour != tm.tm_hour || w.minute != tm.tm_min || w.second != tm.tm_sec || w.weekday != tm.tm_wday)
        fail_msg("%s at %lld", name, (long long)s);
    int64_t back = zone_utc(z, &w);
    struct wall again = zone_wall(z, back);
    if (back > s * 1000 || memcmp(&again, &w, sizeof w) != 0) /* the first of two moments */
        fail_msg("%s at %lld: %lld", name, (long long)s, (long long)back);
    moments++;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)place;
    const char *name = path + root_length;
    const struct zone *z;
    if (type != FTW_F || strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0 ||
        !zone_open(arena, name, &z))
        return 0;
    setenv("TZ", name, 1);
    tzset();
    for (int64_t s = INT64_C(-1000000000); s < INT64_C(4102444800); s += 4713611)
        compare(name, z, s);
    zones++;
    arena_reset(arena);
    return 0;
}

static void test_all(void **state)
{
    (void)state;
    static const char root[] = "/usr/share/zoneinfo/";
    root_length = sizeof root - 1;
    assert_int_equal(nftw(root, visit, 8, FTW_PHYS), 0);
    assert_true(zones > 300);
    assert_true(moments > zones * 1000);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap),  cmocka_unit_test(test_fold), cmocka_unit_test(test_midnight),
        cmocka_unit_test(test_days), cmocka_unit_test(test_text), cmocka_unit_test(test_names),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests_name("base_zone", tests, set_up, tear_down);
}
