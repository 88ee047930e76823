/* Recordings on their way to the store, streams that a person ends, and what nobody tells the core. */
#include "tests/unit/svc/live/streams.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/keys.h"
#include "lib/svc/live/over.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/live/sweep.h"
#include "lib/svc/live/upload.h"
#include "lib/svc/people/token.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/teaching/lecture.h"

#define SHA "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static enum rc ask(const struct node_info *node, const struct wire_live_upload *q,
                   struct wire_live_target *out)
{
    enum rc rc = live_upload(&w->cx, node, q, out);
    err_clear(&w->cx);
    return rc;
}

static enum rc ask_upload(const struct node_info *node, const char *session, int64_t fence,
                          struct wire_live_target *out)
{
    return ask(node, &(struct wire_live_upload){.session = session, .fence = fence}, out);
}

static struct wire_answer store_beat(const char *whole)
{
    struct wire_answer answer;
    const struct wire_upload u = {.id = whole, .size = 4000, .sha256 = SHA};
    const struct wire_beat b = {.version = "0.1.0", .uploads = &u, .upload_count = whole != NULL};
    world_sql(w, "UPDATE node SET seen_at = seen_at - INTERVAL 5 SECOND WHERE id = %lld",
              (long long)w->store->id);
    assert_ok(shown(&w->cx, heartbeat_take(&w->cx, w->store, &b, &answer)));
    return answer;
}

static int sweep(void)
{
    struct live_watch watch = {.deaf = clock_mono() - LIVE_LOST_MS};
    int n = -1;
    assert_ok(shown(&w->cx, live_sweep(&w->cx, &watch, &n)));
    return n;
}

static bool interrupted(void)
{
    return world_number(w, "SELECT interrupted_at IS NOT NULL FROM live WHERE lecture_id = %lld",
                        (long long)w->lecture_id);
}

static int64_t recordings(const char *which)
{
    return world_number(w, "SELECT COUNT(*) FROM live_recording WHERE %s IS NOT NULL", which);
}

/* --- uploads --- */

static void a_recording_has_one_upload(void **state)
{
    struct wire_live_target t, u;
    struct jwt_claims c;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_ok(ask_upload(near_ingest, a.session, 1, &t));
    assert_string_equal(t.url, "http://institute.invalid/store/v1/uploads");
    assert_ok(keys_verify(&w->cx, JWT_AUD_STORE, str_of(t.token), &c));
    assert_string_equal(c.up, t.upload);
    assert_int_equal(c.max, w->conf.store_max_upload);
    assert_int_equal(c.exp, t.until);
    assert_ok(ask_upload(near_ingest, a.session, 1, &u));
    assert_string_equal(u.upload, t.upload);
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM upload WHERE lecture_id = %lld AND size = 0 AND name = '%s-1.flv'",
                     (long long)w->lecture_id, a.session),
        1);
    placed(a.session, near_ingest->id, far_ingest);
    assert_ok(ask_upload(far_ingest, a.session, 2, &u));
    assert_string_not_equal(u.upload, t.upload);
    assert_rc(ask_upload(far_ingest, a.session, 1, &u), RC_NOTFOUND);
    assert_rc(ask_upload(far_ingest, a.session, 3, &u), RC_NOTFOUND);
    assert_rc(ask_upload(far_ingest, "zzzzzzzzzzzz", 1, &u), RC_NOTFOUND);
    assert_rc(ask_upload(entry, a.session, 1, &u), RC_DENIED);
}

