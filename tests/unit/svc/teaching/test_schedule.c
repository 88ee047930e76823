/* Series: which days they have, what stands beside their dates, and that they are made once, in one transaction. */
#include "tests/unit/testing.h"

#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/free_day.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/schedule.h"
#include "lib/svc/teaching/schedule_undo.h"
#include "lib/svc/teaching/term.h"
#include "tests/unit/svc/world.h"

static struct world w;
static int64_t course_id;

static int64_t day(const char *date)
{
    struct wall wall;
    assert_true(wall_parse(str_of(date), &wall));
    return wall_day(&wall);
}

/* --- days --- */

enum { MON = 1 << 1, TUE = 1 << 2, THU = 1 << 4, SUN = 1 << 0 };

static void assert_days(struct series_rule rule, const char *want)
{
    const int64_t *days;
    size_t n;
    const char *got = "";
    assert_ok(shown(&w.cx, series_days(&w.cx, &rule, &days, &n)));
    for (size_t i = 0; i < n; i++) {
        struct wall wall = wall_of_day(days[i]);
        got = arena_printf(w.cx.arena, "%s%s%02d%02d", got, i ? " " : "", wall.month, wall.day);
    }
    assert_string_equal(got, want);
}

static void assert_refused(struct series_rule rule, const char *key)
{
    const int64_t *days;
    size_t n = 99;
    assert_rc(series_days(&w.cx, &rule, &days, &n), RC_INVALID);
    assert_string_equal(w.cx.err.key, key);
    assert_int_equal(n, 99);
}

static void a_series_has_its_days(void **state)
{
    (void)state;
    int64_t first = day("2026-10-14"); /* a Wednesday */
    assert_days((struct series_rule){first, TUE | THU, 1, day("2026-10-29"), 0, NULL},
                "1015 1020 1022 1027 1029");
    assert_days((struct series_rule){first, TUE | THU, 2, day("2026-11-05"), 0, NULL}, "1015 1027 1029");
    assert_days((struct series_rule){first, 0, 1, day("2026-11-04"), 0, NULL}, "1014 1021 1028 1104");
    assert_days((struct series_rule){first, SUN | MON, 2, 0, 4, NULL}, "1018 1026 1101 1109");
    assert_days((struct series_rule){first, 0, 1, first, 0, NULL}, "1014");
}

static void a_series_ends(void **state)
{
    (void)state;
    int64_t first = day("2026-10-14");
    unsigned every_day = 127;
    assert_refused((struct series_rule){first, TUE, 0, first + 30, 0, NULL}, "series_every");
    assert_refused((struct series_rule){first, TUE, 1, first - 1, 0, NULL}, "series_until");
    assert_refused((struct series_rule){first, TUE, 1, first + 3, 0, NULL}, "series_none");
    assert_refused((struct series_rule){first, every_day, 1, first + SERIES_MAX, 0, NULL}, "series_long");
    assert_refused((struct series_rule){first, every_day, 1, first + 10000, 0, NULL}, "series_long");
    assert_refused((struct series_rule){first, every_day, 1, INT64_MAX / 4, 0, NULL}, "series_long");
    assert_string_equal(w.cx.err.field, "until");
    assert_refused((struct series_rule){first, every_day, 1, 0, 10000, NULL}, "series_long");
    assert_string_equal(w.cx.err.field, "count");
    assert_refused((struct series_rule){first, TUE, 52, 0, 30, NULL}, "series_long");
    assert_string_equal(w.cx.err.field, "count");
    const int64_t *days;
    size_t n;
    struct series_rule most = {first, every_day, 1, first + SERIES_MAX - 1, 0, NULL};
    assert_ok(series_days(&w.cx, &most, &days, &n));
    assert_int_equal(n, SERIES_MAX);
}

/* A number of lectures is that of days that are not free: the series goes on after them. */
static void free_days_do_not_count(void **state)
{
    (void)state;
    int64_t first = day("2026-12-08"); /* a Tuesday */
    struct free_day item[] = {{.first = day("2026-12-22"), .last = day("2027-01-05")},
                              {.first = day("2026-12-10"), .last = day("2026-12-10")}};
    struct free_day_list free = {item, 2}, always = {item, 1};
    assert_days((struct series_rule){first, 0, 1, 0, 4, &free}, "1208 1215 1222 1229 0105 0112 0119");
    assert_days((struct series_rule){first, 0, 1, day("2026-12-29"), 0, &free}, "1208 1215 1222 1229");
    assert_days((struct series_rule){first, TUE | THU, 1, 0, 2, &free}, "1208 1210 1215");
    item[0] = (struct free_day){.first = first, .last = first + 5000};
    assert_refused((struct series_rule){first, 0, 1, 0, 1, &always}, "series_long");
}

