/* Jobs: leases, fences, retries, several schedulers, and processes that die in between. Real services, real
 * transactions, a real database. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include <pthread.h>

#include "lib/net/json.h"
#include "lib/svc/keys.h"
#include "lib/svc/leader.h"
#include "lib/svc/pipeline/doors/assign.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/svc/pipeline/records/job_row.h"
#include "lib/svc/pipeline/records/task.h"

static void a_lost_lease_goes_elsewhere(void **state)
{
    struct given first, second, none;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &first));
    assert_answer(world_running(w, w->near, &first, 0.1), JOB_ANSWER_RENEWED);
    world_expire_leases();
    assert_string_equal(world_job_state(w, first.job), "queued");
    assert_answer(world_done(w, w->near, &first, world_probe(w, true)),
                  JOB_ANSWER_REFUSED); /* no node has it */
    assert_false(world_give(w, w->near, "probe", &none));
    assert_true(world_give(w, w->far, "probe", &second));
    assert_int_equal(second.job, first.job);
    assert_int_equal(second.attempt, 2);
    assert_true(second.fence > first.fence);
    assert_answer(world_running(w, w->near, &first, 0.9), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, w->near, &first, world_probe(w, true)), JOB_ANSWER_REFUSED);
    assert_answer(world_failed(w, w->near, &first, "io", false), JOB_ANSWER_REFUSED);
    /* a wrong node, attempt or fence is each enough for a refusal */
    none = second;
    none.fence--;
    assert_answer(world_done(w, w->far, &none, world_probe(w, true)), JOB_ANSWER_REFUSED);
    none = second;
    none.attempt--;
    assert_answer(world_done(w, w->far, &none, world_probe(w, true)), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, w->near, &second, world_probe(w, true)), JOB_ANSWER_REFUSED);
    assert_string_equal(world_job_state(w, second.job), "leased");
    assert_answer(world_done(w, w->far, &second, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_answer(world_done(w, w->far, &second, world_probe(w, true)),
                  JOB_ANSWER_ACK); /* its answer was lost */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'quick'",
                                  (long long)w->lecture_id),
                     1);
}

/* The node is frozen between the lease and its first report: the same assignment is sent again, and its lease
 * runs out like any other. */
static void an_answer_lost_is_given_again(void **state)
{
    struct given a, b;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &a));
    assert_true(world_give(w, w->near, "probe", &b));
    assert_true(a.job == b.job && a.attempt == b.attempt && a.fence == b.fence);
    assert_answer(world_running(w, w->near, &a, 0), JOB_ANSWER_RENEWED);
    assert_false(world_give(w, w->near, "probe", &b));
}

/* The fence decides, also in the statement that changes the row, and in the answer to a repeated report. */
static void an_old_fence_moves_nothing(void **state)
{
    struct given g, other;
    struct job *j;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_ok(job_get(&w->cx, g.job, &j));
    world_sql(w, "UPDATE job SET fence = fence + 1 WHERE id = %lld", (long long)g.job);
    assert_rc(job_move(&w->cx, j, JOB_ON_START), RC_CONFLICT);
    err_clear(&w->cx);
    world_sql(w, "UPDATE job SET fence = fence - 1 WHERE id = %lld", (long long)g.job);
    assert_answer(world_done(w, w->near, &g, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_answer(world_done(w, w->near, &g, world_probe(w, true)), JOB_ANSWER_ACK); /* repeated */
    other = g;
    other.fence++;
    assert_answer(world_done(w, w->near, &other, world_probe(w, true)), JOB_ANSWER_REFUSED);
}

/* A restarted worker does not report its former jobs: these are given out at once, not after the lease. */
static void a_restarted_worker_has_lost_its_job(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_running(w, w->near, &g, 0.1), JOB_ANSWER_RENEWED);
    world_beat(w, w->near, NULL, 0); /* too early to count as lost */
    world_pass(w);
    assert_string_equal(world_job_state(w, g.job), "running");
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 4 SECOND WHERE id = %lld",
              (long long)g.job);
    world_beat(w, w->near, NULL, 0);
    world_pass(w);
    assert_string_equal(world_job_state(w, g.job), "queued");
}

