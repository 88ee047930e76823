/* Signing in with what an identity provider answered: each answer once, over all processes and hosts, and
 * always a new session. */
#ifndef LIB_SVC_SSO_SIGNIN_H
#define LIB_SVC_SSO_SIGNIN_H

#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"

struct sso_answer {
    const char *cookie;   /* of the request it answers: the value that sso_ask gave; NULL: there is none */
    const char *response; /* the form field SAMLResponse */
    const char *agent;    /* User-Agent or NULL */
};

struct sso_signed_in {
    int64_t idp_id;
    const char *next;  /* the page to go to: a local path, not checked */
    const char *token; /* of the new session */
    struct actor *actor;
    const char *link; /* of a request to link: the secret for sso_link_confirm; nobody is signed in then */
};

/* RC_DENIED sso_failed, whatever the reason: nothing is changed then, and err.detail tells the log what it
 * was. RC_UNAVAIL: the database or a key is away. The account is made at the first sight of an identity. */
WARN_UNUSED enum rc sso_sign_in(struct cx *cx, const struct sso_answer *in, struct sso_signed_in *out);

/* Forgets answers that are too old to come again, a thousand at most. */
WARN_UNUSED enum rc sso_sweep(struct cx *cx, int64_t *count);

#endif
