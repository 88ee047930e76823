/* A small application of its own, answered in memory: routes, parameters, forms, failures, headers,
 * languages. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/web/answer.h"
#include "lib/web/app.h"
#include "lib/web/csrf.h"
#include "lib/web/route.h"

/* --- the application --- */

static const char *const colours[] = {"red", "green", NULL};
enum { P_ID, P_NAME, P_TEXT, P_N, P_X, P_COLOUR, P_FLAG, P_WHEN, P_DATE, P_TIME, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, 99, NULL},
    [P_NAME] = {"name", WEB_LINE, true, 2, 5, NULL},
    [P_TEXT] = {"text", WEB_TEXT, false, 0, 20, NULL},
    [P_N] = {"n", WEB_INT, false, -3, 3, NULL},
    [P_X] = {"x", WEB_REAL, false, 0, 10, NULL},
    [P_COLOUR] = {"colour", WEB_CHOICE, false, 0, 0, colours},
    [P_FLAG] = {"flag", WEB_FLAG, false, 0, 0, NULL},
    [P_WHEN] = {"when", WEB_DATETIME, false, 0, 0, NULL},
    [P_DATE] = {"date", WEB_DATE, false, 0, 0, NULL},
    [P_TIME] = {"time", WEB_TIME, false, 0, 0, NULL},
};

static struct web_value seen[P_COUNT];
static enum rc next_rc;
static const char *next_key;

static enum rc show(struct web_request *rq)
{
    web_field(rq, "name", "stored");
    return web_page(rq, "login", "T<>");
}

static enum rc save(struct web_request *rq)
{
    web_form_page(rq, show);
    memset(seen, 0xa5, sizeof seen);
    enum rc rc = web_params(rq, params, P_COUNT, seen);
    return rc == RC_OK ? web_redirect(rq, "/done") : rc;
}

/* Its form names something that does not exist, or something of the page is missing. */
static const char *missing_field;

static enum rc save_missing(struct web_request *rq)
{
    web_form_page(rq, show);
    return err_set(&rq->cx, RC_NOTFOUND, missing_field, "user_unknown", "on purpose");
}

/* A form with rows: what each has. */
static char rows_seen[200];

static enum rc rows(struct web_request *rq)
{
    static const struct web_param param = {"n", WEB_INT, false, 0, 9, NULL};
    struct web_value *v;
    size_t n, used = 0;
    enum rc rc = web_params_all(rq, &param, 6, &v, &n);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(rows_seen + used, sizeof rows_seen - used, "%s%lld,", v[i].given ? "" : "-",
                                 (long long)v[i].num);
    return rc == RC_OK ? web_no_content(rq) : rc;
}

static enum rc fails(struct web_request *rq)
{
    return err_set(&rq->cx, next_rc, NULL, next_key, "on purpose");
}

static enum rc hot(struct web_request *rq)
{
    return next_rc == RC_OK ? web_page(rq, "login", "Hot") : fails(rq);
}

static enum rc hot_form(struct web_request *rq)
{
    (void)web_csrf(rq);
    return web_page(rq, "login", "Hot");
}

static enum rc raw(struct web_request *rq)
{
    return web_json(rq, 200, rq->body);
}

static enum rc deletes(struct web_request *rq)
{
    web_flash(rq, "lecture_deleted", "~/account/signout?a.b!c", "/undo?x=1");
    return web_redirect(rq, "/");
}

static enum rc away(struct web_request *rq)
{
    web_cookie_foreign(rq, "__Host-x", "v", 600);
    return web_redirect_away(rq, "https://idp.example/?a=1");
}

