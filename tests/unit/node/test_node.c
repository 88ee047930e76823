/* The node's side of the heartbeat: the list of jobs, keys.json, load figures. The network part runs in the
 * integration tests against a real core. */
#include "tests/unit/testing.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/net/json.h"
#include "lib/node/inner.h"
#include "lib/node/keys.h"
#include "lib/os/file.h"

struct fixture {
    struct cx cx;
    char dir[64];
    struct node *n;
    int assigned, cancelled, renewed;
    int64_t last_job, last_attempt;
};

static void on_assign(void *arg, const struct wire_assign *a)
{
    struct fixture *f = arg;
    f->assigned++;
    f->last_job = a->job;
    f->last_attempt = a->attempt;
}

static void on_cancel(void *arg, int64_t job, int64_t attempt)
{
    struct fixture *f = arg;
    f->cancelled++;
    f->last_job = job;
    f->last_attempt = attempt;
}

static void on_token(void *arg, int64_t job, int64_t attempt, const char *token)
{
    struct fixture *f = arg;
    f->renewed++;
    assert_int_equal(job, 5);
    assert_int_equal(attempt, 1);
    assert_string_equal(token, "new");
}

static void no_slots(void *arg, int free[LANE_COUNT])
{
    (void)arg;
    (void)free;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    cx_init(&f->cx);
    snprintf(f->dir, sizeof f->dir, "/tmp/lectern-node-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    struct node_setup s = {
        .core_url = "http://127.0.0.1:9", .dir = f->dir, .roles = NODE_WORKER, .disk_path = "/"};
    s.hooks = (struct node_hooks){
        .arg = f, .assign = on_assign, .cancel = on_cancel, .token = on_token, .slots = no_slots};
    f->n = node_new(&s);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    node_free(f->n);
    assert_ok(file_remove_tree(&f->cx, f->dir));
    cx_fini(&f->cx);
    free(f);
    return 0;
}

static void answer(struct fixture *f, const char *text)
{
    struct wire_answer a;
    const char *odd;
    const json_t *o;
    assert_ok(js_parse(&f->cx, str_of(text), 65536, &o));
    assert_ok(wire_answer_read(&f->cx, o, &a, &odd));
    inner_jobs_apply(&f->cx, f->n, &a);
}

/* The jobs as the core sees them. */
static const json_t *jobs(struct fixture *f)
{
    struct wire_beat b = {.version = ""};
    inner_jobs_report(&f->cx, f->n, &b);
    return json_object_get(wire_beat_write(&f->cx, &b), "jobs");
}

#define ASSIGN(job, attempt)                                                                                 \
    "{\"assign\":[{\"job\":" #job ",\"attempt\":" #attempt                                                   \
    ",\"fence\":9,\"kind\":\"full\",\"lane\":\"encode\","                                                    \
    "\"lecture\":\"abcdefabcdef\",\"view\":\"CAM\"}]}"

static void test_assign_once(void **state)
{
    struct fixture *f = *state;
    answer(f, ASSIGN(5, 1));
    answer(f, ASSIGN(5, 1)); /* after a lost answer the core sends the assignment again */
    assert_int_equal(f->assigned, 1);
    assert_true(node_job_wanted(f->n, 5, 1));
    assert_true(node_job_progress(f->n, 5, 1, 0.5, 12));
    assert_false(node_job_progress(f->n, 5, 2, 0.5, 12));
    answer(f, ASSIGN(5, 2)); /* a newer attempt ends the older one */
    assert_int_equal(f->cancelled, 1);
    assert_int_equal(f->assigned, 2);
    assert_false(node_job_wanted(f->n, 5, 1));
    assert_true(node_job_wanted(f->n, 5, 2));
}

static void test_report_until_acknowledged(void **state)
{
    struct fixture *f = *state;
    answer(f, ASSIGN(5, 1));
    node_job_silent(f->n, 5, 1, 2.5);
    assert_true(js_get_f64(json_array_get(jobs(f), 0), "silent", 0) > 2); /* a heartbeat goes out … */
    node_job_done(f->n, 5, 1, json_object_get(js_object(&f->cx), "none"), STR("line\n"));
    answer(f, "{\"ack\":{\"jobs\":[5]}}"); /* … and its answer cannot acknowledge the end that came later */
    assert_true(node_job_wanted(f->n, 5, 1));
    for (int i = 0; i < 2; i++) {
        const json_t *o = json_array_get(jobs(f), 0);
        assert_string_equal(js_get_str(o, "state", ""), "done");
        assert_string_equal(js_get_str(o, "log", ""), "line\n");
        assert_int_equal(js_get_i64(o, "fence", 0), 9);
    }
    answer(f, "{\"ack\":{\"jobs\":[5,6]}}");
    assert_int_equal(json_array_size(jobs(f)), 0);
    assert_int_equal(f->cancelled, 0);
}

