/* Lectures: numbers, what is checked, the parts of a course's list, deleting, and acts while the database fails. */
#include "tests/unit/svc/teaching/teaching.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/progress.h"

static void lectures_are_numbered_and_drafts_are_private(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    struct lecture_list list;
    int64_t now = clock_now();
    become(&w, w.lecturer);
    int64_t id = add_course("numbered", VIS_PUBLIC);
    const char *third = add_lecture(id, "Third", now + 48 * HOUR, true);
    const char *first = add_lecture(id, "First", now - 48 * HOUR, true);
    const char *second = add_lecture(id, "Second", now - 24 * HOUR, false);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_ok(list_all(c, &list));
    assert_int_equal(list.n, 3);
    assert_string_equal(list.item[1].key, second);
    assert_int_equal(list.item[0].time_state, TIME_ENDED);
    assert_int_equal(list.item[2].time_state, TIME_PLANNED);
    become(&w, 0);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_int_equal(c->lecture_count, 2);
    assert_ok(list_all(c, &list));
    assert_int_equal(list.n, 2);
    assert_string_equal(list.item[1].key, third);
    assert_int_equal(list.item[1].number, 3);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, third, &l));
    assert_int_equal(l->number, 3);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, first, &l));
    assert_int_equal(l->number, 1);
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, second, &l), RC_NOTFOUND, "lecture_unknown");
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

static void lectures_are_checked(void **state)
{
    (void)state;
    const char *key = NULL;
    struct lecture *l = NULL;
    char *text = arena_alloc(cx->arena, 2 * LECTURE_DESCRIPTION_MAX + 8);
    int64_t now = clock_now();
    struct lecture_edit in = {.title = "", .starts_at = now, .ends_at = NO_TIME};
    become(&w, w.lecturer);
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_title_invalid");
    in.title = "T";
    in.ends_at = now;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = NO_TIME;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = INT64_MAX / 2;
    in.ends_at = NO_TIME;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = now;
    in.ends_at = NO_TIME;
    for (int i = 0; i < LECTURE_DESCRIPTION_MAX; i++)
        memcpy(text + 2 * i, "\xc3\xbc", 2);
    in.description = text;
    assert_ok(shown(cx, lecture_create(cx, course_of[0], &in, &key, NULL)));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->description, text);
    assert_int_equal(l->ends_at, NO_TIME);
    assert_int_equal(l->access, ACCESS_DRAFT);
    memcpy(text + 2 * LECTURE_DESCRIPTION_MAX, "x", 2);
    assert_fails(lecture_update(cx, key, &in), RC_INVALID, "lecture_description_long");
    in.description = NULL;
    in.title = "Renamed";
    assert_ok(lecture_update(cx, key, &in));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->title, "Renamed");
    assert_int_equal(strlen(l->description), 2 * LECTURE_DESCRIPTION_MAX);
    become(&w, w.student);
    assert_fails(lecture_update(cx, lecture_of[0], &in), RC_DENIED, "not_allowed");
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_DENIED, "not_allowed");
    assert_fails(lecture_delete(cx, lecture_of[0]), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, l->key));
}

static void a_deleted_lecture_can_be_brought_back(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, w.lecturer);
    const char *key = add_lecture(course_of[0], "Oops", clock_now() - HOUR, true);
    assert_ok(lecture_delete(cx, key));
    assert_ok(lecture_delete(cx, key));
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, key, &l), RC_NOTFOUND, "lecture_unknown");
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_true(l->deleted_at != NO_TIME);
    assert_ok(lecture_undelete(cx, key));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    assert_int_equal(l->access, ACCESS_PUBLISHED);
    int64_t old = clock_now() - 15 * 24 * HOUR;
    assert_ok(db_exec(cx, SQL_lecture_set_deleted, NULL, "tti", old, old, l->id));
    assert_fails(lecture_undelete(cx, key), RC_CONFLICT, "undo_over");
}

/* Reads all parts of `limit`, forwards or backwards from the end, and gives their lectures in order. */
static size_t walk(const struct course *c, struct lecture_range range, bool back, struct lecture *out)
{
    struct lecture_part part;
    size_t n = 0;
    if (back) /* nothing follows the last part: begin at the other order's first */
        range.newest = !range.newest;
    assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
    assert_false(part.previous);
    if (back) {
        range.newest = !range.newest;
        range.before = part.list.item[0].key;
        out[n++] = part.list.item[0];
        assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
    }
    for (;;) {
        assert_true(part.list.n > 0 && part.list.n <= (size_t)range.limit);
        for (size_t i = 0; i < part.list.n; i++)
            out[n++] = part.list.item[back ? part.list.n - 1 - i : i];
        if (!(back ? part.previous : part.next))
            return n;
        if (back)
            range.before = part.list.item[0].key;
        else
            range.after = part.list.item[part.list.n - 1].key;
        assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
        assert_true(back ? part.next : part.previous);
    }
}

