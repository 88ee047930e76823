/* From an upload to a lecture that can be watched. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/doors/playback.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/job.h"

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
    world_probed(true);
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
    assert_int_equal(world_commit(), 1);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_WATCHABLE);
    assert_int_equal(p->generation, 1);
    assert_string_equal(p->views[0].quality, "quick");

    assert_true(world_give(w, w->near, "full", &full));
    assert_string_equal(
        js_get_str(json_object_get(json_object_get(full.json, "params"), "probe"), "container", ""), "mp4");
    assert_answer(world_done(w, w->near, &full, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 2);
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
    /* the first generation is removed when no token can name it any more */
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
    assert_rc(playback_token(&w->cx, p, PLAYBACK_RECORDING, 60, &pb), RC_NOTFOUND);
    world_upload(w, "PRES");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g)); /* nothing to copy: the first generation is the ladder */
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 1);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_COMPLETE);
    assert_ok(playback_token(&w->cx, p, PLAYBACK_RECORDING | PLAYBACK_DOWNLOAD, 60, &pb));
    assert_ok(keys_verify(&w->cx, "play", str_of(pb.token), &claims));
    assert_string_equal(claims.lec, w->lecture);
    assert_true(claims.gmin == 1 && claims.gmax > 2 && claims.dl);
    assert_true(strstr(playback_url(&w->cx, p, &pb, VIEW_PRES, "master.m3u8"),
                       arena_printf(w->cx.arena, "/m/%s/%s/g1/PRES/master.m3u8", pb.token, w->lecture)) !=
                NULL);
    assert_rc(keys_verify(&w->cx, "store", str_of(pb.token), &claims), RC_DENIED);
    assert_ok(playback_token(&w->cx, p, PLAYBACK_RECORDING, 60, &pb));
    assert_ok(keys_verify(&w->cx, "play", str_of(pb.token), &claims));
    assert_false(claims.dl);
}

/* Knowing the key of an upload gives no right to it. */
static void uploads_are_for_those_who_run_the_course(void **state)
{
    struct upload *u;
    const struct actor *before = w ? w->cx.actor : NULL;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 1000, STR("nonce-0001"), &u));
    const char *key = u->key;
    w->cx.actor = NULL;
    assert_rc(upload_get(&w->cx, key, &u), RC_NOTFOUND); /* the lecture is a draft */
    assert_rc(arrival_cancel(&w->cx, key), RC_NOTFOUND);
    assert_rc(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 1000, STR("nonce-0002"), &u),
              RC_NOTFOUND);
    w->cx.actor = before;
    assert_ok(upload_get(&w->cx, key, &u));
    assert_int_equal(u->state, UPLOAD_OPEN);
    assert_ok(arrival_cancel(&w->cx, key));
}

static void uploads_go_where_there_is_room(void **state)
{
    struct upload *u;
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE node SET disk_free = 999 WHERE roles & 2");
    assert_rc(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 1000, STR("nonce-0003"), &u),
              RC_UNAVAIL);
    assert_string_equal(w->cx.err.key, "storage_full");
    err_clear(&w->cx);
    world_sql(w, "UPDATE node SET disk_free = 1000 WHERE roles & 2");
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 1000, STR("nonce-0003"), &u));
    world_sql(w, "UPDATE node SET disk_free = 1 << 40 WHERE roles & 2");
}

