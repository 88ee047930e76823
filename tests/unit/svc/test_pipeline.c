/* From an upload to a lecture that can be watched, and what happens when something dies on the way: real
 * services, real transactions, a real database. */
#include "tests/unit/svc/pipeline.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/dispatch.h"
#include "lib/svc/job.h"
#include "lib/svc/keys.h"
#include "lib/svc/lecture.h"
#include "lib/svc/playback.h"
#include "lib/svc/purge.h"
#include "lib/svc/task.h"

static struct world *w;

static int start(void **state)
{
    (void)state;
    w = world_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    world_stop(w);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    if (w)
        world_lecture(w);
    return 0;
}

#define NEEDS_DATABASE()                                                                                     \
    do {                                                                                                     \
        if (!w)                                                                                              \
            skip();                                                                                          \
    } while (0)

#define assert_answer(call, answer) assert_int_equal((int)(call), (int)(answer))

/* Commits whatever is ready for it; the number it got. */
static int commit(void)
{
    struct given g;
    int generation;

    assert_true(world_give(w, w->store, "commit", &g));
    generation = (int)js_get_i64(json_object_get(g.json, "params"), "generation", 0);
    assert_answer(world_done(w, w->store, &g, world_generation(w, generation)), JOB_ANSWER_ACK);
    return generation;
}

static void probe(bool quick)
{
    struct given g;

    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_done(w, w->near, &g, world_probe(w, quick)), JOB_ANSWER_ACK);
}

static void the_whole_way(void **state)
{
    struct given quick, full;
    const char *upload;
    struct publication *p;
    const json_t *input;
    struct jwt_claims claims;

    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
    probe(true);
    assert_string_equal(world_publication(w)->work[0].plan[0].key, "top_copied");
    assert_string_equal(world_publication(w)->work[0].plan[0].values[0], "1080p");

    /* the full generation waits for the quick one */
    assert_true(world_give(w, w->near, "quick", &quick));
    assert_false(world_give(w, w->near, "full", &full));
    input = json_array_get(json_object_get(quick.json, "inputs"), 0);
    assert_string_equal(js_get_str(input, "source", ""), upload);
    assert_ok(keys_verify(&w->cx, "store", str_of(js_get_str(input, "token", "")), &claims));
    assert_int_equal(claims.job, quick.job);
    assert_string_equal(claims.get[0], arena_printf(w->cx.arena, "sources/%s", upload));
    assert_string_equal(claims.put,
                        arena_printf(w->cx.arena, "artifacts/%s/%lld-1/", w->lecture, (long long)quick.job));
    assert_answer(world_running(w, w->near, &quick, 0.5), JOB_ANSWER_RENEWED);
    p = world_publication(w);
    assert_string_equal(p->work[0].state, "quick");
    assert_false(p->work[0].waiting);
    assert_int_equal(p->work[0].eta, 7);
    assert_answer(world_done(w, w->near, &quick, world_files(w, "v1080")), JOB_ANSWER_ACK);
    assert_false(world_give(w, w->near, "full", &full));
    assert_int_equal(commit(), 1);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_WATCHABLE);
    assert_int_equal(p->generation, 1);
    assert_string_equal(p->views[0].quality, "quick");

    assert_true(world_give(w, w->near, "full", &full));
    assert_string_equal(
        js_get_str(json_object_get(json_object_get(full.json, "params"), "probe"), "container", ""), "mp4");
    assert_answer(world_done(w, w->near, &full, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 2);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_COMPLETE);
    assert_int_equal(p->generation, 2);
    assert_string_equal(p->views[0].quality, "full");
    assert_int_equal(p->views[0].rendition_count, 1);
    assert_string_equal(p->views[0].renditions[0].name, "v720");
    assert_int_equal(p->views[0].silence_count, 2);
    assert_true(p->views[0].silences[0].end > 4.2 && p->views[0].silences[0].end < 4.3);
    assert_int_equal(p->views[0].chapter_count, 2);
    assert_int_equal(p->views[0].file_count, 2);
    assert_string_equal(p->work[0].state, "done");
    assert_int_equal(
        world_number(
            w, "SELECT COUNT(*) FROM task WHERE lecture_id = %lld AND kind = 'publish' AND state = 'done'",
            (long long)w->lecture_id),
        1);
    /* the first generation goes when no token can name it any more */
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'delete' AND state = "
                     "'queued' AND not_before > UTC_TIMESTAMP() + INTERVAL 19 MINUTE",
                     (long long)w->lecture_id),
        1);
}

