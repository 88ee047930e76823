/* Passwords: argon2id (19 MiB, 2 passes, 1 lane), at most two at once on a host, so that many sign-ins at the
 * same time wait instead of using up the memory. A request that computes or waits occupies a process of
 * lectern-web: those of signin_socket, of which there are as many as may compute at once. */
#ifndef LIB_SVC_PEOPLE_PASSWORD_H
#define LIB_SVC_PEOPLE_PASSWORD_H

#include <stdbool.h>

#include "lib/base/cx.h"

enum { PASSWORD_AT_ONCE = 2, PASSWORD_WAIT_MS = 5000 };

/* The encoded hash, in the arena. RC_UNAVAIL busy: no turn within PASSWORD_WAIT_MS. */
WARN_UNUSED enum rc password_hash(struct cx *cx, const char *password, char **encoded);
/* encoded NULL (no such person, no password): takes as long as a real check and is false. RC_UNAVAIL busy. */
WARN_UNUSED enum rc password_verify(struct cx *cx, const char *encoded, const char *password, bool *right);

#endif
