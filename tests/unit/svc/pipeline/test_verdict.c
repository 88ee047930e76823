/* Who is to blame for a failure, the recording or the node: a good worker, another one, and one that fails
 * whatever it is given. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/base/clock.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/teaching/lecture.h"

static struct node_info *bad; /* a worker of the chair: the nearest of all */

static int setup(void **state)
{
    (void)world_setup(state);
    if (w)
        bad = world_join(w, "chair", NODE_WORKER, "bad");
    return 0;
}

/* Nothing counts on the bad one, until it beats. */
static int fresh(void **state)
{
    (void)world_fresh(state);
    if (w)
        world_away(w, bad);
    return 0;
}

/* All of its slots have a job, until it beats. */
static void busy(const struct node_info *node)
{
    world_sql(
        w,
        "UPDATE node SET free_quick = 0, free_encode = 0 WHERE id = %lld; "
        "INSERT INTO job (task_id, lecture_id, kind, lane, state, priority, node_id, params, not_before, "
        "lease_expires, created_at) SELECT t.id, t.lecture_id, 'full', l.lane, 'running', 0, %lld, '{}', "
        "UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, UTC_TIMESTAMP(3) FROM task t "
        "JOIN (SELECT 'quick' AS lane UNION SELECT 'encode') l WHERE t.id = (SELECT MIN(id) FROM task)",
        (long long)node->id, (long long)node->id);
}

static int64_t of_job(const char *column, int64_t job)
{
    return world_number(w, "SELECT COALESCE(%s, 0) FROM job WHERE id = %lld", column, (long long)job);
}

static void now(int64_t job)
{
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE id = %lld", (long long)job);
}

static int failed_in_a_row(const struct node_info *node)
{
    return world_listed(w, node->id)->failed;
}

/* A lecture more, as world_fresh makes it, with an upload. */
static void another_upload(void)
{
    struct lecture_edit edit = {.title = "More", .starts_at = clock_now(), .ends_at = NO_TIME};
    assert_ok(shown(&w->cx, lecture_create(&w->cx, w->course, &edit, &w->lecture, &w->lecture_id)));
    world_upload(w, "CAM");
}

/* The node is given a job of that kind and fails it. */
static struct given fails(const struct node_info *node, const char *kind, const char *code, bool permanent)
{
    struct given g;
    assert_true(world_give(w, node, kind, &g));
    assert_answer(world_failed(w, node, &g, code, permanent), JOB_ANSWER_ACK);
    return g;
}

/* The good ones are busy while the bad one fails the probes of so many lectures. */
static void fail_probes(int n)
{
    for (int i = 0; i < n; i++) {
        struct given g;
        another_upload();
        busy(w->near);
        busy(w->far);
        world_beat(w, bad, NULL, 0);
        g = fails(bad, "probe", "io", false);
        world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = %lld",
                  (long long)g.job);
    }
}

/* --- the recording --- */

