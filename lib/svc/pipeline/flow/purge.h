/* Deleting for good: 14 days after a lecture was deleted (or at once), delete jobs on its storage node remove
 * every object of its manifest; the rows are removed when these are done. */
#ifndef LIB_SVC_PIPELINE_FLOW_PURGE_H
#define LIB_SVC_PIPELINE_FLOW_PURGE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

/* Starts the purge of a lecture: cancels its jobs, queues the delete job on the storage node. Repeating it is
 * RC_OK. Right: ACT_INSTALL (people delete and undo; this is the second phase). RC_CONFLICT
 * lecture_not_deleted. */
WARN_UNUSED enum rc purge_start(struct cx *cx, int64_t lecture_id);
/* The same for all lectures whose time to undo is over; *n: how many. */
WARN_UNUSED enum rc purge_due(struct cx *cx, int *n);

/* A delete job is done: its objects are removed from the manifest. With the last one of a lecture that is
 * purged, the lecture's rows are removed. */
WARN_UNUSED enum rc purge_job_done(struct cx *cx, const struct job *j);

#endif
