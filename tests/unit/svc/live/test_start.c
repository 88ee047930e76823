/* A publisher's stream gets a lecture and an ingest, another ingest when it needs one, and an end. */
#include "tests/unit/svc/live/streams.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/keys.h"
#include "lib/svc/live/due.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/people/token.h"
#include "lib/svc/people/user.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/lecture.h"

static enum time_state time_state(void)
{
    struct lecture *l;
    assert_ok(lecture_get_by_id(&w->cx, ACT_COURSE_TEACH, w->lecture_id, &l));
    return l->time_state;
}

static struct live_stream *stream(void)
{
    struct live_stream *s = NULL;
    assert_ok(shown(&w->cx, live_stream_get(&w->cx, w->lecture_id, &s)));
    assert_non_null(s);
    return s;
}

static void a_publisher_is_placed_at_the_nearest_ingest(void **state)
{
    struct jwt_claims c;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_string_equal(a.address, "near.invalid:1936");
    assert_int_equal(a.fence, 1);
    assert_ok(shown(&w->cx, keys_verify(&w->cx, JWT_AUD_INGEST, str_of(a.ticket), &c)));
    assert_true(c.job == a.job && c.fen == 1 && c.att == 1 && c.node == near_ingest->id &&
                c.exp - c.iat == 60);
    assert_string_equal(c.ses, a.session);
    assert_string_equal(c.lec, w->lecture);
    assert_string_equal(c.views[0], "COMB");
    assert_int_equal(strlen(c.jti), 20);
    assert_int_equal(time_state(), TIME_LIVE);
    struct live_stream *s = stream();
    assert_true(s->n == 1 && s->ended_at == NO_TIME && s->interrupted_at == NO_TIME);
    assert_string_equal(s->publisher[0].login, "mira");
    assert_string_equal(s->publisher[0].token, "OBS");
    assert_string_equal(s->publisher[0].ingest, "near");
    assert_string_equal(s->publisher[0].from, "192.0.2.7");
    assert_false(s->publisher[0].recorded);
}

static void the_ingest_gets_the_job_and_ends_it(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_string_equal(js_get_str(json_object_get(g.json, "params"), "session", ""), a.session);
    assert_string_equal(js_get_str(g.json, "lane", ""), "live");
    assert_string_equal(js_get_str(g.json, "lecture", ""), w->lecture);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    assert_true(stream()->publisher[0].recorded);
    int64_t left = world_number(w,
                                "SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_expires) DIV 1000 "
                                "FROM job WHERE id = %lld",
                                (long long)a.job);
    assert_true(left > 0 && left <= JOB_LIVE_LEASE_MS);
    stop(a.session, LIVE_END_FINISHED);
    assert_string_equal(world_job_state(w, a.job), "running");
    assert_true(stream()->interrupted_at != NO_TIME);
    assert_string_equal(stream()->publisher[0].why, "finished");
    assert_answer(world_done(w, near_ingest, &g, bytes(4000)), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, a.job), "done");
    assert_answer(world_done(w, near_ingest, &g, bytes(4000)), JOB_ANSWER_ACK);
    assert_int_equal(
        world_number(w,
                     "SELECT bytes FROM live_recording WHERE ended_at IS NOT NULL AND given_up_at IS NULL"),
        4000);
    stop(a.session, LIVE_END_LOST); /* again: the first word counts */
    assert_string_equal(stream()->publisher[0].why, "finished");
    assert_int_equal(time_state(), TIME_LIVE);
}

static void the_end_of_a_recording_is_not_the_end_of_a_session(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_answer(world_done(w, near_ingest, &g, bytes(0)), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, a.job), "running");
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_recording WHERE given_up_at IS NOT NULL"), 1);
    struct wire_live_answer b = placed(a.session, near_ingest->id, far_ingest);
    assert_true(b.job == a.job && b.fence == 2);
    struct given h = taken(far_ingest, &b);
    assert_int_equal(h.attempt, 2);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, far_ingest, &h, bytes(100)), JOB_ANSWER_ACK);
    stop(a.session, LIVE_END_FINISHED);
    assert_string_equal(world_job_state(w, a.job), "done");
}

static void a_report_of_failure_leaves_the_job_to_another_ingest(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    for (int i = 1; i <= JOB_MAX_TRIES + 1; i++) {
        struct node_info *now = i % 2 ? near_ingest : far_ingest, *next = i % 2 ? far_ingest : near_ingest;
        struct given g = taken(now, &a);
        assert_answer(world_failed(w, now, &g, "internal", false), JOB_ANSWER_ACK);
        assert_answer(world_failed(w, now, &g, "internal", false), JOB_ANSWER_ACK);
        assert_string_equal(world_job_state(w, a.job), "running");
        ingests_beat(4);
        a = placed(a.session, now->id, next);
        assert_int_equal(a.fence, i + 1);
    }
}

