/* Files between a worker and a storage node. A transfer is repeated until it succeeds, the job is stopped or
 * ten minutes pass without progress. */
#ifndef DAEMONS_WORKERD_TRANSFER_H
#define DAEMONS_WORKERD_TRANSFER_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/net/http.h"
#include "lib/store/store.h"

/* Called with done and total bytes; may be NULL. */
typedef void transfer_progress(void *arg, int64_t done, int64_t total);

/* The token to use now, in the arena: it may be renewed while a transfer is tried again. */
typedef const char *transfer_token(void *arg, struct cx *cx);

struct transfer {
    struct http *http;
    const char *url;
    transfer_token *token;
    struct store *store;  /* of this machine, or NULL */
    const char *upload;   /* the source's key; "": not known */
    bool local;           /* get: the store holds the source, as transfer_is_local has said */
    const char *artifact; /* put: path below the store's root, or NULL: by HTTP */
    const atomic_bool *stop;
    transfer_progress *progress;
    void *arg; /* of token and progress */
};

/* True if the store of this machine holds the job's source, with that size and hash. Then it is the lecture's
 * store: keys of sources are random, and a lecture's artifacts go where its sources are. */
bool transfer_is_local(struct cx *cx, const struct transfer *t, int64_t size, const char *sha256);

/* Fetches `size` bytes to `path`, continuing a part that exists; their SHA-256, computed while they arrive,
 * must be `sha256` (64 hex digits), else RC_CONFLICT. RC_DENIED, RC_NOTFOUND: the store refuses; RC_UNAVAIL:
 * it cannot be reached or broke off too often, or the disk is full (see transfer_room); RC_TIMEOUT:
 * stopped. */
WARN_UNUSED enum rc transfer_get(struct cx *cx, const struct transfer *t, const char *path, int64_t size,
                                 const char *sha256);

/* Puts the file with its digest (64 hex digits). Results as above; RC_TOOBIG: the storage node's disk is
 * full. */
WARN_UNUSED enum rc transfer_put(struct cx *cx, const struct transfer *t, const char *path,
                                 const char *sha256);

/* Free bytes of the file system that the file's folder lies on. */
int64_t transfer_room(const char *path);

#endif
