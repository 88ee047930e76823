/* The live stream of a lecture as people see it, and its end by a person. */
#ifndef LIB_SVC_LIVE_STREAM_H
#define LIB_SVC_LIVE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/wire/words.h"

enum live_end_by { LIVE_BY_FINISHED, LIVE_BY_SILENCE, LIVE_BY_PERSON, LIVE_BY_COUNT };
const char *live_end_by_name(enum live_end_by by); /* "finished", "silence", "person" */

/* One publisher's stream into one view. */
struct live_publisher {
    const char *key; /* of the session */
    enum view_kind view;
    const char *login, *name; /* who */
    const char *token;        /* name of the personal token, NULL: revoked */
    const char *from;         /* address of the publisher */
    const char *ingest;       /* name of the node that records it */
    int64_t began_at;
    int64_t stopped_at; /* NO_TIME: is connected */
    const char *why;    /* of its end, a word of live_session.why; NULL */
    bool recorded;      /* is connected, and an ingest says that it has the stream */
};

struct live_stream {
    int64_t lecture_id;
    const char *lecture_key, *lecture_title, *course_name;
    int64_t began_at;
    int64_t interrupted_at; /* since then nobody publishes; NO_TIME: somebody does */
    int64_t ended_at;       /* NO_TIME: it is on */
    enum live_end_by ended_by;
    const char *ended_name; /* LIVE_BY_PERSON: who; NULL: a program */
    bool discard;
    bool undo;                        /* its end, or that it is discarded, can be taken back */
    struct live_publisher *publisher; /* who is connected, then the others, the newest first; at most 20 */
    size_t n;
};

/* Of a lecture whose rights the caller has checked; *out NULL: it was never live. Two statements. */
WARN_UNUSED enum rc live_stream_get(struct cx *cx, int64_t lecture_id, struct live_stream **out);
/* Those that are on, the oldest first, at most `limit`; needs ACT_INSTALL. Two statements. */
WARN_UNUSED enum rc live_stream_list(struct cx *cx, int64_t limit, struct live_stream **out, size_t *n);

/* Ends the stream now; who publishes is sent away. discard: no recording is made of it. Repeating it changes only discard. Needs
 * ACT_COURSE_UPLOAD. RC_CONFLICT live_never: it was not live; live_published: its recording is in work already (discard). */
WARN_UNUSED enum rc live_stream_end(struct cx *cx, const char *key, bool discard);
/* Takes that back within LECTURE_UNDO_DAYS: of a discarded stream the recording is made after all, of one that is not, publishers may
 * come again as long as the lecture is due. Needs ACT_COURSE_UPLOAD. RC_CONFLICT live_never, undo_over. */
WARN_UNUSED enum rc live_stream_undo(struct cx *cx, const char *key);

#endif
