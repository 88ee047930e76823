/* For files of the pipeline that run statements of their own on jobs: rows of ${job_cols}
 * (sql/queries/job.sql) as struct job. */
#ifndef LIB_SVC_PIPELINE_RECORDS_JOB_ROW_H
#define LIB_SVC_PIPELINE_RECORDS_JOB_ROW_H

#include "lib/svc/pipeline/records/job.h"

struct rows; /* lib/db/db.h */

void job_read(const struct rows *rows, size_t i, struct job *out);
struct job *job_read_all(struct cx *cx, const struct rows *rows);

#endif
