#include "lib/web/app.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/os/conf.h"
#include "lib/os/metrics.h"
#include "lib/web/answer.h"
#include "lib/web/csrf.h"
#include "lib/web/hot.h"
#include "lib/web/route.h"

#define COOKIE_LANG "lectern-lang"

enum { MAX_HEADERS = 32 * 1024, YEAR_S = 365 * 24 * 3600 };

static const char *header(const struct web_request *rq, const char *name)
{
    const struct web_io *io = rq->env;
    return io->header(io->ctx, name);
}

enum rc web_app_check(struct cx *cx, const struct web_app *app)
{
    return route_check(cx, app->routes, app->route_count);
}

/* --- what was asked --- */

/* REQUEST_URI as sent; under a plain CGI call from a shell, PATH_INFO and QUERY_STRING. */
static const char *target_of(struct web_request *rq)
{
    const char *uri = header(rq, "REQUEST_URI");
    if (uri && *uri)
        return uri;
    const char *path = header(rq, "PATH_INFO"), *query = header(rq, "QUERY_STRING");
    if (!path || !*path)
        path = "/";
    return query && *query ? arena_printf(rq->cx.arena, "%s?%s", path, query) : path;
}

static enum rc read_target(struct web_request *rq, struct str *query_text)
{
    struct str query = str_of(target_of(rq));
    if (query.n > WEB_MAX_URI)
        return err_set(&rq->cx, RC_INVALID, NULL, "bad_request", "an address of %zu bytes", query.n);
    /* pages use it in links: "//other.example" would lead to another site */
    const char *target = str_dup(rq->cx.arena, query);
    rq->target = web_is_local_path(target) ? target : "/";
    struct str path = str_cut(&query, '?');
    enum rc rc = web_decode(&rq->cx, path, false, &rq->path);
    /* an encoded slash must not become a separator */
    for (size_t i = 0; rc == RC_OK && i + 2 < path.n; i++)
        if (path.p[i] == '%' && path.p[i + 1] == '2' && (path.p[i + 2] | 0x20) == 'f')
            rc = err_set(&rq->cx, RC_NOTFOUND, NULL, NULL, "an escaped slash");
    if (rc == RC_OK)
        *query_text = query;
    return rc;
}

static void read_method(struct web_request *rq)
{
    const char *method = header(rq, "REQUEST_METHOD");
    rq->head = method && strcmp(method, "HEAD") == 0;
    if (!method || rq->head || strcmp(method, "GET") == 0)
        rq->method = WEB_GET;
    else if (strcmp(method, "POST") == 0)
        rq->method = WEB_POST;
    else
        rq->method = WEB_METHOD_COUNT;
}

static size_t max_fields(const struct web_request *rq)
{
    return rq->route->flags & WEB_LONG ? WEB_LONG_PAIRS : WEB_MAX_PAIRS;
}

static int64_t max_body(const struct web_request *rq)
{
    unsigned flags = rq->route->flags;
    return flags & (WEB_RAW | WEB_FILE) ? WEB_MAX_RAW : flags & WEB_LONG ? WEB_LONG_FORM : WEB_MAX_FORM;
}

static enum rc read_body(struct web_request *rq, const struct web_io *io)
{
    int64_t length = 0;
    const char *text = header(rq, "CONTENT_LENGTH");
    if (rq->method != WEB_POST || !text || !*text)
        return RC_OK;
    if (!str_to_i64(str_of(text), 0, INT64_MAX, &length))
        return err_set(&rq->cx, RC_INVALID, NULL, "bad_request", "Content-Length");
    if (length > max_body(rq))
        return err_set(&rq->cx, RC_TOOBIG, NULL, "body_too_big", "a body of %lld bytes", (long long)length);
    char *p = arena_alloc(rq->cx.arena, (size_t)length + 1);
    size_t n = io->read(io->ctx, p, (size_t)length);
    if (n < (size_t)length)
        return err_set(&rq->cx, RC_INVALID, NULL, "bad_request", "the body ends early");
    struct str body = {p, n};
    if (rq->route->flags & WEB_RAW) {
        rq->body = body;
        return RC_OK;
    }
    const char *type = header(rq, "CONTENT_TYPE");
    if (type && (rq->route->flags & WEB_FILE) && str_starts(str_of(type), "multipart/"))
        return web_parse_file(&rq->cx, str_of(type), body, &rq->form, &rq->file);
    if (type && *type && !str_starts(str_of(type), "application/x-www-form-urlencoded"))
        return err_set(&rq->cx, RC_INVALID, NULL, "bad_request", "not a form: %.60s", type);
    return web_parse_pairs(&rq->cx, body, max_fields(rq), &rq->form);
}

