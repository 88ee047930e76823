#include "lib/svc/pipeline/flow/dvr.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/flow/place.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/wire/limits.h"

enum { PARAMS_MAX = 65536, TRACKS_MAX = 8, NAME_BYTES = 16, SIDE_MAX = 16384 };
#define BITRATE_MAX INT64_C(1000000000)

/* --- while it grows --- */

/* As against a database that is away, or a transaction that has to be repeated. */
static bool lacks_store(const struct cx *cx)
{
    const char *key = cx->err.key ? cx->err.key : "";
    return strcmp(key, "no_storage_node") == 0 || strcmp(key, "storage_full") == 0;
}

/* *node 0: there is none, which is no failure here. */
static enum rc find_store(struct cx *cx, const struct lecture *l, int64_t *node)
{
    enum rc rc = RC_OK;
    *node = l->node_id;
    if (*node == 0)
        rc = place_store(cx, l, 0, node);
    if (rc == RC_UNAVAIL && lacks_store(cx)) {
        err_clear(cx);
        *node = 0;
        rc = RC_OK;
    }
    return rc;
}

static enum rc add_rows(struct cx *cx, int64_t lecture_id, int64_t generation, const char *view, int64_t node)
{
    enum rc rc = db_exec(cx, SQL_dvr_view_insert, NULL, "iis", lecture_id, generation, view);
    return rc == RC_OK
               ? db_exec(cx, SQL_dvr_artifact_insert, NULL, "iisi", lecture_id, generation, view, node)
               : rc;
}

enum rc dvr_begin(struct cx *cx, const struct lecture *l, enum view_kind view, int *generation)
{
    struct rows *rows = NULL;
    int64_t node = 0, number = 0;
    enum rc rc = db_one(cx, SQL_dvr_number, &rows, "i", l->id);
    if (rc == RC_OK)
        rc = find_store(cx, l, &node);
    if (rc == RC_OK && node) {
        bool open = row_i64(rows, 0, 0) > 0;
        number = row_i64(rows, 0, open ? 0 : 1);
        if (!open)
            rc = db_exec(cx, SQL_dvr_insert, NULL, "iii", l->id, number, node);
        if (rc == RC_OK)
            rc = add_rows(cx, l->id, number, wire_view_name(view), node);
    }
    if (rc == RC_OK)
        *generation = (int)number;
    return rc;
}

enum rc dvr_shown(struct cx *cx, const struct job *j)
{
    struct db_done done = {0};
    if (j->generation == 0)
        return RC_OK;
    enum rc rc = db_exec(cx, SQL_dvr_view_shown, &done, "iis", j->lecture_id, (int64_t)j->generation,
                         wire_view_name(j->view));
    return rc == RC_OK && done.affected > 0
               ? db_exec(cx, SQL_dvr_shown, NULL, "ii", j->lecture_id, (int64_t)j->generation)
               : rc;
}

/* --- the end --- */

static enum rc add_seal(struct cx *cx, const struct lecture *l, int64_t generation, int64_t node)
{
    struct job_new n = {.lecture_id = l->id,
                        .kind = JOB_SEAL,
                        .view = VIEW_KIND_COUNT,
                        .target_node = node,
                        .delay_ms = DVR_SETTLE_MS};
    int64_t id = 0;
    n.params =
        arena_printf(cx->arena, "{\"lecture\":\"%s\",\"generation\":%lld}", l->key, (long long)generation);
    enum rc rc = task_add(cx, TASK_LIVE, l->id, 0, &n.task_id);
    return rc == RC_OK ? job_add(cx, &n, &id) : rc;
}

enum rc dvr_end(struct cx *cx, const struct lecture *l)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_dvr_open, &rows, "i", l->id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        rc = db_exec(cx, SQL_dvr_end, NULL, "ii", l->id, row_i64(rows, i, 0));
        if (rc == RC_OK)
            rc = add_seal(cx, l, row_i64(rows, i, 0), row_i64(rows, i, 1));
    }
    return rc;
}

static enum rc drop(struct cx *cx, const struct lecture *l, int64_t generation, int64_t node)
{
    const char *paths[] = {arena_printf(cx->arena, "media/%s/g%lld", l->key, (long long)generation), NULL};
    const struct removal o = {.lecture_id = l->id,
                              .node_id = node,
                              .paths = paths,
                              .generation = (int)generation,
                              .delay_ms = REMOVAL_GENERATION_MS};
    enum rc rc = db_exec(cx, SQL_dvr_drop, NULL, "ii", l->id, generation);
    /* a scheduler of the version before knows of no number but the lecture's, and may have given this one to a commit */
    return rc == RC_OK && generation != l->generation ? removal_queue(cx, &o) : rc;
}

static enum rc drop_needless(struct cx *cx, const struct lecture *l, bool all)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_dvr_needless, &rows, "ib", l->id, (int)all);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        rc = drop(cx, l, row_i64(rows, i, 0), row_i64(rows, i, 1));
    return rc;
}

