/* JSON with limits and types; the HTTP client against a server of a few lines in a thread. */
#include "tests/unit/testing.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/net/http.h"
#include "lib/net/json.h"
#include "lib/os/file.h"

/* --- JSON --- */

static void test_json_parse(void **state)
{
    (void)state;
    struct cx cx;
    const json_t *o;
    cx_init(&cx);
    static const char *const bad[] = {"",
                                      "{",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1} x",
                                      "{\"a\":\"\\u0000\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{a:1}",
                                      "nul",
                                      "[1,]",
                                      "01",
                                      "{\"a\":1e999}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(js_parse(&cx, str_of(bad[i]), 100, &o), RC_INVALID);
    assert_rc(js_parse(&cx, STR("[1,2,3]"), 6, &o), RC_TOOBIG);
    assert_ok(js_parse(&cx, STR("7"), 10, &o));
    assert_rc(js_parse_object(&cx, STR("[]"), 10, &o), RC_INVALID);
    char deep[8001];
    memset(deep, '[', 4000);
    memset(deep + 4000, ']', 4000);
    assert_rc(js_parse(&cx, (struct str){deep, 8000}, 9000, &o), RC_INVALID);
    assert_ok(js_parse_object(&cx, STR("{\"b\":[1],\"a\":\"\xc3\xa4\"}"), 100, &o));
    assert_true(str_eq(js_text(&cx, o), "{\"a\":\"\xc3\xa4\",\"b\":[1]}"));
    cx_fini(&cx);
}

static void test_json_getters(void **state)
{
    (void)state;
    struct cx cx;
    const json_t *o, *v = NULL;
    const char *s = "old";
    int64_t n = 77;
    double d = 0;
    bool b = false;
    cx_init(&cx);
    assert_ok(js_parse_object(
        &cx, STR("{\"s\":\"text\",\"n\":5,\"d\":1.5,\"b\":true,\"o\":{},\"a\":[],\"z\":null}"), 100, &o));
    assert_ok(js_str(&cx, o, "s", 4, &s));
    assert_string_equal(s, "text");
    assert_rc(js_str(&cx, o, "s", 3, &s), RC_INVALID);
    assert_string_equal(cx.err.field, "s");
    assert_ok(js_i64(&cx, o, "n", 5, 5, &n));
    assert_rc(js_i64(&cx, o, "n", 6, 9, &n), RC_INVALID);
    assert_rc(js_i64(&cx, o, "d", 0, 9, &n), RC_INVALID);
    assert_rc(js_i64(&cx, o, "z", 0, 9, &n), RC_INVALID);
    assert_ok(js_opt_i64(&cx, o, "z", 0, 9, &n));
    assert_ok(js_opt_i64(&cx, o, "none", 0, 9, &n));
    assert_int_equal(n, 5);
    assert_rc(js_opt_i64(&cx, o, "s", 0, 9, &n), RC_INVALID);
    assert_ok(js_f64(&cx, o, "n", 0, 9, &d));
    assert_ok(js_f64(&cx, o, "d", 0, 9, &d));
    assert_true(d > 1.4 && d < 1.6);
    assert_ok(js_bool(&cx, o, "b", &b));
    assert_true(b);
    assert_rc(js_bool(&cx, o, "n", &b), RC_INVALID);
    assert_ok(js_obj(&cx, o, "o", &v));
    assert_ok(js_arr(&cx, o, "a", &v));
    assert_rc(js_obj(&cx, o, "a", &v), RC_INVALID);
    assert_rc(js_arr(&cx, o, "none", &v), RC_INVALID);
    assert_int_equal(js_get_i64(o, "s", 3), 3);
    assert_string_equal(js_get_str(o, "n", "x"), "x");
    assert_true(js_get_f64(o, "n", 0) > 4.9);
    cx_fini(&cx);
}

/* --- HTTP --- */

struct server {
    int fd, port;
    const char *answers[8]; /* one per connection, in turn */
    bool lingers;    /* closes the connection only after it has read the next request, without an answer */
    char last[8192]; /* the last request's head */
    pthread_t thread;
};

