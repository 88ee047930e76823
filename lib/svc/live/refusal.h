/* Why somebody could not go live: the reasons, each with its word for the wire and one sentence for the log of the publisher's
 * program; and the reasons kept for a day, for the person's page, which has sentences of its own (Live.Refused.<word>). */
#ifndef LIB_SVC_LIVE_REFUSAL_H
#define LIB_SVC_LIVE_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/wire/words.h"

enum live_reason {
    LIVE_REASON_TOKEN,   /* the token is unknown, revoked, or its person may not stream any more */
    LIVE_REASON_NONE,    /* no lecture of this person is due, and they may have no rehearsal */
    LIVE_REASON_ENDED,   /* the stream of the lecture was ended by a person */
    LIVE_REASON_TAKEN,   /* somebody else streams this view of the lecture */
    LIVE_REASON_MOVED,   /* another publisher has taken over, or the person has chosen another lecture */
    LIVE_REASON_OVER,    /* the core does not expect this publisher any more */
    LIVE_REASON_MACHINE, /* no ingest has a free place */
    LIVE_REASON_COUNT
};
const char *live_reason_name(enum live_reason reason); /* "token", "none", … */
enum live_refusal live_reason_wire(enum live_reason reason);
const char *live_reason_text(enum live_reason reason); /* English */

struct live_refused {
    enum live_reason reason;
    int64_t at;                /* ms */
    const char *from;          /* address of the publisher */
    const char *lecture_key;   /* NULL: none */
    const char *lecture_title; /* NULL: none, or a rehearsal */
};
struct live_refused_list {
    struct live_refused *item;
    size_t n;
};

/* Keeps that the person was refused; lecture_id 0: none. */
WARN_UNUSED enum rc live_refusal_note(struct cx *cx, int64_t user_id, int64_t lecture_id,
                                      enum live_reason reason, const char *from);
/* Those of cx->actor within the last `seconds`, of each reason and lecture the newest, the newest first, at most 20, without those before a
 * stream of theirs that goes on now. One statement. */
WARN_UNUSED enum rc live_refusal_list(struct cx *cx, int64_t seconds, struct live_refused_list *out);
/* Removes what is older than a day. */
WARN_UNUSED enum rc live_refusal_sweep(struct cx *cx);

#endif
