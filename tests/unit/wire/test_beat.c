/* Join and heartbeat: what one side writes the other reads, also if it is of the version before or after. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/net/json.h"
#include "lib/os/file.h"
#include "lib/wire/beat.h"
#include "lib/wire/message.h"

#define SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct cx cx;

static int setup(void **state)
{
    (void)state;
    cx_init(&cx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cx_fini(&cx);
    return 0;
}

static const json_t *parse(const char *text)
{
    const json_t *o = NULL;
    assert_ok(js_parse(&cx, str_of(text), 1 << 20, &o));
    return o;
}

static void assert_same(const json_t *a, const json_t *b)
{
    assert_string_equal(js_text(&cx, a).p, js_text(&cx, b).p);
}

static void join_both_ways(void **state)
{
    struct wire_hello hello = {.token = "t",
                               .name = "grinder",
                               .roles = NODE_WORKER | NODE_STORAGE,
                               .version = "1",
                               .url = "https://s.example",
                               .host = {4, 8}},
                      back;
    struct wire_welcome welcome = {7, "secret"}, read;
    (void)state;
    assert_ok(wire_hello_read(&cx, wire_hello_write(&cx, &hello), &back));
    assert_string_equal(back.name, "grinder");
    assert_int_equal(back.roles, NODE_WORKER | NODE_STORAGE);
    assert_int_equal(back.host.cpus, 4);
    assert_int_equal(back.host.memory, 8);
    assert_same(wire_hello_write(&cx, &back), wire_hello_write(&cx, &hello));
    assert_ok(wire_welcome_read(&cx, wire_welcome_write(&cx, &welcome), &read));
    assert_int_equal(read.node, 7);
    assert_string_equal(read.token, "secret");
    assert_rc(wire_hello_read(&cx, parse("{\"token\":\"t\",\"name\":\"n\",\"roles\":[]}"), &back),
              RC_INVALID);
    assert_rc(wire_hello_read(&cx, parse("{\"token\":\"t\",\"name\":\"n\",\"roles\":[\"boss\"]}"), &back),
              RC_INVALID);
    assert_rc(wire_hello_read(&cx, parse("{\"name\":\"n\",\"roles\":[\"worker\"]}"), &back), RC_INVALID);
    err_clear(&cx);
}

static void heartbeat_both_ways(void **state)
{
    const struct wire_report jobs[] = {{.job = 5,
                                        .attempt = 1,
                                        .fence = 9,
                                        .state = REPORT_RUNNING,
                                        .progress = 0.5,
                                        .eta = -1,
                                        .error = {FAILURE_COUNT, "", false}},
                                       {.job = 6,
                                        .attempt = 2,
                                        .fence = 10,
                                        .state = REPORT_FAILED,
                                        .eta = 3,
                                        .silent = 4,
                                        .shown = true,
                                        .token_until = 77,
                                        .error = {FAIL_DISK_FULL, "No room.", true},
                                        .log = "last words"}};
    const struct wire_upload upload = {"uuuuuuuuuuuu", 5, SHA};
    const struct wire_beat beat = {.version = "1",
                                   .load = {0.25, 1, 2, 3, 4, 5},
                                   .slots = {[LANE_ENCODE] = 2},
                                   .store = 12,
                                   .jobs = jobs,
                                   .job_count = 2,
                                   .uploads = &upload,
                                   .upload_count = 1};
    struct wire_beat b;
    (void)state;
    assert_ok(wire_beat_read(&cx, wire_beat_write(&cx, &beat), &b));
    assert_int_equal(b.job_count, 2);
    assert_int_equal(b.jobs[0].error.code, FAILURE_COUNT);
    assert_true(b.jobs[0].eta < 0 && b.jobs[1].eta > 2 && b.jobs[1].silent > 3 && b.jobs[1].shown &&
                !b.jobs[0].shown);
    assert_int_equal(b.jobs[1].error.code, FAIL_DISK_FULL);
    assert_true(b.jobs[1].error.permanent);
    assert_string_equal(b.jobs[1].log, "last words");
    assert_int_equal(b.slots[LANE_ENCODE], 2);
    assert_int_equal(b.slots[LANE_QUICK], 0);
    assert_int_equal(b.store, 12);
    assert_int_equal(b.load.uptime, 5);
    assert_string_equal(b.uploads[0].id, "uuuuuuuuuuuu");
    assert_same(wire_beat_write(&cx, &b), wire_beat_write(&cx, &beat));
}

static void answer_both_ways(void **state)
{
    const int64_t acked[] = {5}, cancel[] = {6, 7};
    const char *const uploads[] = {"uuuuuuuuuuuu"};
    const struct wire_input input = {"http://s/1", "t", 5, SHA, "uuuuuuuuuuuu", 7, true};
    const struct wire_assign assign[] = {
        {.job = 8,
         .attempt = 1,
         .fence = 2,
         .kind = JOB_QUICK,
         .lane = LANE_QUICK,
         .lecture = "llllllllllll",
         .view = VIEW_PRES,
         .token_until = 99,
         .inputs = &input,
         .input_count = 1,
         .put = {"http://s/2/", "t"},
         .params = parse("{\"a\":1}")},
        {.job = 9, .kind = JOB_COMMIT, .lane = LANE_STORE, .view = VIEW_KIND_COUNT, .lecture = ""}};
    const struct wire_refusal refused = {10, 3};
    const struct wire_renewal token = {11, 1, "n", 100};
    const struct wire_answer answer = {.every = 0.5,
                                       .node = 13,
                                       .ack = {acked, 1, uploads, 1},
                                       .assign = assign,
                                       .assign_count = 2,
                                       .cancel = cancel,
                                       .cancel_count = 2,
                                       .refused = &refused,
                                       .refused_count = 1,
                                       .tokens = &token,
                                       .token_count = 1,
                                       .upload_drop = uploads,
                                       .upload_drop_count = 1,
                                       .upload_seal = uploads,
                                       .upload_seal_count = 1,
                                       .keys = parse("[{}]")};
    struct wire_answer a;
    const char *odd;
    (void)state;
    assert_ok(wire_answer_read(&cx, wire_answer_write(&cx, &answer), &a, &odd));
    assert_null(odd);
    assert_true(a.every > 0.4 && a.every < 0.6);
    assert_int_equal(a.node, 13);
    assert_int_equal(a.assign[0].view, VIEW_PRES);
    assert_string_equal(a.assign[0].inputs[0].sha256, SHA);
    assert_string_equal(a.assign[0].put.url, "http://s/2/");
    assert_int_equal(a.assign[1].view, VIEW_KIND_COUNT);
    assert_null(a.assign[1].params);
    assert_int_equal(a.cancel[1], 7);
    assert_int_equal(a.refused[0].attempt, 3);
    assert_string_equal(a.tokens[0].token, "n");
    assert_int_equal(a.upload_seal_count, 1);
    assert_same(wire_answer_write(&cx, &a), wire_answer_write(&cx, &answer));
    assert_ok(wire_answer_read(&cx, parse("{}"), &a, &odd));
    assert_true(a.every > 1.9 && a.every < 2.1);
    assert_null(a.keys);
}

/* Messages as the version before wrote them: with members that nobody reads, empty lists, a log that grew. */
static void the_version_before_is_understood(void **state)
{
    struct wire_beat b;
    struct wire_answer a;
    const char *odd;
    char *log = arena_alloc(cx.arena, 3 * WIRE_LOG_MAX + 1);
    (void)state;
    for (int i = 0; i < WIRE_LOG_MAX; i++)
        memcpy(log + 3 * i, "\xEF\xBF\xBD", 3);
    assert_ok(wire_beat_read(
        &cx,
        parse(arena_printf(
            cx.arena,
            "{\"version\":\"0.1.0\",\"roles\":[\"worker\"],\"load\":{\"cpu\":0.5,\"disk_free\":3},"
            "\"slots\":{\"quick\":1,\"encode\":0},\"jobs\":[{\"job\":1,\"attempt\":1,\"fence\":2,"
            "\"state\":\"done\",\"progress\":1.0,\"outputs\":{},\"log\":\"%s\"}],"
            "\"uploads\":[{\"id\":\"uuuuuuuuuuuu\",\"size\":5,\"sha256\":\"%s\",\"state\":"
            "\"complete\"}]}",
            log, SHA)),
        &b));
    assert_int_equal(b.jobs[0].state, REPORT_DONE);
    assert_int_equal(b.upload_count, 1);
    assert_int_equal(b.store, 0);
    assert_ok(wire_answer_read(
        &cx,
        parse("{\"now\":1,\"every\":2.0,\"ack\":{\"jobs\":[],\"uploads\":[]},\"cancel\":[],\"refused\":[],"
              "\"tokens\":[],\"upload_drop\":[],\"keys\":[],\"assign\":[{\"job\":1,\"attempt\":1,\"fence\":1,"
              "\"kind\":\"commit\",\"lane\":\"store\",\"lecture\":\"llllllllllll\",\"view\":\"\",\"expires\":"
              "15,"
              "\"params\":{}}]}"),
        &a, &odd));
    assert_null(odd);
    assert_int_equal(a.node, 0);
    assert_int_equal(a.assign[0].kind, JOB_COMMIT);
    assert_int_equal(a.assign[0].view, VIEW_KIND_COUNT);
}