/* --- dates --- */

static struct course *course(void)
{
    struct course *c;
    assert_ok(course_get(&w.cx, ACT_COURSE_TIMETABLE, course_id, &c));
    return c;
}

static struct schedule_date at(const char *date, int64_t minute)
{
    return (struct schedule_date){.day = day(date), .minute = minute, .length = 90, .hall = "HS 1"};
}

static enum rc make(struct schedule_date *date, size_t n, const char *nonce, size_t *made)
{
    struct schedule_new in = {.title = "Lecture {n}", .number = 1, .nonce = nonce, .date = date, .n = n};
    return schedule_create(&w.cx, course_id, &in, made);
}

static struct lecture_list all(void)
{
    struct lecture_part part;
    struct lecture_range range = {.limit = LECTURE_PAGE};
    assert_ok(lecture_list_by_course(&w.cx, course(), &range, &part));
    return part.list;
}

/* In the world's zone, Europe/Berlin: across the end of summer time the clock on the wall stays. */
static void dates_become_lectures(void **state)
{
    (void)state;
    size_t made = 0;
    struct schedule_date date[] = {at("2026-10-27", 615), at("2026-10-20", 615), at("2026-11-03", 615),
                                   at("2026-10-25", 150) /* 02:30, twice that night: the first */};
    date[2].skip = true;
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, make(date, 4, "aaaaaaaaaaaaaaaaaaaaaaaa", &made)));
    assert_int_equal(made, 3);
    struct lecture_list list = all();
    assert_int_equal(list.n, 3);
    assert_string_equal(list.item[0].title, "Lecture 1");
    assert_int_equal(list.item[0].starts_at, INT64_C(1792484100000)); /* 2026-10-20T08:15Z */
    assert_int_equal(list.item[1].starts_at, INT64_C(1792888200000)); /* 2026-10-25T00:30Z */
    assert_int_equal(list.item[2].starts_at, INT64_C(1793092500000)); /* 2026-10-27T09:15Z */
    assert_int_equal(list.item[2].ends_at - list.item[2].starts_at, 90 * 60000);
    assert_string_equal(list.item[2].title, "Lecture 3");
    assert_string_equal(list.item[2].hall, "HS 1");
    assert_true(list.item[2].series_id > 0);
    assert_int_equal(list.item[2].access, ACCESS_PUBLISHED);
    /* the form sent twice */
    assert_ok(shown(&w.cx, make(date, 4, "aaaaaaaaaaaaaaaaaaaaaaaa", &made)));
    assert_int_equal(made, 0);
    assert_int_equal(all().n, 3);
}

static void a_new_series_is_undone(void **state)
{
    (void)state;
    const char *nonce = "uuuuuuuuuuuuuuuuuuuuuuuu";
    struct schedule_date date[] = {at("2027-01-05", 615), at("2027-01-12", 615)};
    struct schedule_undone undone = {0};
    size_t made = 0;
    become(&w, w.lecturer);
    size_t before = all().n;
    assert_ok(shown(&w.cx, make(date, 2, nonce, &made)));
    become(&w, w.student);
    assert_rc(schedule_undo(&w.cx, course_id, nonce, &undone), RC_DENIED);
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, schedule_undo(&w.cx, course_id, nonce, &undone)));
    assert_int_equal(undone.n, 2);
    assert_true(undone.made);
    assert_int_equal(all().n, before);
    assert_rc(schedule_undo(&w.cx, course_id, nonce, &undone), RC_CONFLICT);
    assert_string_equal(w.cx.err.key, "schedule_undo_over");
    /* the form is there to be sent again; what somebody has touched stays */
    assert_ok(shown(&w.cx, make(date, 2, nonce, &made)));
    assert_int_equal(made, 2);
    struct lecture_list list = all();
    assert_ok(lecture_delete(&w.cx, list.item[list.n - 1].key));
    assert_rc(schedule_undo(&w.cx, course_id, nonce, &undone), RC_CONFLICT);
    assert_string_equal(w.cx.err.key, "schedule_undo_changed");
    assert_int_equal(all().n, before + 1);
}

