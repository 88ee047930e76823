/* Of lib/saml alone, the second layer: enveloped XML signatures (XML Signature 1.1, [Core] 5.4). What is
 * signed is returned as a tree of its own, parsed from the octets that were digested, and callers read that
 * tree only: what the signature does not cover is not in it.
 *
 * Accepted: SignatureMethod rsa-sha256, rsa-sha384, rsa-sha512, ecdsa-sha256, ecdsa-sha384; DigestMethod
 * sha256, sha384, sha512; CanonicalizationMethod exclusive without comments; transforms enveloped-signature
 * and then exclusive canonicalisation, with InclusiveNamespaces if need be. SHA-1, HMAC, DSA, XPath and XSLT
 * are not. */
#ifndef LIB_SAML_SIGNATURE_H
#define LIB_SAML_SIGNATURE_H

#include "lib/saml/tree.h"

/* Verifies the signature that is a child of `element` with the keys of the certificates, one after the other.
 * KeyInfo is not used: it may hold X509Data, KeyValue and KeyName. *out is the tree of the signed octets,
 * whose root has the name and the ID of `element`. SAML_UNSIGNED: there is no signature. `element` must be in
 * a tree of its own for each call, since its ID is registered there. */
WARN_UNUSED enum saml_reason saml_signature_verify(struct cx *cx, xmlNode *element, enum saml_source source,
                                                   const struct saml_cert *certs, size_t n, xmlDoc **out);

/* The form alone: what is checked before any cryptography. */
WARN_UNUSED enum saml_reason saml_signature_form(struct cx *cx, const xmlNode *signature, const char *id);

/* Puts a signature by rsa-sha256 into the root, behind its Issuer, over the root's ID. False: it cannot. */
bool saml_signature_make(xmlDoc *doc, const struct saml_key *key);

#endif
