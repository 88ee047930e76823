/* Room for jobs: what a worker must have free in its scratch folder, and what is said of jobs that fit nowhere. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/doors/heartbeat.h"

#define GIB (INT64_C(1) << 30)

/* Jobs that wait because of their size are reported; otherwise they would wait without anybody knowing. */
static void what_is_too_large_for_every_worker_is_told(void **state)
{
    struct dispatch_homeless h;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_beat(w, w->near, NULL, 0);
    assert_ok(dispatch_homeless(&w->cx, &h));
    assert_int_equal(h.jobs, 0);
    world_sql(w,
              "UPDATE source s JOIN job j ON j.source_id = s.id SET s.size = %lld WHERE j.lecture_id = %lld",
              (long long)(70 * GIB), (long long)w->lecture_id);
    assert_ok(dispatch_homeless(&w->cx, &h));
    assert_int_equal(h.jobs, 1);
    assert_int_equal(h.need, 70 * GIB + GIB / 4);
    assert_int_equal(h.lack, 6 * GIB + GIB / 4);
    assert_false(world_give(w, w->near, "probe", &g));
}

/* A worker that links the files of `store` and has so many bytes free. */
static void links_from(const struct node_info *node, int64_t store, int64_t free)
{
    struct wire_answer answer;
    const struct wire_beat b = {.version = "0.1.0",
                                .slots = {2, 2, 0},
                                .store = store,
                                .load = {.disk_free = free, .disk_total = 64 * GIB}};
    assert_ok(heartbeat_take(&w->cx, node, &b, &answer));
    assert_int_equal(answer.node, node->id);
}

static void assert_homeless(int64_t jobs, int64_t need, int64_t lack)
{
    struct dispatch_homeless h;
    assert_ok(dispatch_homeless(&w->cx, &h));
    assert_int_equal(h.jobs, jobs);
    assert_int_equal(h.need, need);
    assert_int_equal(h.lack, lack);
    world_pass(w);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM job WHERE state = 'queued'"), jobs);
}

/* 50 GiB of source do not wait for 100 GiB of scratch where the source is linked. */
static void a_worker_beside_the_store_needs_no_room_for_the_source(void **state)
{
    const int64_t least = GIB / 4, size = 50 * GIB;
    (void)state;
    NEEDS_DATABASE();
    world_upload(w, "CAM");
    world_sql(w, "UPDATE source SET size = %lld WHERE lecture_id = %lld", (long long)size,
              (long long)w->lecture_id);
    links_from(w->far, 0, 40 * GIB);
    links_from(w->near, 0, 30 * GIB);
    assert_homeless(1, size + least, 10 * GIB + least);
    links_from(w->near, w->far->id, 30 * GIB); /* another store */
    assert_homeless(1, size + least, 10 * GIB + least);
    world_sql(w, "UPDATE job SET kind = 'full', lane = 'encode' WHERE lecture_id = %lld",
              (long long)w->lecture_id);
    links_from(w->near, w->store->id, 30 * GIB); /* the results lie there once */
    assert_homeless(1, 2 * size + least, 20 * GIB + least);
    links_from(w->near, w->store->id, size + least);
    assert_homeless(0, 0, 0);
    assert_int_equal(world_number(w, "SELECT node_id FROM job WHERE state = 'leased'"), w->near->id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_too_large_for_every_worker_is_told, world_fresh),
        cmocka_unit_test_setup(a_worker_beside_the_store_needs_no_room_for_the_source, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
