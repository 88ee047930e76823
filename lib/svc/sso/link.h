/* Another way to sign in to an account that is there: somebody who is signed in proves at a provider who they
 * are, and then says on a page of ours that both are theirs. The answer of the provider comes without our
 * session's cookie, so that the proof waits some minutes for that page, for one browser and one account. */
#ifndef LIB_SVC_SSO_LINK_H
#define LIB_SVC_SSO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum { SSO_LINK_S = 600, SSO_LINKS_MAX = 20 /* of one account */ };

/* Keeps what was proved, within the transaction that uses it up; *secret goes into a cookie. */
WARN_UNUSED enum rc sso_link_keep(struct cx *cx, int64_t user_id, int64_t idp_id, const char *subject,
                                  const char *shown, const char **secret);

struct sso_link {
    const char *idp;   /* name of the provider */
    const char *shown; /* what the person knows the identity by */
};

/* What waits for cx->actor in this browser. RC_NOTFOUND sso_link_gone: nothing, or no longer. */
WARN_UNUSED enum rc sso_link_get(struct cx *cx, const char *secret, struct sso_link *out);
/* It signs in to the account of cx->actor from now on. RC_NOTFOUND sso_link_gone; RC_CONFLICT
 * sso_link_taken: it signs in to another account; sso_link_many. Twice is RC_OK, also at once. */
WARN_UNUSED enum rc sso_link_confirm(struct cx *cx, const char *secret, struct sso_link *out);

struct sso_identity {
    int64_t id;
    const char *idp;     /* name of the provider; NULL: it was removed */
    int64_t idp_id;      /* 0: it was removed */
    int64_t since, used; /* ms; used NO_TIME: never */
    bool may_unlink;     /* there is a password, or another one whose provider is there */
};

struct sso_identities {
    struct sso_identity item[SSO_LINKS_MAX];
    size_t n;
};

/* Of cx->actor, the oldest first. */
WARN_UNUSED enum rc sso_link_list(struct cx *cx, struct sso_identities *out);
/* Takes one away from cx->actor; the person's sessions that its provider began end, this one, too, and roles that the
 * provider's rules gave by it are taken back. RC_NOTFOUND sso_link_gone; RC_CONFLICT sso_link_last: nothing else signs in
 * to this account. */
WARN_UNUSED enum rc sso_unlink(struct cx *cx, int64_t id);

/* Forgets what nobody confirmed, a thousand at most. */
WARN_UNUSED enum rc sso_link_sweep(struct cx *cx, int64_t *count);

#endif
