/* For the files of this folder only: what follows from a failed attempt. A node may be broken, or hostile, so
 * its word alone does not end a recording while another node can be asked. */
#ifndef LIB_SVC_PIPELINE_DOORS_VERDICT_H
#define LIB_SVC_PIPELINE_DOORS_VERDICT_H

#include "lib/svc/pipeline/records/job.h"

enum verdict {
    VERDICT_AGAIN,    /* another try */
    VERDICT_ASK,      /* another try by another node: this one says that the recording fails everywhere */
    VERDICT_GIVE_UP,  /* there were enough tries */
    VERDICT_RECORDING /* the recording fails everywhere */
};
/* j: the attempt that failed, of j->node_id. permanent: its node says that the recording fails everywhere. That
 * counts if a second node says so after a first one, if no other node could run the job, and for a job that
 * only one node may run. It does not count of a node that is revoked by now, and of one that fails everything
 * only if there is no other. */
WARN_UNUSED enum rc verdict_find(struct cx *cx, const struct job *j, bool permanent, enum verdict *out);

#endif