static const struct web_route routes[] = {
    {WEB_GET, "/thing/:id", show, WEB_PUBLIC, 0, "show"},
    {WEB_POST, "/thing/:id", save, WEB_PUBLIC, 0, "save"},
    {WEB_GET, "/fails", fails, WEB_PUBLIC, 0, "fails"},
    {WEB_GET, "/hot", hot, WEB_PUBLIC, WEB_HOT, "hot"},
    {WEB_GET, "/hot-form", hot_form, WEB_PUBLIC, WEB_HOT, "hot_form"},
    {WEB_GET, "/deletes", deletes, WEB_PUBLIC, 0, "deletes"},
    {WEB_GET, "/mine", show, WEB_SIGNEDIN, 0, "show"},
    {WEB_GET, "/teach", show, WEB_LECTURER, 0, "show"},
    {WEB_GET, "/local", show, WEB_LOCAL, 0, "show"},
    {WEB_POST, "/node", raw, WEB_NODE, WEB_RAW | WEB_JSON, "raw"},
    {WEB_POST, "/node/fails", fails, WEB_NODE, WEB_RAW | WEB_JSON, "fails"},
    {WEB_GET, "/", show, WEB_PUBLIC, 0, "show"},
    {WEB_POST, "/foreign", away, WEB_PUBLIC, WEB_FOREIGN, "away"},
    {WEB_GET, "/j", fails, WEB_PUBLIC, WEB_JSON, "fails"},
    {WEB_POST, "/rows", rows, WEB_PUBLIC, WEB_LONG | WEB_JSON, "rows"},
    {WEB_GET, "/rows", rows, WEB_PUBLIC, WEB_LONG, "rows"},
    {WEB_POST, "/missing", save_missing, WEB_PUBLIC, 0, "save_missing"},
};

static enum rc identify(struct web_request *rq)
{
    rq->secret = web_cookie_get(rq, "s");
    rq->signed_in = rq->secret != NULL;
    return RC_OK;
}

static bool admits(const struct web_request *rq, enum web_access level)
{
    return level == WEB_SIGNEDIN || strcmp(rq->secret, "teacher") == 0;
}

static const char *stores, *store;
static char target_seen[40];

static void frame(struct web_request *rq)
{
    view_set(rq->values, "Page.store_origins", stores);
    view_set(rq->values, "Page.store_origin", store);
    snprintf(target_seen, sizeof target_seen, "%s", rq->target);
}

static struct conf conf = {.base_url = "https://l.example", .log_level = "error", .run_dir = "/nonexistent"};
static struct web_app app = {
    .conf = &conf, .routes = routes, .identify = identify, .admits = admits, .frame = frame};
static struct cx cx;
static struct arena *zone_arena;
static struct buf answer;

/* --- asking it --- */

struct ask {
    const char *method, *uri, *cookie, *body, *type, *origin, *accept, *address, *language, *etag;
};

static const char *variable(const void *ctx, const char *name)
{
    const struct ask *a = ctx;
    static char length[20];
    if (strcmp(name, "REQUEST_METHOD") == 0)
        return a->method;
    if (strcmp(name, "REQUEST_URI") == 0)
        return a->uri;
    if (strcmp(name, "HTTP_COOKIE") == 0)
        return a->cookie;
    if (strcmp(name, "CONTENT_TYPE") == 0)
        return a->type;
    if (strcmp(name, "HTTP_ORIGIN") == 0)
        return a->origin;
    if (strcmp(name, "HTTP_ACCEPT") == 0)
        return a->accept;
    if (strcmp(name, "HTTP_ACCEPT_LANGUAGE") == 0)
        return a->language;
    if (strcmp(name, "HTTP_IF_NONE_MATCH") == 0)
        return a->etag;
    if (strcmp(name, "REMOTE_ADDR") == 0)
        return a->address;
    if (strcmp(name, "HTTP_HOST") == 0)
        return "l.example";
    if (strcmp(name, "CONTENT_LENGTH") != 0 || !a->body)
        return NULL;
    snprintf(length, sizeof length, "%zu", strlen(a->body));
    return length;
}

static size_t body(void *ctx, char *p, size_t n)
{
    const struct ask *a = ctx;
    memcpy(p, a->body, n);
    return n;
}

static void collect(void *ctx, const char *p, size_t n)
{
    (void)ctx;
    buf_add(&answer, p, n);
}

/* Returns the status; the whole answer is in `answer`. */
static int asked(struct ask a)
{
    struct web_io io = {&a, variable, body, collect};
    buf_clear(&answer);
    cx_reset(&cx);
    cx.conf = &conf;
    web_serve(&app, &cx, &io);
    int64_t status = 0;
    assert_true(str_starts(buf_view(&answer), "Status: "));
    assert_true(str_to_i64((struct str){answer.p + 8, 3}, 100, 599, &status));
    return (int)status;
}

