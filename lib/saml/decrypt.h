/* Of lib/saml alone: XML Encryption 1.1 as SAML uses it ([Core] 6): an element is encrypted with AES, and the
 * AES key with one of our RSA keys. Accepted: aes128-gcm, aes192-gcm, aes256-gcm; aes128-cbc, aes192-cbc,
 * aes256-cbc if the caller allows it; the key by rsa-oaep-mgf1p with SHA-1. What is decrypted is not
 * verified: anybody can encrypt for us. */
#ifndef LIB_SAML_DECRYPT_H
#define LIB_SAML_DECRYPT_H

#include "lib/saml/tree.h"

/* `element` is a saml:EncryptedAssertion or saml:EncryptedID: one EncryptedData, and one EncryptedKey in its
 * KeyInfo or beside it. Each of our keys is tried. *out is the tree of what was encrypted. */
WARN_UNUSED enum saml_reason saml_decrypt(struct cx *cx, xmlNode *element, const struct saml_key *const *keys,
                                          size_t n, bool allow_cbc, xmlDoc **out);

#endif