static void tokens_for_players(void **state)
{
    struct publication *p;
    struct playback pb;
    struct jwt_claims claims;
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    p = world_publication(w);
    assert_rc(playback_token(&w->cx, p, false, 60, &pb), RC_NOTFOUND);
    world_upload(w, "PRES");
    probe(false);
    assert_true(world_give(w, w->near, "full", &g)); /* nothing to copy: the first generation is the ladder */
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 1);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_COMPLETE);
    assert_ok(playback_token(&w->cx, p, true, 60, &pb));
    assert_ok(keys_verify(&w->cx, "play", str_of(pb.token), &claims));
    assert_string_equal(claims.lec, w->lecture);
    assert_true(claims.gmin == 1 && claims.gmax > 2 && claims.dl);
    assert_true(strstr(playback_url(&w->cx, p, &pb, VIEW_PRES, "master.m3u8"),
                       arena_printf(w->cx.arena, "/m/%s/%s/g1/PRES/master.m3u8", pb.token, w->lecture)) !=
                NULL);
    assert_rc(keys_verify(&w->cx, "store", str_of(pb.token), &claims), RC_DENIED);
}

static void an_upload_counts_once(void **state)
{
    struct upload *a, *b;
    struct upload_ticket ticket;
    enum upload_answer answer;
    struct upload_report r = {.size = 5, .sha256 = "bb"};

    (void)state;
    NEEDS_DATABASE();
    assert_ok(upload_create(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &a));
    assert_ok(upload_create(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &b));
    assert_string_equal(a->key, b->key);
    assert_ok(upload_ticket(&w->cx, a, &ticket));
    r.key = a->key;
    r.sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    for (int i = 0; i < 3; i++) {
        assert_ok(upload_complete(&w->cx, w->store->id, &r, &answer));
        assert_int_equal(answer, UPLOAD_ANSWER_ACK);
    }
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM source WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    assert_ok(upload_complete(&w->cx, w->near->id, &r, &answer)); /* not the node it was sent to */
    assert_int_equal(answer, UPLOAD_ANSWER_NONE);
    r.key = "zzzzzzzzzzzz";
    assert_ok(upload_complete(&w->cx, w->store->id, &r, &answer)); /* the database may be an older one */
    assert_int_equal(answer, UPLOAD_ANSWER_NONE);
    assert_rc(upload_create(&w->cx, w->lecture, STR("FRONT"), STR("a.mp4"), 5, STR("nonce-1234"), &a),
              RC_INVALID);
    assert_rc(upload_create(&w->cx, w->lecture, STR("CAM"), STR("a"), 1LL << 50, STR("nonce-1235"), &a),
              RC_TOOBIG);
    assert_rc(upload_create(&w->cx, w->lecture, STR("CAM"), STR(""), 5, STR("nonce-1235"), &a), RC_INVALID);
}

