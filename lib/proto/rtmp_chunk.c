#include "lib/proto/rtmp_chunk.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/proto/octets.h"

enum { FIRST_ROOM = 32 << 10 }; /* bytes reserved for a message before any has arrived */
enum { TIME_EXTENDED = 0xffffff };

/* Formats of a chunk's header (section 5.3.1.2): all, without the stream, time only, none. */
enum { FORMAT_ALL, FORMAT_SAME_STREAM, FORMAT_TIME, FORMAT_NONE };

void rtmp_reader_init(struct rtmp_reader *r)
{
    memset(r, 0, sizeof *r);
    r->chunk = RTMP_CHUNK_DEFAULT;
    r->current = -1;
}

static void drop(struct rtmp_reader *r, struct rtmp_lane *lane)
{
    if (lane->message)
        r->held -= lane->room;
    rtmp_message_unref(lane->message);
    lane->message = NULL;
}

void rtmp_reader_fini(struct rtmp_reader *r)
{
    for (int i = 0; i < r->lanes_n; i++)
        drop(r, &r->lanes[i]);
}

/* --- headers --- */

struct head {
    int format;
    uint32_t id;
    struct octets rest; /* behind the basic header */
};

static struct rtmp_lane *find_lane(struct rtmp_reader *r, uint32_t id)
{
    for (int i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].id == id)
            return &r->lanes[i];
    return NULL;
}

/* The basic header (section 5.3.1.1); false: not all of it is there. */
static bool read_basic(const struct rtmp_reader *r, struct head *h)
{
    struct octets o = {r->head, r->head_n, false};
    uint32_t first = octets_take(&o, 1), id = first & 0x3f;
    if (id == 0)
        id = 64 + octets_take(&o, 1);
    else if (id == 1) {
        id = 64 + octets_take(&o, 1);
        id += octets_take(&o, 1) << 8;
    }
    *h = (struct head){(int)(first >> 6), id, o};
    return !o.bad;
}

/* The length of the whole header; 0: not all of it is there. */
static size_t head_length(struct rtmp_reader *r, struct head *h)
{
    static const size_t lengths[] = {11, 7, 3, 0};
    if (!read_basic(r, h))
        return 0;
    struct octets o = h->rest;
    size_t n = r->head_n - o.n + lengths[h->format];
    bool extended;
    if (h->format == FORMAT_NONE) {
        const struct rtmp_lane *lane = find_lane(r, h->id);
        extended = lane && lane->extended;
    } else
        extended = octets_take(&o, 3) == TIME_EXTENDED;
    n += extended ? 4 : 0;
    return r->head_n >= n ? n : 0;
}

/* Some encoders (librtmp) begin a chunk stream without a stream id; it is then 0. */
static enum rtmp_fault take_lane(struct rtmp_reader *r, const struct head *h, struct rtmp_lane **out)
{
    struct rtmp_lane *lane = find_lane(r, h->id);
    if (!lane) {
        if (h->format > FORMAT_SAME_STREAM)
            return RTMP_FAULT_HEAD;
        if (r->lanes_n == RTMP_LANES_MAX)
            return RTMP_FAULT_LANES;
        lane = &r->lanes[r->lanes_n++];
        *lane = (struct rtmp_lane){.id = h->id};
    }
    *out = lane;
    return RTMP_FINE;
}

/* Section 5.3.1.2. After a header with an absolute time, a message without header adds that time again, as
 * 5.3.1.2.4 has it and FFmpeg writes it. */
static void read_fields(struct rtmp_lane *lane, const struct head *h)
{
    struct octets o = h->rest;
    if (h->format == FORMAT_NONE) {
        lane->time += lane->step;
        return;
    }
    lane->step = octets_take(&o, 3);
    lane->extended = lane->step == TIME_EXTENDED;
    if (h->format <= FORMAT_SAME_STREAM) {
        lane->n = octets_take(&o, 3);
        lane->type = (uint8_t)octets_take(&o, 1);
    }
    if (h->format == FORMAT_ALL) {
        struct str little = octets_slice(&o, 4);
        lane->stream = 0;
        for (size_t i = little.n; i-- > 0;)
            lane->stream = lane->stream << 8 | (unsigned char)little.p[i];
    }
    if (lane->extended)
        lane->step = octets_take(&o, 4);
    lane->time = h->format == FORMAT_ALL ? lane->step : lane->time + lane->step;
}

/* --- messages --- */

static enum rtmp_fault resize(struct rtmp_reader *r, struct rtmp_lane *lane, uint32_t room)
{
    uint32_t had = lane->message ? lane->room : 0;
    if (room - had > RTMP_HELD_MAX - r->held)
        return RTMP_FAULT_HELD;
    lane->message = mem_resize(lane->message, sizeof *lane->message + room);
    lane->room = room;
    r->held += room - had;
    return RTMP_FINE;
}

