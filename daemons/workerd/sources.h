/* Sources a worker has fetched: probe, copy and encode of one recording follow each other, often on one
 * worker, and must not fetch gigabytes three times. A file is known by its SHA-256, checked once; it is
 * removed when no job has used it for a while or room is needed. Any thread. */
#ifndef DAEMONS_WORKERD_SOURCES_H
#define DAEMONS_WORKERD_SOURCES_H

#include "daemons/workerd/transfer.h"

struct sources;

/* dir: emptied, made if need be. */
WARN_UNUSED enum rc sources_open(struct cx *cx, const char *dir, struct sources **out);
void sources_close(struct sources *s);

/* The file with that digest: *path is in cx's arena and stays valid until sources_release. Waits if another
 * job is just fetching it. t: from where; results as of transfer_get, and RC_CONFLICT if what came is not
 * what was announced. */
WARN_UNUSED enum rc sources_acquire(struct cx *cx, struct sources *s, const struct transfer *t,
                                    const char *sha256, int64_t size, const char **path);
void sources_release(struct sources *s, const char *sha256);

/* Removes what has not been used for a while; everything unused if `all`. */
void sources_sweep(struct sources *s, bool all);

#endif
