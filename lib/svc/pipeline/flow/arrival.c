#include "lib/svc/pipeline/flow/arrival.h"

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/svc/pipeline/flow/cancel.h"
#include "lib/svc/pipeline/flow/place.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/flow/removal.h"
#include "lib/svc/pipeline/flow/settle.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/teaching/lecture.h"

/* --- opening --- */

struct opening {
    struct upload_new new;
    struct upload *out;
};

enum rc arrival_place(struct cx *cx, const struct lecture *l, struct upload_new *new, struct upload **out)
{
    struct upload *u = NULL;
    enum rc rc = upload_get_by_nonce(cx, l->id, new->nonce, &u);
    if (rc == RC_OK && !u) {
        rc = place_store(cx, l, new->size, &new->node_id);
        if (rc == RC_OK)
            rc = upload_add(cx, new, &u);
        if (rc == RC_OK)
            rc = lecture_media_move(cx, l->id, MEDIA_ON_UPLOAD, NULL);
    }
    if (rc == RC_OK)
        *out = u;
    return rc;
}

static enum rc open_tx(struct cx *cx, void *arg)
{
    struct opening *o = arg;
    struct lecture *l;
    struct upload *u = NULL;
    enum rc rc = lecture_lock(cx, o->new.lecture_id, &l);
    if (rc == RC_OK)
        rc = arrival_place(cx, l, &o->new, &u);
    if (rc == RC_OK)
        o->out = u;
    return rc;
}

