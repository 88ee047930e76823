/* What the files of lib/node share and nobody else includes: the node and the list of jobs it holds. */
#ifndef LIB_NODE_INNER_H
#define LIB_NODE_INNER_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/node/load.h"
#include "lib/node/node.h"

struct held {
    int64_t job, attempt, fence;
    int64_t token_until; /* of its token; sent to the core, which renews it in time; 0: none */
    enum report_state state;
    bool told; /* the final state was in the last request */
    double progress, eta, silent;
    bool shown;
    json_t *outputs;  /* done; or NULL */
    enum failure why; /* failed, with text and permanent */
    bool permanent;
    char *text, *log; /* ours; or NULL */
};

struct node {
    struct node_setup setup; /* texts are ours */
    struct http *http;
    char *token; /* NULL: not joined; changed with the lock held */
    struct node_load_mark load_mark;
    int every_ms, failures;

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t changed;
    bool woken;
    int hurry_ms; /* 0: none */
    struct held jobs[WIRE_JOBS_MAX];
    size_t job_count;
};

/* The jobs as they are told, in cx; marks the finished ones as told. */
void inner_jobs_report(struct cx *cx, struct node *n, struct wire_beat *b);
/* Deals with ack, refused, cancel, tokens and assign of an answer, calling hooks. */
void inner_jobs_apply(struct cx *cx, struct node *n, const struct wire_answer *a);
/* The node was revoked: every job leaves the list and is cancelled. */
void inner_jobs_cancel_all(struct node *n);
void inner_jobs_free(struct node *n);

#endif
