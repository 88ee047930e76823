/* A hall on request: the lecture waits without it, a maintainer of the hall gives or refuses it, and of two answers one counts. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/hall.h"
#include "lib/svc/teaching/hall_request.h"

enum { ROUNDS = 30 };

static int64_t course_id, hall_id;
static struct schedule_changed done;

static int set_up(void **state)
{
    (void)state;
    struct hall_edit in = {"Aula", "", "", 0, HALL_ON_REQUEST, NULL};
    become(&w, w.maintainer);
    if (hall_create(cx, w.school, &in, &hall_id) != RC_OK)
        return -1;
    course_id = course_of[VIS_HIDDEN];
    return 0;
}

/* An hour in the Aula, so many hours from now. */
static const char *ask(int64_t who, int64_t hours)
{
    const char *key;
    struct lecture_edit in = {.title = "Asked", .starts_at = clock_now() + hours * HOUR, .hall = "Aula"};
    in.ends_at = in.starts_at + HOUR;
    become(&w, who);
    assert_ok(shown(cx, lecture_create(cx, course_id, &in, &key, NULL)));
    return key;
}

static struct lecture *get(const char *key)
{
    struct lecture *l;
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    return l;
}

static struct org *org_of(int64_t id)
{
    struct org *org;
    assert_ok(org_get(cx, id, &org));
    return org;
}

static size_t waiting(int64_t who, int64_t org)
{
    struct hall_requests list;
    become(&w, who);
    int64_t count = -1;
    assert_ok(shown(cx, hall_request_list(cx, org_of(org), &list)));
    assert_ok(shown(cx, hall_request_count(cx, org_of(org), &count)));
    assert_int_equal(count, list.n);
    return list.n;
}

static enum rc answer(int64_t who, const char *key, bool give, const char *note, size_t *n)
{
    become(&w, who);
    return hall_request_answer(cx, &(struct schedule_keys){.key = &key, .n = 1}, give, note, n);
}

static void a_request_is_answered_by_maintainers_of_the_hall(void **state)
{
    (void)state;
    size_t n = 77;
    int64_t count;
    struct hall_requests list;
    const char *first = ask(w.lecturer, 100), *second = ask(w.lecturer, 100), *third = ask(w.lecturer, 101);
    assert_int_equal(get(first)->hall_state, HALL_REQUESTED);
    assert_string_equal(get(first)->hall, "");
    assert_int_equal(waiting(w.maintainer, w.school), 3);
    assert_int_equal(waiting(w.admin, w.uni), 3);
    assert_int_equal(waiting(w.foreign, w.other), 0);
    const int64_t others[] = {w.foreign, w.lecturer, w.student, w.stranger};
    for (size_t i = 0; i < 4; i++) {
        assert_fails(answer(others[i], first, true, "", &n), RC_DENIED, "not_allowed");
        assert_fails(hall_request_list(cx, org_of(w.school), &list), RC_DENIED, "not_allowed");
        assert_fails(hall_request_count(cx, org_of(w.school), &count), RC_DENIED, "not_allowed");
    }
    /* two ask for the same hour: the first in the list can be given */
    become(&w, w.maintainer);
    assert_ok(hall_request_list(cx, org_of(w.school), &list));
    assert_null(list.item[0].wrong);
    assert_string_equal(list.item[1].wrong, "hall_taken");
    assert_null(list.item[1].by);
    const char *both[] = {first, second};
    assert_fails(hall_request_answer(cx, &(struct schedule_keys){.key = both, .n = 2}, true, "", &n),
                 RC_CONFLICT, "hall_request_taken");
    assert_int_equal(n, 77);
    assert_int_equal(get(first)->hall_state, HALL_REQUESTED);
    assert_ok(shown(cx, answer(w.maintainer, first, true, "Key at the porter", &n)));
    assert_int_equal(n, 1);
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
    assert_string_equal(get(first)->hall, "Aula");
    assert_string_equal(get(first)->hall_note, "Key at the porter");
    assert_fails(answer(w.maintainer, second, true, "", &n), RC_CONFLICT, "hall_request_taken");
    become(&w, w.maintainer);
    assert_ok(hall_request_list(cx, org_of(w.school), &list));
    assert_non_null(list.item[0].by);
    assert_string_equal(list.item[0].by->title, "Asked");
    assert_ok(shown(cx, answer(w.maintainer, second, false, "Exams", &n)));
    assert_int_equal(get(second)->hall_state, HALL_REFUSED);
    assert_string_equal(get(second)->hall, "");
    assert_string_equal(get(second)->hall_note, "Exams");
    /* answered once */
    assert_ok(answer(w.maintainer, second, true, "", &n));
    assert_int_equal(n, 0);
    assert_ok(answer(w.admin, third, true, "", &n)); /* back to back */
    assert_int_equal(n, 1);
}