/* What a version to come may say: unknown members, words and entries harm nothing but themselves. */
static void the_version_after_harms_nothing(void **state)
{
    struct wire_beat b;
    struct wire_answer a;
    const char *odd;
    (void)state;
    assert_ok(
        wire_beat_read(&cx,
                       parse("{\"mood\":\"good\",\"slots\":{\"gpu\":1},\"jobs\":[{\"job\":1,\"attempt\":1,"
                             "\"fence\":1,\"state\":\"failed\",\"error\":{\"code\":\"new_reason\"}}]}"),
                       &b));
    assert_int_equal(b.jobs[0].error.code, FAIL_INTERNAL);
    assert_ok(wire_answer_read(
        &cx,
        parse(
            "{\"assign\":[{\"job\":1,\"attempt\":1,\"fence\":1,\"kind\":\"dance\",\"lane\":\"hall\",\"view\":"
            "\"ROOF\"},{\"job\":\"x\"},{\"job\":2,\"attempt\":1,\"fence\":1,\"kind\":\"full\"}],"
            "\"cancel\":[3,\"all\"]}"),
        &a, &odd));
    assert_non_null(odd);
    assert_int_equal(a.assign_count, 2);
    assert_int_equal(a.assign[0].kind, JOB_KIND_COUNT);
    assert_int_equal(a.assign[0].lane, LANE_COUNT);
    assert_int_equal(a.assign[1].job, 2);
    assert_int_equal(a.cancel_count, 1);
}