static bool is_nonce(struct str s)
{
    if (s.n < 8 || s.n > UPLOAD_NONCE_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return true;
}

static enum rc check_form(struct cx *cx, struct str view, struct str name, int64_t size, struct str nonce,
                          struct upload_new *o)
{
    if (!wire_view_of(view, &o->view))
        return err_set(cx, RC_INVALID, "view", "view_invalid", "no such view");
    if (name.n == 0 || name.n > UPLOAD_NAME_MAX || !str_is_utf8(name))
        return err_set(cx, RC_INVALID, "name", "file_name_invalid", "%zu bytes of file name", name.n);
    if (size < 0)
        return err_set(cx, RC_INVALID, "size", "file_empty", "size %lld", (long long)size);
    if (size > cx->conf->store_max_upload)
        return err_set(cx, RC_TOOBIG, "size", "file_too_big", "size %lld", (long long)size);
    if (!is_nonce(nonce))
        return err_set(cx, RC_INVALID, "nonce", "nonce_invalid", "nonce of %zu bytes", nonce.n);
    o->name = str_dup(cx->arena, name);
    o->nonce = str_dup(cx->arena, nonce);
    o->size = size;
    return RC_OK;
}

enum rc arrival_open(struct cx *cx, const char *lecture_key, struct str view, struct str name, int64_t size,
                     struct str nonce, struct upload **out)
{
    struct opening o = {0};
    struct lecture *l;
    enum rc rc = lecture_get(cx, ACT_COURSE_UPLOAD, lecture_key, &l);
    if (rc == RC_OK && l->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "lecture %s or its course is deleted", lecture_key);
    if (rc == RC_OK)
        rc = check_form(cx, view, name, size, nonce, &o.new);
    if (rc != RC_OK)
        return rc;
    o.new.lecture_id = l->id;
    rc = db_tx(cx, open_tx, &o);
    if (rc == RC_OK)
        *out = o.out;
    return rc;
}

/* --- the end of one that did not arrive --- */

/* The node removes what it has of the upload; with that the lecture may have nothing left to do. */
static enum rc drop(struct cx *cx, const struct upload *u)
{
    enum rc rc = removal_queue(
        cx, &(struct removal){.lecture_id = u->lecture_id, .node_id = u->node_id, .upload = u->key});
    return rc == RC_OK ? settle_lecture(cx, u->lecture_id) : rc;
}

/* The lecture is locked first: a commit that is being accepted may make the view the one that people
 * watch. */
static enum rc cancel_tx(struct cx *cx, void *arg)
{
    const struct upload *seen = arg;
    struct upload *u = NULL;
    struct lecture *l;
    struct rows *rows;
    enum rc rc = lecture_lock(cx, seen->lecture_id, &l);
    if (rc == RC_OK)
        rc = upload_lock(cx, seen->key, &u);
    if (rc != RC_OK || u->state == UPLOAD_CANCELLED)
        return rc;
    rc = db_query(cx, SQL_upload_sources, &rows, "ii", u->id, u->id);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        if (row_bool(rows, i, 1))
            return err_set(cx, RC_CONFLICT, NULL, "upload_in_use", "upload %s is what people watch", u->key);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        rc = cancel_by_source(cx, u->lecture_id, row_i64(rows, i, 0));
    if (rc == RC_OK)
        rc = upload_move(cx, u, UPLOAD_ON_CANCEL, NULL);
    return rc == RC_OK ? drop(cx, u) : rc;
}

enum rc arrival_cancel(struct cx *cx, const char *key)
{
    struct upload *u;
    enum rc rc = upload_get(cx, key, &u);
    return rc == RC_OK ? db_tx(cx, cancel_tx, u) : rc;
}

static enum rc expire_tx(struct cx *cx, void *arg)
{
    struct upload u = *(const struct upload *)arg; /* a copy, since the transaction may run again */
    enum rc rc = upload_move(cx, &u, UPLOAD_ON_EXPIRE, NULL);
    return rc == RC_OK ? drop(cx, &u) : rc;
}

enum rc arrival_expire(struct cx *cx, int *n)
{
    struct upload *list;
    size_t count = 0;
    enum rc rc = upload_list_idle(cx, &list, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = db_tx(cx, expire_tx, &list[i]);
        if (rc == RC_CONFLICT) { /* it was completed or cancelled at the same moment */
            err_clear(cx);
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        *n = (int)count;
    return rc;
}

/* --- a whole file --- */

struct whole {
    int64_t node_id;
    const struct wire_upload *r;
    enum upload_answer answer;
};

/* A recording of a live stream waits for the others of its view. */
static enum rc take(struct cx *cx, struct upload *u, const struct wire_upload *r)
{
    int64_t source = 0, task;
    struct db_done live = {0};
    enum rc rc = upload_move(cx, u, UPLOAD_ON_COMPLETE, NULL);
    if (rc == RC_OK)
        rc = upload_set_file(cx, u, r->size, r->sha256);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_recording_complete, &live, "i", u->id);
    if (rc != RC_OK || live.affected > 0)
        return rc;
    rc = source_add(cx, u, r->size, r->sha256, &source);
    return rc == RC_OK ? publish_start(cx, u->lecture_id, source, u->view, &task) : rc;
}

static enum rc complete_tx(struct cx *cx, void *arg)
{
    struct whole *w = arg;
    struct upload *u = NULL;
    enum rc rc = upload_lock(cx, w->r->id, &u);
    w->answer = UPLOAD_ANSWER_NONE;
    if (rc == RC_NOTFOUND)
        err_clear(cx);
    if (rc == RC_NOTFOUND || (rc == RC_OK && u->node_id != w->node_id))
        return RC_OK;
    if (rc == RC_OK && u->state == UPLOAD_OPEN)
        rc = take(cx, u, w->r);
    if (rc == RC_OK)
        w->answer =
            u->state == UPLOAD_COMPLETE || u->state == UPLOAD_TAKEN ? UPLOAD_ANSWER_ACK : UPLOAD_ANSWER_DROP;
    return rc;
}

enum rc arrival_complete(struct cx *cx, int64_t node_id, const struct wire_upload *r, enum upload_answer *out)
{
    static const char *const answers[] = {"ack", "drop", "none"};
    struct whole w = {.node_id = node_id, .r = r};
    enum rc rc = db_tx(cx, complete_tx, &w);
    if (rc == RC_OK) {
        *out = w.answer;
        log_write(w.answer == UPLOAD_ANSWER_NONE ? LOG_DEBUG : LOG_INFO, cx, "upload reported whole",
                  F_TEXT("upload", r->id), F_NUM("size", r->size), F_TEXT("answer", answers[w.answer]),
                  F_END);
    }
    return rc;
}
