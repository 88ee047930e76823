/* What viewers see of the streams of an ingest. Each stream has an FFmpeg that makes its renditions, and a pusher that
 * brings them to lectern-lived. Both may fail, be slow or be away as long as they like: the recording does not depend
 * on them, and no call here waits. An FFmpeg that dies, or that says nothing for three seconds, is replaced by another
 * one, which begins at the last keyframe that had not come out; one that falls behind, by one with fewer rungs. Each
 * life of an FFmpeg is a run (doc/protocol.md). A stream that cannot be shown is recorded only, and the log says why. */
#ifndef DAEMONS_RTMPD_SHOW_H
#define DAEMONS_RTMPD_SHOW_H

#include <event2/event.h>

#include "daemons/rtmpd/jobs.h"
#include "daemons/rtmpd/tickets.h"
#include "lib/os/conf.h"
#include "lib/proto/rtmp.h"

struct shows; /* of an ingest */
struct show;  /* of one stream */

/* All must outlive it. */
struct shows *shows_new(const struct conf *conf, struct event_base *base, struct jobs *jobs);
/* Several times a second. now: clock_mono. */
void shows_tick(struct shows *all, int64_t now);
/* Gives up what viewers have not got yet. What it leaves in the event loop goes by itself. NULL is fine. */
void shows_free(struct shows *all);

struct show *show_begin(struct shows *all, const struct ticket *ticket);
/* The next tag of the stream: RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA. */
void show_push(struct show *s, struct rtmp_message *m);
/* The stream is over: viewers get the rest of it. Frees, later. NULL is fine. */
void show_end(struct show *s);

#endif
