#include "lib/web/answer.h"

#include <openssl/evp.h>

#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/web/csrf.h"

#define COOKIE_FORM  "__Host-lectern-form"
#define COOKIE_FLASH "__Host-lectern-flash"

enum { FORM_SECRET_SIZE = 25, FLASH_MAX = 1500, RETRY_AFTER_S = 5 };

/* --- headers and cookies --- */

void web_header(struct web_request *rq, const char *name, const char *value)
{
    if (strpbrk(value, "\r\n"))
        bug("a line break in a header");
    buf_printf(&rq->headers, "%s: %s\r\n", name, value);
}

static void set_cookie(struct web_request *rq, const char *path, const char *same_site, const char *name,
                       const char *value, int64_t max_age)
{
    const char *age = max_age < 0 ? "" : arena_printf(rq->cx.arena, "; Max-Age=%lld", (long long)max_age);
    web_header(rq, "Set-Cookie",
               arena_printf(rq->cx.arena, "%s=%s; Path=%s%s; Secure; HttpOnly; SameSite=%s", name, value,
                            path, age, same_site));
}

void web_cookie_below(struct web_request *rq, const char *path, const char *name, const char *value,
                      int64_t max_age)
{
    set_cookie(rq, path, "Lax", name, value, max_age);
}

void web_cookie_foreign(struct web_request *rq, const char *name, const char *value, int64_t max_age)
{
    set_cookie(rq, "/", "None", name, value, max_age);
}

void web_cookie(struct web_request *rq, const char *name, const char *value, int64_t max_age)
{
    web_cookie_below(rq, "/", name, value, max_age);
}

const char *web_cookie_get(const struct web_request *rq, const char *name)
{
    return web_parse_cookie(rq->cx.arena, rq->header(rq, "HTTP_COOKIE"), name);
}

const char *web_csrf(struct web_request *rq)
{
    if (!rq->secret) {
        const char *old = web_cookie_get(rq, COOKIE_FORM);
        if (old && str_is_key(str_of(old), FORM_SECRET_SIZE - 1)) {
            rq->secret = old;
        } else {
            char *fresh = arena_alloc(rq->cx.arena, FORM_SECRET_SIZE);
            rand_key(fresh, FORM_SECRET_SIZE);
            web_cookie(rq, COOKIE_FORM, fresh, -1);
            rq->secret = fresh;
        }
    }
    return csrf_token(rq->cx.arena, rq->secret);
}

/* The cookie has key, text and undo path, separated by '!'. Percent-encoding escapes '!'; it does not escape
 * '~' or '.', which are therefore no separators: the rest of a title would be taken as the path to which Undo
 * posts. */
void web_flash(struct web_request *rq, const char *key, const char *what, const char *undo)
{
    struct arena *a = rq->cx.arena;
    const char *short_what = what && strlen(what) < FLASH_MAX / 4 ? what : "";
    web_cookie(rq, COOKIE_FLASH,
               arena_printf(a, "%s!%s!%s", key, web_encode(a, short_what), web_encode(a, undo ? undo : "")),
               300);
}

static void show_flash(struct web_request *rq)
{
    const char *cookie = web_cookie_get(rq, COOKIE_FLASH);
    if (!cookie || !*cookie)
        return;
    web_cookie(rq, COOKIE_FLASH, "", 0);
    struct str rest = str_of(cookie);
    struct str key = str_cut(&rest, '!'), what = str_cut(&rest, '!');
    const char *text, *undo;
    const char *name = arena_printf(rq->cx.arena, "Flash.%s", str_dup(rq->cx.arena, key));
    if (rest.n > FLASH_MAX || !i18n_find(rq->lang, name) ||
        web_decode(&rq->cx, what, false, &text) != RC_OK || web_decode(&rq->cx, rest, false, &undo) != RC_OK)
        return;
    view_set(rq->values, "Flash.text", web_t(rq, name, "what", text));
    if (web_is_local_path(undo))
        view_set(rq->values, "Flash.undo", undo);
}

/* --- the kinds of answer --- */

enum rc web_page(struct web_request *rq, const char *page, const char *title)
{
    rq->page = page;
    view_set(rq->values, "Page.title", title);
    if (!rq->status)
        rq->status = 200;
    return RC_OK;
}

