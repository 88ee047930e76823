#include "lib/svc/pipeline/records/upload.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/svc/keys.h"
#include "lib/svc/teaching/lecture.h"

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
        if (!wire_view_of(row_bytes(rows, i, 4), &list[i].view) ||
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
        rc = lecture_get_by_id(cx, ACT_COURSE_UPLOAD, u->lecture_id, &l);
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

enum rc upload_lock(struct cx *cx, const char *key, struct upload **out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_upload_lock, &rows, "s", key);
    if (rc == RC_NOTFOUND)
        return unknown(cx);
    return rc == RC_OK ? upload_get_by_id(cx, row_i64(rows, 0, 0), out) : rc;
}

enum rc upload_get_by_nonce(struct cx *cx, int64_t lecture_id, const char *nonce, struct upload **out)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_upload_get_by_nonce, &rows, "is", lecture_id, nonce);
    if (rc == RC_OK)
        *out = rows_count(rows) > 0 ? read_all(cx, rows) : NULL;
    return rc;
}

enum rc upload_list_idle(struct cx *cx, struct upload **out, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_upload_list_idle, &rows, "");
    if (rc != RC_OK)
        return rc;
    *out = read_all(cx, rows);
    *n = rows_count(rows);
    return RC_OK;
}

enum rc upload_add(struct cx *cx, const struct upload_new *n, struct upload **out)
{
    char key[UPLOAD_KEY_LENGTH + 1];
    int64_t by = cx->actor ? cx->actor->user_id : 0;
    rand_key(key, sizeof key);
    enum rc rc = db_exec(cx, SQL_upload_insert, NULL, "siissisi", key, n->lecture_id, n->node_id,
                         wire_view_name(n->view), n->name, n->size, n->nonce, by);
    return rc == RC_OK ? upload_get_by_nonce(cx, n->lecture_id, n->nonce, out) : rc;
}

enum rc upload_set_file(struct cx *cx, const struct upload *u, int64_t size, const char *sha256)
{
    enum rc rc = db_exec(cx, SQL_upload_set_file, NULL, "isi", size, sha256, u->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_publish_artifact_insert, NULL, "iissiis", u->lecture_id, (int64_t)0,
                     wire_view_name(u->view), u->key, u->node_id, size, sha256);
    return rc;
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

/* --- the person who sends it --- */

static enum rc sign(struct cx *cx, const struct upload *u, int64_t max, const char *back,
                    struct upload_ticket *out)
{
    struct jwt_claims c;
    const char *token;
    enum rc rc;
    jwt_claims_init(&c);
    c.aud = JWT_AUD_STORE;
    c.exp = clock_now() / 1000 + UPLOAD_TOKEN_S;
    c.up = u->key;
    c.max = max;
    c.st = u->store_url;
    c.back = back;
    rc = keys_sign(cx, &c, &token);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_upload_touch, NULL, "i", u->id);
    if (rc == RC_OK)
        *out = (struct upload_ticket){.url = arena_printf(cx->arena, "%s/store/v1/uploads", u->store_url),
                                      .token = token,
                                      .expires = c.exp * 1000};
    return rc;
}

static enum rc over(struct cx *cx, const struct upload *u)
{
    return err_set(cx, RC_CONFLICT, NULL, "upload_over", "upload %s is %s", u->key,
                   upload_state_name(u->state));
}

enum rc upload_ticket(struct cx *cx, const struct upload *u, struct upload_ticket *out)
{
    if (u->state != UPLOAD_OPEN)
        return over(cx, u);
    enum rc rc = sign(cx, u, u->size > 0 ? u->size : cx->conf->store_max_form,
                      arena_printf(cx->arena, "%s/teach/upload/%s", cx->conf->base_url, u->key), out);
    if (rc == RC_OK)
        out->form_url = arena_printf(cx->arena, "%s/store/v1/form/%s", u->store_url, out->token);
    return rc;
}

enum rc upload_ticket_live(struct cx *cx, const struct upload *u, struct upload_ticket *out)
{
    if (u->state != UPLOAD_OPEN && u->state != UPLOAD_COMPLETE && u->state != UPLOAD_TAKEN)
        return over(cx, u);
    enum rc rc = sign(cx, u, cx->conf->store_max_upload, NULL, out);
    if (rc == RC_OK &&
        !*u->store_url) /* that of the core: a browser knows the core's address, an ingest does not */
        out->url = arena_printf(cx->arena, "%s%s", cx->conf->base_url, out->url);
    return rc;
}
