#include "lib/proto/rtmp_server.h"

#include <string.h>

#include "lib/base/rc.h"
#include "lib/proto/flv.h"
#include "lib/proto/rtmp_command.h"

enum { STREAM = 1, CHUNK = 4096, WINDOW = 2500000, MODE_MAX = 16, WORDS_MAX = 1000, ANSWER_MAX = 8192 };

void rtmp_server_init(struct rtmp_server *s)
{
    memset(s, 0, sizeof *s);
    rtmp_link_init(&s->link);
}

static void lend(struct rtmp_server *s, struct rtmp_message *m)
{
    rtmp_message_unref(s->lent);
    s->lent = m;
}

void rtmp_server_fini(struct rtmp_server *s)
{
    lend(s, NULL);
    rtmp_link_fini(&s->link);
}

/* --- answers --- */

static void send_command(struct rtmp_server *s, uint32_t stream, struct buf *b)
{
    if (b->overflow)
        bug("an answer is too long");
    rtmp_link_send(&s->link, RTMP_COMMAND, stream, buf_view(b));
    buf_fini(b);
}

static void answer_connect(struct rtmp_server *s, double transaction)
{
    struct buf b;
    rtmp_link_set_window(&s->link, WINDOW);
    rtmp_link_set_chunk(&s->link, CHUNK);
    buf_init(&b, ANSWER_MAX);
    rtmp_command_put(&b, "_result", transaction);
    amf0_put_object(&b);
    amf0_put_member_text(&b, "fmsVer", STR("FMS/3,0,1,123")); /* encoders expect a number of Adobe's server */
    amf0_put_member_number(&b, "capabilities", 31);
    amf0_put_end(&b);
    rtmp_command_put_info(&b, "status", "NetConnection.Connect.Success", STR("Connected."));
    send_command(s, 0, &b);
}

static void answer(struct rtmp_server *s, const struct rtmp_command *c, bool is_number, double number)
{
    struct buf b;
    if (c->transaction == 0)
        return;
    buf_init(&b, ANSWER_MAX);
    rtmp_command_put(&b, "_result", c->transaction);
    amf0_put_null(&b);
    if (is_number)
        amf0_put_number(&b, number);
    else
        amf0_put_undefined(&b);
    send_command(s, 0, &b);
}

static void answer_unknown(struct rtmp_server *s, const struct rtmp_command *c)
{
    struct buf b;
    if (c->transaction == 0)
        return;
    buf_init(&b, ANSWER_MAX);
    rtmp_command_put(&b, "_error", c->transaction);
    amf0_put_null(&b);
    rtmp_command_put_info(&b, "error", "NetConnection.Call.Failed", STR("This server only takes streams."));
    send_command(s, 0, &b);
}

static void send_status(struct rtmp_server *s, const char *level, const char *code, struct str words)
{
    struct buf b;
    buf_init(&b, ANSWER_MAX);
    rtmp_command_put(&b, "onStatus", 0);
    amf0_put_null(&b);
    rtmp_command_put_info(&b, level, code, words);
    send_command(s, s->stream, &b);
}

bool rtmp_server_accept(struct rtmp_server *s)
{
    if (s->state != RTMP_SERVER_ASKED)
        return false;
    s->state = RTMP_SERVER_LIVE;
    rtmp_link_stream_begin(&s->link, s->stream);
    send_status(s, "status", "NetStream.Publish.Start", STR("On air."));
    return true;
}

bool rtmp_server_refuse(struct rtmp_server *s, const char *code, struct str words)
{
    if (s->state != RTMP_SERVER_ASKED)
        return false;
    s->state = RTMP_SERVER_OVER;
    send_status(s, "error", code, str_is_utf8(words) ? str_utf8_cut(words, WORDS_MAX) : STR(""));
    return true;
}

/* --- commands --- */

/* Each may fill *out with an event, and takes what it keeps from the command. */
typedef enum rtmp_fault take_command(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out);

static bool is_text(struct str s, size_t max)
{
    return s.n <= max && str_is_utf8(s) && !str_has_controls(s, false);
}

static enum rtmp_fault take_connect(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out)
{
    if (s->state != RTMP_SERVER_NEW)
        return RTMP_FAULT_ORDER;
    struct str app = amf0_find_text(&c->object, "app"), url = amf0_find_text(&c->object, "tcUrl");
    if (!is_text(app, RTMP_APP_MAX) || !is_text(url, RTMP_URL_MAX))
        return RTMP_FAULT_COMMAND;
    s->state = RTMP_SERVER_CONNECTED;
    answer_connect(s, c->transaction);
    *out = (struct rtmp_event){.kind = RTMP_EVENT_CONNECT, .app = app, .url = url};
    return RTMP_FINE;
}

static enum rtmp_fault take_create(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out)
{
    (void)out;
    answer(s, c, true, STREAM);
    return RTMP_FINE;
}

