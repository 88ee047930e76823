/* Courses: rights, lists of a term, what is checked, deleting and bringing back. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/lecture.h"

static bool listed(const struct course_list *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].id == id)
            return true;
    return false;
}

/* The list of a term is SQL, the right to see a course in it is policy.c: they must agree for every person
 * and every visibility. */
static void the_list_of_a_term_follows_the_policy(void **state)
{
    (void)state;
    const int64_t people[] = {0, -1, w.admin, w.maintainer, w.foreign, w.lecturer, w.student, w.stranger};
    for (size_t p = 0; p < sizeof people / sizeof *people; p++) {
        struct course_list list;
        become(&w, people[p]);
        assert_ok(shown(cx, course_list_term(cx, w.term, "", 100, 0, &list)));
        for (int v = 0; v < VIS_COUNT; v++) {
            struct course *c = NULL;
            enum rc rc = course_get(cx, ACT_COURSE_LIST, course_of[v], &c);
            if (listed(&list, course_of[v]) != (rc == RC_OK))
                fail_msg("person %zu, visibility %d: list and policy differ", p, v);
        }
    }
    struct course_list list;
    become(&w, 0);
    assert_ok(course_list_term(cx, w.term, "", 1, 0, &list));
    assert_int_equal(list.n, 1);
    become(&w, -1);
    assert_ok(course_list_term(cx, w.term, "", 2, 1, &list));
    assert_int_equal(list.n, 2);
    assert_ok(course_list_term(cx, w.term, "", 100, 2, &list));
    assert_int_equal(list.n, VIS_COUNT - 2);
}

static void a_term_is_searched_by_a_part_of_the_name(void **state)
{
    (void)state;
    struct course_list list;
    struct course *c = NULL;
    become(&w, -1);
    assert_ok(course_get(cx, ACT_COURSE_LIST, course_of[VIS_PUBLIC], &c));
    const char *part = arena_strndup(cx->arena, c->name + 1, strlen(c->name) - 1);
    assert_ok(shown(cx, course_list_term(cx, w.term, part, 100, 0, &list)));
    assert_true(listed(&list, course_of[VIS_PUBLIC]));
    for (size_t i = 0; i < list.n; i++)
        assert_non_null(strcasestr(list.item[i].name, part));
    assert_ok(course_list_term(cx, w.term, "%", 100, 0, &list)); /* means itself */
    assert_int_equal(list.n, 0);
    become(&w, w.lecturer);
    struct course_edit in = {.name = "Ökologie der Gewässer", .slug = "water", .term_id = w.term};
    in.organisation_id = w.school;
    int64_t id;
    assert_ok(shown(cx, course_create(cx, &in, &id)));
    assert_ok(course_list_term(cx, w.term, "okologie DER gew", 100, 0, &list));
    assert_int_equal(list.n, 1);
    assert_ok(course_delete(cx, id));
}

static void hidden_things_open_for_whoever_holds_the_link(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    become(&w, 0);
    assert_fails(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", NULL, &c), RC_NOTFOUND,
                 "course_unknown");
    assert_fails(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", "aaaaaaaaaaaa", &c), RC_NOTFOUND,
                 "course_unknown");
    become(&w, w.lecturer);
    assert_ok(course_get(cx, ACT_COURSE_OWN, course_of[VIS_HIDDEN], &c));
    const char *key = c->key;
    become(&w, 0);
    assert_ok(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", key, &c));
    assert_fails(course_get_by_slug(cx, ACT_COURSE_LIST, "2026w", "secret", key, &c), RC_DENIED, "signin");
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_HIDDEN], &l));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, lecture_of[VIS_PUBLIC], &l));
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_SIGNEDIN], &l), RC_DENIED, "signin");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_ENROLLED], &l), RC_DENIED, "signin");
    become(&w, w.stranger);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_SIGNEDIN], &l));
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_ENROLLED], &l), RC_DENIED, "not_enrolled");
    assert_fails(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[VIS_PUBLIC], &l), RC_DENIED, "not_allowed");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, "nosuchlectur", &l), RC_NOTFOUND, "lecture_unknown");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, "../../etc", &l), RC_NOTFOUND, "lecture_unknown");
}

