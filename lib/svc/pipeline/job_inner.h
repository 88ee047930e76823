/* What the files of the job module, the pipeline and the scheduler share and nobody else needs. */
#ifndef LIB_SVC_JOB_INNER_H
#define LIB_SVC_JOB_INNER_H

#include "lib/svc/pipeline/job.h"

struct rows; /* lib/db/db.h */

/* Row i of a result with the columns ${job_cols}. */
void job_read(const struct rows *rows, size_t i, struct job *out);
struct job *job_read_all(struct cx *cx, const struct rows *rows);

/* Leased to the node but not yet in one of its reports: what its next answer hands out. */
WARN_UNUSED enum rc job_list_assigned(struct cx *cx, int64_t node_id, struct job **out, size_t *n);

/* These cancel what is open or was given up, close the logs and settle the tasks. Call them with the lecture
 * locked. Everything a lecture has; its files are the caller's. */
WARN_UNUSED enum rc job_cancel_by_lecture(struct cx *cx, int64_t lecture_id);
/* Of one source, or of older sources of the same view; results that were not committed are removed. */
WARN_UNUSED enum rc job_cancel_by_source(struct cx *cx, int64_t lecture_id, int64_t source_id);
WARN_UNUSED enum rc job_cancel_superseded(struct cx *cx, int64_t lecture_id, enum view_kind view,
                                          int64_t source_id);

#endif
