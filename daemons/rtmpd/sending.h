/* How one recording gets to its store: a turn asks the core which upload it is, if that is not known, and sends what is
 * new. For uploads.h, which has the list of recordings and the threads. */
#ifndef DAEMONS_RTMPD_SENDING_H
#define DAEMONS_RTMPD_SENDING_H

#include <stdatomic.h>

#include "daemons/rtmpd/core.h"
#include "lib/wire/limits.h"

/* What is remembered of a recording between its turns. */
struct sending {
    char session[WIRE_KEY_LENGTH + 1];
    int64_t fence;
    char *url, *token; /* of the upload; NULL: to be asked */
    int64_t until;     /* of the token, seconds since 1970 */
    int64_t sent;      /* bytes at the store; -1: to be asked */
    bool less;         /* the store has closed the upload with less: the core is asked for another */
};

struct turn {
    const struct core *core;
    struct http *http;
    const atomic_bool *stopping; /* the turn is to end early */
    struct sending *s;
    const char *path;
    int64_t size; /* bytes on the disk */
    bool over;    /* that is all of it */
    bool gone;    /* out: nothing is left to do for this recording */
    bool again;   /* out: the next turn may come at once */
};

void sending_init(struct sending *s, const char *session, int64_t fence);
void sending_fini(struct sending *s);
/* RC_OK: it went well, look at gone and again. Else try again later. */
WARN_UNUSED enum rc sending_turn(struct cx *cx, struct turn *t);

#endif