static void a_stopped_worker_costs_no_try(void **state)
{
    struct given g = {0};
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    for (int i = 1; i <= JOB_MAX_TRIES + 1; i++) {
        const struct node_info *node = i % 2 ? w->near : w->far;
        assert_true(world_give(w, node, "probe", &g));
        assert_answer(world_failed(w, node, &g, "killed", false), JOB_ANSWER_ACK);
        assert_string_equal(world_job_state(w, g.job), "queued");
        assert_int_equal(world_number(w, "SELECT tries FROM job WHERE id = %lld", (long long)g.job), 0);
        world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE id = %lld", (long long)g.job);
    }
    world_sql(w, "UPDATE job SET attempt = %d WHERE id = %lld", JOB_MAX_GIVEN_BACK, (long long)g.job);
    assert_true(world_give(w, w->near, "probe", &g)); /* the limit of attempts that were given back */
    assert_answer(world_failed(w, w->near, &g, "killed", false), JOB_ANSWER_ACK);
    assert_int_equal(world_number(w, "SELECT tries FROM job WHERE id = %lld", (long long)g.job), 1);
}

static void failures_are_retried_then_given_up(void **state)
{
    struct given g = {0};
    struct job *j;
    struct job_attempt *attempts;
    struct task *tasks;
    size_t n;
    struct again_outcome requeued;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    for (int i = 1; i <= JOB_MAX_TRIES; i++) {
        const struct node_info *node = i % 2 ? w->near : w->far; /* the node that failed is avoided */
        assert_true(world_give(w, node, "probe", &g));
        assert_int_equal(g.attempt, i);
        assert_answer(world_failed(w, node, &g, "crashed", false), JOB_ANSWER_ACK);
        assert_answer(world_failed(w, node, &g, "crashed", false),
                      JOB_ANSWER_ACK); /* repeated: counts once */
        assert_ok(job_get(&w->cx, g.job, &j));
        if (i < JOB_MAX_TRIES)
            assert_true(world_number(w, "SELECT not_before > UTC_TIMESTAMP() FROM job WHERE id = %lld",
                                     (long long)g.job) == 1);
        world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE id = %lld", (long long)g.job);
    }
    assert_string_equal(world_job_state(w, g.job), "dead");
    assert_false(world_give(w, w->near, "probe", &g));
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
    assert_string_equal(world_publication(w)->error_code, "crashed");
    assert_ok(job_attempts(&w->cx, j->id, &attempts, &n));
    assert_int_equal(n, JOB_MAX_TRIES);
    assert_string_equal(attempts[0].outcome, "failed");
    assert_string_equal(attempts[0].log, "last words");
    assert_ok(task_list(&w->cx, true, 10, &tasks, &n));
    assert_string_equal(tasks[0].state, "failed");
    assert_string_equal(tasks[0].error_code, "crashed");

    w->cx.actor = NULL; /* a visitor */
    assert_rc(again_task(&w->cx, tasks[0].id, &requeued), RC_DENIED);
    assert_rc(again_job(&w->cx, g.job), RC_DENIED);
    w->cx.actor = &w->actor;
    assert_ok(shown(&w->cx, again_task(&w->cx, tasks[0].id, &requeued)));
    assert_int_equal(requeued.jobs, 1);
    assert_int_equal(requeued.task, 0);
    assert_rc(again_task(&w->cx, tasks[0].id, &requeued), RC_CONFLICT);
    err_clear(&w->cx);
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_int_equal(g.attempt, JOB_MAX_TRIES + 1);
    assert_answer(world_done(w, w->near, &g, world_probe(w, true)), JOB_ANSWER_ACK);
}

static void bad_outputs_are_a_failure(void **state)
{
    static const char *const lists[] = {"files", "renditions"};
    struct given g;
    json_t *outputs;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_done(w, w->near, &g, world_generation(w, 1)), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, g.job), "queued");
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3), avoid_node = NULL WHERE id = %lld",
              (long long)g.job);
    world_probed(false);
    for (int i = 0; i < 4; i++) { /* names must be unique, and one is needed */
        assert_true(world_give(w, w->near, "full", &g));
        outputs = js_keep(&w->cx, json_deep_copy(world_files(w, "v720")));
        json_t *list = json_object_get(outputs, lists[i % 2]);
        if (i < 2)
            json_array_append_new(list, json_deep_copy(json_array_get(list, 0)));
        else
            json_object_del(outputs, lists[i % 2]);
        assert_answer(world_done(w, w->near, &g, outputs), JOB_ANSWER_ACK);
        assert_string_equal(world_job_state(w, g.job), "queued");
        world_sql(
            w, "UPDATE job SET not_before = UTC_TIMESTAMP(3), avoid_node = NULL, tries = 0 WHERE id = %lld",
            (long long)g.job);
    }
}

