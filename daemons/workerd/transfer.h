/* Files between a worker and a storage node, tried again until they are there, the job is stopped or patience
 * ends. */
#ifndef DAEMONS_WORKERD_TRANSFER_H
#define DAEMONS_WORKERD_TRANSFER_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/net/http.h"

/* Called with done and total bytes; may be NULL. */
typedef void transfer_progress(void *arg, int64_t done, int64_t total);

struct transfer {
    struct http *http;
    const char *url, *token;
    const atomic_bool *stop;
    transfer_progress *progress;
    void *arg;
};

/* Fetches `size` bytes to `path`, going on where a part of it exists. RC_DENIED/RC_NOTFOUND: the store
 * refuses; RC_UNAVAIL: it cannot be reached or broke off too often, or the disk is full (transfer_room
 * tells); RC_TIMEOUT: stopped. */
enum rc transfer_get(struct cx *cx, const struct transfer *t, const char *path, int64_t size) WARN_UNUSED;

/* Puts the file with its digest (64 hex digits). Results as above; RC_TOOBIG: the storage node's disk is
 * full. */
enum rc transfer_put(struct cx *cx, const struct transfer *t, const char *path,
                     const char *sha256) WARN_UNUSED;

/* SHA-256 of the file as 64 hex digits equals `sha256`? RC_CONFLICT if not, RC_UNAVAIL if it cannot be read.
 */
enum rc transfer_check(struct cx *cx, const char *path, const char *sha256) WARN_UNUSED;

/* Free bytes of the file system that the file's folder lies on. */
int64_t transfer_room(const char *path);

#endif