static void a_whole_recording_waits_for_the_others(void **state)
{
    struct wire_live_target t;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_ok(ask_upload(near_ingest, a.session, 1, &t));
    struct wire_answer answer = store_beat(t.upload);
    assert_int_equal(answer.ack.upload_count, 1);
    assert_int_equal(recordings("complete_at"), 1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM source WHERE lecture_id = %lld", (long long)w->lecture_id), 0);
    assert_int_equal(world_number(w, "SELECT size FROM artifact WHERE lecture_id = %lld AND path = '%s'",
                                  (long long)w->lecture_id, t.upload),
                     4000);
    assert_ok(ask_upload(near_ingest, a.session, 1, &t)); /* the ingest asks the store whether it has all */
    world_sql(w, "UPDATE upload SET state = 'cancelled' WHERE `key` = '%s'", t.upload);
    assert_rc(ask_upload(near_ingest, a.session, 1, &t), RC_CONFLICT);
}

/* --- the scheduler's look --- */

static void a_publisher_who_lost_the_right_is_sent_away(void **state)
{
    struct token_list list;
    const char *other;
    struct token_new in = {.name = "lent", .scopes = 1u << SCOPE_STREAM};
    (void)state;
    NEEDS_DATABASE();
    in.user_id = lecturer;
    assert_ok(token_create(&w->cx, &in, &other));
    struct wire_live_answer a = ask_start(other, NULL, 0);
    struct given g = taken(near_ingest, &a);
    assert_int_equal(sweep(), 0);
    assert_ok(token_list(&w->cx, lecturer, 10, &list));
    assert_ok(token_revoke(&w->cx, list.item[0].id));
    assert_int_equal(sweep(), 1);
    assert_int_equal(sweep(), 0);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_CANCEL);
    refused(token, a.session, 0, LIVE_REASON_TOKEN);
    a = placed(NULL, 0, near_ingest);
    assert_ok(lecture_delete(&w->cx, w->lecture));
    assert_int_equal(sweep(), 1);
    refused(token, a.session, 0, LIVE_REASON_TOKEN);
}

static void leases_say_whether_somebody_publishes(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_int_equal(sweep(), 0);
    assert_false(interrupted());
    world_sql(w, "UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE kind = 'live'");
    assert_int_equal(sweep(), 0);
    assert_true(interrupted());
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    assert_int_equal(sweep(), 0);
    assert_false(interrupted());
    world_sql(w, "UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 91 SECOND WHERE kind = 'live'");
    assert_int_equal(sweep(), 1);
    assert_true(interrupted());
    assert_string_equal(world_job_state(w, a.job), "cancelled");
    refused(token, a.session, 0, LIVE_REASON_OVER);
}

/* If the core is away for minutes, streams go on, and their nodes come again one after the other. */
static void silence_means_nothing_while_no_node_is_heard(void **state)
{
    struct live_watch watch = {0};
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE job SET state = 'cancelled' WHERE kind = 'live'");
    uint64_t before = db_count(&w->cx);
    assert_ok(live_sweep(&w->cx, &watch, &n));
    assert_int_equal(db_count(&w->cx) - before, 1);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    world_sql(w, "UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE WHERE kind = 'live'; "
                 "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE");
    assert_ok(live_sweep(&w->cx, &watch, &n));
    assert_int_equal(n, 0);
    assert_true(watch.deaf > 0 && !interrupted());
    world_beat(w, w->store, NULL, 0);
    assert_ok(live_sweep(&w->cx, &watch, &n));
    assert_int_equal(n, 0);
    assert_true(interrupted());
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_RENEWED);
    assert_ok(live_sweep(&w->cx, &watch, &n));
    assert_false(interrupted());
}

static void a_job_whose_ingest_never_reports_ends(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    stop(a.session, LIVE_END_ENTRY);
    assert_string_equal(world_job_state(w, a.job), "leased");
    world_sql(w, "UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 61 SECOND WHERE kind = 'live'");
    assert_int_equal(sweep(), 1);
    assert_string_equal(world_job_state(w, a.job), "cancelled");
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM task WHERE kind = 'live' AND state = 'open' AND lecture_id = %lld",
                     (long long)w->lecture_id),
        0);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM live_session WHERE why = 'entry'"), 1);
}

