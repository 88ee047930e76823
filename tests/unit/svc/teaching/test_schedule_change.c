/* What is planned is moved, cancelled and restored together: by the clock on the wall, all or nothing, and by those who may. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/teaching/schedule_change.h"
#include "lib/svc/teaching/schedule_undo.h"

static int64_t course_id, monday;
static const char *key[6];

static struct course *course(void)
{
    struct course *c;
    assert_ok(course_get(cx, ACT_COURSE_TEACH, course_id, &c));
    return c;
}

static struct lecture_list all(void)
{
    struct lecture_list list;
    assert_ok(list_all(course(), &list));
    return list;
}

/* Six Mondays from the next but one on, 10:15. */
static void plan(void)
{
    struct wall now = wall_of_day(clock_now() / 86400000);
    struct schedule_date date[6];
    size_t made;
    monday = wall_day(&now) - (now.weekday + 6) % 7 + 14;
    for (int i = 0; i < 6; i++)
        date[i] = (struct schedule_date){.day = monday + 7 * i, .minute = 615, .length = 90, .hall = "HS 1"};
    struct schedule_new in = {
        .title = "Week {n}", .number = 1, .nonce = "aaaaaaaaaaaaaaaaaaaaaaaa", .date = date, .n = 6};
    become(&w, w.lecturer);
    course_id = add_course("planned", VIS_ENROLLED);
    assert_ok(shown(cx, schedule_create(cx, course_id, &in, &made)));
    struct lecture_list list = all();
    for (size_t i = 0; i < 6; i++)
        key[i] = mem_strdup(list.item[i].key);
}

static struct wall wall_of(const char *k)
{
    struct lecture *l;
    const struct zone *zone;
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, k, &l));
    assert_ok(course_zone(cx, course(), &zone));
    return zone_wall(zone, l->starts_at);
}

static void a_scope_names_its_lectures(void **state)
{
    (void)state;
    static const size_t want[SCHEDULE_SCOPE_COUNT] = {1, 4, 6};
    struct lecture_list list;
    become(&w, w.lecturer);
    for (int s = 0; s < SCHEDULE_SCOPE_COUNT; s++) {
        assert_ok(shown(cx, schedule_get_scope(cx, course(), key[2], (enum schedule_scope)s, &list)));
        assert_int_equal(list.n, want[s]);
    }
    assert_string_equal(list.item[5].title, "Week 6");
    assert_fails(schedule_get_scope(cx, course(), lecture_of[0], SCHEDULE_ONE, &list), RC_NOTFOUND,
                 "lecture_unknown");
}

static void a_move_keeps_the_clock_on_the_wall(void **state)
{
    (void)state;
    struct schedule_changed out = {0};
    struct schedule_move m = {.has_weekday = true, .weekday = 3, .has_minute = true, .minute = 14 * 60};
    become(&w, w.lecturer);
    assert_ok(
        shown(cx, schedule_move(cx, course_id, &(struct schedule_keys){.key = key + 2, .n = 4}, &m, &out)));
    assert_int_equal(out.n, 4);
    for (int i = 0; i < 6; i++) {
        struct wall at = wall_of(key[i]);
        assert_int_equal(wall_day(&at), monday + 7 * i + (i < 2 ? 0 : 2));
        assert_int_equal(at.hour, i < 2 ? 10 : 14);
        assert_int_equal(at.minute, i < 2 ? 15 : 0);
    }
    struct lecture_list list = all();
    assert_int_equal(list.item[3].ends_at - list.item[3].starts_at, 90 * 60000);
    assert_string_equal(list.item[3].hall, "HS 1");
    assert_false(list.item[3].edited);
    /* one alone */
    m = (struct schedule_move){
        .has_day = true, .day = monday + 1, .has_length = true, .length = 45, .hall = "", .apart = true};
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = key, .n = 1}, &m, &out));
    list = all();
    assert_true(list.item[0].edited);
    assert_true(schedule_stays(&list.item[0], clock_now()));
    assert_false(schedule_stays(&list.item[1], clock_now()));
    assert_string_equal(list.item[0].hall, "");
    assert_int_equal(list.item[0].ends_at - list.item[0].starts_at, 45 * 60000);
    struct wall at = wall_of(key[0]);
    assert_int_equal(at.hour, 10);
    assert_int_equal(wall_day(&at), monday + 1);
}

