/* Removing objects from a storage node: a task "delete" with one job for the node that has them. */
#ifndef LIB_SVC_PIPELINE_FLOW_REMOVAL_H
#define LIB_SVC_PIPELINE_FLOW_REMOVAL_H

#include <jansson.h>

#include "lib/base/cx.h"

enum {
    REMOVAL_ATTEMPT_MS = 60000, /* after that no results of a lost or cancelled attempt arrive any more */
    REMOVAL_GENERATION_MS =
        20 * 60 * 1000 /* after that no playback token names a generation: its life and slack */
};

/* Objects of a lecture that nobody needs any more. */
struct removal {
    int64_t lecture_id, node_id;
    const char *const *paths; /* folders below the store's root, ends with NULL; or NULL */
    const char *upload;       /* an upload's key, or NULL */
    int generation;           /* that paths is about, 0: none */
    int delay_ms;
};
/* Queues their removal. */
WARN_UNUSED enum rc removal_queue(struct cx *cx, const struct removal *o);
/* The same with the whole params of the job (see doc/protocol.md), for lib/svc/pipeline/flow/purge.h. */
WARN_UNUSED enum rc removal_add_job(struct cx *cx, int64_t lecture_id, int64_t node_id, const json_t *params,
                                    int delay_ms);

#endif