/* What changes by whom: a new time is a new request, the same time is not; a refused hall is asked for again by moving the lecture. */
static void a_new_time_is_a_new_request(void **state)
{
    (void)state;
    size_t n;
    const char *key = ask(w.lecturer, 200);
    struct lecture_edit same = {.title = "Other title", .hall = "Aula"};
    assert_ok(answer(w.maintainer, key, true, "", &n));
    same.starts_at = get(key)->starts_at;
    same.ends_at = get(key)->ends_at;
    become(&w, w.lecturer);
    assert_ok(lecture_update(cx, key, &same));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
    same.ends_at += HOUR;
    become(&w, w.lecturer);
    assert_ok(lecture_update(cx, key, &same));
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED);
    assert_ok(answer(w.maintainer, key, false, "No", &n));
    same.title = "Another";
    become(&w, w.lecturer);
    assert_ok(lecture_update(cx, key, &same)); /* asks for nothing */
    assert_int_equal(get(key)->hall_state, HALL_REFUSED);
    struct schedule_move again = {.hall = "Aula"};
    become(&w, w.lecturer);
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = &key, .n = 1}, &again, &done));
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED);
    /* cancelled, it waits for nothing; restored, it does */
    assert_int_equal(waiting(w.maintainer, w.school), 1);
    become(&w, w.lecturer);
    assert_ok(schedule_cancel(cx, course_id, &(struct schedule_keys){.key = &key, .n = 1}, "", &done));
    assert_int_equal(waiting(w.maintainer, w.school), 0);
    assert_ok(answer(w.maintainer, key, true, "", &n));
    assert_int_equal(n, 0);
    become(&w, w.lecturer);
    assert_ok(schedule_restore(cx, course_id, &(struct schedule_keys){.key = &key, .n = 1}, &done));
    assert_int_equal(waiting(w.maintainer, w.school), 1);
    /* a maintainer who moves it has the hall at once */
    become(&w, w.maintainer);
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = &key, .n = 1}, &again, &done));
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED); /* nothing changed */
    again = (struct schedule_move){.has_length = true, .length = 30};
    become(&w, w.maintainer);
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = &key, .n = 1}, &again, &done));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
}

struct one_answer {
    const char *key;
    bool give;
    size_t n;
};

static enum rc race(struct cx *c, void *arg)
{
    struct one_answer *a = arg;
    return hall_request_answer(c, &(struct schedule_keys){.key = &a->key, .n = 1}, a->give, "", &a->n);
}

static void of_two_answers_one_counts(void **state)
{
    (void)state;
    for (int64_t round = 0; round < ROUNDS; round++) {
        const char *key = ask(w.lecturer, 1000 + 10 * round), *other = ask(w.lecturer, 1000 + 10 * round);
        /* the same request: given and refused */
        struct one_answer give = {key, true, 0}, refuse = {key, false, 0};
        enum rc rc[2];
        world_race(&w, race, (void *[]){&give, &refuse}, rc);
        assert_int_equal(rc[0], RC_OK);
        assert_int_equal(rc[1], RC_OK);
        assert_int_equal(give.n + refuse.n, 1);
        assert_int_equal(get(key)->hall_state, give.n ? HALL_BOOKED : HALL_REFUSED);
        /* two requests for the same hour: both given */
        const char *third = ask(w.lecturer, 1000 + 10 * round + 5),
                   *fourth = ask(w.lecturer, 1000 + 10 * round + 5);
        struct one_answer one = {third, true, 0}, two = {fourth, true, 0};
        world_race(&w, race, (void *[]){&one, &two}, rc);
        assert_int_equal(one.n + two.n, 1);
        assert_true(rc[0] == RC_CONFLICT || rc[1] == RC_CONFLICT);
        become(&w, -1);
        assert_ok(lecture_delete(cx, other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered_by_maintainers_of_the_hall),
        cmocka_unit_test(a_new_time_is_a_new_request),
        cmocka_unit_test(of_two_answers_one_counts),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, set_up, NULL);
    teaching_end();
    return failed;
}
