/* Opening an upload: for the script as JSON, without one as a page with a form that sends the file. The bytes
 * go to the storage node, never here. */
#include "cgi-bin/web/site.h"

#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/upload.h"

enum { P_KEY, P_VIEW, P_NAME, P_SIZE, P_NONCE, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_KEY] = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL},
    [P_VIEW] = {"view", WEB_CHOICE, true, 0, 0, wire_view_names},
    [P_NAME] = {"name", WEB_LINE, false, 0, UPLOAD_NAME_MAX, NULL},
    [P_SIZE] = {"size", WEB_INT, false, 0, INT64_MAX, NULL},
    [P_NONCE] = {"nonce", WEB_LINE, true, 1, UPLOAD_NONCE_MAX, NULL},
};
/* lectern-store adds done=U or error=<word> to the address to which it sends people back. */
enum { B_UPLOAD, B_DONE, B_ERROR, B_COUNT };
static const struct web_param back_params[B_COUNT] = {
    [B_UPLOAD] = {"u", WEB_KEY, true, 1, UPLOAD_KEY_LENGTH, NULL},
    [B_DONE] = {"done", WEB_KEY, false, 1, UPLOAD_KEY_LENGTH, NULL},
    [B_ERROR] = {"error", WEB_CHOICE, false, 0, 0, wire_form_errors},
};
static const struct web_param param_u = {"u", WEB_KEY, true, 1, UPLOAD_KEY_LENGTH, NULL};

static enum rc answer_json(struct web_request *rq, const struct upload *u, const struct upload_ticket *t)
{
    json_t *o = js_object(&rq->cx);
    json_object_set_new(o, "upload", json_string(u->key));
    json_object_set_new(o, "url", json_string(t->url));
    json_object_set_new(o, "token", json_string(t->token));
    json_object_set_new(o, "expires", json_integer(t->expires / 1000));
    return web_json(rq, 200, js_text(&rq->cx, o));
}

/* Without script, name and size are not known yet: the largest size that the form takes is announced, and the
 * store records the real one. */
enum rc page_upload_create(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct upload *u;
    struct upload_ticket ticket;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc != RC_OK)
        return rc;
    const char *name = v[P_NAME].given ? v[P_NAME].text : web_t(rq, "UploadForm.unnamed");
    int64_t size = v[P_SIZE].given ? v[P_SIZE].num : rq->app->conf->store_max_form;
    rc = ratelimit_hit(&rq->cx, site_of(rq)->limits, &RATELIMIT_UPLOAD_USER, rq->cx.actor->login);
    if (rc == RC_OK)
        rc = arrival_open(&rq->cx, v[P_KEY].text, str_of(v[P_VIEW].text), str_of(name), size,
                          str_of(v[P_NONCE].text), &u);
    if (rc == RC_OK && rq->wants_json)
        rc = upload_ticket(&rq->cx, u, &ticket);
    if (rc != RC_OK)
        return rc;
    if (rq->wants_json)
        return answer_json(rq, u, &ticket);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/upload/%s", u->key));
}

/* The page with the form; after the file has arrived the store sends people back here, and on to the
 * lecture. */
enum rc page_upload(struct web_request *rq)
{
    struct web_value v[B_COUNT];
    struct upload *u;
    struct upload_ticket ticket;
    struct lecture *l;
    enum rc rc = web_params(rq, back_params, B_COUNT, v);
    if (rc == RC_OK)
        rc = upload_get(&rq->cx, v[B_UPLOAD].text, &u);
    if (rc == RC_OK && (v[B_DONE].given || u->state != UPLOAD_OPEN))
        return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/lecture/%s", u->lecture_key));
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_UPLOAD, u->lecture_key, &l);
    if (rc == RC_OK)
        rc = upload_ticket(&rq->cx, u, &ticket);
    if (rc != RC_OK)
        return rc;
    if (v[B_ERROR].given)
        web_field_error(rq, "file",
                        web_t(rq, arena_printf(rq->cx.arena, "UploadForm.error_%s", v[B_ERROR].text)));
    const char *title = web_t(rq, arena_printf(rq->cx.arena, "View.upload_%s", wire_view_name(u->view)));
    view_num(rq->values, "Course.id", l->course_id);
    view_set(rq->values, "Course.title", l->course_name);
    view_set(rq->values, "Lecture.key", l->key);
    view_set(rq->values, "Lecture.title", l->title);
    view_set(rq->values, "Upload.title", title);
    view_set(rq->values, "Upload.key", u->key);
    view_set(rq->values, "Upload.form_url", ticket.form_url);
    view_set(rq->values, "Upload.hint",
             web_t(rq, "UploadForm.hint", "max", site_limit(rq, rq->app->conf->store_max_form)));
    view_set(rq->values, "Page.store_origin", u->store_url);
    return web_page(rq, "upload", title);
}

enum rc page_upload_cancel(struct web_request *rq)
{
    struct web_value key;
    struct upload *u;
    enum rc rc = web_params(rq, &param_u, 1, &key);
    if (rc == RC_OK)
        rc = upload_get(&rq->cx, key.text, &u);
    if (rc == RC_OK)
        rc = arrival_cancel(&rq->cx, u->key);
    if (rc != RC_OK)
        return rc;
    if (rq->wants_json)
        return web_no_content(rq);
    web_flash(rq, "upload_cancelled", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/lecture/%s", u->lecture_key));
}

enum rc page_upload_again(struct web_request *rq)
{
    struct web_value key;
    struct upload *u;
    int64_t task;
    enum rc rc = web_params(rq, &param_u, 1, &key);
    if (rc == RC_OK)
        rc = upload_get(&rq->cx, key.text, &u);
    if (rc == RC_OK)
        rc = again_ask(&rq->cx, site_of(rq)->limits, u->key, &task);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "again_started", u->name, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/lecture/%s", u->lecture_key));
}
