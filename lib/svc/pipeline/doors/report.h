/* A job after its lease: reports of its node, leases that ran out, retries. */
#ifndef LIB_SVC_PIPELINE_DOORS_REPORT_H
#define LIB_SVC_PIPELINE_DOORS_REPORT_H

#include "lib/svc/pipeline/records/job.h"
#include "lib/wire/beat.h"

enum job_answer {
    JOB_ANSWER_RENEWED, /* go on */
    JOB_ANSWER_ACK,     /* the final report was accepted, now or before */
    JOB_ANSWER_REFUSED, /* the job is not (or no longer) this node's: stop and remove everything */
    JOB_ANSWER_CANCEL   /* cancelled: stop and remove everything */
};
/* Processes one report in a transaction of its own, with everything that follows from it
 * (lib/svc/pipeline/flow/publish.h). */
WARN_UNUSED enum rc report_take(struct cx *cx, int64_t node_id, const struct wire_report *r,
                                enum job_answer *out);

/* Jobs whose lease ran out return to the queue with back-off, preferably for another node; they are dead
 * after JOB_MAX_TRIES. *n: how many. */
WARN_UNUSED enum rc report_expire(struct cx *cx, int *n);

#endif
