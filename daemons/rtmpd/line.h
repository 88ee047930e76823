/* One TCP or TLS connection that carries RTMP, on libevent: bytes to its owner and from the owner's rtmp_link,
 * media by reference and without a copy, bounds for what waits to be sent, and an end at which nothing that was said
 * is lost. All calls are from the thread of the event loop. No hook is called from within a call of the owner. */
#ifndef DAEMONS_RTMPD_LINE_H
#define DAEMONS_RTMPD_LINE_H

#include <event2/event.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "lib/proto/rtmp_link.h"

struct line;

/* Any of them may call line_free or line_finish. */
struct line_hooks {
    void (*open)(void *arg);                 /* a line that was dialled is connected; or NULL */
    void (*bytes)(void *arg, struct str in); /* lent; all of them have to be taken */
    /* Closed, broken, or (choked) the peer does not read what is sent. The last call. */
    void (*gone)(void *arg, const char *why, bool choked);
};

struct line_setup {
    struct event_base *base;
    const struct line_hooks *hooks; /* static */
    void *arg;
    struct rtmp_link
        *link;        /* the owner's, until line_free or line_finish; its `out` is sent after every hook */
    size_t queue_max; /* bytes that may wait to be sent */
};

/* Takes fd. tls: NULL, or with what the peer has to begin. NULL: not possible; fd is closed. */
struct line *line_accept(const struct line_setup *setup, evutil_socket_t fd, SSL_CTX *tls);
/* NULL: the connection could not even be tried. */
struct line *line_dial(const struct line_setup *setup, const struct sockaddr *to, socklen_t to_n);

/* Sends what stands in link->out. For changes that were not made in a hook. */
void line_flush(struct line *l);
/* link->out, then the message in this frame; takes references of its own. */
void line_send(struct line *l, const struct rtmp_frame *f, struct rtmp_message *m);
/* link->out and what waits is sent, the peer is given three seconds to read it and to close; what it still says is
 * dropped. The line belongs to the loop afterwards. Where 256 accepted ones finish already, one more is closed at
 * once: they are in no limit of their owners any more, and a flood of them must not take all descriptors. NULL is
 * fine. */
void line_finish(struct line *l);
/* Closes at once. NULL is fine. */
void line_free(struct line *l);

#endif
