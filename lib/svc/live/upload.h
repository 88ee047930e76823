/* The upload that a recording of a live stream becomes at the storage node of its lecture, while it is made or long after. */
#ifndef LIB_SVC_LIVE_UPLOAD_H
#define LIB_SVC_LIVE_UPLOAD_H

#include "lib/svc/pipeline/records/node.h"
#include "lib/wire/live.h"

/* An ingest has a recording: its upload, always the same one, made at the first question, and a new token for it. A recording that was
 * given up for want of a question counts again, and while the upload of one that was sealed is open, the seal is taken back. If the
 * upload is complete, the ingest gets it too: it compares what the store has with its file. If that is less (q->less) since the core had it
 * sealed, the recording gets another upload, once, which takes the place of the first one in the source. RC_DENIED live_role: the node is no
 * ingest; RC_NOTFOUND live_unknown: this node has no such recording; RC_CONFLICT upload_over: it is not wanted any more, the ingest
 * removes its file; RC_UNAVAIL as arrival_open. */
WARN_UNUSED enum rc live_upload(struct cx *cx, const struct node_info *ingest,
                                const struct wire_live_upload *q, struct wire_live_target *out);

#endif
