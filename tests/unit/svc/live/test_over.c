/* The end of live streams that nobody ended, and what becomes of their recordings. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include "lib/svc/live/over.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/teaching/lecture.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define LECTURE ((long long)w->lecture_id)

/* The lecture is live: its time is from 60 minutes ago to 60 minutes from now. */
static void go_live(void)
{
    world_sql(
        w,
        "UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) - INTERVAL 60 MINUTE, ends_at = UTC_TIMESTAMP(3) + "
        "INTERVAL 60 MINUTE WHERE id = %lld; INSERT INTO live (lecture_id, began_at, interrupted_at) VALUES "
        "(%lld, UTC_TIMESTAMP(3) - INTERVAL 50 MINUTE, UTC_TIMESTAMP(3))",
        LECTURE, LECTURE);
    assert_ok(shown(&w->cx, lecture_time_move(&w->cx, w->lecture_id, TIME_ON_START)));
}

/* A publisher who came and went so many seconds ago (0: is there). */
static int64_t session(const char *view, int came, int went, const char *why)
{
    static int next;
    const long long key = 100000000000 + ++next;
    world_sql(
        w,
        "INSERT INTO live_session (`key`, lecture_id, view, user_id, token_id, entry_id, from_address, "
        "job_id, "
        "began_at, media_at, stopped_at, why) VALUES ('%lld', %lld, '%s', 1, 1, 1, '::1', %lld, "
        "UTC_TIMESTAMP(3) - "
        "INTERVAL %d SECOND, UTC_TIMESTAMP(3), IF(%d = 0, NULL, UTC_TIMESTAMP(3) - INTERVAL %d SECOND), "
        "NULLIF('%s', ''))",
        key, LECTURE, view, key, came, went, went, why);
    return world_number(w, "SELECT id FROM live_session WHERE `key` = '%lld'", key);
}

/* A pass ends that many streams. */
static void assert_over(int wanted)
{
    int n = -1;
    assert_ok(shown(&w->cx, live_over(&w->cx, &n)));
    assert_int_equal(n, wanted);
}

static void assert_ended(const char *by)
{
    assert_over(1);
    assert_int_equal(
        world_number(w,
                     "SELECT COUNT(*) FROM live WHERE lecture_id = %lld AND ended_by = '%s' AND NOT discard",
                     LECTURE, by),
        1);
    struct lecture *l;
    assert_ok(shown(&w->cx, lecture_lock(&w->cx, w->lecture_id, &l)));
    assert_int_equal(l->time_state, TIME_ENDED);
    assert_over(0);
}

static void a_publisher_who_ended_may_come_back(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    go_live();
    session("CAM", 900, 800, "lost"); /* and came back */
    const int64_t last = session("CAM", 700, LIVE_GRACE_S - 20, "finished");
    assert_over(0);
    world_sql(w, "UPDATE live_session SET stopped_at = stopped_at - INTERVAL 30 SECOND WHERE id = %lld",
              (long long)last);
    assert_ended("finished");
}

static void a_publisher_who_was_lost_is_waited_for(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    go_live();
    const int64_t last = session("CAM", 900, 800, "lost");
    assert_over(0);
    world_sql(w, "UPDATE lecture SET ends_at = UTC_TIMESTAMP(3) - INTERVAL 14 MINUTE WHERE id = %lld",
              LECTURE);
    assert_over(0);
    world_sql(w, "UPDATE lecture SET ends_at = UTC_TIMESTAMP(3) - INTERVAL 16 MINUTE WHERE id = %lld",
              LECTURE);
    world_sql(w,
              "UPDATE live_session SET stopped_at = UTC_TIMESTAMP(3) - INTERVAL 100 SECOND WHERE id = %lld",
              (long long)last);
    assert_over(0);
    world_sql(w,
              "UPDATE live_session SET stopped_at = UTC_TIMESTAMP(3) - INTERVAL 130 SECOND WHERE id = %lld",
              (long long)last);
    assert_ended("silence");
}

static void views_end_together(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    go_live();
    session("CAM", 900, 800, "finished");
    const int64_t other = session("PRES", 900, 0, "");
    world_sql(w, "UPDATE lecture SET ends_at = UTC_TIMESTAMP(3) - INTERVAL 5 HOUR WHERE id = %lld", LECTURE);
    assert_over(0); /* while somebody publishes nothing ends it */
    world_sql(w, "UPDATE lecture SET ends_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = %lld", LECTURE);
    world_sql(w,
              "UPDATE live_session SET stopped_at = UTC_TIMESTAMP(3) - INTERVAL 200 SECOND, why = 'lost' "
              "WHERE id = %lld",
              (long long)other);
    assert_over(0);
    world_sql(w, "UPDATE live_session SET why = 'finished' WHERE id = %lld", (long long)other);
    assert_ended("finished");
}