/* A form of one lecture says its hall too, which somebody changed meanwhile. */
static void an_older_form_of_one_is_refused(void **state)
{
    (void)state;
    struct schedule_changed out = {0};
    become(&w, w.lecturer);
    struct schedule_keys one = {key + 5, 1, schedule_seen(cx, &all().item[5])};
    struct schedule_move hall = {.hall = "HS 9"}, old = {.hall = "HS 1"};
    assert_ok(shown(cx, schedule_move(cx, course_id, &one, &hall, &out)));
    old.has_minute = true;
    old.minute = 480;
    assert_fails(schedule_move(cx, course_id, &one, &old, &out), RC_CONFLICT, "changed_meanwhile");
    assert_string_equal(all().item[5].hall, "HS 9");
    assert_int_equal(wall_of(key[5]).hour, 14);
    assert_fails(schedule_cancel(cx, course_id, &one, "Ill", &out), RC_CONFLICT, "changed_meanwhile");
    assert_int_equal(all().item[5].time_state, TIME_PLANNED);
    one.seen = schedule_seen(cx, &all().item[5]); /* saved again */
    old.has_minute = false;
    assert_ok(shown(cx, schedule_move(cx, course_id, &one, &old, &out)));
    assert_string_equal(all().item[5].hall, "HS 1");
}

/* Neither the note of somebody else, nor that it is cancelled. */
static void an_older_form_does_not_restore(void **state)
{
    (void)state;
    struct schedule_changed out = {0};
    struct audit_last last;
    become(&w, w.lecturer);
    struct schedule_keys one = {key + 5, 1, schedule_seen(cx, &all().item[5])}, two = one;
    assert_ok(shown(cx, schedule_cancel(cx, course_id, &one, "Ill", &out)));
    assert_ok(audit_last(cx, "lecture", all().item[5].id, "schedule.cancel,schedule.move", &last));
    assert_int_equal(last.user_id, w.lecturer);
    assert_string_equal(last.name, "lecturer");
    assert_fails(schedule_cancel(cx, course_id, &two, "Away", &out), RC_CONFLICT, "changed_meanwhile");
    assert_string_equal(all().item[5].cancel_note, "Ill");
    one.seen = two.seen = schedule_seen(cx, &all().item[5]);
    assert_ok(schedule_cancel(cx, course_id, &one, "Still ill", &out));
    assert_fails(schedule_restore(cx, course_id, &two, &out), RC_CONFLICT, "changed_meanwhile");
    assert_int_equal(all().item[5].time_state, TIME_CANCELLED);
    two.seen = schedule_seen(cx, &all().item[5]);
    assert_ok(schedule_restore(cx, course_id, &two, &out));
    assert_int_equal(all().item[5].time_state, TIME_PLANNED);
    assert_ok(audit_last(cx, "lecture", all().item[5].id, "course.update", &last));
    assert_true(last.at == NO_TIME && !last.name);
}

static void cancelled_ones_can_be_restored(void **state)
{
    (void)state;
    struct schedule_changed out = {0};
    struct lecture *l;
    struct schedule_keys two = {.key = key + 1, .n = 2};
    become(&w, w.lecturer);
    assert_ok(shown(cx, schedule_cancel(cx, course_id, &two, "Ill", &out)));
    assert_int_equal(out.n, 2);
    become(&w, w.student);
    assert_rc(lecture_get(cx, ACT_LECTURE_PAGE, key[1], &l), RC_DENIED); /* not enrolled */
    become(&w, w.lecturer);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key[1], &l));
    assert_int_equal(l->time_state, TIME_CANCELLED);
    assert_string_equal(l->cancel_note, "Ill");
    assert_rc(lecture_time_move(cx, l->id, TIME_ON_START), RC_CONFLICT);
    assert_int_equal(all().n, 6);
    assert_ok(schedule_cancel(cx, course_id, &two, "Still ill", &out)); /* twice: the note */
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key[2], &l));
    assert_string_equal(l->cancel_note, "Still ill");
    assert_ok(schedule_restore(cx, course_id, &(struct schedule_keys){.key = key, .n = 6}, &out));
    assert_int_equal(out.n, 2); /* the others took place anyway */
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key[2], &l));
    assert_int_equal(l->time_state, TIME_PLANNED);
    assert_string_equal(l->cancel_note, "");
}

