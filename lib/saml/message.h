/* SAML messages that the service provider sends, and logout in both directions, over the redirect and the
 * POST binding. What is received goes in two steps: saml_receive_… reads the message far enough to say from
 * whom it claims to be, so that the caller can look up that IdP; saml_logout_…_verify then decides. */
#ifndef LIB_SAML_MESSAGE_H
#define LIB_SAML_MESSAGE_H

#include "lib/saml/saml.h"

enum {
    SAML_MAX_RELAY = 80,   /* bytes of RelayState ([Bind] 3.4.3) */
    SAML_MAX_URL = 16384,  /* bytes of a query string that is read or made */
    SAML_MAX_SESSIONS = 20 /* SessionIndex elements of one LogoutRequest */
};

#define SAML_STATUS_SUCCESS   "urn:oasis:names:tc:SAML:2.0:status:Success"
#define SAML_STATUS_REQUESTER "urn:oasis:names:tc:SAML:2.0:status:Requester"
#define SAML_STATUS_RESPONDER "urn:oasis:names:tc:SAML:2.0:status:Responder"
#define SAML_STATUS_PARTIAL   "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"

/* --- what we send: XML, which a binding then signs --- */

struct saml_authn { /* [Core] 3.4.1 */
    const char *id; /* saml_new_id */
    const char *sp; /* Issuer */
    const char *destination;
    const char *acs;    /* AssertionConsumerServiceURL; the answer comes by POST */
    const char *format; /* NameIDPolicy, NULL: whatever the IdP has */
    bool force;         /* ForceAuthn: the password again */
    int64_t now;
};

struct saml_logout { /* LogoutRequest ([Core] 3.7.1), ours and theirs */
    const char *id;
    const char *issuer;
    const char *destination; /* ours only */
    struct saml_nameid name;
    const char *const *sessions; /* SessionIndex. None: all sessions of that name */
    size_t sessions_n;
    int64_t now; /* ours only: IssueInstant; NotOnOrAfter is SAML_SKEW_MS later */
};

struct saml_logout_answer { /* LogoutResponse ([Core] 3.7.2), ours and theirs */
    const char *id;
    const char *issuer;
    const char *destination; /* ours only */
    const char *in_response_to;
    const char *status;    /* SAML_STATUS_…: of the outer StatusCode */
    const char *substatus; /* of the inner one, e.g. SAML_STATUS_PARTIAL, or NULL */
    int64_t now;           /* ours only */
};

/* In the arena. RC_INVALID: a text that is no UTF-8, holds control characters or is over SAML_MAX_TEXT. */
WARN_UNUSED enum rc saml_authn_write(struct cx *cx, const struct saml_authn *m, struct str *xml);
WARN_UNUSED enum rc saml_logout_write(struct cx *cx, const struct saml_logout *m, struct str *xml);
WARN_UNUSED enum rc saml_logout_answer_write(struct cx *cx, const struct saml_logout_answer *m,
                                             struct str *xml);

enum saml_field { SAML_REQUEST, SAML_ANSWER }; /* the parameters SAMLRequest and SAMLResponse */

/* HTTP-Redirect ([Bind] 3.4.4): the address to send the browser to, signed by rsa-sha256. `endpoint` may have
 * a query. relay NULL: none; RC_INVALID over SAML_MAX_RELAY. In the arena. */
WARN_UNUSED enum rc saml_redirect_url(struct cx *cx, const struct saml_key *key, const char *endpoint,
                                      enum saml_field field, struct str xml, const char *relay,
                                      const char **url);
/* HTTP-POST ([Bind] 3.5.4): the value of the form field, base64 of the message with an enveloped rsa-sha256
 * signature over its root, which must be one of the three above. In the arena. */
WARN_UNUSED enum rc saml_post_field(struct cx *cx, const struct saml_key *key, struct str xml,
                                    const char **value);

/* --- what we receive at the address for logout --- */

enum saml_kind { SAML_LOGOUT_REQUEST, SAML_LOGOUT_RESPONSE };

struct saml_message {
    enum saml_kind kind;
    /* claims, not verified: only to choose the IdP, and the request that is answered */
    const char *issuer;
    const char *in_response_to; /* NULL in a request */
    const char *relay;          /* RelayState or NULL; in a redirect it is signed with the message */
    /* for saml_logout_…_verify alone */
    struct str xml;
    bool redirect;
    struct str octets;     /* what the signature of a redirect is over */
    const char *algorithm; /* SigAlg; NULL: unsigned */
    struct str signature;
};

/* The raw query string as the browser sent it: the signature is over its octets, so it must not have been
 * decoded ([Bind] 3.4.4.1). Each parameter may stand once. RC_DENIED as saml_response_verify. */
WARN_UNUSED enum rc saml_receive_redirect(struct cx *cx, struct str query, struct saml_message *out,
                                          enum saml_reason *why);
/* The decoded form field SAMLRequest or SAMLResponse and RelayState (NULL: none). */
WARN_UNUSED enum rc saml_receive_post(struct cx *cx, enum saml_field field, struct str value,
                                      const char *relay, struct saml_message *out, enum saml_reason *why);

/* Decides: signed (in the query, or over the root by POST), Issuer, Destination and time as expected; an
 * answer to e->request. e->request is not looked at in a request. `out` has what is in the message, in the
 * arena; of a request the caller ends the sessions of that name, issuer and index; repeating it does no harm.
 */
WARN_UNUSED enum rc saml_logout_verify(struct cx *cx, const struct saml_expect *e,
                                       const struct saml_message *m, struct saml_logout *out,
                                       enum saml_reason *why);
WARN_UNUSED enum rc saml_logout_answer_verify(struct cx *cx, const struct saml_expect *e,
                                              const struct saml_message *m, struct saml_logout_answer *out,
                                              enum saml_reason *why);

#endif
