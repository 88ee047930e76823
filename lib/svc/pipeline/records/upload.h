/* Uploads: files that people send to a storage node. The core only keeps the record; the bytes go to
 * lectern-store, which checks the upload token and reports nothing; the node's heartbeat reports the complete
 * file. States: lib/svc/state.h. */
#ifndef LIB_SVC_PIPELINE_RECORDS_UPLOAD_H
#define LIB_SVC_PIPELINE_RECORDS_UPLOAD_H

#include "lib/base/cx.h"
#include "lib/svc/state.h"
#include "lib/wire/words.h"

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

/* By its key; the actor must be allowed to edit its lecture, else RC_NOTFOUND. */
WARN_UNUSED enum rc upload_get(struct cx *cx, const char *key, struct upload **out);

/* Address and token of an open upload; each call makes a new token. RC_CONFLICT upload_over if the upload is
 * not open any more. */
WARN_UNUSED enum rc upload_ticket(struct cx *cx, const struct upload *u, struct upload_ticket *out);

/* --- for the pipeline --- */

/* The same for the recording of a live stream, which grows to any size below store_max_upload; also of one that is complete, so that
 * its ingest can ask the store for it. form_url is NULL. RC_CONFLICT upload_over if it is not wanted any more. */
WARN_UNUSED enum rc upload_ticket_live(struct cx *cx, const struct upload *u, struct upload_ticket *out);

WARN_UNUSED enum rc upload_get_by_id(struct cx *cx, int64_t id, struct upload **out);
/* Holds the row until the end of the transaction. RC_NOTFOUND upload_unknown. */
WARN_UNUSED enum rc upload_lock(struct cx *cx, const char *key, struct upload **out);
/* *out is NULL if the lecture has none with this nonce. */
WARN_UNUSED enum rc upload_get_by_nonce(struct cx *cx, int64_t lecture_id, const char *nonce,
                                        struct upload **out);
/* Open uploads whose last token (24 hours) ended 24 hours ago: without a byte for so long. */
WARN_UNUSED enum rc upload_list_idle(struct cx *cx, struct upload **out, size_t *n);

struct upload_new {
    int64_t lecture_id, node_id;
    enum view_kind view;
    const char *name, *nonce;
    int64_t size;
};
/* The actor is recorded as the sender. */
WARN_UNUSED enum rc upload_add(struct cx *cx, const struct upload_new *n, struct upload **out);
/* The file as it arrived: its size and hash, and its row in the manifest of the lecture. */
WARN_UNUSED enum rc upload_set_file(struct cx *cx, const struct upload *u, int64_t size, const char *sha256);
/* Moves the upload along the state table: one UPDATE … WHERE state = u->state. RC_CONFLICT: illegal, or
 * another request was faster; then *u is unchanged. error_code: NULL unless refused. */
WARN_UNUSED enum rc upload_move(struct cx *cx, struct upload *u, enum upload_event event,
                                const char *error_code);

#endif
