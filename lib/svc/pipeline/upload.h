/* Uploads: a file on its way from a person to a storage node. The core only keeps the record; the bytes go to
 * lectern-store, which checks the upload token and reports nothing until the file is whole (the node's
 * heartbeat then says so). States: lib/svc/state.h. */
#ifndef LIB_SVC_UPLOAD_H
#define LIB_SVC_UPLOAD_H

#include "lib/base/cx.h"
#include "lib/svc/state.h"

enum view_kind { VIEW_CAM, VIEW_PRES, VIEW_COMB, VIEW_KIND_COUNT };
/* "CAM", "PRES", "COMB": as in paths, tokens and forms. */
const char *view_kind_name(enum view_kind kind);
bool view_kind_of(struct str name, enum view_kind *out);

enum { UPLOAD_KEY_LENGTH = 12, UPLOAD_NAME_MAX = 255, UPLOAD_NONCE_MAX = 64, UPLOAD_TOKEN_S = 24 * 3600 };

struct upload {
    int64_t id;
    const char *key; /* U: in URLs, tokens and file names */
    int64_t lecture_id;
    const char *lecture_key;
    enum view_kind view;
    enum upload_state state;
    const char *name; /* the file's name as the person has it */
    int64_t size;     /* bytes, as announced */
    int64_t created;
    int64_t updated;
    int64_t node_id;        /* the storage node it goes to */
    const char *store_url;  /* the storage node's address without a slash at the end */
    const char *error_code; /* why it was refused, or NULL: text Err.media_<code> */
};

/* What the page needs to start sending: tus at <url>, the plain form at <form_url>. */
struct upload_ticket {
    const char *url;      /* <store>/store/v1/uploads */
    const char *form_url; /* <store>/store/v1/form/<token> */
    const char *token;    /* secret: never log it */
    int64_t expires;      /* ms */
};

/* Opens an upload for a view of a lecture on the lecture's storage node (chosen here at its first upload).
 * The same nonce for the same lecture gives the same upload again. Right: ACTION to edit the lecture.
 * RC_INVALID (view, name, size), RC_TOOBIG (size), RC_UNAVAIL no_storage_node or storage_full. */
WARN_UNUSED enum rc upload_create(struct cx *cx, const char *lecture_key, struct str view, struct str name,
                                  int64_t size, struct str nonce, struct upload **out);

/* By its key; the actor must be allowed to edit its lecture, else RC_NOTFOUND. */
WARN_UNUSED enum rc upload_get(struct cx *cx, const char *key, struct upload **out);

/* All uploads of a lecture, newest first, at most 50. No check of rights: callers have the lecture
 * already. */
WARN_UNUSED enum rc upload_list(struct cx *cx, int64_t lecture_id, struct upload **out, size_t *n);

/* Address and token of an open upload; may be asked for again and again (renews the token).
 * RC_CONFLICT upload_over if it is no longer open. */
WARN_UNUSED enum rc upload_ticket(struct cx *cx, const struct upload *u, struct upload_ticket *out);

/* A person gives up: the upload is cancelled, its file dropped, jobs for it cancelled. Cancelling twice is
 * fine. RC_CONFLICT upload_in_use if its view is what people watch. */
WARN_UNUSED enum rc upload_cancel(struct cx *cx, const char *key);

/* --- for the node interface and the scheduler --- */

WARN_UNUSED enum rc upload_get_by_id(struct cx *cx, int64_t id, struct upload **out);
/* The move along the state table: one UPDATE … WHERE state = u->state. RC_CONFLICT: illegal, or somebody was
 * faster; then *u is unchanged. error_code: NULL unless refused. */
WARN_UNUSED enum rc upload_move(struct cx *cx, struct upload *u, enum upload_event event,
                                const char *error_code);

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
WARN_UNUSED enum rc upload_complete(struct cx *cx, int64_t node_id, const struct upload_report *r,
                                    enum upload_answer *out);

/* Expires open uploads whose last token (24 hours) ended 24 hours ago: without a byte for so long. */
WARN_UNUSED enum rc upload_expire(struct cx *cx, int *n);

#endif
