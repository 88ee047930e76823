/* Rehearsals: when a stream becomes one, who knows of it, what becomes of it. */
#include "tests/unit/svc/live/streams.h"

#include "lib/svc/live/due.h"
#include "lib/svc/live/over.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/live/sweep.h"
#include "lib/svc/people/user.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/lecture.h"

/* The lecture of a session. */
static const char *lecture_of(const char *session)
{
    int64_t id = world_number(w, "SELECT lecture_id FROM live_session WHERE `key` = '%s'", session);
    struct lecture *l;
    assert_ok(lecture_get_by_id(&w->cx, ACT_COURSE_TEACH, id, &l));
    return l->key;
}

static bool is_rehearsal(const char *key)
{
    return world_number(w,
                        "SELECT c.rehearsals_of <=> %lld FROM lecture l JOIN course c ON c.id = l.course_id "
                        "WHERE l.`key` = '%s'",
                        (long long)lecturer, key);
}

static void none_is_due(void)
{
    world_sql(w, "UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) - INTERVAL 3 DAY, ends_at = starts_at");
}

/* A stream begins; it must be a rehearsal. The key of its lecture. */
static const char *rehearse(struct wire_live_answer *a)
{
    *a = placed(NULL, 0, near_ingest);
    const char *key = lecture_of(a->session);
    assert_true(is_rehearsal(key));
    return key;
}

static void test_mode(bool on)
{
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_test_set(&w->cx, on)));
    act_as(0);
}

static void assert_over(int wanted)
{
    int n = -1;
    assert_ok(shown(&w->cx, live_over(&w->cx, &n)));
    assert_int_equal(n, wanted);
}

static void end(const char *key, bool discard)
{
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_stream_end(&w->cx, key, discard)));
    act_as(0);
}

static void without_a_lecture_that_is_due_a_stream_is_a_rehearsal(void **state)
{
    struct wire_live_answer a, b;
    struct rehearsal_list list;
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    struct live_watch watch = {0};
    assert_ok(shown(&w->cx, live_sweep(&w->cx, &watch, &n)));
    assert_int_equal(n, 0); /* the person has the right */
    b = placed(a.session, near_ingest->id, far_ingest);
    assert_string_equal(b.session, a.session);
    refused(token, NULL, 0, LIVE_REASON_TAKEN);
    stop(a.session, LIVE_END_FINISHED);
    assert_string_equal(rehearse(&b), key); /* they come back */
    stop(b.session, LIVE_END_LOST);
    assert_over(0);
    world_sql(w, "UPDATE live_session SET stopped_at = stopped_at - INTERVAL 121 SECOND");
    assert_over(1); /* whatever the reason: there is no time for which to wait */
    assert_string_not_equal(rehearse(&b), key);
    act_as(lecturer);
    assert_ok(shown(&w->cx, rehearsal_list(&w->cx, &list)));
    assert_int_equal(list.n, 2);
    assert_true(list.item[0].until == NO_TIME && list.item[1].until != NO_TIME);
    assert_string_equal(list.item[1].key, key);
    act_as(0);
}

static void a_stream_that_cannot_begin_leaves_nothing(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    int64_t before = world_number(w, "SELECT COUNT(*) FROM lecture");
    ingests_beat(0);
    refused(token, NULL, 0, LIVE_REASON_MACHINE);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM lecture"), before);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_refusal WHERE lecture_id IS NULL"), 1);
}

static void a_deadlock_leaves_one_rehearsal(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    for (unsigned nth = 1; nth <= 24; nth += 3) {
        streams_fresh(NULL);
        none_is_due();
        int64_t before = world_number(w, "SELECT COUNT(*) FROM lecture");
        const struct wire_live_start q = {.token = token, .from = "::1", .view = VIEW_CAM, .session = ""};
        struct wire_live_answer a;
        WORLD_DEADLOCK(nth, live_start(&w->cx, entry, &q, &a));
        assert_int_equal(a.refused, LIVE_REFUSAL_COUNT);
        assert_int_equal(world_number(w, "SELECT COUNT(*) FROM lecture") - before, 1);
    }
}