static void test_failure_and_log(void **state)
{
    struct fixture *f = *state;
    char *log = arena_alloc(f->cx.arena, 3 * WIRE_LOG_MAX);
    memset(log, 'x', 3 * WIRE_LOG_MAX - 1);
    log[3 * WIRE_LOG_MAX - 2] = '\xff'; /* what programs print need not be UTF-8 */
    log[3 * WIRE_LOG_MAX - 9] = '\0';
    answer(f, ASSIGN(7, 1));
    node_job_fail(f->n, 7, 1, FAIL_UNREADABLE, "Ende \"x\"", true, (struct str){log, 3 * WIRE_LOG_MAX - 1});
    node_job_done(f->n, 7, 1, NULL, STR("")); /* the first end counts */
    const json_t *o = json_array_get(jobs(f), 0), *e = json_object_get(o, "error");
    assert_string_equal(js_get_str(o, "state", ""), "failed");
    assert_string_equal(js_get_str(e, "code", ""), "unreadable");
    assert_string_equal(js_get_str(e, "text", ""), "Ende \"x\"");
    assert_true(js_get_bool(e, "permanent", false));
    assert_int_equal(strlen(js_get_str(o, "log", "")), WIRE_LOG_MAX);
    assert_null(strstr(js_text(&f->cx, o).p, "\\u0000"));
}

static void test_ends_do_not_add_up(void **state)
{
    struct fixture *f = *state;
    json_t *outputs = js_object(&f->cx);
    size_t ended = 0;
    char *text = arena_alloc(f->cx.arena, 300001);
    memset(text, 'x', 300000);
    json_object_set_new(outputs, "x", json_string(text));
    answer(f, ASSIGN(1, 1));
    answer(f, ASSIGN(2, 1));
    answer(f, ASSIGN(3, 1));
    for (int64_t job = 1; job <= 3; job++)
        node_job_done(f->n, job, 1, outputs, STR(""));
    const json_t *list = jobs(f);
    assert_int_equal(json_array_size(list), 3); /* all are listed, or the core would count them as lost */
    for (size_t i = 0; i < 3; i++)
        ended += strcmp(js_get_str(json_array_get(list, i), "state", ""), "done") == 0;
    assert_int_equal(ended, 1);
    answer(f, "{\"ack\":{\"jobs\":[1,2,3]}}"); /* the core cannot acknowledge jobs that were not reported */
    assert_int_equal(json_array_size(jobs(f)), 2);
}

/* A log that the core refused would prevent all other reports. */
static void test_log_of_rubbish(void **state)
{
    struct fixture *f = *state;
    char log[2 * WIRE_LOG_MAX];
    memset(log, 0xff, sizeof log);
    answer(f, ASSIGN(7, 1));
    node_job_fail(f->n, 7, 1, FAIL_UNREADABLE, "", true, (struct str){log, sizeof log});
    const json_t *o = json_array_get(jobs(f), 0);
    assert_int_equal(strlen(js_get_str(o, "log", "")), WIRE_LOG_MAX);
}

static void test_refused_and_cancelled(void **state)
{
    struct fixture *f = *state;
    answer(f, ASSIGN(1, 1));
    answer(f, ASSIGN(2, 4));
    answer(f, "{\"refused\":[{\"job\":1,\"attempt\":3}]}"); /* another attempt: not ours */
    assert_int_equal(f->cancelled, 0);
    answer(f, "{\"refused\":[{\"job\":1,\"attempt\":1}],\"cancel\":[2,99]}");
    assert_int_equal(f->cancelled, 2);
    assert_int_equal(f->last_attempt, 4);
    assert_int_equal(json_array_size(jobs(f)), 0);
}

static void test_token_renewed(void **state)
{
    struct fixture *f = *state;
    answer(f, "{\"assign\":[{\"job\":5,\"attempt\":1,\"fence\":9,\"kind\":\"full\",\"token_until\":1000}]}");
    const json_t *o = json_array_get(jobs(f), 0);
    assert_int_equal(js_get_i64(o, "token_until", 0), 1000);
    answer(f, "{\"tokens\":[{\"job\":5,\"attempt\":2,\"token\":\"x\",\"token_until\":3000},7,{\"job\":5}]}");
    assert_int_equal(f->renewed, 0); /* another attempt's, and none at all */
    answer(f, "{\"tokens\":[{\"job\":5,\"attempt\":1,\"token\":\"new\",\"token_until\":2000}]}");
    assert_int_equal(f->renewed, 1);
    o = json_array_get(jobs(f), 0);
    assert_int_equal(js_get_i64(o, "token_until", 0), 2000);
}

