/* The role `ingest`: takes live streams from entries, with tickets of the core, and records them. */
#ifndef DAEMONS_RTMPD_INGEST_H
#define DAEMONS_RTMPD_INGEST_H

#include <event2/event.h>
#include <stdatomic.h>

#include "lib/base/cx.h"
#include "lib/os/conf.h"

struct ingest;

/* conf and node must outlive it. node: the number of this node, as soon as the core has told it; 0 before. */
WARN_UNUSED enum rc ingest_open(struct cx *cx, const struct conf *conf, struct event_base *base,
                                const _Atomic(int64_t) *node, struct ingest **out);
/* Ends all streams, which their entries bring elsewhere; returns when the recordings are on the disk. NULL is fine. */
void ingest_close(struct ingest *g);

#endif