/* --- who asked, and may they --- */

static void choose_language(struct web_request *rq)
{
    const char *code = web_cookie_get(rq, COOKIE_LANG);
    rq->lang_chosen = view_has_language(rq->app->view, code);
    if (!rq->lang_chosen)
        code = web_parse_language(header(rq, "HTTP_ACCEPT_LANGUAGE"), view_codes(rq->app->view));
    rq->lang = view_language(rq->app->view, code);
}

void web_choose_language(struct web_request *rq, const char *code)
{
    rq->lang = view_language(rq->app->view, code);
    web_cookie(rq, COOKIE_LANG, i18n_code(rq->lang), YEAR_S);
}

/* ?lang=de on any page: saves the choice and redirects to the address without it. */
static bool switch_language(struct web_request *rq)
{
    const char *code = web_pairs_get(&rq->query, "lang");
    if (rq->method != WEB_GET || !view_has_language(rq->app->view, code))
        return false;
    web_choose_language(rq, code);
    const char *back = arena_strndup(rq->cx.arena, rq->target, strcspn(rq->target, "?"));
    char join = '?';
    for (size_t i = 0; i < rq->query.n; i++) {
        const struct web_pair *q = &rq->query.v[i];
        if (strcmp(q->name, "lang") == 0)
            continue;
        back = arena_printf(rq->cx.arena, "%s%c%s=%s", back, join, web_encode(rq->cx.arena, q->name),
                            web_encode(rq->cx.arena, q->value));
        join = '&';
    }
    (void)web_redirect(rq, back);
    return true;
}

static bool is_local(const struct web_request *rq)
{
    const char *address = header(rq, "REMOTE_ADDR");
    return address && (strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0);
}

static enum rc check_access(struct web_request *rq)
{
    enum web_access level = rq->route->access;
    if (level == WEB_PUBLIC || level == WEB_NODE)
        return RC_OK;
    if (level == WEB_LOCAL)
        return is_local(rq) ? RC_OK : err_set(&rq->cx, RC_NOTFOUND, NULL, NULL, "not from this host");
    if (!rq->signed_in)
        return err_set(&rq->cx, RC_DENIED, NULL, NULL, "not signed in");
    return rq->app->admits(rq, level) ? RC_OK
                                      : err_set(&rq->cx, RC_DENIED, NULL, NULL, "access level of the route");
}

static enum rc check_forgery(struct web_request *rq)
{
    if (rq->method != WEB_POST || rq->route->access == WEB_NODE || (rq->route->flags & WEB_FOREIGN))
        return RC_OK;
    if (!csrf_origin_ok(header(rq, "HTTP_ORIGIN"), header(rq, "HTTP_SEC_FETCH_SITE"), rq->app->conf->base_url,
                        header(rq, "HTTP_HOST")))
        return err_set(&rq->cx, RC_DENIED, NULL, "csrf", "the form comes from another site");
    const char *token = header(rq, "HTTP_X_CSRF_TOKEN");
    if (!token || !*token)
        token = web_pairs_get(&rq->form, "csrf");
    if (!rq->secret)
        (void)web_csrf(rq); /* a visitor's form cookie; a fresh one never matches */
    if (!csrf_check(rq->cx.arena, rq->secret, token))
        return err_set(&rq->cx, RC_DENIED, NULL, "csrf", "wrong or missing form token");
    return RC_OK;
}

/* --- the way of a request --- */

static enum rc find_route(struct web_request *rq)
{
    const char *allow = NULL;
    size_t n = strlen(rq->path);
    if (n > 1 && rq->path[n - 1] == '/' && rq->method == WEB_GET)
        return web_redirect(rq, arena_strndup(rq->cx.arena, rq->target, strcspn(rq->target, "?") - 1));
    enum rc rc = route_find(&rq->cx, rq->app->routes, rq->app->route_count, rq->method, rq->path, &rq->route,
                            &rq->args, &allow);
    if (allow)
        web_header(rq, "Allow", allow);
    return rc;
}

