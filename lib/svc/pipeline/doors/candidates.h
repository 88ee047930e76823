/* For the files of this folder only: the nodes that are there, and which of them may run a job. */
#ifndef LIB_SVC_PIPELINE_DOORS_CANDIDATES_H
#define LIB_SVC_PIPELINE_DOORS_CANDIDATES_H

#include "lib/svc/pipeline/doors/dispatch.h"

/* A node that is alive. */
struct candidate {
    struct dispatch_node node; /* distance, free and slots: filled in per job */
    const char *path, *sharing;
    int free[LANES_QUEUED]; /* slots that no job is leased for; a failing node has one, for all lanes */
    int busy[LANES_QUEUED]; /* slots with a job; only after candidates_count */
};

struct candidates {
    struct candidate *all;
    size_t n;
    struct dispatch_node *near; /* n places for candidates_near, and where in `all` they come from */
    size_t *index;
    bool counted;
};

/* All of them, in the arena. */
WARN_UNUSED enum rc candidates_load(struct cx *cx, struct candidates *out);
/* Counts the slots that are taken, once: a node without a free slot could still run a job later. Needed where
 * a node is not trusted with a job (dispatch.h). */
WARN_UNUSED enum rc candidates_count(struct cx *cx, struct candidates *c);
/* A job of the lane was leased to the candidate. */
void candidate_take(struct candidate *c, enum job_lane lane);

/* Fills c->near and c->index with those that may work for the organisation `path`, or are the only one that
 * may run the job, for its lane; how many. */
size_t candidates_near(struct candidates *c, const struct job *j, const char *path);

/* What a job works on. */
struct candidate_source {
    int64_t size;  /* bytes */
    int64_t store; /* the node where it lies */
    bool parts;    /* they are joined in the scratch folder */
};
/* What the job asks of a node. */
struct dispatch_job candidates_want(const struct job *j, const struct candidate_source *s);

#endif