/* Reads until the empty line and, if there is a body, as much as Content-Length says (small ones only). */
static void read_request(struct server *s, int c)
{
    size_t n = 0;
    for (;;) {
        ssize_t got = recv(c, s->last + n, sizeof s->last - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        s->last[n] = '\0';
        const char *end = strstr(s->last, "\r\n\r\n"), *length = strstr(s->last, "Content-Length: ");
        if (end && (!length || n >= (size_t)(end + 4 - s->last) + strtoul(length + 16, NULL, 10)))
            break;
    }
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    for (size_t i = 0; s->answers[i]; i++) {
        int c = accept(s->fd, NULL, NULL);
        if (c < 0)
            break;
        read_request(s, c);
        assert_true(send(c, s->answers[i], strlen(s->answers[i]), MSG_NOSIGNAL) >= 0);
        if (s->lingers)
            read_request(s, c);
        shutdown(c, SHUT_WR);
        close(c);
    }
    return NULL;
}

/* At a path instead of a port. */
static void server_start_unix(struct server *s, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

static void server_start(struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

static void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

static void test_call(void **state)
{
    (void)state;
    struct cx cx;
    struct http_response rs;
    struct server s = {
        .answers = {
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 303 See Other\r\nLocation: /there\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789",
            "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123"}};
    server_start(&s);
    cx_init(&cx);
    struct http *h = http_new(NULL);
    const char *const headers[] = {"X-One: 1", NULL};
    struct http_request rq = {.url = arena_printf(cx.arena, "http://127.0.0.1:%d/x?y", s.port),
                              .bearer = "tok",
                              .headers = headers,
                              .body = STR("{\"a\":1}"),
                              .max_answer = 10};
    assert_ok(http_call(&cx, h, &rq, &rs));
    assert_int_equal(rs.status, 200);
    assert_true(str_eq(rs.body, "{}"));
    assert_string_equal(rs.type, "application/json");
    assert_non_null(strstr(s.last, "POST /x?y HTTP/1.1\r\n"));
    assert_non_null(strstr(s.last, "Authorization: Bearer tok\r\n"));
    assert_non_null(strstr(s.last, "X-One: 1\r\n"));
    assert_non_null(strstr(s.last, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(s.last, "\r\n\r\n{\"a\":1}"));
    assert_ok(http_call(&cx, h, &rq, &rs)); /* not followed */
    assert_int_equal(rs.status, 303);
    assert_string_equal(rs.location, "/there");
    assert_int_equal(rs.retry_after, 7);
    assert_rc(http_call(&cx, h, &rq, &rs), RC_TOOBIG);
    assert_rc(http_call(&cx, h, &rq, &rs), RC_UNAVAIL); /* cut off */
    server_stop(&s);
    assert_rc(http_call(&cx, h, &rq, &rs), RC_UNAVAIL); /* nobody there */
    rq.url = "file:///etc/passwd";
    assert_rc(http_call(&cx, h, &rq, &rs), RC_INVALID);
    http_free(h);
    cx_fini(&cx);
}

static void test_unix_socket(void **state)
{
    (void)state;
    struct cx cx;
    struct http_response rs;
    char dir[] = "/tmp/lectern-net-XXXXXX";
    struct server s = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}};
    assert_non_null(mkdtemp(dir));
    cx_init(&cx);
    const char *path = arena_printf(cx.arena, "%s/s", dir);
    server_start_unix(&s, path);
    struct http *h = http_new(NULL);
    struct http_request rq = {.url = "http://nowhere.invalid/a", .socket = path, .body = STR("{}")};
    assert_ok(http_call(&cx, h, &rq, &rs));
    assert_true(rs.status == 200 && str_eq(rs.body, "{}"));
    assert_non_null(strstr(s.last, "POST /a HTTP/1.1\r\nHost: nowhere.invalid\r\n"));
    server_stop(&s);
    assert_int_equal(unlink(path), 0);
    assert_rc(http_call(&cx, h, &rq, &rs), RC_UNAVAIL);
    assert_int_equal(rmdir(dir), 0);
    http_free(h);
    cx_fini(&cx);
}

struct pieces {
    char text[32];
    int64_t at;
};

static void on_piece(void *arg, int64_t at, const char *p, size_t n)
{
    struct pieces *seen = arg;
    assert_true(at == 0 || at == seen->at);
    memcpy(seen->text + at, p, n);
    seen->at = at + (int64_t)n;
}

static void test_get_file(void **state)
{
    (void)state;
    struct cx cx;
    struct http_response rs;
    struct str text;
    char path[] = "/tmp/lectern-http-XXXXXX";
    struct server s = {
        .answers = {
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", /* breaks off */
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef"}};
    int fd = mkstemp(path);
    close(fd);
    server_start(&s);
    cx_init(&cx);
    struct http *h = http_new("");
    struct pieces seen = {.at = 0};
    struct http_request rq = {.url = arena_printf(cx.arena, "http://127.0.0.1:%d/f", s.port),
                              .piece = on_piece,
                              .piece_arg = &seen};
    assert_rc(http_get_file(&cx, h, &rq, path, 10, &rs), RC_UNAVAIL);
    assert_int_equal(seen.at, 5);
    assert_ok(http_get_file(&cx, h, &rq, path, 10, &rs)); /* goes on */
    assert_int_equal(seen.at, 10);
    assert_memory_equal(seen.text, "0123456789", 10);
    assert_int_equal(rs.status, 206);
    assert_non_null(strstr(s.last, "Range: bytes=5-\r\n"));
    assert_ok(file_read(&cx, path, 100, &text));
    assert_true(str_eq(text, "0123456789"));
    assert_ok(http_get_file(&cx, h, &rq, path, 10, &rs)); /* there: no request */
    assert_rc(http_get_file(&cx, h, &rq, path, 3, &rs), RC_CONFLICT);
    assert_ok(http_get_file(&cx, h, &rq, path, 20, &rs)); /* another status leaves the file alone */
    assert_int_equal(rs.status, 404);
    assert_true(str_eq(rs.body, "gone"));
    assert_ok(http_get_file(&cx, h, &rq, path, -1, &rs)); /* a server without ranges: begins anew */
    assert_ok(file_read(&cx, path, 100, &text));
    assert_true(str_eq(text, "abcdef"));
    assert_int_equal(seen.at, 6);
    assert_memory_equal(seen.text, "abcdef", 6);
    server_stop(&s);
    unlink(path);
    http_free(h);
    cx_fini(&cx);
}

/* A file of ten digits, a server, a client. */
struct sending {
    struct cx cx;
    struct server s;
    struct http *h;
    char path[32];
    struct http_request rq;
};

static void sending_start(struct sending *t)
{
    snprintf(t->path, sizeof t->path, "/tmp/lectern-http-XXXXXX");
    int fd = mkstemp(t->path);
    assert_true(file_write_all(fd, "0123456789", 10));
    close(fd);
    server_start(&t->s);
    cx_init(&t->cx);
    t->h = http_new(NULL);
    t->rq.url = arena_printf(t->cx.arena, "http://127.0.0.1:%d/f", t->s.port);
}

static void sending_stop(struct sending *t)
{
    server_stop(&t->s);
    unlink(t->path);
    http_free(t->h);
    cx_fini(&t->cx);
}

/* A server may close a kept connection at the moment when the next body is sent: the body is sent again from
 * its beginning. */
static void test_send_file_again(void **state)
{
    (void)state;
    struct http_response rs;
    struct sending t = {.s = {.answers = {"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
                                          "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
                              .lingers = true}};
    sending_start(&t);
    assert_ok(http_send_file(&t.cx, t.h, &t.rq, t.path, 0, -1, &rs));
    assert_int_equal(rs.status, 201);
    assert_ok(http_send_file(&t.cx, t.h, &t.rq, t.path, 4, 5, &rs));
    assert_int_equal(rs.status, 204);
    assert_non_null(strstr(t.s.last, "\r\n\r\n45678"));
    sending_stop(&t);
}

static bool never(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    return false;
}

static void test_send_file(void **state)
{
    (void)state;
    struct http_response rs;
    struct sending t = {
        .s = {.answers = {"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
                          "HTTP/1.1 204 No Content\r\nUpload-Offset: 8\r\nUpload-Length: 9\r\n"
                          "Repr-Digest: sha-256=:AA==:\r\n\r\n",
                          "HTTP/1.1 204 No Content\r\n\r\n"}}};
    sending_start(&t);
    assert_ok(http_send_file(&t.cx, t.h, &t.rq, t.path, 0, -1, &rs));
    assert_int_equal(rs.status, 201);
    assert_non_null(strstr(t.s.last, "PUT /f "));
    assert_non_null(strstr(t.s.last, "\r\n\r\n0123456789"));
    t.rq.method = "PATCH";
    t.rq.content_type = "application/offset+octet-stream";
    assert_ok(http_send_file(&t.cx, t.h, &t.rq, t.path, 5, 3, &rs));
    assert_int_equal(rs.upload_offset, 8);
    assert_int_equal(rs.upload_length, 9);
    assert_string_equal(rs.digest, "sha-256=:AA==:");
    assert_non_null(strstr(t.s.last, "PATCH /f "));
    assert_non_null(strstr(t.s.last, "Content-Type: application/offset+octet-stream\r\n"));
    assert_non_null(strstr(t.s.last, "\r\n\r\n567"));
    assert_rc(http_send_file(&t.cx, t.h, &t.rq, t.path, 11, -1, &rs), RC_INVALID);
    assert_rc(http_send_file(&t.cx, t.h, &t.rq, t.path, 5, 6, &rs), RC_INVALID);
    assert_rc(http_send_file(&t.cx, t.h, &t.rq, "/nowhere/x", 0, -1, &rs), RC_NOTFOUND);
    t.rq.progress = never;
    assert_rc(http_send_file(&t.cx, t.h, &t.rq, t.path, 0, -1, &rs), RC_TIMEOUT);
    sending_stop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_parse),
        cmocka_unit_test(test_json_getters),
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_get_file),
        cmocka_unit_test(test_send_file),
        cmocka_unit_test(test_send_file_again),
    };
    http_global_init();
    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
