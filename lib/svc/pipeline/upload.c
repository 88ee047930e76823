#include "lib/svc/pipeline/upload.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/svc/keys.h"
#include "lib/svc/lecture.h"
#include "lib/svc/pipeline/dispatch.h"
#include "lib/svc/pipeline/job_inner.h"
#include "lib/svc/pipeline/publish.h"
#include "lib/svc/pipeline/purge.h"
#include "lib/svc/pipeline/source.h"

static const char *const view_names[VIEW_KIND_COUNT] = {"CAM", "PRES", "COMB"};

const char *view_kind_name(enum view_kind kind)
{
    return view_names[kind];
}

bool view_kind_of(struct str name, enum view_kind *out)
{
    for (int i = 0; i < VIEW_KIND_COUNT; i++)
        if (str_eq(name, view_names[i])) {
            *out = (enum view_kind)i;
            return true;
        }
    return false;
}

/* The columns ${upload_cols} of sql/queries/upload.sql. */
static struct upload *read_all(struct cx *cx, const struct rows *rows)
{
    struct upload *list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++) {
        list[i] = (struct upload){.id = row_i64(rows, i, 0),
                                  .key = row_text(rows, i, 1),
                                  .lecture_id = row_i64(rows, i, 2),
                                  .lecture_key = row_text(rows, i, 3),
                                  .name = row_text(rows, i, 6),
                                  .size = row_i64(rows, i, 7),
                                  .created = row_time(rows, i, 8),
                                  .updated = row_time(rows, i, 9),
                                  .store_url = row_text(rows, i, 10),
                                  .error_code = row_text(rows, i, 11),
                                  .node_id = row_i64(rows, i, 12)};
        if (!view_kind_of(row_bytes(rows, i, 4), &list[i].view) ||
            !upload_state_of(row_bytes(rows, i, 5), &list[i].state))
            bug("unknown word in an upload row");
    }
    return list;
}

static enum rc unknown(struct cx *cx)
{
    (void)err_set(cx, RC_NOTFOUND, NULL, "upload_unknown", "no such upload");
    return RC_NOTFOUND;
}

static enum rc find(struct cx *cx, const char *key, struct upload **out)
{
    struct rows *rows;
    enum rc rc;
    if (!str_is_key(str_of(key), UPLOAD_KEY_LENGTH))
        return unknown(cx);
    rc = db_one(cx, SQL_upload_get, &rows, "s", key);
    if (rc == RC_OK)
        *out = read_all(cx, rows);
    return rc == RC_NOTFOUND ? unknown(cx) : rc;
}

enum rc upload_get(struct cx *cx, const char *key, struct upload **out)
{
    struct lecture *l;
    struct upload *u;
    enum rc rc = find(cx, key, &u);
    if (rc == RC_OK)
        rc = lecture_get_by_id(cx, ACT_LECTURE_EDIT, u->lecture_id, &l);
    if (rc == RC_OK)
        *out = u;
    return rc;
}

enum rc upload_get_by_id(struct cx *cx, int64_t id, struct upload **out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_upload_get_by_id, &rows, "i", id);
    if (rc == RC_OK)
        *out = read_all(cx, rows);
    return rc == RC_NOTFOUND ? unknown(cx) : rc;
}

enum rc upload_list(struct cx *cx, int64_t lecture_id, struct upload **out, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_upload_list, &rows, "i", lecture_id);
    if (rc != RC_OK)
        return rc;
    *out = read_all(cx, rows);
    *n = rows_count(rows);
    return RC_OK;
}

enum rc upload_move(struct cx *cx, struct upload *u, enum upload_event event, const char *error_code)
{
    enum upload_state to;
    struct db_done done;
    enum rc rc;
    if (!upload_next(u->state, event, &to))
        return err_set(cx, RC_CONFLICT, NULL, "upload_state", "upload %s is %s: event %d is not possible",
                       u->key, upload_state_name(u->state), (int)event);
    rc = db_exec(cx, SQL_upload_move, &done, "ssis", upload_state_name(to), error_code, u->id,
                 upload_state_name(u->state));
    if (rc == RC_OK && done.affected != 1)
        return err_set(cx, RC_CONFLICT, NULL, "upload_state", "upload %s is no longer %s", u->key,
                       upload_state_name(u->state));
    if (rc == RC_OK)
        u->state = to;
    return rc;
}

/* --- opening --- */

struct opening {
    const struct lecture *lecture;
    enum view_kind view;
    const char *name, *nonce;
    int64_t size;
    struct upload *out;
};

