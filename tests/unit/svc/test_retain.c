/* What is removed after a while, and what is not. Old rows are put there by SQL. */
#include "lib/svc/retain.h"

#include "tests/unit/svc/pipeline/pipeline.h"

static int64_t sweep(void)
{
    int64_t n = -1;
    assert_ok(shown(&w->cx, retain_sweep(&w->cx, &w->conf, &n)));
    return n;
}

#define COUNT(what) world_number(w, "SELECT COUNT(*) FROM %s", what)

static void the_audit_in_small_batches(void **state)
{
    int64_t before;
    (void)state;
    NEEDS_DATABASE();
    before = COUNT("audit");
    assert_true(before > 0);
    world_sql(w,
              "INSERT INTO audit (at, actor, action, object_kind, request) "
              "SELECT UTC_TIMESTAMP() - INTERVAL 731 DAY, 'x', 'test.old', 'user', 'r' FROM seq_1_to_2600");
    world_sql(w, "INSERT INTO audit (at, actor, action, object_kind, request) "
                 "VALUES (UTC_TIMESTAMP() - INTERVAL 729 DAY, 'x', 'test.young', 'user', 'r')");
    w->conf.keep_audit = 0;
    assert_int_equal(sweep(), 0);
    w->conf.keep_audit = 730;
    assert_int_equal(sweep(), 2000);
    assert_int_equal(sweep(), 600);
    assert_int_equal(sweep(), 0);
    assert_int_equal(COUNT("audit"), before + 1);
    assert_int_equal(COUNT("audit WHERE action = 'test.young'"), 1);
}

/* A task of the fresh lecture with one job and its log, finished so many days ago; -1: not yet. */
static void add_task(const char *kind, const char *task_state, const char *job_state, int days)
{
    world_sql(
        w,
        "INSERT INTO task (kind, state, lecture_id, created_at, finished_at) SELECT '%s', '%s', %lld, "
        "UTC_TIMESTAMP() - INTERVAL 400 DAY, IF(%d < 0, NULL, UTC_TIMESTAMP() - INTERVAL %d DAY); "
        "INSERT INTO job (task_id, lecture_id, kind, lane, state, priority, params, not_before, created_at) "
        "SELECT LAST_INSERT_ID(), %lld, 'delete', 'store', '%s', 1, '{}', UTC_TIMESTAMP(), UTC_TIMESTAMP(); "
        "INSERT INTO job_log (job_id, attempt, node_id, fence, started_at, finished_at) "
        "SELECT LAST_INSERT_ID(), 1, 1, 1, UTC_TIMESTAMP(), "
        "IF(%d < 0, NULL, UTC_TIMESTAMP() - INTERVAL %d DAY)",
        kind, task_state, (long long)w->lecture_id, days, days, (long long)w->lecture_id, job_state, days,
        days);
}

static void finished_removals_and_logs(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    add_task("delete", "done", "done", 91);
    add_task("delete", "cancelled", "cancelled", 91);
    add_task("delete", "done", "done", 89);
    add_task("delete", "open", "waiting", -1);
    add_task("delete", "failed", "dead", 91); /* somebody has to look at it */
    add_task("publish", "done", "done", 91);  /* the lecture's page shows it: only the log is removed */
    assert_int_equal(sweep(), 2 + 2);         /* tasks; logs of others */
    assert_int_equal(COUNT("task WHERE kind = 'delete'"), 3);
    assert_int_equal(COUNT("task WHERE kind = 'publish'"), 1);
    assert_int_equal(COUNT("job"), 4);
    assert_int_equal(COUNT("job_log"), 2);
    assert_int_equal(sweep(), 0);
}

static void what_undoes_a_change_of_a_timetable(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    world_sql(w,
              "INSERT INTO schedule_undo (course_id, user_id, `key`, created_at) "
              "SELECT course_id, 1, REPEAT('a', 24), UTC_TIMESTAMP() - INTERVAL 25 HOUR FROM lecture WHERE "
              "id = %lld; "
              "INSERT INTO schedule_undo_lecture (undo_id, lecture_id, was_starts_at, was_hall, was_edited, "
              "was_time_state, was_cancel_note) SELECT LAST_INSERT_ID(), %lld, UTC_TIMESTAMP(), '', 0, "
              "'planned', ''; "
              "INSERT INTO schedule_undo (course_id, user_id, `key`, created_at) "
              "SELECT course_id, 2, REPEAT('b', 24), UTC_TIMESTAMP() - INTERVAL 23 HOUR FROM lecture WHERE "
              "id = %lld",
              (long long)w->lecture_id, (long long)w->lecture_id, (long long)w->lecture_id);
    assert_int_equal(sweep(), 1);
    assert_int_equal(COUNT("schedule_undo"), 1);
    assert_int_equal(COUNT("schedule_undo_lecture"), 0);
}