enum rc dvr_discard(struct cx *cx, const struct lecture *l)
{
    return drop_needless(cx, l, true);
}

enum rc dvr_settle(struct cx *cx, const struct lecture *l)
{
    return drop_needless(cx, l, false);
}

/* --- the seal --- */

static enum rc check_track(struct cx *cx, const json_t *o, json_t *list)
{
    const char *name = NULL;
    int64_t width = 0, height = 0, bitrate = 0;
    enum rc rc = js_str(cx, o, "name", NAME_BYTES, &name);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "width", 0, SIDE_MAX, &width);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "height", 0, SIDE_MAX, &height);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "bitrate", 0, BITRATE_MAX, &bitrate);
    if (rc == RC_OK)
        json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:I}", "name", name, "width", (json_int_t)width,
                                              "height", (json_int_t)height, "bitrate", (json_int_t)bitrate));
    return rc;
}

struct sealed_view {
    enum view_kind kind;
    double seconds;
    int64_t bytes;
    bool audio;
    const char *tracks; /* JSON */
};

static enum rc read_view(struct cx *cx, const json_t *o, struct sealed_view *out)
{
    const char *name = NULL;
    const json_t *tracks = NULL;
    json_t *list = js_keep(cx, json_array());
    struct sealed_view v = {.audio = js_get_bool(o, "audio", false)};
    enum rc rc = js_str(cx, o, "view", NAME_BYTES, &name);
    if (rc == RC_OK && !wire_view_of(str_of(name), &v.kind))
        rc = err_set(cx, RC_INVALID, "view", NULL, "no such view");
    if (rc == RC_OK)
        rc = js_f64(cx, o, "seconds", 0, WIRE_SECONDS_MAX, &v.seconds);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "bytes", 0, WIRE_FILE_MAX, &v.bytes);
    if (rc == RC_OK)
        rc = js_arr(cx, o, "tracks", &tracks);
    if (rc == RC_OK && json_array_size(tracks) > TRACKS_MAX)
        rc = err_set(cx, RC_INVALID, "tracks", NULL, "%zu tracks", json_array_size(tracks));
    for (size_t i = 0; rc == RC_OK && i < json_array_size(tracks); i++)
        rc = check_track(cx, json_array_get(tracks, i), list);
    v.tracks = js_text(cx, list).p;
    if (rc == RC_OK)
        *out = v;
    return rc;
}

/* What is shorter than a frame cannot be watched: seconds stays NULL. */
static enum rc keep_view(struct cx *cx, int64_t lecture_id, int64_t generation, const struct sealed_view *v)
{
    const char *view = wire_view_name(v->kind);
    enum rc rc = RC_OK;
    if (v->seconds > 0)
        rc = db_exec(cx, SQL_dvr_view_seal, NULL, "dbsiis", v->seconds, (int)v->audio, v->tracks, lecture_id,
                     generation, view);
    return rc == RC_OK
               ? db_exec(cx, SQL_dvr_artifact_seal, NULL, "iiis", v->bytes, lecture_id, generation, view)
               : rc;
}

static enum rc keep_views(struct cx *cx, const struct job *j, int64_t generation, const json_t *views)
{
    enum rc rc = RC_OK;
    if (json_array_size(views) > VIEW_KIND_COUNT)
        return err_set(cx, RC_INVALID, "views", NULL, "%zu views", json_array_size(views));
    for (size_t i = 0; rc == RC_OK && i < json_array_size(views); i++) {
        struct sealed_view v;
        rc = read_view(cx, json_array_get(views, i), &v);
        if (rc == RC_OK)
            rc = keep_view(cx, j->lecture_id, generation, &v);
    }
    return rc;
}

enum rc dvr_sealed(struct cx *cx, const struct job *j, const json_t *outputs)
{
    const json_t *params = NULL, *views = NULL;
    struct lecture *l = NULL;
    int64_t generation = 0;
    enum rc rc = js_parse_object(cx, str_of(j->params), PARAMS_MAX, &params);
    if (rc == RC_OK)
        rc = js_i64(cx, params, "generation", 1, INT32_MAX, &generation);
    if (rc == RC_OK)
        rc = js_arr(cx, outputs, "views", &views);
    if (rc == RC_OK)
        rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc == RC_OK)
        rc = keep_views(cx, j, generation, views);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_dvr_seal, NULL, "ii", j->lecture_id, generation);
    if (rc == RC_OK)
        rc = dvr_settle(cx, l);
    return rc == RC_OK ? task_settle(cx, j->task_id) : rc;
}

/* --- numbers --- */

enum rc dvr_next_commit(struct cx *cx, int64_t lecture_id, int *generation)
{
    struct rows *rows = NULL;
    enum rc rc = db_one(cx, SQL_dvr_next_commit, &rows, "i", lecture_id);
    if (rc == RC_OK)
        *generation = (int)row_i64(rows, 0, 0);
    return rc;
}
