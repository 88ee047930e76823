#include "lib/svc/live/stream.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/session.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/teaching/lecture.h"

enum { PUBLISHERS_SHOWN = 20 };

static const char *const by_names[LIVE_BY_COUNT] = {"finished", "silence", "person"};
WORDS_NAME(live_end_by_name, enum live_end_by, by_names, LIVE_BY_COUNT)
static WORDS_OF(end_by_of, enum live_end_by, by_names, LIVE_BY_COUNT)

    /* --- reading --- */

    /* The columns ${live_stream_cols} of sql/queries/live.sql. */
    static struct live_stream *read_streams(struct cx *cx, const struct rows *rows)
{
    struct live_stream *list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++) {
        list[i] = (struct live_stream){.lecture_id = row_i64(rows, i, 0),
                                       .lecture_key = row_text(rows, i, 1),
                                       .lecture_title = row_text(rows, i, 2),
                                       .course_name = row_text(rows, i, 3),
                                       .began_at = row_time(rows, i, 4),
                                       .interrupted_at = row_time(rows, i, 5),
                                       .ended_at = row_time(rows, i, 6),
                                       .ended_name = row_text(rows, i, 8),
                                       .discard = row_bool(rows, i, 9),
                                       .undo = row_bool(rows, i, 10)};
        (void)end_by_of(row_bytes(rows, i, 7), &list[i].ended_by);
    }
    return list;
}

/* The columns of ${live_publisher}. */
static struct live_publisher *read_publishers(struct cx *cx, const struct rows *rows)
{
    struct live_publisher *list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++) {
        list[i] = (struct live_publisher){.key = row_text(rows, i, 1),
                                          .login = row_text(rows, i, 3),
                                          .name = row_text(rows, i, 4),
                                          .token = row_text(rows, i, 5),
                                          .from = row_text(rows, i, 6),
                                          .ingest = row_text(rows, i, 7),
                                          .began_at = row_time(rows, i, 8),
                                          .stopped_at = row_time(rows, i, 9),
                                          .why = row_text(rows, i, 10),
                                          .recorded = row_bool(rows, i, 11)};
        if (!wire_view_of(row_bytes(rows, i, 2), &list[i].view))
            bug("unknown view in a session");
    }
    return list;
}

enum rc live_stream_get(struct cx *cx, int64_t lecture_id, struct live_stream **out)
{
    struct rows *rows = NULL, *publishers = NULL;
    enum rc rc = db_query(cx, SQL_live_stream_get, &rows, "i", lecture_id);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_publishers_of, &publishers, "ii", lecture_id, (int64_t)PUBLISHERS_SHOWN);
    if (rc != RC_OK)
        return rc;
    struct live_stream *s = rows_count(rows) > 0 ? read_streams(cx, rows) : NULL;
    if (s) {
        s->publisher = read_publishers(cx, publishers);
        s->n = rows_count(publishers);
    }
    *out = s;
    return RC_OK;
}

/* Both lists are of one moment, nearly: a publisher whose stream is not in the list is left out. */
static void add_publishers(struct cx *cx, const struct rows *rows, struct live_stream *list, size_t n)
{
    struct live_publisher *all = read_publishers(cx, rows);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < rows_count(rows); k++)
            if (row_i64(rows, k, 0) == list[i].lecture_id && list[i].n++ == 0)
                list[i].publisher = &all[k];
}

enum rc live_stream_list(struct cx *cx, int64_t limit, struct live_stream **out, size_t *n)
{
    struct rows *rows = NULL, *publishers = NULL;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_stream_list, &rows, "i", limit);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_publishers_now, &publishers, "");
    if (rc != RC_OK)
        return rc;
    struct live_stream *list = read_streams(cx, rows);
    add_publishers(cx, publishers, list, rows_count(rows));
    *out = list;
    *n = rows_count(rows);
    return RC_OK;
}

/* --- the end by a person --- */

struct ending {
    const struct lecture *lecture;
    bool discard;
};

struct live_row {
    bool ended, by_person, discard, recent;
};

