/* Deleting for good: what must be removed, and when. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/net/json.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/svc/teaching/lecture.h"

static void nothing_is_left_of_a_purged_lecture(void **state)
{
    struct given g;
    const json_t *params;
    const char *upload;
    int n;
    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 1);
    assert_rc(purge_start(&w->cx, w->lecture_id), RC_CONFLICT);
    err_clear(&w->cx);
    w->cx.actor = NULL; /* only for ACT_INSTALL */
    assert_rc(purge_start(&w->cx, w->lecture_id), RC_DENIED);
    w->cx.actor = &w->actor;
    err_clear(&w->cx);
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n)));
    assert_int_equal(n, 0); /* it can still be undone */
    world_sql(w, "UPDATE lecture SET deleted_at = deleted_at - INTERVAL 15 DAY WHERE id = %lld",
              (long long)w->lecture_id);
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n))); /* twice is harmless */
    assert_int_equal(n, 0);                          /* and it does not delay others */
    assert_ok(purge_start(&w->cx, w->lecture_id));   /* and it is not queued again, which would delay it */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'delete'",
                                  (long long)w->lecture_id),
                     1);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND state = 'queued'",
                                  (long long)w->lecture_id),
                     1);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE lecture_id = %lld",
              (long long)w->lecture_id);
    assert_true(world_give(w, w->store, "delete", &g));
    params = json_object_get(g.json, "params");
    assert_string_equal(json_string_value(json_array_get(json_object_get(params, "paths"), 0)),
                        arena_printf(w->cx.arena, "media/%s", w->lecture));
    assert_string_equal(json_string_value(json_array_get(json_object_get(params, "uploads"), 0)), upload);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld", (long long)w->lecture_id),
        3);
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_ACK);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM lecture WHERE id = %lld", (long long)w->lecture_id), 0);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld", (long long)w->lecture_id),
        0);
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_REFUSED);
}

/* Between the start of the purge and its end on the node. */
static void what_is_being_purged_stays_deleted(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, lecture_undelete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, purge_start(&w->cx, w->lecture_id)));
    assert_rc(lecture_undelete(&w->cx, w->lecture), RC_CONFLICT);
    assert_string_equal(w->cx.err.key, "undo_over");
    err_clear(&w->cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_left_of_a_purged_lecture, world_fresh),
        cmocka_unit_test_setup(what_is_being_purged_stays_deleted, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
