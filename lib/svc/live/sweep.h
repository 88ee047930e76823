/* What nobody tells the core about live streams: publishers who lost the right, sessions whose entry or ingest is gone. For the
 * scheduler, once a second. */
#ifndef LIB_SVC_LIVE_SWEEP_H
#define LIB_SVC_LIVE_SWEEP_H

#include <stdint.h>

#include "lib/base/cx.h"

enum {
    LIVE_LOST_MS = 90000,  /* so long without an ingest: the entry waits for a minute */
    LIVE_BURNED_MS = 60000 /* so long silent: the ingest will not come back soon */
};

/* Since when nodes are heard. While the core hears none, for whatever reason, their streams go on, so their silence means nothing, nor
 * does it for a while after: a node that could not reach the core tries again after up to a minute. */
struct live_watch {
    int64_t deaf; /* when none was heard last, or the program began or had no database; clock_mono */
};

/* Ends what is over, and sets live.interrupted_at from the leases. A recording whose ingest is gone is given up, or its upload is
 * sealed, LIVE_BURNED_MS after the end of its session. What follows from silence only if nodes were heard all the time of
 * LIVE_LOST_MS. One statement where nothing is live. *n: sessions that were ended. */
WARN_UNUSED enum rc live_sweep(struct cx *cx, struct live_watch *watch, int *n);

#endif
