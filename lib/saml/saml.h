/* SAML 2.0, the service provider's side: who signed in at an identity provider (IdP), as a Response says it
 * that came by the POST binding. Pure: bytes, certificates, expectations and the time in, an identity or a
 * reason out; no file, no network, no clock, no database.
 *
 * Two layers, each sufficient for the known attacks on signatures (wrapping, comments, pollution): the shape
 * of the message is checked first (lib/saml/shape.h), and then nothing is read but the octets that were
 * digested, parsed again (lib/saml/signature.h). Requests, logout and bindings: message.h. Metadata:
 * metadata.h. Keys: keys.h.
 *
 * Sources: [Core] saml-core-2.0-os, [Bind] saml-bindings-2.0-os, [Prof] saml-profiles-2.0-os, [Meta]
 * saml-metadata-2.0-os; XML Signature and XML Encryption 1.1 of the W3C. Times are ms since 1970 (clock.h).
 */
#ifndef LIB_SAML_SAML_H
#define LIB_SAML_SAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/saml/keys.h"

enum {
    SAML_MAX_MESSAGE = 262144, /* bytes of a message's XML */
    SAML_MAX_NODES = 5000,     /* elements and attributes of a message */
    SAML_MAX_DEPTH = 40,       /* elements inside each other */
    SAML_MAX_TEXT = 1024,      /* bytes of a name, an ID, an address, a value */
    SAML_MAX_ATTRIBUTES = 100,
    SAML_MAX_VALUES = 200,     /* of one attribute */
    SAML_SKEW_MS = 180000,     /* the clocks of IdP and SP may differ by this */
    SAML_MAX_LIFE_MS = 3600000 /* after its IssueInstant nothing is believed longer, whatever it says */
};

/* Why something was refused: lib/saml/reasons.def has the words and what each means. The words are for logs
 * and `lecternctl saml check`. A person and the sender are told the same in every case. */
enum saml_reason {
#define REASON(name, word, meaning) SAML_##name,
#include "lib/saml/reasons.def"
#undef REASON
    SAML_REASON_COUNT
};

/* "signature", "audience" …; SAML_ACCEPTED is "accepted". Lends a static string. */
const char *saml_reason_name(enum saml_reason why);
/* One line in plain English; lends a static string. */
const char *saml_reason_meaning(enum saml_reason why);

/* Prepares libxml2 and xmlsec for the process: once, before threads begin, in every program that calls
 * anything of lib/saml. Forbids libxml2 and xmlsec to open any file or address. RC_INTERNAL: the libraries do
 * not fit each other. saml_stop releases what saml_start took; without saml_start it does nothing. */
WARN_UNUSED enum rc saml_start(struct cx *cx);
void saml_stop(void);

/* A new ID for a message: "_" and 40 hex digits, 160 random bits ([Core] 1.3.4). In the arena. */
const char *saml_new_id(struct cx *cx);

/* What a message must fit. The texts are compared byte by byte. */
struct saml_expect {
    const char *idp; /* entityID of the IdP that was asked: the only issuer that may speak */
    const struct saml_cert
        *certs;      /* its signing certificates: keys and nothing else; their dates are ignored */
    size_t certs_n;  /* 1 to SAML_MAX_CERTS */
    const char *sp;  /* our entityID */
    const char *url; /* our address at which the message arrived */
    const char
        *request; /* ID of our request that this answers. NULL: nothing is accepted that is an answer */
    const struct saml_key *const *keys; /* our keys, to decrypt with; each is tried */
    size_t keys_n;                      /* 0 to SAML_MAX_KEYS */
    bool allow_cbc; /* AES-CBC although the Response is unsigned (padding oracle: by a setting of that IdP
                       only) */
    int64_t now;
};

struct saml_nameid { /* [Core] 2.2.3; all but text may be NULL */
    const char *text;
    const char *format; /* "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" … */
    const char *name_qualifier, *sp_name_qualifier, *sp_provided;
};

struct saml_attribute {
    const char *name; /* Name, for an OID "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"; FriendlyName is never read */
    const char *const *values;
    size_t n;
};

/* Everything is in the arena. */
struct saml_identity {
    const char *issuer;
    struct saml_nameid name; /* text NULL: the assertion has no NameID */
    const struct saml_attribute *attributes;
    size_t attributes_n;
    const char *session_index;  /* or NULL */
    int64_t session_end;        /* SessionNotOnOrAfter, NO_TIME: none */
    const char *context;        /* AuthnContextClassRef or NULL */
    int64_t authenticated;      /* AuthnInstant */
    const char *assertion;      /* its ID, to be accepted once ([Prof] 4.1.4.5) … */
    int64_t used_until;         /* … until here, after which it would be refused as expired */
    const char *in_response_to; /* the request that it answers */
};

/* The attribute of that Name, or NULL. */
const struct saml_attribute *saml_attribute_find(const struct saml_identity *id, const char *name);

/* The SAMLResponse or SAMLRequest field of a form, base64 with or without line ends ([Bind] 3.5.4), to XML.
 * RC_DENIED: not base64, or over SAML_MAX_MESSAGE. */
WARN_UNUSED enum rc saml_post_decode(struct cx *cx, struct str field, struct str *xml, enum saml_reason *why);

/* Web browser SSO ([Prof] 4.1.4.3): the Response, its assertion or both are signed by a key of the IdP, with
 * algorithms of the lists in signature.h; the assertion may be encrypted (aes128-gcm, aes256-gcm; CBC inside
 * a verified signature of the Response) for one of our keys by rsa-oaep-mgf1p. RC_OK: *out is filled.
 * RC_DENIED: refused, err.key is "saml_refused", err.detail names the reason and what was found. *why is set
 * in both cases. That the assertion is accepted once is left to the caller (`assertion`, `used_until`); so
 * are the scopes of values (metadata.h). */
WARN_UNUSED enum rc saml_response_verify(struct cx *cx, const struct saml_expect *e, struct str xml,
                                         struct saml_identity *out, enum saml_reason *why);

#endif