static void an_upload_without_bytes_expires(void **state)
{
    struct upload *u;
    enum upload_answer answer;
    struct upload_report r = {.size = 5,
                              .sha256 = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"};
    int n;

    (void)state;
    NEEDS_DATABASE();
    assert_ok(upload_create(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &u));
    assert_int_equal(world_publication(w)->media, MEDIA_UPLOADING);
    world_sql(w, "UPDATE upload SET updated_at = updated_at - INTERVAL 25 HOUR WHERE id = %lld",
              (long long)u->id);
    assert_ok(shown(&w->cx, upload_expire(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_int_equal(world_publication(w)->media, MEDIA_NONE);
    assert_string_equal(world_publication(w)->work[0].state, "expired");
    r.key = u->key;
    assert_ok(upload_complete(&w->cx, w->store->id, &r, &answer)); /* too late */
    assert_int_equal(answer, UPLOAD_ANSWER_DROP);
}

static void expire_leases(void)
{
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 1 MINUTE WHERE state IN ('leased', "
                 "'running')");
    world_pass(w);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued' AND kind <> 'delete'");
}

static void a_lost_lease_goes_elsewhere(void **state)
{
    struct given first, second, none;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &first));
    assert_answer(world_running(w, w->near, &first, 0.1), JOB_ANSWER_RENEWED);
    expire_leases();
    assert_string_equal(world_job_state(w, first.job), "queued");
    assert_answer(world_done(w, w->near, &first, world_probe(w, true)),
                  JOB_ANSWER_REFUSED); /* in nobody's hands */
    assert_false(world_give(w, w->near, "probe", &none));
    assert_true(world_give(w, w->far, "probe", &second));
    assert_int_equal(second.job, first.job);
    assert_int_equal(second.attempt, 2);
    assert_true(second.fence > first.fence);
    assert_answer(world_running(w, w->near, &first, 0.9), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, w->near, &first, world_probe(w, true)), JOB_ANSWER_REFUSED);
    assert_answer(world_failed(w, w->near, &first, "io", false), JOB_ANSWER_REFUSED);
    assert_answer(world_done(w, w->far, &second, world_probe(w, true)), JOB_ANSWER_ACK);
    assert_answer(world_done(w, w->far, &second, world_probe(w, true)),
                  JOB_ANSWER_ACK); /* its answer was lost */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'quick'",
                                  (long long)w->lecture_id),
                     1);
}

/* Frozen between the lease and its first report: the same assignment is repeated, and lost like any other. */
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

/* A worker that was restarted says nothing of what it ran before: that goes on at once, not after the lease.
 */
static void a_restarted_worker_has_lost_its_job(void **state)
{
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_running(w, w->near, &g, 0.1), JOB_ANSWER_RENEWED);
    world_beat(w, w->near, NULL, 0); /* out of order: too soon to tell */
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
    assert_true(world_give(w, w->near, "probe", &g)); /* enough is enough */
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
    int requeued;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    for (int i = 1; i <= JOB_MAX_TRIES; i++) {
        const struct node_info *node = i % 2 ? w->near : w->far; /* who failed is avoided */

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
    assert_rc(task_requeue(&w->cx, tasks[0].id, &requeued), RC_DENIED);
    assert_rc(job_requeue(&w->cx, g.job), RC_DENIED);
    w->cx.actor = &w->actor;
    assert_ok(shown(&w->cx, task_requeue(&w->cx, tasks[0].id, &requeued)));
    assert_int_equal(requeued, 1);
    assert_rc(task_requeue(&w->cx, tasks[0].id, &requeued), RC_CONFLICT);
    err_clear(&w->cx);
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_int_equal(g.attempt, JOB_MAX_TRIES + 1);
    assert_answer(world_done(w, w->near, &g, world_probe(w, true)), JOB_ANSWER_ACK);
}