/* Hundreds of jobs that no node may take are in front of one that a node waits for. */
static void who_cannot_be_served_holds_up_nobody(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_sql(
        w,
        "INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, "
        "target_node, share, params, not_before, created_at) SELECT j.task_id, j.lecture_id, j.source_id, "
        "j.kind, j.lane, j.view, 'queued', 99, 999999, -999999, '{}', j.not_before, j.created_at "
        "FROM job j JOIN seq_1_to_300 WHERE j.lecture_id = %lld AND j.kind = 'probe'",
        (long long)w->lecture_id);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_int_equal(world_number(w, "SELECT priority FROM job WHERE id = %lld", (long long)g.job), 80);
}

/* While the database is away no lease can be renewed. */
static void an_outage_costs_no_lease(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_running(w, w->near, &g, 0.1), JOB_ANSWER_RENEWED);
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 1 MINUTE WHERE id = %lld",
              (long long)g.job);
    assert_ok(dispatch_after_outage(&w->cx));
    world_pass(w);
    assert_answer(world_running(w, w->near, &g, 0.2), JOB_ANSWER_RENEWED);
}

/* An encode may take longer than its first token is valid: the node repeats the expiry, and gets a new token
 * in time. */
static void a_long_job_gets_a_new_token(void **state)
{
    struct wire_report r = {.state = REPORT_RUNNING, .log = ""};
    struct jwt_claims before, after;
    const json_t *list, *input;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    input = json_array_get(json_object_get(g.json, "inputs"), 0);
    assert_ok(keys_verify(&w->cx, "store", str_of(js_get_str(input, "token", "")), &before));
    assert_int_equal(js_get_i64(g.json, "token_until", 0), before.exp);
    r.job = g.job;
    r.attempt = g.attempt;
    r.fence = g.fence;
    r.token_until = before.exp;
    assert_int_equal(json_array_size(json_object_get(world_beat(w, w->near, &r, 1), "tokens")), 0);
    r.token_until = before.iat + 600; /* as if most of an hour had passed */
    list = json_object_get(world_beat(w, w->near, &r, 1), "tokens");
    assert_int_equal(json_array_size(list), 1);
    input = json_array_get(list, 0);
    assert_int_equal(js_get_i64(input, "job", 0), g.job);
    assert_int_equal(js_get_i64(input, "attempt", 0), g.attempt);
    assert_ok(keys_verify(&w->cx, "store", str_of(js_get_str(input, "token", "")), &after));
    assert_int_equal(js_get_i64(input, "token_until", 0), after.exp);
    assert_true(after.exp >= before.exp);
    assert_int_equal(after.job, g.job);
    assert_string_equal(after.put, before.put);
    assert_string_equal(before.st, w->store->url); /* for its store, not for those of others */
    assert_string_equal(after.st, before.st);
    assert_string_equal(after.get[0], before.get[0]);
    /* given to another node between the report and the new token, which then belongs to that node */
    struct wire_renewal renewal;
    bool due;
    r.attempt--;
    assert_ok(assign_renew_token(&w->cx, &r, &due, &renewal));
    assert_false(due);
    r.attempt++;
    assert_ok(assign_renew_token(&w->cx, &r, &due, &renewal));
    assert_true(due);
    r.fence++; /* a node that does not hold the job gets no token */
    assert_int_equal(json_array_size(json_object_get(world_beat(w, w->near, &r, 1), "tokens")), 0);
}

/* --- two at once --- */

struct last_two {
    struct given job[2];
};

static enum rc fail_job(struct cx *cx, const struct given *g)
{
    enum job_answer answer;
    const struct wire_report r = {.job = g->job,
                                  .fence = g->fence,
                                  .attempt = g->attempt,
                                  .state = REPORT_FAILED,
                                  .error = {FAIL_UNREADABLE, "", true},
                                  .log = ""};
    return report_take(cx, w->near->id, &r, &answer);
}

