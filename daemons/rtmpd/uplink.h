/* The way of one stream from the entry to its ingest: dials, publishes with the ticket, sends the window once the
 * ingest has accepted, then what comes, and sends pings. It notices an ingest that is dead: refused, closed, no answer
 * within five seconds at the beginning, later two pings in a row unanswered. Pings are counted, not time: after this
 * process stood still its clock says nothing about the ingest. Nothing is tried again here: see stream.h. */
#ifndef DAEMONS_RTMPD_UPLINK_H
#define DAEMONS_RTMPD_UPLINK_H

#include <event2/event.h>

#include "daemons/rtmpd/ask.h"
#include "lib/live/window.h"

struct uplink;

struct uplink_hooks {
    void (*ready)(void *arg); /* the ingest has accepted, the window is on its way; frees nothing */
    void (*lost)(void *arg, const char *why); /* dead; call uplink_free. The last call */
};

/* place: where to, with its ticket; copied. window: the owner's, which has every tag before uplink_send gets it; it is
 * told of pings. NULL: the connection could not even be tried. */
struct uplink *uplink_open(struct event_base *base, const struct ask_answer *place, struct window *window,
                           const struct uplink_hooks *hooks, void *arg);
/* The newest tag of the window. Before the ingest has accepted, and until the window has what a decoder can begin
 * with, nothing is sent. */
void uplink_send(struct uplink *u, struct rtmp_message *m);
/* Asks at once, by a ping, whether all that was sent has arrived; then whether it has. Nothing sent is settled. */
void uplink_settle(struct uplink *u);
bool uplink_is_settled(const struct uplink *u);
/* Several times a second. now: clock_mono. May call `lost`. */
void uplink_tick(struct uplink *u, int64_t now);
/* The stream is over: what waits is sent, then the ingest is told. Frees. NULL is fine. */
void uplink_end(struct uplink *u);
void uplink_free(struct uplink *u); /* at once; NULL is fine */

#endif