static void what_cannot_be_read_is_refused(void **state)
{
    struct given g;
    struct publication *p;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_failed(w, w->near, &g, "no_video", true), JOB_ANSWER_ACK);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_FAILED);
    assert_string_equal(p->error_code, "no_video");
    assert_string_equal(p->work[0].state, "failed");
    assert_string_equal(p->work[0].error_code, "no_video");
    assert_rc(job_requeue(&w->cx, g.job), RC_CONFLICT);
    err_clear(&w->cx);
    assert_true(world_give(w, w->store, "delete", &g)); /* its file goes, and with it the manifest's row */
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_ACK);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld", (long long)w->lecture_id),
        0);
    world_upload(w, "CAM"); /* and the lecturer may try again */
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
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
    probe(false);
    for (int i = 0; i < 2; i++) { /* what is there twice could never be committed */
        assert_true(world_give(w, w->near, "full", &g));
        outputs = js_keep(&w->cx, json_deep_copy(world_files(w, "v720")));
        json_array_append_new(json_object_get(outputs, lists[i]),
                              json_deep_copy(json_array_get(json_object_get(outputs, lists[i]), 0)));
        assert_answer(world_done(w, w->near, &g, outputs), JOB_ANSWER_ACK);
        assert_string_equal(world_job_state(w, g.job), "queued");
        world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3), avoid_node = NULL WHERE id = %lld",
                  (long long)g.job);
    }
}

static void commits_of_a_lecture_go_one_by_one(void **state)
{
    struct given cam, pres, a, b;
    struct publication *p;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    probe(false);
    world_upload(w, "PRES");
    probe(false);
    world_pass(w);
    assert_true(world_give(w, w->near, "full", &cam));
    assert_answer(world_done(w, w->near, &cam, world_files(w, "v720")), JOB_ANSWER_ACK);
    world_pass(w);
    assert_true(world_give(w, w->near, "full", &pres));
    assert_answer(world_done(w, w->near, &pres, world_files(w, "v1080")), JOB_ANSWER_ACK);

    assert_true(world_give(w, w->store, "commit", &a));
    assert_answer(world_running(w, w->store, &a, 0), JOB_ANSWER_RENEWED);
    assert_false(world_give(w, w->store, "commit", &b));
    assert_answer(world_done(w, w->store, &a, world_generation(w, 7)),
                  JOB_ANSWER_ACK); /* not what was asked for */
    assert_int_equal(world_publication(w)->generation, 0);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued'");
    assert_int_equal(commit(), 1);
    assert_int_equal(commit(), 2);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_COMPLETE);
    assert_int_equal(p->view_count, 2);
    assert_int_equal(p->views[0].file_count, 2); /* the first view's files came along */
    assert_int_equal(p->views[1].file_count, 2);
    assert_string_equal(p->views[0].renditions[0].name, "v720");
    assert_string_equal(p->views[1].renditions[0].name, "v1080");
}

static void originals_are_in_no_generation(void **state)
{
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "PRES");
    world_upload(w, "CAM");
    while (world_give(w, w->near, "probe", &g))
        assert_answer(world_done(w, w->near, &g, world_probe(w, false)), JOB_ANSWER_ACK);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 1);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld AND generation = 0",
                                  (long long)w->lecture_id),
                     2);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld AND generation = 1",
                                  (long long)w->lecture_id),
                     2);
}

/* Hundreds of jobs that no machine may take stand before one that a machine waits for. */
static void who_cannot_be_served_holds_up_nobody(void **state)
{
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_sql(w,
              "INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, "
              "target_node, params, not_before, created_at) SELECT j.task_id, j.lecture_id, j.source_id, "
              "j.kind, j.lane, j.view, 'queued', 99, 999999, '{}', j.not_before, j.created_at "
              "FROM job j JOIN seq_1_to_300 WHERE j.lecture_id = %lld AND j.kind = 'probe'",
              (long long)w->lecture_id);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_int_equal(world_number(w, "SELECT priority FROM job WHERE id = %lld", (long long)g.job), 80);
}

/* The storage node died after the rename and before its report: the number is taken on its disk, and whoever
 * took it too would put the first one's files away. */
