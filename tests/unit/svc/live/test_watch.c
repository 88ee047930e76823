/* What can be watched of a live stream: its generation beside those of commits, the seal, playback, and when it goes. */
#include "tests/unit/svc/live/streams.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/keys.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/doors/playback.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/teaching/lecture.h"

enum { STATEMENTS = 40 /* more than beginning and end have */ };

#define LECTURE ((long long)w->lecture_id)
#define ALL     (PLAYBACK_RECORDING | PLAYBACK_STREAM)

static int64_t count(const char *from)
{
    return world_number(w, "SELECT COUNT(*) FROM %s AND lecture_id = %lld", from, LECTURE);
}

static int64_t generation(void)
{
    return world_number(w, "SELECT generation FROM live WHERE lecture_id = %lld", LECTURE);
}

/* The ingest reports that its stream can be watched. */
static struct wire_answer report_shown(const struct given *g, int64_t token_until)
{
    struct wire_answer answer;
    const struct wire_report r = {.job = g->job,
                                  .attempt = g->attempt,
                                  .fence = g->fence,
                                  .state = REPORT_RUNNING,
                                  .shown = true,
                                  .token_until = token_until,
                                  .log = ""};
    const struct wire_beat b = {.version = "0.1.0", .slots = {[LANE_LIVE] = 3}, .jobs = &r, .job_count = 1};
    assert_ok(shown(&w->cx, heartbeat_take(&w->cx, near_ingest, &b, &answer)));
    return answer;
}

/* A stream that can be watched. */
static struct wire_live_answer on_air(void)
{
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    report_shown(&g, 0);
    return a;
}

static void end(bool discard)
{
    assert_ok(shown(&w->cx, live_stream_end(&w->cx, w->lecture, discard)));
    ingests_beat(4);
}

/* The storage node gets the seal job, as soon as the ingest can have brought the end. */
static struct given seal_given(void)
{
    struct given g = {0};
    assert_int_equal(count("job WHERE kind = 'seal' AND state = 'queued' AND not_before > UTC_TIMESTAMP(3)"),
                     1);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE kind = 'seal'");
    assert_true(world_give(w, w->store, "seal", &g));
    return g;
}

static const json_t *parse(const char *text)
{
    const json_t *v = NULL;
    assert_ok(shown(&w->cx, js_parse(&w->cx, str_of(text), 65536, &v)));
    return v;
}

#define SEALED(view)                                                                                         \
    "{\"view\":\"" view "\",\"seconds\":61.5,\"bytes\":7000,\"files\":31,\"audio\":true,"                    \
    "\"tracks\":[{\"name\":\"v0\",\"width\":1280,\"height\":720,\"bitrate\":2000000}]}"

static void seal(const char *views)
{
    struct given g = seal_given();
    const char *outputs = arena_printf(w->cx.arena, "{\"views\":[%s]}", views);
    assert_answer(world_done(w, w->store, &g, parse(outputs)), JOB_ANSWER_ACK);
}

static struct jwt_claims claims_of(unsigned may, struct playback *pb)
{
    struct jwt_claims c;
    assert_ok(shown(&w->cx, playback_token(&w->cx, world_publication(w), may, 60, pb)));
    assert_ok(shown(&w->cx, keys_verify(&w->cx, JWT_AUD_PLAY, str_of(pb->token), &c)));
    return c;
}

static void no_token(unsigned may)
{
    struct playback pb;
    assert_rc(playback_token(&w->cx, world_publication(w), may, 60, &pb), RC_NOTFOUND);
    err_clear(&w->cx);
}

static enum stream_state state_now(void)
{
    struct lecture *l;
    assert_ok(lecture_get_by_id(&w->cx, ACT_COURSE_TEACH, w->lecture_id, &l));
    return publication_stream_state(world_publication(w), l, clock_now());
}

/* A file for the view, processed until its commit is in the queue. */
static void ready_to_commit(const char *view)
{
    struct given g;
    world_upload(w, view);
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
}

/* --- numbers --- */

