/* Live streams: what an entry asks the core, POST /api/v1/live/start and POST /api/v1/live/stop, and what an ingest
 * asks it, POST /api/v1/live/upload; with the node token of that role as bearer. Tables as in lib/wire/beat.h;
 * doc/protocol.md describes the messages, and a test compares it with the tables. */
#ifndef LIB_WIRE_LIVE_H
#define LIB_WIRE_LIVE_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/wire/limits.h"
#include "lib/wire/words.h"

/* Somebody wants to publish, or a stream needs another ingest. */
struct wire_live_start {
    const char *token;    /* the personal token, as the publisher gave it: a secret */
    const char *from;     /* the publisher's address */
    enum view_kind view;  /* VIEW_KIND_COUNT: the default of the lecture */
    const char *session;  /* "": a new one */
    const int64_t *avoid; /* nodes that did not answer, or died */
    size_t avoid_count;
};
json_t *wire_live_start_write(struct cx *cx, const struct wire_live_start *s);
WARN_UNUSED enum rc wire_live_start_read(struct cx *cx, const json_t *o, struct wire_live_start *out);

/* Either a refusal or a place: an ingest that has the job, and the ticket for it. */
struct wire_live_answer {
    enum live_refusal refused; /* LIVE_REFUSAL_COUNT: not refused; an unknown word is LIVE_REFUSED_OTHER */
    const char *text;          /* refused: one sentence for the person and the log */
    const char *session;
    int64_t job, fence;
    int64_t node;
    const char *address; /* "host:port" of the ingest; a host of IPv6 in brackets */
    const char *ticket;  /* the name under which to publish there; a secret */
};
json_t *wire_live_answer_write(struct cx *cx, const struct wire_live_answer *a);
/* RC_INVALID also for an answer that is neither. */
WARN_UNUSED enum rc wire_live_answer_read(struct cx *cx, const json_t *o, struct wire_live_answer *out);

/* The publisher is gone. The answer is an empty object. */
struct wire_live_stop {
    const char *session;
    enum live_end why; /* unknown words are LIVE_END_LOST */
};
json_t *wire_live_stop_write(struct cx *cx, const struct wire_live_stop *s);
WARN_UNUSED enum rc wire_live_stop_read(struct cx *cx, const json_t *o, struct wire_live_stop *out);

/* An ingest has a recording and asks for the upload that it becomes at the store of the lecture; also later, with a new
 * token, and long after the end of the session. 404: the session or the fence is not known; 409: the recording is not
 * wanted any more. */
struct wire_live_upload {
    const char *session;
    int64_t fence;
    bool less; /* the upload is closed, and the ingest has more */
};
json_t *wire_live_upload_write(struct cx *cx, const struct wire_live_upload *u);
WARN_UNUSED enum rc wire_live_upload_read(struct cx *cx, const json_t *o, struct wire_live_upload *out);

/* The answer: always the same upload for one recording; another one if that was closed too early. */
struct wire_live_target {
    const char *upload; /* its key */
    const char *url;    /* "<store>/store/v1/uploads": uploads are created there (tus) */
    const char *token;  /* for the store; a secret */
    int64_t until;      /* the token is valid until then, seconds since 1970 */
};
json_t *wire_live_target_write(struct cx *cx, const struct wire_live_target *t);
WARN_UNUSED enum rc wire_live_target_read(struct cx *cx, const json_t *o, struct wire_live_target *out);

#endif
