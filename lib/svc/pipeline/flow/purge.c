#include "lib/svc/pipeline/flow/purge.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/audit.h"
#include "lib/svc/pipeline/flow/cancel.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"

/* A worker that is told to stop may still be sending: its results are removed when it has been told. */
enum { SETTLE_MS = 30000, DUE_BATCH = 20 };

/* All that a lecture can have on its storage node. */
static enum rc list_everything(struct cx *cx, const struct lecture *l, json_t *params)
{
    json_t *paths = json_array(), *uploads = json_array();
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_purge_prefixes, &rows, "i", l->id);
    json_object_set_new(params, "paths", paths);
    json_object_set_new(params, "uploads", uploads);
    json_object_set_new(params, "purge", json_integer(1));
    json_array_append_new(paths, json_sprintf("media/%s", l->key));
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        json_array_append_new(paths,
                              json_sprintf("incoming/%s/%lld-%lld", l->key, (long long)row_i64(rows, i, 0),
                                           (long long)row_i64(rows, i, 1)));
    if (rc == RC_OK)
        rc = db_query(cx, SQL_purge_uploads, &rows, "i", l->id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        json_array_append_new(uploads, json_string(row_text(rows, i, 0)));
    return rc;
}

static enum rc remove_rows(struct cx *cx, int64_t lecture_id)
{
    enum rc rc = db_exec(cx, SQL_purge_all_gone, NULL, "i", lecture_id);
    return rc == RC_OK ? db_exec(cx, SQL_purge_lecture_delete, NULL, "i", lecture_id) : rc;
}

static enum rc start_tx(struct cx *cx, void *arg)
{
    const int64_t id = *(const int64_t *)arg;
    struct lecture *l;
    struct rows *rows = NULL;
    json_t *params = js_object(cx);
    enum rc rc = lecture_lock(cx, id, &l);
    if (rc == RC_OK && l->deleted_at == NO_TIME && !l->course_deleted)
        return err_set(cx, RC_CONFLICT, NULL, "lecture_not_deleted", "lecture %s is not deleted", l->key);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_purge_running, &rows, "i", id);
    if (rc != RC_OK || row_i64(rows, 0, 0) > 0)
        return rc;
    rc = audit_write(cx, "lecture.purge", "lecture", id, "%s", l->key);
    if (rc == RC_OK)
        rc = cancel_by_lecture(cx, id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_purge_cancel_uploads, NULL, "i", id);
    if (rc == RC_OK && l->node_id == 0)
        return remove_rows(cx, id);
    if (rc == RC_OK)
        rc = list_everything(cx, l, params);
    return rc == RC_OK ? removal_add_job(cx, id, l->node_id, params, SETTLE_MS) : rc;
}

enum rc purge_start(struct cx *cx, int64_t lecture_id)
{
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    return rc == RC_OK ? db_tx(cx, start_tx, &lecture_id) : rc;
}

enum rc purge_due(struct cx *cx, int *n)
{
    struct lecture_list list;
    enum rc rc = lecture_list_purgeable(cx, DUE_BATCH, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        rc = purge_start(cx, list.item[i].id);
        if (rc == RC_CONFLICT || rc == RC_NOTFOUND) { /* restored or purged at the same moment */
            err_clear(cx);
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        *n = (int)list.n;
    return rc;
}

enum rc purge_job_done(struct cx *cx, const struct job *j)
{
    const json_t *params, *uploads = NULL;
    enum rc rc = js_parse_object(cx, str_of(j->params), JS_MAX_STRING * 16, &params);
    int64_t generation;
    if (rc == RC_OK)
        rc = js_opt_arr(cx, params, "uploads", &uploads);
    if (rc != RC_OK)
        return rc;
    if (js_get_i64(params, "purge", 0) == 1)
        return remove_rows(cx, j->lecture_id);
    generation = js_get_i64(params, "generation", 0);
    if (generation > 0)
        rc = db_exec(cx, SQL_purge_generation_gone, NULL, "ii", j->lecture_id, generation);
    for (size_t i = 0; rc == RC_OK && i < json_array_size(uploads); i++)
        rc = db_exec(cx, SQL_purge_original_gone, NULL, "is", j->lecture_id,
                     json_string_value(json_array_get(uploads, i)));
    return rc == RC_OK ? task_settle(cx, j->task_id) : rc;
}
