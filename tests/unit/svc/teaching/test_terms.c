/* Lecture periods and free days: who may say them, and for whom they hold. */
#include "tests/unit/testing.h"

#include "lib/svc/teaching/free_day.h"
#include "lib/svc/teaching/term.h"
#include "tests/unit/svc/world.h"

static struct world w;

static struct term *term(void)
{
    struct term *t;
    assert_ok(term_get(&w.cx, w.term, &t));
    return t;
}

/* Days are counted from the first of the term. */
static enum rc add(int64_t org, int64_t first, int64_t last, const char *name, int64_t *id)
{
    int64_t begin = term_day(term()->starts_at);
    struct free_day_new in = {.term_id = w.term, .organisation_id = org, .name = name};
    in.first = begin + first;
    in.last = begin + last;
    return free_day_add(&w.cx, &in, id);
}

static void a_term_has_a_lecture_period(void **state)
{
    (void)state;
    become(&w, -1);
    struct term *t = term();
    int64_t first = term_day(t->starts_at), last = term_day(t->ends_at);
    assert_false(t->has_period);
    assert_int_equal(t->first, first);
    assert_int_equal(t->last, term_day(t->ends_at - 1));
    assert_rc(term_set_period(&w.cx, w.term, first + 20, first + 10), RC_INVALID);
    assert_rc(term_set_period(&w.cx, w.term, first - 1, first + 10), RC_INVALID);
    assert_rc(term_set_period(&w.cx, w.term, first, last + 1), RC_INVALID);
    assert_rc(term_set_period(&w.cx, 999999, first, last), RC_NOTFOUND);
    become(&w, w.maintainer);
    assert_rc(term_set_period(&w.cx, w.term, first, last), RC_DENIED);
    become(&w, w.admin);
    assert_ok(shown(&w.cx, term_set_period(&w.cx, w.term, first + 10, last - 20)));
    assert_ok(term_get_by_slug(&w.cx, "2026w", &t));
    assert_true(t->has_period);
    assert_int_equal(t->first, first + 10);
    assert_int_equal(t->last, last - 20);
}

static struct free_day_list free_in(int64_t org, int64_t first, int64_t last)
{
    struct free_day_list list;
    int64_t begin = term_day(term()->starts_at);
    assert_ok(shown(&w.cx, free_day_list(&w.cx, org, begin + first, begin + last, &list)));
    return list;
}

static void free_days_hold_below(void **state)
{
    (void)state;
    int64_t everybody, school;
    become(&w, w.maintainer); /* of school */
    assert_rc(add(0, 80, 93, "Christmas break", NULL), RC_DENIED);
    assert_rc(add(w.uni, 80, 93, "Christmas break", NULL), RC_DENIED);
    assert_rc(add(w.other, 60, 60, "Open day", NULL), RC_DENIED);
    assert_ok(shown(&w.cx, add(w.school, 60, 60, "Open day", &school)));
    assert_rc(add(w.school, 60, 60, "Again", NULL), RC_CONFLICT);
    assert_rc(add(w.school, 62, 61, "Backwards", NULL), RC_INVALID);
    assert_rc(add(w.school, -1, 3, "Too early", NULL), RC_INVALID);
    assert_rc(add(w.school, 0, FREE_DAYS_LONG, "Too long", NULL), RC_INVALID);
    assert_rc(add(w.school, 61, 61, " ", NULL), RC_INVALID);
    assert_rc(add(999999, 61, 61, "Nowhere", NULL), RC_NOTFOUND);
    become(&w, w.lecturer);
    assert_rc(add(w.school, 61, 61, "Mine", NULL), RC_DENIED);
    become(&w, w.admin);
    assert_ok(shown(&w.cx, add(0, 80, 93, "Christmas break", &everybody)));
    assert_int_equal(free_in(0, 0, 200).n, 1);
    assert_int_equal(free_in(w.uni, 0, 200).n, 1);
    assert_int_equal(free_in(w.other, 0, 200).n, 1);
    become(&w, 0); /* visitors may read them */
    struct free_day_list list = free_in(w.school, 0, 200);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.item[0].name, "Open day");
    assert_int_equal(list.item[0].organisation_id, w.school);
    assert_string_equal(list.item[1].name, "Christmas break");
    assert_null(list.item[1].organisation_name);
    assert_int_equal(list.item[1].last - list.item[1].first, 13);
    assert_int_equal(free_in(w.school, 93, 100).n, 1);
    assert_int_equal(free_in(w.school, 94, 100).n, 0);
    assert_int_equal(free_in(w.school, 61, 80).n, 1);
    assert_int_equal(free_in(w.school, 61, 79).n, 0);
    become(&w, w.foreign);
    assert_rc(free_day_remove(&w.cx, school), RC_DENIED);
    become(&w, w.maintainer);
    assert_rc(free_day_remove(&w.cx, everybody), RC_DENIED);
    assert_ok(shown(&w.cx, free_day_remove(&w.cx, school)));
    assert_rc(free_day_remove(&w.cx, school), RC_NOTFOUND);
    assert_int_equal(free_in(w.school, 0, 200).n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_term_has_a_lecture_period),
        cmocka_unit_test(free_days_hold_below),
    };
    if (!world_init(&w))
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
