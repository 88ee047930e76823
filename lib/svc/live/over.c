#include "lib/svc/live/over.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/flow/cancel.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/teaching/lecture.h"

/* One lecture in a state that does not fit must not hold up the others. */
static enum rc pass_over(struct cx *cx, enum rc rc, int64_t lecture_id)
{
    if (rc != RC_CONFLICT && rc != RC_NOTFOUND)
        return rc;
    LOG(WARN, cx, "a live stream cannot be ended or published", F_NUM("lecture", lecture_id),
        F_TEXT("reason", cx->err.detail));
    err_clear(cx);
    return RC_OK;
}

/* --- the end --- */

struct ending {
    int64_t lecture_id;
    enum live_end_by by;
    bool did;
};

static enum rc find_over(struct cx *cx, int64_t lecture_id, struct rows **rows)
{
    return db_query(cx, SQL_live_over_due, rows, "iiii", lecture_id, lecture_id, (int64_t)LIVE_GRACE_S,
                    (int64_t)LIVE_SILENCE_S);
}

/* A publisher may have come meanwhile. */
static enum rc end_tx(struct cx *cx, void *arg)
{
    struct ending *e = arg;
    struct rows *rows = NULL;
    struct lecture *l = NULL;
    e->did = false;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live");
    if (rc == RC_OK)
        rc = lecture_lock(cx, e->lecture_id, &l);
    if (rc == RC_OK)
        rc = find_over(cx, e->lecture_id, &rows);
    if (rc != RC_OK || rows_count(rows) == 0)
        return rc;
    e->by = row_bool(rows, 0, 1) ? LIVE_BY_FINISHED : LIVE_BY_SILENCE;
    rc = db_exec(cx, SQL_live_end, NULL, "sibi", live_end_by_name(e->by), (int64_t)0, 0, e->lecture_id);
    if (rc == RC_OK)
        rc = lecture_time_move(cx, e->lecture_id, TIME_ON_END);
    if (rc == RC_OK)
        rc = live_test_over(cx, e->lecture_id);
    if (rc == RC_OK)
        rc = dvr_end(cx, l);
    e->did = rc == RC_OK;
    return rc;
}

enum rc live_over(struct cx *cx, int *n)
{
    struct rows *rows = NULL;
    enum rc rc = find_over(cx, 0, &rows);
    *n = 0;
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        struct ending e = {.lecture_id = row_i64(rows, i, 0)};
        rc = pass_over(cx, db_tx(cx, end_tx, &e), e.lecture_id);
        if (rc == RC_OK && e.did) {
            ++*n;
            LOG(INFO, cx, "live stream is over", F_NUM("lecture", e.lecture_id),
                F_TEXT("by", live_end_by_name(e.by)));
        }
    }
    return rc;
}

/* --- its recordings --- */

struct publishing {
    int64_t lecture_id;
    enum view_kind view;
    size_t parts; /* 0: there was nothing to do */
    size_t left_out;
};

/* The smallest are left out of more than a source can have: they come behind the others, which stay in order. */
static size_t drop_smallest(struct source_part *parts, size_t n)
{
    size_t dropped = 0;
    for (; n > SOURCE_PARTS_MAX; n--, dropped++) {
        size_t least = 0;
        for (size_t i = 1; i < n; i++)
            if (parts[i].size < parts[least].size)
                least = i;
        const struct source_part out = parts[least];
        memmove(&parts[least], &parts[least + 1], (n - least - 1) * sizeof *parts);
        parts[n - 1] = out;
    }
    return dropped;
}

/* No probe takes what is in no source; while it is only complete, its view would be published again and again. */
static enum rc take_left_out(struct cx *cx, const struct source_part *parts, size_t n)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct upload *u = NULL;
        rc = upload_get_by_id(cx, parts[i].upload_id, &u);
        if (rc == RC_OK && u->state == UPLOAD_COMPLETE)
            rc = upload_move(cx, u, UPLOAD_ON_TAKE, NULL);
    }
    return rc;
}

