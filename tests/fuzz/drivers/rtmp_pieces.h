/* What the drivers of both sides of RTMP share: the bytes whole and in pieces must give the same events. Input that
 * does not begin as a handshake gets one before it. */
#ifndef TESTS_FUZZ_RTMP_PIECES_H
#define TESTS_FUZZ_RTMP_PIECES_H

#include <stdlib.h>

#include "lib/proto/rtmp_handshake.h"
#include "lib/proto/rtmp_server.h"

struct pieces {
    uint64_t hash; /* of all events */
    int events;
    bool over; /* a fault */
    bool full; /* it was the one that depends on how often answers are taken away */
};

static inline void pieces_add(struct pieces *s, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        s->hash = (s->hash ^ (unsigned char)bytes.p[i]) * UINT64_C(1099511628211);
    s->hash = (s->hash ^ bytes.n) * UINT64_C(1099511628211);
}

static inline void pieces_note(struct pieces *s, const struct rtmp_event *e)
{
    unsigned char numbers[] = {(unsigned char)e->kind, (unsigned char)e->fault, (unsigned char)e->stamp};
    if (e->kind == RTMP_EVENT_MORE)
        return;
    s->events++;
    pieces_add(s, (struct str){(const char *)numbers, sizeof numbers});
    pieces_add(s, e->app);
    pieces_add(s, e->name);
    pieces_add(s, e->words);
    if (e->message) {
        pieces_add(s, (struct str){(const char *)&e->message->time, sizeof e->message->time});
        pieces_add(s, rtmp_message_view(e->message));
        if (e->message->n > RTMP_MESSAGE_MAX || e->message->refs != 1)
            abort();
    }
    s->over = e->kind == RTMP_EVENT_FAULT;
    s->full = s->over && e->fault == RTMP_FAULT_OUT;
}

/* feed: takes a piece, notes its events. Pieces are of 1 to `most` bytes; 0: the whole at once. */
static inline struct pieces pieces_run(void *side, void (*feed)(void *side, struct str in, struct pieces *s),
                                       struct str input, size_t most)
{
    static const char hello[RTMP_HANDSHAKE] = {3};
    struct pieces s = {0};
    uint32_t random = 12345;
    if (input.n < RTMP_HANDSHAKE || input.p[0] != 3)
        feed(side, (struct str){hello, sizeof hello}, &s);
    while (input.n > 0 && !s.over) {
        random = random * 1103515245 + 12345;
        size_t n = most == 0 ? input.n : 1 + (random >> 16) % most;
        struct str in = {input.p, n < input.n ? n : input.n};
        feed(side, in, &s);
        input = (struct str){input.p + in.n, input.n - in.n};
    }
    return s;
}

static inline void pieces_compare(struct pieces a, struct pieces b)
{
    if (!a.full && !b.full && (a.hash != b.hash || a.events != b.events || a.over != b.over))
        abort();
}

#endif
