#include "lib/svc/pipeline/flow/again.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/pipeline/flow/cancel.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/pipeline/records/task.h"
#include "lib/svc/pipeline/records/upload.h"
#include "lib/svc/teaching/lecture.h"

struct start {
    const struct upload *upload;
    int64_t task;
};

/* The source, or the failure that says why it cannot be processed again. */
static enum rc find(struct cx *cx, const struct upload *u, int64_t *source)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_again_find, &rows, "i", u->id);
    if (rc != RC_OK)
        return rc;
    if (!row_bool(rows, 0, 1))
        return err_set(cx, RC_CONFLICT, NULL, "again_gone",
                       "the original of upload %s is not kept: the file must be uploaded again", u->key);
    if (row_bool(rows, 0, 2))
        return err_set(cx, RC_CONFLICT, NULL, "again_newer", "its view has a newer file than upload %s",
                       u->key);
    if (row_bool(rows, 0, 3))
        return err_set(cx, RC_CONFLICT, NULL, "again_running", "upload %s is being processed already",
                       u->key);
    *source = row_i64(rows, 0, 0);
    return RC_OK;
}

static enum rc start_tx(struct cx *cx, void *arg)
{
    struct start *s = arg;
    const struct upload *u = s->upload;
    struct lecture *l;
    int64_t source = 0, task;
    enum rc rc = lecture_lock(cx, u->lecture_id, &l);
    if (rc == RC_OK && l->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "lecture %s or its course is deleted", l->key);
    if (rc == RC_OK)
        rc = find(cx, u, &source);
    if (rc == RC_OK)
        rc = cancel_by_source(cx, l->id, source);
    if (rc == RC_OK)
        rc = cancel_superseded(cx, l->id, u->view, source);
    if (rc == RC_OK)
        rc = publish_start(cx, l->id, source, u->view, &task);
    if (rc == RC_OK)
        rc = audit_write(cx, "lecture.again", "lecture", l->id, "%s %s", wire_view_name(u->view), u->key);
    if (rc == RC_OK)
        s->task = task;
    return rc;
}

enum rc again_start(struct cx *cx, const char *upload_key, int64_t *task)
{
    struct upload *u;
    struct start s = {0};
    enum rc rc = upload_get(cx, upload_key, &u);
    s.upload = u;
    if (rc == RC_OK)
        rc = db_tx(cx, start_tx, &s);
    if (rc == RC_OK)
        *task = s.task;
    return rc;
}

enum rc again_ask(struct cx *cx, struct ratelimit *limits, const char *upload_key, int64_t *task)
{
    struct upload *u;
    enum rc rc = upload_get(cx, upload_key, &u);
    if (rc == RC_OK)
        rc = ratelimit_hit(cx, limits, &RATELIMIT_AGAIN_LECTURE, u->lecture_key);
    if (rc == RC_OK)
        rc = ratelimit_hit(cx, limits, &RATELIMIT_AGAIN_USER, cx->actor->login);
    if (rc != RC_OK)
        return rc;
    rc = again_start(cx, upload_key, task);
    if (rc != RC_OK) {
        ratelimit_return(cx, limits, &RATELIMIT_AGAIN_LECTURE, u->lecture_key);
        ratelimit_return(cx, limits, &RATELIMIT_AGAIN_USER, cx->actor->login);
    }
    return rc;
}

/* --- a person tries again what was given up --- */

/* A dead job was requeued: its lecture is being processed again. */
static enum rc resume(struct cx *cx, const struct job *j)
{
    struct source *s;
    struct upload *u;
    enum rc rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, s->upload_id, &u);
    if (rc == RC_OK && u->state != UPLOAD_COMPLETE && u->state != UPLOAD_TAKEN)
        return err_set(cx, RC_CONFLICT, NULL, "upload_over", "upload %s is %s: its file is gone", u->key,
                       upload_state_name(u->state));
    return rc == RC_OK ? lecture_media_move(cx, j->lecture_id, MEDIA_ON_PROCESS, NULL) : rc;
}

static enum rc job_tx(struct cx *cx, void *arg)
{
    struct job *j;
    enum rc rc = job_lock(cx, *(const int64_t *)arg, &j);
    if (rc == RC_OK && j->state != JOB_DEAD)
        return err_set(cx, RC_CONFLICT, NULL, "job_not_dead", "job %lld is %s", (long long)j->id,
                       job_state_name(j->state));
    if (rc == RC_OK)
        rc = job_move(cx, j, JOB_ON_REQUEUE);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_set_requeued, NULL, "i", j->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_task_open, NULL, "i", j->task_id);
    if (rc == RC_OK && j->source_id)
        rc = resume(cx, j);
    return rc;
}

enum rc again_job(struct cx *cx, int64_t id)
{
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    return rc == RC_OK ? db_tx(cx, job_tx, &id) : rc;
}

struct requeue {
    int64_t task;
    struct again_outcome out;
};

static enum rc task_tx(struct cx *cx, void *arg)
{
    struct requeue *t = arg;
    struct again_outcome out = {0};
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_task_dead_jobs, &rows, "i", t->task);
    /* repeating the commit would find its files missing or damaged again */
    for (size_t i = 0; rc == RC_OK && out.task == 0 && i < rows_count(rows); i++)
        if (row_bool(rows, i, 1))
            rc = again_start(cx, row_text(rows, i, 2), &out.task);
    for (size_t i = 0; rc == RC_OK && out.task == 0 && i < rows_count(rows); i++)
        rc = again_job(cx, row_i64(rows, i, 0));
    out.jobs = out.task ? 0 : (int)rows_count(rows);
    if (rc == RC_OK)
        t->out = out;
    return rc;
}

enum rc again_task(struct cx *cx, int64_t id, struct again_outcome *out)
{
    struct task *t;
    struct requeue arg = {.task = id};
    enum rc rc = task_get(cx, id, &t);
    if (rc == RC_OK)
        rc = db_tx(cx, task_tx, &arg);
    if (rc == RC_OK && arg.out.jobs == 0 && arg.out.task == 0)
        return err_set(cx, RC_CONFLICT, NULL, "task_not_dead", "task %lld has no dead job", (long long)id);
    if (rc == RC_OK)
        *out = arg.out;
    return rc;
}
