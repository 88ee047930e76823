/* The choice of a node as a table of cases. */
#include "lib/svc/pipeline/doors/dispatch.h"

#include "tests/unit/testing.h"

enum { GIB = 1 << 30 };

static struct dispatch_node worker(int64_t id, int distance, int free)
{
    return (struct dispatch_node){.id = id,
                                  .roles = NODE_WORKER,
                                  .distance = distance,
                                  .free = free,
                                  .slots = 4,
                                  .disk_free = 8LL * GIB,
                                  .cpu = 0.1};
}

static void nearest_owner_wins(void **state)
{
    struct dispatch_node nodes[] = {worker(1, 100, 4), worker(2, 1, 1), worker(3, 0, 1), worker(4, 0, 0)};
    struct dispatch_job j = {.kind = JOB_FULL, .scratch = {.made = GIB}};
    (void)state;
    for (uint32_t r = 0; r < 8; r++)
        assert_int_equal(dispatch_nearest(&j, nodes, 4, r), 2);
    nodes[2].free = 0; /* then the parent's, then the shared one, then none */
    assert_int_equal(dispatch_nearest(&j, nodes, 4, 0), 1);
    nodes[1].free = 0;
    assert_int_equal(dispatch_nearest(&j, nodes, 4, 0), 0);
    nodes[0].free = 0;
    assert_int_equal(dispatch_nearest(&j, nodes, 4, 0), -1);
    assert_int_equal(dispatch_nearest(&j, nodes, 0, 7), -1);
}

static void roles_disk_and_target_must_fit(void **state)
{
    struct dispatch_node nodes[] = {worker(1, 0, 2), worker(2, 1, 2)};
    struct dispatch_job j = {.kind = JOB_FULL, .scratch = {.made = GIB}};
    (void)state;
    nodes[0].disk_free = GIB - 1;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 1);
    j.kind = JOB_COMMIT;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
    nodes[0].roles = NODE_STORAGE | NODE_WORKER;
    j.scratch.made = 0;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 0);
    j.target_node = 2;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
    nodes[1].roles = NODE_STORAGE;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 1);
}

static void a_source_in_the_store_beside_needs_no_room(void **state)
{
    struct dispatch_node nodes[] = {worker(1, 0, 2), worker(2, 1, 2)};
    struct dispatch_job j = {.kind = JOB_FULL,
                             .scratch = {.made = 5LL * GIB, .source = 5LL * GIB, .store = 7}};
    (void)state;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
    nodes[1].store = 8;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
    nodes[1].store = 7;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 1);
    nodes[1].disk_free = 5LL * GIB - 1; /* what is made lies there once */
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
    j.scratch.store = 0; /* no store is not the same store */
    nodes[1] = worker(2, 1, 2);
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), -1);
}

static void a_node_to_avoid_is_the_last_resort(void **state)
{
    struct dispatch_node nodes[] = {worker(1, 0, 2), worker(2, 200, 1)};
    struct dispatch_job j = {.kind = JOB_QUICK, .avoid_node = 1};
    (void)state;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 1);
    nodes[1].free = 0;
    assert_int_equal(dispatch_nearest(&j, nodes, 2, 1), 0);
}

/* Who must not have a job waits until the others could not do it either. */
static void a_node_that_is_not_trusted_waits_for_the_others(void **state)
{
    static const struct {
        int64_t avoid, blamed;
        bool last_try, failing; /* the first of two nodes */
        bool waits;
    } rows[] = {{0, 1, false, false, true}, {2, 1, false, false, true}, {1, 0, true, false, true},
                {1, 0, false, true, true},  {2, 2, false, true, false}, {1, 0, false, false, false},
                {2, 0, true, false, false}, {0, 0, false, true, false}, {0, 0, true, true, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dispatch_node nodes[] = {worker(1, 0, 2), worker(2, 100, 0)};
        struct dispatch_job j = {.kind = JOB_FULL,
                                 .scratch = {.made = GIB},
                                 .avoid_node = rows[i].avoid,
                                 .blamed_by = rows[i].blamed,
                                 .last_try = rows[i].last_try};
        nodes[0].failing = rows[i].failing;
        for (uint32_t r = 0; r < 2; r++) /* the other one is busy, then it has room for one more */
            assert_int_equal(dispatch_nearest(&j, nodes, 2, r), rows[i].waits ? -1 : 0);
        nodes[1].free = 1;
        if (rows[i].waits)
            assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 1);
        nodes[1].free = 0;
        nodes[1].disk_free = GIB - 1;
        assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 0);
        nodes[1].disk_free = GIB;
        nodes[1].slots = 0;
        assert_int_equal(dispatch_nearest(&j, nodes, 2, 0), 0);
        assert_int_equal(dispatch_nearest(&j, nodes, 1, 0), 0);
    }
}

static void load_decides_between_equals(void **state)
{
    struct dispatch_node nodes[] = {worker(1, 0, 1), worker(2, 0, 3), worker(3, 0, 3)};
    struct dispatch_job j = {.kind = JOB_PROBE};
    (void)state;
    nodes[1].cpu = 0.9;
    for (uint32_t r = 0; r < 6; r++)
        assert_int_equal(dispatch_nearest(&j, nodes, 3, r), 2);
    nodes[1].cpu = 0.1;
    assert_int_not_equal(dispatch_nearest(&j, nodes, 3, 1), dispatch_nearest(&j, nodes, 3, 2));
    nodes[1].turn = 1; /* the third hurries, and is not much busier */
    nodes[2].cpu = 0.2;
    for (uint32_t r = 0; r < 6; r++)
        assert_int_equal(dispatch_nearest(&j, nodes, 3, r), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_owner_wins),
        cmocka_unit_test(roles_disk_and_target_must_fit),
        cmocka_unit_test(a_source_in_the_store_beside_needs_no_room),
        cmocka_unit_test(a_node_to_avoid_is_the_last_resort),
        cmocka_unit_test(a_node_that_is_not_trusted_waits_for_the_others),
        cmocka_unit_test(load_decides_between_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