static int get(const char *uri)
{
    return asked((struct ask){.method = "GET", .uri = uri});
}

static bool says(const char *text)
{
    return strstr(answer.p, text) != NULL;
}

/* A form with the right token. */
static int post(const char *uri, const char *fields)
{
    const char *secret = "aaaaaaaaaaaaaaaaaaaaaaaa";
    struct ask a = {.method = "POST", .uri = uri, .cookie = "s=aaaaaaaaaaaaaaaaaaaaaaaa"};
    struct arena *arena = arena_new();
    a.body = arena_printf(arena, "%s&csrf=%s", fields, csrf_token(arena, secret));
    int status = asked(a);
    arena_free(arena);
    return status;
}

/* --- tests --- */

static void test_routes(void **state)
{
    (void)state;
    assert_int_equal(get("/thing/1"), 200);
    assert_int_equal(get("/thing"), 404);
    assert_int_equal(get("/thing/1/2"), 404);
    assert_int_equal(get("/thing/"), 303);
    assert_int_equal(get("/thing/%2e%2e"), 404);
    assert_int_equal(get("/thing%2f1"), 404);
    assert_int_equal(get("/thing/%"), 400);
    assert_int_equal(get("//thing/1"), 404);
    assert_string_equal(target_seen, "/"); /* frames link to it */
    assert_int_equal(get("//evil.example/"), 303);
    assert_true(says("Location: /\r\n"));
    assert_int_equal(get("/nothing?a=b"), 404);
    assert_string_equal(target_seen, "/nothing?a=b");
    assert_int_equal(get("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p"), 404);
    assert_int_equal(asked((struct ask){.method = "DELETE", .uri = "/"}), 405);
    assert_true(says("Allow: GET, HEAD\r\n"));
    assert_int_equal(asked((struct ask){.method = "PUT", .uri = "/thing/1"}), 405);
    assert_true(says("Allow: GET, HEAD, POST\r\n"));
    assert_int_equal(asked((struct ask){.method = "PUT", .uri = "/nothing"}), 404);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/node"}), 405);
    assert_true(says("Allow: POST\r\n"));
    assert_int_equal(asked((struct ask){.method = "POST", .uri = "/fails"}), 405);
    assert_true(says("Allow: GET, HEAD\r\n"));
    assert_int_equal(asked((struct ask){.method = "HEAD", .uri = "/"}), 200);
    assert_false(says("<html"));
    assert_false(says("Content-Length: 0"));
}

static void test_access(void **state)
{
    (void)state;
    assert_int_equal(get("/mine"), 303);
    assert_true(says("Location: /login?next=%2Fmine\r\n"));
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/mine", .accept = "application/json"}), 401);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/mine", .cookie = "s=x"}), 200);
    assert_true(says("Cache-Control: no-store\r\n"));
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/teach", .cookie = "s=x"}), 403);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/teach", .cookie = "s=teacher"}), 200);
    assert_int_equal(get("/local"), 404);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/local", .address = "10.0.0.1"}), 404);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/local", .address = "127.0.0.1"}), 200);
}

static void test_route_check(void **state)
{
    (void)state;
    struct web_route bad[] = {{WEB_GET, "/x", show, WEB_UNSET, 0, "show"},
                              {WEB_GET, "/y", show, WEB_PUBLIC, 0, "show"}};
    assert_int_equal(route_check(&cx, routes, sizeof routes / sizeof *routes), RC_OK);
    assert_int_equal(route_check(&cx, bad, 1), RC_INVALID);
    bad[0].access = WEB_PUBLIC;
    assert_int_equal(route_check(&cx, bad, 2), RC_OK);
    bad[0].handler = NULL;
    assert_int_equal(route_check(&cx, bad, 1), RC_INVALID);
    bad[0].handler = show;
    bad[0].pattern = "/y";
    assert_int_equal(route_check(&cx, bad, 2), RC_INVALID);
    bad[0].pattern = "relative";
    assert_int_equal(route_check(&cx, bad, 1), RC_INVALID);
}

