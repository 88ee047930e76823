#include "lib/svc/pipeline/flow/commit.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/flow/cancel.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/flow/settle.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"

enum { RESULT_MAX = 4 * 1024 * 1024, MAX_LIST = 20000 };

/* What is committed: one view, made by one finished job. */
struct piece {
    const struct job *commit;
    struct job *from;
    const json_t *result; /* of `from`, checked when it was accepted */
    struct source *source;
    const char *view, *quality;
};

static enum rc load_from(struct cx *cx, const struct job *j, struct job **from, const json_t **result)
{
    const json_t *params;
    int64_t id;
    enum rc rc = js_parse_object(cx, str_of(j->params), RESULT_MAX, &params);
    if (rc == RC_OK)
        rc = js_i64(cx, params, "from", 1, INT64_MAX, &id);
    if (rc == RC_OK)
        rc = job_get(cx, id, from);
    if (rc == RC_OK)
        rc = js_parse_object(cx, str_of((*from)->result), RESULT_MAX, result);
    return rc;
}

enum rc commit_params(struct cx *cx, const struct job *j, json_t **out)
{
    struct job *from;
    const json_t *result;
    struct rows *rows;
    json_t *params = js_object(cx), *view = json_object(), *views = json_array();
    enum rc rc = load_from(cx, j, &from, &result);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_publish_base, &rows, "i", j->lecture_id);
    json_object_set_new(params, "views", views);
    json_array_append_new(views, view);
    if (rc != RC_OK)
        return rc;
    json_object_set_new(params, "lecture", json_string(j->lecture_key));
    json_object_set_new(params, "generation", json_integer(j->generation));
    json_object_set_new(params, "base", json_integer(row_i64(rows, 0, 0)));
    json_object_set_new(view, "view", json_string(wire_view_name(j->view)));
    json_object_set_new(view, "from",
                        json_sprintf("%s/%lld-%d", j->lecture_key, (long long)from->id, from->attempt));
    json_object_set(view, "files", json_object_get(result, "files"));
    *out = params;
    return RC_OK;
}

/* --- rows of a view --- */

