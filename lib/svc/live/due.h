/* Which lecture somebody streams who brings a personal token: the one they chose, else the one that is due by its time. */
#ifndef LIB_SVC_LIVE_DUE_H
#define LIB_SVC_LIVE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum {
    LIVE_EARLY_S = 15 * 60, /* so long before its beginning a lecture can be streamed */
    LIVE_LATE_S = 15 * 60,  /* and so long after its end */
    /* A choice counts for so long, but not more than LIVE_LATE_S after the end of a stream that came after it. */
    LIVE_CHOICE_S = 12 * 3600,
    /* After a person ended a stream, no other begins for them that they have not chosen: programs connect again by themselves. */
    LIVE_AGAIN_S = 60
};

struct live_due {
    int64_t id;
    const char *key, *title, *course_name, *zone;
    int64_t starts_at, ends_at; /* ms; as lecture_end() where no end is known */
    bool chosen;                /* by the person */
    bool open;                  /* its stream has begun and is not over */
    bool closed;     /* a person ended its stream: it cannot be streamed until that is taken back */
    bool closed_now; /* that is less than LIVE_AGAIN_S ago, and they have streamed into it */
    bool rehearsal;  /* of theirs (lib/svc/live/rehearsal.h) */
    bool keep_first; /* of its course */
};
struct live_due_list {
    struct live_due *item; /* in the order in which they would be taken */
    size_t n;
};

/* Lectures that cx->actor could stream now, as staff of their courses with the right to upload: the chosen one, then those whose
 * stream is open and into which they have streamed, those whose time it is (of several that began last), those that begin within
 * LIVE_EARLY_S (the next first), those that ended within LIVE_LATE_S (the last first); last a rehearsal that is open, if their program
 * ended it. Not deleted and not cancelled ones. At most 50. One statement. */
WARN_UNUSED enum rc live_due_list(struct cx *cx, struct live_due_list *out);
/* Which of the list would be taken: the first that is not closed; NULL: none. */
const struct live_due *live_due_first(const struct live_due_list *list);

/* cx->actor wants to stream this lecture, whatever is due; key NULL: no choice any more. If they stream another one now, that
 * publisher is sent away; programs connect again by themselves. Test mode ends. Needs ACT_COURSE_UPLOAD and staff of the course (RC_DENIED not_staff).
 * RC_CONFLICT deleted; live_cancelled: the lecture does not take place. */
WARN_UNUSED enum rc live_due_choose(struct cx *cx, const char *key);

#endif
