/* The scheduler's work as functions: one pass over queue and leases, the choice of a node.
 * lectern-schedd calls them in a loop. */
#ifndef LIB_SVC_PIPELINE_DOORS_DISPATCH_H
#define LIB_SVC_PIPELINE_DOORS_DISPATCH_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/svc/pipeline/records/node.h"

/* --- choice of a node: a policy is one pure function, so that others can be compared with it --- */

struct dispatch_node {
    int64_t id;
    unsigned roles;
    int distance; /* 0 the lecture's organisation, 1 its parent …; shared and public ones come behind all
                     ancestors */
    int free;     /* slots in the job's lane */
    int slots;    /* the same with those that are taken */
    bool failing; /* failed everything of late, see lib/svc/pipeline/records/fault.h */
    int turn;     /* for short steps, in its organisation, from 1; the first ones hurry (pace.h) */
    int rests;    /* seconds until it comes for what it is given; 0: it comes every few seconds */
    int64_t disk_free;
    double cpu;
    int64_t store; /* worker: the node whose store's files it links instead of copying; 0: none */
};
/* What a job takes of a worker's scratch folder, in bytes. The source takes nothing on a worker that links it
 * from the store where it lies. */
struct dispatch_scratch {
    int64_t made, source;
    int64_t store; /* the node */
};
struct dispatch_job {
    enum job_kind kind;
    int64_t target_node, avoid_node, blamed_by;
    bool last_try;
    struct dispatch_scratch scratch;
};
/* Returns an index into nodes, or -1: none fits now. random: any number, to choose among equal ones. */
typedef int dispatch_policy(const struct dispatch_job *j, const struct dispatch_node *nodes, size_t n,
                            uint32_t random);
/* Is there a node that could run the job, now or when a slot becomes free, and that may be trusted with it?
 * Not to be trusted are the node that blamed the recording, the one that failed the job last if this is its
 * last try, and a failing node if it failed the job last, if the recording was blamed or if this is the last
 * try. While there is such a node, the policy takes no other. */
bool dispatch_trusted(const struct dispatch_job *j, const struct dispatch_node *nodes, size_t n);
/* Nearest owner first, then those that do not rest, most free slots, least CPU, turn. */
dispatch_policy dispatch_nearest;

/* Queued jobs for which no worker of any organisation has enough scratch space: they wait until there is
 * more. */
struct dispatch_homeless {
    int64_t jobs;
    int64_t need; /* bytes that a worker without the store beside it must have free to do any of them */
    int64_t lack; /* bytes that are missing on the worker that comes closest, for the job that lacks most */
};
WARN_UNUSED enum rc dispatch_homeless(struct cx *cx, struct dispatch_homeless *out);

/* The last look at all nodes gave nothing away: kept between passes, zero at first. As long as no job is queued or leaves the
 * queue, the next look may wait for a second: with many nodes it is what a pass costs. */
struct dispatch_vain {
    int64_t queued; /* jobs in the queue then, 100 for more; 0: the next pass looks in any case */
    int64_t until;  /* monotonic, ms */
};

/* One pass: expired leases, promotions, leases of queued jobs. *work: how many rows it moved. */
WARN_UNUSED enum rc dispatch_pass(struct cx *cx, dispatch_policy *policy, struct dispatch_vain *vain,
                                  int *work);
/* To be called before the first pass after the database or the scheduler was away: no node could renew its
 * lease in the meantime, so every lease begins again and hours of encoding are not lost. */
WARN_UNUSED enum rc dispatch_after_outage(struct cx *cx);
/* The slow part, once a minute: expires uploads and sessions, starts purges that are due. */
WARN_UNUSED enum rc dispatch_sweep(struct cx *cx);

#endif