/* The lecture must begin with it, not the rehearsal go on; but a lost connection is no sign that somebody wants to be seen. */
static void a_lecture_that_becomes_due_is_next(void **state)
{
    struct wire_live_answer a, b;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    world_sql(
        w,
        "UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 9 MINUTE, ends_at = UTC_TIMESTAMP(3) + "
        "INTERVAL 90 MINUTE WHERE id = %lld",
        (long long)w->lecture_id);
    stop(a.session, LIVE_END_LOST);
    assert_string_equal(rehearse(&b), key);
    stop(b.session, LIVE_END_FINISHED);
    a = placed(NULL, 0, near_ingest);
    assert_string_equal(lecture_of(a.session), w->lecture);
}

static void test_mode_makes_a_rehearsal_of_the_next_stream(void **state)
{
    struct wire_live_answer a;
    int64_t until;
    (void)state;
    NEEDS_DATABASE();
    test_mode(true);
    const char *key = rehearse(&a);
    end(key, false);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_test_get(&w->cx, &until)));
    assert_true(until == NO_TIME); /* it ends with the stream */
    act_as(0);
    refused(token, NULL, 0, LIVE_REASON_ENDED); /* a program that connects again is not put on air */
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 61 SECOND");
    a = placed(NULL, 0, near_ingest);
    assert_string_equal(lecture_of(a.session), w->lecture);
    act_as(lecturer);
    assert_rc(live_test_set(&w->cx, true),
              RC_CONFLICT); /* from a lecture that is on air nobody is led away */
    err_clear(&w->cx);
    act_as(0);
}

static void test_mode_outlives_a_rehearsal_before_it(void **state)
{
    struct wire_live_answer a;
    int64_t until = NO_TIME;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    world_sql(w, "UPDATE live_session SET began_at = began_at - INTERVAL 1 MINUTE");
    test_mode(true);
    end(key, false);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_test_get(&w->cx, &until)));
    assert_true(until != NO_TIME);
    act_as(0);
}

static void test_mode_ends_by_itself(void **state)
{
    struct wire_live_answer a;
    int64_t until = 0;
    (void)state;
    NEEDS_DATABASE();
    test_mode(true);
    world_sql(w, "UPDATE live_test SET since_at = since_at - INTERVAL 61 MINUTE");
    a = placed(NULL, 0, near_ingest);
    assert_string_equal(lecture_of(a.session), w->lecture);
    end(w->lecture, false);
    test_mode(true);
    rehearse(&a); /* they say where to go: no minute to wait */
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_stream_undo(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, live_due_choose(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, live_test_get(&w->cx, &until)));
    assert_true(until == NO_TIME);
    act_as(0);
    refused(token, a.session, 0, LIVE_REASON_MOVED);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_session WHERE why = 'moved'"), 1);
    a = placed(NULL, 0, near_ingest);
    assert_string_equal(lecture_of(a.session), w->lecture);
    test_mode(false);
}

static void who_teaches_nothing_has_none(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    assert_ok(course_staff_take(&w->cx, w->course, lecturer));
    refused(token, NULL, 0, LIVE_REASON_NONE);
    assert_ok(course_staff_give(&w->cx, w->course, "mira", STAFF_LECTURER, 0));
}

/* Not for the admin of everything either; programs see it. */
static void nobody_else_knows_of_it(void **state)
{
    struct wire_live_answer a;
    struct lecture *l;
    struct course_list courses;
    int64_t admin;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    assert_ok(
        shown(&w->cx, user_create(&w->cx, &(struct user_new){.login = "root", .name = "Root"}, &admin)));
    world_sql(w,
              "INSERT INTO role_grant (user_id, role, created_at) VALUES (%lld, 'admin', UTC_TIMESTAMP(3))",
              (long long)admin);
    static const enum action theirs[] = {ACT_COURSE_UPLOAD, ACT_LECTURE_PAGE, ACT_LECTURE_PLAY};
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        act_as(lecturer);
        assert_ok(shown(&w->cx, lecture_get(&w->cx, theirs[i], key, &l)));
        act_as(admin);
        assert_rc(lecture_get(&w->cx, theirs[i], key, &l), RC_NOTFOUND);
        err_clear(&w->cx);
        w->cx.actor = NULL;
        assert_rc(lecture_get(&w->cx, theirs[i], key, &l), RC_NOTFOUND);
        err_clear(&w->cx);
    }
    act_as(lecturer);
    assert_rc(lecture_publish(&w->cx, key), RC_DENIED);
    err_clear(&w->cx);
    assert_ok(course_list_mine(&w->cx, 10, 0, &courses));
    assert_int_equal(courses.n, 1);
    assert_ok(course_list_taught(&w->cx, 10, 0, &courses));
    assert_int_equal(courses.n, 1);
    act_as(admin);
    int64_t term = world_number(w, "SELECT id FROM term WHERE slug = '2026w'");
    assert_ok(shown(&w->cx, course_list_term(&w->cx, term, "", 10, 0, &courses)));
    assert_int_equal(courses.n, 1);
    act_as(0);
    stop(a.session, LIVE_END_FINISHED);
}