static void courses_are_checked(void **state)
{
    (void)state;
    int64_t id = 0;
    struct course *c = NULL;
    struct course_edit in = {
        .name = "Open again", .slug = "open", .term_id = w.term, .organisation_id = w.school};
    become(&w, w.lecturer);
    assert_fails(course_create(cx, &in, &id), RC_CONFLICT, "course_slug_taken");
    in.term_id = w.old_term; /* the same slug in another term */
    assert_ok(shown(cx, course_create(cx, &in, &id)));
    assert_fails(
        course_update(cx, id,
                      &(struct course_edit){
                          .name = "x", .slug = "open", .term_id = w.term, .organisation_id = w.school}),
        RC_CONFLICT, "course_slug_taken");
    in.organisation_id = w.other;
    in.slug = "foreign";
    assert_fails(course_create(cx, &in, &id), RC_DENIED, "not_allowed");
    assert_fails(course_update(cx, id, &in), RC_DENIED, "not_allowed");
    in.organisation_id = 4711;
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "org_unknown");
    in.organisation_id = w.school;
    in.term_id = 4711;
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "term_unknown");
    in.term_id = w.term;
    in.slug = "Not a slug";
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "slug_invalid");
    in.slug = "fine";
    in.name = "";
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "course_name_invalid");
    in.name = "<script>alert('\xf0\x9f\x92\xa5')</script> \xd7\xa9";
    in.description = "# Markdown";
    in.visibility = VIS_HIDDEN;
    assert_ok(course_update(cx, id, &in));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_string_equal(c->name, in.name);
    assert_string_equal(c->description, "# Markdown");
    assert_int_equal(c->visibility, VIS_HIDDEN);
    assert_string_equal(c->staff, "lecturer");
    in.description = NULL;
    assert_ok(course_update(cx, id, &in));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_string_equal(c->description, "# Markdown");
    become(&w, w.student);
    assert_fails(course_create(cx, &in, &id), RC_DENIED, "not_allowed");
    assert_fails(course_update(cx, course_of[VIS_PUBLIC], &in), RC_DENIED, "not_allowed");
    assert_fails(course_delete(cx, course_of[VIS_PUBLIC]), RC_DENIED, "not_allowed");
    assert_fails(course_staff_give(cx, course_of[VIS_PUBLIC], "student", STAFF_OWNER, 0), RC_DENIED,
                 "not_allowed");
    assert_fails(course_students_add(cx, course_of[VIS_PUBLIC], "stranger"), RC_DENIED, "not_allowed");
    become(&w, w.foreign);
    assert_fails(course_delete(cx, course_of[VIS_PUBLIC]), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

static void a_deleted_course_is_gone_until_undone(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    struct course_list list;
    become(&w, w.lecturer);
    int64_t id = add_course("going", VIS_PUBLIC);
    const char *key = add_lecture(id, "Going", clock_now() - HOUR, true);
    assert_ok(course_delete(cx, id));
    assert_ok(course_delete(cx, id));
    become(&w, 0);
    assert_fails(course_get(cx, ACT_COURSE_PAGE, id, &c), RC_NOTFOUND, "course_unknown");
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, key, &l), RC_NOTFOUND, "lecture_unknown");
    assert_ok(course_list_public(cx, w.term, 100, &list));
    assert_false(listed(&list, id));
    become(&w, w.lecturer);
    assert_ok(course_list_taught(cx, 100, 0, &list));
    assert_false(listed(&list, id));
    assert_fails(
        course_create(cx,
                      &(struct course_edit){
                          .name = "g", .slug = "going", .term_id = w.term, .organisation_id = w.school},
                      &id),
        RC_CONFLICT, "course_slug_taken");
    assert_ok(course_undelete(cx, id));
    become(&w, 0);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    become(&w, w.lecturer);
    assert_ok(db_exec(cx, SQL_course_set_deleted, NULL, "ti", clock_now() - 15 * 24 * HOUR, id));
    assert_fails(course_undelete(cx, id), RC_CONFLICT, "undo_over");
    struct lecture_list purge;
    assert_ok(lecture_list_purgeable(cx, 10, &purge));
    assert_int_equal(purge.n, 1);
    assert_string_equal(purge.item[0].key, key);
}

