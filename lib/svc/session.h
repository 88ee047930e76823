/* Sessions: 256 random bits in a cookie, their SHA-256 in the database, 30 days, revocable. */
#ifndef LIB_SVC_SESSION_H
#define LIB_SVC_SESSION_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"
#include "lib/svc/ratelimit.h"

enum {
    SESSION_TOKEN_LENGTH = 43, /* base64url of 32 bytes */
    SESSION_DAYS = 30
};

/* Signs in with a password: rate limits by login and by address, checks, makes a session, writes the audit.
 * address: the client's IP as text; agent: User-Agent or NULL (cut to 160 characters).
 * *token is what goes into the cookie (in the arena). *actor may then be set as cx->actor.
 * RC_DENIED signin_wrong · RC_DENIED too_many_attempts (a page answers 429). */
WARN_UNUSED enum rc session_sign_in(struct cx *cx, struct ratelimit *limits, const char *login,
                                    const char *password, const char *address, const char *agent,
                                    const char **token, struct actor **actor);
/* A session for a person who was identified otherwise. */
WARN_UNUSED enum rc session_create(struct cx *cx, int64_t user_id, const char *agent, const char **token);

/* Who is it? Two statements. RC_NOTFOUND (no key) for a token that is malformed, unknown, expired or of a
 * disabled person: the caller then treats the browser as a visitor. */
WARN_UNUSED enum rc session_open(struct cx *cx, const char *token, struct actor **actor);
WARN_UNUSED enum rc session_close(struct cx *cx, const char *token);
/* "Sign out everywhere". Needs to be the person, or ACT_INSTALL. *count (may be NULL): sessions ended. */
WARN_UNUSED enum rc session_close_all(struct cx *cx, int64_t user_id, int64_t *count);
/* Removes expired sessions, a thousand at most; for schedd. */
WARN_UNUSED enum rc session_sweep(struct cx *cx, int64_t *count);

#endif
