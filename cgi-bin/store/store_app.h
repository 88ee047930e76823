/* lectern-store: what its files share. One thread serves a request from beginning to end; if it waits for a
 * slow client it delays nobody else. No database and no calls to the core: tokens say what is allowed. */
#ifndef CGI_BIN_STORE_APP_H
#define CGI_BIN_STORE_APP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/fcgi/request.h"
#include "lib/node/keys.h"
#include "lib/os/conf.h"
#include "lib/proto/jwt.h"
#include "lib/store/store.h"

enum { PIECE_SIZE = 65536, TALLIES = 64 };

/* The hash of the bytes of an unfinished upload that have arrived, between two requests. */
struct pending {
    char id[STORE_KEY_SIZE + 1]; /* "": free place */
    struct store_tally *tally;
    int64_t since; /* clock_mono */
};

struct app {
    const struct conf *conf;
    struct store *store;
    struct node_keys *keys;
    const char *origins[2]; /* of the core: only scripts of these may send requests */
    pthread_mutex_t lock;   /* what follows */
    LIST_HEAD(, rq) running;
    atomic_bool busy; /* refused forms are read only briefly */
    struct pending pending[TALLIES];
};

struct rq {
    LIST_ENTRY(rq) running; /* in app->running while it is answered */
    struct app *app;
    struct fcgi_request *f;
    struct cx cx;
    const char *method;
    struct str path;                 /* below /store/v1/ */
    const char *route;               /* for the log: never holds a token */
    char object[STORE_KEY_SIZE + 1]; /* upload or lecture, for the log */
    int64_t received;
    int status;           /* 0: not answered yet */
    bool tus;             /* tus headers on the answer */
    bool writes;          /* it has its object, an upload, open; under app->lock */
    _Atomic int64_t last; /* clock_mono of the last byte of its body */
    const char *owner; /* places.c: upload, or attempt of a job, whose transfer it is; its client's network */
    const char *network;
    bool placed;         /* it is a transfer that has a place; under app->lock, as what follows */
    int64_t heard_since; /* clock_mono; 0: it is no refused form that is read to its end */
};

/* --- serve.c: answers one request; app, f and cx are set --- */
void rq_serve(struct rq *rq);

/* --- request.c: reading and answering --- */

/* A request header by its CGI name ("HTTP_RANGE"), or "". */
const char *rq_header(const struct rq *rq, const char *name);
/* A header that is a whole number; `absent` if it is missing; RC_INVALID (answered with 400) if it is no
 * number. */
WARN_UNUSED enum rc rq_number(struct rq *rq, const char *name, int64_t absent, int64_t *out);
/* Verifies a token of audience "store" that is for this storage node; answers 401 or 403 itself. */
WARN_UNUSED enum rc rq_verify(struct rq *rq, struct str token, struct jwt_claims *c);
/* The same with the bearer token. */
WARN_UNUSED enum rc rq_authorize(struct rq *rq, struct jwt_claims *c);
/* The next bytes of the body as they arrive, at least one; 0 at its end, or if the client has gone or the
 * program is stopping. */
size_t rq_read(struct rq *rq, char *p, size_t size);
/* True if the body ended because it was complete. */
bool rq_complete(const struct rq *rq);

/* Status line and the headers every answer has. More headers: rq_printf; then rq_printf("\r\n") and the
 * body. */
void rq_begin(struct rq *rq, int status);
void rq_printf(struct rq *rq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* {"error":{"code":…,"text":…}} with a sentence that says what to do. code: a static text, from which pages
 * choose their own sentence. */
void rq_error(struct rq *rq, int status, const char *code, const char *text);
/* The failure in cx.err as an answer. */
void rq_fail(struct rq *rq, enum rc rc);
/* Date of an RFC 9110 header; ms since 1970. */
const char *rq_date(struct rq *rq, int64_t ms);
/* Whether `bytes` more fit beside store_min_free. rq_room answers the request itself if they do not. */
WARN_UNUSED enum rc rq_fits(struct rq *rq, int64_t bytes, bool *fits);
WARN_UNUSED enum rc rq_room(struct rq *rq, int64_t bytes);

/* --- writers.c --- */

/* store_upload_open, noting who writes. A request, of this or another process, that is writing the upload is
 * ended first: if nothing has arrived from its client for some seconds, or in any case (`force`). What has
 * arrived is kept. RC_CONFLICT: it goes on. */
WARN_UNUSED enum rc writer_open(struct rq *rq, const char *id, bool force, struct store_upload *up, int *fd);
void writer_close(struct rq *rq);
/* Every FCGI_TICK_MS: ends the writers whose upload somebody else waits for, and all of them if the process is
 * to stop. */
void writers_look(struct app *app);
/* Appends the body to fd until `up` has `end` bytes: its size, or the most that it may have. *got: the number of bytes
 * that were added. RC_UNAVAIL: the disk failed. The hash is computed meanwhile, over several requests if they come to
 * this process. */
WARN_UNUSED enum rc writer_receive(struct rq *rq, const struct store_upload *up, int fd, int64_t end,
                                   int64_t *got);

/* --- places.c --- */

/* Takes a place for a transfer of this token, until the request ends. RC_CONFLICT: the token or its client's
 * network has as many as it may have; RC_UNAVAIL: none is left. */
WARN_UNUSED enum rc place_take(struct rq *rq, const struct jwt_claims *c);
/* The same; answers 429 or 503 itself. The second one is for requests that end other requests for their
 * upload. */
WARN_UNUSED enum rc rq_place(struct rq *rq, const struct jwt_claims *c);
WARN_UNUSED enum rc rq_place_to_end(struct rq *rq, const struct jwt_claims *c);
/* Exchanges the place for one of those for refused forms that are read to their end. False: there are too
 * many. */
bool place_hear(struct rq *rq);
/* True if the refused form may be read further, after so many bytes. While the store is busy the time is
 * limited, too. */
bool place_is_heard(const struct rq *rq, int64_t bytes);
/* Every FCGI_TICK_MS. */
void places_look(struct app *app);

/* --- the routes --- */
void tus_collection(struct rq *rq, struct str rest); /* /uploads */
void tus_upload(struct rq *rq, struct str id);       /* /uploads/U */
void form_post(struct rq *rq, struct str token);     /* /form/<token> */
void source_get(struct rq *rq, struct str id);       /* /sources/U */
void artifact_put(struct rq *rq, struct str path);   /* /artifacts/<lecture>/<job>-<attempt>/<name> */
void health_get(struct rq *rq, struct str rest);     /* /health */

#endif
