/* Calendars as programs read them: lines, escaping, what a cancelled event says. */
#include "tests/unit/testing.h"

#include "lib/base/clock.h"
#include "lib/format/ical.h"

static const char *written(struct buf *out, const struct ical_event *e, size_t n)
{
    buf_init(out, 1 << 20);
    ical_write(out, "Trees; and \"more\"", e, n);
    assert_true(buf_view(out).n > 0);
    buf_add(out, "", 1);
    return buf_view(out).p;
}

static void an_event_is_in_utc(void **state)
{
    (void)state;
    struct buf out;
    struct ical_event e = {.uid = "k1@x.example",
                           .title = "Lecture 1, part; two\nnext",
                           .place = "HS 1",
                           .text = "",
                           .url = "https://x.example/lecture/k1",
                           .starts_at = INT64_C(1795511700000), /* 2026-11-24 09:15 */
                           .ends_at = INT64_C(1795517100000),
                           .changed_at = INT64_C(1795000000000)};
    const char *text = written(&out, &e, 1);
    assert_non_null(strstr(text, "BEGIN:VCALENDAR\r\n"));
    assert_non_null(strstr(text, "X-WR-CALNAME"));
    assert_non_null(strstr(text, "UID:k1@x.example\r\n"));
    assert_non_null(strstr(text, "DTSTART:20261124T091500Z\r\n"));
    assert_non_null(strstr(text, "DTEND:20261124T104500Z\r\n"));
    assert_non_null(strstr(text, "SUMMARY:Lecture 1\\, part\\; two\\nnext\r\n"));
    assert_non_null(strstr(text, "STATUS:CONFIRMED\r\n"));
    assert_null(strstr(text, "DESCRIPTION"));
    assert_non_null(strstr(text, "END:VCALENDAR\r\n"));
    buf_fini(&out);
}

static void a_cancelled_event_says_so_and_a_change_counts_up(void **state)
{
    (void)state;
    struct buf out;
    struct ical_event e[2] = {
        {.uid = "a",
         .title = "A",
         .starts_at = 0,
         .ends_at = NO_TIME,
         .changed_at = INT64_C(1577836801000),
         .cancelled = true},
        {.uid = "b", .title = "B", .starts_at = 0, .ends_at = NO_TIME, .changed_at = 0}};
    const char *text = written(&out, e, 2);
    assert_non_null(strstr(text, "STATUS:CANCELLED\r\n"));
    assert_non_null(strstr(text, "SEQUENCE:1\r\n"));
    assert_non_null(strstr(text, "SEQUENCE:0\r\n"));
    assert_null(strstr(text, "DTEND"));
    buf_fini(&out);
}

static void no_event_is_a_calendar_too(void **state)
{
    (void)state;
    struct buf out;
    const char *text = written(&out, NULL, 0);
    assert_non_null(strstr(text, "END:VCALENDAR"));
    assert_null(strstr(text, "VEVENT"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_in_utc),
        cmocka_unit_test(a_cancelled_event_says_so_and_a_change_counts_up),
        cmocka_unit_test(no_event_is_a_calendar_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
