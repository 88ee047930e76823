#include "lib/live/window.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/rc.h"
#include "lib/proto/flv.h"

enum { FIRST_SIZE = 64 };

void window_init(struct window *w, size_t bytes_max)
{
    *w = (struct window){.bytes_max = bytes_max};
}

void window_fini(struct window *w)
{
    for (size_t i = 0; i < w->n; i++)
        rtmp_message_unref(w->slots[(w->from + i) % w->size].message);
    for (int i = 0; i < WINDOW_SETUPS; i++)
        rtmp_message_unref(w->setups[i]);
    free(w->slots);
    w->slots = NULL;
    w->n = w->size = 0;
}

static struct window_slot *slot(const struct window *w, size_t i)
{
    return &w->slots[(w->from + i) % w->size];
}

static size_t cost(const struct rtmp_message *m)
{
    return m->n + WINDOW_TAG_COST;
}

/* --- what a tag is --- */

/* Which of the setups it replaces; WINDOW_SETUPS: none. */
static int setup_of(const struct rtmp_message *m)
{
    struct flv_packet p;
    struct amf0_value v;
    struct str body = rtmp_message_view(m);
    if (m->n > WINDOW_SETUP_MAX)
        return WINDOW_SETUPS;
    if (m->type == RTMP_DATA)
        return flv_metadata_read(body, &v) ? WINDOW_METADATA : WINDOW_SETUPS;
    if (!flv_packet_read((enum flv_type)m->type, body, &p) || p.kind != FLV_KIND_SETUP)
        return WINDOW_SETUPS;
    return m->type == RTMP_AUDIO ? WINDOW_AUDIO_SETUP : WINDOW_VIDEO_SETUP;
}

/* Of a stream without pictures every sound. */
static bool is_key(const struct window *w, const struct rtmp_message *m)
{
    struct flv_packet p;
    if (m->type == RTMP_DATA || !flv_packet_read((enum flv_type)m->type, rtmp_message_view(m), &p))
        return false;
    return p.kind == FLV_KIND_FRAMES && (m->type == RTMP_VIDEO ? p.key : !w->has_video);
}

/* --- dropping --- */

/* A header that leaves the window is in force where the window now begins. */
static void drop_first(struct window *w)
{
    struct rtmp_message *m = slot(w, 0)->message;
    int setup = setup_of(m);
    w->from = (w->from + 1) % w->size;
    w->n--;
    w->position++;
    if (setup == WINDOW_SETUPS) {
        w->bytes -= cost(m);
        rtmp_message_unref(m);
        return;
    }
    if (w->setups[setup])
        w->bytes -= cost(w->setups[setup]);
    rtmp_message_unref(w->setups[setup]);
    w->setups[setup] = m;
}

/* Whole stretches from keyframe to keyframe, as many as must go; all of it if there is only one. */
static void make_room(struct window *w)
{
    while (w->bytes > w->bytes_max && w->n > 0) {
        do
            drop_first(w);
        while (w->n > 0 && !slot(w, 0)->key);
        w->waits = w->n == 0;
    }
}

/* --- the stream --- */

static void append(struct window *w, struct rtmp_message *m, bool key)
{
    if (w->n == w->size) {
        size_t size = w->size > 0 ? w->size * 2 : FIRST_SIZE;
        struct window_slot *slots = mem_array(size, sizeof *slots);
        for (size_t i = 0; i < w->n; i++)
            slots[i] = *slot(w, i);
        free(w->slots);
        w->slots = slots;
        w->size = size;
        w->from = 0;
    }
    *slot(w, w->n++) = (struct window_slot){rtmp_message_ref(m), key};
    w->bytes += cost(m);
}

void window_push(struct window *w, struct rtmp_message *m)
{
    bool first = w->position == 0 && w->n == 0;
    if (m->type == RTMP_VIDEO)
        w->has_video = true;
    bool key = first || is_key(w, m);
    append(w, m, key);
    if (w->waits && key)
        w->waits = false;
    if (w->waits)
        drop_first(w);
    make_room(w);
}

void window_ping(struct window *w, uint32_t stamp)
{
    if (w->marks_n < WINDOW_MARKS_MAX)
        w->marks[w->marks_n++] = (struct window_mark){stamp, w->position + w->n};
}

/* Drops what is before the last keyframe before `position`. */
static void keep_from(struct window *w, uint64_t position)
{
    size_t before = position > w->position ? (size_t)(position - w->position) : 0, last = 0;
    for (size_t i = 0; i < before && i < w->n; i++)
        if (slot(w, i)->key)
            last = i;
    while (last-- > 0)
        drop_first(w);
}

bool window_pong(struct window *w, uint32_t stamp)
{
    for (int i = 0; i < w->marks_n; i++)
        if (w->marks[i].stamp == stamp) {
            keep_from(w, w->marks[i].position);
            w->marks_n -= i + 1; /* those before it were overtaken */
            memmove(w->marks, w->marks + i + 1, (size_t)w->marks_n * sizeof *w->marks);
            return true;
        }
    return false;
}

void window_forget_pings(struct window *w)
{
    w->marks_n = 0;
}

/* --- sending again --- */

size_t window_count(const struct window *w)
{
    size_t n = w->n;
    for (int i = 0; i < WINDOW_SETUPS; i++)
        n += w->setups[i] ? 1 : 0;
    return n;
}

struct rtmp_message *window_at(const struct window *w, size_t i, uint32_t *time)
{
    for (int k = 0; k < WINDOW_SETUPS; k++)
        if (w->setups[k] && i-- == 0) {
            *time = w->n > 0 ? slot(w, 0)->message->time : w->setups[k]->time;
            return w->setups[k];
        }
    if (i >= w->n)
        bug("no such tag in the window");
    *time = slot(w, i)->message->time;
    return slot(w, i)->message;
}

bool window_is_whole(const struct window *w)
{
    return w->n > 0 && !w->waits;
}
