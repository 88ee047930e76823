/* The people of a course: roles, what each may give and take, the last owner, students. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/lecture.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static int64_t ann, ben; /* without a role */

static void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

/* A course of w.lecturer, who acts from here on. */
static int64_t add_course(const char *slug)
{
    int64_t id = 0;
    struct course_edit in = {.name = slug, .slug = slug, .term_id = w.term, .organisation_id = w.school};
    become(&w, w.lecturer);
    assert_ok(shown(cx, course_create(cx, &in, &id)));
    return id;
}

static const struct course_staff *role_in(int64_t course, int64_t user_id)
{
    struct course_staff *s = NULL;
    const struct actor *before = cx->actor;
    cx->actor = &w.program;
    assert_ok(shown(cx, course_staff_get(cx, course, user_id, &s)));
    cx->actor = before;
    return s;
}

static void whoever_creates_a_course_owns_it(void **state)
{
    (void)state;
    int64_t id = add_course("owned");
    const struct course_staff *s = role_in(id, w.lecturer);
    assert_int_equal(s->role, STAFF_OWNER);
    assert_string_equal(s->granted_by, "lecturer");
    become(&w, -1);
    assert_ok(course_staff_give(cx, id, "ann", STAFF_LECTURER, 1u << RIGHT_UPLOAD));
    assert_int_equal(role_in(id, ann)->role, STAFF_LECTURER);
    assert_int_equal(role_in(id, ann)->rights, 0); /* rights are for assistants */
    assert_null(role_in(id, ann)->granted_by);     /* a program */
}

static void the_last_owner_stays(void **state)
{
    (void)state;
    int64_t id = add_course("last"), gone;
    struct course_staff_list staff;
    assert_fails(course_staff_take(cx, id, w.lecturer), RC_CONFLICT, "owner_last");
    assert_fails(course_staff_give(cx, id, "lecturer", STAFF_LECTURER, 0), RC_CONFLICT, "owner_last");
    assert_ok(course_staff_give(cx, id, "ANN", STAFF_OWNER, 0));
    assert_ok(course_staff_give(cx, id, "ann", STAFF_OWNER, 0));
    assert_ok(course_staff_give(cx, id, "lecturer", STAFF_LECTURER, 0));
    become(&w, ann);
    assert_fails(course_staff_take(cx, id, ann), RC_CONFLICT, "owner_last");
    /* An owner who cannot act does not count. */
    become(&w, -1);
    gone = world_person(&w, "gone");
    assert_ok(course_staff_give(cx, id, "gone", STAFF_OWNER, 0));
    assert_ok(user_set_disabled(cx, gone, true));
    assert_fails(course_staff_take(cx, id, ann), RC_CONFLICT, "owner_last");
    assert_ok(course_staff_take(cx, id, gone));
    assert_ok(course_staff_take(cx, id, gone));
    assert_ok(course_staff_list(cx, id, &staff));
    assert_int_equal(staff.n, 2);
    assert_string_equal(staff.item[0].login, "ann"); /* the owner first */
}

struct taking {
    int64_t course, user;
};

static enum rc take(struct cx *own, void *arg)
{
    const struct taking *t = arg;
    return course_staff_take(own, t->course, t->user);
}

static void of_two_that_take_the_last_owners_one_fails(void **state)
{
    (void)state;
    enum { ROUNDS = 20 };
    int64_t id = add_course("two");
    for (int i = 0; i < ROUNDS; i++) {
        struct course_staff_list staff;
        become(&w, -1);
        assert_ok(course_staff_give(cx, id, "lecturer", STAFF_OWNER, 0));
        assert_ok(course_staff_give(cx, id, "ann", STAFF_OWNER, 0));
        struct taking one = {id, w.lecturer}, two = {id, ann};
        enum rc rc[2];
        world_race(&w, take, (void *[2]){&one, &two}, rc);
        assert_true((rc[0] == RC_OK) != (rc[1] == RC_OK));
        assert_ok(course_staff_list(cx, id, &staff));
        assert_int_equal(staff.n, 1);
    }
}

