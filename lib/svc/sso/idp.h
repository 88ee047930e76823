/* Identity providers (IdPs): the servers of universities at which people sign in. One row each: what an
 * administrator says of it (idp_edit.h), and the last metadata of it that was good. Metadata is kept when a later one
 * cannot be read, until its validUntil. */
#ifndef LIB_SVC_SSO_IDP_H
#define LIB_SVC_SSO_IDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/saml/metadata.h"

enum {
    IDP_MAX = 200,            /* shown in lists */
    IDP_ENTITY_MAX = 1024,    /* bytes ([Core] 8.3.6) */
    IDP_NAME_MAX = 120,       /* characters */
    IDP_WORDS_MAX = 1000,     /* bytes of all mail domains, of all scopes */
    IDP_SOURCE_MAX = 1000,    /* bytes */
    IDP_WARN_DAYS = 30,       /* so long before a key or the metadata ends there are warnings */
    IDP_REFRESH_S = 6 * 3600, /* good metadata is read again after this, sooner if it says so */
    IDP_REFRESH_MIN_S = 300,
    IDP_RETRY_S = 60, /* after a failure, doubled for each further one up to IDP_REFRESH_S */
};

/* How it stands: nothing good was read yet; its metadata is over; people can sign in. */
enum idp_state { IDP_WAITING, IDP_EXPIRED, IDP_READY, IDP_STATE_COUNT };
const char *idp_state_name(enum idp_state state); /* "waiting", "expired", "ready" */

struct idp {
    int64_t id;
    const char *entity; /* entityID */
    const char *name;
    int64_t organisation_id;  /* home of the accounts it begins; 0: none */
    const char *organisation; /* its slug, or NULL */
    const char *home;    /* of idp_list_offered: its name, NULL if it is called as the provider, or none */
    bool found;          /* of idp_list_offered: it fits the words */
    const char *domains; /* of mail addresses, one space between: "uni.example cs.uni.example" */
    const char *scopes;  /* besides those of its metadata */
    bool allow_cbc;
    const char *source; /* https://…, http://… or an absolute path; "": its metadata was brought as a file */
    const char *source_cert; /* PEM: who signs the metadata; NULL: nobody */
    int64_t metadata_at, metadata_until, keys_until, checked_at, due_at; /* ms or NO_TIME */
    int64_t failures;
    const char *failure; /* "": the last try was good */
    enum idp_state state;
    const char *metadata; /* of idp_get and the like; NULL: none */
};

struct idp_list {
    struct idp *item;
    size_t n;
    bool more; /* there are others behind them */
};

/* At most `limit` from `offset` on, by name, without metadata: those that have the words in their name, entityID or the name of their
 * organisation; "": all. Needs ACT_INSTALL. */
WARN_UNUSED enum rc idp_list(struct cx *cx, const char *words, int64_t limit, int64_t offset,
                             struct idp_list *out);

/* --- no check of rights: for services, programs and the sign-in page --- */

/* RC_NOTFOUND idp_unknown. */
WARN_UNUSED enum rc idp_get(struct cx *cx, int64_t id, struct idp **out);
WARN_UNUSED enum rc idp_get_by_entity(struct cx *cx, const char *entity, struct idp **out);
/* At most IDP_MAX at which people can sign in (state IDP_READY), or whose metadata is over at the moment (IDP_EXPIRED): id, name, home,
 * found, state. First those that fit the words: "name@domain" fits those with this mail domain or one above it, anything else those that
 * have it in their name or that of their organisation, without regard to case and accents; "" fits none. Then the one with the id
 * `first`, if there is one; then the others: providers of one organisation stand together, by its name, among those of none. */
WARN_UNUSED enum rc idp_list_offered(struct cx *cx, const char *words, int64_t first, struct idp_list *out);
/* What its metadata says. RC_UNAVAIL idp_not_ready: nothing good was read, or it is over. */
WARN_UNUSED enum rc idp_metadata(struct cx *cx, const struct idp *idp, struct saml_idp *out);
/* True if the value is "x@scope" with a scope of its metadata or of its row. */
bool idp_scope_fits(const struct idp *idp, const struct saml_idp *metadata, const char *value);

/* --- for idp_edit.c --- */

/* Is this good metadata of that provider (entity NULL: of any), signed if there is a certificate (PEM)?
 * RC_DENIED: no, the detail says why. */
WARN_UNUSED enum rc idp_read(struct cx *cx, const char *entity, const char *signer, struct str xml,
                             struct saml_idp *out);
/* Keeps it, if its source and the certificate that signs it (NULL: nobody) still are these; "" is never read
 * again. */
WARN_UNUSED enum rc idp_keep(struct cx *cx, int64_t id, const char *source, const char *signer,
                             struct str xml, const struct saml_idp *metadata);

/* --- for lectern-courierd --- */

/* The next whose metadata is due, taken so that no other instance reads it within two minutes. RC_NOTFOUND
 * (no key): none. */
WARN_UNUSED enum rc idp_take_due(struct cx *cx, struct idp **out);
/* Checks what was read; keeps it, or notes why not: RC_DENIED with the reason, and the last good one stays. */
WARN_UNUSED enum rc idp_loaded(struct cx *cx, const struct idp *idp, struct str xml);
/* It could not be read: notes why, and when to try again. */
WARN_UNUSED enum rc idp_failed(struct cx *cx, const struct idp *idp, const char *why);

#endif