/* What --routes prints is the table. */
static void test_route_list(void **state)
{
    (void)state;
    struct str text = route_list(&cx, routes, sizeof routes / sizeof *routes);
    const json_t *list;
    assert_int_equal(js_parse(&cx, text, text.n, &list), RC_OK);
    assert_int_equal(json_array_size(list), sizeof routes / sizeof *routes);
    json_t *row = json_array_get(list, 9);
    assert_string_equal(js_get_str(row, "method", ""), "POST");
    assert_string_equal(js_get_str(row, "pattern", ""), "/node");
    assert_string_equal(js_get_str(row, "handler", ""), "raw");
    assert_string_equal(js_get_str(row, "access", ""), "node");
    json_t *flags = json_object_get(row, "flags");
    assert_int_equal(json_array_size(flags), 2);
    assert_string_equal(json_string_value(json_array_get(flags, 0)), "raw");
    assert_string_equal(json_string_value(json_array_get(flags, 1)), "json");
    assert_int_equal(json_array_size(json_object_get(json_array_get(list, 0), "flags")), 0);
}

static void test_forgery(void **state)
{
    (void)state;
    /* the cookie of a visitor's form is for this site only, and scripts cannot read it */
    assert_int_equal(asked((struct ask){.method = "POST", .uri = "/thing/1", .body = "a=b"}), 403);
    assert_true(says("Set-Cookie: __Host-lectern-form="));
    assert_true(says("; Path=/; Secure; HttpOnly; SameSite=Lax\r\n"));
    const char *fields = "name=abc";
    assert_int_equal(asked((struct ask){.method = "POST", .uri = "/thing/1", .body = fields}), 403);
    assert_int_equal(
        asked((struct ask){.method = "POST", .uri = "/thing/1", .body = fields, .cookie = "s=x"}), 403);
    assert_int_equal(asked((struct ask){.method = "POST",
                                        .uri = "/thing/1",
                                        .body = "name=abc&csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                        .cookie = "s=x"}),
                     403);
    assert_int_equal(post("/thing/1", fields), 303);
    struct ask a = {.method = "POST", .uri = "/thing/1", .cookie = "s=x", .origin = "https://evil.example"};
    a.body = arena_printf(cx.arena, "name=abc&csrf=%s", csrf_token(cx.arena, "x"));
    char *kept = mem_strdup(a.body);
    a.body = kept;
    assert_int_equal(asked(a), 403);
    a.origin = "https://l.example";
    assert_int_equal(asked(a), 303);
    a.type = "multipart/form-data; boundary=x";
    assert_int_equal(asked(a), 400);
    free(kept);
    /* where other sites may post to, the handler decides; its cookie comes back with such a request */
    assert_int_equal(
        asked((struct ask){
            .method = "POST", .uri = "/foreign", .body = "a=b", .origin = "https://evil.example"}),
        303);
    assert_true(says("Location: https://idp.example/?a=1\r\n"));
    assert_true(says("Set-Cookie: __Host-x=v; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None\r\n"));
    assert_int_equal(asked((struct ask){
                         .method = "POST", .uri = "/node", .body = "{\"a\":1}", .type = "application/json"}),
                     200);
    assert_true(says("{\"a\":1}"));
}

static void test_params(void **state)
{
    (void)state;
    assert_int_equal(post("/thing/7", "name=%20%C3%BCber%20&text=a%0D%0Ab%00"), 400);
    assert_int_equal(post("/thing/7", "name=%20%C3%BCber%20&text=a%0D%0Ab&n=-3&x=1.5&colour=green&flag=1"
                                      "&when=2026-07-01T10:15&date=1970-01-11&time=10:15"),
                     303);
    assert_int_equal(seen[P_ID].num, 7);
    assert_string_equal(seen[P_NAME].text, "über");
    assert_string_equal(seen[P_TEXT].text, "a\nb");
    assert_int_equal(seen[P_N].num, -3);
    assert_true(seen[P_X].real > 1.49 && seen[P_X].real < 1.51);
    assert_int_equal(seen[P_COLOUR].num, 1);
    assert_int_equal(seen[P_FLAG].num, 1);
    int64_t want;
    assert_true(clock_parse_iso("2026-07-01T08:15:00Z", &want));
    assert_int_equal(seen[P_WHEN].num, want);
    assert_int_equal(seen[P_DATE].num, 10);
    assert_int_equal(seen[P_TIME].num, 615);
    assert_int_equal(post("/thing/7", "name=a%1Bb%C2%9Bc"), 303);
    assert_string_equal(seen[P_NAME].text, "abc");
    assert_int_equal(post("/thing/7", "name=abc"), 303);
    assert_false(seen[P_N].given);
    assert_int_equal(seen[P_WHEN].num, NO_TIME);

    static const char *const bad[] = {"name=",
                                      "",
                                      "name=a",
                                      "name=abcdef",
                                      "name=abc&n=4",
                                      "name=abc&n=1x",
                                      "name=abc&x=11",
                                      "name=abc&x=nan",
                                      "name=abc&x=1e",
                                      "name=abc&colour=blue",
                                      "name=abc&when=2026-02-30T10:00",
                                      "name=abc&when=x",
                                      "name=abc&date=2026-02-30",
                                      "name=abc&date=2026-02-03T10:00",
                                      "name=abc&time=24:00",
                                      "name=abc&time=1015",
                                      "name=abc&text=aaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(post("/thing/7", bad[i]), 422);
    assert_int_equal(post("/thing/x", "name=abc"), 404);
    assert_int_equal(post("/thing/100", "name=abc"), 404);
}

static void assert_absent(const struct web_value *v, bool is_time)
{
    assert_false(v->given);
    assert_string_equal(v->text, "");
    assert_int_equal(v->num, is_time ? NO_TIME : 0);
    assert_true(v->real == 0);
}

/* A handler may look at its values after a failure: all of them are set. */
static void test_params_are_set(void **state)
{
    (void)state;
    const char *full = "name=abc&text=a&n=3&x=1.5&colour=green&flag=1&when=2026-07-01T10:15";
    assert_int_equal(post("/thing/x", full), 404);
    for (size_t i = 0; i < P_COUNT; i++)
        assert_absent(&seen[i], i == P_WHEN);
    assert_int_equal(post("/thing/7", "name=a&text=aaaaaaaaaaaaaaaaaaaaa&n=4&x=11&colour=blue&flag=1"
                                      "&when=2026-02-30T10:00"),
                     422);
    assert_int_equal(seen[P_ID].num, 7);
    assert_int_equal(seen[P_FLAG].num, 1);
    for (size_t i = 0; i < P_COUNT; i++)
        if (i != P_ID && i != P_FLAG)
            assert_absent(&seen[i], i == P_WHEN);
}

/* "a=1" n times, behind a beginning. */
static const char *fields(const char *before, size_t n)
{
    static char text[WEB_LONG_PAIRS * 5];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", before);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "&a=1");
    return text;
}

/* A field that comes several times is a list; only a route that says so takes many fields. */
static void test_rows(void **state)
{
    (void)state;
    assert_int_equal(post("/rows", "n=3&x=1&n=&n=0&n=9"), 204);
    assert_string_equal(rows_seen, "3,-0,0,9,");
    assert_int_equal(get("/rows?n=5&n=6"), 204);
    assert_string_equal(rows_seen, "5,6,");
    assert_int_equal(post("/rows", "n=3&n=10&n=4"), 422);
    assert_string_equal(rows_seen, "3,-0,4,");
    assert_true(says("\"field\":\"n-2\""));
    assert_int_equal(post("/rows", "n=1&n=1&n=1&n=1&n=1&n=1&n=1"), 413);
    assert_int_equal(post("/rows", fields("", WEB_LONG_PAIRS - 1)), 204); /* and the form token */
    assert_int_equal(post("/rows", fields("", WEB_LONG_PAIRS)), 413);
    assert_int_equal(post("/thing/7", fields("", WEB_MAX_PAIRS)), 413);
    assert_int_equal(get(fields("/rows?", WEB_MAX_PAIRS + 1)), 204);
    assert_int_equal(get(fields("/thing/7?", WEB_MAX_PAIRS + 1)), 413);
}

/* A refused form is shown again with what was typed, escaped, and with the errors. */
static void test_form_again(void **state)
{
    (void)state;
    assert_int_equal(post("/thing/7", "name=%3Cb%3E%22abc&login=%3Ci%3E"), 422);
    assert_true(says("class=\"errors\""));
    assert_true(says("At most 5 characters"));
    assert_false(says("<i>"));
    missing_field = "login";
    assert_int_equal(post("/missing", "name=abc&login=nobody"), 422);
    assert_true(says("There is nobody with this user name"));
    assert_true(says("class=\"errors\""));
    missing_field = NULL;
    assert_int_equal(post("/missing", "name=abc"), 404);
    assert_false(says("class=\"errors\""));
}

static void test_failures(void **state)
{
    (void)state;
    static const struct {
        enum rc rc;
        const char *key;
        int status;
    } rows[] = {{RC_INVALID, NULL, 422},
                {RC_DENIED, "not_allowed", 403},
                {RC_NOTFOUND, NULL, 404},
                {RC_CONFLICT, NULL, 409},
                {RC_TOOBIG, NULL, 413},
                {RC_TIMEOUT, NULL, 503},
                {RC_UNAVAIL, NULL, 503},
                {RC_INTERNAL, NULL, 500},
                {RC_DENIED, "too_many_attempts", 429},
                {RC_DENIED, NULL, 303},
                {RC_DENIED, "signin", 303},
                {RC_DENIED, "too_many_signins", 429},
                {RC_DENIED, "too_many_uploads", 429},
                {RC_DENIED, "too_many_again", 429},
                {RC_DENIED, "too_many_again_lecture", 429}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        next_rc = rows[i].rc;
        next_key = rows[i].key;
        assert_int_equal(get("/fails"), rows[i].status);
        assert_true(says("X-Request-Id: "));
        assert_true(says("Content-Security-Policy: default-src 'none'"));
        assert_int_equal(get("/j"), rows[i].status == 303 ? 401 : rows[i].status);
        assert_true(says("application/json"));
        assert_true(says("\"error\":\""));
        assert_false(says("on purpose"));
        /* not 401, which tells a node that it was revoked */
        assert_int_equal(asked((struct ask){.method = "POST", .uri = "/node/fails", .body = "{}"}),
                         rows[i].status == 303 ? 403 : rows[i].status);
    }
}

static void test_language_of_page(void **state)
{
    (void)state;
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/", .language = "de-DE,de;q=0.9"}), 200);
    assert_true(says("<html lang=\"de\">"));
    assert_int_equal(
        asked((struct ask){.method = "GET", .uri = "/", .language = "de", .cookie = "lectern-lang=en"}), 200);
    assert_true(says("<html lang=\"en\">"));
    assert_int_equal(get("/?a=%26&lang=de"), 303);
    assert_true(says("Location: /?a=%26\r\n"));
    assert_true(says("Set-Cookie: lectern-lang=de; Path=/; Max-Age="));
    assert_int_equal(get("/?lang=xx"), 200);
}

/* A store on another host is in the policy wherever the browser loads from it; nothing else gets into the
 * policy. */
static void test_policy_names_stores(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    assert_true(says("; connect-src 'self'; "));
    stores = " https://a.example";
    store = "https://b.example:8443/files";
    assert_int_equal(get("/"), 200);
    assert_true(says("img-src 'self' blob: data: https://a.example https://b.example:8443; "));
    assert_true(says("connect-src 'self' https://a.example https://b.example:8443; "));
    assert_true(says("media-src 'self' blob: https://a.example https://b.example:8443; "));
    static const char *const same[] = {"https://l.example",
                                       "https://a.example/x",
                                       "",
                                       "ftp://c.example",
                                       "https://c.example; script-src *",
                                       "https://c.example'",
                                       "https://"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        store = same[i];
        assert_int_equal(get("/"), 200);
        assert_true(says("connect-src 'self' https://a.example; "));
    }
    stores = store = NULL;
}

static void test_etag(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    assert_true(says("Cache-Control: no-cache\r\n"));
    const char *tag = strstr(answer.p, "ETag: ");
    assert_non_null(tag);
    char kept[40];
    snprintf(kept, sizeof kept, "%.*s", (int)strcspn(tag + 6, "\r"), tag + 6);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/", .etag = kept}), 304);
    assert_false(says("<html"));
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/", .etag = kept, .language = "de"}), 200);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/", .etag = kept, .cookie = "s=x"}), 200);
    assert_false(says("ETag"));
}

