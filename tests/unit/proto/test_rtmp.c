/* Sessions of RTMP: what FFmpeg, GStreamer and librtmp sent to a server and what FFmpeg and nginx-rtmp answered,
 * captured; our client with our server; order, refusals, pings, acknowledgements. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/proto/flv.h"
#include "lib/proto/rtmp_client.h"
#include "lib/proto/rtmp_command.h"

static char *capture(const char *name, size_t *n)
{
    char path[300];
    static char bytes[20000];
    snprintf(path, sizeof path, TEST_SRCDIR "/tests/fuzz/corpus/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t got = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(got > RTMP_HANDSHAKE && (size_t)got < sizeof bytes);
    *n = (size_t)got;
    return bytes;
}

/* What happened, as words. */
struct seen {
    struct buf log;
    int audio, video, data, pictures;
    bool refuse;
};

static void note(struct seen *s, const struct rtmp_event *e)
{
    struct flv_packet p;
    struct amf0_value v;
    switch (e->kind) {
    case RTMP_EVENT_CONNECT:
        buf_printf(&s->log, "connect %.*s %.*s\n", (int)e->app.n, e->app.p, (int)e->url.n, e->url.p);
        break;
    case RTMP_EVENT_PUBLISH:
        buf_printf(&s->log, "publish %.*s %.*s\n", (int)e->name.n, e->name.p, (int)e->mode.n, e->mode.p);
        break;
    case RTMP_EVENT_MEDIA:
        s->audio += e->message->type == RTMP_AUDIO;
        s->video += e->message->type == RTMP_VIDEO;
        assert_int_equal(flv_data_strip(rtmp_message_view(e->message)).n, e->message->n);
        s->data += e->message->type == RTMP_DATA && flv_metadata_read(rtmp_message_view(e->message), &v);
        s->pictures += e->message->type == RTMP_VIDEO && flv_video_read(rtmp_message_view(e->message), &p) &&
                       p.kind == FLV_KIND_FRAMES;
        break;
    case RTMP_EVENT_UNPUBLISH:
        buf_str(&s->log, "unpublish\n");
        break;
    case RTMP_EVENT_PONG:
        buf_printf(&s->log, "pong %u\n", e->stamp);
        break;
    case RTMP_EVENT_START:
        buf_str(&s->log, "start\n");
        break;
    case RTMP_EVENT_REFUSED:
        buf_printf(&s->log, "refused %.*s %.*s\n", (int)e->code.n, e->code.p, (int)e->words.n, e->words.p);
        break;
    case RTMP_EVENT_FAULT:
        buf_printf(&s->log, "fault %d\n", (int)e->fault);
        break;
    default:
        break;
    }
}

static void seen_init(struct seen *s)
{
    *s = (struct seen){.audio = 0};
    buf_init(&s->log, 10000);
}

static void serve(struct rtmp_server *server, struct seen *s, struct str in)
{
    struct rtmp_event e;
    do {
        rtmp_server_next(server, &in, &e);
        note(s, &e);
        if (e.kind == RTMP_EVENT_PUBLISH && !s->refuse)
            assert_true(rtmp_server_accept(server));
        if (e.kind == RTMP_EVENT_PUBLISH && s->refuse)
            assert_true(
                rtmp_server_refuse(server, "NetStream.Publish.BadName", STR("The token was revoked.")));
    } while (e.kind != RTMP_EVENT_MORE && e.kind != RTMP_EVENT_FAULT);
}

static void answer(struct rtmp_client *client, struct seen *s, struct str in)
{
    struct rtmp_event e;
    do {
        rtmp_client_next(client, &in, &e);
        note(s, &e);
    } while (e.kind != RTMP_EVENT_MORE && e.kind != RTMP_EVENT_FAULT);
}

