/* Jobs: the steps of a task, each run by one node at a time under a lease. States: lib/svc/state.h. Every
 * report is fenced: it counts only with the number given at the lease, so a late node can do no harm. Leases
 * use the database's clock, so that several schedulers agree. */
#ifndef LIB_SVC_PIPELINE_RECORDS_JOB_H
#define LIB_SVC_PIPELINE_RECORDS_JOB_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/upload.h"
#include "lib/svc/state.h"

enum {
    JOB_LEASE_MS = 15000,
    JOB_LIVE_LEASE_MS = 5000, /* of a live stream; its ingest reports once a second */
    JOB_MAX_TRIES = 5,
    JOB_MAX_GIVEN_BACK = 50,     /* tries that were given back by stopped workers and do not count */
    JOB_BACKOFF_MS = 2000,       /* four times as long with each try … */
    JOB_BACKOFF_MAX_MS = 300000, /* … up to this; lib/base/backoff.h */
};

int64_t job_lease_ms(enum job_lane lane);

struct job {
    int64_t id;
    int64_t task_id;
    int64_t lecture_id;
    int64_t source_id; /* 0: none */
    const char *lecture_key;
    enum job_kind kind;
    enum job_lane lane;
    enum job_state state;
    enum view_kind view; /* VIEW_KIND_COUNT: none */
    int priority;        /* higher first */
    int attempt;         /* counts leases, never decreases; used in names of outputs */
    int tries;           /* the same since the last requeue; the job is dead after JOB_MAX_TRIES */
    int64_t fence;
    int64_t node_id;     /* holder of the lease, or the last one; 0: none */
    int64_t target_node; /* only this node may run it; 0: any that fits */
    int64_t avoid_node;  /* failed there last; 0: none */
    int64_t blamed_by;   /* says that the recording fails everywhere; another node is asked; 0: none */
    int64_t waits_for;
    int generation; /* commit: the number it makes; 0: not given yet */
    double progress;
    int eta;            /* seconds, -1: not known */
    const char *params; /* JSON */
    const char *result; /* JSON or NULL */
    const char *error_code, *error_text;
    int64_t not_before, lease_expires, created, started, finished;
};

/* What a new job needs; the rest has defaults. */
struct job_new {
    int64_t task_id, lecture_id;
    int64_t source_id; /* 0: none */
    enum job_kind kind;
    enum view_kind view; /* VIEW_KIND_COUNT: none */
    int64_t target_node; /* 0: any */
    int64_t waits_for;   /* not 0: starts in state waiting */
    int delay_ms;        /* not before now + this */
    const char *params;  /* JSON */
};
WARN_UNUSED enum rc job_add(struct cx *cx, const struct job_new *n, int64_t *id);

/* RC_NOTFOUND if there is none. job_lock holds the row until the end of the transaction. */
WARN_UNUSED enum rc job_get(struct cx *cx, int64_t id, struct job **out);
WARN_UNUSED enum rc job_lock(struct cx *cx, int64_t id, struct job **out);
WARN_UNUSED enum rc job_list_by_task(struct cx *cx, int64_t task_id, struct job **out, size_t *n);

/* Moves the job along the state table: UPDATE … WHERE id and state and fence are still *j's. RC_CONFLICT:
 * illegal, or another request was faster. On RC_OK j->state is the new state. Writes only the state and its
 * time. */
WARN_UNUSED enum rc job_move(struct cx *cx, struct job *j, enum job_event event);

/* queued → leased by node: attempt, tries and fence go up, the lease runs job_lease_ms from when a node that
 * rests (seconds) comes for it. */
WARN_UNUSED enum rc job_lease(struct cx *cx, struct job *j, int64_t node_id, int rests);

/* Waiting jobs whose predecessor is over are queued; *n: how many. */
WARN_UNUSED enum rc job_promote(struct cx *cx, int *n);

/* Jobs leased to the node that are not yet in its reports: the next answer contains them. */
WARN_UNUSED enum rc job_list_assigned(struct cx *cx, int64_t node_id, struct job **out, size_t *n);

/* One attempt as kept in job_log, oldest first. */
struct job_attempt {
    int attempt;
    const char *node;    /* name, or "" */
    const char *outcome; /* "done", "failed", "lost", "cancelled", "" while it runs */
    const char *error_code, *error_text;
    const char *log;
    int64_t started, finished;
};
WARN_UNUSED enum rc job_attempts(struct cx *cx, int64_t job_id, struct job_attempt **out, size_t *n);

#endif