static void nobody_gives_or_takes_more_than_they_hold(void **state)
{
    (void)state;
    int64_t id = add_course("held");
    const unsigned people = 1u << RIGHT_PEOPLE, texts = 1u << RIGHT_TEXTS, upload = 1u << RIGHT_UPLOAD;
    assert_fails(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, 0), RC_INVALID, "rights_none");
    assert_ok(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, people | texts));
    become(&w, ann);
    assert_fails(course_staff_give(cx, id, "ben", STAFF_OWNER, 0), RC_DENIED, "more_than_held");
    assert_fails(course_staff_give(cx, id, "ben", STAFF_LECTURER, 0), RC_DENIED, "more_than_held");
    assert_fails(course_staff_give(cx, id, "ben", STAFF_ASSISTANT, texts | upload), RC_DENIED,
                 "more_than_held");
    assert_fails(course_staff_give(cx, id, "ann", STAFF_OWNER, 0), RC_DENIED, "more_than_held");
    assert_fails(course_staff_take(cx, id, w.lecturer), RC_DENIED, "more_than_held");
    assert_ok(course_staff_give(cx, id, "ben", STAFF_ASSISTANT, texts));
    assert_fails(course_get(cx, ACT_COURSE_SETTINGS, id, &(struct course *){NULL}), RC_DENIED, "not_allowed");
    become(&w, ben);
    assert_fails(course_staff_give(cx, id, "stranger", STAFF_ASSISTANT, texts), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_ok(course_staff_give(cx, id, "ben", STAFF_LECTURER, 0));
    become(&w, ben);
    assert_fails(course_staff_give(cx, id, "ann", STAFF_OWNER, 0), RC_DENIED, "more_than_held");
    assert_fails(course_staff_give(cx, id, "lecturer", STAFF_LECTURER, 0), RC_DENIED, "more_than_held");
    assert_ok(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, upload));
    assert_int_equal(role_in(id, ann)->rights, upload);
    assert_string_equal(role_in(id, ann)->granted_by, "ben");
    assert_ok(course_staff_take(cx, id, ann));
    assert_fails(course_delete(cx, id), RC_DENIED, "not_allowed");
    become(&w, w.foreign); /* a maintainer of another school */
    assert_fails(course_staff_give(cx, id, "foreign", STAFF_ASSISTANT, texts), RC_DENIED, "not_allowed");
    become(&w, w.maintainer);
    assert_ok(course_staff_give(cx, id, "ann", STAFF_OWNER, 0));
}

/* Of two who change a role the second is told; who adds somebody takes nothing away. */
static void an_older_form_is_refused(void **state)
{
    (void)state;
    int64_t id = add_course("stale");
    const unsigned texts = 1u << RIGHT_TEXTS, upload = 1u << RIGHT_UPLOAD;
    assert_ok(course_staff_add(cx, id, "ann", STAFF_ASSISTANT, texts));
    assert_ok(course_staff_add(cx, id, "ann", STAFF_ASSISTANT, texts)); /* the same once more */
    assert_fails(course_staff_add(cx, id, "ann", STAFF_LECTURER, 0), RC_CONFLICT, "staff_there");
    const char *seen = course_staff_seen(cx, role_in(id, ann));
    assert_ok(shown(cx, course_staff_change(cx, id, ann, STAFF_ASSISTANT, texts | upload, seen)));
    assert_fails(course_staff_change(cx, id, ann, STAFF_LECTURER, 0, seen), RC_CONFLICT, "changed_meanwhile");
    assert_int_equal(role_in(id, ann)->rights, texts | upload);
    seen = course_staff_seen(cx, role_in(id, ann));
    assert_ok(course_staff_change(cx, id, ann, STAFF_LECTURER, upload, seen));
    assert_true(role_in(id, ann)->role == STAFF_LECTURER && role_in(id, ann)->rights == 0);
    assert_ok(course_staff_take(cx, id, ann));
    assert_fails(course_staff_change(cx, id, ann, STAFF_OWNER, 0, seen), RC_NOTFOUND, "user_unknown");
    assert_fails(course_staff_get(cx, id, ann, &(struct course_staff *){NULL}), RC_NOTFOUND, "user_unknown");
}