/* Names of the commands in what a side sent, behind its handshake. */
static void sent(struct str out, struct buf *log)
{
    struct rtmp_reader r;
    struct rtmp_message *m;
    struct rtmp_command c;
    assert_true(out.n >= RTMP_HANDSHAKE && out.p[0] == 3);
    out = (struct str){out.p + RTMP_HANDSHAKE, out.n - RTMP_HANDSHAKE};
    rtmp_reader_init(&r);
    while (rtmp_reader_next(&r, &out, &m) == RTMP_FINE && m) {
        if (rtmp_command_read(m, &c)) {
            struct rtmp_info info = rtmp_command_info(&c);
            buf_printf(log, "%.*s %.0f %.*s/", (int)c.name.n, c.name.p, c.transaction, (int)info.code.n,
                       info.code.p);
        } else
            buf_printf(log, "%d/", m->type);
        rtmp_message_unref(m);
    }
    assert_true(!r.fault && r.head_n == 0 && r.current < 0);
    rtmp_reader_fini(&r);
}

/* --- captures --- */

static void publishers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sent;
        int data;
    } peers[] = {
        {"rtmp/ffmpeg",
         "5/6/1/_result 1 NetConnection.Connect.Success/_result 2 /_result 3 /_result 4 /4/"
         "onStatus 0 NetStream.Publish.Start/_result 6 /_result 7 /",
         1},
        {"rtmp/gstreamer",
         "5/6/1/_result 1 NetConnection.Connect.Success/_result 2 /4/"
         "onStatus 0 NetStream.Publish.Start/",
         4},
        {"rtmp/librtmp",
         "5/6/1/_result 1 NetConnection.Connect.Success/_result 2 /_result 3 /_result 4 /4/"
         "onStatus 0 NetStream.Publish.Start/_result 6 /_result 7 /",
         4},
    };
    static const size_t pieces[] = {1, 7, 129, 1600, 20000};
    for (size_t i = 0; i < 3 * (sizeof pieces / sizeof *pieces); i++) {
        struct rtmp_server server;
        struct seen s;
        struct buf out, log;
        size_t n, piece = pieces[i / 3];
        const char *bytes = capture(peers[i % 3].name, &n);
        seen_init(&s);
        buf_init(&out, 100000);
        buf_init(&log, 10000);
        rtmp_server_init(&server);
        for (size_t at = 0; at < n; at += piece) {
            serve(&server, &s, (struct str){bytes + at, n - at < piece ? n - at : piece});
            buf_add(&out, server.link.out.p, server.link.out.n);
            buf_clear(&server.link.out);
        }
        assert_string_equal(s.log.p,
                            "connect live rtmp://127.0.0.1:19350/live\npublish key live\nunpublish\n");
        assert_true(s.audio == 10 && s.video == 12 && s.pictures == 10 && s.data == peers[i % 3].data);
        assert_memory_equal(out.p + 1 + RTMP_HELLO, bytes + 1, RTMP_HELLO); /* S2 is C1 */
        sent(buf_view(&out), &log);
        assert_string_equal(log.p, peers[i % 3].sent);
        rtmp_server_fini(&server);
        buf_fini(&out);
        buf_fini(&log);
        buf_fini(&s.log);
    }
}

static void servers(void **state)
{
    (void)state;
    static const char *const peers[][2] = {
        {"rtmp_client/nginx", "start\npong 1096\npong 900\n"},
        {"rtmp_client/ffmpeg", "start\npong 1096\npong 900\n"},
        {"rtmp_client/refused", "refused NetStream.Publish.BadName The token was revoked. Make a new one.\n"},
    };
    const struct rtmp_target target = {STR("live"), STR("rtmp://127.0.0.1/live"), STR("name")};
    static const size_t pieces[] = {1, 100, 20000};
    for (size_t i = 0; i < 9; i++) {
        struct rtmp_client client;
        struct seen s;
        size_t n, piece = pieces[i / 3];
        const char *bytes = capture(peers[i % 3][0], &n);
        seen_init(&s);
        rtmp_client_init(&client, &target);
        for (size_t at = 0; at < n; at += piece)
            answer(&client, &s, (struct str){bytes + at, n - at < piece ? n - at : piece});
        assert_string_equal(s.log.p, peers[i % 3][1]);
        rtmp_client_fini(&client);
        buf_fini(&s.log);
    }
}