static void my_courses_have_pages(void **state)
{
    (void)state;
    struct course_list all, part;
    become(&w, w.lecturer);
    assert_ok(course_list_mine(cx, 100, 0, &all));
    assert_int_equal(all.n, VIS_COUNT);
    for (size_t i = 0; i < all.n; i++) {
        assert_ok(shown(cx, course_list_mine(cx, 1, (int64_t)i, &part)));
        assert_int_equal(part.n, 1);
        assert_int_equal(part.item[0].id, all.item[i].id);
    }
    assert_ok(course_list_mine(cx, 1, (int64_t)all.n, &part));
    assert_int_equal(part.n, 0);
}

/* Deleted courses are found by those who may restore them and by nobody else: the SQL must agree with the
 * table. */
static bool finds_deleted_course(int64_t who, int64_t id)
{
    struct course_list list;
    struct course *c = NULL;
    bool found = false;
    become(&w, who);
    assert_ok(shown(cx, course_list_deleted(cx, 100, &list)));
    for (size_t i = 0; i < list.n; i++)
        found |= list.item[i].id == id;
    assert_int_equal(found, course_get(cx, ACT_COURSE_OWN, id, &c) == RC_OK);
    err_clear(cx);
    return found;
}

/* Whoever maintains another part of the tree would become owner by it. */
static void lecturers_do_not_move_a_course_to_what_they_maintain(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    int64_t id = add_course("stays", VIS_PUBLIC);
    struct course_edit move = {
        .name = "Stays", .slug = "stays", .term_id = w.term, .organisation_id = w.other};
    assert_ok(shown(cx, course_staff_give(cx, id, "foreign", STAFF_LECTURER, 0)));
    become(&w, w.foreign);
    assert_fails(course_update(cx, id, &move), RC_DENIED, "not_allowed");
    move.organisation_id = w.school;
    assert_ok(shown(cx, course_update(cx, id, &move)));
    become(&w, w.lecturer);
    assert_ok(shown(cx, course_staff_give(cx, id, "foreign", STAFF_OWNER, 0)));
    become(&w, w.foreign);
    move.organisation_id = w.other;
    assert_ok(shown(cx, course_update(cx, id, &move)));
    assert_ok(course_delete(cx, id));
}