/* An assistant of the right changes what it is for, and nothing else. */
static void assistants_do_what_their_rights_say(void **state)
{
    (void)state;
    int64_t id = add_course("rights");
    const char *key = NULL;
    struct lecture_edit all = {.title = "One", .starts_at = clock_now(), .ends_at = NO_TIME};
    struct lecture_edit texts = {.title = "Two", .starts_at = NO_TIME, .ends_at = NO_TIME};
    struct lecture_edit times = {.starts_at = clock_now() + 1000, .ends_at = NO_TIME};
    struct lecture *l = NULL;
    struct course *c = NULL;
    assert_ok(lecture_create(cx, id, &all, &key, NULL));

    assert_ok(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, 1u << RIGHT_TEXTS));
    become(&w, ann);
    assert_ok(lecture_update(cx, key, &texts));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->title, "Two");
    assert_int_equal(l->starts_at, all.starts_at);
    assert_fails(lecture_update(cx, key, &times), RC_DENIED, "not_allowed");
    assert_fails(lecture_update(cx, key, &all), RC_DENIED, "not_allowed");
    assert_fails(lecture_publish(cx, key), RC_DENIED, "not_allowed");
    assert_fails(lecture_delete(cx, key), RC_DENIED, "not_allowed");
    assert_fails(lecture_create(cx, id, &all, &key, NULL), RC_DENIED, "not_allowed");
    assert_fails(course_students_add(cx, id, "student"), RC_DENIED, "not_allowed");
    assert_ok(course_set_texts(cx, id, "Rights", "*new*", NULL));
    assert_ok(course_get(cx, ACT_COURSE_TEACH, id, &c));
    assert_string_equal(c->name, "Rights");
    assert_string_equal(c->description, "*new*");
    assert_null(strstr(c->staff, "ann")); /* people see owners and lecturers */
    struct course_edit edit = {.name = "x", .slug = "rights", .term_id = w.term, .organisation_id = w.school};
    assert_fails(course_update(cx, id, &edit), RC_DENIED, "not_allowed");
    assert_fails(course_set_texts(cx, id, "", NULL, NULL), RC_INVALID, "course_name_invalid");

    become(&w, w.lecturer);
    assert_ok(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, 1u << RIGHT_TIMETABLE));
    become(&w, ann);
    assert_ok(lecture_update(cx, key, &times));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->title, "Two");
    assert_int_equal(l->starts_at, times.starts_at);
    assert_fails(lecture_update(cx, key, &texts), RC_DENIED, "not_allowed");
    assert_fails(course_set_texts(cx, id, "x", NULL, NULL), RC_DENIED, "not_allowed");
    assert_ok(lecture_publish(cx, key));
    assert_ok(lecture_delete(cx, key));
    assert_ok(lecture_undelete(cx, key));

    become(&w, w.lecturer);
    assert_ok(course_staff_give(cx, id, "ann", STAFF_ASSISTANT, 1u << RIGHT_PEOPLE));
    become(&w, ann);
    assert_ok(course_students_add(cx, id, "student"));
    assert_fails(lecture_unpublish(cx, key), RC_DENIED, "not_allowed");
}

static void students_come_and_go(void **state)
{
    (void)state;
    int64_t id = add_course("full");
    struct course_students students;
    assert_fails(course_students_add(cx, id, "nobody"), RC_NOTFOUND, "user_unknown");
    assert_fails(course_staff_give(cx, id, "nobody", STAFF_LECTURER, 0), RC_NOTFOUND, "user_unknown");
    assert_fails(course_students_add(cx, id, "gone"), RC_CONFLICT, "user_disabled");
    assert_fails(course_staff_give(cx, id, "gone", STAFF_LECTURER, 0), RC_CONFLICT, "user_disabled");
    assert_ok(course_students_add(cx, id, "student"));
    assert_ok(course_students_add(cx, id, "student"));
    assert_ok(course_students_list(cx, id, 10, 0, &students));
    assert_int_equal(students.n, 1);
    assert_ok(course_students_remove(cx, id, w.student));
    assert_ok(course_students_list(cx, id, 10, 0, &students));
    assert_int_equal(students.n, 0);
    assert_ok(course_delete(cx, id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_creates_a_course_owns_it),
        cmocka_unit_test(the_last_owner_stays),
        cmocka_unit_test(of_two_that_take_the_last_owners_one_fails),
        cmocka_unit_test(nobody_gives_or_takes_more_than_they_hold),
        cmocka_unit_test(an_older_form_is_refused),
        cmocka_unit_test(assistants_do_what_their_rights_say),
        cmocka_unit_test(students_come_and_go),
    };
    if (!world_init(&w))
        return 0;
    cx = &w.cx;
    become(&w, -1);
    ann = world_person(&w, "ann");
    ben = world_person(&w, "ben");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
