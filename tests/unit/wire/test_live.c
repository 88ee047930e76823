/* The messages of entries: both halves agree, and an answer is a refusal or a place. */
#include "tests/unit/testing.h"

#include "lib/net/json.h"
#include "lib/wire/live.h"

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

static void a_question_both_ways(void **state)
{
    static const int64_t avoid[] = {7, 9};
    const struct wire_live_start ask = {.token = "secret",
                                        .from = "192.0.2.1",
                                        .view = VIEW_PRES,
                                        .session = "session00001",
                                        .avoid = avoid,
                                        .avoid_count = 2};
    struct wire_live_start back;
    (void)state;
    assert_ok(wire_live_start_read(&cx, wire_live_start_write(&cx, &ask), &back));
    assert_string_equal(back.token, "secret");
    assert_string_equal(back.from, "192.0.2.1");
    assert_int_equal(back.view, VIEW_PRES);
    assert_string_equal(back.session, "session00001");
    assert_int_equal(back.avoid_count, 2);
    assert_int_equal(back.avoid[1], 9);
    assert_ok(wire_live_start_read(&cx, parse("{\"token\":\"t\",\"from\":\"::1\"}"), &back));
    assert_int_equal(back.view, VIEW_KIND_COUNT);
    assert_string_equal(back.session, "");
    assert_int_equal(back.avoid_count, 0);
    assert_rc(wire_live_start_read(&cx, parse("{\"from\":\"::1\"}"), &back), RC_INVALID);
    assert_rc(wire_live_start_read(&cx, parse("{\"token\":\"t\",\"from\":\"::1\",\"view\":\"TOP\"}"), &back),
              RC_INVALID);
    assert_rc(wire_live_start_read(&cx, parse("{\"token\":\"t\",\"from\":\"::1\",\"avoid\":[0]}"), &back),
              RC_INVALID);
    err_clear(&cx);
}

static void an_answer_is_a_refusal_or_a_place(void **state)
{
    const struct wire_live_answer place = {.refused = LIVE_REFUSAL_COUNT,
                                           .text = "",
                                           .session = "session00001",
                                           .job = 5,
                                           .fence = 0,
                                           .node = 3,
                                           .address = "[::1]:1937",
                                           .ticket = "a.b.c"},
                                  no = {.refused = LIVE_REFUSED_LECTURE,
                                        .text = "No lecture is due.",
                                        .session = "",
                                        .address = "",
                                        .ticket = ""};
    struct wire_live_answer back;
    (void)state;
    assert_ok(wire_live_answer_read(&cx, wire_live_answer_write(&cx, &place), &back));
    assert_int_equal(back.refused, LIVE_REFUSAL_COUNT);
    assert_string_equal(back.session, "session00001");
    assert_int_equal(back.job, 5);
    assert_int_equal(back.fence, 0);
    assert_int_equal(back.node, 3);
    assert_string_equal(back.address, "[::1]:1937");
    assert_string_equal(back.ticket, "a.b.c");
    assert_ok(wire_live_answer_read(&cx, wire_live_answer_write(&cx, &no), &back));
    assert_int_equal(back.refused, LIVE_REFUSED_LECTURE);
    assert_string_equal(back.text, "No lecture is due.");
    assert_ok(wire_live_answer_read(&cx, parse("{\"refused\":\"weather\"}"), &back));
    assert_int_equal(back.refused, LIVE_REFUSED_OTHER);
    assert_rc(wire_live_answer_read(&cx, parse("{}"), &back), RC_INVALID);
    assert_rc(wire_live_answer_read(
                  &cx, parse("{\"session\":\"session00001\",\"job\":5,\"node\":3,\"ticket\":\"t\"}"), &back),
              RC_INVALID);
    err_clear(&cx);
}

static void an_end_both_ways(void **state)
{
    const struct wire_live_stop stop = {.session = "session00001", .why = LIVE_END_DROPPED};
    struct wire_live_stop back;
    (void)state;
    assert_ok(wire_live_stop_read(&cx, wire_live_stop_write(&cx, &stop), &back));
    assert_string_equal(back.session, "session00001");
    assert_int_equal(back.why, LIVE_END_DROPPED);
    assert_ok(wire_live_stop_read(&cx, parse("{\"session\":\"session00001\",\"why\":\"bored\"}"), &back));
    assert_int_equal(back.why, LIVE_END_LOST);
    assert_rc(wire_live_stop_read(&cx, parse("{\"session\":\"x\",\"why\":\"lost\"}"), &back), RC_INVALID);
    err_clear(&cx);
}

static void an_upload_both_ways(void **state)
{
    const struct wire_live_upload ask = {.session = "session00001", .fence = 0};
    const struct wire_live_target target = {
        .upload = "upload000001", .url = "https://s.example/store/v1/uploads", .token = "a.b.c", .until = 9};
    struct wire_live_upload asked;
    struct wire_live_target back;
    (void)state;
    assert_ok(wire_live_upload_read(&cx, wire_live_upload_write(&cx, &ask), &asked));
    assert_string_equal(asked.session, "session00001");
    assert_int_equal(asked.fence, 0);
    assert_rc(wire_live_upload_read(&cx, parse("{\"fence\":1}"), &asked), RC_INVALID);
    assert_ok(wire_live_target_read(&cx, wire_live_target_write(&cx, &target), &back));
    assert_string_equal(back.upload, "upload000001");
    assert_string_equal(back.url, "https://s.example/store/v1/uploads");
    assert_string_equal(back.token, "a.b.c");
    assert_int_equal(back.until, 9);
    assert_rc(
        wire_live_target_read(&cx, parse("{\"upload\":\"upload000001\",\"token\":\"t\",\"until\":1}"), &back),
        RC_INVALID);
    err_clear(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_both_ways),
        cmocka_unit_test(an_answer_is_a_refusal_or_a_place),
        cmocka_unit_test(an_end_both_ways),
        cmocka_unit_test(an_upload_both_ways),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
