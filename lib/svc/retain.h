/* Records of the past are removed after a while: the audit, finished removals, logs, uploads that failed,
 * organisation tokens and nodes that left would otherwise grow for ever. lectern.conf says after how long. What changes of
 * timetables were, to undo them, is kept for a day.
 * What belongs to a lecture is kept as long as the lecture. */
#ifndef LIB_SVC_RETAIN_H
#define LIB_SVC_RETAIN_H

#include <stdint.h>

#include "lib/base/cx.h"

struct conf;

/* Removes what is due, in small batches, at most some thousand rows of a kind: the next call continues. *n:
 * how many rows. For programs; checks no right. */
WARN_UNUSED enum rc retain_sweep(struct cx *cx, const struct conf *conf, int64_t *n);

#endif