/* A lecture that is over, moved to a time to come, is planned; the scheduler leaves cancelled ones alone. */
static void what_is_over_can_be_planned_again(void **state)
{
    (void)state;
    int64_t count;
    struct schedule_changed out;
    struct lecture *l;
    become(&w, w.lecturer);
    const char *past = mem_strdup(add_lecture(course_id, "Past", clock_now() - 50 * HOUR, true));
    const char *off = mem_strdup(add_lecture(course_id, "Off", clock_now() + HOUR, true));
    struct schedule_move m = {.has_day = true, .day = monday + 30};
    assert_ok(
        shown(cx, schedule_move(cx, course_id, &(struct schedule_keys){.key = &past, .n = 1}, &m, &out)));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, past, &l));
    assert_int_equal(l->time_state, TIME_PLANNED);
    assert_ok(schedule_cancel(cx, course_id, &(struct schedule_keys){.key = &off, .n = 1}, "", &out));
    m = (struct schedule_move){.has_day = true, .day = monday - 60};
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = &off, .n = 1}, &m, &out));
    become(&w, -1);
    assert_ok(lecture_time_sweep(cx, &count));
    become(&w, w.lecturer);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, off, &l));
    assert_int_equal(l->time_state, TIME_CANCELLED);
    free((void *)(uintptr_t)past);
    free((void *)(uintptr_t)off);
}

static void who_may_not_changes_nothing(void **state)
{
    (void)state;
    struct schedule_changed out = {.n = 99};
    struct schedule_keys one = {.key = key + 4, .n = 1}, other = {.key = lecture_of, .n = 1};
    struct schedule_move m = {.has_minute = true, .minute = 480};
    const int64_t people[] = {w.student, w.stranger, w.foreign, 0};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        become(&w, people[i]);
        assert_true(schedule_move(cx, course_id, &one, &m, &out) != RC_OK);
        assert_true(schedule_cancel(cx, course_id, &one, "", &out) != RC_OK);
        assert_true(schedule_restore(cx, course_id, &one, &out) != RC_OK);
    }
    assert_int_equal(out.n, 99);
    become(&w, w.lecturer);
    assert_int_equal(wall_of(key[4]).hour, 14);
    assert_ok(schedule_cancel(cx, course_id, &other, "", &out)); /* another course's is left out */
    assert_int_equal(out.n, 0);
    m = (struct schedule_move){.has_day = true, .day = 100000};
    assert_fails(schedule_move(cx, course_id, &one, &m, &out), RC_INVALID, "schedule_time");
    m = (struct schedule_move){.has_length = true, .length = 0};
    assert_fails(schedule_move(cx, course_id, &one, &m, &out), RC_INVALID, "schedule_length");
    become(&w, w.maintainer); /* of the school */
    m = (struct schedule_move){.has_minute = true, .minute = 480};
    assert_ok(shown(cx, schedule_move(cx, course_id, &one, &m, &out)));
    assert_int_equal(wall_of(key[4]).hour, 8);
}

/* The link is lost at each statement in turn: nothing, or everything. */
static void a_change_is_one_transaction(void **state)
{
    (void)state;
    struct schedule_move m = {.has_minute = true, .minute = 9 * 60};
    struct schedule_changed out = {0};
    become(&w, w.lecturer);
    for (uint64_t nth = 1; nth < 20; nth++) {
        db_fault(cx, nth, 2013);
        enum rc rc = schedule_move(cx, course_id, &(struct schedule_keys){.key = key, .n = 6}, &m, &out);
        db_fault(cx, 0, 0);
        size_t moved = 0;
        for (int i = 0; i < 6; i++)
            moved += wall_of(key[i]).hour == 9;
        assert_int_equal(moved, rc == RC_OK ? 6 : 0);
        if (rc == RC_OK)
            break;
        assert_true(nth < 19);
    }
    for (uint64_t nth = 1; nth < 20; nth++) {
        struct schedule_undone undone;
        size_t there = 0;
        db_fault(cx, nth, 2013);
        enum rc rc = schedule_undo(cx, course_id, out.undo, &undone);
        db_fault(cx, 0, 0);
        for (int i = 0; i < 6; i++)
            there += wall_of(key[i]).hour == 9;
        assert_int_equal(there, rc == RC_OK ? 0 : 6);
        if (rc == RC_OK)
            return;
    }
    fail_msg("no end");
}

/* What people and programs read of the six lectures. */
static const char *as_text(void)
{
    const char *text = "";
    struct lecture_list list = all();
    for (size_t i = 0; i < list.n; i++) {
        const struct lecture *l = &list.item[i];
        text = arena_printf(cx->arena, "%s%s %lld %lld %s %d %d %s\n", text, l->key, (long long)l->starts_at,
                            (long long)l->ends_at, l->hall, l->edited, (int)l->time_state, l->cancel_note);
    }
    return text;
}

