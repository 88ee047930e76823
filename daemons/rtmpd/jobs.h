/* What an ingest is to its node: the number of the node, and one job of kind `live` per stream. The core leases such a
 * job when it gives an entry a ticket; the ticket (in the event loop) and the job (with the answer to a heartbeat, in
 * the thread of the heartbeats) may come in either order. While there is a job or a stream, heartbeats go every second,
 * which keeps the lease. A job without a stream fails after a minute; one whose stream has ended is done. With the job
 * comes the place for what viewers see, and a token for it, which is renewed. */
#ifndef DAEMONS_RTMPD_JOBS_H
#define DAEMONS_RTMPD_JOBS_H

#include "lib/node/node.h"

struct jobs;

/* places: streams at once; 0: this is no ingest, and takes no jobs. While the file system of dir (lent) has less than
 * `least` bytes free, the core is told of no free place. */
struct jobs *jobs_new(int places, const char *dir, int64_t least);
void jobs_free(struct jobs *j); /* NULL is fine */

/* --- in the thread of the heartbeats --- */
struct node_hooks jobs_hooks(struct jobs *j);

/* --- in any thread --- */
/* Where what viewers see of this job's stream goes; *url and *token are the caller's, as of the last call or NULL, and
 * replaced if there are others. False: the job is not here, or has no such place. */
bool jobs_put(struct jobs *j, int64_t job, int64_t attempt, char **url, char **token);
/* The job is here, and came without one: its core does not show streams. */
bool jobs_has_no_place(struct jobs *j, int64_t job, int64_t attempt);
/* Viewers can see the stream from now on. */
void jobs_shown(struct jobs *j, int64_t job, int64_t attempt);

/* --- in the event loop --- */
/* Before anything else; the node must outlive the calls below. */
void jobs_bind(struct jobs *j, struct node *node);
/* The number of the node, as soon as the core has told it; 0 before. */
int64_t jobs_node(const struct jobs *j);
/* A stream has begun. False: there are too many. */
bool jobs_begin(struct jobs *j, int64_t job, int64_t attempt);
/* False: the core has taken the job back, end the stream. */
bool jobs_wanted(struct jobs *j, int64_t job, int64_t attempt);
/* For so long nothing came of the stream: another publisher may take its place. */
void jobs_silent(struct jobs *j, int64_t job, int64_t attempt, int64_t ms);
/* The stream has ended. why: FAILURE_COUNT, or why it could not go on here. */
void jobs_end(struct jobs *j, int64_t job, int64_t attempt, enum failure why, int64_t bytes, int64_t tags);
/* Places for streams that the processors leave; at first, no limit. */
void jobs_room(struct jobs *j, int places);
/* Several times a second. now: clock_mono. */
void jobs_tick(struct jobs *j, int64_t now);

#endif
