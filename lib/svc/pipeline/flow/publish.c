/* One function per kind of finished job. Outputs come from nodes, which belong to other people: everything is
 * checked before the first write. */
#include "lib/svc/pipeline/flow/publish.h"

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/flow/commit.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/pipeline/flow/outputs.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/flow/settle.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/teaching/lecture.h"

static enum rc add_step(struct cx *cx, const struct job *j, enum job_kind kind, int64_t waits_for,
                        int64_t *id)
{
    struct job_new n = {.task_id = j->task_id,
                        .lecture_id = j->lecture_id,
                        .source_id = j->source_id,
                        .kind = kind,
                        .view = j->view,
                        .waits_for = waits_for,
                        .params = "{}"};
    return job_add(cx, &n, id);
}

static bool is_wanted(const json_t *plan, const char *name)
{
    return json_is_object(json_object_get(plan, name));
}

enum rc publish_start(struct cx *cx, int64_t lecture_id, int64_t source_id, enum view_kind view,
                      int64_t *task)
{
    struct job_new probe = {
        .lecture_id = lecture_id, .source_id = source_id, .kind = JOB_PROBE, .view = view, .params = "{}"};
    int64_t job;
    enum rc rc = task_add(cx, TASK_PUBLISH, lecture_id, source_id, &probe.task_id);
    if (rc == RC_OK)
        rc = job_add(cx, &probe, &job);
    if (rc == RC_OK)
        rc = lecture_media_move(cx, lecture_id, MEDIA_ON_PROCESS, NULL);
    if (rc == RC_OK)
        *task = probe.task_id;
    return rc;
}

static enum rc take_upload(struct cx *cx, int64_t upload_id)
{
    struct upload *u;
    enum rc rc = upload_get_by_id(cx, upload_id, &u);
    if (rc != RC_OK || u->state == UPLOAD_TAKEN)
        return rc;
    return upload_move(cx, u, UPLOAD_ON_TAKE, NULL);
}

static enum rc take_uploads(struct cx *cx, const struct source *s)
{
    struct source_part *parts;
    size_t n = 0;
    enum rc rc = source_parts(cx, s, &parts, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = take_upload(cx, parts[i].upload_id);
    return rc == RC_OK && n == 0 ? take_upload(cx, s->upload_id) : rc;
}

/* The quick version is for a view that cannot be watched yet. If a better version of this file can be
 * watched, the quick one would replace it until the full one is ready. */
static enum rc wants_quick(struct cx *cx, int64_t source_id, const json_t *plan, bool *wanted)
{
    struct rows *rows;
    enum rc rc;
    *wanted = is_wanted(plan, "quick");
    if (!*wanted || !is_wanted(plan, "full"))
        return RC_OK;
    rc = db_one(cx, SQL_publish_shown, &rows, "i", source_id);
    if (rc == RC_OK)
        *wanted = row_i64(rows, 0, 0) == 0;
    return rc;
}

static enum rc probe_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    const json_t *probe, *plan = NULL;
    struct source *s;
    double duration;
    bool with_quick = false;
    int64_t quick = 0, full;
    enum rc rc = js_obj(cx, outputs, "probe", &probe);
    if (rc == RC_OK)
        rc = js_obj(cx, outputs, "plan", &plan);
    if (rc == RC_OK)
        rc = js_f64(cx, probe, "duration", 0, OUTPUTS_MAX_SECONDS, &duration);
    if (rc == RC_OK && !is_wanted(plan, "quick") && !is_wanted(plan, "full"))
        rc = err_set(cx, RC_INVALID, "plan", NULL, "the plan makes nothing");
    if (rc == RC_OK)
        rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = source_set_plan(cx, s->id, js_text(cx, probe).p, js_text(cx, plan).p, duration);
    if (rc == RC_OK)
        rc = take_uploads(cx, s);
    if (rc == RC_OK)
        rc = wants_quick(cx, s->id, plan, &with_quick);
    if (rc == RC_OK && with_quick)
        rc = add_step(cx, j, JOB_QUICK, 0, &quick);
    if (rc == RC_OK && is_wanted(plan, "full"))
        rc = add_step(cx, j, JOB_FULL, quick, &full);
    return rc;
}

static enum rc encode_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    struct lecture *l;
    struct job_new n = {.task_id = j->task_id,
                        .lecture_id = j->lecture_id,
                        .source_id = j->source_id,
                        .kind = JOB_COMMIT,
                        .view = j->view};
    int64_t commit;
    enum rc rc = outputs_check(cx, outputs);
    if (rc == RC_OK)
        rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc != RC_OK)
        return rc;
    n.target_node = l->node_id;
    n.params = arena_printf(cx->arena, "{\"from\":%lld}", (long long)j->id);
    rc = job_add(cx, &n, &commit);
    /* jobs that waited for the files of the first generation now wait until these are committed */
    return rc == RC_OK ? db_exec(cx, SQL_job_wait_instead, NULL, "ii", commit, j->id) : rc;
}

static enum rc delete_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    (void)outputs;
    return purge_job_done(cx, j);
}

enum rc publish_job_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    static enum rc (*const next[JOB_KIND_COUNT])(struct cx *, const struct job *, const json_t *) = {
        [JOB_PROBE] = probe_done,   [JOB_QUICK] = encode_done,  [JOB_FULL] = encode_done,
        [JOB_COMMIT] = commit_done, [JOB_DELETE] = delete_done, [JOB_SEAL] = dvr_sealed,
    };
    if (!json_is_object(outputs) && j->kind != JOB_DELETE)
        return err_set(cx, RC_INVALID, "outputs", NULL, "a finished job has no outputs");
    return next[j->kind](cx, j, outputs);
}

/* --- what did not work --- */

/* Only a file that was never read successfully is refused: others keep their place, whatever a later probe
 * says. Recordings of a live stream are kept: nobody else has them. */
static enum rc refuse_upload(struct cx *cx, const struct job *j)
{
    struct source *s;
    struct upload *u;
    enum rc rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, s->upload_id, &u);
    if (rc == RC_OK && (u->state == UPLOAD_TAKEN || s->parts > 0))
        return RC_OK;
    if (rc == RC_OK)
        rc = upload_move(cx, u, UPLOAD_ON_REFUSE, j->error_code);
    if (rc == RC_OK)
        rc = removal_queue(
            cx,
            &(struct removal){.lecture_id = j->lecture_id, .node_id = s->node_id, .upload = s->upload_key});
    return rc;
}

enum rc publish_job_dead(struct cx *cx, const struct job *j, bool permanent)
{
    enum rc rc = RC_OK;
    if (j->kind == JOB_PROBE && permanent)
        rc = refuse_upload(cx, j);
    if (rc == RC_OK)
        rc = task_settle(cx, j->task_id);
    bool media = j->kind != JOB_DELETE && j->kind != JOB_SEAL;
    return rc == RC_OK && media ? settle_lecture(cx, j->lecture_id) : rc;
}
