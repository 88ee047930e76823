/* What an administrator says of identity providers: adding one, its settings, where its metadata comes from, ending it.
 * Everything here needs ACT_INSTALL. */
#ifndef LIB_SVC_SSO_IDP_EDIT_H
#define LIB_SVC_SSO_IDP_EDIT_H

#include "lib/svc/sso/idp.h"

/* Where metadata comes from: an address or a path, which lectern-courierd reads again and again, or bytes that
 * were brought once. */
struct idp_source {
    const char *from; /* https://…, http://… or an absolute path; "": nowhere, `metadata` is all there is */
    const char *cert; /* PEM: who signs it; NULL: nobody */
    struct str xml;   /* what lies there, if it is at hand; p NULL: lectern-courierd reads it */
    const char *seen; /* of idp_set_source: idp_source_seen of what the form showed; NULL: not asked */
};

struct idp_new {
    const char
        *entity; /* ""; that of the metadata at hand, else the address of the metadata. Only of idp_add */
    const char *name;
    int64_t organisation_id;
    const char *domains, *scopes; /* words with spaces or commas between; NULL: none */
    bool allow_cbc;
    struct idp_source source; /* only of idp_add */
    const char *seen;         /* of idp_change: idp_seen of what the form showed; NULL: not asked */
};

/* Of its settings, and of where its metadata comes from (lib/svc/seen.h). */
const char *idp_seen(struct cx *cx, const struct idp *idp);
const char *idp_source_seen(struct cx *cx, const struct idp *idp);

/* Makes our keys if there are none (sp_key.h). Without metadata at hand it is due at once. RC_INVALID idp_entity,
 * name_invalid, idp_domains, idp_scopes, idp_source (neither path nor address; plain http without cert),
 * idp_source_none, idp_cert, idp_metadata (at the field "file": not good, the detail says why), org_unknown;
 * RC_CONFLICT idp_taken; sso_no_keys: there are providers, but no key of ours on this host. */
WARN_UNUSED enum rc idp_add(struct cx *cx, const struct idp_new *in, int64_t *id);
/* Name, organisation, domains, scopes and allow_cbc as in `in`. Errors about them as in idp_add;
 * RC_CONFLICT (seen) changed_meanwhile. */
WARN_UNUSED enum rc idp_change(struct cx *cx, int64_t id, const struct idp_new *in);
/* Its metadata comes from elsewhere. What is at hand counts at once; else the last good one stays until
 * lectern-courierd has read it there, unless there is a certificate that did not sign it: then it is forgotten.
 * Errors about the source as in idp_add; RC_CONFLICT (seen) changed_meanwhile. */
WARN_UNUSED enum rc idp_set_source(struct cx *cx, int64_t id, const struct idp_source *source);
/* Its metadata is due now. RC_CONFLICT idp_brought: there is nowhere to read it. */
WARN_UNUSED enum rc idp_refresh(struct cx *cx, int64_t id);

/* What ends with it. */
struct idp_ending {
    const char *name; /* of the provider */
    int64_t people;   /* accounts that it knows */
    int64_t stranded; /* of them: without password and without another university */
    int64_t sessions; /* that it began and that go on */
    int64_t roles;    /* that its rules gave, and no other's */
};
WARN_UNUSED enum rc idp_ending(struct cx *cx, int64_t id, struct idp_ending *out);
/* Its sessions end, roles that its rules alone gave are taken back. Accounts stay; added again with the same
 * entityID, it knows its people again. RC_CONFLICT idp_last_admin: admins sign in there, and none could any more. */
WARN_UNUSED enum rc idp_remove(struct cx *cx, int64_t id);

#endif