static void an_ingest_that_died_is_left(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    world_expire_leases(); /* a pass of the scheduler */
    assert_string_equal(world_job_state(w, a.job), "running");
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED); /* it was only late */
    struct wire_live_answer b = placed(a.session, near_ingest->id, far_ingest);
    assert_int_equal(b.fence, 2);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, near_ingest, &g, bytes(9)), JOB_ANSWER_REFUSED);
}

static void where_no_ingest_is_free_nothing_changes(void **state)
{
    struct live_refused_list list;
    (void)state;
    NEEDS_DATABASE();
    ingests_beat(0);
    refused(token, NULL, 0, LIVE_REASON_MACHINE);
    assert_int_equal(time_state(), TIME_PLANNED);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_session"), 0);
    ingests_beat(1);
    struct wire_live_answer a =
        placed(NULL, 0, near_ingest); /* and that place is taken, before any heartbeat */
    placed(a.session, near_ingest->id, far_ingest);
    refused(token, a.session, near_ingest->id, LIVE_REASON_MACHINE);
    assert_int_equal(world_number(w, "SELECT fence FROM job WHERE id = %lld", (long long)a.job), 2);
    world_sql(w, "UPDATE node SET free_live = 4, seen_at = UTC_TIMESTAMP(3) - INTERVAL 4 SECOND");
    refused(token, a.session, 0, LIVE_REASON_MACHINE); /* not heard just now */
    act_as(lecturer);
    assert_ok(live_refusal_list(&w->cx, 60, &list));
    assert_int_equal(list.n, 1); /* what repeats itself is there once */
    assert_int_equal(list.item[0].reason, LIVE_REASON_MACHINE);
    assert_string_equal(list.item[0].lecture_key, w->lecture);
    assert_string_equal(list.item[0].from, "192.0.2.7");
}

static bool is_late(void)
{
    return world_number(
        w, "SELECT seen_at < UTC_TIMESTAMP(3) - INTERVAL 2500000 MICROSECOND FROM node WHERE id = %lld",
        (long long)near_ingest->id);
}

/* Its row is written each time, but not all of it. */
static void each_heartbeat_of_an_ingest_counts(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_sql(w,
              "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 3 SECOND, uptime = 99 WHERE id = %lld",
              (long long)near_ingest->id);
    assert_true(is_late());
    ingests_beat(4);
    assert_false(is_late());
    assert_int_equal(world_number(w, "SELECT uptime FROM node WHERE id = %lld", (long long)near_ingest->id),
                     99);
    ingests_beat(3);
    assert_int_equal(
        world_number(w, "SELECT free_live FROM node WHERE id = %lld", (long long)near_ingest->id), 3);
}

static void ingests_of_other_organisations_serve_nobody_but_theirs(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_sql(
        w, "UPDATE node SET organisation_id = %lld WHERE id = %lld; UPDATE course SET organisation_id = %lld",
        (long long)w->chair, (long long)near_ingest->id, (long long)w->institute);
    struct wire_live_answer a = placed(NULL, 0, far_ingest);
    refused(token, a.session, far_ingest->id, LIVE_REASON_MACHINE);
    world_sql(w, "UPDATE node SET sharing = 'shared' WHERE id = %lld", (long long)near_ingest->id);
    placed(a.session, far_ingest->id, near_ingest);
    world_sql(w,
              "UPDATE node SET organisation_id = %lld, sharing = 'private' WHERE id = %lld; UPDATE course "
              "SET organisation_id = %lld",
              (long long)w->institute, (long long)near_ingest->id, (long long)w->chair);
}

/* The ingest holds the job, and nothing comes. */
static void silent(const struct node_info *ingest, const struct given *g, double seconds)
{
    world_beat(w, ingest,
               &(struct wire_report){.job = g->job,
                                     .attempt = g->attempt,
                                     .fence = g->fence,
                                     .state = REPORT_RUNNING,
                                     .eta = -1,
                                     .silent = seconds},
               1);
}

