/* Whose turn it is: two organisations, each with a machine of its own, and a queue that is longer than the
 * scheduler looks at. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"

enum { MANY = 300, VERY_MANY = 5000 };

/* A school beside the campus, with a worker and a store. */
static struct {
    int64_t org, course;
    struct node_info *store, *worker;
} other;

static int setup(void **state)
{
    struct course_edit edit = {.name = "Algebra", .slug = "algebra", .visibility = VIS_PUBLIC};
    (void)world_setup(state);
    if (!w)
        return 0;
    assert_ok(
        shown(&w->cx, org_create(&w->cx, &(struct org_new){.slug = "school", .name = "School"}, &other.org)));
    edit.term_id = world_number(w, "SELECT id FROM term");
    edit.organisation_id = other.org;
    assert_ok(shown(&w->cx, course_create(&w->cx, &edit, &other.course)));
    other.store = world_join(w, "school", NODE_STORAGE, "their store");
    other.worker = world_join(w, "school", NODE_WORKER, "their worker");
    return 0;
}

/* The job of an upload to a new lecture of theirs. */
static int64_t upload_there(void)
{
    struct lecture_edit edit = {.title = "Rings", .starts_at = clock_now(), .ends_at = NO_TIME};
    struct node_info *store = w->store;
    const char *lecture = w->lecture;
    int64_t id;
    world_beat(w, other.store, NULL, 0);
    world_beat(w, other.worker, NULL, 0);
    assert_ok(shown(&w->cx, lecture_create(&w->cx, other.course, &edit, &w->lecture, &id)));
    w->store = other.store;
    world_upload(w, "CAM");
    w->store = store;
    w->lecture = lecture;
    return world_number(w, "SELECT id FROM job WHERE lecture_id = %lld", (long long)id);
}

/* So many more of ours. */
static void queue_more(int n, int priority)
{
    world_sql(
        w,
        "INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, share, params, "
        "not_before, created_at) SELECT j.task_id, j.lecture_id, j.source_id, j.kind, j.lane, j.view, "
        "'queued', %d, j.share, '{}', j.not_before, j.created_at FROM job j JOIN seq_1_to_%d "
        "WHERE j.id = (SELECT MIN(f.id) FROM job f WHERE f.lecture_id = %lld)",
        priority, n, (long long)w->lecture_id);
}

static void free_slots(const struct node_info *node, int n)
{
    world_sql(w, "UPDATE node SET free_quick = %d WHERE id = %lld", n, (long long)node->id);
}

static void a_long_queue_starves_nobody_else(void **state)
{
    int64_t job;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    queue_more(MANY, 99);
    job = upload_there();
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    world_pass(w);
    assert_string_equal(world_job_state(w, job), "leased");
    /* nor does what fits on no machine, though theirs would be free for it */
    world_sql(w, "UPDATE node SET sharing = 'public' WHERE id = %lld", (long long)other.worker->id);
    world_sql(w, "UPDATE source SET size = 1 << 40 WHERE lecture_id = %lld", (long long)w->lecture_id);
    job = upload_there();
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    world_pass(w);
    assert_string_equal(world_job_state(w, job), "leased");
    world_sql(w, "UPDATE node SET sharing = 'private' WHERE id = %lld", (long long)other.worker->id);
}

/* Among those that a machine may serve the best comes first, whoever it belongs to, then the oldest. */
static void priority_counts_between_organisations(void **state)
{
    int64_t ours, theirs;
    (void)state;
    NEEDS_DATABASE();
    theirs = upload_there();
    world_upload(w, "CAM");
    queue_more(1, 99);
    ours = world_number(w, "SELECT id FROM job WHERE priority = 99 AND state = 'queued'");
    world_sql(w, "UPDATE node SET sharing = 'shared' WHERE id = %lld", (long long)other.worker->id);
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    free_slots(other.worker, 1);
    world_pass(w);
    assert_string_equal(world_job_state(w, ours), "leased");
    assert_string_equal(world_job_state(w, theirs), "queued");
    free_slots(other.worker, 2); /* less one that it has not heard of */
    world_pass(w);
    assert_string_equal(world_job_state(w, theirs), "leased");
    world_sql(w, "UPDATE node SET sharing = 'private' WHERE id = %lld", (long long)other.worker->id);
}