static void it_becomes_a_lecture_of_a_course(void **state)
{
    struct wire_live_answer a;
    struct course_list courses;
    struct lecture *l;
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    act_as(lecturer);
    assert_rc(rehearsal_give(&w->cx, key, w->course, "Limits"), RC_CONFLICT); /* it is on */
    err_clear(&w->cx);
    end(key, false);
    act_as(lecturer);
    assert_ok(shown(&w->cx, rehearsal_courses(&w->cx, &courses)));
    assert_int_equal(courses.n, 1);
    assert_rc(rehearsal_give(&w->cx, w->lecture, w->course, "Limits"), RC_NOTFOUND);
    err_clear(&w->cx);
    assert_rc(rehearsal_give(&w->cx, key, w->course, ""), RC_INVALID);
    err_clear(&w->cx);
    assert_ok(shown(&w->cx, rehearsal_give(&w->cx, key, w->course, "Limits")));
    act_as(0);
    assert_ok(lecture_get(&w->cx, ACT_COURSE_TEACH, key, &l));
    assert_true(l->course_id == w->course && !l->object.rehearsal && l->access == ACCESS_DRAFT);
    assert_string_equal(l->title, "Limits");
    assert_true(l->time_state == TIME_ENDED && l->ends_at != NO_TIME);
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 8 DAY");
    assert_ok(rehearsal_sweep(&w->cx));
    assert_ok(purge_due(&w->cx, &n));
    assert_ok(lecture_get(&w->cx, ACT_COURSE_TEACH, key, &l)); /* it stays */
}

static void it_is_removed_after_seven_days(void **state)
{
    struct wire_live_answer a;
    struct lecture *l;
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    none_is_due();
    const char *key = rehearse(&a);
    stop(a.session, LIVE_END_FINISHED);
    end(key, false);
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 6 DAY");
    assert_ok(rehearsal_sweep(&w->cx));
    assert_ok(purge_due(&w->cx, &n));
    assert_ok(lecture_get(&w->cx, ACT_COURSE_TEACH, key, &l));
    assert_int_equal(n, 0);
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 2 DAY");
    assert_ok(rehearsal_sweep(&w->cx));
    assert_ok(purge_due(&w->cx, &n));
    assert_int_equal(n, 1);
    /* what could be watched of it goes first; then the rows */
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM job j JOIN lecture l ON l.id = j.lecture_id WHERE j.kind = "
                     "'delete' AND j.state = 'queued' AND l.deleted_at IS NOT NULL AND l.`key` = '%s'",
                     key),
        1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_a_lecture_that_is_due_a_stream_is_a_rehearsal, streams_fresh),
        cmocka_unit_test_setup(a_stream_that_cannot_begin_leaves_nothing, streams_fresh),
        cmocka_unit_test_setup(a_deadlock_leaves_one_rehearsal, streams_fresh),
        cmocka_unit_test_setup(a_lecture_that_becomes_due_is_next, streams_fresh),
        cmocka_unit_test_setup(test_mode_makes_a_rehearsal_of_the_next_stream, streams_fresh),
        cmocka_unit_test_setup(test_mode_outlives_a_rehearsal_before_it, streams_fresh),
        cmocka_unit_test_setup(test_mode_ends_by_itself, streams_fresh),
        cmocka_unit_test_setup(who_teaches_nothing_has_none, streams_fresh),
        cmocka_unit_test_setup(nobody_else_knows_of_it, streams_fresh),
        cmocka_unit_test_setup(it_becomes_a_lecture_of_a_course, streams_fresh),
        cmocka_unit_test_setup(it_is_removed_after_seven_days, streams_fresh),
    };
    return cmocka_run_group_tests_name("live rehearsal", tests, streams_setup, world_teardown);
}
