/* Every pair of state and event of the three machines: those listed here move as listed, all others are
 * illegal. */
#include "lib/svc/state.h"

#include "tests/unit/testing.h"

struct move {
    int from, event, to;
};

static const struct move upload_moves[] = {{UPLOAD_OPEN, UPLOAD_ON_COMPLETE, UPLOAD_COMPLETE},
                                           {UPLOAD_COMPLETE, UPLOAD_ON_TAKE, UPLOAD_TAKEN},
                                           {UPLOAD_COMPLETE, UPLOAD_ON_REFUSE, UPLOAD_REFUSED},
                                           {UPLOAD_OPEN, UPLOAD_ON_EXPIRE, UPLOAD_EXPIRED},
                                           {UPLOAD_OPEN, UPLOAD_ON_CANCEL, UPLOAD_CANCELLED},
                                           {UPLOAD_COMPLETE, UPLOAD_ON_CANCEL, UPLOAD_CANCELLED},
                                           {UPLOAD_TAKEN, UPLOAD_ON_CANCEL, UPLOAD_CANCELLED},
                                           {UPLOAD_REFUSED, UPLOAD_ON_CANCEL, UPLOAD_CANCELLED},
                                           {UPLOAD_EXPIRED, UPLOAD_ON_CANCEL, UPLOAD_CANCELLED}};

static const struct move job_moves[] = {
    {JOB_WAITING, JOB_ON_PROMOTE, JOB_QUEUED},   {JOB_QUEUED, JOB_ON_LEASE, JOB_LEASED},
    {JOB_LEASED, JOB_ON_START, JOB_RUNNING},     {JOB_LEASED, JOB_ON_LOSE, JOB_QUEUED},
    {JOB_RUNNING, JOB_ON_LOSE, JOB_QUEUED},      {JOB_RUNNING, JOB_ON_FINISH, JOB_DONE},
    {JOB_LEASED, JOB_ON_FAIL, JOB_FAILED},       {JOB_RUNNING, JOB_ON_FAIL, JOB_FAILED},
    {JOB_FAILED, JOB_ON_RETRY, JOB_QUEUED},      {JOB_FAILED, JOB_ON_GIVE_UP, JOB_DEAD},
    {JOB_DEAD, JOB_ON_REQUEUE, JOB_QUEUED},      {JOB_WAITING, JOB_ON_CANCEL, JOB_CANCELLED},
    {JOB_QUEUED, JOB_ON_CANCEL, JOB_CANCELLED},  {JOB_LEASED, JOB_ON_CANCEL, JOB_CANCELLED},
    {JOB_RUNNING, JOB_ON_CANCEL, JOB_CANCELLED}, {JOB_FAILED, JOB_ON_CANCEL, JOB_CANCELLED},
    {JOB_DEAD, JOB_ON_CANCEL, JOB_CANCELLED}};