/* --- our client with our server --- */

struct pair {
    struct rtmp_client client;
    struct rtmp_server server;
    struct seen at_client, at_server;
};

/* Carries bytes to and fro until nobody has any. */
static void talk(struct pair *p)
{
    while (p->client.link.out.n > 0 || p->server.link.out.n > 0) {
        struct buf to_server = p->client.link.out, to_client = p->server.link.out;
        buf_init(&p->client.link.out, RTMP_OUT_MAX);
        buf_init(&p->server.link.out, RTMP_OUT_MAX);
        serve(&p->server, &p->at_server, buf_view(&to_server));
        answer(&p->client, &p->at_client, buf_view(&to_client));
        buf_fini(&to_server);
        buf_fini(&to_client);
    }
}

static void pair_init(struct pair *p, const char *name, bool refuse)
{
    const struct rtmp_target target = {STR("live"), STR("rtmp://[::1]:1935/live"), str_of(name)};
    seen_init(&p->at_client);
    seen_init(&p->at_server);
    p->at_server.refuse = refuse;
    rtmp_server_init(&p->server);
    rtmp_client_init(&p->client, &target);
    talk(p);
}

static void pair_fini(struct pair *p)
{
    rtmp_client_fini(&p->client);
    rtmp_server_fini(&p->server);
    buf_fini(&p->at_client.log);
    buf_fini(&p->at_server.log);
}

static void send_media(struct pair *p, struct rtmp_message *m, uint32_t time)
{
    struct rtmp_frame f;
    struct buf b;
    buf_init(&b, 5 << 20);
    assert_true(rtmp_client_frame(&p->client, m, time, &f));
    rtmp_frame_put(&b, &f, rtmp_message_view(m));
    serve(&p->server, &p->at_server, buf_view(&b));
    buf_fini(&b);
    rtmp_message_unref(m);
}

static void relayed(void **state)
{
    (void)state;
    struct pair p;
    static char picture[3000000] = "\x17\1";
    const struct str meta = STR("\2\0\x0d@setDataFrame\2\0\x0aonMetaData\3\0\0\x09");
    pair_init(&p, "ticket", false);
    assert_string_equal(p.at_server.log.p, "connect live rtmp://[::1]:1935/live\npublish ticket live\n");
    assert_string_equal(p.at_client.log.p, "start\n");
    send_media(&p, rtmp_message_new(RTMP_DATA, 0, 0, meta), 0);
    send_media(&p, rtmp_message_new(RTMP_VIDEO, 0, 0, (struct str){picture, sizeof picture}), 4000000000u);
    assert_int_equal(p.at_server.data, 1);
    assert_int_equal(p.at_server.pictures, 1);
    talk(&p);
    assert_true(p.client.link.answered > 2900000 && p.client.link.sent - p.client.link.answered < 1250000);
    rtmp_link_ping(&p.client.link, 7);
    rtmp_link_ping(&p.server.link, 8);
    rtmp_link_ping(&p.server.link, 9);
    assert_int_equal(p.server.link.pings, 2);
    talk(&p);
    assert_true(p.client.link.pings == 0 && p.server.link.pings == 0);
    assert_string_equal(p.at_client.log.p, "start\npong 7\n");
    rtmp_client_end(&p.client);
    talk(&p);
    assert_string_equal(strstr(p.at_server.log.p, "pong"), "pong 8\npong 9\nunpublish\n");
    struct rtmp_message *m = rtmp_message_new(RTMP_AUDIO, 0, 0, STR("\xaf\1x"));
    struct rtmp_frame f;
    assert_false(rtmp_client_frame(&p.client, m, 0, &f));
    rtmp_message_unref(m);
    pair_fini(&p);
}

