#include "tests/unit/svc/pipeline/pipeline.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/os/file.h"
#include "lib/svc/keys.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/term.h"

extern char **environ;

enum { GIB = 1 << 30 };

struct world *w;
#define SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int64_t make_org(struct world *world, const char *slug, int64_t parent)
{
    int64_t id;
    assert_ok(shown(
        &world->cx,
        org_create(&world->cx, &(struct org_new){.slug = slug, .name = slug, .parent_id = parent}, &id)));
    return id;
}

static void make_course(struct world *world)
{
    struct course_edit edit = {.name = "Analysis 1", .slug = "analysis-1", .visibility = VIS_PUBLIC};
    assert_ok(shown(&world->cx, term_create(&world->cx, "2026w", NO_TIME, NO_TIME, &edit.term_id)));
    edit.organisation_id = world->chair;
    assert_ok(shown(&world->cx, course_create(&world->cx, &edit, &world->course)));
}

struct node_info *world_join(struct world *world, const char *org, unsigned roles, const char *name)
{
    struct wire_hello hello = {.name = name, .roles = roles, .version = "0.1.0", .host = {2, GIB}};
    struct node_info *node;
    const char *token;
    int64_t id;
    hello.url = roles & NODE_STORAGE ? arena_printf(world->cx.arena, "http://%s.invalid", org) : "";
    assert_ok(shown(&world->cx, node_token_issue(&world->cx, org, roles, 1, &hello.token)));
    assert_ok(shown(&world->cx, node_admit(&world->cx, &hello, &id, &token)));
    assert_ok(shown(&world->cx, node_by_token(&world->cx, str_of(token), &node)));
    assert_int_equal(node->id, id);
    return node;
}

struct node_info *world_listed(struct world *world, int64_t id)
{
    struct node_info *list;
    size_t n;
    assert_ok(shown(&world->cx, node_list(&world->cx, &list, &n)));
    for (size_t i = 0; i < n; i++)
        if (list[i].id == id)
            return &list[i];
    fail();
    return NULL;
}

static void make_conf(struct world *world)
{
    char dir[] = "/tmp/lectern-keys-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_ok(shown(&world->cx,
                    conf_parse(&world->cx, "test",
                               str_of(arena_printf(world->cx.arena, "key_dir = %s\n", dir)), &world->conf)));
    world->cx.conf = &world->conf;
    assert_ok(shown(&world->cx, keys_ensure(&world->cx)));
}

static struct world *start(void)
{
    struct mariadb *db = mariadb_start();
    struct world *world;
    if (!db)
        return NULL;
    world = mem_alloc(sizeof *world);
    world->db = db;
    test_cx_init(&world->cx, db);
    world->actor = policy_system("test");
    world->cx.actor = &world->actor;
    test_migrate(&world->cx);
    make_conf(world);
    world->campus = make_org(world, "campus", 0);
    world->institute = make_org(world, "institute", world->campus);
    world->chair = make_org(world, "chair", world->institute);
    make_course(world);
    world->store = world_join(world, "institute", NODE_STORAGE, "store");
    world->near = world_join(world, "institute", NODE_WORKER, "near");
    world->far = world_join(world, "campus", NODE_WORKER, "far");
    world_beat(world, world->store, NULL, 0);
    return world;
}

static void stop(struct world *world)
{
    if (!world)
        return;
    if (file_remove_tree(&world->cx, world->conf.key_dir) != RC_OK)
        (void)shown(&world->cx, RC_INTERNAL);
    test_cx_fini(&world->cx);
    mariadb_stop(world->db);
    free(world);
}

void world_cx(struct world *world, struct cx *cx)
{
    test_cx_init(cx, world->db);
    cx->actor = &world->actor;
    cx->conf = &world->conf;
}

static void new_lecture(struct world *world)
{
    struct lecture_edit edit = {.title = "Limits", .starts_at = clock_now(), .ends_at = NO_TIME};
    /* jobs that earlier tests left in the queue must not be given out in this one, and no node is failing */
    world_sql(world,
              "UPDATE job SET state = 'cancelled' WHERE state IN ('waiting', 'queued', 'leased', 'running'); "
              "DELETE FROM node_failure");
    assert_ok(shown(&world->cx,
                    lecture_create(&world->cx, world->course, &edit, &world->lecture, &world->lecture_id)));
    world_beat(world, world->store, NULL, 0);
    world_beat(world, world->near, NULL, 0);
    world_beat(world, world->far, NULL, 0);
}

int world_setup(void **state)
{
    (void)state;
    w = start();
    return 0;
}

int world_teardown(void **state)
{
    (void)state;
    stop(w);
    return 0;
}

int world_fresh(void **state)
{
    (void)state;
    if (w)
        new_lecture(w);
    return 0;
}

/* --- SQL by the client program --- */

