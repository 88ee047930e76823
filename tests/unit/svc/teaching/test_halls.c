/* Halls: who adds and archives them, whom they serve, by which names they are found, and what whoever plans a lecture gets. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/hall.h"

static int64_t course_id, big, asked, closed, beside;

static int64_t add(int64_t who, int64_t org, const char *name, enum hall_booking booking)
{
    int64_t id = 0;
    struct hall_edit in = {name, "5602.EG.001, MI HS", "Main building", 120, booking, NULL};
    become(&w, who);
    assert_ok(shown(cx, hall_create(cx, org, &in, &id)));
    return id;
}

static struct org *org_of(int64_t id)
{
    struct org *org;
    assert_ok(org_get(cx, id, &org));
    return org;
}

static struct hall *hall(int64_t id)
{
    struct hall *h;
    assert_ok(hall_get(cx, id, &h));
    return h;
}

static int set_up(void **state)
{
    (void)state;
    course_id = course_of[VIS_ENROLLED];
    big = add(w.admin, w.uni, "HS 1", HALL_BELOW);
    asked = add(w.maintainer, w.school, "Seminar room", HALL_ON_REQUEST);
    closed = add(w.maintainer, w.school, "Board room", HALL_MAINTAINERS);
    beside = add(w.foreign, w.other, "Their hall", HALL_BELOW);
    return 0;
}

static void maintainers_keep_their_halls(void **state)
{
    (void)state;
    int64_t id;
    struct hall_list list;
    struct hall_edit in = {"HS 2", "", "", 0, HALL_BELOW, NULL};
    const int64_t others[] = {w.foreign, w.lecturer, w.student, w.stranger};
    for (size_t i = 0; i < 4; i++) {
        become(&w, others[i]);
        assert_fails(hall_create(cx, w.school, &in, &id), RC_DENIED, "not_allowed");
        assert_fails(hall_update(cx, asked, &in), RC_DENIED, "not_allowed");
        assert_fails(hall_archive(cx, asked), RC_DENIED, "not_allowed");
        assert_fails(hall_restore(cx, asked), RC_DENIED, "not_allowed");
        assert_fails(hall_list(cx, org_of(w.school), 10, 0, &list), RC_DENIED, "not_allowed");
    }
    become(&w, w.maintainer);
    assert_fails(hall_create(cx, w.uni, &in, &id), RC_DENIED, "not_allowed");
    assert_ok(shown(cx, hall_create(cx, w.school, &in, &id)));
    assert_fails(hall_create(cx, w.school, &in, &id), RC_CONFLICT, "hall_name_taken");
    in.name = "hs 2"; /* the same in other letters */
    assert_fails(hall_create(cx, w.school, &in, &id), RC_CONFLICT, "hall_name_taken");
    in.name = " ";
    assert_fails(hall_create(cx, w.school, &in, &id), RC_INVALID, "hall_name");
    in = (struct hall_edit){"HS 3", "", "", -1, HALL_BELOW, NULL};
    assert_fails(hall_create(cx, w.school, &in, &id), RC_INVALID, "hall_seats");
    assert_ok(hall_list(cx, org_of(w.school), 2, 0, &list));
    assert_int_equal(list.n, 2);
    assert_true(list.more);
    assert_ok(hall_list(cx, org_of(w.school), 10, 0, &list));
    assert_int_equal(list.n, 4); /* the archived one is the last */
    assert_true(list.item[3].archived_at != NO_TIME);
    assert_fails(hall_get(cx, 999999, &(struct hall *){NULL}), RC_NOTFOUND, "hall_unknown");
}

/* What `who` gets for a lecture of the course in a week, an hour long. */
static struct booking look(int64_t who, const char *text)
{
    struct booking b = {.field = "hall", .hall = text, .starts_at = clock_now() + 170 * HOUR};
    become(&w, who);
    b.ends_at = b.starts_at + HOUR;
    assert_ok(shown(cx, booking_look(cx, org_of(w.school)->path, &b, 1)));
    return b;
}