static void limits_hold(void **state)
{
    struct wire_report *many = arena_array(cx.arena, WIRE_JOBS_MAX + 1, sizeof *many);
    char *long_text = arena_alloc(cx.arena, 3 * WIRE_TEXT_MAX + 1);
    struct wire_beat b, beat = {.version = "", .jobs = many, .job_count = WIRE_JOBS_MAX + 1};
    static const char *const bad[] = {
        "{\"jobs\":[{\"job\":1,\"attempt\":1,\"fence\":1,\"state\":\"failed\"}]}",
        "{\"jobs\":[{\"job\":1,\"attempt\":1,\"fence\":1,\"state\":\"lazy\"}]}",
        "{\"jobs\":[{\"job\":0,\"attempt\":1,\"fence\":1,\"state\":\"running\"}]}",
        "{\"jobs\":[{\"job\":1,\"attempt\":1,\"fence\":1,\"state\":\"running\",\"progress\":1.5}]}",
        "{\"uploads\":[{\"id\":\"UUUUUUUUUUUU\",\"size\":1,\"sha256\":\"" SHA "\"}]}",
        "{\"uploads\":[{\"id\":\"uuuuuuuuuuuu\",\"size\":1,\"sha256\":\"zz\"}]}",
        "{\"load\":7}",
        "{\"store\":-1}",
        "{\"store\":\"1\"}",
        "{\"jobs\":{}}",
        "[]"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(wire_beat_read(&cx, parse(bad[i]), &b), RC_INVALID);
    err_clear(&cx);
    for (int i = 0; i < WIRE_TEXT_MAX + 1; i++)
        memcpy(long_text + 2 * i, "ä", 2);
    for (int i = 0; i < WIRE_JOBS_MAX + 1; i++)
        many[i] = (struct wire_report){.job = i + 1,
                                       .state = REPORT_FAILED,
                                       .eta = -1,
                                       .error = {FAIL_IO, i % 2 ? long_text : "\xff\"", false}};
    json_t *written = wire_beat_write(&cx, &beat);
    assert_ok(wire_beat_read(&cx, written, &b));
    assert_int_equal(b.job_count, WIRE_JOBS_MAX); /* the rest comes again */
    assert_int_equal(strlen(b.jobs[1].error.text), WIRE_TEXT_MAX);
    assert_string_equal(b.jobs[0].error.text, "?\"");
    json_t *jobs = json_object_get(written, "jobs");
    json_array_append(jobs, json_array_get(jobs, 0));
    assert_rc(wire_beat_read(&cx, written, &b), RC_TOOBIG);
    err_clear(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_both_ways),
        cmocka_unit_test(heartbeat_both_ways),
        cmocka_unit_test(answer_both_ways),
        cmocka_unit_test(the_version_before_is_understood),
        cmocka_unit_test(the_version_after_harms_nothing),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
