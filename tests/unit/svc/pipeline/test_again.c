/* Processing again: a view is made again from its original. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"

#define assert_refused(call, why)                                                                            \
    do {                                                                                                     \
        assert_rc(call, RC_CONFLICT);                                                                        \
        assert_string_equal(w->cx.err.key, why);                                                             \
        err_clear(&w->cx);                                                                                   \
    } while (0)

static int64_t again(const char *upload)
{
    int64_t task = 0;
    assert_ok(shown(&w->cx, again_start(&w->cx, upload, &task)));
    return task;
}

static struct given encoded(const char *rendition)
{
    struct given g;
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, rendition)), JOB_ANSWER_ACK);
    return g;
}

static int64_t open_jobs(void)
{
    return world_number(w,
                        "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind <> 'delete' AND state IN "
                        "('waiting', 'queued', 'leased', 'running', 'failed', 'dead')",
                        (long long)w->lecture_id);
}

static const char *task_state(int64_t id)
{
    struct task *t;
    assert_ok(shown(&w->cx, task_get(&w->cx, id, &t)));
    return t->state;
}

static void a_failed_view_is_made_anew(void **state)
{
    const char *upload;
    int64_t first, second, third;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    upload = world_upload(w, "CAM");
    first = world_number(w, "SELECT MAX(id) FROM task");
    assert_false(world_publication(w)->work[0].again); /* it is being processed */
    assert_refused(again_start(&w->cx, upload, &third), "again_running");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_failed(w, w->near, &g, "verify", true), JOB_ANSWER_ACK);
    assert_int_equal(world_publication(w)->media, MEDIA_FAILED);
    assert_true(world_publication(w)->work[0].again);
    assert_string_equal(task_state(first), "failed");

    second = again(upload);
    assert_refused(again_start(&w->cx, upload, &third), "again_running"); /* pressed twice */
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
    assert_string_equal(world_publication(w)->work[0].state, "probe");
    assert_string_equal(task_state(first), "cancelled"); /* the failure does not count any more */
    assert_string_equal(task_state(second), "open");
    world_probed(false);
    encoded("v720");
    assert_int_equal(world_commit(), 1);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    assert_string_equal(task_state(second), "done");
    assert_int_equal(open_jobs(), 0);
}

/* Marks the last step of the file as failed, so that the button is shown again. */
static void given_up(void)
{
    world_sql(w, "UPDATE job SET state = 'dead' WHERE lecture_id = %lld AND state IN ('waiting', 'queued')",
              (long long)w->lecture_id);
}

static void the_button_has_its_limits(void **state)
{
    struct ratelimit *limits = ratelimit_new(NULL);
    const char *upload;
    int64_t task = 0, before;
    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    for (int i = 0; i < 10; i++)
        assert_refused(again_ask(&w->cx, limits, upload, &task), "again_running"); /* does not count */
    for (int i = 0; i < 6; i++) {
        given_up();
        assert_ok(shown(&w->cx, again_ask(&w->cx, limits, upload, &task)));
    }
    given_up();
    before = open_jobs();
    assert_rc(again_ask(&w->cx, limits, upload, &task), RC_DENIED);
    assert_string_equal(w->cx.err.key, "too_many_again_lecture");
    err_clear(&w->cx);
    assert_int_equal(open_jobs(), before); /* nothing has begun */
    again(upload);                         /* the command line has no limit */

    world_fresh(NULL);
    upload = world_upload(w, "CAM");
    for (int i = 0; i < 24; i++)
        assert_ok(ratelimit_hit(&w->cx, limits, &RATELIMIT_AGAIN_USER, w->cx.actor->login));
    given_up();
    assert_rc(again_ask(&w->cx, limits, upload, &task), RC_DENIED);
    assert_string_equal(w->cx.err.key, "too_many_again");
    err_clear(&w->cx);
    ratelimit_free(limits);
}

/* The probe, too, may have failed because of the core. */
static void an_unread_file_is_read_again(void **state)
{
    const char *upload;
    struct given g = {0};
    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "PRES");
    for (int i = 1; i <= JOB_MAX_TRIES; i++) {
        assert_true(world_give(w, i % 2 ? w->near : w->far, "probe", &g));
        assert_answer(world_failed(w, i % 2 ? w->near : w->far, &g, "crashed", false), JOB_ANSWER_ACK);
        world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE id = %lld", (long long)g.job);
    }
    assert_string_equal(world_job_state(w, g.job), "dead");
    again(upload);
    assert_string_equal(world_job_state(w, g.job), "cancelled");
    world_probed(true);
    assert_true(world_give(w, w->near, "quick", &g));
}

