/* The worker's slots: which jobs run in which lane. They are started and stopped by the core's answers to
 * heartbeats. */
#ifndef DAEMONS_WORKERD_WORKER_H
#define DAEMONS_WORKERD_WORKER_H

#include "daemons/workerd/sources.h"
#include "lib/node/node.h"
#include "lib/os/conf.h"

struct worker;

/* Empties the scratch folder (of folders named job-attempt and the fetched sources). */
WARN_UNUSED enum rc worker_open(struct cx *cx, const struct conf *conf, struct worker **out);
/* The hooks for node_new; `node` must be set with worker_bind before the first heartbeat. */
struct node_hooks worker_hooks(struct worker *w);
void worker_bind(struct worker *w, struct node *node);
/* Ends all jobs (they are reported as killed) and waits for them, at most END_MS (12 seconds). */
void worker_stop(struct worker *w);
void worker_close(struct worker *w);

#endif