static void a_second_publisher_waits_for_three_silent_seconds(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    refused(token, NULL, 0, LIVE_REASON_TAKEN);
    world_sql(w, "UPDATE live_session SET media_at = media_at - INTERVAL 4 SECOND");
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    refused(token, NULL, 0, LIVE_REASON_TAKEN); /* it was heard */
    world_sql(w, "UPDATE live_session SET media_at = media_at - INTERVAL 4 SECOND");
    silent(near_ingest, &g, 3600);
    struct wire_live_answer b = placed(NULL, 0, near_ingest);
    assert_string_not_equal(a.session, b.session);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_CANCEL);
    refused(token, a.session, 0, LIVE_REASON_MOVED);
    assert_int_equal(stream()->n, 2);
    assert_true(stream()->interrupted_at == NO_TIME);
}

/* The course may want it so: an ingest that hears nothing is no reason, one that was left is. */
static void where_the_first_is_kept_a_second_waits_for_its_end(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE course SET keep_first = TRUE WHERE id = %lld", (long long)w->course);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    silent(near_ingest, &g, 3600);
    refused(token, NULL, 0, LIVE_REASON_TAKEN);
    assert_answer(world_done(w, near_ingest, &g, bytes(4000)), JOB_ANSWER_ACK); /* its entry died */
    struct wire_live_answer b = placed(NULL, 0, near_ingest);
    assert_string_not_equal(a.session, b.session);
    world_sql(w, "UPDATE course SET keep_first = FALSE WHERE id = %lld", (long long)w->course);
}

static void a_stream_goes_on_with_a_token_whose_time_is_over(void **state)
{
    const char *other;
    struct token_new in = {.name = "short", .scopes = 1u << SCOPE_STREAM, .days = 1};
    (void)state;
    NEEDS_DATABASE();
    in.user_id = lecturer;
    assert_ok(shown(&w->cx, token_create(&w->cx, &in, &other)));
    struct wire_live_answer a = ask_start(other, NULL, 0);
    assert_int_equal(a.refused, LIVE_REFUSAL_COUNT);
    world_sql(
        w, "UPDATE personal_token SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR WHERE name = 'short'");
    struct wire_live_answer b = ask_start(other, a.session, near_ingest->id);
    assert_true(b.refused == LIVE_REFUSAL_COUNT && b.node == far_ingest->id);
    refused(other, "zzzzzzzzzzzz", 0, LIVE_REASON_OVER);
    world_sql(w, "UPDATE live_session SET media_at = media_at - INTERVAL 4 SECOND");
    refused(other, NULL, 0, LIVE_REASON_TOKEN); /* but nothing new begins with it */
}

/* Of an entry that died the ingest knows at once that nothing comes any more. */
static void after_the_death_of_an_entry_the_next_publisher_need_not_wait(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    assert_answer(world_done(w, near_ingest, &g, bytes(4000)), JOB_ANSWER_ACK);
    struct wire_live_answer b = placed(NULL, 0, near_ingest);
    assert_string_not_equal(a.session, b.session);
    assert_int_equal(
        world_number(w,
                     "SELECT bytes FROM live_recording r JOIN live_session s ON s.id = r.session_id "
                     "WHERE s.`key` = '%s' AND r.given_up_at IS NULL",
                     a.session),
        4000);
}

static void who_may_not_is_refused(void **state)
{
    struct wire_live_answer a;
    struct token_list list;
    struct live_refused_list kept;
    const char *other;
    struct token_new in = {.name = "lent", .scopes = 1u << SCOPE_STREAM};
    (void)state;
    NEEDS_DATABASE();
    refused("lct_nonsense", NULL, 0, LIVE_REASON_TOKEN);
    in.user_id = lecturer;
    assert_ok(token_create(&w->cx, &in, &other));
    a = ask_start(other, NULL, 0);
    assert_int_equal(a.refused, LIVE_REFUSAL_COUNT);
    refused(token, a.session, 0, LIVE_REASON_TOKEN); /* a session belongs to its token */
    assert_ok(token_list(&w->cx, lecturer, 10, &list));
    assert_ok(token_revoke(&w->cx, list.item[0].id));
    refused(other, a.session, 0, LIVE_REASON_TOKEN);
    stop(a.session, LIVE_END_LOST);
    refused(token, "zzzzzzzzzzzz", 0, LIVE_REASON_OVER);
    assert_ok(course_staff_give(&w->cx, w->course, "mira", STAFF_ASSISTANT, 1u << RIGHT_TEXTS));
    refused(token, NULL, 0, LIVE_REASON_NONE);
    assert_ok(course_staff_give(&w->cx, w->course, "mira", STAFF_ASSISTANT, 1u << RIGHT_UPLOAD));
    a = placed(NULL, 0, near_ingest);
    assert_ok(course_staff_give(&w->cx, w->course, "mira", STAFF_LECTURER, 0));
    act_as(lecturer);
    assert_ok(live_refusal_list(&w->cx, 60, &kept));
    assert_int_equal(kept.n, 0); /* solved, as long as this stream goes on */
    stop(a.session, LIVE_END_LOST);
    act_as(lecturer);
    assert_ok(live_refusal_list(&w->cx, 60, &kept));
    assert_int_equal(kept.n, 3); /* a token that nobody has says nothing about a person */
    assert_int_equal(kept.item[0].reason, LIVE_REASON_NONE);
    assert_null(kept.item[0].lecture_key);
}