static void deleted_things_are_found(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    int64_t id = add_course("lost", VIS_PUBLIC);
    const char *kept = add_lecture(id, "Kept", clock_now(), true),
               *lost = add_lecture(id, "Lost", clock_now(), true);
    struct lecture_edit edit = {.title = "Other", .starts_at = clock_now(), .ends_at = NO_TIME};
    struct course_edit move = {
        .name = "Other", .slug = "lost", .term_id = w.term, .organisation_id = w.school};
    struct course *c = NULL;
    struct lecture_list list;
    assert_ok(lecture_delete(cx, lost));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_ok(shown(cx, lecture_list_deleted(cx, c, 50, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, lost);
    assert_fails(lecture_update(cx, lost, &edit), RC_CONFLICT, "deleted");
    assert_fails(lecture_publish(cx, lost), RC_CONFLICT, "deleted");
    assert_ok(lecture_undelete(cx, lost));
    assert_ok(lecture_list_deleted(cx, c, 50, &list));
    assert_int_equal(list.n, 0);
    assert_ok(lecture_delete(cx, lost));
    become(&w, w.student);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_ok(lecture_list_deleted(cx, c, 50, &list));
    assert_int_equal(list.n, 0);

    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
    assert_true(finds_deleted_course(w.lecturer, id));
    assert_true(finds_deleted_course(w.maintainer, id));
    assert_true(finds_deleted_course(w.admin, id));
    assert_false(finds_deleted_course(w.student, id));
    become(&w, 0);
    struct course_list none;
    assert_ok(course_list_deleted(cx, 100, &none));
    assert_int_equal(none.n, 0);
    become(&w, w.lecturer);
    assert_fails(course_update(cx, id, &move), RC_CONFLICT, "deleted");
    assert_fails(lecture_create(cx, id, &edit, &lost, NULL), RC_CONFLICT, "deleted");
    assert_fails(lecture_unpublish(cx, kept), RC_CONFLICT, "deleted");
    assert_ok(course_undelete(cx, id));
    assert_ok(lecture_unpublish(cx, kept));
    assert_ok(course_delete(cx, id));
}

/* The form was made before somebody else saved the same course. */
static void an_older_form_of_a_course_is_refused(void **state)
{
    (void)state;
    struct course *c = NULL;
    become(&w, w.lecturer);
    int64_t id = add_course("stale", VIS_PUBLIC);
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    const char *all = course_seen(cx, c, false), *texts = course_seen(cx, c, true);
    struct course_edit in = {.name = c->name,
                             .slug = c->slug,
                             .term_id = c->term_id,
                             .organisation_id = c->organisation_id,
                             .visibility = VIS_HIDDEN,
                             .seen = all};
    assert_ok(shown(cx, course_update(cx, id, &in)));
    in.name = "Stale form";
    in.visibility = VIS_PUBLIC;
    assert_fails(course_update(cx, id, &in), RC_CONFLICT, "changed_meanwhile");
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_int_equal(c->visibility, VIS_HIDDEN);
    assert_string_not_equal(c->name, "Stale form");
    in.seen = ""; /* no digest at all is not that of the row */
    assert_fails(course_update(cx, id, &in), RC_CONFLICT, "changed_meanwhile");
    /* the texts are as they were for a form that has only them, whoever published a lecture meanwhile */
    (void)add_lecture(id, "Meanwhile", clock_now(), true);
    assert_ok(shown(cx, course_set_texts(cx, id, "Texts", "new", texts)));
    assert_fails(course_set_texts(cx, id, "Again", "newer", texts), RC_CONFLICT, "changed_meanwhile");
    /* as it was shown with the refusal, and of programs, which show nothing */
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    in.seen = course_seen(cx, c, false);
    assert_ok(course_update(cx, id, &in));
    in.seen = NULL;
    in.downloads = true;
    in.keep_gaps = true;
    assert_false(c->keep_gaps);
    assert_ok(course_update(cx, id, &in));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_true(c->keep_gaps);
    assert_string_not_equal(course_seen(cx, c, false), all);
    assert_string_equal(c->name, "Stale form");
    assert_true(c->downloads);
}

/* Each field that the form edits counts, and nothing else. */
static void what_a_form_of_a_course_shows_counts(void **state)
{
    (void)state;
    struct course c = {.name = "n", .description = "d", .slug = "s", .term_id = 1, .organisation_id = 2};
    const char *was = course_seen(cx, &c, false), *texts = course_seen(cx, &c, true);
    struct course other[] = {c, c, c, c, c, c, c};
    other[0].name = "nd"; /* not the same as "n" before "d" */
    other[0].description = "";
    other[1].description = NULL;
    other[2].slug = "t";
    other[3].term_id = 2;
    other[4].organisation_id = 1;
    other[5].visibility = VIS_HIDDEN;
    other[6].downloads = true;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        assert_string_not_equal(course_seen(cx, &other[i], false), was);
        assert_true((strcmp(course_seen(cx, &other[i], true), texts) == 0) == (i > 1));
    }
    c.lecture_count = 7;
    c.staff = "somebody";
    assert_string_equal(course_seen(cx, &c, false), was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_of_a_term_follows_the_policy),
        cmocka_unit_test(a_term_is_searched_by_a_part_of_the_name),
        cmocka_unit_test(hidden_things_open_for_whoever_holds_the_link),
        cmocka_unit_test(courses_are_checked),
        cmocka_unit_test(a_deleted_course_is_gone_until_undone),
        cmocka_unit_test(my_courses_have_pages),
        cmocka_unit_test(lecturers_do_not_move_a_course_to_what_they_maintain),
        cmocka_unit_test(deleted_things_are_found),
        cmocka_unit_test(an_older_form_of_a_course_is_refused),
        cmocka_unit_test(what_a_form_of_a_course_shows_counts),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    teaching_end();
    return failed;
}