static const struct move media_moves[] = {{MEDIA_NONE, MEDIA_ON_UPLOAD, MEDIA_UPLOADING},
                                          {MEDIA_NONE, MEDIA_ON_PROCESS, MEDIA_PROCESSING},
                                          {MEDIA_UPLOADING, MEDIA_ON_UPLOAD, MEDIA_UPLOADING},
                                          {MEDIA_UPLOADING, MEDIA_ON_ABANDON, MEDIA_NONE},
                                          {MEDIA_UPLOADING, MEDIA_ON_PROCESS, MEDIA_PROCESSING},
                                          {MEDIA_PROCESSING, MEDIA_ON_UPLOAD, MEDIA_PROCESSING},
                                          {MEDIA_PROCESSING, MEDIA_ON_ABANDON, MEDIA_NONE},
                                          {MEDIA_PROCESSING, MEDIA_ON_PROCESS, MEDIA_PROCESSING},
                                          {MEDIA_PROCESSING, MEDIA_ON_COMMIT, MEDIA_WATCHABLE},
                                          {MEDIA_PROCESSING, MEDIA_ON_FAIL, MEDIA_FAILED},
                                          {MEDIA_WATCHABLE, MEDIA_ON_UPLOAD, MEDIA_WATCHABLE},
                                          {MEDIA_WATCHABLE, MEDIA_ON_PROCESS, MEDIA_WATCHABLE},
                                          {MEDIA_WATCHABLE, MEDIA_ON_COMMIT, MEDIA_WATCHABLE},
                                          {MEDIA_WATCHABLE, MEDIA_ON_FINISH, MEDIA_COMPLETE},
                                          {MEDIA_COMPLETE, MEDIA_ON_UPLOAD, MEDIA_WATCHABLE},
                                          {MEDIA_COMPLETE, MEDIA_ON_PROCESS, MEDIA_WATCHABLE},
                                          {MEDIA_COMPLETE, MEDIA_ON_FINISH, MEDIA_COMPLETE},
                                          {MEDIA_FAILED, MEDIA_ON_UPLOAD, MEDIA_UPLOADING},
                                          {MEDIA_FAILED, MEDIA_ON_PROCESS, MEDIA_PROCESSING}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int expected(const struct move *moves, size_t n, int from, int event)
{
    for (size_t i = 0; i < n; i++)
        if (moves[i].from == from && moves[i].event == event)
            return moves[i].to;
    return -1;
}

static void upload_pairs(void **state)
{
    (void)state;
    for (int s = 0; s < UPLOAD_STATE_COUNT; s++)
        for (int e = 0; e < UPLOAD_EVENT_COUNT; e++) {
            enum upload_state to = UPLOAD_STATE_COUNT;
            int want = expected(upload_moves, COUNT(upload_moves), s, e);
            assert_int_equal(upload_next((enum upload_state)s, (enum upload_event)e, &to), want >= 0);
            assert_int_equal((int)to, want >= 0 ? want : UPLOAD_STATE_COUNT);
        }
}

static void job_pairs(void **state)
{
    (void)state;
    for (int s = 0; s < JOB_STATE_COUNT; s++)
        for (int e = 0; e < JOB_EVENT_COUNT; e++) {
            enum job_state to = JOB_STATE_COUNT;
            int want = expected(job_moves, COUNT(job_moves), s, e);
            assert_int_equal(job_next((enum job_state)s, (enum job_event)e, &to), want >= 0);
            assert_int_equal((int)to, want >= 0 ? want : JOB_STATE_COUNT);
        }
}

static void media_pairs(void **state)
{
    (void)state;
    for (int s = 0; s < MEDIA_STATE_COUNT; s++)
        for (int e = 0; e < MEDIA_EVENT_COUNT; e++) {
            enum media_state to = MEDIA_STATE_COUNT;
            int want = expected(media_moves, COUNT(media_moves), s, e);
            assert_int_equal(media_next((enum media_state)s, (enum media_event)e, &to), want >= 0);
            assert_int_equal((int)to, want >= 0 ? want : MEDIA_STATE_COUNT);
        }
}

static void names_round_trip(void **state)
{
    (void)state;
    for (int s = 0; s < JOB_STATE_COUNT; s++) {
        enum job_state back;
        assert_true(job_state_of(str_of(job_state_name((enum job_state)s)), &back));
        assert_int_equal(back, s);
    }
    for (int s = 0; s < UPLOAD_STATE_COUNT; s++) {
        enum upload_state back;
        assert_true(upload_state_of(str_of(upload_state_name((enum upload_state)s)), &back));
        assert_int_equal(back, s);
    }
    for (int s = 0; s < MEDIA_STATE_COUNT; s++) {
        enum media_state back;
        assert_true(media_state_of(str_of(media_state_name((enum media_state)s)), &back));
        assert_int_equal(back, s);
    }
    assert_false(job_state_of(STR("Done"), &(enum job_state){0}));
    assert_false(job_state_of(STR(""), &(enum job_state){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upload_pairs),
        cmocka_unit_test(job_pairs),
        cmocka_unit_test(media_pairs),
        cmocka_unit_test(names_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
