/* Every row of lectern-web, asked with any bytes (asked.h). There is no database, so that a handler ends at its
 * first service; it has read all its parameters then (web_params). An answer is well-formed, shows nothing that
 * was typed as markup, and is never the program's own failure. A cookie "s" signs in; the form token is right
 * unless the request brings one; the address is this host's. */
#include <stdlib.h>
#include <string.h>

#include "cgi-bin/web/site.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/saml/saml.h"
#include "lib/web/app.h"
#include "lib/web/csrf.h"
#include "tests/fuzz/drivers/asked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "fuzz"

static enum rc identify(struct web_request *rq)
{
    static const struct role_grant grant = {.role = ROLE_ADMIN, .organisation_path = ""};
    static const struct actor person = {
        .user_id = 1, .login = "fuzz", .name = "Fuzz", .grants = &grant, .grant_count = 1, .teaches = true};
    rq->secret = SECRET;
    rq->signed_in = web_cookie_get(rq, "s") != NULL;
    rq->cx.actor = rq->signed_in ? &person : NULL;
    return RC_OK;
}

/* --- asking --- */

static const char *given(const struct asked *asked, const char *name)
{
    size_t n = strlen(name);
    for (char *const *e = asked->envp; *e; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
            return *e + n + 1;
    return NULL;
}

static const char *header(const void *ctx, const char *name)
{
    static char length[24], token[80];
    const struct asked *asked = ctx;
    const char *value = given(asked, name);
    if (value)
        return value;
    if (strcmp(name, "REMOTE_ADDR") == 0)
        return "127.0.0.1";
    if (strcmp(name, "CONTENT_LENGTH") == 0) {
        snprintf(length, sizeof length, "%zu", asked->body.n);
        return length;
    }
    if (strcmp(name, "HTTP_X_CSRF_TOKEN") != 0)
        return NULL;
    if (!*token) {
        struct arena *a = arena_new();
        snprintf(token, sizeof token, "%s", csrf_token(a, SECRET));
        arena_free(a);
    }
    return token;
}

static size_t read_body(void *ctx, char *p, size_t n)
{
    const struct asked *asked = ctx;
    if (n > asked->body.n)
        n = asked->body.n;
    if (n > 0)
        memcpy(p, asked->body.p, n);
    return n;
}

static struct buf answer;

static void collect(void *ctx, const char *p, size_t n)
{
    (void)ctx;
    buf_add(&answer, p, n);
}

static struct site site;
static struct web_app app = {.ctx = &site, .identify = identify, .admits = site_admits, .frame = site_frame};

static void start(void)
{
    static const struct db_options nowhere = {.socket = "/nonexistent/socket", .user = "", .name = ""};
    static struct conf conf;
    static struct cx cx; /* the configuration's texts live in its arena */
    log_open("fuzz", "", LOG_LEVEL_COUNT);
    buf_init(&answer, 1 << 24);
    cx_init(&cx);
    app.conf = &conf;
    app.routes = site_routes;
    app.route_count = site_route_count;
    site.db = db_new(&nowhere);
    if (conf_parse(&cx, "fuzz", str_of("run_dir = /nonexistent\ntime_zone = UTC\n"), &conf) != RC_OK ||
        saml_start(&cx) != RC_OK || web_app_check(&cx, &app) != RC_OK ||
        !zone_open(cx.arena, "UTC", &app.zone) ||
        view_open(&cx, TEST_SRCDIR "/templates", &app.view) != RC_OK)
        abort();
}

/* 503 says that a handler has come as far as the database. */
static void check(void)
{
    struct str body = asked_body(buf_view(&answer));
    struct str head = {answer.p, answer.n - body.n};
    bool html = memmem(head.p, head.n, "text/html", 9) != NULL;
    if (answer.overflow || (html && memmem(body.p, body.n, "<fuzz", 5)))
        abort();
    if (head.p[8] == '5' && !str_starts(head, "Status: 503"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct asked asked;
    if (!app.view)
        start();
    cx_init(&cx);
    cx.conf = app.conf;
    cx.db = site.db;
    site.limits = ratelimit_new(NULL);
    asked_read(cx.arena, (struct str){(const char *)data, size}, &asked);
    struct web_io io = {&asked, header, read_body, collect};
    buf_clear(&answer);
    web_serve(&app, &cx, &io);
    check();
    ratelimit_free(site.limits);
    cx_fini(&cx);
    return 0;
}