/* noded found the results missing or damaged: repeating that commit would fail again. */
static void a_spoilt_commit_becomes_a_new_encode(void **state)
{
    struct again_outcome requeued;
    struct given full, commit, drop;
    const char *path;
    int64_t task;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    task = world_number(w, "SELECT MAX(id) FROM task");
    world_probed(false);
    full = encoded("v720");
    assert_true(world_give(w, w->store, "commit", &commit));
    assert_answer(world_failed(w, w->store, &commit, "verify", true), JOB_ANSWER_ACK);
    assert_string_equal(world_job_state(w, commit.job), "dead");

    assert_ok(shown(&w->cx, again_task(&w->cx, task, &requeued)));
    assert_int_equal(requeued.jobs, 0);
    assert_true(requeued.task > task);
    assert_string_equal(world_job_state(w, commit.job), "cancelled");
    world_probed(false);
    encoded("v720");
    assert_int_equal(world_commit(), 1);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    /* the damaged results are removed */
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE lecture_id = %lld AND state = 'queued'",
              (long long)w->lecture_id);
    assert_true(world_give(w, w->store, "delete", &drop));
    path =
        json_string_value(json_array_get(json_object_get(json_object_get(drop.json, "params"), "paths"), 0));
    assert_string_equal(path,
                        arena_printf(w->cx.arena, "incoming/%s/%lld-1", w->lecture, (long long)full.job));
}

/* A commit that failed for another reason still has its files. */
static void another_commit_is_just_tried_again(void **state)
{
    struct again_outcome requeued;
    struct given commit;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_probed(false);
    encoded("v720");
    assert_true(world_give(w, w->store, "commit", &commit));
    assert_answer(world_failed(w, w->store, &commit, "internal", true), JOB_ANSWER_ACK);
    assert_ok(shown(&w->cx, again_task(&w->cx, world_number(w, "SELECT MAX(id) FROM task"), &requeued)));
    assert_int_equal(requeued.jobs, 1);
    assert_int_equal(requeued.task, 0);
    assert_int_equal(world_commit(), 1);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
}

static const char *complete(void)
{
    const char *upload = world_upload(w, "CAM");
    struct given g;
    world_probed(true);
    assert_true(world_give(w, w->near, "quick", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v1080")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 1);
    encoded("v720");
    assert_int_equal(world_commit(), 2);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    return upload;
}

static void what_is_watched_stays_until_the_new_one(void **state)
{
    struct publication *p;
    const char *upload;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    upload = complete();
    assert_true(world_publication(w)->work[0].again);
    again(upload);
    assert_int_equal(world_publication(w)->media, MEDIA_WATCHABLE);
    world_probed(true);
    assert_false(world_give(w, w->near, "quick", &g)); /* the view does not return to the copy */
    p = world_publication(w);
    assert_int_equal(p->generation, 2);
    assert_string_equal(p->views[0].quality, "full");
    assert_int_equal(p->views[0].chapter_count, 2);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v480")), JOB_ANSWER_ACK);
    assert_string_equal(world_publication(w)->views[0].renditions[0].name, "v720");
    assert_int_equal(world_commit(), 3);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_COMPLETE);
    assert_string_equal(p->views[0].renditions[0].name, "v480");
}

/* A failure of the second probe or encode leaves what can be watched. */
static void a_second_try_that_fails_takes_nothing_away(void **state)
{
    const char *upload;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    upload = complete();
    again(upload);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_failed(w, w->near, &g, "unreadable", true), JOB_ANSWER_ACK);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM upload WHERE `key` = '%s' AND state = 'taken'", upload), 1);
    assert_string_equal(world_publication(w)->work[0].state, "failed");
    assert_true(world_publication(w)->work[0].again);
    again(upload);
    world_probed(true);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_failed(w, w->near, &g, "verify", true), JOB_ANSWER_ACK);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    assert_int_equal(world_publication(w)->views[0].file_count, 2);
    assert_true(world_publication(w)->work[0].again);
}

/* The newest file counts; open jobs of an older one are cancelled. */
static void older_files_stand_back(void **state)
{
    const char *older, *newer;
    int64_t task;
    struct given full, g;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    older = world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &full));
    assert_answer(world_running(w, w->near, &full, 0.2), JOB_ANSWER_RENEWED);
    newer = world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_failed(w, w->near, &g, "verify", true), JOB_ANSWER_ACK);
    assert_refused(again_start(&w->cx, older, &task), "again_newer");
    again(newer);
    assert_answer(world_running(w, w->near, &full, 0.3), JOB_ANSWER_CANCEL);
    world_probed(false);
    encoded("v720");
    assert_int_equal(world_commit(), 1);
    assert_int_equal(open_jobs(), 0);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
}

static void without_a_file_there_is_nothing_to_process(void **state)
{
    const char *upload;
    struct upload *u;
    struct given g;
    int64_t task;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    upload = world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_failed(w, w->near, &g, "no_video", true), JOB_ANSWER_ACK);
    assert_false(world_publication(w)->work[0].again); /* the file was removed */
    assert_refused(again_start(&w->cx, upload, &task), "again_gone");
    assert_ok(arrival_open(&w->cx, w->lecture, STR("PRES"), STR("a.mp4"), 5, STR("nonce-1234"), &u));
    assert_refused(again_start(&w->cx, u->key, &task), "again_gone"); /* no byte has arrived */
    assert_int_equal(open_jobs(), 1);
}

