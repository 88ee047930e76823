/* Asking an identity provider (IdP) who somebody is: what we are to it, and the signed request that a
 * browser carries there. Nothing is written to the database before the IdP has answered: what we must know
 * then stands in a cookie of that browser, one for each request, signed by a key of ours (audience "sso"). */
#ifndef LIB_SVC_SSO_ASK_H
#define LIB_SVC_SSO_ASK_H

#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/proto/jwt.h"

enum {
    SSO_HANDLE = 24,     /* characters of a handle: 11 of time, so that handles sort by age, 13 random ones */
    SSO_ASK_S = 600,     /* so long may somebody take at the IdP */
    SSO_PENDING_MAX = 8, /* requests of one browser: more cookies would crowd out those that matter */
    SSO_NEXT_MAX = 256   /* bytes of the page to go to; a longer one leads to the start page */
};

/* Our addresses, from base_url; in the arena. The entityID is that of the metadata. */
const char *sso_entity(struct cx *cx);
const char *sso_acs(struct cx *cx);
const char *sso_slo(struct cx *cx);

/* Our metadata, with every key. RC_NOTFOUND sso_no_keys. */
WARN_UNUSED enum rc sso_metadata(struct cx *cx, struct str *xml);

struct sso_ask {
    int64_t idp_id;
    const char *next;    /* local path of the page to go to */
    const char *session; /* token of the session that ends when the answer is good, or NULL */
    int64_t link_user;   /* the person who wants to sign in this way, too; 0: signing in */
};

struct sso_asked {
    const char *url;    /* of the IdP: the browser goes there */
    const char *handle; /* names the cookie, and comes back as RelayState */
    const char *cookie; /* its value */
};

/* RC_NOTFOUND idp_unknown, sso_no_keys; RC_UNAVAIL idp_not_ready. */
WARN_UNUSED enum rc sso_ask(struct cx *cx, const struct sso_ask *in, struct sso_asked *out);
/* What a cookie says. RC_DENIED: not of ours, or too old. */
WARN_UNUSED enum rc sso_asked_read(struct cx *cx, const char *cookie, struct jwt_claims *out);

#endif
