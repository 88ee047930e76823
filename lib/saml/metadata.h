/* SAML metadata ([Meta]): ours is written, an identity provider's is read. */
#ifndef LIB_SAML_METADATA_H
#define LIB_SAML_METADATA_H

#include "lib/saml/saml.h"

enum {
    SAML_MAX_METADATA = 1048576, /* bytes: one IdP or a small federation, not a whole one */
    SAML_MAX_METADATA_NODES = 50000,
    SAML_MAX_SCOPES = 50,
    SAML_MAX_WANTED = 20
};

/* --- ours --- */

struct saml_wanted {      /* RequestedAttribute ([Meta] 2.4.4.2) */
    const char *name;     /* "urn:oid:…" */
    const char *friendly; /* FriendlyName, for people */
    bool required;
};

struct saml_sp {
    const char *entity; /* entityID */
    const char *acs;    /* AssertionConsumerService, POST */
    const char *slo;    /* SingleLogoutService, redirect and POST */
    const struct saml_key *const
        *keys;                     /* each with a certificate; all are published to sign and to encrypt */
    size_t keys_n;                 /* 1 to SAML_MAX_KEYS */
    const char *name_de, *name_en; /* what the service is called (mdui:DisplayName, ServiceName) */
    const char *contact;           /* mail address, NULL: none */
    const struct saml_wanted *wanted;
    size_t wanted_n;
};

/* Our EntityDescriptor, unsigned; the IdP fetches it from our address or is given the file. It says what we
 * can decrypt (EncryptionMethod). In the arena. RC_INVALID as saml_authn_write, or a key without certificate.
 */
WARN_UNUSED enum rc saml_sp_metadata(struct cx *cx, const struct saml_sp *sp, struct str *xml);

/* --- an identity provider's --- */

struct saml_endpoint {
    const char *redirect, *post;               /* Location per binding, NULL: not offered */
    const char *redirect_answer, *post_answer; /* ResponseLocation, else Location */
};

/* Everything is in the arena. */
struct saml_idp {
    const char *entity;
    const struct saml_cert *certs; /* to sign, or without `use`; at least one */
    size_t certs_n;
    struct saml_endpoint sso, slo; /* sso.redirect is there */
    const char *const *scopes; /* shibmd:Scope, plain ones: a value "x@scope" is believed for these alone */
    size_t scopes_n;
    const char *name_de, *name_en; /* mdui:DisplayName, else OrganizationDisplayName; NULL: none */
    int64_t valid_until;           /* the earliest validUntil of the elements around it, NO_TIME: none */
    int64_t cache_ms;              /* the shortest cacheDuration, -1: none */
};

/* Reads an EntityDescriptor, or the one of `entity` in an EntitiesDescriptor; entity NULL: the root must be
 * an EntityDescriptor with an IDPSSODescriptor. With signers (signers_n > 0) the root must be signed by one
 * of them and only the signed octets are read; without them the bytes are believed as they are (a file that
 * an administrator brought). RC_DENIED: not accepted, *why says why: SAML_EXPIRED at or after validUntil.
 * Comments are passed over here. A Scope with regexp="true" is left out. */
WARN_UNUSED enum rc saml_idp_metadata(struct cx *cx, struct str xml, const char *entity,
                                      const struct saml_cert *signers, size_t signers_n, int64_t now,
                                      struct saml_idp *out, enum saml_reason *why);

/* True if the value is "x@scope" with a scope of the list (compared without regard to ASCII case), x and
 * scope not empty, with one @. */
bool saml_scope_fits(const struct saml_idp *idp, const char *value);

#endif
