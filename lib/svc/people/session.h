/* Sessions: a secret (lib/svc/secret.h) in a cookie, 30 days, revocable. */
#ifndef LIB_SVC_PEOPLE_SESSION_H
#define LIB_SVC_PEOPLE_SESSION_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/svc/people/ratelimit.h"
#include "lib/svc/policy.h"

enum { SESSION_DAYS = 30 };

struct sign_in {
    const char *login, *password;
    const char *address; /* the client's IP as text */
    const char *browser; /* a secret that only this browser has, from session_browser or its cookie */
    const char *agent;   /* User-Agent, or NULL; cut to 160 characters */
};

/* Signs in with a password: limits, checks, makes a session, writes the audit. *token is what goes into the
 * cookie (in the arena). *actor may then be set as cx->actor.
 * RC_DENIED signin_wrong · RC_DENIED too_many_signins (a page answers 429).
 * Wrong passwords are counted so that guessing is slow and that nobody is locked out by others:
 *   - by the client's network, and by login and network together;
 *   - by login, from all networks but those where its right password was used lately;
 *   - a browser in which its right password was used lately counts by itself and by nothing else: neither a
 *     neighbour behind the same address nor guessing from everywhere keeps its owner out.
 * Without Redis nothing is remembered, and counts are those of this process. */
WARN_UNUSED enum rc session_sign_in(struct cx *cx, struct ratelimit *limits, const struct sign_in *in,
                                    const char **token, struct actor **actor);
/* The secret that identifies a browser: `cookie` if it has the right form, else a new one. In the arena. */
const char *session_browser(struct cx *cx, const char *cookie);
/* A session for a person who was identified otherwise. */
WARN_UNUSED enum rc session_create(struct cx *cx, int64_t user_id, const char *agent, const char **token);
/* The same, but it ends at `ends` (ms) if that is sooner than SESSION_DAYS. *hash: its 32 bytes, in the
 * arena. */
WARN_UNUSED enum rc session_create_until(struct cx *cx, int64_t user_id, const char *agent, int64_t ends,
                                         const char **token, struct str *hash);
/* Ends the session of that hash; one that is not there is RC_OK. */
WARN_UNUSED enum rc session_close_hash(struct cx *cx, struct str hash);

/* The person of a session token, in two statements. RC_NOTFOUND (no key) for a token that is malformed,
 * unknown, expired or of a disabled person: the caller then treats the browser as a visitor. */
WARN_UNUSED enum rc session_open(struct cx *cx, const char *token, struct actor **actor);
WARN_UNUSED enum rc session_close(struct cx *cx, const char *token);
/* "Sign out everywhere". Needs to be the person, or user_check_account. *count (may be NULL): sessions ended. */
WARN_UNUSED enum rc session_close_all(struct cx *cx, int64_t user_id, int64_t *count);
/* Removes expired sessions, a thousand at most; for schedd. */
WARN_UNUSED enum rc session_sweep(struct cx *cx, int64_t *count);

#endif
