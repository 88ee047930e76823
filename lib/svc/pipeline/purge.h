/* Deleting for good: 14 days after a lecture was deleted (or at once), every object of its manifest is
 * removed by delete jobs on its storage node; only when they are done do the rows go. */
#ifndef LIB_SVC_PURGE_H
#define LIB_SVC_PURGE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/job.h"

/* Starts it now: cancels what runs, queues the delete job on the storage node. Twice is RC_OK. Right:
 * ACT_INSTALL (people delete and undo; this is the second phase). RC_CONFLICT lecture_not_deleted. */
WARN_UNUSED enum rc purge_start(struct cx *cx, int64_t lecture_id);
/* The same for all lectures whose time to undo is over; *n: how many. */
WARN_UNUSED enum rc purge_due(struct cx *cx, int *n);

/* After what time nobody sends results of an attempt any more that was lost or cancelled. */
enum { PURGE_ATTEMPT_MS = 60000 };

/* Queues the removal of objects that nobody needs on a lecture's storage node. */
struct purge_objects {
    int64_t lecture_id, node_id;
    const char *const *paths; /* folders below the store's root, ends with NULL; or NULL */
    const char *upload;       /* an upload's key, or NULL */
    int generation;           /* that paths is about, 0: none */
    int delay_ms;
};
WARN_UNUSED enum rc purge_objects(struct cx *cx, const struct purge_objects *o);

/* A delete job is done: its objects leave the manifest; the last one of a lecture purged for good takes the
 * rows along. */
WARN_UNUSED enum rc purge_job_done(struct cx *cx, const struct job *j);

#endif
