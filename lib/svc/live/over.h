/* When a live stream is over although nobody said so, and what is made of its recordings then. For the scheduler. */
#ifndef LIB_SVC_LIVE_OVER_H
#define LIB_SVC_LIVE_OVER_H

#include "lib/base/cx.h"

enum {
    LIVE_GRACE_S = 120,      /* the lecturer may come back */
    LIVE_SILENCE_S = 15 * 60 /* after the planned end nobody who was lost is expected back */
};

/* Ends streams that nobody publishes: where the last publisher of each view ended its stream itself, LIVE_GRACE_S after that, else
 * LIVE_SILENCE_S after the planned end and not within LIVE_GRACE_S. One statement where there are none. *n: how many. */
WARN_UNUSED enum rc live_over(struct cx *cx, int *n);

/* Of streams that are over and not discarded, each view whose recordings are all there, or given up: they become one source, in
 * order, and it is published. A recording that comes later makes it anew, with all. One without a tag is removed. Two statements where
 * there are none. *n: how many views. */
WARN_UNUSED enum rc live_publish(struct cx *cx, int *n);

/* Of streams that were discarded and whose end can no more be taken back, the recordings are removed. For the scheduler, once a
 * minute. *n: recordings. */
WARN_UNUSED enum rc live_forget(struct cx *cx, int *n);

#endif