static void an_upload_counts_once(void **state)
{
    struct upload *a, *b;
    struct upload_ticket ticket;
    struct jwt_claims claims;
    enum upload_answer answer;
    struct wire_upload r = {.size = 5, .sha256 = "bb"};
    (void)state;
    NEEDS_DATABASE();
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &a));
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &b));
    assert_string_equal(a->key, b->key);
    assert_ok(upload_ticket(&w->cx, a, &ticket));
    assert_ok(keys_verify(&w->cx, "store", str_of(ticket.token), &claims));
    assert_string_equal(claims.st, w->store->url); /* for its store, not for those of others */
    world_sql(w, "UPDATE node SET url = '' WHERE id = %lld", (long long)w->store->id);
    assert_ok(upload_get(&w->cx, a->key, &b));
    assert_ok(upload_ticket(&w->cx, b, &ticket));
    world_sql(w, "UPDATE node SET url = '%s' WHERE id = %lld", w->store->url, (long long)w->store->id);
    assert_ok(keys_verify(&w->cx, "store", str_of(ticket.token), &claims));
    assert_string_equal(claims.st, ""); /* the core's own storage node is named, too */
    r.id = a->key;
    r.sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    for (int i = 0; i < 3; i++) {
        assert_ok(arrival_complete(&w->cx, w->store->id, &r, &answer));
        assert_int_equal(answer, UPLOAD_ANSWER_ACK);
    }
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM source WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld", (long long)w->lecture_id), 1);
    assert_ok(arrival_complete(&w->cx, w->near->id, &r, &answer)); /* another node */
    assert_int_equal(answer, UPLOAD_ANSWER_NONE);
    r.id = "zzzzzzzzzzzz";
    assert_ok(arrival_complete(&w->cx, w->store->id, &r, &answer)); /* the database may have been restored */
    assert_int_equal(answer, UPLOAD_ANSWER_NONE);
    assert_rc(arrival_open(&w->cx, w->lecture, STR("FRONT"), STR("a.mp4"), 5, STR("nonce-1234"), &a),
              RC_INVALID);
    assert_rc(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a"), 1LL << 50, STR("nonce-1235"), &a),
              RC_TOOBIG);
    assert_rc(arrival_open(&w->cx, w->lecture, STR("CAM"), STR(""), 5, STR("nonce-1235"), &a), RC_INVALID);
}

static void an_upload_without_bytes_expires(void **state)
{
    struct upload *u;
    enum upload_answer answer;
    struct wire_upload r = {.size = 5,
                            .sha256 = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"};
    int n;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5, STR("nonce-1234"), &u));
    assert_int_equal(world_publication(w)->media, MEDIA_UPLOADING);
    world_sql(w, "UPDATE upload SET updated_at = updated_at - INTERVAL 25 HOUR WHERE id = %lld",
              (long long)u->id);
    assert_ok(shown(&w->cx, arrival_expire(&w->cx, &n)));
    assert_int_equal(n, 0); /* its token has just expired, and bytes may have arrived until now */
    world_sql(w, "UPDATE upload SET updated_at = updated_at - INTERVAL 24 HOUR WHERE id = %lld",
              (long long)u->id);
    world_sql(w, "UPDATE node SET seen_at = seen_at - INTERVAL 5 MINUTE WHERE id = %lld",
              (long long)w->store->id);
    assert_ok(shown(&w->cx, arrival_expire(&w->cx, &n)));
    assert_int_equal(n, 0); /* the node may have the whole file and cannot say so */
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) WHERE id = %lld", (long long)w->store->id);
    assert_ok(shown(&w->cx, arrival_expire(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_int_equal(world_publication(w)->media, MEDIA_NONE);
    assert_string_equal(world_publication(w)->work[0].state, "expired");
    r.id = u->key;
    assert_ok(arrival_complete(&w->cx, w->store->id, &r, &answer)); /* too late */
    assert_int_equal(answer, UPLOAD_ANSWER_DROP);
}

static void what_cannot_be_read_is_refused(void **state)
{
    struct given g;
    struct publication *p;
    (void)state;
    NEEDS_DATABASE();
    world_away(w, w->far);
    world_upload(w, "CAM");
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_failed(w, w->near, &g, "no_video", true), JOB_ANSWER_ACK);
    p = world_publication(w);
    assert_int_equal(p->media, MEDIA_FAILED);
    assert_string_equal(p->error_code, "no_video");
    assert_string_equal(p->work[0].state, "failed");
    assert_string_equal(p->work[0].error_code, "no_video");
    assert_rc(again_job(&w->cx, g.job), RC_CONFLICT);
    err_clear(&w->cx);
    assert_true(world_give(w, w->store, "delete", &g)); /* removes its file and the manifest's row */
    assert_answer(world_done(w, w->store, &g, world_generation(w, 0)), JOB_ANSWER_ACK);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld", (long long)w->lecture_id),
        0);
    world_upload(w, "CAM"); /* and the lecturer may try again */
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
}