enum rc web_redirect(struct web_request *rq, const char *path)
{
    if (!web_is_local_path(path))
        path = "/";
    web_header(rq, "Location", path);
    rq->status = 303;
    return RC_OK;
}

enum rc web_redirect_away(struct web_request *rq, const char *url)
{
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        bug("an address of another site that is not http");
    web_header(rq, "Location", url);
    rq->status = 303;
    return RC_OK;
}

enum rc web_no_content(struct web_request *rq)
{
    rq->status = 204;
    return RC_OK;
}

enum rc web_text(struct web_request *rq, int status, const char *type, struct str text)
{
    rq->status = status;
    web_header(rq, "Content-Type", type);
    buf_add(&rq->out, text.p, text.n);
    return RC_OK;
}

enum rc web_json(struct web_request *rq, int status, struct str json)
{
    return web_text(rq, status, "application/json; charset=utf-8", json);
}

/* --- failures --- */

/* HTTP status for a failure: by its key where that says more than the code. */
static int status_of(const struct err *err)
{
    static const struct {
        const char *key;
        int status;
    } by_key[] = {{"method", 405},
                  {"bad_request", 400},
                  {"too_many_attempts", 429},
                  {"too_many_signins", 429},
                  {"too_many_uploads", 429},
                  {"csrf", 403},
                  {"too_many_again", 429},
                  {"too_many_again_lecture", 429},
                  {"node_token", 401}};
    static const int by_rc[RC_COUNT] = {
        [RC_OK] = 200,     [RC_INVALID] = 422, [RC_DENIED] = 403,  [RC_NOTFOUND] = 404, [RC_CONFLICT] = 409,
        [RC_TOOBIG] = 413, [RC_TIMEOUT] = 503, [RC_UNAVAIL] = 503, [RC_INTERNAL] = 500};
    for (size_t i = 0; err->key && i < sizeof by_key / sizeof *by_key; i++)
        if (strcmp(err->key, by_key[i].key) == 0)
            return by_key[i].status;
    return err->rc < RC_COUNT ? by_rc[err->rc] : 500;
}

/* The sentence for the failure in cx.err, in the reader's language. */
static const char *error_sentence(struct web_request *rq)
{
    if (rq->error_count > 0)
        return rq->errors[0].text;
    const struct err *err = &rq->cx.err;
    if (err->key) {
        const char *text = i18n_find(rq->lang, arena_printf(rq->cx.arena, "Err.%s", err->key));
        if (text)
            return text;
        LOG(ERROR, &rq->cx, "text missing in catalogue", F_TEXT("key", err->key));
    }
    return i18n_text(rq->lang, arena_printf(rq->cx.arena, "Err.rc_%s", rc_name(err->rc)));
}

static void fail_json(struct web_request *rq, int status)
{
    json_t *o = js_object(&rq->cx);
    json_object_set_new(o, "error", json_string(error_sentence(rq)));
    const char *field = rq->error_count > 0 ? rq->errors[0].field : rq->cx.err.field;
    if (field)
        json_object_set_new(o, "field", json_string(field));
    (void)web_json(rq, status, js_text(&rq->cx, o));
}

/* The page of a status: T.Error.<status>.title and .text; or the failure's own sentence if it has one. */
static void fail_page(struct web_request *rq, int status)
{
    struct arena *a = rq->cx.arena;
    char key[32];
    snprintf(key, sizeof key, "Error.%d.title", status);
    const char *title = i18n_text(rq->lang, key);
    snprintf(key, sizeof key, "Error.%d.text", status);
    const char *sentence =
        rq->cx.err.key ? i18n_find(rq->lang, arena_printf(a, "Err.%s", rq->cx.err.key)) : NULL;
    view_set(rq->values, "Error.title", title);
    view_set(rq->values, "Error.text", sentence ? sentence : i18n_text(rq->lang, key));
    view_num(rq->values, "Error.status", status);
    view_set(rq->values, "Error.id", rq->cx.id);
    rq->status = status;
    (void)web_page(rq, "error", title);
}

