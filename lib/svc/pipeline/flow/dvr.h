/* What can be watched of a live stream, its DVR: a generation of the lecture that begins with the stream and grows while it is on.
 * When the stream is over a job of kind seal closes it, and it is what people watch on demand until the processed recording
 * replaces it (sql/schema/0029_live_generation.sql). No check of rights; call all of it inside db_tx, and what takes a lecture with
 * that locked. */
#ifndef LIB_SVC_PIPELINE_FLOW_DVR_H
#define LIB_SVC_PIPELINE_FLOW_DVR_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* An ingest that was sent away may still bring the end of the stream for so long. */
enum { DVR_SETTLE_MS = 5000 };

struct lecture;

/* Somebody begins to stream a view: the generation that it is a part of, that of the open stream or a new one, which no commit has or
 * gets; its rows and those of the manifest. 0: the lecture has no storage node and gets none now, so nobody can watch; the recording
 * does not depend on it. */
WARN_UNUSED enum rc dvr_begin(struct cx *cx, const struct lecture *l, enum view_kind view, int *generation);
/* The ingest of a live job says that its view can be watched. Twice is RC_OK. */
WARN_UNUSED enum rc dvr_shown(struct cx *cx, const struct job *j);
/* The stream is over: queues the seal. */
WARN_UNUSED enum rc dvr_end(struct cx *cx, const struct lecture *l);
/* The stream shall not be watched any more: its generations are dropped, and do not come back if the recording is kept after all. */
WARN_UNUSED enum rc dvr_discard(struct cx *cx, const struct lecture *l);

/* A seal job is done. RC_INVALID: its outputs are not as doc/protocol.md says. */
WARN_UNUSED enum rc dvr_sealed(struct cx *cx, const struct job *j, const json_t *outputs);
/* A commit was accepted, or a seal: what nothing needs any more is dropped, and its files are removed when no playback token can
 * name them. */
WARN_UNUSED enum rc dvr_settle(struct cx *cx, const struct lecture *l);

/* The number that the next commit of the lecture makes: above its generation and that of its live stream. */
WARN_UNUSED enum rc dvr_next_commit(struct cx *cx, int64_t lecture_id, int *generation);

#endif