static const char *client(struct world *world, const char *text)
{
    char out[512];
    const char *argv[] = {"mariadb", "--no-defaults",           "-N",      "-B", "-uroot",
                          "-S",      mariadb_socket(world->db), "lectern", "-e", text,
                          NULL};
    posix_spawn_file_actions_t files;
    int pipes[2], status = 0;
    size_t n = 0;
    ssize_t got;
    pid_t pid;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipes[1], 1);
    assert_int_equal(posix_spawnp(&pid, "mariadb", &files, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    close(pipes[1]);
    while (n < sizeof out - 1 && (got = read(pipes[0], out + n, sizeof out - 1 - n)) > 0)
        n += (size_t)got;
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return arena_strndup(world->cx.arena, out, n);
}

void world_sql(struct world *world, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    client(world, arena_vprintf(world->cx.arena, fmt, ap));
    va_end(ap);
}

int64_t world_number(struct world *world, const char *fmt, ...)
{
    va_list ap;
    int64_t n = INT64_MIN;
    va_start(ap, fmt);
    (void)str_to_i64(str_trim(str_of(client(world, arena_vprintf(world->cx.arena, fmt, ap)))), INT64_MIN,
                     INT64_MAX, &n);
    va_end(ap);
    return n;
}

/* --- what nodes do --- */

static json_t *beat(struct world *world, const struct node_info *node, struct wire_beat *r)
{
    struct wire_answer answer;
    r->version = "0.1.0";
    r->load.disk_free = r->load.disk_total = 64LL * GIB;
    for (int lane = 0; lane < LANE_COUNT; lane++)
        r->slots[lane] = 2;
    assert_ok(shown(&world->cx, heartbeat_take(&world->cx, node, r, &answer)));
    return wire_answer_write(&world->cx, &answer);
}

const json_t *world_beat(struct world *world, const struct node_info *node, const struct wire_report *jobs,
                         size_t n)
{
    return beat(world, node, &(struct wire_beat){.jobs = jobs, .job_count = n});
}

const char *world_upload(struct world *world, const char *view)
{
    struct upload *u;
    struct wire_upload r = {.size = 1000, .sha256 = SHA};
    const char *nonce = arena_printf(world->cx.arena, "nonce-%s-%lld", view, (long long)clock_mono());
    json_t *answer;
    assert_ok(shown(&world->cx, arrival_open(&world->cx, world->lecture, str_of(view), STR("talk.mp4"), 1000,
                                             str_of(nonce), &u)));
    r.id = u->key;
    answer = beat(world, world->store, &(struct wire_beat){.uploads = &r, .upload_count = 1});
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(json_object_get(answer, "ack"), "uploads"), 0)),
        u->key);
    return u->key;
}

void world_pass(struct world *world)
{
    int work;
    assert_ok(
        shown(&world->cx, dispatch_pass(&world->cx, dispatch_nearest, &(struct dispatch_vain){0}, &work)));
}

bool world_give(struct world *world, const struct node_info *node, const char *kind, struct given *out)
{
    const json_t *list, *item;
    size_t i;
    world_pass(world);
    list = json_object_get(world_beat(world, node, NULL, 0), "assign");
    json_array_foreach(list, i, item)
    {
        if (strcmp(js_get_str(item, "kind", ""), kind) != 0)
            continue;
        *out = (struct given){.job = js_get_i64(item, "job", 0),
                              .fence = js_get_i64(item, "fence", 0),
                              .attempt = (int)js_get_i64(item, "attempt", 0),
                              .json = item};
        return true;
    }
    return false;
}

static bool has(const json_t *list, int64_t job)
{
    const json_t *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        if (json_integer_value(item) == job || js_get_i64(item, "job", 0) == job)
            return true;
    }
    return false;
}

static enum job_answer report(struct world *world, const struct node_info *node, const struct given *g,
                              struct wire_report r)
{
    const json_t *answer;
    r.job = g->job;
    r.fence = g->fence;
    r.attempt = g->attempt;
    r.log = "last words";
    answer = world_beat(world, node, &r, 1);
    if (has(json_object_get(json_object_get(answer, "ack"), "jobs"), g->job))
        return JOB_ANSWER_ACK;
    if (has(json_object_get(answer, "refused"), g->job))
        return JOB_ANSWER_REFUSED;
    return has(json_object_get(answer, "cancel"), g->job) ? JOB_ANSWER_CANCEL : JOB_ANSWER_RENEWED;
}

enum job_answer world_running(struct world *world, const struct node_info *node, const struct given *g,
                              double progress)
{
    return report(world, node, g,
                  (struct wire_report){.state = REPORT_RUNNING, .progress = progress, .eta = 7});
}

enum job_answer world_done(struct world *world, const struct node_info *node, const struct given *g,
                           const json_t *outputs)
{
    return report(world, node, g, (struct wire_report){.state = REPORT_DONE, .outputs = outputs});
}

enum job_answer world_failed(struct world *world, const struct node_info *node, const struct given *g,
                             const char *code, bool permanent)
{
    enum failure why = FAIL_INTERNAL;
    assert_true(wire_failure_of(str_of(code), &why));
    return report(world, node, g,
                  (struct wire_report){.state = REPORT_FAILED, .error = {why, "it did not work", permanent}});
}

static const json_t *parse(struct world *world, const char *text)
{
    const json_t *v;
    assert_ok(shown(&world->cx, js_parse(&world->cx, str_of(text), 65536, &v)));
    return v;
}

