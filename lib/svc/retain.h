/* What only tells of the past goes after a while: without that the audit, finished removals, logs, uploads
 * that came to nothing, organisation tokens and machines that left would grow for ever. How long:
 * lectern.conf. What belongs to a lecture stays as long as the lecture. */
#ifndef LIB_SVC_RETAIN_H
#define LIB_SVC_RETAIN_H

#include <stdint.h>

#include "lib/base/cx.h"

struct conf;

/* Removes what is due, in small batches and not more than some thousand rows of a kind at once: the rest
 * waits for the next call. *n: how many rows. For programs; no right is asked for. */
WARN_UNUSED enum rc retain_sweep(struct cx *cx, const struct conf *conf, int64_t *n);

#endif
