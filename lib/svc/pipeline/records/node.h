/* Nodes: machines that have joined. A maintainer issues an organisation token; the machine joins with it and
 * gets a node token of its own; after that, each heartbeat reports what the node does and tells it what it
 * should do. */
#ifndef LIB_SVC_PIPELINE_RECORDS_NODE_H
#define LIB_SVC_PIPELINE_RECORDS_NODE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/wire/beat.h"

enum {
    NODE_ORG_TOKEN_S = 7 * 3600,
    NODE_FAILING = 3 /* lectures in a row that failed: it gets one job at a time */
};

struct node_info {
    int64_t id;
    int64_t org_id;
    const char *org_slug, *org_path;
    const char *name;
    unsigned roles;
    const char *sharing; /* "private", "shared", "public" */
    const char *url;     /* storage: address without a slash at the end */
    const char *version;
    bool alive, revoked;
    int64_t created, seen;
    double cpu;
    int64_t memory_used, memory_total, disk_free, disk_total, uptime;
    int slots[LANE_COUNT]; /* free at the last heartbeat */
    int jobs;              /* leased or running */
    int64_t store;         /* worker: the node whose store's files it links instead of copying; 0: none */
    /* only from node_list: lectures that it failed in a row (lib/svc/pipeline/records/fault.h), why the last
     * one, and the task to look at */
    int failed;
    const char *failed_code; /* or NULL */
    int64_t failed_task;
};

/* A token with which up to `uses` machines may join an organisation. Right: maintainer of the organisation.
 * The text is shown once and not kept. */
WARN_UNUSED enum rc node_token_issue(struct cx *cx, const char *org_slug, unsigned roles, int uses,
                                     const char **token);

/* Checks and counts the organisation token, makes the node and its token (kept hashed). A storage node that
 * is away or was revoked and joins again with the same name and address keeps its number, and so its
 * lectures. RC_DENIED join_token: forged, expired, revoked, used up, or a role it does not grant. RC_CONFLICT
 * node_url_taken: a storage node of another organisation has the address of this one. */
WARN_UNUSED enum rc node_admit(struct cx *cx, const struct wire_hello *h, int64_t *id, const char **token);

/* The node of a bearer token: who it is, from id to url; what it reported last is not read. RC_DENIED: none, or
 * revoked. */
WARN_UNUSED enum rc node_by_token(struct cx *cx, struct str token, struct node_info **out);

/* All that the actor may see (admins: everything), by organisation and name. */
WARN_UNUSED enum rc node_list(struct cx *cx, struct node_info **out, size_t *n);
/* It failed NODE_FAILING lectures in a row or more; of a node from node_list. */
bool node_is_failing(const struct node_info *n);
/* Its token is not valid any more, and its jobs go to other nodes. */
WARN_UNUSED enum rc node_revoke(struct cx *cx, int64_t id);

/* The distance of a node of the organisation `node_path` from a lecture of `lecture_path` (paths as
 * "/1/4/9/"): 0 the same organisation, 1 its parent … for private nodes, which serve their owner and
 * everything below it; 100 for shared and 200 for public nodes of other organisations; NODE_FAR: may not be
 * used. */
enum { NODE_FAR = 1000 };
int node_distance(const char *lecture_path, const char *node_path, const char *sharing);

#endif