static void what_a_burned_ingest_had_is_given_up_or_sealed(void **state)
{
    struct wire_live_target t;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    placed(a.session, near_ingest->id, far_ingest);
    assert_ok(ask_upload(far_ingest, a.session, 2, &t));
    assert_int_equal(sweep(), 0);
    stop(a.session, LIVE_END_FINISHED);
    assert_int_equal(sweep(), 0);
    assert_int_equal(recordings("given_up_at"), 0);
    world_sql(w, "UPDATE live_session SET stopped_at = stopped_at - INTERVAL 61 SECOND");
    assert_int_equal(sweep(), 0);
    assert_int_equal(recordings("given_up_at"), 1); /* of the first, nothing was ever asked for */
    assert_int_equal(recordings("sealed_at"), 0);
    assert_int_equal(store_beat(NULL).upload_seal_count, 0);
    world_sql(w, "UPDATE node SET seen_at = seen_at - INTERVAL 61 SECOND WHERE id = %lld",
              (long long)far_ingest->id);
    assert_int_equal(sweep(), 0);
    assert_int_equal(recordings("sealed_at"), 1);
    struct wire_answer answer = store_beat(NULL);
    assert_int_equal(answer.upload_seal_count, 1);
    assert_string_equal(answer.upload_seal[0], t.upload);
    assert_ok(ask_upload(far_ingest, a.session, 2, &t)); /* back before the store closed it: it has more */
    assert_string_equal(t.upload, answer.upload_seal[0]);
    assert_int_equal(recordings("sealed_at"), 0);
    assert_int_equal(store_beat(NULL).upload_seal_count, 0);
    assert_int_equal(sweep(), 0); /* and away again */
    assert_int_equal(store_beat(NULL).upload_seal_count, 1);
    assert_int_equal(store_beat(t.upload).ack.upload_count, 1);
    assert_int_equal(store_beat(NULL).upload_seal_count, 0);
    assert_ok(ask_upload(far_ingest, a.session, 2, &t)); /* the ingest compares: the store may have less */
    assert_string_equal(t.upload, answer.upload_seal[0]);
    assert_int_equal(recordings("complete_at"), 1);
    assert_int_equal(recordings("sealed_at"), 1);
    world_sql(w, "UPDATE live_recording SET given_up_at = UTC_TIMESTAMP(3) WHERE fence = 2");
    assert_rc(ask_upload(far_ingest, a.session, 2, &t), RC_CONFLICT);
    world_sql(w, "UPDATE live_recording SET given_up_at = NULL WHERE fence = 2");
    assert_ok(ask_upload(near_ingest, a.session, 1, &t)); /* it was not burned after all */
    assert_int_equal(recordings("given_up_at"), 0);
}

/* Its ingest comes back when the store has taken what had arrived: the lecture gets all of it. */
static void what_was_closed_too_early_is_sent_again(void **state)
{
    struct wire_live_target t, all;
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    const struct wire_live_upload less = {.session = a.session, .fence = a.fence, .less = true};
    assert_ok(ask_upload(near_ingest, a.session, a.fence, &t));
    stop(a.session, LIVE_END_LOST);
    world_sql(w, "UPDATE live_recording SET sealed_at = UTC_TIMESTAMP(3)");
    assert_answer(store_beat(t.upload).ack.upload_count, 1);
    assert_ok(live_stream_end(&w->cx, w->lecture, false));
    assert_ok(shown(&w->cx, ask(near_ingest, &less, &all)));
    assert_string_not_equal(all.upload, t.upload);
    assert_ok(live_publish(&w->cx, &n));
    assert_int_equal(n, 0); /* more is on its way */
    assert_ok(ask(near_ingest, &less, &t));
    assert_string_equal(all.upload, t.upload); /* once */
    assert_answer(store_beat(all.upload).ack.upload_count, 1);
    assert_ok(shown(&w->cx, live_publish(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM source_part p JOIN upload u ON u.id = p.upload_id WHERE "
                     "u.`key` = '%s' AND u.lecture_id = %lld",
                     all.upload, (long long)w->lecture_id),
        1);
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM source_part p JOIN upload u ON u.id = p.upload_id WHERE "
                     "u.lecture_id = %lld",
                     (long long)w->lecture_id),
        1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM upload WHERE lecture_id = %lld AND state = 'cancelled'",
                     (long long)w->lecture_id),
        1); /* the first */
}