/* All recordings of a view that are there, in order, and the newest upload of them. */
static enum rc load_parts(struct cx *cx, const struct publishing *p, struct source_part **out, size_t *n,
                          int64_t *newest)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_over_parts, &rows, "is", p->lecture_id, wire_view_name(p->view));
    if (rc != RC_OK)
        return rc;
    struct source_part *parts = arena_array(cx->arena, rows_count(rows) + 1, sizeof *parts);
    *newest = 0;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int64_t begins = row_time(rows, i, 2) - row_time(rows, 0, 2);
        parts[i] = (struct source_part){
            .upload_id = row_i64(rows, i, 0),
            .size = row_i64(rows, i, 1),
            .begins = begins < WIRE_SECONDS_MAX * INT64_C(1000) ? begins : WIRE_SECONDS_MAX * INT64_C(1000),
            .goes_on = i > 0 && row_i64(rows, i, 3) == row_i64(rows, i - 1, 3)};
        *newest = parts[i].upload_id > *newest ? parts[i].upload_id : *newest;
    }
    *out = parts;
    *n = rows_count(rows);
    return RC_OK;
}

static enum rc publish_tx(struct cx *cx, void *arg)
{
    struct publishing *p = arg;
    const char *view = wire_view_name(p->view);
    struct lecture *l = NULL;
    struct rows *due = NULL;
    struct source_part *parts = NULL;
    struct upload *u = NULL;
    size_t n = 0;
    int64_t newest = 0, source = 0, task;
    p->parts = 0;
    enum rc rc = lecture_lock(cx, p->lecture_id, &l);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_over_publish, &due, "iis", p->lecture_id, p->lecture_id, view);
    if (rc == RC_OK && (rows_count(due) == 0 || l->object.deleted))
        return RC_OK;
    if (rc == RC_OK)
        rc = load_parts(cx, p, &parts, &n, &newest);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, newest, &u);
    if (rc == RC_OK) {
        p->left_out = drop_smallest(parts, n);
        p->parts = n - p->left_out;
        rc = source_set_parts(cx, u, parts, p->parts, row_bool(due, 0, 2), &source);
    }
    if (rc == RC_OK)
        rc = take_left_out(cx, parts + p->parts, p->left_out);
    if (rc == RC_OK) /* of the parts that it had before */
        rc = cancel_by_source(cx, p->lecture_id, source);
    return rc == RC_OK ? publish_start(cx, p->lecture_id, source, p->view, &task) : rc;
}

/* The uploads of these rows: lecture, key. */
static enum rc remove_all(struct cx *cx, enum rc rc, const struct rows *rows)
{
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        rc = pass_over(cx, arrival_cancel(cx, row_text(rows, i, 1)), row_i64(rows, i, 0));
    return rc;
}

enum rc live_publish(struct cx *cx, int *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_over_empty, &rows, "");
    rc = remove_all(cx, rc, rows);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_over_publish, &rows, "iis", (int64_t)0, (int64_t)0, "");
    *n = 0;
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        struct publishing p = {.lecture_id = row_i64(rows, i, 0)};
        if (!wire_view_of(row_bytes(rows, i, 1), &p.view))
            bug("unknown view in a session");
        rc = pass_over(cx, db_tx(cx, publish_tx, &p), p.lecture_id);
        if (rc != RC_OK || p.parts == 0)
            continue;
        ++*n;
        LOG(INFO, cx, "recordings of a live stream are published", F_NUM("lecture", p.lecture_id),
            F_TEXT("view", wire_view_name(p.view)), F_NUM("parts", (int64_t)p.parts),
            F_NUM("left_out", (int64_t)p.left_out));
    }
    return rc;
}

enum rc live_forget(struct cx *cx, int *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_over_forget, &rows, "i", (int64_t)LECTURE_UNDO_DAYS);
    rc = remove_all(cx, rc, rows);
    if (rc == RC_OK)
        *n = (int)rows_count(rows);
    return rc;
}