static enum rtmp_fault take_publish(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out)
{
    struct str name, mode;
    if (s->state != RTMP_SERVER_CONNECTED)
        return RTMP_FAULT_ORDER;
    if (!rtmp_command_text(c, RTMP_NAME_MAX, &name))
        return RTMP_FAULT_COMMAND;
    if (!rtmp_command_text(c, MODE_MAX, &mode))
        mode = STR("live"); /* section 7.2.2.6; some leave it out */
    s->state = RTMP_SERVER_ASKED;
    s->stream = s->lent->stream;
    *out = (struct rtmp_event){.kind = RTMP_EVENT_PUBLISH, .name = name, .mode = mode};
    return RTMP_FINE;
}

/* FCUnpublish, deleteStream and closeStream; most peers send two of them. */
static enum rtmp_fault take_unpublish(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out)
{
    answer(s, c, false, 0);
    if (s->state == RTMP_SERVER_ASKED || s->state == RTMP_SERVER_LIVE) {
        s->state = RTMP_SERVER_OVER;
        *out = (struct rtmp_event){.kind = RTMP_EVENT_UNPUBLISH};
    }
    return RTMP_FINE;
}

/* Announcements and questions that only need an answer. */
static enum rtmp_fault take_other(struct rtmp_server *s, struct rtmp_command *c, struct rtmp_event *out)
{
    (void)out;
    answer(s, c, false, 0);
    return RTMP_FINE;
}

static take_command *find_command(struct str name)
{
    static const struct {
        const char *name;
        take_command *take;
    } known[] = {
        {"connect", take_connect},       {"createStream", take_create},    {"publish", take_publish},
        {"FCUnpublish", take_unpublish}, {"deleteStream", take_unpublish}, {"closeStream", take_unpublish},
        {"releaseStream", take_other},   {"FCPublish", take_other},        {"_checkbw", take_other}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(name, known[i].name))
            return known[i].take;
    return NULL;
}

static enum rtmp_fault take_any_command(struct rtmp_server *s, struct rtmp_event *out)
{
    struct rtmp_command c;
    if (!rtmp_command_read(s->lent, &c))
        return RTMP_FAULT_COMMAND;
    take_command *take = find_command(c.name);
    if (s->state == RTMP_SERVER_NEW && take != take_connect)
        return RTMP_FAULT_ORDER;
    if (take)
        return take(s, &c, out);
    if (!str_eq(c.name, "_result") && !str_eq(c.name, "_error"))
        answer_unknown(s, &c);
    return RTMP_FINE;
}

/* --- messages --- */

/* Data as it is stored: a message of its own, since others never change. */
static void strip(struct rtmp_server *s)
{
    struct str body = rtmp_message_view(s->lent);
    if (s->lent->type == RTMP_DATA_AMF3 && body.n > 0)
        body = (struct str){body.p + 1, body.n - 1};
    body = flv_data_strip(body);
    if (body.n < s->lent->n)
        lend(s, rtmp_message_new(RTMP_DATA, s->lent->stream, s->lent->time, body));
}

static void take_media(struct rtmp_server *s, struct rtmp_event *out)
{
    bool wanted = s->state == RTMP_SERVER_ASKED || s->state == RTMP_SERVER_LIVE;
    if (!wanted || s->lent->stream != s->stream || s->lent->n == 0)
        return;
    if (s->lent->type == RTMP_DATA || s->lent->type == RTMP_DATA_AMF3)
        strip(s);
    *out = (struct rtmp_event){.kind = RTMP_EVENT_MEDIA, .message = s->lent};
}

static enum rtmp_fault take_message(struct rtmp_server *s, struct rtmp_event *out)
{
    uint32_t stamp;
    switch (s->lent->type) {
    case RTMP_COMMAND:
    case RTMP_COMMAND_AMF3:
        return take_any_command(s, out);
    case RTMP_AUDIO:
    case RTMP_VIDEO:
    case RTMP_DATA:
    case RTMP_DATA_AMF3:
        take_media(s, out);
        return RTMP_FINE;
    case RTMP_USER_CONTROL:
        if (rtmp_pong_read(s->lent, &stamp))
            *out = (struct rtmp_event){.kind = RTMP_EVENT_PONG, .stamp = stamp};
        return RTMP_FINE;
    default:
        return RTMP_FINE; /* shared objects and what nobody knows */
    }
}

void rtmp_server_next(struct rtmp_server *s, struct str *in, struct rtmp_event *out)
{
    *out = (struct rtmp_event){.kind = RTMP_EVENT_MORE};
    while (out->kind == RTMP_EVENT_MORE) {
        struct rtmp_message *m;
        enum rtmp_fault fault = rtmp_link_next(&s->link, in, &m);
        lend(s, m);
        if (!fault && !m)
            return;
        if (!fault)
            fault = s->link.fault = take_message(s, out);
        if (fault)
            *out = (struct rtmp_event){.kind = RTMP_EVENT_FAULT, .fault = fault};
    }
}