static enum rc lock_live(struct cx *cx, const struct lecture *l, struct live_row *out)
{
    struct rows *rows = NULL;
    struct lecture *locked = NULL;
    enum rc rc = lecture_lock(cx, l->id, &locked);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_lock, &rows, "i", l->id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return err_set(cx, RC_CONFLICT, NULL, "live_never", "lecture %s was not live", l->key);
    if (rc == RC_OK)
        *out = (struct live_row){row_bool(rows, 0, 0), row_bool(rows, 0, 1), row_bool(rows, 0, 2),
                                 row_bool(rows, 0, 3)};
    return rc;
}

static enum rc send_all_away(struct cx *cx, int64_t lecture_id)
{
    struct live_session *list = NULL;
    size_t n = 0;
    enum rc rc = live_session_lock_view(cx, lecture_id, VIEW_KIND_COUNT, &list, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = live_session_send_away(cx, &list[i], "over");
    return rc;
}

static enum rc check_discard(struct cx *cx, const struct lecture *l)
{
    struct rows *rows = NULL;
    enum rc rc = db_one(cx, SQL_live_in_work, &rows, "i", l->id);
    if (rc == RC_OK && row_bool(rows, 0, 0))
        rc = err_set(cx, RC_CONFLICT, NULL, "live_published", "the recording of lecture %s is in work",
                     l->key);
    return rc;
}

static enum rc end_tx(struct cx *cx, void *arg)
{
    const struct ending *e = arg;
    const struct lecture *l = e->lecture;
    struct live_row live = {0};
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live"); /* no publisher begins meanwhile */
    if (rc == RC_OK)
        rc = lock_live(cx, l, &live);
    if (rc == RC_OK && e->discard && !live.discard)
        rc = check_discard(cx, l);
    if (rc != RC_OK)
        return rc;
    if (live.ended) {
        rc = db_exec(cx, SQL_live_set_discard, NULL, "bi", (int)e->discard, l->id);
    } else {
        rc = send_all_away(cx, l->id);
        if (rc == RC_OK)
            rc = db_exec(cx, SQL_live_end, NULL, "sibi", live_end_by_name(LIVE_BY_PERSON),
                         cx->actor ? cx->actor->user_id : (int64_t)0, (int)e->discard, l->id);
        if (rc == RC_OK)
            rc = lecture_time_move(cx, l->id, TIME_ON_END);
        if (rc == RC_OK)
            rc = live_test_over(cx, l->id);
        if (rc == RC_OK)
            rc = dvr_end(cx, l);
    }
    if (rc == RC_OK && e->discard)
        rc = dvr_discard(cx, l);
    return rc == RC_OK
               ? audit_write(cx, "live.end", "lecture", l->id, "%s", e->discard ? "discarded" : "kept")
               : rc;
}

enum rc live_stream_end(struct cx *cx, const char *key, bool discard)
{
    struct lecture *l = NULL;
    struct ending e = {.discard = discard};
    enum rc rc = lecture_get(cx, ACT_COURSE_UPLOAD, key, &l);
    e.lecture = l;
    return rc == RC_OK ? db_tx(cx, end_tx, &e) : rc;
}

static enum rc undo_tx(struct cx *cx, void *arg)
{
    const struct lecture *l = arg;
    struct live_row live = {0};
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live");
    if (rc == RC_OK)
        rc = lock_live(cx, l, &live);
    if (rc != RC_OK || !live.ended)
        return rc;
    if (!live.recent)
        return err_set(cx, RC_CONFLICT, NULL, "undo_over", "the stream of lecture %s ended too long ago",
                       l->key);
    rc = db_exec(cx, live.discard ? SQL_live_keep : SQL_live_open_again, NULL, "i", l->id);
    return rc == RC_OK ? audit_write(cx, "live.undo", "lecture", l->id, "%s", "") : rc;
}

enum rc live_stream_undo(struct cx *cx, const char *key)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(cx, ACT_COURSE_UPLOAD, key, &l);
    return rc == RC_OK ? db_tx(cx, undo_tx, l) : rc;
}