#define FILE_OF(name) "{\"name\":\"" name "\",\"size\":1,\"sha256\":\"" ZEROS "\"}"
#define ZEROS         "0000000000000000000000000000000000000000000000000000000000000000"
#define MASTER        FILE_OF("master.m3u8") ","

static json_t *many(int n, json_t *item)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append(list, item);
    json_decref(item);
    return list;
}

/* Values that do not fit into pages, columns or folders are refused before the commit. */
static void bad_marks_are_a_failure(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {{"files", "[" MASTER FILE_OF("../x.mp4") "]"},
                {"files", "[" MASTER FILE_OF("/etc/x.mp4") "]"},
                {"files", "[" MASTER FILE_OF(".x.mp4") "]"},
                {"files", "[" MASTER FILE_OF("a/b/c.mp4") "]"},
                {"files", "[" MASTER FILE_OF("page.html") "]"},
                {"files", "[" MASTER FILE_OF("picture.svg") "]"},
                {"files", "[" MASTER FILE_OF("mp4") "]"},
                {"files", "[" MASTER "{\"name\":\"x.mp4\",\"size\":1,\"sha256\":\"0\"}]"},
                {"renditions", "[{\"name\":\"../x\"}]"},
                {"silences", "[[1e300,2e300]]"},
                {"silences", "[[5,4]]"},
                {"silences", "[[5]]"},
                {"silences", "{}"},
                {"chapters", "[-1]"},
                {"chapters", "[\"1\"]"},
                {"chapters", "[1e300]"},
                {"audio", "\"aac\""},
                {"renditions", "[{\"name\":\"v720\",\"bitrate\":-1}]"},
                {"renditions", "[{\"name\":\"v720\",\"duration\":1e300}]"}};
    struct given g;
    static char long_text[70001];
    (void)state;
    NEEDS_DATABASE();
    memset(long_text, 'x', sizeof long_text - 1);
    world_upload(w, "CAM");
    world_probed(false);
    for (size_t i = 0; i <= sizeof rows / sizeof *rows + 2; i++) {
        json_t *outputs = js_keep(&w->cx, json_deep_copy(world_files(w, "v720")));
        if (i < sizeof rows / sizeof *rows)
            json_object_set_new(outputs, rows[i].name, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        else if (i == sizeof rows / sizeof *rows)
            json_object_set_new(outputs, "loudness", json_pack("{s:s}", "text", long_text));
        else if (i == sizeof rows / sizeof *rows + 1)
            json_object_set_new(outputs, "chapters", many(1001, json_integer(1)));
        else
            json_object_set_new(outputs, "silences", many(4097, json_pack("[i,i]", 1, 2)));
        assert_true(world_give(w, w->near, "full", &g));
        assert_answer(world_done(w, w->near, &g, outputs), JOB_ANSWER_ACK);
        assert_string_equal(world_job_state(w, g.job), "queued");
        world_sql(
            w, "UPDATE job SET not_before = UTC_TIMESTAMP(3), avoid_node = NULL, tries = 0 WHERE id = %lld",
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
    world_probed(false);
    world_upload(w, "PRES");
    world_probed(false);
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
    assert_true(world_give(w, w->store, "commit", &a));
    world_sql(w, "UPDATE lecture SET generation = 5 WHERE id = %lld", (long long)w->lecture_id);
    assert_answer(world_done(w, w->store, &a, world_generation(w, 1)), JOB_ANSWER_ACK); /* not the next one */
    assert_string_equal(world_job_state(w, a.job), "queued");
    world_sql(w, "UPDATE lecture SET generation = 0 WHERE id = %lld", (long long)w->lecture_id);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3), tries = 0 WHERE state = 'queued'");
    assert_int_equal(world_commit(), 1);
    assert_int_equal(world_commit(), 2);
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
    assert_int_equal(world_commit(), 1);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld AND generation = 0",
                                  (long long)w->lecture_id),
                     2);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM artifact WHERE lecture_id = %lld AND generation = 1",
                                  (long long)w->lecture_id),
                     2);
}