static void a_lost_commit_keeps_its_number(void **state)
{
    struct given made, lost, other;

    (void)state;
    NEEDS_DATABASE();
    for (int i = 0; i < 2; i++) {
        world_upload(w, i == 0 ? "CAM" : "PRES");
        probe(false);
        assert_true(world_give(w, w->near, "full", &made));
        assert_answer(world_done(w, w->near, &made, world_files(w, "v720")), JOB_ANSWER_ACK);
    }
    assert_true(world_give(w, w->store, "commit", &lost));
    assert_answer(world_running(w, w->store, &lost, 0.9), JOB_ANSWER_RENEWED);
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 1 MINUTE WHERE id = %lld",
              (long long)lost.job);
    assert_false(world_give(w, w->store, "commit", &other)); /* still in back-off, and nobody before it */
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued'");
    assert_true(world_give(w, w->store, "commit", &other));
    assert_int_equal(other.job, lost.job);
    assert_answer(world_done(w, w->store, &other, world_generation(w, 1)), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 2);
}

/* While the database is away nobody can renew a lease. */
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

static void a_new_upload_replaces_a_view(void **state)
{
    struct given full, g;
    struct publication *p;

    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    probe(true);
    assert_true(world_give(w, w->near, "quick", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "old")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 1);
    assert_true(world_give(w, w->near, "full", &full)); /* still encoding when the second file comes */
    assert_answer(world_running(w, w->near, &full, 0.3), JOB_ANSWER_RENEWED);
    world_upload(w, "CAM");
    assert_int_equal(world_publication(w)->media, MEDIA_WATCHABLE);
    probe(true);
    assert_true(world_give(w, w->near, "quick", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "new")), JOB_ANSWER_ACK);
    assert_string_equal(world_publication(w)->views[0].renditions[0].name, "old");
    assert_int_equal(commit(), 2);
    p = world_publication(w);
    assert_string_equal(p->views[0].renditions[0].name, "new");
    assert_answer(world_running(w, w->near, &full, 0.4), JOB_ANSWER_CANCEL);
    assert_answer(world_done(w, w->near, &full, world_files(w, "old")), JOB_ANSWER_CANCEL);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "new")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 3);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
}

static void cancelling_stops_the_worker(void **state)
{
    const char *upload;
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_running(w, w->near, &g, 0.2), JOB_ANSWER_RENEWED);
    assert_ok(shown(&w->cx, upload_cancel(&w->cx, upload)));
    assert_ok(upload_cancel(&w->cx, upload));
    assert_answer(world_running(w, w->near, &g, 0.3), JOB_ANSWER_CANCEL);
    assert_string_equal(world_job_state(w, g.job), "cancelled");
    assert_int_equal(world_publication(w)->media, MEDIA_NONE);
    assert_int_equal(world_publication(w)->work_count, 0);
}

/* --- several schedulers --- */

static void *schedule(void *arg)
{
    struct cx cx;
    int work, *failed = arg;

    world_cx(w, &cx);
    for (int i = 0; i < 10; i++)
        if (dispatch_pass(&cx, dispatch_nearest, &work) != RC_OK)
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

/* --- nodes --- */

static void nodes_join_by_token(void **state)
{
    struct node_hello hello = {.name = "guest", .roles = NODE_WORKER, .version = "1", .url = ""};
    const char *token, *again;
    struct node_info *node;
    int64_t id;

    (void)state;
    NEEDS_DATABASE();
    assert_ok(node_token_issue(&w->cx, "chair", NODE_WORKER, 1, &hello.token));
    hello.roles = NODE_WORKER | NODE_STORAGE; /* more than the token grants */
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_DENIED);
    hello.roles = NODE_WORKER;
    assert_ok(node_admit(&w->cx, &hello, &id, &token));
    assert_rc(node_admit(&w->cx, &hello, &id, &again), RC_DENIED); /* used up */
    assert_ok(node_by_token(&w->cx, str_of(token), &node));
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM node WHERE token = '%s'", token), 0); /* hashed */
    assert_ok(node_revoke(&w->cx, node->id));
    assert_rc(node_by_token(&w->cx, str_of(token), &node), RC_DENIED);
    assert_rc(node_by_token(&w->cx, STR(""), &node), RC_DENIED);
    hello.token = arena_printf(w->cx.arena, "%.40sA%s", hello.token, hello.token + 41); /* forged */
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_DENIED);
    err_clear(&w->cx);
}

