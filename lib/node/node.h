/* What every node program shares (lectern-workerd, lectern-noded, lectern-rtmpd): joining with an organisation token, the
 * heartbeat, the list of jobs the node holds with their fencing numbers, the core's public keys, load
 * figures. One thread calls node_beat in a loop; any thread may call the functions on jobs. Nodes call the
 * core and the core never calls them, so a node works behind a firewall. */
#ifndef LIB_NODE_NODE_H
#define LIB_NODE_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/wire/beat.h"

struct node;

/* Called by node_beat in its thread, without any lock held. */
struct node_hooks {
    void *arg;
    /* A new job; it is in the list as running already. Start it elsewhere and return; refuse with
     * node_job_fail. *a is valid only during the call: keep what wire_assign_write makes of it. */
    void (*assign)(void *arg, const struct wire_assign *a);
    /* Cancelled, refused (a newer fence exists) or unknown to the core: stop at once, remove scratch, report
     * nothing more. The job has left the list. */
    void (*cancel)(void *arg, int64_t job, int64_t attempt);
    /* The running job has a new token, which replaces the one it came with. Or NULL. */
    void (*token)(void *arg, int64_t job, int64_t attempt, const char *token);
    /* Free places now, per lane; all are 0 before. */
    void (*slots)(void *arg, int free[LANE_COUNT]);
    /* May add to what is told (noded: the uploads), in cx. Or NULL. */
    void (*request)(void *arg, struct cx *cx, struct wire_beat *b);
    /* Gets the answer after its jobs were applied (noded: ack.uploads, upload_drop). Or NULL. */
    void (*answer)(void *arg, struct cx *cx, const struct wire_answer *answer);
};

struct node_setup {
    const char *core_url; /* "https://lectern.example.org" without a slash at the end */
    const char *ca_file;  /* or "" */
    const char *dir;      /* node_dir: holds <role>.token (0600, role: its first one), keys.json */
    const char *name;     /* what maintainers see; "" takes the host's name */
    unsigned roles;       /* NODE_WORKER … */
    const char
        *join_token_file; /* holds the organisation token; needed only until the node has joined; or "" */
    const char
        *public_url; /* storage: the address browsers and workers use; ingest: rtmp://host:port; or "" */
    const char *disk_path; /* the free space of this file system is reported */
    struct node_hooks hooks;
};

/* Texts are copied. Needs http_global_init() before. */
struct node *node_new(const struct node_setup *setup);
void node_free(struct node *n);

/* Reads the token file; if there is none, joins. RC_DENIED: the organisation token is refused; RC_UNAVAIL: the
 * core is away, try again; RC_NOTFOUND: neither token is there. */
WARN_UNUSED enum rc node_join(struct cx *cx, struct node *n);

/* One heartbeat: sends, then applies the answer (acknowledged jobs leave the list, hooks are called,
 * keys.json is written). RC_UNAVAIL: the core is away (jobs go on); RC_DENIED: the node token was revoked:
 * all jobs were cancelled, the token file was moved aside, join again. */
WARN_UNUSED enum rc node_beat(struct cx *cx, struct node *n);
/* The node token, for requests of other threads; the caller overwrites it after use. False: not joined. */
bool node_token(struct node *n, char out[WIRE_TOKEN_MAX + 1]);
/* The next heartbeat goes at once: something has changed. */
void node_wake(struct node *n);

/* From now on a heartbeat goes at least so often, whatever the core says; 0: as the core says. */
void node_hurry(struct node *n, int every_ms);

/* Joins, repeating it until it succeeds, then sends heartbeats until daemon_stopping(): the main loop of a
 * node. Of a series of failures the first is logged, and every change of the reason. */
void node_run(struct node *n);

/* --- jobs: reports are kept until the core acknowledges or refuses them --- */

/* progress 0..1, eta seconds (-1: unknown). Unknown job or attempt: false, the caller should stop working on
 * it. */
bool node_job_progress(struct node *n, int64_t job, int64_t attempt, double progress, double eta);
/* live: how long nothing came from the publisher, in seconds. */
void node_job_silent(struct node *n, int64_t job, int64_t attempt, double seconds);
/* live: from now on it can be watched. */
void node_job_shown(struct node *n, int64_t job, int64_t attempt);
/* outputs: copied; may be NULL. log: the last WIRE_LOG_MAX bytes are kept. */
void node_job_done(struct node *n, int64_t job, int64_t attempt, const json_t *outputs, struct str log);
/* text: one sentence for people and the log. permanent: trying again cannot help. */
void node_job_fail(struct node *n, int64_t job, int64_t attempt, enum failure why, const char *text,
                   bool permanent, struct str log);
/* False once the attempt was cancelled or refused. */
bool node_job_wanted(struct node *n, int64_t job, int64_t attempt);

#endif
