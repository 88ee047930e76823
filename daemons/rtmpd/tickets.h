/* The tickets with which entries bring streams to this ingest: a JWT that the core signed (lib/proto/jwt.h, audience
 * `ingest`), good for a minute, for this node, once. Of one session only a newer fence than those before counts. Which
 * tickets were used is kept in memory until they would have expired, so a restart forgets it; what a used ticket could
 * do then is to begin the same recording again, which recording.h refuses. One thread. */
#ifndef DAEMONS_RTMPD_TICKETS_H
#define DAEMONS_RTMPD_TICKETS_H

#include "lib/node/keys.h"
#include "lib/wire/limits.h"
#include "lib/wire/words.h"

struct tickets;

struct ticket {
    char session[WIRE_KEY_LENGTH + 1], lecture[WIRE_KEY_LENGTH + 1];
    enum view_kind view;
    int64_t job, attempt, fence;
};

/* keys: path of keys.json, which need not exist yet. */
struct tickets *tickets_new(const char *keys);
void tickets_free(struct tickets *t); /* NULL is fine */

/* Takes the ticket: it cannot be used again. node: the number of this one, 0: not known yet. RC_DENIED: forged,
 * expired, used, for another node, or an old fence; RC_UNAVAIL: no keys or no number yet; RC_TOOBIG: too many. */
WARN_UNUSED enum rc tickets_take(struct cx *cx, struct tickets *t, struct str name, int64_t node,
                                 struct ticket *out);

#endif