static enum rc add_renditions(struct cx *cx, const struct piece *p)
{
    const json_t *item;
    size_t i;
    json_array_foreach(json_object_get(p->result, "renditions"), i, item)
    {
        const char *name;
        enum rc rc = js_str(cx, item, "name", 40, &name);
        if (rc == RC_OK)
            rc = db_exec(cx, SQL_publish_rendition_insert, NULL, "issiiiidb", p->commit->lecture_id, p->view,
                         name, js_get_i64(item, "width", 0), js_get_i64(item, "height", 0),
                         js_get_i64(item, "bitrate", 0), js_get_i64(item, "frames", 0),
                         js_get_f64(item, "duration", 0), (int)js_get_bool(item, "copied", false));
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc add_marks(struct cx *cx, const struct piece *p)
{
    const json_t *item;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(json_object_get(p->result, "silences"), i, item)
    {
        if (rc == RC_OK && i < MAX_LIST && json_is_number(json_array_get(item, 0)))
            rc = db_exec(cx, SQL_publish_silence_insert, NULL, "isdd", p->commit->lecture_id, p->view,
                         json_number_value(json_array_get(item, 0)),
                         json_number_value(json_array_get(item, 1)));
    }
    json_array_foreach(json_object_get(p->result, "chapters"), i, item)
    {
        if (rc == RC_OK && i < MAX_LIST && json_is_number(item))
            rc = db_exec(cx, SQL_publish_chapter_insert, NULL, "isd", p->commit->lecture_id, p->view,
                         json_number_value(item));
    }
    return rc;
}

static const char *member_text(struct cx *cx, const struct piece *p, const char *name)
{
    const json_t *v = json_object_get(p->result, name);
    return json_is_object(v) || json_is_array(v) ? js_text(cx, v).p : NULL;
}

static enum rc replace_view(struct cx *cx, const struct piece *p)
{
    int64_t lecture = p->commit->lecture_id;
    enum rc rc = db_exec(cx, SQL_publish_view_delete, NULL, "is", lecture, p->view);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_publish_view_insert, NULL, "isisidsss", lecture, p->view, p->source->id,
                     p->quality, (int64_t)p->commit->generation, js_get_f64(p->result, "duration", 0),
                     member_text(cx, p, "audio"), member_text(cx, p, "loudness"),
                     member_text(cx, p, "sprite"));
    if (rc == RC_OK)
        rc = add_renditions(cx, p);
    return rc == RC_OK ? add_marks(cx, p) : rc;
}

static enum rc add_manifest(struct cx *cx, const struct piece *p, const struct lecture *l)
{
    const json_t *file;
    size_t i;
    int64_t generation = p->commit->generation;
    enum rc rc =
        db_exec(cx, SQL_publish_artifact_carry, NULL, "iiis", generation, l->id, l->generation, p->view);
    json_array_foreach(json_object_get(p->result, "files"), i, file)
    {
        if (rc == RC_OK)
            rc = db_exec(cx, SQL_publish_artifact_insert, NULL, "iissiis", l->id, generation, p->view,
                         js_get_str(file, "name", ""), l->node_id, js_get_i64(file, "size", 0),
                         js_get_str(file, "sha256", ""));
    }
    return rc;
}

/* --- the lecture --- */

static enum rc raise_generation(struct cx *cx, const struct job *j)
{
    struct rows *rows;
    double longest = 0;
    enum rc rc = db_query(cx, SQL_publish_poster, &rows, "i", j->lecture_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++)
        longest = row_double(rows, i, 1) > longest ? row_double(rows, i, 1) : longest;
    rc = lecture_set_generation(cx, j->lecture_id, j->generation, (int64_t)(longest * 1000 + 0.5),
                                row_text(rows, 0, 0));
    return rc == RC_OK ? lecture_media_move(cx, j->lecture_id, MEDIA_ON_COMMIT, NULL) : rc;
}

/* Removes the generation before, and what lost attempts may have left. */
static enum rc drop_old(struct cx *cx, const struct piece *p, const struct lecture *l)
{
    struct removal o = {.lecture_id = l->id, .node_id = l->node_id};
    struct rows *rows;
    const char **paths;
    size_t n = 0;
    enum rc rc = db_query(cx, SQL_job_log_lost, &rows, "i", p->from->id);
    if (rc != RC_OK)
        return rc;
    paths = arena_array(cx->arena, rows_count(rows) + 2, sizeof *paths);
    o.paths = paths;
    for (size_t i = 0; i < rows_count(rows); i++)
        paths[n++] = arena_printf(cx->arena, "incoming/%s/%lld-%lld", l->key, (long long)p->from->id,
                                  (long long)row_i64(rows, i, 0));
    o.delay_ms = REMOVAL_ATTEMPT_MS;
    if (n > 0)
        rc = removal_queue(cx, &o);
    if (rc != RC_OK || l->generation == 0)
        return rc;
    paths[0] = arena_printf(cx->arena, "media/%s/g%lld", l->key, (long long)l->generation);
    paths[1] = NULL;
    o.generation = (int)l->generation;
    o.delay_ms = REMOVAL_GENERATION_MS;
    return removal_queue(cx, &o);
}

static enum rc load_piece(struct cx *cx, const struct job *j, struct piece *p)
{
    const json_t *plan = NULL;
    enum rc rc = load_from(cx, j, &p->from, &p->result);
    if (rc == RC_OK)
        rc = source_get(cx, j->source_id, &p->source);
    if (rc == RC_OK && p->source->plan)
        rc = js_parse_object(cx, str_of(p->source->plan), RESULT_MAX, &plan);
    if (rc != RC_OK)
        return rc;
    p->commit = j;
    p->view = wire_view_name(j->view);
    /* if the plan has nothing beyond the copies, they are the final version */
    p->quality =
        p->from->kind == JOB_QUICK && json_is_object(json_object_get(plan, "full")) ? "quick" : "full";
    return RC_OK;
}

enum rc commit_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    struct lecture *l;
    struct piece p;
    int64_t generation;
    enum rc rc = js_i64(cx, outputs, "generation", j->generation, j->generation, &generation);
    if (rc == RC_OK)
        rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc == RC_OK && l->generation >= j->generation)
        rc = err_set(cx, RC_INVALID, "generation", NULL, "generation %d is not above %lld", j->generation,
                     (long long)l->generation);
    if (rc == RC_OK)
        rc = load_piece(cx, j, &p);
    if (rc == RC_OK)
        rc = replace_view(cx, &p);
    if (rc == RC_OK)
        rc = add_manifest(cx, &p, l);
    if (rc == RC_OK)
        rc = raise_generation(cx, j);
    if (rc == RC_OK)
        rc = cancel_superseded(cx, j->lecture_id, j->view, j->source_id);
    if (rc == RC_OK)
        rc = drop_old(cx, &p, l);
    if (rc == RC_OK)
        rc = dvr_settle(cx, l);
    if (rc == RC_OK)
        rc = task_settle(cx, j->task_id);
    return rc == RC_OK ? settle_lecture(cx, j->lecture_id) : rc;
}
