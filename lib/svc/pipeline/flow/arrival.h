/* An upload's way to the core: it is opened, and then its file arrives whole, or a person cancels it, or it
 * expires. */
#ifndef LIB_SVC_PIPELINE_FLOW_ARRIVAL_H
#define LIB_SVC_PIPELINE_FLOW_ARRIVAL_H

#include "lib/svc/pipeline/records/upload.h"

/* Opens an upload for a view of a lecture on the lecture's storage node (chosen here at its first upload).
 * The same nonce for the same lecture gives the same upload again. Right: ACT_LECTURE_EDIT.
 * RC_INVALID (view, name, size), RC_TOOBIG (size), RC_UNAVAIL no_storage_node or storage_full. */
WARN_UNUSED enum rc arrival_open(struct cx *cx, const char *lecture_key, struct str view, struct str name,
                                 int64_t size, struct str nonce, struct upload **out);

/* A person gives up: the upload is cancelled, its file dropped, jobs for it cancelled. Cancelling twice is
 * fine. Right: ACT_LECTURE_EDIT. RC_CONFLICT upload_in_use if its view is what people watch. */
WARN_UNUSED enum rc arrival_cancel(struct cx *cx, const char *key);

/* What the storage node says of a whole file. */
struct upload_report {
    const char *key;
    int64_t size;
    const char *sha256; /* 64 hex digits */
};
enum upload_answer { UPLOAD_ANSWER_ACK, UPLOAD_ANSWER_DROP, UPLOAD_ANSWER_NONE };
/* In one transaction: complete, source, task "publish", job "probe". Repeats are acknowledged and change
 * nothing. What was cancelled, refused or has expired is to be dropped by the node. Of another node's upload
 * and of an unknown one nothing is said: after a database was restored from yesterday's backup, today's
 * recordings are unknown, and the node has the only copy. */
WARN_UNUSED enum rc arrival_complete(struct cx *cx, int64_t node_id, const struct upload_report *r,
                                     enum upload_answer *out);

/* Expires the uploads of upload_list_idle; *n: how many. */
WARN_UNUSED enum rc arrival_expire(struct cx *cx, int *n);

#endif
