#include "lib/proto/rtmp_client.h"

#include <string.h>

#include "lib/base/rc.h"
#include "lib/proto/rtmp_command.h"

/* Transactions; the answers to the others are not looked at. */
enum { ASK_CONNECT = 1, ASK_RELEASE, ASK_ANNOUNCE, ASK_CREATE, ASK_PUBLISH, ASK_END, ASK_DELETE };

enum { CHUNK = 64 << 10, COMMAND_MAX = 8192 };

void rtmp_client_init(struct rtmp_client *c, const struct rtmp_target *target)
{
    memset(c, 0, sizeof *c);
    rtmp_link_init(&c->link);
    c->target = *target;
    rtmp_handshake_greet(&c->link.handshake, &c->link.out);
}

static void lend(struct rtmp_client *c, struct rtmp_message *m)
{
    rtmp_message_unref(c->lent);
    c->lent = m;
}

void rtmp_client_fini(struct rtmp_client *c)
{
    lend(c, NULL);
    rtmp_link_fini(&c->link);
}

/* --- questions --- */

static void send_command(struct rtmp_client *c, uint32_t stream, struct buf *b)
{
    if (b->overflow)
        bug("a command is too long");
    rtmp_link_send(&c->link, RTMP_COMMAND, stream, buf_view(b));
    buf_fini(b);
}

static void ask_connect(struct rtmp_client *c)
{
    struct buf b;
    rtmp_link_set_chunk(&c->link, CHUNK);
    buf_init(&b, COMMAND_MAX);
    rtmp_command_put(&b, "connect", ASK_CONNECT);
    amf0_put_object(&b);
    amf0_put_member_text(&b, "app", c->target.app);
    amf0_put_member_text(&b, "type", STR("nonprivate"));
    amf0_put_member_text(&b, "flashVer", STR("FMLE/3.0 (compatible; Lectern)"));
    amf0_put_member_text(&b, "tcUrl", c->target.url);
    amf0_put_end(&b);
    send_command(c, 0, &b);
    c->state = RTMP_CLIENT_CONNECTING;
}

/* A command whose only argument, if any, is the stream's name; publish has its kind behind it. */
static void ask(struct rtmp_client *c, uint32_t stream, const char *command, int transaction, bool named)
{
    struct buf b;
    buf_init(&b, COMMAND_MAX);
    rtmp_command_put(&b, command, transaction);
    amf0_put_null(&b);
    if (named)
        amf0_put_text(&b, c->target.name);
    if (transaction == ASK_PUBLISH)
        amf0_put_text(&b, STR("live"));
    send_command(c, stream, &b);
}

static void ask_stream(struct rtmp_client *c)
{
    ask(c, 0, "releaseStream", ASK_RELEASE, true);
    ask(c, 0, "FCPublish", ASK_ANNOUNCE, true);
    ask(c, 0, "createStream", ASK_CREATE, false);
    c->state = RTMP_CLIENT_CREATING;
}

void rtmp_client_end(struct rtmp_client *c)
{
    struct buf b;
    if (c->state == RTMP_CLIENT_LIVE) {
        buf_init(&b, COMMAND_MAX);
        rtmp_command_put(&b, "deleteStream", ASK_DELETE);
        amf0_put_null(&b);
        amf0_put_number(&b, c->stream);
        send_command(c, 0, &b);
    }
    c->state = RTMP_CLIENT_OVER;
}

/* --- answers --- */

static struct rtmp_event refused(struct rtmp_client *c, struct rtmp_info info)
{
    c->state = RTMP_CLIENT_OVER;
    return (struct rtmp_event){.kind = RTMP_EVENT_REFUSED, .code = info.code, .words = info.description};
}

static enum rtmp_fault take_result(struct rtmp_client *c, struct rtmp_command *command)
{
    struct amf0_value v;
    if (c->state == RTMP_CLIENT_CONNECTING && command->transaction == ASK_CONNECT)
        ask_stream(c);
    if (c->state != RTMP_CLIENT_CREATING || command->transaction != ASK_CREATE)
        return RTMP_FINE;
    if (!amf0_next(&command->rest, &v) || v.type != AMF0_NUMBER || !(v.number >= 0 && v.number <= UINT32_MAX))
        return RTMP_FAULT_COMMAND;
    c->stream = (uint32_t)v.number;
    ask(c, c->stream, "publish", ASK_PUBLISH, true);
    c->state = RTMP_CLIENT_ASKING;
    return RTMP_FINE;
}

static void take_error(struct rtmp_client *c, struct rtmp_command *command, struct rtmp_event *out)
{
    int waits_for = c->state == RTMP_CLIENT_CONNECTING ? ASK_CONNECT
                    : c->state == RTMP_CLIENT_CREATING ? ASK_CREATE
                    : c->state == RTMP_CLIENT_ASKING   ? ASK_PUBLISH
                                                       : 0;
    if (waits_for != 0 && command->transaction == waits_for)
        *out = refused(c, rtmp_command_info(command));
}

static void take_status(struct rtmp_client *c, struct rtmp_command *command, struct rtmp_event *out)
{
    struct rtmp_info info = rtmp_command_info(command);
    if (c->state == RTMP_CLIENT_ASKING && str_eq(info.code, "NetStream.Publish.Start")) {
        c->state = RTMP_CLIENT_LIVE;
        *out = (struct rtmp_event){.kind = RTMP_EVENT_START};
    } else if (str_eq(info.level, "error") && c->state != RTMP_CLIENT_OVER)
        *out = refused(c, info);
}

static enum rtmp_fault take_command(struct rtmp_client *c, struct rtmp_event *out)
{
    struct rtmp_command command;
    if (!rtmp_command_read(c->lent, &command))
        return RTMP_FAULT_COMMAND;
    if (str_eq(command.name, "_result"))
        return take_result(c, &command);
    if (str_eq(command.name, "_error"))
        take_error(c, &command, out);
    else if (str_eq(command.name, "onStatus"))
        take_status(c, &command, out);
    return RTMP_FINE;
}

static enum rtmp_fault take_message(struct rtmp_client *c, struct rtmp_event *out)
{
    uint32_t stamp;
    if (c->lent->type == RTMP_COMMAND || c->lent->type == RTMP_COMMAND_AMF3)
        return take_command(c, out);
    if (rtmp_pong_read(c->lent, &stamp))
        *out = (struct rtmp_event){.kind = RTMP_EVENT_PONG, .stamp = stamp};
    return RTMP_FINE;
}

void rtmp_client_next(struct rtmp_client *c, struct str *in, struct rtmp_event *out)
{
    *out = (struct rtmp_event){.kind = RTMP_EVENT_MORE};
    while (out->kind == RTMP_EVENT_MORE) {
        struct rtmp_message *m;
        enum rtmp_fault fault = rtmp_link_next(&c->link, in, &m);
        lend(c, m);
        if (!fault && c->state == RTMP_CLIENT_HANDSHAKE && rtmp_handshake_is_done(&c->link.handshake))
            ask_connect(c);
        if (!fault && !m)
            return;
        if (!fault)
            fault = c->link.fault = take_message(c, out);
        if (fault)
            *out = (struct rtmp_event){.kind = RTMP_EVENT_FAULT, .fault = fault};
    }
}

bool rtmp_client_frame(struct rtmp_client *c, const struct rtmp_message *m, uint32_t time,
                       struct rtmp_frame *out)
{
    if (c->state != RTMP_CLIENT_LIVE)
        return false;
    *out = rtmp_writer_frame(&c->link.writer, m->type, c->stream, time, m->n);
    c->link.sent += (uint32_t)rtmp_frame_size(out, m->n);
    return true;
}