/* A stream of three days, and one whose ingest cannot send: neither is an upload that somebody forgot. */
static void an_upload_that_is_wanted_does_not_expire(void **state)
{
    struct wire_live_target t;
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_ok(ask_upload(near_ingest, a.session, a.fence, &t));
    world_sql(w, "UPDATE upload SET updated_at = updated_at - INTERVAL 3 DAY WHERE lecture_id = %lld",
              (long long)w->lecture_id);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 2 MINUTE WHERE id = %lld",
              (long long)near_ingest->id);
    assert_ok(shown(&w->cx, arrival_expire(&w->cx, &n)));
    assert_int_equal(n, 0);
    stop(a.session, LIVE_END_LOST);
    ingests_beat(4);
    assert_ok(arrival_expire(&w->cx, &n));
    assert_int_equal(n, 0);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 2 MINUTE WHERE id = %lld",
              (long long)near_ingest->id);
    assert_ok(arrival_expire(&w->cx, &n));
    assert_int_equal(n, 1);
}

/* One that does not fit must not hold up the others. */
static void a_broken_session_does_not_stop_the_sweep(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    world_sql(w, "UPDATE live_session SET view = 'CAM', job_id = 999999, token_id = 0 WHERE `key` = '%s'",
              a.session);
    struct wire_live_answer b = placed(NULL, 0, near_ingest);
    world_sql(w, "UPDATE live_session SET token_id = 0 WHERE `key` = '%s'", b.session);
    assert_int_equal(sweep(), 1);
    refused(token, b.session, 0, LIVE_REASON_TOKEN);
}

/* --- the end by a person --- */

static void a_person_ends_the_stream(void **state)
{
    struct lecture *l;
    struct live_stream *s;
    (void)state;
    NEEDS_DATABASE();
    act_as(lecturer);
    assert_rc(live_stream_end(&w->cx, w->lecture, false), RC_CONFLICT); /* there is none */
    err_clear(&w->cx);
    act_as(0);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    act_as(lecturer);
    assert_ok(shown(&w->cx, live_stream_end(&w->cx, w->lecture, false)));
    act_as(0);
    assert_answer(world_running(w, near_ingest, &g, 0), JOB_ANSWER_CANCEL);
    refused(token, a.session, 0, LIVE_REASON_ENDED);
    refused(token, NULL, 0, LIVE_REASON_ENDED);
    assert_ok(lecture_get_by_id(&w->cx, ACT_COURSE_TEACH, w->lecture_id, &l));
    assert_int_equal(l->time_state, TIME_ENDED);
    assert_ok(live_stream_get(&w->cx, w->lecture_id, &s));
    assert_true(s->ended_at != NO_TIME && s->ended_by == LIVE_BY_PERSON && s->undo && !s->discard);
    assert_string_equal(s->ended_name, "Mira");
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 61 SECOND");
    refused(token, NULL, 0, LIVE_REASON_ENDED); /* also later */
    assert_ok(shown(&w->cx, live_stream_undo(&w->cx, w->lecture)));
    a = placed(NULL, 0, near_ingest);
    assert_ok(live_stream_get(&w->cx, w->lecture_id, &s));
    assert_true(s->ended_at == NO_TIME && s->n == 2);
    stop(a.session, LIVE_END_FINISHED);
}