/* --- recordings --- */

/* A recording of the session, with its upload, in that state. */
static struct upload *recording(int64_t session_id, int fence, const char *view)
{
    struct upload *u;
    const char *name = arena_printf(w->cx.arena, "live-%lld-%d", (long long)session_id, fence);
    assert_ok(
        shown(&w->cx, arrival_open(&w->cx, w->lecture, str_of(view), str_of(name), 1000, str_of(name), &u)));
    world_sql(
        w,
        "INSERT INTO live_recording (session_id, fence, node_id, began_at, upload_id) VALUES (%lld, %d, 1, "
        "UTC_TIMESTAMP(3), %lld)",
        (long long)session_id, fence, (long long)u->id);
    return u;
}

static void arrived_as(struct upload *u, int64_t size)
{
    assert_ok(upload_move(&w->cx, u, UPLOAD_ON_COMPLETE, NULL));
    assert_ok(upload_set_file(&w->cx, u, size, SHA));
    world_sql(w, "UPDATE live_recording SET complete_at = UTC_TIMESTAMP(3) WHERE upload_id = %lld",
              (long long)u->id);
}

static void arrived(struct upload *u)
{
    arrived_as(u, 1000);
}

static void end_now(void)
{
    world_sql(w, "UPDATE live SET ended_at = UTC_TIMESTAMP(3), ended_by = 'person' WHERE lecture_id = %lld",
              LECTURE);
}

static void assert_published(int wanted)
{
    int n = -1;
    assert_ok(shown(&w->cx, live_publish(&w->cx, &n)));
    assert_int_equal(n, wanted);
}

/* The parts of the newest source; the rest of it in *out. */
static size_t parts(struct source **out, struct source_part **list)
{
    size_t n = 0;
    const int64_t id = world_number(w, "SELECT MAX(id) FROM source WHERE lecture_id = %lld", LECTURE);
    assert_ok(shown(&w->cx, source_get(&w->cx, id, out)));
    assert_ok(shown(&w->cx, source_parts(&w->cx, *out, list, &n)));
    return n;
}

static void recordings_become_one_source(void **state)
{
    struct source *s;
    struct source_part *p;
    (void)state;
    NEEDS_DATABASE();
    go_live();
    const int64_t first = session("CAM", 900, 800, "lost"), second = session("CAM", 700, 300, "finished");
    /* the one that came last is not the last in order */
    struct upload *c = recording(second, 1, "CAM"), *a = recording(first, 1, "CAM"),
                  *b = recording(first, 2, "CAM");
    arrived(a);
    arrived(c);
    assert_published(0); /* it is not over */
    end_now();
    assert_published(0); /* one is on its way */
    arrived(b);
    world_sql(w, "UPDATE live SET discard = TRUE WHERE lecture_id = %lld", LECTURE);
    assert_published(0);
    world_sql(w, "UPDATE live SET discard = FALSE WHERE lecture_id = %lld", LECTURE);
    assert_published(1);
    assert_published(0);
    assert_int_equal(parts(&s, &p), 3);
    assert_true(p[0].upload_id == a->id && p[1].upload_id == b->id && p[2].upload_id == c->id);
    assert_true(!p[0].goes_on && p[1].goes_on && !p[2].goes_on);
    assert_true(p[0].begins == 0 && p[1].begins == 0);
    assert_in_range(p[2].begins, 190000, 210000);
    assert_true(s->size == 3000 && s->upload_id == b->id && s->cut_gaps);
    assert_int_equal(world_publication(w)->media, MEDIA_PROCESSING);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'probe'", LECTURE), 1);
}

/* Nobody waits for what was given up, and when it comes after all, the lecture is made anew with it. */
static void late_recordings_count(void **state)
{
    struct source *s;
    struct source_part *p;
    (void)state;
    NEEDS_DATABASE();
    go_live();
    world_sql(w, "UPDATE course SET keep_gaps = TRUE WHERE id = %lld", (long long)w->course);
    const int64_t only = session("CAM", 900, 300, "finished");
    struct upload *a = recording(only, 1, "CAM"), *b = recording(only, 2, "CAM");
    end_now();
    arrived(b);
    assert_published(0);
    world_sql(w, "UPDATE live_recording SET given_up_at = UTC_TIMESTAMP(3) WHERE upload_id = %lld",
              (long long)a->id);
    assert_published(1);
    assert_true(parts(&s, &p) == 1 && p[0].upload_id == b->id && !s->cut_gaps);
    arrived(a);
    assert_published(1);
    assert_true(parts(&s, &p) == 2 && p[0].upload_id == a->id && p[1].goes_on && s->upload_id == b->id);
    world_sql(w, "UPDATE course SET keep_gaps = FALSE WHERE id = %lld", (long long)w->course);
}

