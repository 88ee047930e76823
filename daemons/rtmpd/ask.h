/* What an entry asks the core (lib/wire/live.h), without stopping the event loop. A few threads make the calls with
 * lib/net/http.h, which has the limits, TLS and tokens of every other program, and resolve the name of the ingest, too;
 * libcurl's multi interface would need a second HTTP client on libevent's sockets and timers, and a resolver of its
 * own.
 *
 * Functions are called, and answers given, in the thread of the event loop. */
#ifndef DAEMONS_RTMPD_ASK_H
#define DAEMONS_RTMPD_ASK_H

#include <event2/event.h>
#include <sys/socket.h>

#include "daemons/rtmpd/core.h"
#include "lib/wire/live.h"

struct asker;
struct ask;

/* What core names must outlive it. */
struct asker *asker_new(struct event_base *base, const struct core *core);
/* Stops that wait are told first, unless the core is away; questions get no answer any more. NULL is fine. */
void asker_free(struct asker *k);

struct ask_answer {
    enum rc
        rc; /* RC_OK: the core has answered, and what follows counts. RC_DENIED: it does not know this entry */
    enum live_refusal refused;    /* LIVE_REFUSAL_COUNT: not refused */
    char text[WIRE_TEXT_MAX + 1]; /* refused */
    char session[WIRE_KEY_LENGTH + 1];
    int64_t fence, node;
    char address[WIRE_ADDRESS_MAX + 1];
    struct sockaddr_storage to; /* of that address */
    socklen_t to_n;             /* 0: the name could not be resolved */
    char ticket[WIRE_TOKEN_MAX + 1];
};
typedef void ask_answered(void *arg, const struct ask_answer *a); /* lent */

/* Asks for an ingest. What is asked is copied. */
struct ask *ask_start(struct asker *k, const struct wire_live_start *q, ask_answered *answered, void *arg);
/* Nobody waits for the answer any more. A question that still waits for a thread is not asked; if there is a session
 * in the answer of another, the core is told that it is over. */
void ask_forget(struct ask *a);
/* Tells the core that a session is over. Tried once: if the core does not hear it, it sees that the stream is gone. */
void ask_stop(struct asker *k, const char *session, enum live_end why);

#endif
