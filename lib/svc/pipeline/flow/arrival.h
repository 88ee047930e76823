/* Uploads in the core: an upload is opened, and then its file arrives completely, or a person cancels it, or
 * it expires. */
#ifndef LIB_SVC_PIPELINE_FLOW_ARRIVAL_H
#define LIB_SVC_PIPELINE_FLOW_ARRIVAL_H

#include "lib/svc/pipeline/records/upload.h"
#include "lib/wire/beat.h"

/* Opens an upload for a view of a lecture on the lecture's storage node (chosen here at its first upload).
 * The same nonce for the same lecture gives the same upload again. Right: ACT_COURSE_UPLOAD.
 * RC_INVALID (view, name, size), RC_TOOBIG (size), RC_UNAVAIL no_storage_node or storage_full. */
WARN_UNUSED enum rc arrival_open(struct cx *cx, const char *lecture_key, struct str view, struct str name,
                                 int64_t size, struct str nonce, struct upload **out);

/* The same for the core itself, in the caller's transaction, which has locked the lecture: no right and no form is checked. Sets
 * new->node_id. */
struct lecture;
WARN_UNUSED enum rc arrival_place(struct cx *cx, const struct lecture *l, struct upload_new *new,
                                  struct upload **out);

/* A person cancels an upload: its file is removed, its jobs are cancelled. Repeating it is RC_OK. Right:
 * ACT_COURSE_UPLOAD. RC_CONFLICT upload_in_use if its view is what people watch. */
WARN_UNUSED enum rc arrival_cancel(struct cx *cx, const char *key);

enum upload_answer { UPLOAD_ANSWER_ACK, UPLOAD_ANSWER_DROP, UPLOAD_ANSWER_NONE };
/* The storage node's report of a complete file. In one transaction: the upload is complete; source, task
 * "publish" and job "probe" are made; of a recording of a live stream, only when the stream is over (lib/svc/live). A repeated report is acknowledged and changes nothing. If the upload was
 * cancelled, refused or has expired, the node is told to remove it. Uploads of another node and unknown ones
 * are not answered: after the database was restored from a backup, newer recordings are unknown, and the node
 * has the only copy. */
WARN_UNUSED enum rc arrival_complete(struct cx *cx, int64_t node_id, const struct wire_upload *r,
                                     enum upload_answer *out);

/* Expires the uploads of upload_list_idle; *n: how many. */
WARN_UNUSED enum rc arrival_expire(struct cx *cx, int *n);

#endif
