/* What an identity provider said of somebody, as we use it. Pure: no I/O. */
#ifndef LIB_SVC_SSO_PERSON_H
#define LIB_SVC_SSO_PERSON_H

#include "lib/base/cx.h"
#include "lib/saml/metadata.h"
#include "lib/saml/saml.h"
#include "lib/svc/sso/idp.h"

enum { SSO_SUBJECT_MAX = 400 /* bytes of a subject with its kind */, SSO_FORMER_MAX = 2 };

struct sso_person {
    const char *subject; /* of the identity: "pairwise-id:k3x@uni.example" */
    /* Others by which the provider may have named the same person before; NULL: no more. */
    const char *former[SSO_FORMER_MAX];
    const char *name;      /* to show: said_name, else the wish for a login */
    const char *said_name; /* NULL: the provider says none */
    const char *mail;      /* NULL: none */
    const char *login;     /* a wish: 1 to 40 of [a-z0-9._-]; the account's may have a number behind it */
};

/* The subject is the first of these that the assertion has: subject-id, pairwise-id, a persistent NameID,
 * eduPersonPrincipalName. All but the NameID must have a scope of this provider. Never the mail address,
 * which universities give to other people after some years. RC_DENIED sso_failed: none of them, several
 * values, a foreign scope, or too long. Former ones are weaker than that: a pairwise-id, a persistent NameID. No
 * eduPersonPrincipalName, which a university may give to somebody else later. */
WARN_UNUSED enum rc sso_person_of(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                                  const struct saml_identity *said, struct sso_person *out);

#endif