/* The label of a field, for the list of errors, which is read without the form. NULL: the field has no
 * label. */
static const char *field_name(struct web_request *rq, const char *field)
{
    return field && *field ? i18n_find(rq->lang, arena_printf(rq->cx.arena, "Field.%s", field)) : NULL;
}

static enum rc render(struct web_request *rq)
{
    view_set(rq->values, "Page.id", rq->page);
    view_set(rq->values, "Page.path", rq->path);
    if (rq->method == WEB_GET && rq->status < 400)
        show_flash(rq);
    if (rq->secret)
        view_set(rq->values, "Csrf", web_csrf(rq));
    int64_t fields = 0; /* errors without a field are no mistakes in the form */
    for (size_t i = 0; i < rq->error_count; i++) {
        fields += rq->errors[i].field && *rq->errors[i].field;
        struct view_node *e = view_add(rq->values, "Errors");
        view_set(e, "field", rq->errors[i].field);
        view_set(e, "name", field_name(rq, rq->errors[i].field));
        view_set(e, "text", rq->errors[i].text);
    }
    view_set(rq->values, "Errors.title", i18n_count(rq->cx.arena, rq->lang, "Form.errors", fields));
    rq->app->frame(rq);
    buf_clear(&rq->out);
    enum rc rc = view_render(&rq->cx, rq->app->view, rq->page, rq->lang, rq->values, &rq->out);
    if (rc == RC_OK)
        web_header(rq, "Content-Type", "text/html; charset=utf-8");
    return rc;
}

/* RC_NOTFOUND of a field: what it names does not exist. The page itself may be what is missing; then showing it fails, too. */
static bool may_retry(const struct web_request *rq, enum rc rc)
{
    const struct err *err = &rq->cx.err;
    return rq->form_page && !rq->retry && !rq->wants_json &&
           (rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_TOOBIG || (rc == RC_DENIED && err->key) ||
            (rc == RC_UNAVAIL && err->key) || (rc == RC_NOTFOUND && err->key && err->field));
}

/* Shows the form again. The failure's sentence is made before, since the page's own calls may fail, too. */
static enum rc show_form(struct web_request *rq)
{
    if (rq->error_count == 0)
        web_field_error(rq, rq->cx.err.field ? rq->cx.err.field : "", error_sentence(rq));
    int status = status_of(&rq->cx.err);
    rq->status = status == 429 ? 429 : status == 503 ? 503 : 422;
    rq->retry = true;
    err_clear(&rq->cx);
    return rq->form_page(rq);
}

static bool wants_sign_in(const struct web_request *rq, enum rc rc)
{
    const char *key = rq->cx.err.key;
    /* a node that gets 401 gives up its token: only "node_token" is answered so */
    if (rq->route && rq->route->access == WEB_NODE)
        return false;
    return rc == RC_DENIED && !rq->signed_in && (!key || strcmp(key, "signin") == 0);
}

static void fail(struct web_request *rq, enum rc rc)
{
    if (rq->cx.err.rc == RC_OK)
        (void)err_set(&rq->cx, rc, NULL, NULL, "no reason given");
    int status = status_of(&rq->cx.err);
    log_err(status >= 500 ? LOG_ERROR : LOG_INFO, &rq->cx, "request failed");
    bool json = rq->wants_json || (rq->route && (rq->route->flags & WEB_JSON));
    if (wants_sign_in(rq, rc)) {
        if (!json) {
            const char *next = rq->method == WEB_GET ? rq->target : "/";
            (void)web_redirect(rq,
                               arena_printf(rq->cx.arena, "/login?next=%s", web_encode(rq->cx.arena, next)));
            return;
        }
        status = 401;
    }
    if (status == 503)
        web_header(rq, "Retry-After", arena_printf(rq->cx.arena, "%d", RETRY_AFTER_S));
    if (json) {
        fail_json(rq, status);
        return;
    }
    fail_page(rq, status);
    if (render(rq) != RC_OK) {
        log_err(LOG_ERROR, &rq->cx, "the error page failed");
        rq->page = NULL;
        (void)web_text(rq, 500, "text/plain; charset=utf-8", str_of(i18n_text(rq->lang, "Error.500.text")));
    }
}

