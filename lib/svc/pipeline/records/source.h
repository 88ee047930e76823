/* Sources: uploaded files, or the recordings of a live stream, with the result of the probe and the plan. A source
 * is the original and is kept until its lecture is deleted for good. */
#ifndef LIB_SVC_PIPELINE_RECORDS_SOURCE_H
#define LIB_SVC_PIPELINE_RECORDS_SOURCE_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/upload.h"
#include "lib/wire/limits.h"

struct source {
    int64_t id;
    int64_t lecture_id;
    const char *lecture_key;
    int64_t upload_id;
    const char *upload_key;
    const char *name;
    enum view_kind view;
    int64_t size;          /* of all parts */
    const char *sha256;    /* 64 hex digits; "": it has parts */
    int64_t node_id;       /* storage node that has it */
    const char *store_url; /* its address, no slash at the end */
    const char *probe;     /* JSON, NULL before the probe */
    const char *plan;      /* JSON, NULL before the probe */
    double duration;       /* seconds, 0 before the probe */
    int64_t created;
    int parts;     /* 0: it is its upload */
    bool cut_gaps; /* of long gaps in and between parts nothing is left */
};

/* A recording of a live stream (lib/live/join.h). */
struct source_part {
    int64_t upload_id;
    const char *upload_key;
    int64_t size;
    const char *sha256;
    int64_t begins; /* when its stream began, ms after that of the first part */
    bool goes_on;   /* its stream is that of the part before, which another ingest had */
};
enum { SOURCE_PARTS_MAX = WIRE_INPUTS_MAX };

WARN_UNUSED enum rc source_get(struct cx *cx, int64_t id, struct source **out);
/* size and sha256: of the file as it arrived. */
WARN_UNUSED enum rc source_add(struct cx *cx, const struct upload *u, int64_t size, const char *sha256,
                               int64_t *id);
/* Of n recordings (1 to SOURCE_PARTS_MAX) that have arrived, in their order. u: the newest of them; if there is a
 * source of it, that one gets these parts instead of those it had. */
WARN_UNUSED enum rc source_set_parts(struct cx *cx, const struct upload *u, const struct source_part *parts,
                                     size_t n, bool cut_gaps, int64_t *id);
/* In order; none if the source is its upload. */
WARN_UNUSED enum rc source_parts(struct cx *cx, const struct source *s, struct source_part **out, size_t *n);
/* probe, plan: JSON texts. */
WARN_UNUSED enum rc source_set_plan(struct cx *cx, int64_t id, const char *probe, const char *plan,
                                    double duration);

#endif
