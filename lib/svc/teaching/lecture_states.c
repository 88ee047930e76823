/* The functions that move a lecture along its states (lib/svc/state.h). */
#include "lib/svc/teaching/lecture.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/teaching/lecture_row.h"

static enum rc not_possible(struct cx *cx, int64_t id, const char *state, int event)
{
    return err_set(cx, RC_CONFLICT, NULL, "lecture_state", "lecture %lld is %s, event %d is not possible",
                   (long long)id, state, event);
}

/* The row is locked and the UPDATE names the old state, so it must match; 0 rows mean that the lock is
 * broken. */
static enum rc must_hit(struct cx *cx, enum rc rc, const struct db_done *done, int64_t id)
{
    if (rc == RC_OK && done->affected != 1)
        return err_set(cx, RC_CONFLICT, NULL, "lecture_state", "lecture %lld was moved by somebody else",
                       (long long)id);
    return rc;
}

/* --- moves: each locks the lecture, looks the table up and writes; alone or as part of a transaction --- */

struct move {
    int64_t id;
    int event;
    const char *reason;
};

static enum rc media_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct lecture *l = NULL;
    struct db_done done = {0};
    enum media_state next = MEDIA_NONE;
    enum rc rc = lecture_lock(cx, m->id, &l);
    if (rc != RC_OK)
        return rc;
    if (!media_next(l->media_state, (enum media_event)m->event, &next))
        return not_possible(cx, m->id, media_state_name(l->media_state), m->event);
    const char *reason = m->reason ? m->reason : next == MEDIA_FAILED ? l->media_reason : "";
    if (next == l->media_state && strcmp(reason, l->media_reason) == 0)
        return RC_OK;
    rc = db_exec(cx, SQL_lecture_set_media, &done, "sstis", media_state_name(next), reason, clock_now(),
                 m->id, media_state_name(l->media_state));
    return must_hit(cx, rc, &done, m->id);
}

enum rc lecture_media_move(struct cx *cx, int64_t id, enum media_event event, const char *reason)
{
    return db_tx(cx, media_tx, &(struct move){.id = id, .event = (int)event, .reason = reason});
}

static enum rc time_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct lecture *l = NULL;
    struct db_done done = {0};
    enum time_state next = TIME_PLANNED;
    enum rc rc = lecture_lock(cx, m->id, &l);
    if (rc != RC_OK)
        return rc;
    if (!time_next(l->time_state, (enum time_event)m->event, &next))
        return not_possible(cx, m->id, time_state_name(l->time_state), m->event);
    if (next == l->time_state)
        return RC_OK;
    rc = db_exec(cx, SQL_lecture_set_time, &done, "stis", time_state_name(next), clock_now(), m->id,
                 time_state_name(l->time_state));
    return must_hit(cx, rc, &done, m->id);
}

enum rc lecture_time_move(struct cx *cx, int64_t id, enum time_event event)
{
    return db_tx(cx, time_tx, &(struct move){.id = id, .event = (int)event});
}

enum rc lecture_time_sweep(struct cx *cx, int64_t *count)
{
    struct rows *rows = NULL;
    int64_t now = clock_now(), n = 0;
    enum rc rc = db_query(cx, SQL_lecture_list_over, &rows, "tt", now, now);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++, n++) {
        rc = lecture_time_move(cx, row_i64(rows, i, 0), TIME_ON_PASS);
        if (rc == RC_CONFLICT || rc == RC_NOTFOUND) { /* another request was faster */
            err_clear(cx);
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        *count = n;
    return rc;
}

static enum rc access_tx(struct cx *cx, void *arg)
{
    const struct move *m = arg;
    struct lecture *l = NULL;
    struct db_done done = {0};
    enum access next = ACCESS_DRAFT;
    enum rc rc = lecture_lock(cx, m->id, &l);
    if (rc != RC_OK)
        return rc;
    if (!access_next(l->access, (enum access_event)m->event, &next))
        return not_possible(cx, m->id, access_name(l->access), m->event);
    if (next == l->access)
        return RC_OK;
    int64_t now = clock_now();
    rc = db_exec(cx, SQL_lecture_set_access, &done, "sttis", access_name(next),
                 next == ACCESS_PUBLISHED ? now : l->published_at, now, m->id, access_name(l->access));
    return must_hit(cx, rc, &done, m->id);
}

enum rc lecture_access_move(struct cx *cx, int64_t id, enum access_event event)
{
    return db_tx(cx, access_tx, &(struct move){.id = id, .event = (int)event});
}