static void test_strange_answers(void **state)
{
    struct fixture *f = *state;
    static const char *const answers[] = {
        "{}",
        "{\"assign\":7}",
        "{\"assign\":[7,null,{}]}",
        "{\"assign\":[{\"job\":-1,\"attempt\":1,\"fence\":1,\"kind\":\"x\"}]}",
        "{\"ack\":[],\"cancel\":{},\"refused\":[1]}",
        "[]"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct wire_answer a;
        const char *odd;
        const json_t *o;
        assert_ok(js_parse(&f->cx, str_of(answers[i]), 65536, &o));
        if (wire_answer_read(&f->cx, o, &a, &odd) == RC_OK)
            inner_jobs_apply(&f->cx, f->n, &a);
        err_clear(&f->cx);
    }
    assert_int_equal(f->assigned, 0);
    for (int i = 1; i <= WIRE_JOBS_MAX + 5; i++)
        answer(f, arena_printf(f->cx.arena,
                               "{\"assign\":[{\"job\":%d,\"attempt\":1,\"fence\":1,\"kind\":\"full\"}]}", i));
    assert_int_equal(f->assigned, WIRE_JOBS_MAX);
    inner_jobs_cancel_all(f->n);
    assert_int_equal(f->cancelled, WIRE_JOBS_MAX);
}

static void test_joining_without_tokens(void **state)
{
    struct fixture *f = *state;
    assert_rc(node_join(&f->cx, f->n), RC_NOTFOUND);
    assert_rc(node_beat(&f->cx, f->n), RC_DENIED);
    assert_ok(
        file_write(&f->cx, arena_printf(f->cx.arena, "%s/worker.token", f->dir), STR("secret\n"), 0600));
    assert_ok(node_join(&f->cx, f->n));
    assert_rc(node_beat(&f->cx, f->n), RC_UNAVAIL); /* nobody listens there */
}

static const char *keys_text(struct cx *cx, const struct jwt_key *key)
{
    unsigned char x[JWT_X_SIZE];
    jwt_key_public(key, x);
    return arena_printf(cx->arena, "[{\"aud\":\"%s\",\"kid\":\"%s\",\"x\":\"%s\"}]", jwt_key_aud(key),
                        jwt_key_kid(key), str_b64url(cx->arena, x, sizeof x));
}

static void test_keys_file(void **state)
{
    struct fixture *f = *state;
    const char *path = arena_printf(f->cx.arena, "%s/keys.json", f->dir), *t1, *t2;
    struct node_keys *k = node_keys_new(path, JWT_AUD_PLAY);
    struct jwt_key *one, *two;
    struct jwt_claims c, out;
    assert_ok(jwt_key_generate(&f->cx, "one", JWT_AUD_PLAY, &one));
    assert_ok(jwt_key_generate(&f->cx, "two", JWT_AUD_PLAY, &two));
    jwt_claims_init(&c);
    c.iat = 1000;
    c.exp = 2000;
    c.lec = "abcdefabcdef";
    assert_ok(jwt_sign(&f->cx, one, &c, &t1));
    assert_ok(jwt_sign(&f->cx, two, &c, &t2));

    assert_rc(node_keys_verify(&f->cx, k, 1500, str_of(t1), &out), RC_UNAVAIL);
    assert_rc(node_keys_write(&f->cx, path, STR("[{}]")), RC_INVALID);
    assert_ok(node_keys_write(&f->cx, path, str_of(keys_text(&f->cx, one))));
    usleep(1100 * 1000); /* the file is looked at once a second at most */
    assert_ok(node_keys_verify(&f->cx, k, 1500, str_of(t1), &out));
    assert_string_equal(out.lec, "abcdefabcdef");
    assert_rc(node_keys_verify(&f->cx, k, 1500, str_of(t2), &out), RC_DENIED);

    assert_ok(node_keys_write(&f->cx, path, str_of(keys_text(&f->cx, two))));
    usleep(1100 * 1000);
    assert_ok(node_keys_verify(&f->cx, k, 1500, str_of(t2), &out)); /* rotated */
    assert_rc(node_keys_verify(&f->cx, k, 1500, str_of(t1), &out), RC_DENIED);
    jwt_key_free(one);
    jwt_key_free(two);
    node_keys_free(k);
}

static void test_load(void **state)
{
    (void)state;
    struct node_load l;
    struct node_load_mark mark = {0};
    node_load_read("/", &mark, &l);
    node_load_read("/", &mark, &l);
    assert_true(l.cpu >= 0 && l.cpu <= 1);
    assert_true(l.memory_total > 0 && l.memory_used > 0 && l.memory_used <= l.memory_total);
    assert_true(l.disk_total > 0 && l.uptime > 0 && l.cpus > 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_assign_once),
        T(test_report_until_acknowledged),
        T(test_failure_and_log),
        T(test_ends_do_not_add_up),
        T(test_log_of_rubbish),
        T(test_refused_and_cancelled),
        T(test_token_renewed),
        T(test_strange_answers),
        T(test_joining_without_tokens),
        T(test_keys_file),
        T(test_load),
    };
    log_open("test", "", LOG_ERROR);
    return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
