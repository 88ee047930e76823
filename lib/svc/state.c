#include "lib/svc/state.h"

#include "lib/base/words.h"

/* In the tables 0 means illegal, so that they list only what is allowed. */
#define TO(state) (unsigned char)((state) + 1)

static const unsigned char upload_table[UPLOAD_STATE_COUNT][UPLOAD_EVENT_COUNT] = {
    [UPLOAD_OPEN] = {[UPLOAD_ON_COMPLETE] = TO(UPLOAD_COMPLETE),
                     [UPLOAD_ON_EXPIRE] = TO(UPLOAD_EXPIRED),
                     [UPLOAD_ON_CANCEL] = TO(UPLOAD_CANCELLED)},
    [UPLOAD_COMPLETE] = {[UPLOAD_ON_TAKE] = TO(UPLOAD_TAKEN),
                         [UPLOAD_ON_REFUSE] = TO(UPLOAD_REFUSED),
                         [UPLOAD_ON_CANCEL] = TO(UPLOAD_CANCELLED)},
    [UPLOAD_TAKEN] = {[UPLOAD_ON_CANCEL] = TO(UPLOAD_CANCELLED)},
    [UPLOAD_REFUSED] = {[UPLOAD_ON_CANCEL] = TO(UPLOAD_CANCELLED)},
    [UPLOAD_EXPIRED] = {[UPLOAD_ON_CANCEL] = TO(UPLOAD_CANCELLED)},
};

static const unsigned char job_table[JOB_STATE_COUNT][JOB_EVENT_COUNT] = {
    [JOB_WAITING] = {[JOB_ON_PROMOTE] = TO(JOB_QUEUED), [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
    [JOB_QUEUED] = {[JOB_ON_LEASE] = TO(JOB_LEASED), [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
    [JOB_LEASED] = {[JOB_ON_START] = TO(JOB_RUNNING),
                    [JOB_ON_LOSE] = TO(JOB_QUEUED),
                    [JOB_ON_FAIL] = TO(JOB_FAILED),
                    [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
    [JOB_RUNNING] = {[JOB_ON_LOSE] = TO(JOB_QUEUED),
                     [JOB_ON_FINISH] = TO(JOB_DONE),
                     [JOB_ON_FAIL] = TO(JOB_FAILED),
                     [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
    [JOB_FAILED] = {[JOB_ON_RETRY] = TO(JOB_QUEUED),
                    [JOB_ON_GIVE_UP] = TO(JOB_DEAD),
                    [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
    [JOB_DEAD] = {[JOB_ON_REQUEUE] = TO(JOB_QUEUED), [JOB_ON_CANCEL] = TO(JOB_CANCELLED)},
};

/* For the viewers of a lecture that can be watched, a second upload changes nothing: it stays watchable. */
static const unsigned char media_table[MEDIA_STATE_COUNT][MEDIA_EVENT_COUNT] = {
    [MEDIA_NONE] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_UPLOADING), [MEDIA_ON_PROCESS] = TO(MEDIA_PROCESSING)},
    [MEDIA_UPLOADING] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_UPLOADING),
                         [MEDIA_ON_ABANDON] = TO(MEDIA_NONE),
                         [MEDIA_ON_PROCESS] = TO(MEDIA_PROCESSING)},
    [MEDIA_PROCESSING] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_PROCESSING),
                          [MEDIA_ON_ABANDON] = TO(MEDIA_NONE),
                          [MEDIA_ON_PROCESS] = TO(MEDIA_PROCESSING),
                          [MEDIA_ON_COMMIT] = TO(MEDIA_WATCHABLE),
                          [MEDIA_ON_FAIL] = TO(MEDIA_FAILED)},
    [MEDIA_WATCHABLE] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_WATCHABLE),
                         [MEDIA_ON_PROCESS] = TO(MEDIA_WATCHABLE),
                         [MEDIA_ON_COMMIT] = TO(MEDIA_WATCHABLE),
                         [MEDIA_ON_FINISH] = TO(MEDIA_COMPLETE)},
    [MEDIA_COMPLETE] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_WATCHABLE),
                        [MEDIA_ON_PROCESS] = TO(MEDIA_WATCHABLE),
                        [MEDIA_ON_FINISH] = TO(MEDIA_COMPLETE)},
    [MEDIA_FAILED] = {[MEDIA_ON_UPLOAD] = TO(MEDIA_UPLOADING), [MEDIA_ON_PROCESS] = TO(MEDIA_PROCESSING)},
};

