/* Secrets that browsers and programs carry: 256 random bits, base64url as text. The database keeps their SHA-256, so what
 * it holds opens nothing. Signed tokens (lib/proto/jwt.h) are another thing. */
#ifndef LIB_SVC_SECRET_H
#define LIB_SVC_SECRET_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum { SECRET_LENGTH = 43 /* characters */ };

/* A new one as text, and its hash (32 bytes) for the database; both in the arena. */
const char *secret_new(struct cx *cx, struct str *hash);
/* The hash of one that somebody brings; in the arena. False: it is none. */
bool secret_hash(struct cx *cx, struct str text, struct str *hash);

#endif