static void what_stands_beside_a_date(void **state)
{
    (void)state;
    struct schedule_date date[] = {at("2026-10-20", 615), at("2026-10-20", 615 + 90), at("2026-10-20", 525),
                                   at("2026-10-20", 526), at("2026-10-21", 615)};
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, schedule_look(&w.cx, course(), date, 5)));
    assert_string_equal(date[0].twice, "Lecture 1");
    assert_null(date[1].twice);             /* back to back */
    assert_string_equal(date[2].twice, ""); /* the next date */
    assert_string_equal(date[3].twice, "Lecture 1");
    assert_null(date[4].twice);
    date[3].skip = true;
    assert_ok(schedule_look(&w.cx, course(), date, 5));
    assert_null(date[2].twice);
    assert_string_equal(date[3].twice, "Lecture 1");
    struct term *t;
    become(&w, w.maintainer);
    assert_ok(term_get(&w.cx, w.term, &t));
    struct free_day_new in = {.term_id = w.term, .organisation_id = w.school, .name = "Open day"};
    in.first = in.last = term_day(t->starts_at) + 30;
    assert_ok(shown(&w.cx, free_day_add(&w.cx, &in, NULL)));
    struct schedule_date free = {.day = in.first, .minute = 615, .length = 90, .hall = ""}, other = free;
    other.day++;
    become(&w, w.lecturer);
    assert_ok(schedule_look(&w.cx, course(), &free, 1));
    assert_string_equal(free.free, "Open day");
    assert_ok(schedule_look(&w.cx, course(), &other, 1));
    assert_null(other.free);
}

static void wrong_rows_make_nothing(void **state)
{
    (void)state;
    size_t made = 77, before;
    struct schedule_date date[] = {at("2026-10-20", 615), at("2026-10-21", 615)};
    become(&w, w.lecturer);
    before = all().n;
    date[1].length = 0;
    assert_rc(make(date, 2, "bbbbbbbbbbbbbbbbbbbbbbbb", &made), RC_INVALID);
    assert_string_equal(w.cx.err.field, "length-2");
    date[1] = at("2026-10-21", 615);
    date[1].day = day("2100-01-01");
    assert_rc(make(date, 2, "bbbbbbbbbbbbbbbbbbbbbbbb", &made), RC_INVALID);
    assert_string_equal(w.cx.err.field, "date-2");
    date[0].skip = date[1].skip = true;
    assert_rc(make(date, 2, "bbbbbbbbbbbbbbbbbbbbbbbb", &made), RC_INVALID);
    assert_string_equal(w.cx.err.key, "schedule_none");
    date[0] = at("2026-10-20", 615);
    assert_rc(make(date, 1, "short", &made), RC_INVALID);
    become(&w, w.student);
    assert_true(make(date, 1, "bbbbbbbbbbbbbbbbbbbbbbbb", &made) != RC_OK);
    become(&w, w.foreign);
    assert_true(make(date, 1, "bbbbbbbbbbbbbbbbbbbbbbbb", &made) != RC_OK);
    become(&w, w.lecturer);
    assert_int_equal(all().n, before);
    assert_int_equal(made, 77);
}

/* 500 dates: two statements of 250 rows each; whichever statement fails, nothing is there. */
static void a_long_series_is_one_transaction(void **state)
{
    (void)state;
    size_t made = 0, before;
    struct schedule_date *date = arena_array(w.cx.arena, SERIES_MAX, sizeof *date);
    become(&w, w.lecturer);
    before = all().n;
    for (int64_t i = 0; i < SERIES_MAX; i++) {
        date[i] = at("2027-01-01", 480);
        date[i].day += i;
    }
    for (uint64_t nth = 1; nth <= 8; nth++) {
        db_fault(&w.cx, nth, 2013); /* the link is lost */
        if (make(date, SERIES_MAX, "cccccccccccccccccccccccc", &made) == RC_OK)
            break;
        db_fault(&w.cx, 0, 0);
        assert_int_equal(all().n, before);
    }
    db_fault(&w.cx, 0, 0);
    uint64_t statements = db_count(&w.cx);
    assert_ok(shown(&w.cx, make(date, SERIES_MAX, "dddddddddddddddddddddddd", &made)));
    statements = db_count(&w.cx) - statements;
    assert_int_equal(made, SERIES_MAX);
    /* BEGIN, course, series, halls, two times 250 rows, audit, COMMIT */
    assert_int_equal(statements, 8);
}

static int set_up(void **state)
{
    (void)state;
    struct course_edit in = {.name = "Trees",
                             .slug = "planned-trees",
                             .term_id = w.term,
                             .organisation_id = w.school,
                             .visibility = VIS_ENROLLED};
    become(&w, w.lecturer);
    return course_create(&w.cx, &in, &course_id) == RC_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_has_its_days),   cmocka_unit_test(a_series_ends),
        cmocka_unit_test(free_days_do_not_count),  cmocka_unit_test(dates_become_lectures),
        cmocka_unit_test(a_new_series_is_undone),  cmocka_unit_test(what_stands_beside_a_date),
        cmocka_unit_test(wrong_rows_make_nothing), cmocka_unit_test(a_long_series_is_one_transaction),
    };
    if (!world_init(&w))
        return 0;
    int failed = cmocka_run_group_tests(tests, set_up, NULL);
    world_fini(&w);
    return failed;
}