static void refusals(void **state)
{
    struct actor nobody = {.login = "nobody"};
    const char *upload;
    struct upload *u;
    int64_t task;
    (void)state;
    NEEDS_DATABASE();
    upload = complete();
    w->cx.actor = &nobody;
    assert_int_not_equal(again_start(&w->cx, upload, &task), RC_OK);
    w->cx.actor = NULL;
    assert_int_not_equal(again_start(&w->cx, upload, &task), RC_OK);
    w->cx.actor = &w->actor;
    err_clear(&w->cx);
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("b.mp4"), 5, STR("nonce-1235"), &u));
    assert_refused(again_start(&w->cx, upload, &task), "again_newer"); /* a newer file is being uploaded */
    assert_ok(shown(&w->cx, arrival_cancel(&w->cx, u->key)));
    world_sql(w, "DELETE FROM artifact WHERE lecture_id = %lld AND generation = 0", (long long)w->lecture_id);
    assert_refused(again_start(&w->cx, upload, &task), "again_gone");
    assert_false(world_publication(w)->work[0].again);
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_refused(again_start(&w->cx, upload, &task), "deleted");
    assert_int_equal(open_jobs(), 0);
}

/* --- a transaction that meets a deadlock runs again, whatever statement it was --- */

static uint64_t nth; /* the statement of each step that fails with a deadlock */

#define STEP(call) WORLD_DEADLOCK(nth, call)

static void finish(const struct node_info *node, const char *kind, const json_t *outputs)
{
    struct given g;
    enum job_answer answer;
    struct wire_report r = {.state = REPORT_DONE, .outputs = outputs, .log = ""};
    int work;
    STEP(dispatch_pass(&w->cx, dispatch_nearest, &(struct dispatch_vain){0}, &work));
    assert_true(world_give(w, node, kind, &g));
    r.job = g.job;
    r.attempt = g.attempt;
    r.fence = g.fence;
    if (!outputs)
        r.outputs = world_generation(w, (int)js_get_i64(json_object_get(g.json, "params"), "generation", 0));
    STEP(report_take(&w->cx, node->id, &r, &answer));
    assert_answer(answer, JOB_ANSWER_ACK);
}

static void finish_full(void)
{
    finish(w->near, "full", world_files(w, "v720"));
    finish(w->store, "commit", NULL);
}

static void whole_way(void)
{
    struct wire_upload whole = {.size = 5,
                                .sha256 = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"};
    enum upload_answer answer;
    struct upload *u;
    int64_t task;
    STEP(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &u));
    whole.id = u->key;
    STEP(arrival_complete(&w->cx, w->store->id, &whole, &answer));
    finish(w->near, "probe", world_probe(w, true));
    finish(w->near, "quick", world_files(w, "v1080"));
    finish(w->store, "commit", NULL);
    finish_full();
    STEP(again_start(&w->cx, u->key, &task));
    finish(w->near, "probe", world_probe(w, true));
    finish_full();
}

static void deadlocks_change_nothing(void **state)
{
    struct publication *p;
    (void)state;
    NEEDS_DATABASE();
    for (nth = 1; nth <= 28; nth++) {
        world_fresh(NULL);
        whole_way();
        p = world_publication(w);
        assert_int_equal(p->media, MEDIA_COMPLETE);
        assert_int_equal(p->generation, 3);
        assert_int_equal(p->views[0].file_count, 2);
        /* 2 probes, 1 quick, 2 full, 3 commits, all done, and 2 generations to be removed: 10 in all */
        assert_int_equal(
            world_number(w,
                         "SELECT SUM(CASE WHEN state = 'done' THEN CASE kind WHEN 'probe' THEN 1000000 WHEN "
                         "'quick' THEN 100000 WHEN 'full' THEN 10000 WHEN 'commit' THEN 1000 END WHEN kind = "
                         "'delete' AND state = 'queued' THEN 100 END) + COUNT(*) FROM job WHERE lecture_id = "
                         "%lld",
                         (long long)w->lecture_id),
            2123210);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_failed_view_is_made_anew, world_fresh),
        cmocka_unit_test_setup(the_button_has_its_limits, world_fresh),
        cmocka_unit_test_setup(an_unread_file_is_read_again, world_fresh),
        cmocka_unit_test_setup(a_spoilt_commit_becomes_a_new_encode, world_fresh),
        cmocka_unit_test_setup(another_commit_is_just_tried_again, world_fresh),
        cmocka_unit_test_setup(what_is_watched_stays_until_the_new_one, world_fresh),
        cmocka_unit_test_setup(a_second_try_that_fails_takes_nothing_away, world_fresh),
        cmocka_unit_test_setup(older_files_stand_back, world_fresh),
        cmocka_unit_test_setup(without_a_file_there_is_nothing_to_process, world_fresh),
        cmocka_unit_test_setup(refusals, world_fresh),
        cmocka_unit_test_setup(deadlocks_change_nothing, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