/* Undo posts to the intended path, whatever characters a title has. */
static void test_flash(void **state)
{
    (void)state;
    char cookie[200];
    assert_int_equal(get("/deletes"), 303);
    const char *at = strstr(answer.p, "Set-Cookie: __Host-lectern-flash=");
    assert_non_null(at);
    snprintf(cookie, sizeof cookie, "s=x; %.*s", (int)strcspn(at + 12, ";"), at + 12);
    assert_int_equal(asked((struct ask){.method = "GET", .uri = "/", .cookie = cookie}), 200);
    assert_true(says("action=\"/undo?x=1\""));
    assert_true(says("~/account/signout?a.b!c"));
    assert_int_equal(
        asked((struct ask){.method = "GET",
                           .uri = "/",
                           .cookie = "s=x; __Host-lectern-flash=lecture_deleted!x!%2F%2Fevil.example"}),
        200);
    assert_false(says("evil.example"));
}

/* A visitor's page is kept as a file, in each language; the file of a page that visitors may not have any
 * more is removed. */
static void test_hot(void **state)
{
    (void)state;
    char dir[] = "/tmp/lectern-hot-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *en = mem_strdup(arena_printf(cx.arena, "%s/hot/en/hot.html", dir));
    char *de = mem_strdup(arena_printf(cx.arena, "%s/hot/de/hot.html", dir));
    const char *run_dir = conf.run_dir;
    conf.run_dir = dir;
    next_key = NULL;
    static const enum rc gone[] = {RC_NOTFOUND, RC_DENIED};
    for (size_t i = 0; i < 2; i++) {
        next_rc = RC_OK;
        assert_int_equal(asked((struct ask){.method = "GET", .uri = "/hot", .cookie = "s=x"}), 200);
        assert_int_equal(get("/hot?a=b"), 200);
        assert_int_equal(access(en, F_OK), -1);
        assert_int_equal(get("/hot"), 200);
        assert_int_equal(asked((struct ask){.method = "GET", .uri = "/hot", .language = "de"}), 200);
        next_rc = RC_UNAVAIL;
        assert_int_equal(get("/hot"), 503);
        assert_int_equal(access(en, F_OK), 0);
        next_rc = gone[i];
        (void)get("/hot");
        assert_int_equal(access(en, F_OK), -1);
        assert_int_equal(access(de, F_OK), -1);
    }
    assert_int_equal(get("/hot-form"), 200); /* its form token is one visitor's */
    assert_int_equal(access(arena_printf(cx.arena, "%s/hot/en/hot-form.html", dir), F_OK), -1);
    next_rc = RC_OK; /* a file of the future, from before the clock was set back, is not fresh */
    assert_int_equal(get("/hot"), 200);
    const struct timespec late[2] = {{.tv_sec = time(NULL) + 7200}, {.tv_sec = time(NULL) + 7200}};
    struct stat st;
    assert_int_equal(utimensat(AT_FDCWD, en, late, 0), 0);
    assert_int_equal(get("/hot"), 200);
    assert_int_equal(stat(en, &st), 0);
    assert_true(st.st_mtim.tv_sec < late[0].tv_sec);
    conf.run_dir = run_dir;
    cx_reset(&cx);
    assert_int_equal(file_remove_tree(&cx, dir), RC_OK);
    free(en);
    free(de);
}

static int set_up(void **state)
{
    (void)state;
    cx_init(&cx);
    zone_arena = arena_new(); /* each request resets that of cx */
    if (!zone_open(zone_arena, "Europe/Berlin", &app.zone))
        return -1;
    buf_init(&answer, WEB_MAX_PAGE);
    app.route_count = sizeof routes / sizeof *routes;
    return view_open(&cx, TEST_SRCDIR "/templates", &app.view) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    view_close(app.view);
    buf_fini(&answer);
    cx_fini(&cx);
    arena_free(zone_arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_route_check),
        cmocka_unit_test(test_route_list),
        cmocka_unit_test(test_forgery),
        cmocka_unit_test(test_params),
        cmocka_unit_test(test_params_are_set),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_form_again),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_language_of_page),
        cmocka_unit_test(test_etag),
        cmocka_unit_test(test_policy_names_stores),
        cmocka_unit_test(test_flash),
        cmocka_unit_test(test_hot),
    };
    return cmocka_run_group_tests_name("web_app", tests, set_up, tear_down);
}
