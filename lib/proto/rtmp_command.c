#include "lib/proto/rtmp_command.h"

bool rtmp_command_read(const struct rtmp_message *m, struct rtmp_command *out)
{
    struct str body = rtmp_message_view(m);
    struct amf0_value name, transaction;
    struct rtmp_command c = {.object = {.type = AMF0_NULL}};
    if (m->type == RTMP_COMMAND_AMF3 && body.n > 0) {
        body.p++;
        body.n--;
    } else if (m->type != RTMP_COMMAND)
        return false;
    c.rest = amf0_of(body);
    if (!amf0_next(&c.rest, &name) || name.type != AMF0_STRING)
        return false;
    if (!amf0_next(&c.rest, &transaction))
        transaction = (struct amf0_value){.type = AMF0_NUMBER};
    if (!amf0_next(&c.rest, &c.object))
        c.object = (struct amf0_value){.type = AMF0_NULL};
    if (amf0_is_bad(&c.rest) || transaction.type != AMF0_NUMBER)
        return false;
    c.name = name.text;
    c.transaction = transaction.number;
    *out = c;
    return true;
}

bool rtmp_command_text(struct rtmp_command *c, size_t max, struct str *out)
{
    struct amf0_value v;
    if (!amf0_next(&c->rest, &v) || v.type != AMF0_STRING || v.text.n > max || !str_is_utf8(v.text) ||
        str_has_controls(v.text, false))
        return false;
    *out = v.text;
    return true;
}

void rtmp_command_put(struct buf *b, const char *name, double transaction)
{
    amf0_put_text(b, str_of(name));
    amf0_put_number(b, transaction);
}

void rtmp_command_put_info(struct buf *b, const char *level, const char *code, struct str description)
{
    amf0_put_object(b);
    amf0_put_member_text(b, "level", str_of(level));
    amf0_put_member_text(b, "code", str_of(code));
    amf0_put_member_text(b, "description", description);
    amf0_put_end(b);
}

struct rtmp_info rtmp_command_info(struct rtmp_command *c)
{
    struct amf0_value v;
    if (!amf0_next(&c->rest, &v))
        v.type = AMF0_NULL;
    return (struct rtmp_info){amf0_find_text(&v, "level"), amf0_find_text(&v, "code"),
                              amf0_find_text(&v, "description")};
}