static enum rc handle(struct web_request *rq, const struct web_io *io)
{
    read_method(rq);
    struct str query = {0};
    enum rc rc = read_target(rq, &query);
    if (rc != RC_OK)
        return rc;
    rc = find_route(rq);
    if (rc == RC_OK && !rq->status) /* how long it may be is the route's */
        rc = web_parse_pairs(&rq->cx, query, max_fields(rq), &rq->query);
    if (rc == RC_OK && (rq->status || switch_language(rq)))
        return RC_OK;
    bool needs_session = !rq->route || (rq->route->access != WEB_NODE && rq->route->access != WEB_LOCAL);
    if (needs_session) {
        struct err first = rq->cx.err;
        enum rc who = rq->app->identify(rq);
        if (rc != RC_OK) /* so that the error page can show who is signed in */
            rq->cx.err = first;
        else
            rc = who;
    }
    if (rc == RC_OK)
        rc = check_access(rq);
    if (rc == RC_OK)
        rc = read_body(rq, io);
    if (rc == RC_OK)
        rc = check_forgery(rq);
    return rc == RC_OK ? rq->route->handler(rq) : rc;
}

static void send_answer(struct web_request *rq, const struct web_io *io)
{
    char line[80];
    int n = snprintf(line, sizeof line, "Status: %d\r\n", rq->status);
    io->write(io->ctx, line, (size_t)n);
    io->write(io->ctx, rq->headers.p, rq->headers.n);
    if (rq->status != 204 && rq->status != 304) {
        n = snprintf(line, sizeof line, "Content-Length: %zu\r\n", rq->out.n);
        io->write(io->ctx, line, (size_t)n);
    }
    io->write(io->ctx, "\r\n", 2);
    if (!rq->head && rq->out.n > 0)
        io->write(io->ctx, rq->out.p, rq->out.n);
}

/* Statements of this request so far. */
static int64_t statements(const struct web_request *rq)
{
    return rq->app->count ? (int64_t)(rq->app->count(&rq->cx) - rq->statements) : 0;
}

/* Of many nodes, heartbeats would fill the log within minutes: those that went well are for debugging. */
static enum log_level level_of(const struct web_request *rq)
{
    return rq->route && rq->route->access == WEB_NODE && rq->status == 200 ? LOG_DEBUG : LOG_INFO;
}

static void account_for(struct web_request *rq, int64_t began)
{
    int64_t took = clock_mono() - began;
    metric_add(METRIC_web_statements_total, statements(rq));
    metric_add(METRIC_web_requests_total, 1);
    metric_add(METRIC_web_request_seconds_total, took * 1000);
    if (rq->status >= 500)
        metric_add(METRIC_web_errors_total, 1);
    log_write(level_of(rq), &rq->cx, "request", F_TEXT("route", rq->route ? rq->route->pattern : "-"),
              F_TEXT("handler", rq->route ? rq->route->name : "-"), F_NUM("status", rq->status),
              F_NUM("ms", took), F_NUM("bytes", rq->out.n), F_NUM("statements", statements(rq)), F_END);
}

void web_serve(const struct web_app *app, struct cx *cx, const struct web_io *io)
{
    int64_t began = clock_mono();
    struct web_request rq = {.cx = *cx, .app = app, .header = header, .env = io, .now = clock_now()};
    rq.path = rq.target = "/";
    rq.zone = app->zone;
    buf_init(&rq.headers, MAX_HEADERS);
    buf_init(&rq.out, WEB_MAX_PAGE);
    rq.values = view_tree(rq.cx.arena);
    const char *accept = header(&rq, "HTTP_ACCEPT");
    rq.wants_json = accept && str_starts(str_of(accept), "application/json");
    choose_language(&rq);

    if (app->count)
        rq.statements = app->count(cx);
    web_finish(&rq, handle(&rq, io));
    if (log_level_of(app->conf->log_level) == LOG_DEBUG)
        web_header(&rq, "X-Statements", arena_printf(cx->arena, "%lld", (long long)statements(&rq)));
    if (rq.headers.overflow)
        bug("headers over their limit");
    send_answer(&rq, io);
    hot_keep(&rq);
    account_for(&rq, began);
    buf_fini(&rq.headers);
    buf_fini(&rq.out);
}
