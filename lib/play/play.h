/* What a playback token allows: verified with the core's public keys, or known from a moment ago. Shared by
 * lectern-authz, which decides about files, and lectern-lived, which answers by itself. No private key: whoever has
 * this can check tokens and cannot make any. One thread. */
#ifndef LIB_PLAY_PLAY_H
#define LIB_PLAY_PLAY_H

#include "lib/base/cx.h"
#include "lib/play/decide.h"

struct play;

enum { PLAY_PLACES_FEW = 256, PLAY_PLACES_MANY = 32768 }; /* MANY: one process for everybody who watches */
/* node_dir: keys.json is there, or will be. places: tokens that are remembered. */
struct play *play_new(struct cx *cx, const char *node_dir, size_t places);
void play_free(struct play *p); /* NULL is fine */

/* RC_OK: *out is what the token allows; *known tells that it was not verified anew. RC_DENIED: it is not valid, or no
 * token for playing; RC_UNAVAIL: there are no keys yet. */
WARN_UNUSED enum rc play_look_up(struct cx *cx, struct play *p, struct str token, struct grant *out,
                                 bool *known);

#endif
