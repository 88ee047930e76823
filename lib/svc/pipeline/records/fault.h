/* What nodes fail in, to find one that fails everything: a broken disk, a missing program, a hostile owner. A
 * failure counts until the node has done a step of that kind, or until a job was given up that a second node
 * failed, too: then the recording is to blame. A node that failed NODE_FAILING different lectures gets one
 * job at a time. */
#ifndef LIB_SVC_PIPELINE_RECORDS_FAULT_H
#define LIB_SVC_PIPELINE_RECORDS_FAULT_H

#include "lib/svc/pipeline/records/job.h"

/* j->node_id failed the job, for j->error_code. *begins: with this one it begins to count as failing; untouched
 * otherwise. */
WARN_UNUSED enum rc fault_note(struct cx *cx, const struct job *j, bool *begins);
/* j->node_id has done the job. */
WARN_UNUSED enum rc fault_clear(struct cx *cx, const struct job *j);
/* The job was given up: if several nodes failed it, that counts against none of them. */
WARN_UNUSED enum rc fault_excuse(struct cx *cx, const struct job *j);

#endif
