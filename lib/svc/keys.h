/* The core's signing keys: one Ed25519 set per audience in key_dir/<aud>/<kid>.pem (0600). The newest (by its
 * key id, which starts with the time it was made) signs; all of them verify, so that tokens survive a
 * rotation. Only core programs read the folder; nodes get the public halves with the heartbeat. */
#ifndef LIB_SVC_KEYS_H
#define LIB_SVC_KEYS_H

#include <jansson.h>

#include "lib/base/cx.h"
#include "lib/proto/jwt.h"

enum {
    KEYS_KEEP_S = 30 * 3600, /* a key that no longer signs verifies for this long: longest token and slack */
    KEYS_SETTLE_S = 15       /* a new key signs after this long, when every live node has its public half */
};

/* Makes the first key of every audience that has none. Idempotent; several programs may call it at once. */
WARN_UNUSED enum rc keys_ensure(struct cx *cx);

/* A new signing key for the audience; older ones stay for KEYS_KEEP_S and are then removed at the next
 * rotation. *kid: in the arena. RC_INVALID: no such audience. */
WARN_UNUSED enum rc keys_rotate(struct cx *cx, const char *aud, const char **kid);

/* Writes a key of another kind: key_dir/<name>/<kid>.pem (0600), owned as the folder is, whoever calls. */
WARN_UNUSED enum rc keys_put(struct cx *cx, const char *name, const char *kid, struct str pem);

/* Signs with the newest settled key of c->aud; fills in iat. */
WARN_UNUSED enum rc keys_sign(struct cx *cx, struct jwt_claims *c, const char **token);
/* Verifies with the folder's keys of that audience; as jwt_verify. */
WARN_UNUSED enum rc keys_verify(struct cx *cx, const char *aud, struct str token, struct jwt_claims *out);

/* The public keys nodes need (audiences store, play and ingest): [{kid, aud, x}…], in the arena. */
WARN_UNUSED enum rc keys_public(struct cx *cx, json_t **out);

#endif