/* Only what belongs to the stream that is published. */
static void other_streams(void **state)
{
    (void)state;
    struct pair p;
    struct rtmp_writer w;
    struct buf b;
    pair_init(&p, "x", false);
    rtmp_writer_init(&w);
    buf_init(&b, 1000);
    for (uint32_t stream = 0; stream < 4; stream++) {
        struct rtmp_frame f = rtmp_writer_frame(&w, RTMP_AUDIO, stream, 0, 3);
        rtmp_frame_put(&b, &f, STR("\xaf\1x"));
    }
    serve(&p.server, &p.at_server, buf_view(&b));
    assert_int_equal(p.at_server.audio, 1);
    buf_fini(&b);
    pair_fini(&p);
}

static void refused(void **state)
{
    (void)state;
    struct pair p;
    pair_init(&p, "x", true);
    assert_string_equal(p.at_client.log.p, "refused NetStream.Publish.BadName The token was revoked.\n");
    assert_false(rtmp_server_accept(&p.server) || rtmp_server_refuse(&p.server, "x", STR("x")));
    pair_fini(&p);
}

/* A message that a server kept stays when its connection is gone. */
static void kept(void **state)
{
    (void)state;
    struct pair p;
    pair_init(&p, "x", false);
    send_media(&p, rtmp_message_new(RTMP_AUDIO, 0, 0, STR("\xaf\1x")), 5);
    struct rtmp_message *m = NULL;
    struct rtmp_frame f;
    struct rtmp_event e;
    struct buf b;
    struct rtmp_message *out = rtmp_message_new(RTMP_AUDIO, 0, 0, STR("\xaf\1y"));
    assert_true(rtmp_client_frame(&p.client, out, 77, &f));
    buf_init(&b, 100);
    rtmp_frame_put(&b, &f, rtmp_message_view(out));
    struct str in = buf_view(&b);
    rtmp_server_next(&p.server, &in, &e);
    assert_int_equal(e.kind, RTMP_EVENT_MEDIA);
    m = rtmp_message_ref(e.message);
    pair_fini(&p);
    assert_true(m->refs == 1 && m->time == 77 && str_eq(rtmp_message_view(m), "\xaf\1y"));
    rtmp_message_unref(m);
    rtmp_message_unref(out);
    buf_fini(&b);
}

/* --- order and limits --- */

static void command(struct rtmp_writer *w, struct buf *b, uint32_t stream, const char *name, struct str text)
{
    struct buf body;
    buf_init(&body, 20000);
    rtmp_command_put(&body, name, 1);
    if (strcmp(name, "connect") == 0) {
        amf0_put_object(&body);
        amf0_put_member_text(&body, "app", text);
        amf0_put_end(&body);
    } else {
        amf0_put_null(&body);
        amf0_put_text(&body, text);
    }
    struct rtmp_frame f = rtmp_writer_frame(w, RTMP_COMMAND, stream, 0, (uint32_t)body.n);
    rtmp_frame_put(b, &f, buf_view(&body));
    buf_fini(&body);
}

/* Commands one after the other, "connect:live publish:x"; gives what the server saw. */
static void order(const char *commands, const char *log)
{
    static char hello[RTMP_HANDSHAKE] = {3};
    struct rtmp_server server;
    struct rtmp_writer w;
    struct seen s;
    struct buf b;
    struct str rest = str_of(commands);
    buf_init(&b, 1 << 20);
    seen_init(&s);
    rtmp_server_init(&server);
    rtmp_writer_init(&w);
    buf_add(&b, hello, sizeof hello);
    while (rest.n > 0) {
        struct str text = str_cut(&rest, ' '), name = str_cut(&text, ':');
        char word[30];
        snprintf(word, sizeof word, "%.*s", (int)name.n, name.p);
        command(&w, &b, 1, word, text);
    }
    serve(&server, &s, buf_view(&b));
    assert_string_equal(s.log.p ? s.log.p : "", log);
    rtmp_server_fini(&server);
    buf_fini(&b);
    buf_fini(&s.log);
}