/* The storage node: the lecture's own, else the nearest owner's that has most room. */
static enum rc choose_store(struct cx *cx, const struct lecture *l, int64_t size, int64_t *node)
{
    struct rows *rows;
    int best_distance = DISPATCH_FAR;
    int64_t best_free = -1, best = 0;
    bool any = false;
    enum rc rc = db_query(cx, SQL_upload_stores, &rows, "");
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int distance = dispatch_distance(l->organisation_path, row_text(rows, i, 1), row_text(rows, i, 2));
        int64_t id = row_i64(rows, i, 0), room = row_i64(rows, i, 3);
        if (l->node_id ? id != l->node_id : distance >= DISPATCH_FAR)
            continue;
        any = true;
        if (room < size || distance > best_distance || (distance == best_distance && room <= best_free))
            continue;
        best = id;
        best_distance = distance;
        best_free = room;
    }
    if (!any)
        return err_set(cx, RC_UNAVAIL, NULL, "no_storage_node", "no storage node is alive for %s",
                       l->organisation_path);
    if (!best)
        return err_set(cx, RC_UNAVAIL, "size", "storage_full", "no storage node has %lld bytes free",
                       (long long)size);
    *node = best;
    return RC_OK;
}

static enum rc insert(struct cx *cx, const struct opening *o, int64_t node)
{
    char key[UPLOAD_KEY_LENGTH + 1];
    int64_t by = cx->actor ? cx->actor->user_id : 0;
    rand_key(key, sizeof key);
    return db_exec(cx, SQL_upload_insert, NULL, "siissisi", key, o->lecture->id, node, view_names[o->view],
                   o->name, o->size, o->nonce, by);
}

static enum rc open_tx(struct cx *cx, void *arg)
{
    struct opening *o = arg;
    struct lecture *l;
    struct rows *rows;
    int64_t node = 0;
    enum rc rc = lecture_lock(cx, o->lecture->id, &l);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_upload_get_by_nonce, &rows, "is", l->id, o->nonce);
    if (rc == RC_OK && rows_count(rows) > 0) {
        o->out = read_all(cx, rows);
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = choose_store(cx, l, o->size, &node);
    if (rc == RC_OK && l->node_id == 0)
        rc = lecture_set_node(cx, l->id, node);
    if (rc == RC_OK)
        rc = insert(cx, o, node);
    if (rc == RC_OK)
        rc = lecture_media_move(cx, l->id, MEDIA_ON_UPLOAD, NULL);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_upload_get_by_nonce, &rows, "is", l->id, o->nonce);
    if (rc == RC_OK)
        o->out = read_all(cx, rows);
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
                          struct opening *o)
{
    if (!view_kind_of(view, &o->view))
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

enum rc upload_create(struct cx *cx, const char *lecture_key, struct str view, struct str name, int64_t size,
                      struct str nonce, struct upload **out)
{
    struct opening o = {0};
    struct lecture *l;
    enum rc rc = lecture_get(cx, ACT_LECTURE_EDIT, lecture_key, &l);
    if (rc == RC_OK && l->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "lecture %s or its course is deleted", lecture_key);
    if (rc == RC_OK)
        rc = check_form(cx, view, name, size, nonce, &o);
    if (rc != RC_OK)
        return rc;
    o.lecture = l;
    rc = db_tx(cx, open_tx, &o);
    if (rc == RC_OK)
        *out = o.out;
    return rc;
}

enum rc upload_ticket(struct cx *cx, const struct upload *u, struct upload_ticket *out)
{
    struct jwt_claims c;
    const char *token;
    enum rc rc;
    if (u->state != UPLOAD_OPEN)
        return err_set(cx, RC_CONFLICT, NULL, "upload_over", "upload %s is %s", u->key,
                       upload_state_name(u->state));
    jwt_claims_init(&c);
    c.aud = JWT_AUD_STORE;
    c.exp = clock_now() / 1000 + UPLOAD_TOKEN_S;
    c.up = u->key;
    c.max = u->size > 0 ? u->size : cx->conf->store_max_form;
    c.st = u->store_url;
    c.back = arena_printf(cx->arena, "%s/teach/upload/%s", cx->conf->base_url, u->key);
    rc = keys_sign(cx, &c, &token);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_upload_touch, NULL, "i", u->id);
    if (rc == RC_OK)
        *out = (struct upload_ticket){.url = arena_printf(cx->arena, "%s/store/v1/uploads", u->store_url),
                                      .form_url =
                                          arena_printf(cx->arena, "%s/store/v1/form/%s", u->store_url, token),
                                      .token = token,
                                      .expires = c.exp * 1000};
    return rc;
}

/* --- ending --- */

/* Whatever the node has of it goes; the lecture may have come to an end of its own. */
static enum rc drop(struct cx *cx, const struct upload *u)
{
    enum rc rc = purge_objects(
        cx, &(struct purge_objects){.lecture_id = u->lecture_id, .node_id = u->node_id, .upload = u->key});
    return rc == RC_OK ? publish_settle(cx, u->lecture_id) : rc;
}