static void halls_are_found_by_name_and_code(void **state)
{
    (void)state;
    static const char *const names[] = {"HS 1", "hs1", " HS  1", "HS1"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(look(w.lecturer, names[i]).hall_id, big);
    /* both have the code: the nearer one; of two with the same name, too */
    assert_int_equal(look(w.lecturer, "5602.eg.001").with->organisation_id, w.school);
    int64_t near = add(w.maintainer, w.school, "HS 1", HALL_BELOW);
    assert_int_equal(look(w.lecturer, "HS 1").hall_id, near);
    become(&w, w.maintainer);
    assert_ok(hall_archive(cx, near));
    assert_int_equal(look(w.lecturer, "HS 1").hall_id, big);
    static const char *const none[] = {"", "HS", "HS 11", "EG", "%", "Their hall", "HS 1, EG"};
    for (size_t i = 0; i < 7; i++) {
        struct booking b = look(w.lecturer, none[i]);
        assert_int_equal(b.hall_id, 0);
        assert_string_equal(b.text, none[i]);
        assert_null(b.wrong);
    }
}

static void whoever_plans_gets_what_the_hall_gives(void **state)
{
    (void)state;
    struct booking b = look(w.lecturer, "Seminar room");
    assert_int_equal(b.state, HALL_REQUESTED);
    assert_string_equal(b.text, ""); /* nobody is sent there yet */
    assert_int_equal(look(w.maintainer, "Seminar room").state, HALL_BOOKED);
    assert_string_equal(look(w.lecturer, "Board room").wrong, "hall_closed");
    assert_int_equal(look(w.maintainer, "Board room").state, HALL_BOOKED);
    assert_int_equal(look(w.admin, "Board room").state, HALL_BOOKED);
    assert_int_equal(look(w.foreign, "Board room").state, HALL_NONE);
    b = look(w.lecturer, "HS 1");
    assert_int_equal(b.state, HALL_BOOKED);
    assert_string_equal(b.text, "HS 1");
    /* a neighbour's course does not have the hall, whoever plans it */
    struct booking theirs = {
        .field = "hall", .hall = "Seminar room", .starts_at = b.starts_at, .ends_at = b.ends_at};
    become(&w, w.foreign);
    assert_ok(booking_look(cx, org_of(w.other)->path, &theirs, 1));
    assert_int_equal(theirs.hall_id, 0);
    assert_string_equal(theirs.text, "Seminar room");
    struct hall_list offered;
    assert_ok(hall_list_serving(cx, org_of(w.school)->path, "", &offered));
    assert_int_equal(offered.n, 3); /* without the archived one */
    assert_ok(hall_list_serving(cx, org_of(w.other)->path, "", &offered));
    assert_int_equal(offered.n, 2);
}

static void a_name_changes_where_it_is_shown(void **state)
{
    (void)state;
    const char *key;
    struct lecture *l;
    struct lecture_edit in = {.title = "Here", .starts_at = clock_now() + 900 * HOUR, .hall = "hs1"};
    in.ends_at = in.starts_at + HOUR;
    become(&w, w.lecturer);
    assert_ok(shown(cx, lecture_create(cx, course_id, &in, &key, NULL)));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->hall, "HS 1");
    assert_int_equal(l->hall_id, big);
    become(&w, w.admin);
    struct hall_edit name = {"Old hall", "HS 1", "", 99, HALL_BELOW, NULL};
    assert_ok(shown(cx, hall_update(cx, big, &name)));
    assert_int_equal(hall(big)->seats, 99);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->hall, "Old hall");
    /* archived: lectures keep it, none gets it, and it comes back */
    assert_ok(hall_archive(cx, big));
    assert_ok(hall_archive(cx, big));
    become(&w, w.lecturer);
    in.title = "There";
    in.hall = "Old hall";
    assert_ok(shown(cx, lecture_update(cx, key, &in)));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_int_equal(l->hall_id, big);
    assert_int_equal(l->hall_state, HALL_BOOKED);
    in.ends_at += HOUR;
    assert_fails(lecture_update(cx, key, &in), RC_CONFLICT, "hall_archived");
    assert_int_equal(look(w.lecturer, "Old hall").hall_id, 0);
    become(&w, w.admin);
    assert_ok(hall_restore(cx, big));
    assert_int_equal(look(w.lecturer, "Old hall").hall_id, big);
    become(&w, w.lecturer);
    assert_ok(shown(cx, lecture_update(cx, key, &in)));
}

/* The form was made before somebody else saved the same hall. Archiving it is no such change. */
static void an_older_form_of_a_hall_is_refused(void **state)
{
    (void)state;
    int64_t id = add(w.maintainer, w.school, "Stale hall", HALL_BELOW);
    const char *seen = hall_seen(cx, hall(id));
    struct hall_edit in = {"Stale hall", "", "", 50, HALL_MAINTAINERS, seen};
    assert_ok(hall_archive(cx, id));
    assert_ok(hall_restore(cx, id));
    assert_ok(shown(cx, hall_update(cx, id, &in)));
    in.booking = HALL_BELOW;
    assert_fails(hall_update(cx, id, &in), RC_CONFLICT, "changed_meanwhile");
    assert_int_equal(hall(id)->booking, HALL_MAINTAINERS);
    in.seen = hall_seen(cx, hall(id));
    assert_ok(hall_update(cx, id, &in));
    assert_int_equal(hall(id)->booking, HALL_BELOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halls_are_found_by_name_and_code),
        cmocka_unit_test(whoever_plans_gets_what_the_hall_gives),
        cmocka_unit_test(maintainers_keep_their_halls),
        cmocka_unit_test(a_name_changes_where_it_is_shown),
        cmocka_unit_test(an_older_form_of_a_hall_is_refused),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, set_up, NULL);
    teaching_end();
    return failed;
}
