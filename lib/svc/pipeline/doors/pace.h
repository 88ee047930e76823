/* How soon a node shall come again. Whoever waits for a lecture waits for heartbeats: each step of it is given
 * out by one and reported by another. So nodes that such a step concerns come twice a second, and no others,
 * since an installation may have a thousand. */
#ifndef LIB_SVC_PIPELINE_DOORS_PACE_H
#define LIB_SVC_PIPELINE_DOORS_PACE_H

#include "lib/svc/pipeline/records/node.h"

/* What a heartbeat has to look at; one statement finds it. */
struct pace_look {
    bool news;  /* the node's row differs from what it says, or has not been written for four seconds */
    bool holds; /* it has jobs, or has just been given some */
    bool steps; /* short steps of lectures wait or run, for whomever */
};
WARN_UNUSED enum rc pace_look(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                              struct pace_look *out);

/* Seconds until the next heartbeat. Of the workers of an organisation that have a place free, as many hurry as
 * there are short steps they could get, and a few more: those that the scheduler takes first. An encode, which
 * takes minutes, hurries nobody before it is given out. Of many workers without work the last ones come half as
 * often as the others. */
WARN_UNUSED enum rc pace_every(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                               const struct pace_look *l, double *every);

#endif
