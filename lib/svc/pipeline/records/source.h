/* Sources: uploaded files, with the result of the probe and the plan. A source is the original and is kept
 * until its lecture is deleted for good. */
#ifndef LIB_SVC_PIPELINE_RECORDS_SOURCE_H
#define LIB_SVC_PIPELINE_RECORDS_SOURCE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/upload.h"

struct source {
    int64_t id;
    int64_t lecture_id;
    const char *lecture_key;
    int64_t upload_id;
    const char *upload_key;
    const char *name;
    enum view_kind view;
    int64_t size;
    const char *sha256;    /* 64 hex digits */
    int64_t node_id;       /* storage node that has it */
    const char *store_url; /* its address, no slash at the end */
    const char *probe;     /* JSON, NULL before the probe */
    const char *plan;      /* JSON, NULL before the probe */
    double duration;       /* seconds, 0 before the probe */
    int64_t created;
};

WARN_UNUSED enum rc source_get(struct cx *cx, int64_t id, struct source **out);
/* size and sha256: of the file as it arrived. */
WARN_UNUSED enum rc source_add(struct cx *cx, const struct upload *u, int64_t size, const char *sha256,
                               int64_t *id);
/* probe, plan: JSON texts. */
WARN_UNUSED enum rc source_set_plan(struct cx *cx, int64_t id, const char *probe, const char *plan,
                                    double duration);

#endif
