#include "lib/proto/rtmp_frame.h"

#include "lib/proto/octets.h"

enum { TIME_EXTENDED = 0xffffff };
enum { LANE_CONTROL, LANE_COMMAND, LANE_AUDIO, LANE_DATA, LANE_VIDEO, LANE_FIRST_ID = 2 };

/* Control must be on chunk stream 2 (section 5.4). */
static unsigned lane_of(uint8_t type)
{
    switch (type) {
    case RTMP_AUDIO:
        return LANE_AUDIO;
    case RTMP_VIDEO:
        return LANE_VIDEO;
    case RTMP_DATA:
        return LANE_DATA;
    case RTMP_COMMAND:
        return LANE_COMMAND;
    default:
        return LANE_CONTROL;
    }
}

void rtmp_writer_init(struct rtmp_writer *w)
{
    *w = (struct rtmp_writer){.chunk = RTMP_CHUNK_DEFAULT};
}

/* The shortest header that everybody understands in the same way. A message without any header is written only
 * behind one with a time difference: after an absolute time peers disagree on what it means, and with extended
 * time stamps some do not expect them there. */
static unsigned format_of(const struct rtmp_written *last, const struct rtmp_written *now)
{
    if (!last->known || last->stream != now->stream || rtmp_time_between(last->time, now->time) < 0)
        return 0;
    if (last->type != now->type || last->n != now->n)
        return 1;
    return last->stepped && last->step == now->step && now->step < TIME_EXTENDED ? 3 : 2;
}

static void add(struct rtmp_frame *f, uint32_t v, int bytes)
{
    octets_store(f->head + f->head_n, v, bytes);
    f->head_n += (size_t)bytes;
}

struct rtmp_frame rtmp_writer_frame(struct rtmp_writer *w, uint8_t type, uint32_t stream, uint32_t time,
                                    uint32_t n)
{
    unsigned lane = lane_of(type);
    struct rtmp_written *last = &w->lanes[lane];
    struct rtmp_written now = {type, true, true, stream, n, time, time - last->time};
    struct rtmp_frame f = {.slice = w->chunk, .next_n = 1};
    unsigned format = format_of(last, &now), id = lane + LANE_FIRST_ID;
    if (format == 0) {
        now.step = time;
        now.stepped = false;
    }
    bool extended = format < 3 && now.step >= TIME_EXTENDED;
    add(&f, format << 6 | id, 1);
    if (format < 3)
        add(&f, extended ? TIME_EXTENDED : now.step, 3);
    if (format < 2) {
        add(&f, n, 3);
        add(&f, type, 1);
    }
    if (format == 0)
        for (int i = 0; i < 4; i++)
            add(&f, stream >> 8 * i, 1);
    octets_store(f.next, 3u << 6 | id, 1);
    if (extended) {
        add(&f, now.step, 4);
        octets_store(f.next + 1, now.step, 4);
        f.next_n = RTMP_FRAME_NEXT;
    }
    *last = now;
    return f;
}

size_t rtmp_frame_size(const struct rtmp_frame *f, size_t n)
{
    return f->head_n + n + (n > 0 ? (n - 1) / f->slice * f->next_n : 0);
}

void rtmp_frame_put(struct buf *b, const struct rtmp_frame *f, struct str payload)
{
    buf_add(b, f->head, f->head_n);
    for (size_t at = 0; at < payload.n; at += f->slice) {
        if (at > 0)
            buf_add(b, f->next, f->next_n);
        buf_add(b, payload.p + at, payload.n - at < f->slice ? payload.n - at : f->slice);
    }
}