static void a_stream_and_commits_share_no_number(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    ready_to_commit("CAM");
    assert_true(world_give(w, w->store, "commit", &g));
    assert_int_equal(js_get_i64(json_object_get(g.json, "params"), "generation", 0), 1);
    on_air();
    assert_int_equal(generation(), 2); /* 1 may lie on the disk already */
    world_expire_leases();
    assert_true(world_give(w, w->store, "commit", &g));
    assert_int_equal(js_get_i64(json_object_get(g.json, "params"), "generation", 0), 1);
    assert_int_equal(js_get_i64(json_object_get(g.json, "params"), "base", -1), 0);
    assert_answer(world_done(w, w->store, &g, world_generation(w, 1)), JOB_ANSWER_ACK);
    ready_to_commit("PRES");
    assert_true(world_give(w, w->store, "commit", &g));
    assert_int_equal(js_get_i64(json_object_get(g.json, "params"), "generation", 0), 3);
    assert_int_equal(js_get_i64(json_object_get(g.json, "params"), "base", -1), 1);
    assert_answer(world_done(w, w->store, &g, world_generation(w, 3)), JOB_ANSWER_ACK);
    assert_int_equal(world_publication(w)->generation, 3);
    assert_int_equal(count("job WHERE kind = 'delete' AND params LIKE '%%/g1\"%%'"), 1);
    assert_int_equal(count("job WHERE kind = 'delete' AND params LIKE '%%/g2\"%%'"), 0);
}

static void a_stream_keeps_its_number_until_it_is_over(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = on_air();
    assert_int_equal(generation(), 1);
    placed(a.session, near_ingest->id, far_ingest);
    stop(a.session, LIVE_END_LOST);
    ingests_beat(4);
    placed(NULL, 0, near_ingest);
    assert_int_equal(generation(), 1);
    assert_int_equal(state_now(), STREAM_ON);
    end(false);
    assert_ok(shown(&w->cx, live_stream_undo(&w->cx, w->lecture)));
    placed(NULL, 0, near_ingest);
    assert_int_equal(generation(), 2);
    assert_int_equal(state_now(), STREAM_WAITING);
    assert_int_equal(count("live_dvr WHERE ended_at IS NULL"), 1);
}

/* --- what the ingest is told --- */

static void the_ingest_may_write_one_place(void **state)
{
    struct jwt_claims c, d;
    (void)state;
    NEEDS_DATABASE();
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    const json_t *put = json_object_get(g.json, "put");
    const char *place = arena_printf(w->cx.arena, "live/%s/g1/COMB/1", w->lecture);
    assert_ok(keys_verify(&w->cx, JWT_AUD_STORE, str_of(js_get_str(put, "token", "")), &c));
    assert_string_equal(c.put, place);
    assert_string_equal(c.st, "http://institute.invalid");
    assert_true(!c.up && !c.get[0] && c.exp == js_get_i64(g.json, "token_until", 0));
    assert_string_equal(js_get_str(put, "url", ""),
                        arena_printf(w->cx.arena, "http://institute.invalid/live/v1/%s", place + 5));
    assert_int_equal(report_shown(&g, c.exp).token_count, 0);
    struct wire_answer answer = report_shown(&g, clock_now() / 1000 + 60);
    assert_int_equal(answer.token_count, 1);
    assert_ok(keys_verify(&w->cx, JWT_AUD_STORE, str_of(answer.tokens[0].token), &d));
    assert_string_equal(d.put, place);
    struct wire_live_answer b = placed(a.session, near_ingest->id, far_ingest);
    g = taken(far_ingest, &b);
    assert_string_equal(
        js_get_str(json_object_get(g.json, "put"), "url", ""),
        arena_printf(w->cx.arena, "http://institute.invalid/live/v1/%s/g1/COMB/2", w->lecture));
}

/* The recording does not depend on it. */
static void without_a_store_nobody_watches(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->store);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    struct given g = taken(near_ingest, &a);
    assert_null(json_object_get(g.json, "token_until"));
    assert_int_equal(report_shown(&g, clock_now() / 1000 + 60).token_count, 0);
    assert_int_equal(generation(), 0);
    assert_int_equal(state_now(), STREAM_WAITING);
    no_token(ALL);
    end(false);
    assert_int_equal(count("job WHERE kind = 'seal'"), 0);
    world_beat(w, w->store, NULL, 0);
}

/* --- watching --- */