static enum rtmp_fault begin_message(struct rtmp_reader *r, struct rtmp_lane *lane)
{
    bool media = lane->type == RTMP_AUDIO || lane->type == RTMP_VIDEO;
    if (lane->type == RTMP_AGGREGATE)
        return RTMP_FAULT_AGGREGATE;
    if (lane->n > (media ? RTMP_MESSAGE_MAX : RTMP_TEXT_MAX))
        return RTMP_FAULT_LENGTH;
    enum rtmp_fault fault = resize(r, lane, lane->n < FIRST_ROOM ? lane->n : FIRST_ROOM);
    if (!fault)
        *lane->message = (struct rtmp_message){1, lane->type, lane->stream, lane->time, 0};
    return fault;
}

static enum rtmp_fault begin_chunk(struct rtmp_reader *r, const struct head *h)
{
    struct rtmp_lane *lane;
    enum rtmp_fault fault = take_lane(r, h, &lane);
    if (fault)
        return fault;
    if (lane->message && h->format != FORMAT_NONE)
        return RTMP_FAULT_MIDDLE;
    if (!lane->message) {
        read_fields(lane, h);
        fault = begin_message(r, lane);
        if (fault)
            return fault;
    }
    uint32_t left = lane->n - lane->message->n;
    r->left = left < r->chunk ? left : r->chunk;
    r->current = (int)(lane - r->lanes);
    return RTMP_FINE;
}

/* Header bytes are collected until the header is whole; what was collected too much stays in *in. */
static enum rtmp_fault read_head(struct rtmp_reader *r, struct str *in)
{
    struct head h;
    size_t had = r->head_n, most = sizeof r->head - had, n = in->n < most ? in->n : most;
    memcpy(r->head + had, in->p, n);
    r->head_n += n;
    size_t length = head_length(r, &h);
    size_t used = length > 0 ? length - had : n;
    in->p += used;
    in->n -= used;
    if (length == 0)
        return RTMP_FINE;
    r->head_n = 0;
    return begin_chunk(r, &h);
}

static enum rtmp_fault read_payload(struct rtmp_reader *r, struct rtmp_lane *lane, struct str *in)
{
    uint32_t n = in->n < r->left ? (uint32_t)in->n : r->left;
    uint32_t need = lane->message->n + n, room = lane->room;
    while (room < need)
        room = room < lane->n / 2 ? room * 2 : lane->n;
    enum rtmp_fault fault = room > lane->room ? resize(r, lane, room) : RTMP_FINE;
    if (fault)
        return fault;
    memcpy(lane->message->bytes + lane->message->n, in->p, n);
    lane->message->n = need;
    r->left -= n;
    in->p += n;
    in->n -= n;
    return RTMP_FINE;
}

/* Control messages that concern the reader itself (sections 5.4.1 and 5.4.2). */
static enum rtmp_fault obey(struct rtmp_reader *r, const struct rtmp_message *m)
{
    struct octets o = octets_of(rtmp_message_view(m));
    if (m->type != RTMP_SET_CHUNK_SIZE && m->type != RTMP_ABORT)
        return RTMP_FINE;
    uint32_t v = octets_take(&o, 4);
    if (o.bad)
        return RTMP_FAULT_CONTROL;
    if (m->type == RTMP_ABORT) {
        struct rtmp_lane *lane = find_lane(r, v);
        if (lane)
            drop(r, lane);
        return RTMP_FINE;
    }
    if (v < RTMP_CHUNK_MIN || v > INT32_MAX)
        return RTMP_FAULT_CHUNK_SIZE;
    r->chunk = v < RTMP_CHUNK_MAX ? v : RTMP_CHUNK_MAX;
    return RTMP_FINE;
}

/* The end of a chunk, perhaps of its message. */
static enum rtmp_fault end_chunk(struct rtmp_reader *r, struct rtmp_message **out)
{
    struct rtmp_lane *lane = &r->lanes[r->current];
    r->current = -1;
    if (lane->message->n < lane->n)
        return RTMP_FINE;
    struct rtmp_message *m = lane->message;
    lane->message = NULL;
    r->held -= lane->room;
    enum rtmp_fault fault = obey(r, m);
    if (fault)
        rtmp_message_unref(m);
    else
        *out = m;
    return fault;
}

enum rtmp_fault rtmp_reader_next(struct rtmp_reader *r, struct str *in, struct rtmp_message **out)
{
    *out = NULL;
    while (!r->fault && !*out && (in->n > 0 || (r->current >= 0 && r->left == 0))) {
        if (r->current < 0)
            r->fault = read_head(r, in);
        else if (r->left > 0)
            r->fault = read_payload(r, &r->lanes[r->current], in);
        else
            r->fault = end_chunk(r, out);
    }
    return r->fault;
}