static void a_storage_node_that_joins_again_is_the_same(void **state)
{
    struct node_info *again, *other;

    (void)state;
    NEEDS_DATABASE();
    other = world_join(w, "institute", NODE_STORAGE, "store"); /* the first one is there: this is another */
    assert_true(other->id != w->store->id);
    assert_ok(node_revoke(&w->cx, other->id));
    again = world_join(w, "institute", NODE_STORAGE, "store");
    assert_int_equal(again->id, other->id);
    assert_ok(node_revoke(&w->cx, again->id));
    assert_true(world_join(w, "institute", NODE_STORAGE, "elsewhere")->id != again->id);
}

static void private_nodes_of_others_get_nothing(void **state)
{
    struct node_info *alien;
    struct given g;

    (void)state;
    NEEDS_DATABASE();
    if (world_number(w, "SELECT COUNT(*) FROM organisation WHERE slug = 'elsewhere'") == 0)
        world_sql(w, "INSERT INTO organisation (path, slug, name, created_at) VALUES ('/999/', 'elsewhere', "
                     "'E', NOW())");
    alien = world_join(w, "elsewhere", NODE_WORKER, "alien");
    world_sql(w, "UPDATE node SET seen_at = NULL WHERE roles & 1");
    world_upload(w, "CAM");
    world_beat(w, alien, NULL, 0);
    assert_false(world_give(w, alien, "probe", &g));
    world_sql(w, "UPDATE node SET sharing = 'shared' WHERE id = %lld", (long long)alien->id);
    assert_true(world_give(w, alien, "probe", &g));
    assert_ok(node_revoke(&w->cx, alien->id));
}

/* --- deleting for good --- */

static void nothing_is_left_of_a_purged_lecture(void **state)
{
    struct given g;
    const json_t *params;
    const char *upload;
    int n;

    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    probe(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(commit(), 1);
    assert_rc(purge_start(&w->cx, w->lecture_id), RC_CONFLICT);
    err_clear(&w->cx);
    assert_ok(shown(&w->cx, lecture_delete(&w->cx, w->lecture)));
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n)));
    assert_int_equal(n, 0); /* the undo still runs */
    world_sql(w, "UPDATE lecture SET deleted_at = deleted_at - INTERVAL 15 DAY WHERE id = %lld",
              (long long)w->lecture_id);
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_ok(shown(&w->cx, purge_due(&w->cx, &n))); /* twice is harmless */
    assert_int_equal(n, 0);                          /* nor does it stand in the way of others */
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

/* Between the order to purge and the node that carries it out. */
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

static void keys_rotate_without_a_gap(void **state)
{
    struct jwt_claims c, back;
    const char *before, *after, *kid;
    json_t *list;

    (void)state;
    NEEDS_DATABASE();
    jwt_claims_init(&c);
    c.aud = "play";
    c.exp = 4000000000;
    c.lec = w->lecture;
    c.gmin = c.gmax = 1;
    c.views[0] = "CAM";
    assert_ok(keys_sign(&w->cx, &c, &before));
    assert_ok(keys_rotate(&w->cx, "play", &kid));
    assert_ok(keys_sign(&w->cx, &c, &after)); /* nodes have not heard of the new key yet: the old one signs */
    assert_ok(keys_verify(&w->cx, "play", str_of(before), &back));
    assert_ok(keys_verify(&w->cx, "play", str_of(after), &back));
    assert_ok(keys_public(&w->cx, &list));
    assert_int_equal(json_array_size(list), 3);
    assert_rc(keys_rotate(&w->cx, "session", &kid), RC_INVALID);
    err_clear(&w->cx);
}