/* The storage node died after the rename and before its report: the number is in use on its disk, and a
 * commit with the same number would replace its files. */
static void a_lost_commit_keeps_its_number(void **state)
{
    struct given made, lost, other;
    (void)state;
    NEEDS_DATABASE();
    for (int i = 0; i < 2; i++) {
        world_upload(w, i == 0 ? "CAM" : "PRES");
        world_probed(false);
        assert_true(world_give(w, w->near, "full", &made));
        assert_answer(world_done(w, w->near, &made, world_files(w, "v720")), JOB_ANSWER_ACK);
    }
    assert_true(world_give(w, w->store, "commit", &lost));
    assert_answer(world_running(w, w->store, &lost, 0.9), JOB_ANSWER_RENEWED);
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 1 MINUTE WHERE id = %lld",
              (long long)lost.job);
    assert_false(world_give(w, w->store, "commit", &other)); /* still in back-off; no other may pass it */
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued'");
    assert_true(world_give(w, w->store, "commit", &other));
    assert_int_equal(other.job, lost.job);
    assert_answer(world_done(w, w->store, &other, world_generation(w, 1)), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 2);
}

static void a_new_upload_replaces_a_view(void **state)
{
    struct given full, g;
    struct publication *p;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_probed(true);
    assert_true(world_give(w, w->near, "quick", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "old")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 1);
    assert_true(world_give(w, w->near, "full", &full)); /* still encoding when the second file comes */
    assert_answer(world_running(w, w->near, &full, 0.3), JOB_ANSWER_RENEWED);
    world_upload(w, "CAM");
    assert_int_equal(world_publication(w)->media, MEDIA_WATCHABLE);
    world_probed(true);
    assert_true(world_give(w, w->near, "quick", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "new")), JOB_ANSWER_ACK);
    assert_string_equal(world_publication(w)->views[0].renditions[0].name, "old");
    assert_int_equal(world_commit(), 2);
    p = world_publication(w);
    assert_string_equal(p->views[0].renditions[0].name, "new");
    assert_answer(world_running(w, w->near, &full, 0.4), JOB_ANSWER_CANCEL);
    assert_answer(world_done(w, w->near, &full, world_files(w, "old")), JOB_ANSWER_CANCEL);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "new")), JOB_ANSWER_ACK);
    assert_int_equal(world_commit(), 3);
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
    assert_ok(shown(&w->cx, arrival_cancel(&w->cx, upload)));
    assert_ok(arrival_cancel(&w->cx, upload));
    assert_answer(world_running(w, w->near, &g, 0.3), JOB_ANSWER_CANCEL);
    assert_string_equal(world_job_state(w, g.job), "cancelled");
    assert_int_equal(world_publication(w)->media, MEDIA_NONE);
    assert_int_equal(world_publication(w)->work_count, 0);
}

struct meeting {
    struct given commit;
    const char *upload;
};

static enum rc take_commit(struct cx *cx, void *arg)
{
    const struct meeting *m = arg;
    enum job_answer answer;
    const struct wire_report r = {.job = m->commit.job,
                                  .fence = m->commit.fence,
                                  .attempt = m->commit.attempt,
                                  .state = REPORT_DONE,
                                  .outputs = world_generation(w, 1),
                                  .log = ""};
    return report_take(cx, w->store->id, &r, &answer);
}

static enum rc cancel_it(struct cx *cx, void *arg)
{
    return arrival_cancel(cx, ((const struct meeting *)arg)->upload);
}