static void uploads_that_came_to_nothing(void **state)
{
    const char *taken;
    (void)state;
    NEEDS_DATABASE();
    taken = world_upload(w, "CAM");
    for (int i = 0; i < 4; i++)
        world_sql(
            w,
            "INSERT INTO upload (`key`, lecture_id, node_id, view, state, name, size, nonce, created_at, "
            "updated_at) VALUES ('old%09d', %lld, %lld, 'CAM', ELT(%d, 'refused', 'expired', 'cancelled', "
            "'open'), 'x', 1, 'n%d', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 91 DAY)",
            i, (long long)w->lecture_id, (long long)w->store->id, i + 1, i);
    world_sql(w,
              "UPDATE upload SET state = 'refused', updated_at = UTC_TIMESTAMP() - INTERVAL 91 DAY WHERE "
              "`key` = '%s'",
              taken); /* has a source: it is removed with the lecture */
    assert_int_equal(sweep(), 3);
    assert_int_equal(COUNT("upload WHERE `key` LIKE 'old%' AND state = 'open'"), 1);
    assert_int_equal(COUNT("upload"), 2);
    assert_int_equal(COUNT("source"), 1);
}

static void machines_that_left(void **state)
{
    const struct node_info *revoked, *silent, *busy, *chosen;
    (void)state;
    NEEDS_DATABASE();
    revoked = world_join(w, "campus", NODE_WORKER, "revoked");
    silent = world_join(w, "campus", NODE_WORKER, "silent");
    busy = world_join(w, "campus", NODE_STORAGE, "busy");
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP()");
    world_sql(w, "UPDATE node SET revoked_at = UTC_TIMESTAMP() - INTERVAL 366 DAY WHERE id = %lld",
              (long long)revoked->id);
    world_sql(w,
              "UPDATE node SET seen_at = UTC_TIMESTAMP() - INTERVAL 366 DAY WHERE id IN (%lld, %lld, %lld)",
              (long long)silent->id, (long long)busy->id, (long long)w->store->id);
    world_sql(w, "UPDATE job SET target_node = %lld WHERE state = 'dead'", (long long)busy->id);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE target_node = %lld", (long long)busy->id), 1);
    assert_int_equal(sweep(), 2); /* the store keeps files, the busy one is waited for */
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM node WHERE id IN (%lld, %lld)",
                                  (long long)revoked->id, (long long)silent->id),
                     0);
    assert_int_equal(COUNT("node"), 4);

    chosen = world_join(w, "campus", NODE_STORAGE, "chosen"); /* for a lecture whose files have not arrived */
    world_sql(w, "UPDATE lecture SET node_id = %lld WHERE id = %lld", (long long)chosen->id,
              (long long)w->lecture_id);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP() - INTERVAL 366 DAY WHERE id = %lld",
              (long long)chosen->id);
    assert_int_equal(sweep(), 0);
    assert_int_equal(COUNT("node"), 5);
}

static void organisation_tokens(void **state)
{
    int64_t before;
    (void)state;
    NEEDS_DATABASE();
    before = COUNT("org_token");
    assert_true(before > 1);
    world_sql(w, "UPDATE org_token SET expires_at = UTC_TIMESTAMP() - INTERVAL 91 DAY LIMIT 1");
    assert_int_equal(sweep(), 1);
    assert_int_equal(COUNT("org_token"), before - 1);
}

/* The sweeps run every minute, however many lectures there are: each of their statements uses an index. */
static void sweeps_read_by_index(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    assert_int_equal(world_number(w, "SELECT COUNT(DISTINCT table_name, column_name) "
                                     "FROM information_schema.statistics "
                                     "WHERE table_schema = DATABASE() AND seq_in_index = 1 "
                                     "AND (table_name, column_name) IN (('lecture', 'node_id'), "
                                     "('source', 'node_id'), ('artifact', 'node_id'), ('upload', 'node_id'), "
                                     "('job', 'target_node'), ('course', 'deleted_at'), "
                                     "('lecture', 'deleted_at'))"),
                     7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_audit_in_small_batches, world_fresh),
        cmocka_unit_test_setup(finished_removals_and_logs, world_fresh),
        cmocka_unit_test_setup(what_undoes_a_change_of_a_timetable, world_fresh),
        cmocka_unit_test_setup(uploads_that_came_to_nothing, world_fresh),
        cmocka_unit_test_setup(machines_that_left, world_fresh),
        cmocka_unit_test_setup(organisation_tokens, world_fresh),
        cmocka_unit_test_setup(sweeps_read_by_index, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
