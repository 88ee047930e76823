/* What nobody tells the core about live streams: publishers who lost the right, sessions whose entry or ingest is gone. For the
 * scheduler, once a second. */
#ifndef LIB_SVC_LIVE_SWEEP_H
#define LIB_SVC_LIVE_SWEEP_H

#include "lib/base/cx.h"

enum {
    LIVE_LOST_MS = 90000,  /* so long without an ingest: the entry waits for a minute */
    LIVE_BURNED_MS = 60000 /* so long silent: the ingest will not come back soon */
};

/* Ends what is over, and sets live.interrupted_at from the leases. A recording whose ingest is gone is given up, or its upload is
 * sealed, LIVE_BURNED_MS after the end of its session. Cheap where nothing is live. *n: sessions that were ended. */
WARN_UNUSED enum rc live_sweep(struct cx *cx, int *n);

#endif
