/* Deleting for good: 14 days after a lecture was deleted (or at once), every object of its manifest is
 * removed by delete jobs on its storage node; only when they are done do the rows go. */
#ifndef LIB_SVC_PIPELINE_FLOW_PURGE_H
#define LIB_SVC_PIPELINE_FLOW_PURGE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* Starts it now: cancels what runs, queues the delete job on the storage node. Twice is RC_OK. Right:
 * ACT_INSTALL (people delete and undo; this is the second phase). RC_CONFLICT lecture_not_deleted. */
WARN_UNUSED enum rc purge_start(struct cx *cx, int64_t lecture_id);
/* The same for all lectures whose time to undo is over; *n: how many. */
WARN_UNUSED enum rc purge_due(struct cx *cx, int *n);

/* A delete job is done: its objects leave the manifest; the last one of a lecture purged for good takes the
 * rows along. */
WARN_UNUSED enum rc purge_job_done(struct cx *cx, const struct job *j);

#endif
