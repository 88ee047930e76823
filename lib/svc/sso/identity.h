/* Whose account an identity signs in to. */
#ifndef LIB_SVC_SSO_IDENTITY_H
#define LIB_SVC_SSO_IDENTITY_H

#include "lib/base/cx.h"
#include "lib/svc/sso/idp.h"
#include "lib/svc/sso/person.h"

struct sso_account {
    int64_t identity; /* 0: there is none */
    int64_t user_id;
    const char *login, *name;
    bool disabled;
};

/* Within a transaction of the caller. An identity that is there by a former subject of the person has the stronger
 * one from now on, which the audit notes: a provider that begins to release subject-id keeps its people. RC_CONFLICT:
 * another sign-in of the person does the same; try again. */
WARN_UNUSED enum rc sso_identity_find(struct cx *cx, const struct idp *idp, const struct sso_person *person,
                                      struct sso_account *out);

#endif
