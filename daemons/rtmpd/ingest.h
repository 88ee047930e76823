/* The role `ingest`: takes live streams from entries, with tickets of the core, and records them. */
#ifndef DAEMONS_RTMPD_INGEST_H
#define DAEMONS_RTMPD_INGEST_H

#include <event2/event.h>

#include "daemons/rtmpd/core.h"
#include "daemons/rtmpd/jobs.h"
#include "lib/os/conf.h"

struct ingest;

/* conf, jobs and what core names must outlive it. */
WARN_UNUSED enum rc ingest_open(struct cx *cx, const struct conf *conf, struct event_base *base,
                                const struct core *core, struct jobs *jobs, struct ingest **out);
/* Ends all streams, which their entries bring elsewhere; returns when the recordings are on the disk. NULL is fine. */
void ingest_close(struct ingest *g);

#endif