static void parts_of_a_course_join_without_a_gap(void **state)
{
    (void)state;
    enum { N = 23 };
    struct course *c = NULL;
    struct lecture all[N], got[N];
    struct lecture_list list;
    struct lecture_part part;
    become(&w, w.lecturer);
    int64_t id = add_course("parts", VIS_PUBLIC), now = clock_now();
    for (int i = 0; i < N; i++) /* three at a time begin together; every fourth is a draft */
        (void)add_lecture(id, "One", now + (i / 3) * HOUR, i % 4 != 3);
    for (int who = 0; who < 2; who++) {
        become(&w, who ? w.lecturer : 0);
        assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
        assert_ok(list_all(c, &list));
        assert_int_equal(list.n, who ? N : N - N / 4);
        memcpy(all, list.item, list.n * sizeof *all);
        for (int way = 0; way < 4; way++)
            for (int64_t limit = 1; limit < 9; limit++) {
                struct lecture_range range = {.newest = way & 1, .limit = limit};
                assert_int_equal(walk(c, range, way & 2, got), list.n);
                bool turned = (way == 1) != (way == 2);
                for (size_t i = 0; i < list.n; i++) {
                    const struct lecture *l = &all[turned ? list.n - 1 - i : i];
                    assert_string_equal(got[i].key, l->key);
                    assert_int_equal(got[i].number, l->number);
                }
            }
        assert_int_equal(all[list.n - 1].number, N);
    }
    /* the lecture next to a part may be deleted in the meantime; a key of another course is ignored */
    const char *key = all[10].key;
    assert_ok(lecture_delete(cx, key));
    struct lecture_range range = {.limit = 3, .after = key};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[11].key);
    assert_int_equal(part.total, N - 1);
    range = (struct lecture_range){.limit = 3, .before = lecture_of[VIS_PUBLIC]};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[0].key);
    assert_true(!part.previous && part.next);
    /* watched ones can be left out */
    make_watchable(all[0].key);
    become(&w, w.student);
    struct lecture *first = NULL;
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, all[0].key, &first));
    assert_ok(progress_save(cx, first, 1000, true));
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    range = (struct lecture_range){.limit = 3, .unwatched = true};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[1].key);
    become(&w, 0);
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[0].key);
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

/* A deadlock at any statement of an act is not noticed by the caller. */
static void acts_survive_deadlocks(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    for (unsigned n = 1; n <= 6; n++) {
        const char *key = NULL;
        struct lecture_edit in = {.title = "Again", .starts_at = clock_now(), .ends_at = NO_TIME};
        db_fault(cx, n, 1213);
        assert_ok(shown(cx, lecture_create(cx, course_of[0], &in, &key, NULL)));
        db_fault(cx, n, 1213);
        assert_ok(shown(cx, lecture_publish(cx, key)));
        db_fault(cx, 0, 0);
        assert_ok(lecture_delete(cx, key));
    }
}

/* If the link is lost at any statement of an act, the act fails completely, and the next one works. */
static void acts_are_all_or_nothing(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    int64_t id = add_course("fault", VIS_PUBLIC);
    struct course *c = NULL;
    struct lecture_list list;
    int failures = 0;
    for (unsigned n = 1; n <= 8; n++) {
        const char *key = NULL;
        struct lecture_edit in = {.title = "Whole", .starts_at = clock_now(), .ends_at = NO_TIME};
        db_fault(cx, n, 2013);
        enum rc rc = lecture_create(cx, id, &in, &key, NULL);
        db_fault(cx, 0, 0);
        assert_true(rc == RC_OK || rc == RC_UNAVAIL);
        assert_int_equal(rc == RC_OK, key != NULL);
        assert_false(db_in_tx(cx));
        failures += rc != RC_OK;
        err_clear(cx);
        assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
        assert_ok(list_all(c, &list));
        assert_int_equal(list.n, n - (unsigned)failures);
    }
    assert_true(failures >= 5 && failures < 8);
    assert_ok(course_delete(cx, id));
}

/* The form was made before somebody else saved the same lecture; a publication or a recording is no such change. */
static void an_older_form_of_a_lecture_is_refused(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    int64_t now = clock_now();
    become(&w, w.lecturer);
    const char *key = add_lecture(course_of[0], "Stale", now, false);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    const char *both = lecture_seen(cx, l, true, true), *texts = lecture_seen(cx, l, true, false),
               *times = lecture_seen(cx, l, false, true);
    assert_ok(lecture_publish(cx, key));
    struct lecture_edit in = {.title = l->title,
                              .description = l->description,
                              .starts_at = l->starts_at,
                              .ends_at = l->ends_at,
                              .hall = "HS 7",
                              .seen = both};
    assert_ok(shown(cx, lecture_update(cx, key, &in)));
    in.hall = "";
    in.title = "Corrected";
    assert_fails(lecture_update(cx, key, &in), RC_CONFLICT, "changed_meanwhile");
    in.title = NULL; /* the times alone, of the older form */
    in.seen = times;
    assert_fails(lecture_update(cx, key, &in), RC_CONFLICT, "changed_meanwhile");
    in = (struct lecture_edit){.title = "Corrected", .starts_at = NO_TIME, .ends_at = NO_TIME, .seen = texts};
    assert_ok(shown(cx, lecture_update(cx, key, &in))); /* the texts alone are as they were */
    assert_fails(lecture_update(cx, key, &in), RC_CONFLICT, "changed_meanwhile");
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->title, "Corrected");
    assert_string_equal(l->hall, "HS 7");
    in = (struct lecture_edit){.starts_at = now + HOUR, .ends_at = NO_TIME, .hall = ""};
    assert_ok(lecture_update(cx, key, &in)); /* programs are not asked */
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->hall, "");
    assert_ok(lecture_delete(cx, key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_course_join_without_a_gap),
        cmocka_unit_test(lectures_are_numbered_and_drafts_are_private),
        cmocka_unit_test(lectures_are_checked),
        cmocka_unit_test(a_deleted_lecture_can_be_brought_back),
        cmocka_unit_test(acts_survive_deadlocks),
        cmocka_unit_test(acts_are_all_or_nothing),
        cmocka_unit_test(an_older_form_of_a_lecture_is_refused),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    teaching_end();
    return failed;
}
