/* What a node is told about a job that it was given: addresses, and tokens that allow exactly what the job
 * needs, for as long as it may take. */
#ifndef LIB_SVC_PIPELINE_DOORS_ASSIGN_H
#define LIB_SVC_PIPELINE_DOORS_ASSIGN_H

#include "lib/svc/pipeline/doors/report.h"

/* Inputs, the place for outputs, a token for nothing else, and params. */
WARN_UNUSED enum rc assign_job(struct cx *cx, const struct job *j, struct wire_assign *out);
/* A running job needs a valid token until its end. *due: the present one, which is valid until
 * r->token_until, expires soon, and *out is a new one for the node; false also if the job was given to another
 * node after the caller accepted this report. */
WARN_UNUSED enum rc assign_renew_token(struct cx *cx, const struct wire_report *r, bool *due,
                                       struct wire_renewal *out);

#endif
