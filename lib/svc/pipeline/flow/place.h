/* Where the files of a lecture lie. */
#ifndef LIB_SVC_PIPELINE_FLOW_PLACE_H
#define LIB_SVC_PIPELINE_FLOW_PLACE_H

#include <stdint.h>

#include "lib/base/cx.h"

struct lecture;

/* The storage node of a lecture that the caller has locked; if it has none, the nearest owner's with the most space is chosen and
 * kept. RC_UNAVAIL no_storage_node: none is alive; storage_full: none has `size` bytes free. */
WARN_UNUSED enum rc place_store(struct cx *cx, const struct lecture *l, int64_t size, int64_t *node);

#endif
