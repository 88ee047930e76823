/* When a recording appears: whoever runs the course sees it at once; everybody else when the rule says so, in lists as by
 * address. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/svc/teaching/release.h"

static int64_t course_id;
static const char *key; /* over since yesterday, with a recording, published */

static bool plays(int64_t person)
{
    struct lecture *l;
    become(&w, person);
    enum rc rc = lecture_get(cx, ACT_LECTURE_PLAY, key, &l);
    err_clear(cx);
    return rc == RC_OK;
}

/* Is it among the student's new recordings, and counted? */
static bool is_listed(void)
{
    struct lecture_list list;
    struct course_list courses;
    bool found = false, counted = false;
    become(&w, w.student);
    assert_ok(shown(cx, lecture_list_recent(cx, 50, &list)));
    for (size_t i = 0; i < list.n; i++)
        found |= strcmp(list.item[i].key, key) == 0;
    assert_ok(shown(cx, course_list_mine(cx, 50, 0, &courses)));
    for (size_t i = 0; i < courses.n; i++)
        counted |= courses.item[i].id == course_id && courses.item[i].new_count > 0;
    assert_int_equal(found, counted);
    return found;
}

static void assert_shown(bool want)
{
    struct lecture *l;
    assert_int_equal(plays(w.student), want);
    assert_int_equal(is_listed(), want);
    assert_true(plays(w.lecturer));
    assert_true(plays(w.maintainer));
    become(&w, w.student); /* the lecture itself is seen all the time */
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
}

static void set(enum release_kind kind, int64_t days, bool hides)
{
    become(&w, w.lecturer);
    assert_ok(shown(cx, release_set_course(cx, course_id, &(struct release){kind, days, hides}, NULL)));
}

static void by_days(void **state)
{
    (void)state;
    set(RELEASE_DAYS, 7, false);
    assert_shown(false);
    set(RELEASE_DAYS, 1, false); /* it ended two days ago */
    assert_shown(true);
}

static void by_hand(void **state)
{
    (void)state;
    set(RELEASE_HAND, 0, false);
    assert_shown(false);
    become(&w, w.lecturer);
    assert_ok(shown(cx, release_now(cx, key)));
    assert_shown(true);
    become(&w, w.lecturer);
    assert_ok(release_back(cx, key));
    assert_shown(false);
}

static void a_lecture_has_a_rule_of_its_own(void **state)
{
    (void)state;
    struct lecture *l;
    set(RELEASE_HAND, 0, false);
    become(&w, w.lecturer);
    assert_ok(shown(cx, release_set_lecture(cx, key, &(struct release){RELEASE_READY, 0, false}, NULL)));
    assert_shown(true);
    set(RELEASE_DAYS, 100, false); /* the course's does not reach it */
    assert_shown(true);
    become(&w, w.lecturer);
    assert_ok(release_set_lecture(cx, key, NULL, NULL));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_false(l->release_own);
    assert_int_equal(l->release.kind, RELEASE_DAYS);
    assert_int_equal(l->release.days, 100);
    assert_shown(false);
}

static void new_lectures_follow_the_course(void **state)
{
    (void)state;
    struct lecture *l;
    set(RELEASE_DAYS, 3, true);
    become(&w, w.lecturer);
    assert_ok(
        lecture_get(cx, ACT_COURSE_TEACH, add_lecture(course_id, "Later", clock_now() + HOUR, true), &l));
    assert_int_equal(l->release.kind, RELEASE_DAYS);
    assert_int_equal(l->release.days, 3);
    assert_true(l->release.hides);
}

/* The old term is over. */
static void the_end_of_the_term_hides(void **state)
{
    (void)state;
    struct course *c;
    set(RELEASE_READY, 0, true);
    assert_shown(true);
    become(&w, w.lecturer);
    assert_ok(course_get(cx, ACT_COURSE_SETTINGS, course_id, &c));
    struct course_edit in = {.name = c->name,
                             .slug = c->slug,
                             .term_id = w.old_term,
                             .organisation_id = c->organisation_id,
                             .visibility = c->visibility,
                             .downloads = true};
    assert_ok(shown(cx, course_update(cx, course_id, &in)));
    assert_shown(false);
    set(RELEASE_READY, 0, false);
    assert_shown(true);
}

static void an_older_form_is_refused(void **state)
{
    (void)state;
    const struct release hand = {RELEASE_HAND, 0, false}, days = {RELEASE_DAYS, 3, true};
    struct release now;
    struct lecture *l = NULL;
    set(RELEASE_READY, 0, false);
    become(&w, w.lecturer);
    assert_ok(release_get_course(cx, course_id, &now));
    const char *seen = release_seen(cx, &now, true);
    assert_ok(shown(cx, release_set_course(cx, course_id, &hand, seen)));
    assert_fails(release_set_course(cx, course_id, &days, seen), RC_CONFLICT, "changed_meanwhile");
    assert_ok(release_get_course(cx, course_id, &now));
    assert_int_equal(now.kind, RELEASE_HAND);
    assert_ok(release_set_course(cx, course_id, &days, release_seen(cx, &now, true)));

    assert_ok(lecture_get(cx, ACT_COURSE_PUBLISH, key, &l));
    seen = release_seen(cx, &l->release, l->release_own);
    set(RELEASE_READY, 0, false); /* a lecture that follows the course is as it was */
    become(&w, w.lecturer);
    assert_ok(shown(cx, release_set_lecture(cx, key, &hand, seen)));
    assert_fails(release_set_lecture(cx, key, NULL, seen), RC_CONFLICT, "changed_meanwhile");
    assert_ok(lecture_get(cx, ACT_COURSE_PUBLISH, key, &l));
    assert_true(l->release_own && l->release.kind == RELEASE_HAND);
    assert_ok(release_set_lecture(cx, key, NULL, release_seen(cx, &l->release, true)));
}

static void who_may_not_changes_nothing(void **state)
{
    (void)state;
    const struct release r = {RELEASE_HAND, 0, false}, bad = {RELEASE_DAYS, 0, false};
    set(RELEASE_READY, 0, false);
    become(&w, w.lecturer);
    assert_fails(release_set_course(cx, course_id, &bad, NULL), RC_INVALID, "release_days");
    assert_fails(release_set_lecture(cx, key, &bad, NULL), RC_INVALID, "release_days");
    become(&w, w.student);
    assert_rc(release_set_course(cx, course_id, &r, NULL), RC_DENIED);
    assert_rc(release_set_lecture(cx, key, &r, NULL), RC_DENIED);
    assert_rc(release_now(cx, key), RC_DENIED);
    assert_rc(release_back(cx, key), RC_DENIED);
    assert_shown(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_days),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_lecture_has_a_rule_of_its_own),
        cmocka_unit_test(new_lectures_follow_the_course),
        cmocka_unit_test(the_end_of_the_term_hides),
        cmocka_unit_test(an_older_form_is_refused),
        cmocka_unit_test(who_may_not_changes_nothing),
    };
    if (!teaching_begin())
        return 0;
    course_id = course_of[VIS_ENROLLED];
    key = lecture_of[VIS_ENROLLED];
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    teaching_end();
    return failed;
}
