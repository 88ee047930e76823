#include "lib/proto/rtmp_link.h"

#include <string.h>

#include "lib/proto/octets.h"

/* User control events (section 7.1.7). */
enum { EVENT_STREAM_BEGIN = 0, EVENT_PING = 6, EVENT_PONG = 7 };

enum { WINDOW_LEAST = 16 << 10 }; /* a smaller window of the peer is taken as this, to bound what we send */
enum { LIMIT_DYNAMIC = 2 };       /* section 5.4.5 */

void rtmp_link_init(struct rtmp_link *l)
{
    memset(l, 0, sizeof *l);
    rtmp_reader_init(&l->reader);
    rtmp_writer_init(&l->writer);
    buf_init(&l->out, RTMP_OUT_MAX);
}

void rtmp_link_fini(struct rtmp_link *l)
{
    rtmp_reader_fini(&l->reader);
    buf_fini(&l->out);
}

/* --- sending --- */

void rtmp_link_send(struct rtmp_link *l, uint8_t type, uint32_t stream, struct str body)
{
    struct rtmp_frame f = rtmp_writer_frame(&l->writer, type, stream, 0, (uint32_t)body.n);
    rtmp_frame_put(&l->out, &f, body);
    l->sent += (uint32_t)rtmp_frame_size(&f, body.n);
}

/* A body of numbers: `first` of 2 or 4 bytes, then `second` of 0 to 4. */
static void send_numbers(struct rtmp_link *l, uint8_t type, uint32_t first, int first_n, uint32_t second,
                         int n)
{
    unsigned char body[8];
    octets_store(body, first, first_n);
    octets_store(body + first_n, second, n);
    rtmp_link_send(l, type, 0, (struct str){(const char *)body, (size_t)(first_n + n)});
}

/* A number of 4 bytes as a protocol control message: RTMP_WINDOW_SIZE, RTMP_ACKNOWLEDGEMENT. */
static void send_number(struct rtmp_link *l, uint8_t type, uint32_t v)
{
    send_numbers(l, type, v, 4, 0, 0);
}

void rtmp_link_set_chunk(struct rtmp_link *l, uint32_t chunk)
{
    send_number(l, RTMP_SET_CHUNK_SIZE, chunk);
    l->writer.chunk = chunk;
}

void rtmp_link_set_window(struct rtmp_link *l, uint32_t window)
{
    l->window_out = window;
    send_number(l, RTMP_WINDOW_SIZE, window);
    send_numbers(l, RTMP_PEER_BANDWIDTH, window, 4, LIMIT_DYNAMIC, 1);
}

void rtmp_link_stream_begin(struct rtmp_link *l, uint32_t stream)
{
    send_numbers(l, RTMP_USER_CONTROL, EVENT_STREAM_BEGIN, 2, stream, 4);
}

void rtmp_link_ping(struct rtmp_link *l, uint32_t stamp)
{
    send_numbers(l, RTMP_USER_CONTROL, EVENT_PING, 2, stamp, 4);
    l->pings++;
}

/* --- receiving --- */

static bool read_event(const struct rtmp_message *m, uint32_t *event, uint32_t *data)
{
    struct octets o = octets_of(rtmp_message_view(m));
    *event = octets_take(&o, 2);
    *data = octets_take(&o, 4);
    return m->type == RTMP_USER_CONTROL && !o.bad;
}

bool rtmp_pong_read(const struct rtmp_message *m, uint32_t *stamp)
{
    uint32_t event, data;
    if (!read_event(m, &event, &data) || event != EVENT_PONG)
        return false;
    *stamp = data;
    return true;
}

static enum rtmp_fault take_number(struct rtmp_link *l, const struct rtmp_message *m)
{
    struct octets o = octets_of(rtmp_message_view(m));
    uint32_t v = octets_take(&o, 4);
    if (o.bad)
        return RTMP_FAULT_CONTROL;
    if (m->type == RTMP_ACKNOWLEDGEMENT)
        l->answered = v;
    if (m->type == RTMP_WINDOW_SIZE)
        l->window_in = v < WINDOW_LEAST ? WINDOW_LEAST : v;
    if (m->type == RTMP_PEER_BANDWIDTH && v != l->window_out) {
        l->window_out = v;
        send_number(l, RTMP_WINDOW_SIZE, v); /* section 5.4.5 asks for it */
    }
    return RTMP_FINE;
}

/* *mine: the message was dealt with here. */
static enum rtmp_fault take_control(struct rtmp_link *l, const struct rtmp_message *m, bool *mine)
{
    uint32_t event, data;
    *mine = true;
    switch (m->type) {
    case RTMP_SET_CHUNK_SIZE:
    case RTMP_ABORT:
        return RTMP_FINE;
    case RTMP_ACKNOWLEDGEMENT:
    case RTMP_WINDOW_SIZE:
    case RTMP_PEER_BANDWIDTH:
        return take_number(l, m);
    case RTMP_USER_CONTROL:
        if (!read_event(m, &event, &data))
            return m->n < 2 ? RTMP_FAULT_CONTROL : RTMP_FINE; /* unknown events have other lengths */
        if (event == EVENT_PING)
            send_numbers(l, RTMP_USER_CONTROL, EVENT_PONG, 2, data, 4);
        if (event == EVENT_PONG && l->pings > 0)
            l->pings--;
        *mine = event != EVENT_PONG;
        return RTMP_FINE;
    default:
        *mine = false;
        return RTMP_FINE;
    }
}

/* Half a window early, as others do: some stop sending at a whole one. */
static void acknowledge(struct rtmp_link *l)
{
    if (l->window_in == 0 || l->received - l->told < l->window_in / 2)
        return;
    l->told = l->received;
    send_number(l, RTMP_ACKNOWLEDGEMENT, l->received);
}

static enum rtmp_fault next_message(struct rtmp_link *l, struct str *in, struct rtmp_message **out)
{
    bool mine = true;
    enum rtmp_fault fault = RTMP_FINE;
    while (mine && !fault) {
        struct rtmp_message *m;
        size_t had = in->n;
        fault = rtmp_reader_next(&l->reader, in, &m);
        l->received += (uint32_t)(had - in->n);
        acknowledge(l);
        if (!m)
            break;
        fault = take_control(l, m, &mine);
        if (mine)
            rtmp_message_unref(m);
        else
            *out = m;
    }
    return fault;
}

enum rtmp_fault rtmp_link_next(struct rtmp_link *l, struct str *in, struct rtmp_message **out)
{
    struct rtmp_message *m = NULL;
    *out = NULL;
    if (!l->fault && !rtmp_handshake_is_done(&l->handshake))
        l->fault = rtmp_handshake_feed(&l->handshake, in, &l->out);
    if (!l->fault && rtmp_handshake_is_done(&l->handshake))
        l->fault = next_message(l, in, &m);
    if (!l->fault && l->out.overflow)
        l->fault = RTMP_FAULT_OUT;
    if (l->fault)
        rtmp_message_unref(m);
    else
        *out = m;
    return l->fault;
}
