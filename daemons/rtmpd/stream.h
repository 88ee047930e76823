/* A live stream at the entry, from the publisher's tags to an ingest: asks the core for one, relays to it, and if it
 * dies asks again, at once, and gives the next one the window. So the publisher does not notice. After the publisher
 * has ended, a stream goes on by itself until the ingest has everything.
 *
 * The token is a secret: it stands in no log line and no figure. */
#ifndef DAEMONS_RTMPD_STREAM_H
#define DAEMONS_RTMPD_STREAM_H

#include <event2/event.h>

#include "daemons/rtmpd/ask.h"
#include "lib/os/metrics.h"
#include "lib/proto/rtmp.h"

struct stream;

/* What all streams of an entry share; must outlive them. */
struct stream_setup {
    struct event_base *base;
    struct asker *asker;
    size_t window; /* bytes */
    int *count;    /* streams that exist, also those that only wait for their end */
};

struct stream_hooks {
    void (*ready)(void *arg); /* the first ingest has accepted: the publisher is on air; frees nothing */
    /* The stream is over, refused by the core or without an ingest for too long. wrong_token: it counts against the
     * address. The last call; the stream frees itself. */
    void (*over)(void *arg, enum metric reason, const char *words, bool wrong_token);
};

/* token: copied. from: address of the publisher. The core is asked at once; within ten seconds ready or over is called. */
struct stream *stream_new(const struct stream_setup *setup, struct str token, const char *from,
                          enum view_kind view, const struct stream_hooks *hooks, void *arg);
/* The next tag: RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA. Tags that come before `ready` are kept. */
void stream_push(struct stream *s, struct rtmp_message *m);
/* Nothing more comes, and no hook is called any more. Frees, sooner or later. NULL is fine. */
void stream_end(struct stream *s, enum live_end why);

#endif
