/* Certificates of identity providers and our own RSA keys. A certificate is a container for a public key
 * here: who is trusted is said by metadata and by the operator, never by a certificate's issuer or its dates;
 * the dates are for warnings. Private keys never reach a log. */
#ifndef LIB_SAML_KEYS_H
#define LIB_SAML_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum {
    SAML_MAX_CERTS = 8,   /* signing certificates of one IdP */
    SAML_MAX_KEYS = 2,    /* ours: two while one takes over from the other */
    SAML_MAX_PEM = 65536, /* bytes */
    SAML_MIN_RSA = 2048,  /* bits */
    SAML_MAX_RSA = 8192,  /* bits: a larger key only costs time */
    SAML_NEW_RSA = 3072   /* bits of a key that we make */
};

/* Plain data in the arena. */
struct saml_cert {
    struct str der;
    const char *subject;     /* one line, for people */
    const char *fingerprint; /* SHA-256 of the DER, 64 hex digits */
    int64_t begins, ends;    /* ms since 1970 */
};

/* One certificate in DER. RC_INVALID: not one, or its key is neither RSA of SAML_MIN_RSA to SAML_MAX_RSA bits
 * nor EC on P-256 or P-384. */
WARN_UNUSED enum rc saml_cert_from_der(struct cx *cx, struct str der, struct saml_cert *out);
/* All certificates of a PEM text; other blocks are skipped. RC_INVALID: none, one that breaks the rule above,
 * more than SAML_MAX_CERTS, or over SAML_MAX_PEM. */
WARN_UNUSED enum rc saml_certs_from_pem(struct cx *cx, struct str pem, const struct saml_cert **out,
                                        size_t *n);
/* "-----BEGIN CERTIFICATE-----" and so on, in the arena. */
const char *saml_cert_to_pem(struct cx *cx, const struct saml_cert *cert);

struct saml_key; /* an RSA key of ours with its certificate, on the heap */

/* The private key as unencrypted PEM, and its self-signed certificate. RC_INVALID: not an RSA key of that
 * size, or the certificate is not for it. A cert of n = 0: without certificate, enough to decrypt and sign,
 * not to publish. */
WARN_UNUSED enum rc saml_key_from_pem(struct cx *cx, struct str pem, struct str cert, struct saml_key **out);
/* RSA, SAML_NEW_RSA bits, certificate with that common name (a host name, at most 64 bytes) from `now` for
 * `years`. */
WARN_UNUSED enum rc saml_key_generate(struct cx *cx, const char *name, int64_t now, int years,
                                      struct saml_key **out);
/* PKCS#8 PEM in the arena, overwritten when the arena is emptied. */
WARN_UNUSED enum rc saml_key_to_pem(struct cx *cx, const struct saml_key *key, struct str *pem);
/* Its certificate; lends. NULL: it has none. */
const struct saml_cert *saml_key_cert(const struct saml_key *key);
void saml_key_free(struct saml_key *key); /* NULL is fine */

#endif
