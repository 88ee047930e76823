/* The sources that a worker has fetched. Probe, copy and encode of one recording follow each other, often on
 * the same worker, and gigabytes must not be fetched three times. A file is identified by its SHA-256, which
 * is checked once. It is removed when no job has used it for a while or the space is needed. Any thread. */
#ifndef DAEMONS_WORKERD_SOURCES_H
#define DAEMONS_WORKERD_SOURCES_H

#include "daemons/workerd/transfer.h"

struct sources;

/* dir: emptied, made if need be. */
WARN_UNUSED enum rc sources_open(struct cx *cx, const char *dir, struct sources **out);
void sources_close(struct sources *s);
/* The folder, lent: what is linked from a store must be linkable into it. */
const char *sources_dir(const struct sources *s);

/* The file with that digest: *path is in cx's arena and valid until sources_release. Waits if another job is
 * fetching the file. t: where it is; results as of transfer_get; RC_CONFLICT: what arrived has another
 * digest. */
WARN_UNUSED enum rc sources_acquire(struct cx *cx, struct sources *s, const struct transfer *t,
                                    const char *sha256, int64_t size, const char **path);
void sources_release(struct sources *s, const char *sha256);

/* Is the file with that digest there? */
bool sources_has(struct sources *s, const char *sha256);
/* Removes what has not been used for a while. */
void sources_sweep(struct sources *s);
/* Bytes that sources_make_room can free: of sources that are not in use and were copied, not linked. */
int64_t sources_idle(struct sources *s);
/* Removes everything unused but the file with that digest. */
void sources_make_room(struct sources *s, const char *but);

#endif