static void orders(void **state)
{
    (void)state;
    char fault[60], text[RTMP_NAME_MAX + 100];
    snprintf(fault, sizeof fault, "fault %d\n", RTMP_FAULT_ORDER);
    order("publish:x", fault);
    order("createStream:", fault);
    snprintf(text, sizeof text, "connect live \n%s", fault);
    order("connect:live connect:live", text);
    snprintf(text, sizeof text, "connect live \npublish x live\n%s", fault);
    order("connect:live publish:x publish:y", text);
    snprintf(text, sizeof text, "connect live \npublish x live\nunpublish\n%s", fault);
    order("connect:live publish:x FCUnpublish:x deleteStream:x publish:x", text);
    order("connect:live nonsense:x play:x _checkbw:x FCUnpublish:x publish:x",
          "connect live \npublish x live\n");
    snprintf(fault, sizeof fault, "connect a \nfault %d\n", RTMP_FAULT_COMMAND);
    order("connect:a publish:\xff", fault);
    order("connect:a publish:x\ny", fault);
    memset(text, 'x', sizeof text);
    memcpy(text, "connect:a publish:", 18);
    text[18 + RTMP_NAME_MAX + 1] = '\0';
    order(text, fault);
}

/* Bytes for a session that is past its handshake; gives the last fault. */
static enum rtmp_fault fed(struct rtmp_server *server, struct str bytes)
{
    struct seen s;
    seen_init(&s);
    serve(server, &s, bytes);
    buf_fini(&s.log);
    return server->link.fault;
}

static void limits(void **state)
{
    (void)state;
    static char hello[RTMP_HANDSHAKE] = {3};
    const struct str ping = STR("\x02\0\0\0\0\0\6\4\0\0\0\0\0\6\0\0\0\1");
    struct rtmp_server server;
    rtmp_server_init(&server);
    assert_int_equal(fed(&server, STR("\x06")), RTMP_FAULT_VERSION);
    assert_int_equal(fed(&server, STR("\x03")), RTMP_FAULT_VERSION); /* it stays */
    rtmp_server_fini(&server);

    rtmp_server_init(&server); /* asks without end and never takes an answer */
    assert_int_equal(fed(&server, (struct str){hello, sizeof hello}), RTMP_FINE);
    int pings = 0;
    while (fed(&server, ping) == RTMP_FINE)
        pings++;
    assert_true(server.link.fault == RTMP_FAULT_OUT && pings > 3000 && pings < 10000);
    assert_true(server.link.out.n <= RTMP_OUT_MAX);
    rtmp_server_fini(&server);

    rtmp_server_init(&server);
    assert_int_equal(fed(&server, (struct str){hello, sizeof hello}), RTMP_FINE);
    assert_int_equal(fed(&server, STR("\x02\0\0\0\0\0\1\4\0\0\0\0\0")), RTMP_FAULT_CONTROL);
    rtmp_server_fini(&server);

    rtmp_server_init(&server); /* a window of one byte does not make an answer of each */
    assert_int_equal(fed(&server, (struct str){hello, sizeof hello}), RTMP_FINE);
    assert_int_equal(fed(&server, STR("\x02\0\0\0\0\0\4\5\0\0\0\0\0\0\0\1")), RTMP_FINE);
    size_t before = server.link.out.n;
    for (int i = 0; i < 8000; i++)
        assert_int_equal(fed(&server, STR("\xc2\0\0\0\1")), RTMP_FINE);
    assert_true(server.link.out.n > before && server.link.out.n < before + 100);
    rtmp_server_fini(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishers), cmocka_unit_test(servers),       cmocka_unit_test(relayed),
        cmocka_unit_test(refused),    cmocka_unit_test(kept),          cmocka_unit_test(orders),
        cmocka_unit_test(limits),     cmocka_unit_test(other_streams),
    };
    return cmocka_run_group_tests_name("rtmp", tests, NULL, NULL);
}