static enum rc fail_first(struct cx *cx, void *arg)
{
    return fail_job(cx, &((struct last_two *)arg)->job[0]);
}

static enum rc fail_second(struct cx *cx, void *arg)
{
    return fail_job(cx, &((struct last_two *)arg)->job[1]);
}

/* Each must see that the other has ended, or the lecture would be in processing for ever. */
static void the_last_two_jobs_fail_at_once(void **state)
{
    struct last_two two;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &two.job[0]));
    assert_answer(world_running(w, w->near, &two.job[0], 0.1), JOB_ANSWER_RENEWED);
    world_upload(w, "PRES");
    assert_true(world_give(w, w->near, "probe", &two.job[1]));
    assert_ok(world_at_once(fail_first, fail_second, &two));
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
}

static void *schedule(void *arg)
{
    struct cx cx;
    int work, *failed = arg;
    world_cx(w, &cx);
    for (int i = 0; i < 10; i++)
        if (dispatch_pass(&cx, dispatch_nearest, &(struct dispatch_vain){0}, &work) != RC_OK)
            ++*failed;
    test_cx_fini(&cx);
    return NULL;
}

static void two_schedulers_lease_once(void **state)
{
    pthread_t threads[2];
    int failed[2] = {0};
    (void)state;
    NEEDS_DATABASE();
    for (int i = 0; i < 6; i++)
        world_upload(w, i % 2 ? "CAM" : "PRES");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, schedule, &failed[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failed[0] + failed[1], 0);
    /* two slots on each of two workers, and not one more */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND state = 'leased'",
                                  (long long)w->lecture_id),
                     4);
    assert_int_equal(
        world_number(w, "SELECT MAX(attempt) FROM job WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    assert_int_equal(
        world_number(w, "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM job WHERE state = 'leased' GROUP BY "
                        "node_id) t"),
        2);
}

static void one_leader_at_a_time(void **state)
{
    bool a, b;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(leader_hold(&w->cx, "schedd", "one", &a));
    assert_ok(leader_hold(&w->cx, "schedd", "two", &b));
    assert_true(a && !b);
    assert_ok(leader_hold(&w->cx, "schedd", "one", &a));
    assert_true(a);
    world_sql(
        w, "UPDATE leader SET expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND"); /* the first one is frozen */
    assert_ok(leader_hold(&w->cx, "schedd", "two", &b));
    assert_ok(leader_hold(&w->cx, "schedd", "one", &a));
    assert_true(b && !a);
    assert_ok(leader_release(&w->cx, "schedd", "one")); /* not its own: nothing happens */
    assert_ok(leader_hold(&w->cx, "schedd", "one", &a));
    assert_false(a);
    assert_ok(leader_release(&w->cx, "schedd", "two"));
    assert_ok(leader_hold(&w->cx, "schedd", "one", &a));
    assert_true(a);
    assert_ok(leader_release(&w->cx, "schedd", "one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_lost_lease_goes_elsewhere, world_fresh),
        cmocka_unit_test_setup(an_answer_lost_is_given_again, world_fresh),
        cmocka_unit_test_setup(an_old_fence_moves_nothing, world_fresh),
        cmocka_unit_test_setup(a_restarted_worker_has_lost_its_job, world_fresh),
        cmocka_unit_test_setup(a_stopped_worker_costs_no_try, world_fresh),
        cmocka_unit_test_setup(failures_are_retried_then_given_up, world_fresh),
        cmocka_unit_test_setup(bad_outputs_are_a_failure, world_fresh),
        cmocka_unit_test_setup(who_cannot_be_served_holds_up_nobody, world_fresh),
        cmocka_unit_test_setup(an_outage_costs_no_lease, world_fresh),
        cmocka_unit_test_setup(a_long_job_gets_a_new_token, world_fresh),
        cmocka_unit_test_setup(the_last_two_jobs_fail_at_once, world_fresh),
        cmocka_unit_test_setup(two_schedulers_lease_once, world_fresh),
        cmocka_unit_test_setup(one_leader_at_a_time, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