static void entries_ask_for_their_own_streams_only(void **state)
{
    struct wire_live_answer a, none;
    const struct wire_live_start q = {.token = token, .from = "::1", .view = VIEW_CAM, .session = ""};
    const struct wire_live_stop end = {.why = LIVE_END_LOST};
    (void)state;
    NEEDS_DATABASE();
    assert_rc(live_start(&w->cx, near_ingest, &q, &none), RC_DENIED);
    assert_rc(live_stop(&w->cx, near_ingest, &end), RC_DENIED);
    a = placed(NULL, 0, near_ingest);
    world_sql(w, "UPDATE live_session SET entry_id = entry_id + 1000");
    refused(token, a.session, 0, LIVE_REASON_OVER);
    stop(a.session, LIVE_END_LOST);
    assert_true(stream()->publisher[0].stopped_at == NO_TIME);
}

/* --- which lecture --- */

static const char *add(const char *title, int from, int to)
{
    const char *key;
    struct lecture_edit edit = {
        .title = title, .starts_at = clock_now() + from * 60000, .ends_at = clock_now() + to * 60000};
    assert_ok(shown(&w->cx, lecture_create(&w->cx, w->course, &edit, &key, NULL)));
    return key;
}

static const char *due(void)
{
    struct live_due_list list;
    const struct actor *before = w->cx.actor;
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_due_list(&w->cx, &list)));
    w->cx.actor = before;
    const struct live_due *first = live_due_first(&list);
    return first ? first->title : "none";
}

static void the_lecture_is_the_nearest(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE lecture SET starts_at = starts_at - INTERVAL 30 DAY");
    assert_string_equal(due(), "none");
    add("too early", 16, 60);
    add("too late", -90, -16);
    assert_string_equal(due(), "none");
    add("over", -90, -14);
    add("just over", -90, -5);
    assert_string_equal(due(), "just over");
    add("soon", 14, 60);
    add("next", 5, 60);
    assert_string_equal(due(), "next");
    add("long", -60, 10);
    const char *now = add("now", -10, 10);
    assert_string_equal(due(), "now");
    assert_ok(lecture_delete(&w->cx, now));
    assert_string_equal(due(), "long");
    world_sql(w, "UPDATE lecture SET cancelled_at = UTC_TIMESTAMP(3) WHERE title = 'long'");
    assert_string_equal(due(), "next");
    world_sql(
        w, "INSERT INTO live (lecture_id, began_at) SELECT id, UTC_TIMESTAMP(3) FROM lecture WHERE title = "
           "'just over'");
    assert_string_equal(due(), "next"); /* a colleague's stream, which goes on after its time */
    world_sql(
        w,
        "INSERT INTO live_session (`key`, lecture_id, view, user_id, token_id, entry_id, from_address, "
        "job_id, "
        "began_at, media_at) SELECT 'mine00000000', id, 'CAM', %lld, 1, 1, '::1', 999999, UTC_TIMESTAMP(3), "
        "UTC_TIMESTAMP(3) FROM lecture WHERE title = 'just over'",
        (long long)lecturer);
    assert_string_equal(due(), "just over");
    world_sql(w, "UPDATE live SET ended_at = UTC_TIMESTAMP(3), ended_by = 'person'");
    refused(token, NULL, 0,
            LIVE_REASON_ENDED); /* for a minute: a program that connects again goes nowhere else */
    world_sql(w, "UPDATE live_session SET user_id = user_id + 1000");
    assert_int_equal(ask_start(token, NULL, 0).refused, LIVE_REFUSAL_COUNT);
}

static void a_person_chooses_another(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    const char *other = add("other", 24 * 60, 25 * 60);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_due_choose(&w->cx, other)));
    act_as(0);
    assert_string_equal(due(), "other");
    refused(token, a.session, 0, LIVE_REASON_MOVED); /* the program connects again, and gets the other one */
    struct wire_live_answer b = placed(NULL, 0, near_ingest);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM live_session s JOIN lecture l ON l.id = s.lecture_id "
                                  "WHERE s.`key` = '%s' AND l.title = 'other'",
                                  b.session),
                     1);
    act_as(lecturer);
    assert_ok(live_due_choose(&w->cx, NULL));
    stop(b.session, LIVE_END_FINISHED);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_choice"), 0);
    act_as(0);
    assert_rc(live_due_choose(&w->cx, other), RC_DENIED); /* a program streams nothing */
}

