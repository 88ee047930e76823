/* The handling of a request by lib/web, with a small application: a request of any bytes (asked.h) against
 * parameters of every kind. A handler gets only values that fit the declaration; what is shown again is
 * escaped; the answer is well-formed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/os/conf.h"
#include "lib/web/app.h"
#include "tests/fuzz/drivers/asked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = {"red", "green", NULL};
enum { P_ID, P_LINE, P_TEXT, P_SECRET, P_INT, P_REAL, P_KEY, P_SLUG, P_CHOICE, P_FLAG, P_WHEN, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, 99, NULL},
    [P_LINE] = {"line", WEB_LINE, false, 2, 8, NULL},
    [P_TEXT] = {"text", WEB_TEXT, false, 0, 20, NULL},
    [P_SECRET] = {"secret", WEB_SECRET, false, 3, 9, NULL},
    [P_INT] = {"int", WEB_INT, false, -3, 1000, NULL},
    [P_REAL] = {"real", WEB_REAL, false, -1, 10, NULL},
    [P_KEY] = {"key", WEB_KEY, false, 4, 4, NULL},
    [P_SLUG] = {"slug", WEB_SLUG, false, 1, 6, NULL},
    [P_CHOICE] = {"choice", WEB_CHOICE, false, 0, 0, colours},
    [P_FLAG] = {"flag", WEB_FLAG, false, 0, 0, NULL},
    [P_WHEN] = {"when", WEB_DATETIME, false, 0, 0, NULL},
};

static void check_absent(const struct web_value *v, const struct web_param *p)
{
    if (v->given || *v->text || v->num != (p->kind == WEB_DATETIME ? NO_TIME : 0) || v->real != 0)
        abort();
}

static void check(const struct web_value *v, enum rc rc)
{
    for (size_t i = 0; i < P_COUNT; i++) {
        const struct web_param *p = &params[i];
        struct str text = str_of(v[i].text);
        if (!v[i].given && (!p->required || rc != RC_OK)) {
            check_absent(&v[i], p);
            continue;
        }
        bool good = str_is_utf8(text);
        if (p->kind == WEB_LINE || p->kind == WEB_TEXT || p->kind == WEB_SECRET)
            good = good && str_utf8_length(text) <= (size_t)p->max;
        if (p->kind == WEB_LINE || p->kind == WEB_TEXT)
            good = good && !str_has_controls(text, p->kind == WEB_TEXT);
        if (p->kind == WEB_INT)
            good = good && v[i].num >= p->min && v[i].num <= p->max;
        if (p->kind == WEB_REAL)
            good = good && isfinite(v[i].real) && v[i].real >= -1 && v[i].real <= 10;
        if (p->kind == WEB_KEY || p->kind == WEB_SLUG)
            good = good && str_is_slug(text, (size_t)p->max);
        if (p->kind == WEB_CHOICE)
            good = good && (v[i].num == 0 || v[i].num == 1);
        if (!good)
            abort();
    }
}

static enum rc show(struct web_request *rq)
{
    web_field(rq, "login", "stored");
    view_set(rq->values, "Login.next", rq->target);
    return web_page(rq, "login", rq->path);
}

static enum rc save(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    web_form_page(rq, show);
    memset(v, 0xa5, sizeof v);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    check(v, rc);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "lecture_deleted", v[P_LINE].text, v[P_TEXT].text);
    return web_redirect(rq, v[P_TEXT].text);
}

static enum rc raw(struct web_request *rq)
{
    return web_text(rq, 200, "text/plain", rq->body);
}

static const struct web_route routes[] = {
    {WEB_GET, "/", show, WEB_PUBLIC, 0, "show"},
    {WEB_GET, "/a/:id", save, WEB_PUBLIC, WEB_HOT, "save"},
    {WEB_POST, "/a/:id", save, WEB_PUBLIC, 0, "save"},
    {WEB_POST, "/b/:id", save, WEB_NODE, 0, "save"}, /* as /a, without a form token */
    {WEB_POST, "/raw", raw, WEB_NODE, WEB_RAW | WEB_JSON, "raw"},
    {WEB_GET, "/mine", show, WEB_SIGNEDIN, 0, "show"},
};

static enum rc identify(struct web_request *rq)
{
    rq->secret = web_cookie_get(rq, "s");
    rq->signed_in = rq->secret != NULL;
    return RC_OK;
}

static bool admits(const struct web_request *rq, enum web_access level)
{
    return level == WEB_SIGNEDIN && rq->signed_in;
}

static void frame(struct web_request *rq)
{
    view_set(rq->values, "Page.target", web_encode(rq->cx.arena, rq->target));
}

/* --- asking --- */

static struct buf answer;

static void collect(void *ctx, const char *p, size_t n)
{
    (void)ctx;
    buf_add(&answer, p, n);
}

static struct conf conf = {
    .base_url = "https://l.example", .log_level = "error", .run_dir = "/nonexistent", .time_zone = "UTC"};
static struct web_app app = {.conf = &conf,
                             .routes = routes,
                             .route_count = sizeof routes / sizeof *routes,
                             .identify = identify,
                             .admits = admits,
                             .frame = frame};

static void start(struct cx *cx)
{
    static struct cx own; /* the zone lives in its arena */
    cx_init(&own);
    log_open("fuzz", "", LOG_LEVEL_COUNT);
    buf_init(&answer, 1 << 24);
    if (!zone_open(own.arena, "UTC", &app.zone) || web_app_check(cx, &app) != RC_OK ||
        view_open(cx, TEST_SRCDIR "/templates", &app.view) != RC_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct asked asked;
    cx_init(&cx);
    if (!app.view)
        start(&cx);
    asked_read(cx.arena, (struct str){(const char *)data, size}, &asked);
    struct web_io io = {&asked, asked_header, asked_take, collect};
    buf_clear(&answer);
    web_serve(&app, &cx, &io);
    struct str body = asked_body(buf_view(&answer));
    struct str head = {answer.p, answer.n - body.n};
    bool html = memmem(head.p, head.n, "text/html", 9) != NULL;
    if (answer.overflow || (html && memmem(body.p, body.n, "<fuzz", 5)))
        abort();
    cx_fini(&cx);
    return 0;
}
