/* What entries and ingests ask the core about live streams (doc/protocol.md). */
#ifndef LIB_SVC_LIVE_START_H
#define LIB_SVC_LIVE_START_H

#include "lib/svc/pipeline/records/node.h"
#include "lib/wire/live.h"

enum {
    LIVE_TICKET_S = 60,    /* life of a ticket */
    LIVE_INGEST_MS = 3000, /* an ingest that was silent for so long is not chosen */
    LIVE_SILENT_MS = 3000  /* a publisher that was silent for so long gives way to another */
};

/* An entry has a publisher, or a stream needs another ingest: in one transaction the lecture, the session, its job and the ingest that
 * gets it. A refusal is an answer, not a failure, and is kept for the person. RC_DENIED live_role: the node is no entry. */
WARN_UNUSED enum rc live_start(struct cx *cx, const struct node_info *entry, const struct wire_live_start *q,
                               struct wire_live_answer *out);
/* The publisher of a session is gone. Twice is RC_OK, so is a session that this entry does not have. RC_DENIED live_role. */
WARN_UNUSED enum rc live_stop(struct cx *cx, const struct node_info *entry, const struct wire_live_stop *q);

#endif
