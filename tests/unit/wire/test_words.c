/* The words of the protocol: each leads back to its value. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/base/cx.h"
#include "lib/base/words.h"
#include "lib/wire/words.h"

static struct cx cx;

static int setup(void **state)
{
    (void)state;
    cx_init(&cx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cx_fini(&cx);
    return 0;
}

static void a_table_is_searched(void **state)
{
    static const char *const words[] = {"one", "two"};
    (void)state;
    assert_string_equal(words_name(words, 2, 1), "two");
    assert_int_equal(words_find(words, 2, STR("one")), 0);
    assert_int_equal(words_find(words, 2, STR("tw")), 2);
    assert_int_equal(words_find(words, 2, STR("twoo")), 2);
    assert_int_equal(words_find(words, 2, STR("")), 2);
}

#define BACK_AND_FORTH(type, count, name_of, value_of)                                                       \
    do {                                                                                                     \
        for (int v = 0; v < (count); v++) {                                                                  \
            type back = (type)(count);                                                                       \
            assert_true(value_of(str_of(name_of((type)v)), &back));                                          \
            assert_int_equal(back, v);                                                                       \
        }                                                                                                    \
        type none = (type)0;                                                                                 \
        assert_false(value_of(STR("?"), &none));                                                             \
        assert_int_equal(none, 0);                                                                           \
    } while (0)

static void words_lead_back(void **state)
{
    (void)state;
    BACK_AND_FORTH(enum view_kind, VIEW_KIND_COUNT, wire_view_name, wire_view_of);
    BACK_AND_FORTH(enum job_kind, JOB_KIND_COUNT, wire_kind_name, wire_kind_of);
    BACK_AND_FORTH(enum job_lane, LANE_COUNT, wire_lane_name, wire_lane_of);
    BACK_AND_FORTH(enum failure, FAILURE_COUNT, wire_failure_name, wire_failure_of);
}

static void failures_say_who_is_to_blame(void **state)
{
    (void)state;
    for (int f = 0; f < FAILURE_COUNT; f++) {
        const struct wire_failure *w = wire_failure((enum failure)f);
        assert_string_equal(w->name, wire_failure_name((enum failure)f));
        assert_string_equal(w->key, arena_printf(cx.arena, "media_%s", w->name));
        assert_true(strlen(w->name) <= 40); /* job.error_code */
        assert_false(w->machine && w->permanent);
    }
    assert_true(wire_failure(FAIL_UNREADABLE)->permanent);
    assert_true(wire_failure(FAIL_DISK_FULL)->machine);
    assert_false(wire_failure(FAIL_VERIFY)->machine || wire_failure(FAIL_VERIFY)->permanent);
}

static void roles_are_a_set(void **state)
{
    unsigned roles = 77;
    (void)state;
    for (unsigned i = 0; i < NODE_ROLES; i++) {
        assert_true(wire_roles_of(str_of(wire_role_name(1U << i)), &roles));
        assert_int_equal(roles, 1U << i);
    }
    assert_true(wire_roles_of(STR("storage, worker,,ingest"), &roles));
    assert_int_equal(roles, NODE_WORKER | NODE_STORAGE | NODE_INGEST);
    assert_string_equal(wire_roles_text(cx.arena, roles), "worker storage ingest");
    assert_string_equal(wire_roles_text(cx.arena, 0), "");
    assert_false(wire_roles_of(STR(""), &roles));
    assert_false(wire_roles_of(STR(" , "), &roles));
    assert_false(wire_roles_of(STR("worker boss"), &roles));
    assert_int_equal(roles, NODE_WORKER | NODE_STORAGE | NODE_INGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_searched),
        cmocka_unit_test(words_lead_back),
        cmocka_unit_test(failures_say_who_is_to_blame),
        cmocka_unit_test(roles_are_a_set),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
