/* Roles by what a university says of somebody: ordered rules of an identity provider, each "attribute = value
 * gives a role in an organisation", or the home of an account at its first sight. They hold from each sign-in
 * on, and, when they are changed, at once for everybody of whom the last sign-in is known. What rules gave
 * they take back; what hands gave they never touch (role_grant.idp_id). */
#ifndef LIB_SVC_SSO_RULES_H
#define LIB_SVC_SSO_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/saml/metadata.h"
#include "lib/svc/sso/idp.h"

enum { SSO_RULES_MAX = 50, SSO_RULES_TEXT = 20000, SSO_SHOWN_MAX = 200 };

/* A line each: "eduPersonAffiliation = faculty : lecturer informatics", as people type them; gives is home,
 * maintainer or lecturer. Names of attributes that are not known are taken as they are ("urn:oid:…"). Needs
 * ACT_INSTALL. */
WARN_UNUSED enum rc sso_rules_text(struct cx *cx, int64_t idp_id, const char **text);

struct sso_change {
    const char *login, *name;
    const char *role;
    const char *organisation; /* slug */
    bool gains;               /* else loses */
};

struct sso_changes {
    struct sso_change item[2 * SSO_SHOWN_MAX];
    size_t n;
    bool more; /* there are more than are shown */
    int line;  /* of RC_INVALID: which one is wrong, from 1 */
};

struct sso_moved {
    int64_t given, taken; /* roles */
};

/* Of the rules as text (lib/svc/seen.h). */
const char *sso_rules_seen(struct cx *cx, const char *text);
/* Sets the rules, and gives and takes roles accordingly; or, if `trial`, only says who would gain and lose.
 * Needs ACT_INSTALL. RC_INVALID, field "rules", out->line: sso_rules for a line that is none, idp_org for an
 * organisation that is not there. seen: sso_rules_seen of what the form showed, NULL: not asked; RC_CONFLICT (seen)
 * changed_meanwhile, of a trial too. */
WARN_UNUSED enum rc sso_rules_set(struct cx *cx, int64_t idp_id, const char *text, const char *seen,
                                  bool trial, struct sso_changes *out);

/* --- within a transaction of the caller --- */

/* Takes back what the rules of this provider gave and give no more, from one person or from all (0); then gives
 * the person, or all whom the provider knows, what the rules of all providers give: a role that two give stays
 * when one takes it. */
WARN_UNUSED enum rc sso_rules_follow(struct cx *cx, const struct idp *idp, int64_t user_id,
                                     struct sso_moved *out);
/* Its rules end, and with them the roles that they alone gave. */
WARN_UNUSED enum rc sso_rules_end(struct cx *cx, const struct idp *idp);

/* --- at a sign-in, within its transaction --- */

/* Keeps what rules read: affiliations, entitlements, and what a rule names; of values with a scope only those
 * of this provider. Then gives and takes roles of this identity of the person. */
WARN_UNUSED enum rc sso_rules_apply(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                                    int64_t user_id, int64_t identity_id, const struct saml_identity *said);
/* Home of an account at its first sight: of the first rule that fits, else the provider's. */
WARN_UNUSED enum rc sso_rules_home(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                                   const struct saml_identity *said, int64_t *organisation_id);

#endif
