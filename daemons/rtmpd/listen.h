/* Sockets that wait for connections. */
#ifndef DAEMONS_RTMPD_LISTEN_H
#define DAEMONS_RTMPD_LISTEN_H

#include <event2/listener.h>

#include "lib/base/cx.h"

enum { LISTEN_ADDRESS = 64 };

/* address: "ADDRESS:PORT", an address of IPv6 in brackets. Close with evconnlistener_free. If a connection cannot be
 * accepted, for want of descriptors, the listener is disabled; its owner enables it again after a while. RC_INVALID:
 * no such address; RC_UNAVAIL: the address is in use or not of this machine. */
WARN_UNUSED enum rc listen_on(struct cx *cx, struct event_base *base, const char *address,
                              evconnlistener_cb taken, void *arg, struct evconnlistener **out);

/* The address of a peer as text, without port; one of IPv4 within IPv6 as of IPv4. */
void listen_peer(const struct sockaddr *from, char out[LISTEN_ADDRESS]);

#endif