static void a_change_is_undone(void **state)
{
    (void)state;
    struct schedule_changed out;
    struct schedule_keys six = {.key = key, .n = 6}, two = {.key = key + 1, .n = 2};
    struct schedule_move m = {
        .has_weekday = true, .weekday = 5, .has_length = true, .length = 30, .hall = "X"};
    struct schedule_undone undone;
    become(&w, w.lecturer);
    assert_ok(schedule_cancel(cx, course_id, &two, "Ill", &out));
    const char *before = as_text();

    m.apart = true;
    assert_ok(shown(cx, schedule_move(cx, course_id, &six, &m, &out))); /* cancelled ones, too */
    assert_string_not_equal(as_text(), before);
    assert_ok(shown(cx, schedule_undo(cx, course_id, out.undo, &undone)));
    assert_int_equal(undone.n, 6);
    assert_string_equal(as_text(), before);
    assert_fails(schedule_undo(cx, course_id, out.undo, &undone), RC_CONFLICT, "schedule_undo_over");

    assert_ok(schedule_cancel(cx, course_id, &six, "Closed", &out)); /* the note of two changes */
    assert_ok(schedule_undo(cx, course_id, out.undo, &undone));
    assert_string_equal(as_text(), before);

    assert_ok(schedule_restore(cx, course_id, &six, &out));
    assert_int_equal(out.n, 2);
    assert_ok(schedule_undo(cx, course_id, out.undo, &undone));
    assert_int_equal(undone.n, 2);
    assert_string_equal(as_text(), before);
    assert_ok(schedule_restore(cx, course_id, &six, &out));
    assert_ok(schedule_restore(cx, course_id, &six, &out));
    assert_null(out.undo); /* nothing was changed */
}

/* Moved into the past by mistake: the scheduler has ended it, and it is planned again. */
static void what_ended_meanwhile_is_undone(void **state)
{
    (void)state;
    struct schedule_changed out;
    int64_t count = 0;
    struct schedule_undone undone;
    struct schedule_move m = {.has_day = true, .day = monday - 60};
    become(&w, w.lecturer);
    const char *before = as_text();
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = key + 3, .n = 1}, &m, &out));
    become(&w, -1);
    assert_ok(lecture_time_sweep(cx, &count));
    assert_true(count > 0);
    become(&w, w.lecturer);
    assert_ok(shown(cx, schedule_undo(cx, course_id, out.undo, &undone)));
    assert_string_equal(as_text(), before);
}

static void what_was_changed_since_stays(void **state)
{
    (void)state;
    struct schedule_changed first, second;
    struct schedule_keys six = {.key = key, .n = 6}, one = {.key = key + 2, .n = 1};
    struct schedule_move m = {.has_minute = true, .minute = 12 * 60}, hall = {.hall = "Y"};
    struct schedule_undone undone;
    become(&w, w.lecturer);
    assert_ok(schedule_move(cx, course_id, &six, &m, &first));
    become(&w, w.maintainer);
    assert_fails(schedule_undo(cx, course_id, first.undo, &undone), RC_CONFLICT,
                 "schedule_undo_over"); /* not theirs */
    assert_ok(schedule_move(cx, course_id, &one, &hall, &second));
    const char *now = as_text();
    become(&w, w.lecturer);
    assert_fails(schedule_undo(cx, course_id, first.undo, &undone), RC_CONFLICT, "schedule_undo_changed");
    assert_string_equal(as_text(), now);
    become(&w, w.maintainer);
    assert_ok(schedule_undo(cx, course_id, second.undo, &undone));
    become(&w, w.lecturer);
    assert_ok(schedule_undo(cx, course_id, first.undo, &undone)); /* now nothing has changed since */

    assert_ok(schedule_move(cx, course_id, &one, &m, &first));
    assert_ok(lecture_delete(cx, key[2]));
    assert_fails(schedule_undo(cx, course_id, first.undo, &undone), RC_CONFLICT, "schedule_undo_changed");
    assert_ok(lecture_undelete(cx, key[2]));
    become(&w, w.student);
    assert_rc(schedule_undo(cx, course_id, first.undo, &undone), RC_DENIED);
    become(&w, w.lecturer);
    assert_fails(schedule_undo(cx, course_id, "no key", &undone), RC_CONFLICT, "schedule_undo_over");
    assert_ok(schedule_undo(cx, course_id, first.undo, &undone));
}

