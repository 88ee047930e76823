/* What the files of lib/svc/sso share: digests under which the database keeps what is long or secret, and the
 * one failure of sign-in. */
#ifndef LIB_SVC_SSO_HASH_H
#define LIB_SVC_SSO_HASH_H

#include "lib/base/cx.h"
#include "lib/base/str.h"

/* SHA-256, 32 bytes in the arena. */
struct str sso_hash(struct cx *cx, const char *text);
/* Of an identity: "saml:" and the digest of the entityID in hex. */
const char *sso_provider(struct cx *cx, const char *entity);

/* Whatever refuses a message of a provider is one failure to the person, RC_DENIED sso_failed, and its detail
 * is for the log. What is our own trouble (database, keys) is passed on. */
WARN_UNUSED enum rc sso_one_failure(struct cx *cx, enum rc rc);

#endif
