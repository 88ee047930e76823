/* What the files of the job module, the pipeline and the scheduler share and nobody else needs. */
#ifndef LIB_SVC_JOB_INNER_H
#define LIB_SVC_JOB_INNER_H

#include "lib/svc/job.h"

struct rows; /* lib/db/db.h */

/* Row i of a result with the columns ${job_cols}. */
void job_read(const struct rows *rows, size_t i, struct job *out);

/* Leased to the node but not yet in one of its reports: what its next answer hands out. */
enum rc job_list_assigned(struct cx *cx, int64_t node_id, struct job **out, size_t *n) WARN_UNUSED;

/* Cancels one job that the caller has locked, closes its log and settles its task. */
enum rc job_cancel(struct cx *cx, struct job *j) WARN_UNUSED;
/* Cancels what still runs for older sources of the same view. */
enum rc job_cancel_superseded(struct cx *cx, int64_t lecture_id, enum view_kind view,
                              int64_t source_id) WARN_UNUSED;

#endif
