/* What a node is told about a job that it was given: addresses, and tokens that allow exactly what the job
 * needs, for as long as it may take. */
#ifndef LIB_SVC_PIPELINE_DOORS_ASSIGN_H
#define LIB_SVC_PIPELINE_DOORS_ASSIGN_H

#include <jansson.h>

#include "lib/svc/pipeline/doors/report.h"

/* Inputs, the place for outputs, a token for nothing else, and params. */
WARN_UNUSED enum rc assign_job(struct cx *cx, const struct job *j, json_t **out);
/* A running job needs a valid token until its end. *out is a new one for the node if the present one, which
 * is valid until r->token_until (seconds since 1970, as the node repeats it; 0: it has none), expires soon;
 * else NULL, also if the job was given to another node after the caller accepted this report. */
WARN_UNUSED enum rc assign_renew_token(struct cx *cx, const struct job_report *r, json_t **out);

#endif
