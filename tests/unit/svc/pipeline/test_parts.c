/* A source of several recordings: what workers are told of it, and what becomes of its uploads. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/net/json.h"
#include "lib/proto/jwt.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/source.h"

#define GIB (INT64_C(1) << 30)
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The upload of a recording that has arrived and is in no source yet. */
static struct upload *recording(int i, int64_t size)
{
    struct upload *u;
    assert_ok(shown(&w->cx, arrival_open(&w->cx, w->lecture, STR("CAM"), STR("session.flv"), size,
                                         str_of(arena_printf(w->cx.arena, "recording-%d", i)), &u)));
    assert_ok(upload_move(&w->cx, u, UPLOAD_ON_COMPLETE, NULL));
    assert_ok(upload_set_file(&w->cx, u, size, SHA));
    return u;
}

/* n of them as one source, which is published; the last one's upload. Every third goes on with the stream before. */
static struct upload *publish(int n, int64_t size, bool cut)
{
    struct source_part *parts = arena_array(w->cx.arena, (size_t)n, sizeof *parts);
    struct upload *u = NULL;
    int64_t source, task;
    for (int i = 0; i < n; i++) {
        u = recording(i, size);
        parts[i] = (struct source_part){
            .upload_id = u->id, .size = size, .begins = i / 3 * 10000, .goes_on = i % 3 != 0};
    }
    assert_ok(shown(&w->cx, source_set_parts(&w->cx, u, parts, (size_t)n, cut, &source)));
    assert_ok(shown(&w->cx, publish_start(&w->cx, w->lecture_id, source, VIEW_CAM, &task)));
    return u;
}

static int64_t uploads(const char *state)
{
    return world_number(w, "SELECT COUNT(*) FROM upload WHERE lecture_id = %lld AND state = '%s'",
                        (long long)w->lecture_id, state);
}

static void workers_get_all_parts_in_order(void **state)
{
    const int n = JWT_MAX_LIST + 4;
    struct wire_assign a;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    publish(n, 1000, true);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_ok(shown(&w->cx, wire_assign_read(&w->cx, g.json, &a)));
    assert_int_equal(a.input_count, n);
    for (int i = 0; i < n; i++) {
        const struct wire_input *in = &a.inputs[i];
        assert_true(in->size == 1000 && in->begins == i / 3 * 10000 && in->goes_on == (i % 3 != 0));
        assert_string_equal(in->sha256, SHA);
        assert_non_null(strstr(in->url, in->source));
        assert_true(i == 0 || strcmp(in->source, a.inputs[i - 1].source) != 0);
        /* a token names so many files; the first one is that of the results, too */
        assert_true((strcmp(in->token, a.put.token) == 0) == (i < JWT_MAX_LIST));
    }
    assert_true(js_get_bool(a.params, "cut_gaps", false));
    assert_int_equal(uploads("complete"), n);
    assert_answer(world_done(w, w->near, &g, world_probe(w, false)), JOB_ANSWER_ACK);
    assert_int_equal(uploads("taken"), n);
    assert_true(world_give(w, w->near, "full", &g));
    assert_ok(shown(&w->cx, wire_assign_read(&w->cx, g.json, &a)));
    assert_int_equal(a.input_count, n);
}

/* A file that was uploaded is the whole source. */
static void others_have_no_parts(void **state)
{
    struct wire_assign a;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_ok(shown(&w->cx, wire_assign_read(&w->cx, g.json, &a)));
    assert_true(a.input_count == 1 && a.inputs[0].begins == WIRE_NO_PART && !a.inputs[0].goes_on);
    assert_null(json_object_get(a.params, "cut_gaps"));
}

/* Nobody else has the recordings, so they stay when they cannot be processed. */
static void refused_recordings_stay(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    publish(3, 1000, false);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_failed(w, w->near, &g, "unsupported", true), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
    assert_int_equal(uploads("complete"), 3);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'delete'",
                                  (long long)w->lecture_id),
                     0);
}

/* Taking any of the parts away ends the work on all. */
static void a_part_is_cancelled(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    publish(3, 1000, false);
    assert_true(world_give(w, w->near, "probe", &g));
    const int64_t first =
        world_number(w, "SELECT MIN(id) FROM upload WHERE lecture_id = %lld", (long long)w->lecture_id);
    struct upload *u;
    assert_ok(upload_get_by_id(&w->cx, first, &u));
    assert_ok(shown(&w->cx, arrival_cancel(&w->cx, u->key)));
    assert_string_equal(world_job_state(w, g.job), "cancelled");
    assert_int_equal(uploads("cancelled"), 1);
}

/* Parts are joined in the scratch folder: that takes their size once more. */
static void joining_needs_room(void **state)
{
    struct dispatch_homeless h;
    struct wire_answer answer;
    struct given g;
    const struct wire_beat b = {
        .version = "0.1.0", .slots = {2, 2, 0}, .load = {.disk_free = 50 * GIB, .disk_total = 64 * GIB}};
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    publish(2, 15 * GIB, false);
    assert_ok(heartbeat_take(&w->cx, w->near, &b, &answer));
    assert_ok(dispatch_homeless(&w->cx, &h));
    assert_int_equal(h.jobs, 1);
    assert_int_equal(h.need, 60 * GIB + GIB / 4);
    assert_false(world_give(w, w->near, "probe", &g));
    world_sql(w, "UPDATE source SET parts = 0 WHERE lecture_id = %lld", (long long)w->lecture_id);
    assert_true(world_give(w, w->near, "probe", &g));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(workers_get_all_parts_in_order, world_fresh),
        cmocka_unit_test_setup(others_have_no_parts, world_fresh),
        cmocka_unit_test_setup(refused_recordings_stay, world_fresh),
        cmocka_unit_test_setup(a_part_is_cancelled, world_fresh),
        cmocka_unit_test_setup(joining_needs_room, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