static void views_are_sources_of_their_own(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    go_live();
    const int64_t cam = session("CAM", 900, 300, "finished"), pres = session("PRES", 900, 300, "finished");
    struct upload *a = recording(cam, 1, "CAM"), *b = recording(pres, 1, "PRES");
    end_now();
    arrived(a);
    assert_published(1);
    arrived(b);
    assert_published(1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM source WHERE lecture_id = %lld AND parts = 1", LECTURE), 2);
}

/* Somebody whose connection broke every minute for hours: the shortest pieces are left out. */
static void a_source_has_so_many_parts(void **state)
{
    struct source *s;
    struct source_part *p;
    (void)state;
    NEEDS_DATABASE();
    go_live();
    const int64_t only = session("CAM", 900, 300, "finished");
    struct upload *u[SOURCE_PARTS_MAX + 2];
    for (int i = 0; i < SOURCE_PARTS_MAX + 2; i++) {
        u[i] = recording(only, i + 1, "CAM");
        arrived(u[i]);
    }
    world_sql(w, "UPDATE upload SET size = 500 WHERE id IN (%lld, %lld)", (long long)u[3]->id,
              (long long)u[50]->id);
    end_now();
    assert_published(1);
    assert_published(0);
    assert_int_equal(world_number(w,
                                  "SELECT COUNT(*) FROM upload WHERE state = 'taken' AND id IN (%lld, %lld)",
                                  (long long)u[3]->id, (long long)u[50]->id),
                     2);
    assert_int_equal(parts(&s, &p), SOURCE_PARTS_MAX);
    assert_true(s->parts == SOURCE_PARTS_MAX && s->size == SOURCE_PARTS_MAX * 1000);
    assert_true(p[2].upload_id == u[2]->id && p[3].upload_id == u[4]->id && p[49].upload_id == u[51]->id);
}

/* The ingest burned before the store had anything of one, and of all. */
static void empty_recordings_go(void **state)
{
    struct source *s;
    struct source_part *p;
    (void)state;
    NEEDS_DATABASE();
    for (int all = 0; all < 2; all++) {
        world_fresh(NULL);
        go_live();
        const int64_t only = session("CAM", 900, 300, "lost");
        struct upload *a = recording(only, 1, "CAM"), *b = recording(only, 2, "CAM");
        arrived_as(a, 13);
        arrived_as(b, all ? 0 : 1000);
        end_now();
        assert_published(!all);
        assert_published(0);
        assert_int_equal(
            world_number(w, "SELECT COUNT(*) FROM upload WHERE lecture_id = %lld AND state = 'cancelled'",
                         LECTURE),
            1 + all);
        assert_int_equal(world_publication(w)->media, all ? MEDIA_NONE : MEDIA_PROCESSING);
        if (!all)
            assert_true(parts(&s, &p) == 1 && p[0].upload_id == b->id);
    }
}

static void what_was_discarded_goes(void **state)
{
    int n = -1;
    (void)state;
    NEEDS_DATABASE();
    go_live();
    struct upload *a = recording(session("CAM", 900, 300, "finished"), 1, "CAM");
    arrived(a);
    end_now();
    world_sql(w,
              "UPDATE live SET discard = TRUE, ended_at = UTC_TIMESTAMP(3) - INTERVAL 13 DAY WHERE "
              "lecture_id = %lld",
              LECTURE);
    assert_ok(shown(&w->cx, live_forget(&w->cx, &n)));
    assert_int_equal(n, 0);
    world_sql(w, "UPDATE live SET ended_at = UTC_TIMESTAMP(3) - INTERVAL 15 DAY WHERE lecture_id = %lld",
              LECTURE);
    assert_ok(shown(&w->cx, live_forget(&w->cx, &n)));
    assert_int_equal(n, 1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM job WHERE lecture_id = %lld AND kind = 'delete'", LECTURE), 1);
    assert_ok(shown(&w->cx, live_forget(&w->cx, &n)));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_publisher_who_ended_may_come_back, world_fresh),
        cmocka_unit_test_setup(a_publisher_who_was_lost_is_waited_for, world_fresh),
        cmocka_unit_test_setup(views_end_together, world_fresh),
        cmocka_unit_test_setup(recordings_become_one_source, world_fresh),
        cmocka_unit_test_setup(late_recordings_count, world_fresh),
        cmocka_unit_test_setup(views_are_sources_of_their_own, world_fresh),
        cmocka_unit_test_setup(a_source_has_so_many_parts, world_fresh),
        cmocka_unit_test_setup(empty_recordings_go, world_fresh),
        cmocka_unit_test_setup(what_was_discarded_goes, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