static void a_discarded_stream_can_be_kept_after_all(void **state)
{
    struct live_stream *s;
    struct wire_live_target t;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_ok(live_stream_end(&w->cx, w->lecture, false));
    assert_ok(live_stream_end(&w->cx, w->lecture, true));
    assert_ok(live_stream_get(&w->cx, w->lecture_id, &s));
    assert_true(s->discard && s->undo && s->ended_name == NULL);
    assert_ok(ask_upload(near_ingest, a.session, 1, &t)); /* until it cannot be taken back, it is kept */
    assert_ok(live_stream_undo(&w->cx, w->lecture));
    assert_ok(live_stream_get(&w->cx, w->lecture_id, &s));
    assert_true(!s->discard && s->ended_at != NO_TIME);
    assert_ok(live_stream_end(&w->cx, w->lecture, true));
    world_sql(w, "UPDATE live SET ended_at = ended_at - INTERVAL 15 DAY");
    assert_rc(live_stream_undo(&w->cx, w->lecture), RC_CONFLICT);
    err_clear(&w->cx);
    world_sql(w, "UPDATE live SET discard = FALSE");
    assert_answer(store_beat(t.upload).ack.upload_count, 1);
    world_sql(
        w,
        "INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, created_at) "
        "SELECT lecture_id, id, node_id, view, name, size, sha256, created_at FROM upload WHERE `key` = '%s'",
        t.upload);
    assert_rc(live_stream_end(&w->cx, w->lecture, true), RC_CONFLICT); /* its recording is in work */
    err_clear(&w->cx);
}

static void streams_are_listed(void **state)
{
    struct live_stream *list;
    size_t n;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(live_stream_list(&w->cx, 10, &list, &n));
    assert_int_equal(n, 0);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_ok(live_stream_list(&w->cx, 10, &list, &n));
    assert_int_equal(n, 1);
    assert_string_equal(list[0].lecture_key, w->lecture);
    assert_int_equal(list[0].n, 1);
    assert_string_equal(list[0].publisher[0].key, a.session);
    stop(a.session, LIVE_END_FINISHED);
    assert_ok(live_stream_list(&w->cx, 10, &list, &n));
    assert_true(n == 1 && list[0].n == 0 && list[0].interrupted_at != NO_TIME);
    act_as(lecturer);
    assert_rc(live_stream_list(&w->cx, 10, &list, &n), RC_DENIED);
    err_clear(&w->cx);
}

/* Somebody whose connection broke all the time, beside a publisher who is there since the beginning. */
static void who_is_connected_is_always_shown(void **state)
{
    struct live_stream *s;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    for (int i = 0; i < 20; i++)
        world_sql(w,
                  "INSERT INTO live_session (`key`, lecture_id, view, user_id, token_id, entry_id, "
                  "from_address, job_id, began_at, media_at, stopped_at, why) SELECT 'gone%08d', lecture_id, "
                  "'PRES', user_id, token_id, entry_id, '::1', job_id + 1000000 + %d, UTC_TIMESTAMP(3), "
                  "UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 'lost' FROM live_session WHERE `key` = '%s'",
                  i, i, a.session);
    assert_ok(live_stream_get(&w->cx, w->lecture_id, &s));
    assert_int_equal(s->n, 20);
    assert_string_equal(s->publisher[0].key, a.session);
    assert_string_equal(s->publisher[1].key, "gone00000019");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_recording_has_one_upload, streams_fresh),
        cmocka_unit_test_setup(a_whole_recording_waits_for_the_others, streams_fresh),
        cmocka_unit_test_setup(a_publisher_who_lost_the_right_is_sent_away, streams_fresh),
        cmocka_unit_test_setup(leases_say_whether_somebody_publishes, streams_fresh),
        cmocka_unit_test_setup(silence_means_nothing_while_no_node_is_heard, streams_fresh),
        cmocka_unit_test_setup(a_job_whose_ingest_never_reports_ends, streams_fresh),
        cmocka_unit_test_setup(what_a_burned_ingest_had_is_given_up_or_sealed, streams_fresh),
        cmocka_unit_test_setup(what_was_closed_too_early_is_sent_again, streams_fresh),
        cmocka_unit_test_setup(an_upload_that_is_wanted_does_not_expire, streams_fresh),
        cmocka_unit_test_setup(a_broken_session_does_not_stop_the_sweep, streams_fresh),
        cmocka_unit_test_setup(a_person_ends_the_stream, streams_fresh),
        cmocka_unit_test_setup(a_discarded_stream_can_be_kept_after_all, streams_fresh),
        cmocka_unit_test_setup(streams_are_listed, streams_fresh),
        cmocka_unit_test_setup(who_is_connected_is_always_shown, streams_fresh),
    };
    return cmocka_run_group_tests(tests, streams_setup, world_teardown);
}
