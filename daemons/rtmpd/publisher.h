/* One connection of somebody who publishes, at the entry. Only when an ingest has accepted the stream (stream.h) the
 * publisher is told that it is on air; a refusal is told before that, in the core's words. A publisher ends by itself;
 * its owner then forgets it. The name of its stream is a personal token: it stands in no log line and no figure. */
#ifndef DAEMONS_RTMPD_PUBLISHER_H
#define DAEMONS_RTMPD_PUBLISHER_H

#include "daemons/rtmpd/limits.h"
#include "daemons/rtmpd/line.h"
#include "daemons/rtmpd/stream.h"

struct publisher;

/* The owner's, for as long as there are publishers. */
struct publisher_setup {
    struct stream_setup streams;
    int streams_max; /* of streams.count */
    struct limits *limits;
    void (*gone)(void *owner, struct publisher *p); /* it is freed when this returns */
    void *owner;
};

/* fd is taken. address: as text, without port; network: as of lib/net/address.h; copied. NULL: not possible. */
struct publisher *publisher_new(const struct publisher_setup *setup, evutil_socket_t fd, SSL_CTX *tls,
                                const char *address, const char *network);
const char *publisher_network(const struct publisher *p);
/* It has asked to publish; before that it has five seconds for the handshake and five for the rest. */
bool publisher_has_asked(const struct publisher *p);
/* Limits of time; several times a second. now: clock_mono. May end it. */
void publisher_tick(struct publisher *p, int64_t now);
void publisher_end(struct publisher *p, enum live_end why);

#endif