static void a_second_node_is_asked(void **state)
{
    struct given g, second;
    struct publication *p;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    g = fails(w->near, "probe", "no_video", true);
    assert_answer(world_failed(w, w->near, &g, "no_video", true), JOB_ANSWER_ACK); /* repeated: no second */
    assert_string_equal(world_job_state(w, g.job), "queued");
    assert_int_equal(of_job("blamed_by", g.job), w->near->id);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_PROCESSING);
    assert_true(p->work[0].second);
    assert_string_equal(p->work[0].error_code, "no_video");
    busy(w->far); /* it is busy: the job waits for it */
    assert_false(world_give(w, w->near, "probe", &second));
    world_beat(w, w->far, NULL, 0);
    assert_true(world_give(w, w->far, "probe", &second));
    assert_int_equal(second.job, g.job);
    assert_answer(world_done(w, w->far, &second, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_false(world_publication(w)->work[0].second);
    assert_int_equal(failed_in_a_row(w->near), 1); /* it was wrong */
    assert_int_equal(failed_in_a_row(w->far), 0);
}

static void a_second_node_agrees(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    fails(w->near, "probe", "unreadable", true);
    g = fails(w->far, "probe", "no_video", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
    assert_string_equal(world_publication(w)->error_code, "no_video");
    assert_int_equal(failed_in_a_row(w->near), 0); /* it was right */
    assert_int_equal(failed_in_a_row(w->far), 0);
}

/* What is permanent by its nature is so whatever the node says. */
static void a_hidden_verdict_is_one(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    g = fails(w->near, "probe", "unreadable", false);
    assert_int_equal(of_job("blamed_by", g.job), w->near->id);
}

/* Without another worker, or with one that cannot do such jobs, there is nobody to ask. */
static void a_lone_node_decides(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    world_upload(w, "CAM");
    g = fails(w->near, "probe", "unreadable", true);
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
    world_beat(w, w->far, NULL, 0);
    world_upload(w, "CAM");
    world_probed(false);
    world_sql(w, "UPDATE node SET free_encode = 0 WHERE id = %lld",
              (long long)w->far->id); /* has no such lane */
    g = fails(w->near, "full", "unsupported", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
}

/* The slots that are taken count: whoever has one will have it free. */
static void a_busy_node_is_waited_for(void **state)
{
    struct given g, other;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    world_upload(w, "PRES");
    world_probed(false);
    busy(w->near);
    assert_true(world_give(w, w->far, "full", &other));
    assert_answer(world_running(w, w->far, &other, 0.1), JOB_ANSWER_RENEWED);
    busy(w->far);
    assert_answer(world_failed(w, w->near, &g, "unsupported", true), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, g.job), "queued");
    assert_false(world_give(w, w->near, "full", &g));
    world_away(w, w->far); /* it is gone: nobody is left but the first */
    g = fails(w->near, "full", "unsupported", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
}

static void the_word_of_a_revoked_node_is_void(void **state)
{
    struct node_info *gone;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    gone = world_join(w, "chair", NODE_WORKER, "gone");
    world_beat(w, gone, NULL, 0);
    world_upload(w, "CAM");
    fails(gone, "probe", "unreadable", true);
    assert_ok(shown(&w->cx, node_revoke(&w->cx, gone->id)));
    g = fails(w->near, "probe", "unreadable", true);
    assert_string_equal(world_job_state(w, g.job), "queued"); /* it is the first to say so */
    assert_int_equal(of_job("blamed_by", g.job), w->near->id);
}

/* A report that was on its way. */
static void a_node_that_is_revoked_meanwhile_has_no_word(void **state)
{
    struct node_info *gone;
    struct given g;
    struct wire_report r = {.state = REPORT_FAILED, .error = {FAIL_UNREADABLE, "", true}, .log = ""};
    enum job_answer answer;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    gone = world_join(w, "chair", NODE_WORKER, "gone too");
    world_away(w, w->near);
    world_away(w, w->far);
    world_beat(w, gone, NULL, 0);
    assert_true(world_give(w, gone, "probe", &g));
    assert_ok(shown(&w->cx, node_revoke(&w->cx, gone->id)));
    r.job = g.job;
    r.attempt = g.attempt;
    r.fence = g.fence;
    assert_ok(shown(&w->cx, report_take(&w->cx, gone->id, &r, &answer)));
    assert_string_equal(world_job_state(w, g.job), "queued");
    assert_int_equal(of_job("blamed_by", g.job), 0);
}

static void a_requeued_job_is_asked_about_anew(void **state)
{
    struct again_outcome requeued;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_probed(false);
    fails(w->near, "full", "unsupported", true);
    g = fails(w->far, "full", "unsupported", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_ok(shown(&w->cx, again_task(&w->cx, of_job("task_id", g.job), &requeued)));
    assert_int_equal(of_job("blamed_by", g.job), 0);
    g = fails(w->near, "full", "unsupported", true);
    assert_string_equal(world_job_state(w, g.job), "queued");
}

/* Four tries may be one node's, the last one not. */
static void the_last_try_is_another_nodes(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    for (int i = 1; i < JOB_MAX_TRIES; i++) {
        busy(w->far);
        g = fails(w->near, "probe", "verify", false);
        assert_int_equal(of_job("avoid_node", g.job), w->near->id); /* whatever it gives as a reason */
        now(g.job);
    }
    assert_false(world_give(w, w->near, "probe", &g));
    world_beat(w, w->far, NULL, 0);
    assert_true(world_give(w, w->far, "probe", &g));
    assert_answer(world_done(w, w->far, &g, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_int_equal(failed_in_a_row(w->near), 1); /* one lecture, however often */
}

/* Only the storage node of a lecture can commit it. That results are spoilt is not its fault. */
static void a_store_decides_alone(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    g = fails(w->store, "commit", "verify", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_int_equal(failed_in_a_row(w->store), 0);
}

/* --- the node --- */

static void a_failing_node_gets_one_job_at_a_time(void **state)
{
    struct given g, none;
    struct node_info *n;
    (void)state;
    NEEDS_DATABASE();
    fail_probes(NODE_FAILING - 1);
    assert_false(node_is_failing(world_listed(w, bad->id)));
    world_upload(w, "PRES");
    world_upload(w, "COMB");
    busy(w->near);
    busy(w->far);
    assert_true(world_give(w, bad, "probe", &g)); /* not failing yet: both */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE state = 'leased'"), 2);
    world_sql(w, "UPDATE job SET state = 'cancelled' WHERE state = 'leased'");
    fail_probes(1);
    n = world_listed(w, bad->id);
    assert_true(node_is_failing(n));
    assert_int_equal(n->failed, NODE_FAILING);
    assert_string_equal(n->failed_code, "io");
    assert_int_equal(n->failed_task, world_number(w, "SELECT MAX(task_id) FROM job"));
    another_upload();
    world_upload(w, "PRES");
    busy(w->near);
    busy(w->far);
    assert_true(world_give(w, bad, "probe", &g));
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE state = 'leased'"), 1);
    assert_answer(world_running(w, bad, &g, 0.1), JOB_ANSWER_RENEWED);
    assert_false(world_give(w, bad, "probe", &none)); /* nor while that one runs, in whatever lane */
    world_sql(w, "UPDATE job SET lane = 'encode', share = share WHERE id = %lld", (long long)g.job);
    assert_false(world_give(w, bad, "probe", &none));
    assert_answer(world_done(w, bad, &g, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_int_equal(failed_in_a_row(bad), 0);
    busy(w->near);
    busy(w->far);
    world_pass(w);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE state = 'leased' AND node_id = %lld",
                                  (long long)bad->id),
                     2);
}

static void a_failing_node_does_not_get_the_same_job(void **state)
{
    struct given g, none;
    (void)state;
    NEEDS_DATABASE();
    fail_probes(NODE_FAILING);
    another_upload();
    busy(w->near);
    busy(w->far);
    world_beat(w, bad, NULL, 0);
    g = fails(bad, "probe", "io", false);
    now(g.job);
    assert_false(world_give(w, bad, "probe", &none));
    world_beat(w, w->near, NULL, 0);
    assert_true(world_give(w, w->near, "probe", &none));
    assert_int_equal(none.job, g.job);
}

/* Two broken machines would agree about everything. */
static void a_failing_node_is_no_witness(void **state)
{
    struct given g, second;
    (void)state;
    NEEDS_DATABASE();
    fail_probes(NODE_FAILING);
    another_upload();
    world_beat(w, w->near, NULL, 0);
    world_beat(w, w->far, NULL, 0);
    world_away(w, bad);
    assert_true(world_give(w, w->near, "probe", &g));
    world_beat(w, bad, NULL, 0);
    assert_answer(world_failed(w, w->near, &g, "unreadable", true), JOB_ANSWER_ACK);
    busy(w->far);
    assert_false(world_give(w, bad, "probe", &second));
    world_beat(w, w->far, NULL, 0);
    assert_true(world_give(w, w->far, "probe", &second));
    assert_int_equal(second.job, g.job);
    /* given to it before it began to fail, its word is heard and does not count */
    world_sql(w, "UPDATE job SET node_id = %lld WHERE id = %lld", (long long)bad->id, (long long)g.job);
    assert_answer(world_failed(w, bad, &second, "unreadable", true), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, g.job), "queued");
    assert_int_equal(of_job("blamed_by", g.job), w->near->id);
    now(g.job);
    second = fails(w->far, "probe", "unreadable", true);
    assert_string_equal(world_job_state(w, g.job), "dead");
}

/* A worker may be able to probe and not to encode. */
static void a_success_counts_for_its_kind(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    for (int i = 1; i <= NODE_FAILING; i++) {
        another_upload();
        world_probed(false); /* by the near one */
        fails(w->near, "full", "crashed", false);
        assert_int_equal(failed_in_a_row(w->near), i);
    }
}

/* Whoever is stopped, or loses its lease, or was given what nobody can do, is not broken. */
static void some_failures_say_nothing_about_the_node(void **state)
{
    struct given g = {0};
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    g = fails(w->near, "probe", "killed", false);
    now(g.job);
    assert_true(world_give(w, w->far, "probe", &g));
    world_expire_leases();
    assert_int_equal(failed_in_a_row(w->near) + failed_in_a_row(w->far), 0);
    for (int i = (int)of_job("tries", g.job) + 1; i <= JOB_MAX_TRIES; i++) {
        const struct node_info *node = i % 2 ? w->far : w->near;
        g = fails(node, "probe", "crashed", false);
        now(g.job);
    }
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_int_equal(failed_in_a_row(w->near) + failed_in_a_row(w->far), 0);
}

/* --- the log --- */

static int lines(const char *text, const char *msg)
{
    int n = 0;
    for (; (text = strstr(text, msg)) != NULL; text++)
        n++;
    return n;
}

/* The lines with msg that the call logs, of which the nth statement meets a deadlock. */
#define LOGGED(nth, call, msg)                                                                               \
    do {                                                                                                     \
        world_log_begin();                                                                                   \
        WORLD_DEADLOCK(nth, call);                                                                           \
        logged = lines(world_log_end(w), msg);                                                               \
    } while (0)

static struct wire_report of(const struct given *g, enum report_state state)
{
    return (struct wire_report){.job = g->job,
                                .attempt = g->attempt,
                                .fence = g->fence,
                                .state = state,
                                .error = {FAIL_IO, "", false},
                                .log = ""};
}

/* Once, however often the transaction had to run. */
static void check_log_of_failure(uint64_t nth)
{
    struct given g;
    struct wire_report r;
    enum job_answer answer;
    int logged, work;
    fail_probes(NODE_FAILING - 1);
    another_upload();
    busy(w->near);
    busy(w->far);
    world_beat(w, bad, NULL, 0);
    LOGGED(nth, dispatch_pass(&w->cx, dispatch_nearest, &(struct dispatch_vain){0}, &work), "job leased");
    assert_int_equal(logged, 1);
    assert_true(world_give(w, bad, "probe", &g));
    r = of(&g, REPORT_FAILED);
    LOGGED(nth, report_take(&w->cx, bad->id, &r, &answer), "a node fails whatever it is given");
    assert_int_equal(logged, 1);
    world_sql(w, "UPDATE job SET tries = %d, not_before = UTC_TIMESTAMP(3) WHERE id = %lld",
              JOB_MAX_TRIES - 1, (long long)g.job);
    world_beat(w, w->near, NULL, 0);
    assert_true(world_give(w, w->near, "probe", &g));
    world_away(w, w->near);
    world_sql(w, "UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE WHERE id = %lld",
              (long long)g.job);
    LOGGED(nth, report_expire(&w->cx, &work), "lease lost");
    assert_int_equal(logged, 1);
    assert_int_equal(work, 1);
    assert_string_equal(world_job_state(w, g.job), "dead");
}

static void check_log_of_success(uint64_t nth)
{
    struct given g;
    struct wire_report r;
    enum job_answer answer;
    int logged;
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    r = of(&g, REPORT_DONE);
    r.outputs = world_probe(w, true);
    LOGGED(nth, report_take(&w->cx, w->near->id, &r, &answer), "job done");
    assert_int_equal(logged, 1);
    LOGGED(nth, report_take(&w->cx, w->near->id, &r, &answer), "job done"); /* it is repeated */
    assert_int_equal(logged, 0);
    assert_answer(answer, JOB_ANSWER_ACK);
}

static void what_is_logged_happened_once(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    for (uint64_t nth = 1; nth <= 20; nth++) {
        (void)fresh(state);
        check_log_of_success(nth);
        (void)fresh(state);
        check_log_of_failure(nth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_second_node_is_asked, fresh),
        cmocka_unit_test_setup(a_second_node_agrees, fresh),
        cmocka_unit_test_setup(a_hidden_verdict_is_one, fresh),
        cmocka_unit_test_setup(a_lone_node_decides, fresh),
        cmocka_unit_test_setup(a_busy_node_is_waited_for, fresh),
        cmocka_unit_test_setup(the_word_of_a_revoked_node_is_void, fresh),
        cmocka_unit_test_setup(a_node_that_is_revoked_meanwhile_has_no_word, fresh),
        cmocka_unit_test_setup(a_requeued_job_is_asked_about_anew, fresh),
        cmocka_unit_test_setup(the_last_try_is_another_nodes, fresh),
        cmocka_unit_test_setup(a_store_decides_alone, fresh),
        cmocka_unit_test_setup(a_failing_node_gets_one_job_at_a_time, fresh),
        cmocka_unit_test_setup(a_failing_node_does_not_get_the_same_job, fresh),
        cmocka_unit_test_setup(a_failing_node_is_no_witness, fresh),
        cmocka_unit_test_setup(a_success_counts_for_its_kind, fresh),
        cmocka_unit_test_setup(some_failures_say_nothing_about_the_node, fresh),
        cmocka_unit_test_setup(what_is_logged_happened_once, fresh),
    };
    return cmocka_run_group_tests(tests, setup, world_teardown);
}