static void what_viewers_know_of_a_stream(void **state)
{
    struct playback pb;
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 5 MINUTE WHERE id = %lld",
              LECTURE);
    assert_int_equal(state_now(), STREAM_PLANNED);
    world_sql(w, "UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) - INTERVAL 5 MINUTE WHERE id = %lld",
              LECTURE);
    assert_int_equal(state_now(), STREAM_WAITING);
    world_sql(w, "UPDATE lecture SET cancelled_at = UTC_TIMESTAMP(3) WHERE id = %lld", LECTURE);
    assert_int_equal(state_now(), STREAM_NONE);
    world_sql(w, "UPDATE lecture SET cancelled_at = NULL WHERE id = %lld", LECTURE);
    struct wire_live_answer a = placed(NULL, 0, near_ingest);
    assert_int_equal(state_now(), STREAM_WAITING);
    struct given g = taken(near_ingest, &a);
    assert_int_equal(world_publication(w)->stream.view_count, 0);
    report_shown(&g, 0);
    assert_int_equal(state_now(), STREAM_ON);
    struct publication *p = world_publication(w);
    assert_true(p->stream.view_count == 1 && p->stream.views[0] == VIEW_COMB && !p->stream.sealed);
    assert_true(p->generation == 0 && p->view_count == 0);
    struct jwt_claims c = claims_of(ALL, &pb);
    assert_true(pb.stream && !pb.recording && c.gmin == 1 && c.gmax > 2);
    assert_string_equal(playback_stream_url(&w->cx, p, &pb, VIEW_COMB, PLAYBACK_LOW),
                        arena_printf(w->cx.arena, "http://institute.invalid/m/%s/%s/g1/COMB/live.m3u8",
                                     pb.token, w->lecture));
    stop(a.session, LIVE_END_LOST);
    assert_int_equal(state_now(), STREAM_INTERRUPTED);
    end(false);
    assert_int_equal(state_now(), STREAM_ENDED);
}

/* A rule withholds the recordings of before and of the stream, not the stream. */
static void a_token_for_the_stream_opens_nothing_else(void **state)
{
    struct playback pb;
    (void)state;
    NEEDS_DATABASE();
    ready_to_commit("CAM");
    assert_int_equal(world_commit(), 1);
    on_air();
    struct jwt_claims c = claims_of(PLAYBACK_STREAM, &pb);
    assert_true(pb.stream && !pb.recording && c.gmin == 2 && c.gmax == 2);
    c = claims_of(ALL, &pb);
    assert_true(pb.stream && pb.recording && c.gmin == 1 && c.gmax > 2);
    c = claims_of(PLAYBACK_RECORDING, &pb);
    assert_true(!pb.stream && c.gmin == 1);
    end(false);
    no_token(PLAYBACK_STREAM);
    seal(SEALED("COMB"));
    no_token(PLAYBACK_STREAM);
    c = claims_of(PLAYBACK_RECORDING, &pb);
    assert_true(pb.stream && c.gmin == 2);
}

/* --- the end --- */

static void the_sealed_stream_is_watched_until_it_is_processed(void **state)
{
    struct playback pb;
    (void)state;
    NEEDS_DATABASE();
    ready_to_commit("CAM");
    assert_int_equal(world_commit(), 1);
    ready_to_commit("COMB"); /* older than the end of the stream, whatever its number */
    on_air();
    end(false);
    seal(SEALED("COMB"));
    struct publication *p = world_publication(w);
    assert_true(p->generation == 2 && p->sealed && p->stream.sealed && p->view_count == 1);
    const struct publication_view *v = &p->views[0];
    assert_true(v->kind == VIEW_COMB && v->has_audio && !v->has_sprite && !v->has_download && !v->has_poster);
    assert_true(v->duration > 61 && v->rendition_count == 1 && v->renditions[0].height == 720 &&
                v->file_count == 0);
    assert_string_equal(v->quality, "live");
    assert_int_equal(claims_of(ALL, &pb).gmin, 2);
    assert_int_equal(count("artifact WHERE generation = 2 AND view = 'COMB' AND path = '' AND size = 7000"),
                     1);
    assert_int_equal(world_commit(), 3);
    assert_int_equal(world_publication(w)->generation, 2);
    ready_to_commit("COMB"); /* as the recording of the stream is */
    assert_int_equal(world_commit(), 4);
    p = world_publication(w);
    assert_true(p->generation == 4 && !p->sealed && p->view_count == 2 && p->stream.state == STREAM_ENDED);
    assert_int_equal(p->stream.generation, 0);
    assert_true(claims_of(ALL, &pb).gmin == 4 && !pb.stream);
    assert_int_equal(count("artifact WHERE generation = 2"), 1);
    assert_int_equal(count("job WHERE kind = 'delete' AND params LIKE '%%/g2\"%%' AND not_before > "
                           "UTC_TIMESTAMP(3) + INTERVAL 19 MINUTE"),
                     1);
}

