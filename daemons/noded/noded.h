/* lectern-noded: what its files share. Three threads: the main one sends heartbeats, one watches the spool,
 * one does the jobs. */
#ifndef DAEMONS_NODED_H
#define DAEMONS_NODED_H

#include <jansson.h>
#include <pthread.h>

#include "lib/base/cx.h"
#include "lib/node/node.h"
#include "lib/os/conf.h"
#include "lib/store/store.h"

enum {
    BUCKETS = 4096 /* of the uploads that are known */,
    JOBS_MAX = 16,
    REPORTS_MAX = 64 /* per heartbeat */
};

/* A complete upload. The spool keeps the originals, so there are as many as the node has recordings. */
struct known_upload {
    struct known_upload *next; /* in its bucket */
    char id[STORE_KEY_SIZE + 1];
    int64_t size;
    char sha256[STORE_SHA256_HEX];
    bool told;  /* acknowledged by the core */
    bool there; /* the current scan has seen it */
};

struct todo {
    int64_t job, attempt;
    enum job_kind kind;
    char *params; /* JSON */
};

struct noded {
    const struct conf *conf;
    struct store *store;
    struct node *node;
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t work;
    struct known_upload *uploads[BUCKETS];
    size_t report_from; /* bucket with which the next report begins */
    struct todo queue[JOBS_MAX];
    size_t queued;    /* including the one that is running, at the front */
    int64_t answered; /* clock_mono of the core's last answer; 0: none */
};

/* --- uploads.c: the spool --- */
void *uploads_thread(void *noded);
/* For the heartbeat: adds uploads, takes those acknowledged and those to drop. */
void uploads_report(void *noded, struct cx *cx, struct wire_beat *b);
void uploads_answer(void *noded, struct cx *cx, const struct wire_answer *answer);

/* --- origin.c: lectern-lived --- */

/* Closes what can be watched of a live stream that is over; twice is harmless. params: of the job; *outputs: what the core is told, in
 * the arena. RC_UNAVAIL: it did not answer, or cannot now. */
WARN_UNUSED enum rc origin_seal(struct cx *cx, const struct conf *conf, const json_t *params,
                                const json_t **outputs);

/* --- jobs.c: commit, delete and seal --- */
void *jobs_thread(void *noded);
void jobs_assign(void *noded, const struct wire_assign *a);
void jobs_cancel(void *noded, int64_t job, int64_t attempt);
void jobs_slots(void *noded, int free[LANE_COUNT]);

#endif
