/* Leadership: of any number of instances of a program, on any hosts, one works and the others stand by. It
 * holds a row of the database that it renews; whoever finds it expired takes it. No lock is held: a Galera
 * cluster would grant GET_LOCK on several nodes. The program calls leader_round in a loop. */
#ifndef LIB_SVC_LEADER_H
#define LIB_SVC_LEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/os/metrics.h"

struct actor; /* lib/svc/policy.h */

enum { LEADER_MS = 5000, LEADER_HOLDER = 100 };

struct leader {
    /* set by the program */
    const char *role;          /* of the row: "schedd" */
    enum metric gauge;         /* 1 where this instance leads */
    const struct actor *actor; /* who acts in a round */
    int64_t pace_ms;           /* between two rounds of the leader */
    enum rc (*work)(struct cx *cx, void *arg);
    void *arg;
    /* kept here */
    char holder[LEADER_HOLDER];
    bool leads;
    bool outage;     /* the database or this program was away since `work` last set it to false */
    int64_t renewed; /* monotonic, ms */
    int failures;    /* in a row */
};

/* Names this instance: host, process, chance. */
void leader_init(struct leader *l);
/* One round: renews the leadership if a third of LEADER_MS has passed, and works if this instance leads.
 * Returns how long to wait until the next one, ms: longer after failures, with jitter. */
int64_t leader_round(struct cx *cx, struct leader *l);
/* Within long work: renews as a round does. RC_CONFLICT: another instance leads now. */
WARN_UNUSED enum rc leader_renew(struct cx *cx, struct leader *l);
/* At an orderly stop: another instance goes on at once. */
void leader_end(struct cx *cx, struct leader *l);

/* Takes or renews the leadership of `role` for LEADER_MS: one conditional UPDATE, one winner, no locks
 * held. */
WARN_UNUSED enum rc leader_hold(struct cx *cx, const char *role, const char *holder, bool *leads);
WARN_UNUSED enum rc leader_release(struct cx *cx, const char *role, const char *holder);

#endif