/* lecternctl migrate and key rotate run as root, lectern-web does not. */
static void keys_belong_to_who_signs(void **state)
{
    enum { SOMEBODY = 4321 };
    const char *dir, *kid, *paths[3];
    struct stat st;

    (void)state;
    NEEDS_DATABASE();
    if (geteuid() != 0)
        skip();
    dir = w->conf.key_dir;
    assert_int_equal(chown(dir, SOMEBODY, SOMEBODY), 0);
    w->conf.key_dir = arena_printf(w->cx.arena, "%s/new", dir); /* not there yet */
    assert_ok(keys_rotate(&w->cx, "join", &kid));
    paths[0] = w->conf.key_dir;
    paths[1] = arena_printf(w->cx.arena, "%s/join", w->conf.key_dir);
    paths[2] = arena_printf(w->cx.arena, "%s/join/%s.pem", w->conf.key_dir, kid);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stat(paths[i], &st), 0);
        assert_int_equal(st.st_uid, SOMEBODY);
    }
    w->conf.key_dir = dir;
}

static void of_many_keys_the_newest_count(void **state)
{
    const char *kid = "";
    const json_t *item;
    json_t *list;
    size_t i;
    bool found = false;

    (void)state;
    NEEDS_DATABASE();
    for (int k = 0; k < 20; k++)
        assert_ok(keys_rotate(&w->cx, "store", &kid));
    assert_ok(keys_public(&w->cx, &list));
    json_array_foreach(list, i, item)
    {
        found = found || strcmp(js_get_str(item, "kid", ""), kid) == 0;
    }
    assert_true(found);
}

static void every_statement_prepares(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    assert_ok(shown(&w->cx, db_prepare_all(&w->cx)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_statement_prepares, fresh),
        cmocka_unit_test_setup(the_whole_way, fresh),
        cmocka_unit_test_setup(tokens_for_players, fresh),
        cmocka_unit_test_setup(an_upload_counts_once, fresh),
        cmocka_unit_test_setup(an_upload_without_bytes_expires, fresh),
        cmocka_unit_test_setup(a_lost_lease_goes_elsewhere, fresh),
        cmocka_unit_test_setup(an_answer_lost_is_given_again, fresh),
        cmocka_unit_test_setup(a_restarted_worker_has_lost_its_job, fresh),
        cmocka_unit_test_setup(a_stopped_worker_costs_no_try, fresh),
        cmocka_unit_test_setup(failures_are_retried_then_given_up, fresh),
        cmocka_unit_test_setup(what_cannot_be_read_is_refused, fresh),
        cmocka_unit_test_setup(bad_outputs_are_a_failure, fresh),
        cmocka_unit_test_setup(commits_of_a_lecture_go_one_by_one, fresh),
        cmocka_unit_test_setup(originals_are_in_no_generation, fresh),
        cmocka_unit_test_setup(who_cannot_be_served_holds_up_nobody, fresh),
        cmocka_unit_test_setup(a_lost_commit_keeps_its_number, fresh),
        cmocka_unit_test_setup(an_outage_costs_no_lease, fresh),
        cmocka_unit_test_setup(a_new_upload_replaces_a_view, fresh),
        cmocka_unit_test_setup(cancelling_stops_the_worker, fresh),
        cmocka_unit_test_setup(two_schedulers_lease_once, fresh),
        cmocka_unit_test_setup(one_leader_at_a_time, fresh),
        cmocka_unit_test_setup(nodes_join_by_token, fresh),
        cmocka_unit_test_setup(a_storage_node_that_joins_again_is_the_same, fresh),
        cmocka_unit_test_setup(private_nodes_of_others_get_nothing, fresh),
        cmocka_unit_test_setup(nothing_is_left_of_a_purged_lecture, fresh),
        cmocka_unit_test_setup(what_is_being_purged_stays_deleted, fresh),
        cmocka_unit_test_setup(keys_rotate_without_a_gap, fresh),
        cmocka_unit_test_setup(keys_belong_to_who_signs, fresh),
        cmocka_unit_test_setup(of_many_keys_the_newest_count, fresh),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
