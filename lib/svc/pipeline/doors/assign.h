/* What a node is told about a job it was given: addresses and tokens that open exactly what the job needs, for
 * as long as it may take. */
#ifndef LIB_SVC_PIPELINE_DOORS_ASSIGN_H
#define LIB_SVC_PIPELINE_DOORS_ASSIGN_H

#include <jansson.h>

#include "lib/svc/pipeline/doors/report.h"

/* Inputs and place for outputs with a token for nothing else, params. */
WARN_UNUSED enum rc assign_job(struct cx *cx, const struct job *j, json_t **out);
/* A job that runs needs its token to the end, however long that is: *out is what the node gets in place of
 * one that holds until r->token_until (seconds since 1970, as the node repeats it; 0: it has none), or NULL
 * if that is not soon, or if the job is in other hands since the caller accepted this report. */
WARN_UNUSED enum rc assign_renew_token(struct cx *cx, const struct job_report *r, json_t **out);

#endif