/* The lecture is locked first: a commit that is just being taken may make the view what people watch. */
static enum rc cancel_tx(struct cx *cx, void *arg)
{
    const struct upload *seen = arg;
    struct upload *u = NULL;
    struct lecture *l;
    struct rows *rows;
    enum rc rc = lecture_lock(cx, seen->lecture_id, &l);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_upload_lock, &rows, "s", seen->key);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, seen->id, &u);
    if (rc != RC_OK || u->state == UPLOAD_CANCELLED)
        return rc;
    rc = db_query(cx, SQL_upload_source, &rows, "i", u->id);
    if (rc == RC_OK && rows_count(rows) > 0 && row_bool(rows, 0, 1))
        return err_set(cx, RC_CONFLICT, NULL, "upload_in_use", "upload %s is what people watch", u->key);
    if (rc == RC_OK && rows_count(rows) > 0)
        rc = job_cancel_by_source(cx, u->lecture_id, row_i64(rows, 0, 0));
    if (rc == RC_OK)
        rc = upload_move(cx, u, UPLOAD_ON_CANCEL, NULL);
    return rc == RC_OK ? drop(cx, u) : rc;
}

enum rc upload_cancel(struct cx *cx, const char *key)
{
    struct upload *u;
    enum rc rc = upload_get(cx, key, &u);
    return rc == RC_OK ? db_tx(cx, cancel_tx, u) : rc;
}

static enum rc expire_tx(struct cx *cx, void *arg)
{
    struct upload u = *(const struct upload *)arg; /* may run again: what was read stays as it was */
    enum rc rc = upload_move(cx, &u, UPLOAD_ON_EXPIRE, NULL);
    return rc == RC_OK ? drop(cx, &u) : rc;
}

enum rc upload_expire(struct cx *cx, int *n)
{
    struct rows *rows;
    struct upload *list;
    enum rc rc = db_query(cx, SQL_upload_list_idle, &rows, "");
    if (rc != RC_OK)
        return rc;
    list = read_all(cx, rows);
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        rc = db_tx(cx, expire_tx, &list[i]);
        if (rc == RC_CONFLICT) { /* it was completed or cancelled this very moment */
            err_clear(cx);
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        *n = (int)rows_count(rows);
    return rc;
}

/* --- whole --- */

struct whole {
    int64_t node_id;
    const struct upload_report *r;
    enum upload_answer answer;
};

static enum rc take(struct cx *cx, struct upload *u, const struct upload_report *r)
{
    int64_t source = 0, task;
    enum rc rc = upload_move(cx, u, UPLOAD_ON_COMPLETE, NULL);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_upload_set_file, NULL, "isi", r->size, r->sha256, u->id);
    if (rc == RC_OK)
        rc = source_add(cx, u, r->size, r->sha256, &source);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_publish_artifact_insert, NULL, "iissiis", u->lecture_id, (int64_t)0,
                     view_names[u->view], u->key, u->node_id, r->size, r->sha256);
    return rc == RC_OK ? publish_start(cx, u->lecture_id, source, u->view, &task) : rc;
}

static enum rc complete_tx(struct cx *cx, void *arg)
{
    struct whole *w = arg;
    struct rows *rows;
    struct upload *u = NULL;
    enum rc rc = db_query(cx, SQL_upload_lock, &rows, "s", w->r->key);
    if (rc == RC_OK && rows_count(rows) > 0)
        rc = upload_get_by_id(cx, row_i64(rows, 0, 0), &u);
    if (rc != RC_OK)
        return rc;
    if (!u || u->node_id != w->node_id) {
        w->answer = UPLOAD_ANSWER_NONE;
        return RC_OK;
    }
    if (u->state == UPLOAD_OPEN)
        rc = take(cx, u, w->r);
    if (rc == RC_OK)
        w->answer =
            u->state == UPLOAD_COMPLETE || u->state == UPLOAD_TAKEN ? UPLOAD_ANSWER_ACK : UPLOAD_ANSWER_DROP;
    return rc;
}

enum rc upload_complete(struct cx *cx, int64_t node_id, const struct upload_report *r,
                        enum upload_answer *out)
{
    static const char *const answers[] = {"ack", "drop", "none"};
    struct whole w = {.node_id = node_id, .r = r};
    enum rc rc = db_tx(cx, complete_tx, &w);
    if (rc == RC_OK) {
        *out = w.answer;
        log_write(w.answer == UPLOAD_ANSWER_NONE ? LOG_DEBUG : LOG_INFO, cx, "upload reported whole",
                  F_TEXT("upload", r->key), F_NUM("size", r->size), F_TEXT("answer", answers[w.answer]),
                  F_END);
    }
    return rc;
}