static void a_course_takes_its_jobs_along(void **state)
{
    struct course_edit edit = {.name = "Analysis 1", .slug = "analysis-1", .visibility = VIS_PUBLIC};
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_beat(w, other.worker, NULL, 0);
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    assert_false(world_give(w, other.worker, "probe", &g));
    edit.term_id = world_number(w, "SELECT id FROM term");
    edit.organisation_id = other.org;
    assert_ok(shown(&w->cx, course_update(&w->cx, w->course, &edit)));
    assert_ok(shown(&w->cx, dispatch_sweep(&w->cx)));
    assert_true(world_give(w, other.worker, "probe", &g));
    edit.organisation_id = w->chair;
    assert_ok(shown(&w->cx, course_update(&w->cx, w->course, &edit)));
}

/* As a program of the version before leaves it. */
static void a_job_without_a_share_is_found(void **state)
{
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_sql(w, "UPDATE job SET share = 0 WHERE lecture_id = %lld", (long long)w->lecture_id);
    assert_true(world_give(w, w->near, "probe", &g));
    world_expire_leases();
    assert_int_equal(world_number(w, "SELECT share FROM job WHERE id = %lld", (long long)g.job), 0);
    assert_ok(shown(&w->cx, dispatch_sweep(&w->cx)));
    assert_int_equal(world_number(w, "SELECT share FROM job WHERE id = %lld", (long long)g.job), w->chair);
}

/* Rows that the server has read since it started. */
static int64_t rows_read(void)
{
    return world_number(w, "SELECT SUM(variable_value) FROM information_schema.global_status "
                           "WHERE variable_name LIKE 'handler_read%%'");
}

static int64_t rows_of_a_pass(void)
{
    int64_t before = rows_read(), between = rows_read();
    world_pass(w);
    return rows_read() - between - (between - before);
}

/* A pass is made four times a second, whatever waits. */
static void a_long_queue_costs_a_pass_nothing(void **state)
{
    int64_t few, many, idle;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_beat(w, other.worker, NULL, 0);
    queue_more(MANY, 99);
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    few = rows_of_a_pass();
    queue_more(VERY_MANY, 99);
    many = rows_of_a_pass();
    assert_in_range(many, 0, few + MANY / 10);
    world_sql(w, "UPDATE source SET size = 1 << 40 WHERE lecture_id = %lld", (long long)w->lecture_id);
    free_slots(w->near, 1);
    idle = rows_of_a_pass(); /* not one of them fits */
    assert_in_range(idle, many, VERY_MANY * 4);
}

static int64_t pass(struct dispatch_vain *vain)
{
    int work;
    assert_ok(shown(&w->cx, dispatch_pass(&w->cx, dispatch_nearest, vain, &work)));
    return world_number(w, "SELECT COUNT(*) FROM job WHERE state = 'leased'");
}

/* All nodes are not read again before something has come into the queue, or a second is over. */
static void what_nobody_can_take_waits_for_a_change(void **state)
{
    struct dispatch_vain vain = {0};
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    free_slots(w->near, 0);
    free_slots(w->far, 0);
    assert_int_equal(pass(&vain), 0);
    assert_int_equal(vain.queued, 1);
    vain.until = INT64_MAX; /* the second is not over */
    free_slots(w->near, 3);
    assert_int_equal(pass(&vain), 0);
    queue_more(1, 50);
    assert_int_equal(pass(&vain), 2);
    assert_int_equal(vain.queued, 0);
    free_slots(w->near, 0);
    queue_more(1, 50);
    assert_int_equal(pass(&vain), 2);
    free_slots(w->near, 3);
    vain.until = 0;
    assert_int_equal(pass(&vain), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_long_queue_starves_nobody_else, world_fresh),
        cmocka_unit_test_setup(priority_counts_between_organisations, world_fresh),
        cmocka_unit_test_setup(a_course_takes_its_jobs_along, world_fresh),
        cmocka_unit_test_setup(a_job_without_a_share_is_found, world_fresh),
        cmocka_unit_test_setup(a_long_queue_costs_a_pass_nothing, world_fresh),
        cmocka_unit_test_setup(what_nobody_can_take_waits_for_a_change, world_fresh),
    };
    return cmocka_run_group_tests(tests, setup, world_teardown);
}
