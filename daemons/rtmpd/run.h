/* One run of what viewers see of a stream: one life of its FFmpeg, whose output is taken apart into inits and parts and
 * given to the pusher. Nothing is tried again here: see show.h. */
#ifndef DAEMONS_RTMPD_RUN_H
#define DAEMONS_RTMPD_RUN_H

#include <event2/event.h>

#include "daemons/rtmpd/pusher.h"
#include "lib/live/ladder.h"
#include "lib/os/conf.h"
#include "lib/proto/rtmp.h"

struct run;

struct run_setup {
    const struct conf *conf;
    struct event_base *base;
    struct pusher *pusher;
    const char *session;
    const struct ladder *ladder; /* copied; with a rung */
    int number;
    uint32_t at; /* time of the first tag, which is 0 to FFmpeg */
};

enum run_state {
    RUN_GOES,
    RUN_ENDED,  /* it has read all, and all its output was given to the pusher */
    RUN_FAILED, /* it ended before its time, or its output is not what it should be */
    RUN_CHOKED  /* too much waits at the pusher, which has dropped it */
};

/* RC_UNAVAIL: FFmpeg cannot be started. setup: what it names must outlive the run, but for the ladder. */
WARN_UNUSED enum rc run_start(struct cx *cx, const struct run_setup *setup, struct run **out);
/* The next tag, with its time in the stream; of what FFmpeg does not need, nothing goes in. False: more waits for it than
 * may. */
bool run_feed(struct run *r, struct rtmp_message *m, uint32_t time);
/* There is no next tag. */
void run_finish(struct run *r);
enum run_state run_state(const struct run *r);
/* What it has made of the first track reaches to this tag, by its time. False: nothing came yet. */
bool run_out(const struct run *r, uint32_t *time);
/* Since then (clock_mono) it has been silent although it has got something to say; `now`: it need not say anything. */
int64_t run_silent_since(const struct run *r, int64_t now);
/* FFmpeg is killed if it lives; lived is told that the run is over. NULL is fine. */
void run_free(struct run *r);

#endif
