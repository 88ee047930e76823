/* The core's public keys on a node: dir/keys.json, written by the node's agent, read by lectern-authz and
 * lectern-store. The reader keeps the verified set in memory and looks at the file again when it changed or a
 * key id is unknown. */
#ifndef LIB_NODE_KEYS_H
#define LIB_NODE_KEYS_H

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/proto/jwt.h"

struct node_keys;

/* path of keys.json; it need not exist yet (then every token is refused until it does). */
struct node_keys *node_keys_new(const char *path, const char *aud);
void node_keys_free(struct node_keys *k);

/* jwt_verify with the keys of the file; several threads may call it. now: seconds. RC_DENIED as there, an
 * unknown key too; RC_UNAVAIL: there is no key file. */
WARN_UNUSED enum rc node_keys_verify(struct cx *cx, struct node_keys *k, int64_t now, struct str token,
                                     struct jwt_claims *out);

/* Writes {"keys":[…]} atomically if its content differs from what is there. RC_INVALID: the list is not one
 * of keys. */
WARN_UNUSED enum rc node_keys_write(struct cx *cx, const char *path, struct str keys_json);

#endif
