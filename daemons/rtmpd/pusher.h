/* Brings what viewers see of one stream to lectern-lived on the storage node, in order, each piece until it is answered
 * (doc/protocol.md). A thread of its own sends; whoever gives it something never waits. What waits is bounded: when
 * too much does, nothing more is taken, and the run must be given up. */
#ifndef DAEMONS_RTMPD_PUSHER_H
#define DAEMONS_RTMPD_PUSHER_H

#include "daemons/rtmpd/jobs.h"

struct pusher;

struct pusher_setup {
    struct jobs *jobs; /* knows where to, and hears when the stream can be watched; must outlive it */
    int64_t job, attempt;
    const char *ca_file; /* must outlive it */
};

enum pusher_state {
    PUSHER_GOES,
    PUSHER_REFUSED, /* lived did not take a piece of that run as it is; what waited is forgotten */
    PUSHER_OVER     /* another ingest has the stream, or it is sealed: nothing more is wanted */
};

/* One request: PUT <address>.<run>/<name>. */
struct pusher_piece {
    int run;
    const char *name;
    int tracks; /* of the run, if this is the first part of one; else 0 */
    struct str body;
};

struct pusher *pusher_new(const struct pusher_setup *setup);
/* Copies it; of a run that was refused, nothing is sent. False: too much waits. */
bool pusher_put(struct pusher *p, const struct pusher_piece *piece);
/* What waits is forgotten; the piece that is on its way is not. */
void pusher_drop(struct pusher *p);
enum pusher_state pusher_state(struct pusher *p, int run);
/* Nothing waits, and nothing is on its way. */
bool pusher_is_idle(struct pusher *p);
/* There is nothing more to put. The thread ends when it has sent everything; now: or at once. */
void pusher_finish(struct pusher *p, bool now);
/* The thread has ended: pusher_free does not wait. */
bool pusher_is_done(struct pusher *p);
void pusher_free(struct pusher *p); /* waits for the thread to end, a second if it has to; NULL is fine */

#endif
