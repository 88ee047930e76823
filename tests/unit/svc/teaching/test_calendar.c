/* Calendars: what stands in which of them, for whom, and their secret addresses. */
#include "tests/unit/testing.h"

#include "lib/db/db.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/calendar.h"
#include "lib/svc/teaching/calendar_feed.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_students.h"
#include "tests/unit/svc/world.h"

static struct world w;
static const int64_t day = INT64_C(24) * 3600 * 1000;
static int64_t now, open_course, closed_course;

static int64_t make_course(const char *slug, int64_t organisation, enum visibility visibility)
{
    int64_t id;
    struct course_edit in = {.name = slug,
                             .slug = slug,
                             .term_id = w.term,
                             .organisation_id = organisation,
                             .visibility = visibility};
    assert_ok(shown(&w.cx, course_create(&w.cx, &in, &id)));
    return id;
}

static void make_lecture(int64_t course, const char *title, int64_t at, bool publish)
{
    const char *key;
    struct lecture_edit in = {.title = title, .starts_at = at, .ends_at = at + day / 24};
    assert_ok(shown(&w.cx, lecture_create(&w.cx, course, &in, &key, NULL)));
    if (publish)
        assert_ok(shown(&w.cx, lecture_publish(&w.cx, key)));
}

/* The titles between now and ten days from now, "a b c". */
static const char *titles(const struct calendar *c)
{
    struct calendar_list found;
    const char *text = "";
    assert_ok(shown(&w.cx, calendar_list(&w.cx, c, now, now + 10 * day, CALENDAR_MOST, &found)));
    for (size_t i = 0; i < found.list.n; i++) {
        text = arena_printf(w.cx.arena, "%s%s%s", text, i ? " " : "", found.list.item[i].title);
        assert_true(found.changed[i] > 0);
    }
    return text;
}

static const char *of(int64_t who, enum calendar_scope scope, int64_t id)
{
    struct calendar c;
    become(&w, who);
    assert_ok(shown(&w.cx, calendar_open(&w.cx, scope, id, &c)));
    return titles(&c);
}

static void each_sees_what_they_may(void **state)
{
    (void)state;
    assert_string_equal(of(w.lecturer, CALENDAR_MINE, 0), "open closed draft");
    assert_string_equal(of(w.student, CALENDAR_MINE, 0), "closed");
    assert_string_equal(of(w.stranger, CALENDAR_MINE, 0), "");
    assert_string_equal(of(0, CALENDAR_ALL, 0), "open");
    assert_string_equal(of(w.stranger, CALENDAR_ALL, 0), "open");
    assert_string_equal(of(w.student, CALENDAR_ALL, 0), "open closed");
    assert_string_equal(of(w.admin, CALENDAR_ALL, 0), "open closed draft");
    assert_string_equal(of(w.maintainer, CALENDAR_ORGANISATION, w.school), "open closed draft");
    assert_string_equal(of(w.foreign, CALENDAR_ORGANISATION, w.school), "open");
    assert_string_equal(of(w.admin, CALENDAR_ORGANISATION, w.other), "");
    assert_string_equal(of(0, CALENDAR_COURSE, open_course), "open");
    assert_string_equal(of(w.student, CALENDAR_COURSE, closed_course), "closed");
}

static void what_may_not_be_opened_is_refused(void **state)
{
    (void)state;
    struct calendar c;
    become(&w, 0);
    assert_rc(calendar_open(&w.cx, CALENDAR_MINE, 0, &c), RC_DENIED);
    assert_rc(calendar_open(&w.cx, CALENDAR_COURSE, closed_course, &c), RC_DENIED);
    assert_rc(calendar_open(&w.cx, CALENDAR_COURSE, 999999, &c), RC_NOTFOUND);
    assert_rc(calendar_open_org(&w.cx, "no-such", &c), RC_NOTFOUND);
    become(&w, w.stranger);
    assert_rc(calendar_open(&w.cx, CALENDAR_COURSE, closed_course, &c), RC_DENIED);
}

static void a_list_ends_at_its_limit(void **state)
{
    (void)state;
    struct calendar c;
    struct calendar_list found;
    become(&w, w.lecturer);
    assert_ok(calendar_open(&w.cx, CALENDAR_MINE, 0, &c));
    assert_ok(calendar_list(&w.cx, &c, now, now + 10 * day, 2, &found));
    assert_int_equal(found.list.n, 2);
    assert_true(found.more);
    assert_ok(calendar_list(&w.cx, &c, now, now + 10 * day, 3, &found));
    assert_false(found.more);
    /* the end does not belong to the time, the beginning does */
    assert_ok(calendar_list(&w.cx, &c, now + day, now + 2 * day, 10, &found));
    assert_int_equal(found.list.n, 1);
}

static const char *make_address(int64_t who, enum calendar_scope scope, int64_t id)
{
    struct calendar c;
    const char *token = NULL;
    become(&w, who);
    assert_ok(shown(&w.cx, calendar_open(&w.cx, scope, id, &c)));
    assert_ok(shown(&w.cx, calendar_feed_create(&w.cx, &c, &token)));
    return token;
}

