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
    int rests;  /* as its row says, see struct pace */
};
WARN_UNUSED enum rc pace_look(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                              struct pace_look *out);

struct pace {
    double every; /* seconds until the next heartbeat */
    int rests;    /* 0: that is soon; else the same as every, for the row */
};

/* Of the workers of an organisation that have a place free, as many hurry as there are short steps they could
 * get, and a few more: those that the scheduler takes first. An encode, which takes minutes, hurries nobody
 * before it is given out. Of the others eight are ready, which come every two seconds; the rest of them rest:
 * all that rest come thirty times a second together, each at least every forty seconds. So a few dozen nodes
 * do not rest at all. Who rests is given a job only if nobody else of its organisation can run it; when it
 * comes and finds too few that are ready, it is ready itself. An ingest comes once a second, since a stream that begins is given
 * only to one that was heard just now. */
WARN_UNUSED enum rc pace_find(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                              const struct pace_look *l, struct pace *out);

#endif