static void what_is_removed_leaves_the_manifest(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    on_air();
    assert_int_equal(count("artifact WHERE generation = 1"), 1);
    end(true);
    assert_int_equal(world_publication(w)->stream.generation, 0);
    assert_int_equal(state_now(), STREAM_ENDED);
    no_token(ALL);
    seal(SEALED("COMB"));
    assert_int_equal(world_publication(w)->view_count, 0);
    assert_int_equal(count("job WHERE kind = 'delete'"), 1);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE kind = 'delete' AND lecture_id = %lld",
              LECTURE);
    assert_true(world_give(w, w->store, "delete", &g));
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_ACK);
    assert_int_equal(count("artifact WHERE generation = 1"), 0);
    assert_ok(shown(&w->cx, live_stream_undo(&w->cx, w->lecture))); /* the recording alone comes back */
    assert_int_equal(world_publication(w)->stream.generation, 0);
}

/* Views of one stream go together: none is watched in two states. */
static void all_views_are_replaced_at_once(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    on_air();
    world_sql(w,
              "INSERT INTO live_dvr_view (lecture_id, generation, view, shown_at) VALUES (%lld, 1, 'PRES', "
              "UTC_TIMESTAMP(3)), (%lld, 1, 'CAM', NULL)",
              LECTURE, LECTURE);
    assert_int_equal(world_publication(w)->stream.view_count, 2);
    end(false);
    seal(SEALED("COMB") "," SEALED("PRES"));
    assert_int_equal(world_publication(w)->view_count, 2);
    ready_to_commit("COMB");
    assert_int_equal(world_commit(), 2);
    assert_true(world_publication(w)->sealed);
    ready_to_commit("PRES");
    assert_int_equal(world_commit(), 3);
    assert_false(world_publication(w)->sealed);
}

static void who_goes_live_again_keeps_what_was(void **state)
{
    struct playback pb;
    (void)state;
    NEEDS_DATABASE();
    on_air();
    end(false);
    seal(SEALED("COMB"));
    assert_ok(shown(&w->cx, live_stream_undo(&w->cx, w->lecture)));
    on_air();
    struct publication *p = world_publication(w);
    assert_true(p->sealed && p->generation == 1 && p->stream.generation == 2 && p->stream.state == STREAM_ON);
    struct jwt_claims c = claims_of(ALL, &pb);
    assert_true(pb.recording && pb.stream && c.gmin == 1 && c.gmax > 2);
    end(false);
    seal(SEALED("COMB"));
    assert_int_equal(world_publication(w)->generation, 2);
    ready_to_commit("COMB");
    assert_int_equal(world_commit(), 3);
    assert_int_equal(count("live_dvr WHERE dropped_at IS NULL"), 0);
}

static void a_stream_that_nobody_saw_leaves_nothing(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    placed(NULL, 0, near_ingest);
    end(false);
    seal("");
    assert_int_equal(count("live_dvr WHERE dropped_at IS NOT NULL"), 1);
    assert_int_equal(count("job WHERE kind = 'delete'"), 1);
}

/* While a version is replaced, commits may still be numbered without a look at streams. */
static void a_number_that_a_commit_has_is_not_removed(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    on_air();
    world_sql(w, "UPDATE lecture SET generation = 1 WHERE id = %lld", LECTURE);
    end(true);
    assert_int_equal(count("live_dvr WHERE dropped_at IS NOT NULL"), 1);
    assert_int_equal(count("job WHERE kind = 'delete'"), 0);
}

/* Each statement in turn meets a deadlock: what is repeated is done once. */
static void beginning_and_end_happen_once(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    for (uint64_t nth = 1; nth <= STATEMENTS; nth++) {
        streams_fresh(NULL);
        const struct wire_live_start q = {
            .token = token, .from = "192.0.2.7", .view = VIEW_COMB, .session = "", .avoid_count = 0};
        struct wire_live_answer a;
        WORLD_DEADLOCK(nth, live_start(&w->cx, entry, &q, &a));
        assert_int_equal(a.refused, LIVE_REFUSAL_COUNT);
        assert_int_equal(generation(), 1);
        WORLD_DEADLOCK(nth, live_stream_end(&w->cx, w->lecture, true));
        assert_int_equal(count("job WHERE kind = 'seal'"), 1);
        assert_int_equal(count("job WHERE kind = 'delete'"), 1);
    }
}