static void a_choice_is_for_one_stream(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    const char *other = add("other", 24 * 60, 25 * 60);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_due_choose(&w->cx, other)));
    act_as(0);
    stop(placed(NULL, 0, near_ingest).session, LIVE_END_FINISHED);
    world_sql(w, "UPDATE live SET ended_at = UTC_TIMESTAMP(3), ended_by = 'finished'; "
                 "UPDATE live_choice SET chosen_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR");
    assert_string_equal(due(), "other"); /* they may come back */
    world_sql(w, "UPDATE live SET ended_at = UTC_TIMESTAMP(3) - INTERVAL 16 MINUTE");
    assert_string_not_equal(due(), "other");
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_due_choose(&w->cx, other)));
    act_as(0);
    assert_string_equal(due(), "other");
}

/* Else it is refused for a minute, since programs connect again by themselves. */
static void after_the_end_by_a_person_a_choice_counts_at_once(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    const char *other = add("other", 24 * 60, 25 * 60);
    add("also due", -5, 60);
    placed(NULL, 0, near_ingest);
    const int64_t first = world_number(w, "SELECT lecture_id FROM live");
    struct lecture *l;
    assert_ok(lecture_get_by_id(&w->cx, ACT_COURSE_TEACH, first, &l));
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_stream_end(&w->cx, l->key, false)));
    act_as(0);
    refused(token, NULL, 0, LIVE_REASON_ENDED);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_due_choose(&w->cx, other)));
    act_as(0);
    placed(NULL, 0, near_ingest);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live v JOIN lecture l ON l.id = v.lecture_id "
                                     "WHERE l.title = 'other' AND v.ended_at IS NULL"),
                     1);
}

static void a_start_survives_a_deadlock_at_each_statement(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    for (unsigned nth = 1; nth <= 24; nth++) {
        world_sql(w, "UPDATE live_session SET media_at = media_at - INTERVAL 4 SECOND");
        ingests_beat(60);
        const struct wire_live_start q = {.token = token, .from = "::1", .view = VIEW_CAM, .session = ""};
        struct wire_live_answer a;
        WORLD_DEADLOCK(nth, live_start(&w->cx, entry, &q, &a));
        assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_session WHERE stopped_at IS NULL"), 1);
        assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE kind = 'live' AND state = 'leased'"),
                         1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_publisher_is_placed_at_the_nearest_ingest, streams_fresh),
        cmocka_unit_test_setup(the_ingest_gets_the_job_and_ends_it, streams_fresh),
        cmocka_unit_test_setup(the_end_of_a_recording_is_not_the_end_of_a_session, streams_fresh),
        cmocka_unit_test_setup(a_report_of_failure_leaves_the_job_to_another_ingest, streams_fresh),
        cmocka_unit_test_setup(an_ingest_that_died_is_left, streams_fresh),
        cmocka_unit_test_setup(where_no_ingest_is_free_nothing_changes, streams_fresh),
        cmocka_unit_test_setup(each_heartbeat_of_an_ingest_counts, streams_fresh),
        cmocka_unit_test_setup(ingests_of_other_organisations_serve_nobody_but_theirs, streams_fresh),
        cmocka_unit_test_setup(a_second_publisher_waits_for_three_silent_seconds, streams_fresh),
        cmocka_unit_test_setup(where_the_first_is_kept_a_second_waits_for_its_end, streams_fresh),
        cmocka_unit_test_setup(a_stream_goes_on_with_a_token_whose_time_is_over, streams_fresh),
        cmocka_unit_test_setup(after_the_death_of_an_entry_the_next_publisher_need_not_wait, streams_fresh),
        cmocka_unit_test_setup(who_may_not_is_refused, streams_fresh),
        cmocka_unit_test_setup(entries_ask_for_their_own_streams_only, streams_fresh),
        cmocka_unit_test_setup(the_lecture_is_the_nearest, streams_fresh),
        cmocka_unit_test_setup(a_person_chooses_another, streams_fresh),
        cmocka_unit_test_setup(a_choice_is_for_one_stream, streams_fresh),
        cmocka_unit_test_setup(after_the_end_by_a_person_a_choice_counts_at_once, streams_fresh),
        cmocka_unit_test_setup(a_start_survives_a_deadlock_at_each_statement, streams_fresh),
    };
    return cmocka_run_group_tests(tests, streams_setup, world_teardown);
}