static size_t look(const char *const *keys, size_t n, const struct schedule_move *m,
                   struct schedule_span **span)
{
    size_t count = 99;
    *span = NULL;
    assert_ok(shown(
        cx, schedule_move_look(cx, course(), &(struct schedule_keys){.key = keys, .n = n}, m, span, &count)));
    return count;
}

static void what_takes_place_then_is_found(void **state)
{
    (void)state;
    struct schedule_changed out;
    struct schedule_span *s;
    struct schedule_move m = {.has_day = true, .has_minute = true, .has_length = true, .length = 90};
    become(&w, w.lecturer);
    course_id = add_course("twice", VIS_ENROLLED);
    int64_t start = (monday + 100) * 86400000 + 9 * HOUR, later = start + 24 * HOUR;
    const char *a = mem_strdup(add_lecture(course_id, "A", start, true));
    const char *b = mem_strdup(add_lecture(course_id, "B", later, true)), *both[] = {a, b};
    struct wall at = wall_of(b);
    m.day = wall_day(&at);
    int64_t minute = at.hour * 60 + at.minute;
    for (int64_t by = -90; by <= 60; by += 30) { /* from back to back to back to back */
        m.minute = minute + by;
        assert_int_equal(look(&a, 1, &m, &s), 1);
        bool apart = by == -90 || by == 60;
        assert_string_equal(s[0].twice ? s[0].twice : "none", apart ? "none" : "B");
        assert_int_equal(s[0].starts_at, later + by * 60000);
    }
    m.minute = minute; /* both: each other, and not what they were */
    assert_int_equal(look(both, 2, &m, &s), 2);
    assert_string_equal(s[0].twice, "");
    assert_string_equal(s[1].twice, "");
    m = (struct schedule_move){.has_minute = true, .minute = minute + 30};
    assert_int_equal(look(both, 2, &m, &s), 2);
    assert_null(s[0].twice);
    assert_null(s[1].twice);
    m = (struct schedule_move){.hall = "HS 9"}; /* no other time */
    assert_int_equal(look(both, 2, &m, &s), 0);
    /* what does not take place is at no time, wherever it is moved */
    m = (struct schedule_move){.has_day = true, .day = wall_day(&at)};
    assert_int_equal(look(&a, 1, &m, &s), 1);
    assert_string_equal(s[0].twice, "B");
    assert_ok(schedule_cancel(cx, course_id, &(struct schedule_keys){.key = &b, .n = 1}, "", &out));
    assert_int_equal(look(&a, 1, &m, &s), 1);
    assert_null(s[0].twice);
    assert_int_equal(look(&b, 1, &m, &s), 0);
    /* restored, it would be at the time of what was moved there */
    size_t n = 99;
    const struct schedule_keys all_of = {.key = both, .n = 2};
    assert_ok(shown(cx, schedule_restore_look(cx, course(), &all_of, &s, &n)));
    assert_true(n == 1 && !s[0].twice);
    assert_ok(schedule_move(cx, course_id, &(struct schedule_keys){.key = &a, .n = 1}, &m, &out));
    assert_ok(schedule_restore_look(cx, course(), &all_of, &s, &n));
    assert_int_equal(n, 1);
    assert_string_equal(s[0].twice, "A");
    free((void *)(uintptr_t)a);
    free((void *)(uintptr_t)b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_names_its_lectures),
        cmocka_unit_test(a_move_keeps_the_clock_on_the_wall),
        cmocka_unit_test(an_older_form_of_one_is_refused),
        cmocka_unit_test(an_older_form_does_not_restore),
        cmocka_unit_test(cancelled_ones_can_be_restored),
        cmocka_unit_test(what_is_over_can_be_planned_again),
        cmocka_unit_test(who_may_not_changes_nothing),
        cmocka_unit_test(a_change_is_one_transaction),
        cmocka_unit_test(a_change_is_undone),
        cmocka_unit_test(what_ended_meanwhile_is_undone),
        cmocka_unit_test(what_was_changed_since_stays),
        cmocka_unit_test(what_takes_place_then_is_found),
    };
    if (!teaching_begin())
        return 0;
    plan();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < 6; i++)
        free((void *)(uintptr_t)key[i]);
    teaching_end();
    return failed;
}