/* What a node says is checked before anything is written. */
static void a_seal_must_say_what_it_has(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"views\":[{}]}",
        "{\"views\":[{\"view\":\"TOP\",\"seconds\":1,\"bytes\":1,\"tracks\":[]}]}",
        "{\"views\":[{\"view\":\"CAM\",\"seconds\":-1,\"bytes\":1,\"tracks\":[]}]}",
        "{\"views\":[{\"view\":\"CAM\",\"seconds\":1,\"bytes\":1,\"tracks\":[{\"name\":\"v0\",\"width\":-1,"
        "\"height\":1,\"bitrate\":1}]}]}",
        "{\"views\":[" SEALED("CAM") "," SEALED("CAM") "," SEALED("CAM") "," SEALED("CAM") "]}",
    };
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    on_air();
    end(false);
    g = seal_given();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_answer(world_done(w, w->store, &g, parse(wrong[i])), JOB_ANSWER_ACK);
        assert_int_equal(count("live_dvr WHERE sealed_at IS NOT NULL"), 0);
        world_sql(w,
                  "UPDATE job SET not_before = UTC_TIMESTAMP(3), tries = 1, state = 'queued' WHERE id = %lld",
                  (long long)g.job);
        assert_true(world_give(w, w->store, "seal", &g));
    }
    assert_answer(world_done(w, w->store, &g, parse("{\"views\":[" SEALED("COMB") "]}")), JOB_ANSWER_ACK);
    assert_true(world_publication(w)->sealed);
}

/* A seal that does not succeed is no failure of the recording, and can be tried again. */
static void a_dead_seal_leaves_the_lecture_alone(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    on_air();
    end(false);
    struct given g = seal_given();
    world_sql(w, "UPDATE job SET tries = %d WHERE id = %lld", JOB_MAX_TRIES, (long long)g.job);
    assert_answer(world_failed(w, w->store, &g, "io", false), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_ok(shown(&w->cx, again_job(&w->cx, g.job)));
    assert_int_equal(world_publication(w)->media, MEDIA_NONE);
    ready_to_commit("COMB");
    assert_int_equal(world_commit(), 2);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    assert_int_equal(count("live_dvr WHERE dropped_at IS NOT NULL"), 1);
}

static void a_purge_takes_the_stream_along(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    on_air();
    end(false);
    seal(SEALED("COMB"));
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, purge_start(&w->cx, w->lecture_id)));
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE lecture_id = %lld", LECTURE);
    assert_true(world_give(w, w->store, "delete", &g));
    assert_int_equal(count("artifact WHERE generation = 1"), 1);
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_ACK);
    assert_int_equal(
        count("artifact WHERE TRUE") + count("live_dvr WHERE TRUE") + count("live_dvr_view WHERE TRUE"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stream_and_commits_share_no_number, streams_fresh),
        cmocka_unit_test_setup(a_stream_keeps_its_number_until_it_is_over, streams_fresh),
        cmocka_unit_test_setup(the_ingest_may_write_one_place, streams_fresh),
        cmocka_unit_test_setup(without_a_store_nobody_watches, streams_fresh),
        cmocka_unit_test_setup(what_viewers_know_of_a_stream, streams_fresh),
        cmocka_unit_test_setup(a_token_for_the_stream_opens_nothing_else, streams_fresh),
        cmocka_unit_test_setup(the_sealed_stream_is_watched_until_it_is_processed, streams_fresh),
        cmocka_unit_test_setup(what_is_removed_leaves_the_manifest, streams_fresh),
        cmocka_unit_test_setup(all_views_are_replaced_at_once, streams_fresh),
        cmocka_unit_test_setup(who_goes_live_again_keeps_what_was, streams_fresh),
        cmocka_unit_test_setup(a_stream_that_nobody_saw_leaves_nothing, streams_fresh),
        cmocka_unit_test_setup(a_number_that_a_commit_has_is_not_removed, streams_fresh),
        cmocka_unit_test_setup(beginning_and_end_happen_once, streams_fresh),
        cmocka_unit_test_setup(a_seal_must_say_what_it_has, streams_fresh),
        cmocka_unit_test_setup(a_dead_seal_leaves_the_lecture_alone, streams_fresh),
        cmocka_unit_test_setup(a_purge_takes_the_stream_along, streams_fresh),
    };
    return cmocka_run_group_tests(tests, streams_setup, world_teardown);
}
