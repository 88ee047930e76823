/* Of lib/saml alone: keys as OpenSSL and xmlsec want them. */
#ifndef LIB_SAML_CRYPTO_H
#define LIB_SAML_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>

#include "lib/saml/saml.h"

/* The certificate's public key, to be freed by EVP_PKEY_free; NULL: it has none. */
EVP_PKEY *saml_cert_key(const struct saml_cert *cert);
/* Lends. */
EVP_PKEY *saml_key_private(const struct saml_key *key);

/* Keys for xmlsec, to be freed by xmlSecKeyDestroy; NULL: out of memory, or a kind that xmlsec does not know.
 */
xmlSecKeyPtr saml_xmlsec_key(EVP_PKEY *pkey); /* takes a reference of its own */
xmlSecKeyPtr saml_xmlsec_aes(const unsigned char *bytes, size_t n);

#endif
