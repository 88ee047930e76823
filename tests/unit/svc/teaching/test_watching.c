/* What the start page tells a person: where they left off, what is new, and that the cost of its lists does not depend
 * on their length. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/progress.h"

static void people_go_on_where_they_left(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    struct lecture_list list;
    become(&w, w.student);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, 0);
    for (int v = 0; v < VIS_COUNT; v++) {
        assert_ok(shown(cx, lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[v], &l)));
        assert_ok(progress_save(cx, l, 30000, false));
    }
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_int_equal(l->position_ms, 30000);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT);
    assert_ok(lecture_list_continue(cx, 2, &list));
    assert_int_equal(list.n, 2);
    assert_ok(progress_save(cx, l, 90000, true));
    assert_ok(progress_save(cx, l, 1000, false));
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT - 1);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_true(l->watched);
    assert_rc(progress_save(cx, l, -1, false), RC_INVALID);
    /* a person who is no longer enrolled does not see it there */
    become(&w, w.lecturer);
    assert_ok(course_students_remove(cx, course_of[VIS_ENROLLED], w.student));
    become(&w, w.student);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT - 2);
    become(&w, w.lecturer);
    assert_ok(course_students_add(cx, course_of[VIS_ENROLLED], "student"));
    become(&w, 0);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_fails(progress_save(cx, l, 1, false), RC_DENIED, "signin");
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, 0);
}

static void lists_of_the_start_page(void **state)
{
    (void)state;
    struct course_list courses;
    struct lecture_list lectures;
    become(&w, w.student);
    assert_ok(course_list_mine(cx, 100, 0, &courses));
    assert_int_equal(courses.n, VIS_COUNT - 1); /* all but the hidden one */
    for (size_t i = 0; i < courses.n; i++) {
        assert_int_not_equal(courses.item[i].visibility, VIS_HIDDEN);
        assert_string_equal(courses.item[i].staff, "lecturer");
        assert_int_equal(courses.item[i].lecture_count, 1);
        assert_int_equal(courses.item[i].new_count, 0); /* begun above */
    }
    assert_ok(lecture_list_recent(cx, 10, &lectures));
    assert_int_equal(lectures.n, VIS_COUNT - 1);
    become(&w, w.lecturer);
    assert_ok(lecture_list_recent(cx, 10, &lectures));
    assert_int_equal(lectures.n, VIS_COUNT);
    assert_ok(course_list_mine(cx, 100, 0, &courses));
    assert_int_equal(courses.n, VIS_COUNT);
    assert_int_equal(courses.item[0].new_count, 1);
    const char *draft = add_lecture(course_of[0], "Draft", clock_now(), false);
    assert_ok(course_list_taught(cx, 100, 0, &courses));
    int64_t drafts = 0;
    for (size_t i = 0; i < courses.n; i++)
        drafts += courses.item[i].draft_count;
    assert_int_equal(drafts, 1);
    assert_ok(lecture_delete(cx, draft));
    become(&w, 0);
    assert_ok(lecture_list_recent_public(cx, 10, &lectures));
    assert_int_equal(lectures.n, 1);
    assert_string_equal(lectures.item[0].key, lecture_of[VIS_PUBLIC]);
    assert_ok(course_list_public(cx, w.term, 10, &courses));
    assert_int_equal(courses.n, 1);
    assert_ok(course_list_mine(cx, 10, 0, &courses));
    assert_int_equal(courses.n, 0);
}

/* The first of what is new in public courses and in the student's. */
static void assert_newest(const char *public, const char *mine)
{
    struct lecture_list list;
    become(&w, 0);
    assert_ok(shown(cx, lecture_list_recent_public(cx, 1, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, public);
    become(&w, w.student);
    assert_ok(shown(cx, lecture_list_recent(cx, 1, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, mine);
}

/* New is what could be watched last: a publication and a recording come in any order. */
static void new_is_what_can_be_watched_since_recently(void **state)
{
    (void)state;
    const int64_t course = course_of[VIS_PUBLIC], last_year = clock_now() - 365 * 24 * HOUR;
    become(&w, w.lecturer);
    const char *early = add_lecture(course, "Published without a recording", last_year, true),
               *late = add_lecture(course, "Recorded and not published", last_year, false);
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, -1);
    make_watchable(late);
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, -1);
    make_watchable(early);
    assert_newest(early, early);
    become(&w, w.lecturer);
    assert_ok(lecture_publish(cx, late));
    assert_newest(late, late);
    become(&w, -1);
    make_better(early);
    assert_newest(late, late);
    become(&w, w.lecturer);
    assert_ok(lecture_unpublish(cx, late));
    assert_newest(early, early);
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, early));
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, late));
}

/* What the pages run, counted: the same number of statements with one row and with many. */
static uint64_t count_start_page(void)
{
    struct course_list courses;
    struct lecture_list lectures;
    struct course *c = NULL;
    uint64_t before = db_count(cx);
    assert_ok(course_list_mine(cx, 1000, 0, &courses));
    assert_ok(course_list_term(cx, w.term, "", 1000, 0, &courses));
    assert_ok(course_list_public(cx, w.term, 1000, &courses));
    assert_ok(course_list_taught(cx, 100, 0, &courses));
    assert_ok(course_list_deleted(cx, 1000, &courses));
    assert_ok(lecture_list_recent(cx, 1000, &lectures));
    assert_ok(lecture_list_recent_public(cx, 1000, &lectures));
    assert_ok(lecture_list_continue(cx, 1000, &lectures));
    assert_ok(course_get(cx, ACT_COURSE_PAGE, course_of[VIS_PUBLIC], &c));
    assert_ok(list_all(c, &lectures));
    assert_ok(lecture_list_deleted(cx, c, 50, &lectures));
    return db_count(cx) - before;
}

static void lists_cost_the_same_whatever_their_length(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    uint64_t few = count_start_page();
    assert_int_equal(few, 11);
    for (int i = 0; i < 25; i++) {
        int64_t id = add_course(arena_printf(cx->arena, "many-%d", i), VIS_PUBLIC);
        for (int n = 0; n < 3; n++)
            (void)add_lecture(id, "L", clock_now() - n * HOUR, true);
        (void)add_lecture(course_of[VIS_PUBLIC], "More", clock_now() - i * HOUR, true);
    }
    assert_int_equal(count_start_page(), few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_go_on_where_they_left),
        cmocka_unit_test(lists_of_the_start_page),
        cmocka_unit_test(new_is_what_can_be_watched_since_recently),
        cmocka_unit_test(lists_cost_the_same_whatever_their_length),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    teaching_end();
    return failed;
}
