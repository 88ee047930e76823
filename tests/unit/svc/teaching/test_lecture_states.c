/* The states of a lecture: what the tables allow, and that the database follows them. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/lecture.h"

static void every_pair_of_time_state_and_event(void **state)
{
    (void)state;
    static const int expected[TIME_STATE_COUNT][TIME_EVENT_COUNT] = {
        /* start, end, pass, move, cancel, restore */
        [TIME_PLANNED] = {TIME_LIVE, -1, TIME_ENDED, TIME_PLANNED, TIME_CANCELLED, TIME_PLANNED},
        [TIME_LIVE] = {TIME_LIVE, TIME_ENDED, -1, -1, -1, -1},
        [TIME_ENDED] = {TIME_LIVE, TIME_ENDED, TIME_ENDED, TIME_PLANNED, TIME_CANCELLED, -1},
        [TIME_CANCELLED] = {-1, -1, -1, TIME_CANCELLED, TIME_CANCELLED, TIME_PLANNED},
    };
    for (int s = 0; s < TIME_STATE_COUNT; s++) {
        for (int e = 0; e < TIME_EVENT_COUNT; e++) {
            enum time_state next = TIME_STATE_COUNT;
            bool can = time_next((enum time_state)s, (enum time_event)e, &next);
            assert_int_equal(can ? (int)next : -1, expected[s][e]);
            assert_true(can || next == TIME_STATE_COUNT);
        }
    }
}

static void every_pair_of_access_state_and_event(void **state)
{
    (void)state;
    static const int expected[ACCESS_COUNT][ACCESS_EVENT_COUNT] = {
        [ACCESS_DRAFT] = {ACCESS_PUBLISHED, -1},
        [ACCESS_PUBLISHED] = {ACCESS_PUBLISHED, ACCESS_UNPUBLISHED},
        [ACCESS_UNPUBLISHED] = {ACCESS_PUBLISHED, ACCESS_UNPUBLISHED},
    };
    for (int s = 0; s < ACCESS_COUNT; s++) {
        for (int e = 0; e < ACCESS_EVENT_COUNT; e++) {
            enum access next = ACCESS_COUNT;
            bool can = access_next((enum access)s, (enum access_event)e, &next);
            assert_int_equal(can ? (int)next : -1, expected[s][e]);
        }
    }
}

/* Every event on a stored lecture in every media state does what the table says; an illegal one changes
 * nothing. */
static void moves_in_the_database_follow_the_tables(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, w.lecturer);
    const char *key = add_lecture(course_of[0], "States", clock_now() - HOUR, false);
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    int64_t id = l->id;
    enum media_state from = l->media_state;
    for (int s = 0; s < MEDIA_STATE_COUNT; s++) {
        for (int e = 0; e < MEDIA_EVENT_COUNT; e++) {
            enum media_state next = (enum media_state)s;
            bool can = media_next((enum media_state)s, (enum media_event)e, &next);
            assert_ok(db_exec(cx, SQL_lecture_set_media, NULL, "sstis", media_state_name((enum media_state)s),
                              "", clock_now(), id, media_state_name(from)));
            assert_rc(lecture_media_move(cx, id, (enum media_event)e, e == MEDIA_ON_FAIL ? "no_video" : NULL),
                      can ? RC_OK : RC_CONFLICT);
            assert_ok(lecture_get_by_id(cx, ACT_COURSE_TEACH, id, &l));
            assert_int_equal(l->media_state, next);
            assert_string_equal(l->media_reason, can && e == MEDIA_ON_FAIL ? "no_video" : "");
            from = next;
        }
    }
    assert_ok(lecture_time_move(cx, id, TIME_ON_PASS));
    assert_fails(lecture_time_move(cx, id, TIME_ON_RESTORE), RC_CONFLICT, "lecture_state");
    assert_fails(lecture_unpublish(cx, key), RC_CONFLICT, "lecture_state");
    assert_ok(lecture_publish(cx, key));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    int64_t at = l->published_at;
    assert_true(at != NO_TIME);
    assert_ok(lecture_publish(cx, key));
    assert_ok(lecture_unpublish(cx, key));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_int_equal(l->published_at, at);
    assert_fails(lecture_media_move(cx, 999999, MEDIA_ON_UPLOAD, NULL), RC_NOTFOUND, "lecture_unknown");
    assert_ok(lecture_delete(cx, key));
}

static void lectures_end_when_their_hour_is_over(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    int64_t count = 0, now = clock_now();
    become(&w, w.lecturer);
    const char *soon = add_lecture(course_of[0], "Soon", now + HOUR, false);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, soon, &l));
    assert_int_equal(l->time_state, TIME_PLANNED);
    become(&w, -1);
    assert_ok(shown(cx, lecture_time_sweep(cx, &count)));
    assert_int_equal(count, 0);
    assert_ok(db_exec(cx, SQL_lecture_update, NULL, "ssbttsissti", "Soon", NULL, 0, now - 2 * HOUR,
                      now - HOUR, "", (int64_t)0, NULL, "", now, l->id));
    assert_ok(lecture_time_sweep(cx, &count));
    assert_int_equal(count, 1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, soon, &l));
    assert_int_equal(l->time_state, TIME_ENDED);
    assert_ok(lecture_delete(cx, soon));
}

static void generations_only_count_up(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[0], &l));
    assert_int_equal(l->generation, 1);
    assert_string_equal(l->poster_view, "CAM");
    assert_fails(lecture_set_generation(cx, l->id, 1, 5, NULL), RC_CONFLICT, "lecture_generation");
    assert_ok(lecture_set_generation(cx, l->id, 3, 95000, NULL)); /* 2 was a live stream */
    assert_fails(lecture_set_generation(cx, l->id, 2, 5, NULL), RC_CONFLICT, "lecture_generation");
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[0], &l));
    assert_int_equal(l->generation, 3);
    assert_int_equal(l->duration_ms, 95000);
    assert_string_equal(l->poster_view, "CAM");
    assert_ok(lecture_set_node(cx, l->id, 7));
    assert_ok(lecture_set_node(cx, l->id, 7));
    assert_fails(lecture_set_node(cx, l->id, 8), RC_CONFLICT, "lecture_node");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_time_state_and_event),
        cmocka_unit_test(every_pair_of_access_state_and_event),
        cmocka_unit_test(moves_in_the_database_follow_the_tables),
        cmocka_unit_test(lectures_end_when_their_hour_is_over),
        cmocka_unit_test(generations_only_count_up),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    teaching_end();
    return failed;
}
