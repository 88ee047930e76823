/* One FFmpeg of a live stream: tags in as an FLV, bytes out, through pipes of the event loop. What it does not read at
 * once waits in a queue, with a reference to each tag; the queue has an end, so whoever feeds it is never held up. It
 * says nothing about what the bytes mean, and starts nothing anew: see show.h. */
#ifndef DAEMONS_RTMPD_ENCODER_H
#define DAEMONS_RTMPD_ENCODER_H

#include <event2/event.h>

#include "lib/base/cx.h"
#include "lib/proto/rtmp.h"

enum { ENCODER_QUEUE_MAX = 16 << 20 }; /* bytes that it may leave unread: a minute of 2 Mbit/s */

struct encoder;

struct encoder_hooks {
    void (*bytes)(void *arg, struct str bytes); /* of its standard output; may call encoder_free */
    /* It has ended, and all its output was given; well: by itself, with status 0. Call encoder_free. */
    void (*ended)(void *arg, bool well);
};

/* argv is copied; sound: the FLV says that it has sound. RC_UNAVAIL: it cannot be started. */
WARN_UNUSED enum rc encoder_start(struct cx *cx, struct event_base *base, const char *const *argv, bool sound,
                                  const struct encoder_hooks *hooks, void *arg, struct encoder **out);
/* The next tag, RTMP_AUDIO or RTMP_VIDEO, with this time (ms). False: the queue is full, the tag is not in it. */
bool encoder_feed(struct encoder *e, struct rtmp_message *m, uint32_t time);
/* There is no next tag: it ends when it has read all. */
void encoder_finish(struct encoder *e);
/* Kills it, if it lives, and calls no hook any more; its memory goes a moment later, in the event loop. NULL is
 * fine. */
void encoder_free(struct encoder *e);

#endif