static const unsigned char time_table[TIME_STATE_COUNT][TIME_EVENT_COUNT] = {
    [TIME_PLANNED] = {[TIME_ON_START] = TO(TIME_LIVE),
                      [TIME_ON_PASS] = TO(TIME_ENDED),
                      [TIME_ON_MOVE] = TO(TIME_PLANNED),
                      [TIME_ON_CANCEL] = TO(TIME_CANCELLED),
                      [TIME_ON_RESTORE] = TO(TIME_PLANNED)},
    [TIME_LIVE] = {[TIME_ON_START] = TO(TIME_LIVE), [TIME_ON_END] = TO(TIME_ENDED)},
    [TIME_ENDED] = {[TIME_ON_START] = TO(TIME_LIVE),
                    [TIME_ON_END] = TO(TIME_ENDED),
                    [TIME_ON_PASS] = TO(TIME_ENDED),
                    [TIME_ON_MOVE] = TO(TIME_PLANNED),
                    [TIME_ON_CANCEL] = TO(TIME_CANCELLED)},
    [TIME_CANCELLED] = {[TIME_ON_MOVE] = TO(TIME_CANCELLED),
                        [TIME_ON_CANCEL] = TO(TIME_CANCELLED),
                        [TIME_ON_RESTORE] = TO(TIME_PLANNED)},
};

static const unsigned char access_table[ACCESS_COUNT][ACCESS_EVENT_COUNT] = {
    [ACCESS_DRAFT] = {[ACCESS_ON_PUBLISH] = TO(ACCESS_PUBLISHED)},
    [ACCESS_PUBLISHED] =
        {[ACCESS_ON_PUBLISH] = TO(ACCESS_PUBLISHED), [ACCESS_ON_UNPUBLISH] = TO(ACCESS_UNPUBLISHED)},
    [ACCESS_UNPUBLISHED] =
        {[ACCESS_ON_PUBLISH] = TO(ACCESS_PUBLISHED), [ACCESS_ON_UNPUBLISH] = TO(ACCESS_UNPUBLISHED)},
};

static const char *const upload_names[UPLOAD_STATE_COUNT] = {"open",    "complete", "taken",
                                                             "refused", "expired",  "cancelled"};
static const char *const job_names[JOB_STATE_COUNT] = {"waiting", "queued", "leased", "running",
                                                       "done",    "failed", "dead",   "cancelled"};
static const char *const media_names[MEDIA_STATE_COUNT] = {"none",      "uploading", "processing",
                                                           "watchable", "complete",  "failed"};

static const char *const time_names[TIME_STATE_COUNT] = {"planned", "live", "ended", "cancelled"};

static int step(const unsigned char *row, int event)
{
    return row[event] - 1;
}

bool upload_next(enum upload_state from, enum upload_event event, enum upload_state *to)
{
    int next = step(upload_table[from], (int)event);
    if (next < 0)
        return false;
    *to = (enum upload_state)next;
    return true;
}

bool job_next(enum job_state from, enum job_event event, enum job_state *to)
{
    int next = step(job_table[from], (int)event);
    if (next < 0)
        return false;
    *to = (enum job_state)next;
    return true;
}

bool media_next(enum media_state from, enum media_event event, enum media_state *to)
{
    int next = step(media_table[from], (int)event);
    if (next < 0)
        return false;
    *to = (enum media_state)next;
    return true;
}

bool time_next(enum time_state from, enum time_event event, enum time_state *to)
{
    int next = step(time_table[from], (int)event);
    if (next < 0)
        return false;
    *to = (enum time_state)next;
    return true;
}

bool access_next(enum access from, enum access_event event, enum access *to)
{
    int next = step(access_table[from], (int)event);
    if (next < 0)
        return false;
    *to = (enum access)next;
    return true;
}

WORDS_NAME(upload_state_name, enum upload_state, upload_names, UPLOAD_STATE_COUNT)
WORDS_OF(upload_state_of, enum upload_state, upload_names, UPLOAD_STATE_COUNT)
WORDS_NAME(job_state_name, enum job_state, job_names, JOB_STATE_COUNT)
WORDS_OF(job_state_of, enum job_state, job_names, JOB_STATE_COUNT)
WORDS_NAME(media_state_name, enum media_state, media_names, MEDIA_STATE_COUNT)
WORDS_OF(media_state_of, enum media_state, media_names, MEDIA_STATE_COUNT)
WORDS_NAME(time_state_name, enum time_state, time_names, TIME_STATE_COUNT)
WORDS_OF(time_state_of, enum time_state, time_names, TIME_STATE_COUNT)
