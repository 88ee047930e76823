/* The role `entry`: listens for publishers by RTMP and RTMPS, and has all of them. */
#ifndef DAEMONS_RTMPD_ENTRY_H
#define DAEMONS_RTMPD_ENTRY_H

#include <event2/event.h>

#include "daemons/rtmpd/ask.h"
#include "lib/os/conf.h"

struct entry;

/* conf must outlive it. Fails as listen_on and tls_new. */
WARN_UNUSED enum rc entry_open(struct cx *cx, const struct conf *conf, struct event_base *base,
                               const struct core *core, struct entry **out);
/* Ends all streams, gives the ingests the rest of them and tells the core; runs the event loop meanwhile, at most
 * about ten seconds. NULL is fine. */
void entry_close(struct entry *e);

#endif