const json_t *world_probe(struct world *world, bool quick)
{
    return parse(
        world, arena_printf(
                   world->cx.arena,
                   "{\"probe\":{\"container\":\"mp4\",\"duration\":90.5},\"plan\":{\"quick\":%s,\"full\":{},"
                   "\"words\":[{\"key\":\"top_copied\",\"args\":{\"size\":\"1080p\"}}]}}",
                   quick ? "{}" : "null"));
}

const json_t *world_files(struct world *world, const char *rendition)
{
    return parse(
        world,
        arena_printf(
            world->cx.arena,
            "{\"duration\":90.48,\"files\":[{\"name\":\"master.m3u8\",\"size\":300,\"sha256\":\"" SHA
            "\"},{\"name\":\"%s.mp4\",\"size\":90000,\"sha256\":\"" SHA "\"}],"
            "\"renditions\":[{\"name\":\"%s\",\"width\":1280,\"height\":720,\"bitrate\":900000,"
            "\"frames\":2262,\"duration\":90.48,\"copied\":true}],\"audio\":{\"codec\":\"aac\"},"
            "\"silences\":[[1.5,4.25],[30,36]],\"chapters\":[20.0,40],\"loudness\":null,\"sprite\":null}",
            rendition, rendition));
}

const json_t *world_generation(struct world *world, int generation)
{
    return parse(world, arena_printf(world->cx.arena, "{\"generation\":%d}", generation));
}

void world_probed(bool quick)
{
    struct given g;
    assert_true(world_give(w, w->near, "probe", &g));
    assert_answer(world_done(w, w->near, &g, world_probe(w, quick)), JOB_ANSWER_ACK);
}

int world_commit(void)
{
    struct given g;
    int generation;
    assert_true(world_give(w, w->store, "commit", &g));
    generation = (int)js_get_i64(json_object_get(g.json, "params"), "generation", 0);
    assert_answer(world_done(w, w->store, &g, world_generation(w, generation)), JOB_ANSWER_ACK);
    return generation;
}

void world_away(struct world *world, const struct node_info *node)
{
    world_sql(world, "UPDATE node SET seen_at = seen_at - INTERVAL 1 MINUTE WHERE id = %lld",
              (long long)node->id);
}

void world_expire_leases(void)
{
    world_sql(w, "UPDATE job SET lease_expires = lease_expires - INTERVAL 1 MINUTE WHERE state IN ('leased', "
                 "'running')");
    world_pass(w);
    world_sql(w, "UPDATE job SET not_before = UTC_TIMESTAMP(3) WHERE state = 'queued' AND kind <> 'delete'");
}

/* --- the log --- */

static int log_shown = -1, log_kept = -1;

void world_log_begin(void)
{
    log_shown = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    log_kept = memfd_create("log", MFD_CLOEXEC);
    assert_true(log_shown >= 0 && log_kept >= 0);
    assert_int_equal(dup2(log_kept, STDERR_FILENO), STDERR_FILENO);
}

const char *world_log_end(struct world *world)
{
    off_t size = lseek(log_kept, 0, SEEK_END);
    char *text = arena_alloc(world->cx.arena, (size_t)size + 1);
    assert_int_equal(dup2(log_shown, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(pread(log_kept, text, (size_t)size, 0), size);
    text[size] = '\0';
    assert_int_equal(write(STDERR_FILENO, text, (size_t)size), size);
    close(log_shown);
    close(log_kept);
    return text;
}

/* --- two at once --- */

struct at_once {
    world_act *one, *other;
    void *arg;
    pthread_t thread;
    atomic_bool over;
    enum rc rc;
};

static void *run_other(void *arg)
{
    struct at_once *t = arg;
    struct cx cx;
    world_cx(w, &cx);
    t->rc = t->other(&cx, t->arg);
    test_cx_fini(&cx);
    atomic_store(&t->over, true);
    return NULL;
}

/* Waits until the other transaction waits for this one. InnoDB answers from a copy until nobody has asked for
 * 100 ms. */
static enum rc run_one(struct cx *cx, void *arg)
{
    struct at_once *t = arg;
    enum rc rc = t->one(cx, t->arg);
    assert_int_equal(pthread_create(&t->thread, NULL, run_other, t), 0);
    while (!atomic_load(&t->over) &&
           world_number(
               w, "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'") == 0)
        usleep(120000);
    return rc;
}

enum rc world_at_once(world_act *one, world_act *other, void *arg)
{
    struct at_once t = {.one = one, .other = other, .arg = arg};
    assert_ok(shown(&w->cx, db_tx(&w->cx, run_one, &t)));
    pthread_join(t.thread, NULL);
    return t.rc;
}

const char *world_job_state(struct world *world, int64_t job)
{
    struct job *j;
    assert_ok(shown(&world->cx, job_get(&world->cx, job, &j)));
    return job_state_name(j->state);
}

struct publication *world_publication(struct world *world)
{
    struct publication *p;
    assert_ok(shown(&world->cx, publication_get_full(&world->cx, world->lecture_id, &p)));
    return p;
}
