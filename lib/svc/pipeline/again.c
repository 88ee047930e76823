#include "lib/svc/pipeline/again.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/lecture.h"
#include "lib/svc/pipeline/job_inner.h"
#include "lib/svc/pipeline/publish.h"
#include "lib/svc/pipeline/upload.h"

struct start {
    const struct upload *upload;
    int64_t task;
};

/* The source, or in words why not. */
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
        rc = job_cancel_by_source(cx, l->id, source);
    if (rc == RC_OK)
        rc = job_cancel_superseded(cx, l->id, u->view, source);
    if (rc == RC_OK)
        rc = publish_start(cx, l->id, source, u->view, &task);
    if (rc == RC_OK)
        rc = audit_write(cx, "lecture.again", "lecture", l->id, "%s %s", view_kind_name(u->view), u->key);
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