static void an_address_shows_what_its_person_may_see_now(void **state)
{
    (void)state;
    struct calendar c;
    const char *token = make_address(w.student, CALENDAR_COURSE, closed_course);
    become(&w, 0);
    assert_ok(shown(&w.cx, calendar_feed_open(&w.cx, token, &c)));
    assert_string_equal(titles(&c), "closed");
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, course_students_remove(&w.cx, closed_course, w.student)));
    become(&w, 0);
    assert_rc(calendar_feed_open(&w.cx, token, &c), RC_NOTFOUND);
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, course_students_add(&w.cx, closed_course, "student")));
    become(&w, -1);
    assert_ok(shown(&w.cx, user_set_disabled(&w.cx, w.student, true)));
    become(&w, 0);
    assert_rc(calendar_feed_open(&w.cx, token, &c), RC_NOTFOUND);
    become(&w, -1);
    assert_ok(shown(&w.cx, user_set_disabled(&w.cx, w.student, false)));
    become(&w, 0);
    assert_ok(shown(&w.cx, calendar_feed_open(&w.cx, token, &c)));
}

static void an_address_is_revoked_by_its_person_alone(void **state)
{
    (void)state;
    struct calendar c;
    struct calendar_feeds feeds;
    const char *token = make_address(w.lecturer, CALENDAR_MINE, 0);
    assert_ok(calendar_feed_list(&w.cx, &feeds));
    assert_int_equal(feeds.n, 1);
    assert_true(feeds.item[0].read_at == NO_TIME);
    int64_t id = feeds.item[0].id;
    become(&w, 0);
    assert_ok(calendar_feed_open(&w.cx, token, &c));
    become(&w, w.admin);
    assert_rc(calendar_feed_revoke(&w.cx, id), RC_NOTFOUND);
    become(&w, w.lecturer);
    assert_ok(calendar_feed_list(&w.cx, &feeds));
    assert_true(feeds.item[0].read_at != NO_TIME);
    assert_ok(calendar_feed_revoke(&w.cx, id));
    become(&w, 0);
    assert_rc(calendar_feed_open(&w.cx, token, &c), RC_NOTFOUND);
    assert_rc(calendar_feed_open(&w.cx, "", &c), RC_NOTFOUND);
    assert_rc(calendar_feed_open(&w.cx, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &c), RC_NOTFOUND);
}

static void nobody_has_more_than_fifty(void **state)
{
    (void)state;
    struct calendar c;
    const char *token;
    become(&w, w.stranger);
    assert_ok(calendar_open(&w.cx, CALENDAR_MINE, 0, &c));
    for (int i = 0; i < CALENDAR_FEEDS_MAX; i++)
        assert_ok(calendar_feed_create(&w.cx, &c, &token));
    assert_rc(calendar_feed_create(&w.cx, &c, &token), RC_CONFLICT);
    assert_string_equal(w.cx.err.key, "calendar_feeds_many");
}

/* Their course is in no list, but they may open it. */
static void students_of_a_hidden_course_see_its_lectures(void **state)
{
    (void)state;
    struct calendar c;
    become(&w, w.lecturer);
    int64_t hidden = make_course("hidden-course", w.school, VIS_HIDDEN);
    make_lecture(hidden, "secret", now + 4 * day, true);
    make_lecture(hidden, "unready", now + 5 * day, false);
    assert_ok(shown(&w.cx, course_students_add(&w.cx, hidden, "student")));
    err_clear(&w.cx);
    assert_string_equal(of(w.student, CALENDAR_COURSE, hidden), "secret");
    assert_string_equal(of(w.lecturer, CALENDAR_COURSE, hidden), "secret unready");
    assert_string_equal(of(0, CALENDAR_ALL, 0), "open");
    become(&w, 0);
    assert_rc(calendar_open(&w.cx, CALENDAR_COURSE, hidden, &c), RC_NOTFOUND);
    become(&w, w.lecturer);
    assert_ok(course_delete(&w.cx, hidden));
}

/* The lectures of many courses are read in another way, and are the same. */
static void many_courses_show_the_same(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    for (int i = 0; i < CALENDAR_MANY; i++)
        make_course(arena_printf(w.cx.arena, "many-%d", i), w.school, VIS_PUBLIC);
    assert_string_equal(of(w.maintainer, CALENDAR_ORGANISATION, w.school), "open closed draft");
    assert_string_equal(of(w.lecturer, CALENDAR_ORGANISATION, w.school), "open closed draft");
    assert_string_equal(of(w.student, CALENDAR_ORGANISATION, w.school), "open closed");
    assert_string_equal(of(0, CALENDAR_ORGANISATION, w.school), "open");
    assert_string_equal(of(w.admin, CALENDAR_ORGANISATION, w.other), "");
}

static void make_timetable(void)
{
    now = clock_now();
    become(&w, w.lecturer);
    open_course = make_course("open-course", w.school, VIS_PUBLIC);
    closed_course = make_course("closed-course", w.school, VIS_ENROLLED);
    make_lecture(open_course, "open", now + day, true);
    make_lecture(closed_course, "closed", now + 2 * day, true);
    make_lecture(closed_course, "draft", now + 3 * day, false);
    make_lecture(open_course, "past", now - day, true);
    make_lecture(open_course, "far", now + 20 * day, true);
    assert_ok(shown(&w.cx, course_students_add(&w.cx, closed_course, "student")));
    err_clear(&w.cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sees_what_they_may),
        cmocka_unit_test(what_may_not_be_opened_is_refused),
        cmocka_unit_test(a_list_ends_at_its_limit),
        cmocka_unit_test(an_address_shows_what_its_person_may_see_now),
        cmocka_unit_test(an_address_is_revoked_by_its_person_alone),
        cmocka_unit_test(nobody_has_more_than_fifty),
        cmocka_unit_test(students_of_a_hidden_course_see_its_lectures),
        cmocka_unit_test(many_courses_show_the_same),
    };
    if (!world_init(&w))
        return 0;
    make_timetable();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
