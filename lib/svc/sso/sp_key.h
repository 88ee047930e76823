/* The key pairs with which Lectern speaks SAML: RSA with a certificate of its own, one file each in
 * key_dir/saml/<id>.pem (0600), never in the database. Usually there is one. During a rollover there are two:
 * both stand in the metadata and both decrypt, the older one signs until it is removed. So identity providers
 * have time to read the metadata again. Nobody checks who issued the certificate: it is trusted because it
 * stands in the metadata. */
#ifndef LIB_SVC_SSO_SP_KEY_H
#define LIB_SVC_SSO_SP_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/saml/keys.h"

enum {
    SP_KEY_YEARS = 10,    /* how long a certificate is valid */
    SP_KEY_WARN_DAYS = 30 /* so long before it ends there are warnings */
};

/* The oldest first: that one signs. In the arena. */
struct sp_keys {
    const struct saml_key *key[SAML_MAX_KEYS];
    const char *id[SAML_MAX_KEYS];
    size_t n;
};

/* All of them; none is RC_OK. RC_INVALID: a file holds no key and certificate. */
WARN_UNUSED enum rc sp_keys_read(struct cx *cx, struct sp_keys *out);
/* The same, and RC_NOTFOUND sso_no_keys if there is none. */
WARN_UNUSED enum rc sp_keys_need(struct cx *cx, struct sp_keys *out);
/* Makes the first one if there is none, and no provider that could know one: RC_CONFLICT sso_no_keys. Takes up to
 * some seconds. */
WARN_UNUSED enum rc sp_keys_ensure(struct cx *cx);
/* Begins a rollover: a second key; the first, if there is none. RC_CONFLICT: there are two. Needs ACT_INSTALL. */
WARN_UNUSED enum rc sp_keys_add(struct cx *cx);
/* Ends it: the older key goes, the newer one signs. RC_CONFLICT: there are not two. Needs ACT_INSTALL. */
WARN_UNUSED enum rc sp_keys_drop(struct cx *cx);

#endif