/* Otherwise the original of what people watch would be removed. */
static void cancelling_waits_for_a_commit(void **state)
{
    struct meeting m;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    m.upload = world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &g));
    assert_answer(world_done(w, w->near, &g, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_true(world_give(w, w->store, "commit", &m.commit));
    assert_rc(world_at_once(take_commit, cancel_it, &m), RC_CONFLICT);
    assert_int_equal(world_publication(w)->media, MEDIA_COMPLETE);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM upload WHERE lecture_id = %lld AND state = 'taken'",
                                  (long long)w->lecture_id),
                     1);
}

/* A cancelled upload leaves nothing on the storage node, neither the file nor its results. */
static void cancelling_removes_what_was_made(void **state)
{
    const char *upload, *path;
    struct given full, drop;
    int files = 0, results = 0;
    (void)state;
    NEEDS_DATABASE();
    upload = world_upload(w, "CAM");
    world_probed(false);
    assert_true(world_give(w, w->near, "full", &full));
    assert_answer(world_done(w, w->near, &full, world_files(w, "v720")), JOB_ANSWER_ACK);
    assert_ok(shown(&w->cx, arrival_cancel(&w->cx, upload)));
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued'");
    while (world_give(w, w->store, "delete", &drop)) {
        const json_t *params = json_object_get(drop.json, "params");
        path = json_string_value(json_array_get(json_object_get(params, "paths"), 0));
        results += path && strcmp(path, arena_printf(w->cx.arena, "incoming/%s/%lld-1", w->lecture,
                                                     (long long)full.job)) == 0;
        files += json_array_size(json_object_get(params, "uploads")) == 1;
        assert_answer(world_done(w, w->store, &drop, world_generation(w, 0)), JOB_ANSWER_ACK);
    }
    assert_int_equal(files, 1);
    assert_int_equal(results, 1);
}

static void an_expiry_runs_again(void **state)
{
    struct upload *u;
    int n;
    (void)state;
    NEEDS_DATABASE();
    for (uint64_t nth = 1; nth <= 12; nth++) {
        assert_ok(arrival_open(&w->cx, w->lecture, STR("CAM"), STR("a.mp4"), 5,
                               str_of(arena_printf(w->cx.arena, "nonce-%llu-1234", (unsigned long long)nth)),
                               &u));
        world_sql(w, "UPDATE upload SET updated_at = updated_at - INTERVAL 49 HOUR WHERE id = %lld",
                  (long long)u->id);
        db_fault(&w->cx, nth + 1, 1213); /* the first one is no transaction */
        assert_ok(shown(&w->cx, arrival_expire(&w->cx, &n)));
        db_fault(&w->cx, 0, 0);
        assert_ok(upload_get_by_id(&w->cx, u->id, &u));
        assert_int_equal(u->state, UPLOAD_EXPIRED);
    }
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
        cmocka_unit_test_setup(the_whole_way, world_fresh),
        cmocka_unit_test_setup(tokens_for_players, world_fresh),
        cmocka_unit_test_setup(an_upload_counts_once, world_fresh),
        cmocka_unit_test_setup(an_upload_without_bytes_expires, world_fresh),
        cmocka_unit_test_setup(what_cannot_be_read_is_refused, world_fresh),
        cmocka_unit_test_setup(commits_of_a_lecture_go_one_by_one, world_fresh),
        cmocka_unit_test_setup(originals_are_in_no_generation, world_fresh),
        cmocka_unit_test_setup(a_lost_commit_keeps_its_number, world_fresh),
        cmocka_unit_test_setup(a_new_upload_replaces_a_view, world_fresh),
        cmocka_unit_test_setup(cancelling_stops_the_worker, world_fresh),
        cmocka_unit_test_setup(cancelling_waits_for_a_commit, world_fresh),
        cmocka_unit_test_setup(cancelling_removes_what_was_made, world_fresh),
        cmocka_unit_test_setup(an_expiry_runs_again, world_fresh),
        cmocka_unit_test_setup(every_statement_prepares, world_fresh),
        cmocka_unit_test_setup(bad_marks_are_a_failure, world_fresh),
        cmocka_unit_test_setup(uploads_are_for_those_who_run_the_course, world_fresh),
        cmocka_unit_test_setup(uploads_go_where_there_is_room, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