/* --- what every answer carries --- */

const char *web_origin(struct arena *a, const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t n = strspn(url + scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]");
    bool whole = url[scheme + n] == '\0' || url[scheme + n] == '/';
    return scheme && n && whole ? arena_strndup(a, url, scheme + n) : NULL;
}

bool web_has_origin(const char *list, const char *origin)
{
    size_t n = strlen(origin);
    for (const char *p = list; (p = strstr(p, origin)); p++)
        if (p > list && p[-1] == ' ' && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

/* The origins of pictures, video and uploads besides this site: " https://a https://b". Page.store_origins
 * has those that the frame knows for all pages, Page.store_origin the one that this page found. */
static const char *store_origins(struct web_request *rq)
{
    const char *all = view_get(rq->values, "Page.store_origins");
    const char *url = view_get(rq->values, "Page.store_origin");
    const char *one = url ? web_origin(rq->cx.arena, url) : NULL;
    const char *own = web_origin(rq->cx.arena, rq->app->conf->base_url);
    if (!all)
        all = "";
    if (!one || (own && strcmp(one, own) == 0) || web_has_origin(all, one))
        return all;
    return arena_printf(rq->cx.arena, "%s %s", all, one);
}

static void add_policy(struct web_request *rq)
{
    static const char csp[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:%s; "
        "font-src 'self'; connect-src 'self'%s; media-src 'self' blob:%s; worker-src 'self' blob:; "
        "form-action %s%s; base-uri 'none'; frame-ancestors 'none'";
    const struct conf *conf = rq->app->conf;
    const char *store = store_origins(rq);
    web_header(rq, "Content-Security-Policy",
               arena_printf(rq->cx.arena, csp, store, store, store, rq->leaves ? "*" : "'self'",
                            rq->leaves ? "" : store));
    web_header(rq, "X-Content-Type-Options", "nosniff");
    web_header(rq, "Referrer-Policy", "same-origin");
    web_header(rq, "Cross-Origin-Opener-Policy", "same-origin");
    web_header(rq, "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    if (strncmp(conf->base_url, "https:", 6) == 0)
        web_header(rq, "Strict-Transport-Security", "max-age=31536000");
}

void web_forms_leave(struct web_request *rq)
{
    rq->leaves = true;
}

void web_keep(struct web_request *rq)
{
    rq->forever = true;
}

/* Pages for visitors may be stored and revalidated; pages for a person are stored nowhere. What never changes is kept
 * by browsers only: an answer may carry a cookie. */
static void add_caching(struct web_request *rq)
{
    if (rq->forever && rq->status == 200) {
        web_header(rq, "Cache-Control", "private, max-age=31536000, immutable");
        return;
    }
    bool shared = rq->status == 200 && rq->method == WEB_GET && rq->page && !rq->secret && !rq->signed_in &&
                  !view_get(rq->values, "Flash.text");
    web_header(rq, "Cache-Control", shared ? "no-cache" : "no-store");
    web_header(rq, "Vary", "Cookie, Accept-Language, Accept");
    if (!shared)
        return;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    if (EVP_Digest(rq->out.p, rq->out.n, digest, &n, EVP_sha256(), NULL) != 1)
        return;
    const char *tag = arena_printf(rq->cx.arena, "\"%s\"", str_b64url(rq->cx.arena, digest, 12));
    web_header(rq, "ETag", tag);
    const char *have = rq->header(rq, "HTTP_IF_NONE_MATCH");
    if (have && strstr(have, tag)) {
        rq->status = 304;
        buf_clear(&rq->out);
    }
}

void web_finish(struct web_request *rq, enum rc rc)
{
    if (rc != RC_OK && may_retry(rq, rc))
        rc = show_form(rq);
    if (rc == RC_OK && !rq->status)
        bug("a handler returned RC_OK without an answer");
    if (rc == RC_OK && rq->page)
        rc = render(rq);
    if (rc != RC_OK) {
        rq->page = NULL;
        fail(rq, rc);
    }
    add_policy(rq);
    add_caching(rq);
    web_header(rq, "X-Request-Id", rq->cx.id);
}
