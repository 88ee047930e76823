/* Signing out: here and at the identity provider (IdP) that began the session, whoever begins it. A provider
 * names the session by the person's name id and an index, so that it ends whether the browser sends our
 * cookies or not. */
#ifndef LIB_SVC_SSO_LOGOUT_H
#define LIB_SVC_SSO_LOGOUT_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/saml/message.h"
#include "lib/saml/saml.h"

/* Where the browser takes a signed message of ours: to `url`, which has it in its query, or, for a provider that takes
 * nothing else, with a form that posts `field` = `value` and RelayState there. */
struct sso_way {
    const char *url;       /* NULL: nowhere */
    enum saml_field field; /* of a form */
    const char *value;     /* NULL: no form, the way is a redirect */
    const char *relay;     /* NULL: none */
    const char *name;      /* of the provider */
};

struct sso_sign_out {
    struct sso_way way;
    const char *request; /* id of our request, for sso_logout */
};

/* Of the session with that hash (32 bytes): which provider began it, how it calls the person, if it does. Within the
 * transaction that makes the session. RC_DENIED sso_failed: the provider was removed in the meantime. */
WARN_UNUSED enum rc sso_session_keep(struct cx *cx, struct str hash, int64_t idp_id,
                                     const struct saml_identity *said);
/* Ends the session of that token. A provider that cannot be asked does not hinder it. */
WARN_UNUSED enum rc sso_sign_out(struct cx *cx, const char *token, struct sso_sign_out *out);

/* What came to /saml/slo. */
struct sso_logout {
    bool post;
    struct str query;      /* of a GET: as the browser sent it, without the question mark */
    enum saml_field field; /* of a POST, and the field's value */
    const char *value;
    const char *relay;   /* of a POST: RelayState or NULL */
    const char *request; /* id of the request of this browser, or NULL */
};

/* A request of a provider: its sessions end, *way is where our answer goes (url NULL: it takes none).
 * An answer to ours: way->url is NULL. RC_DENIED sso_failed: not signed by a provider, not for us, too old, or no
 * answer to our request; nothing is changed then. */
WARN_UNUSED enum rc sso_logout(struct cx *cx, const struct sso_logout *in, struct sso_way *way);

#endif
