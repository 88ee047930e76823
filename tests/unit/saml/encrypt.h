/* Encrypting as an identity provider does (XML Encryption 1.1): AES-128-GCM, and its key by RSA-OAEP for the test's own key.
 * What lib/saml decrypts is so made by other code than its own. */
#ifndef TESTS_UNIT_SAML_ENCRYPT_H
#define TESTS_UNIT_SAML_ENCRYPT_H

#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "lib/saml/crypto.h"
#include "tests/unit/saml/saml_data.h"

enum { ENC_KEY = 16, ENC_IV = 12, ENC_TAG = 16, ENC_RSA_MAX = 512, ENC_PLAIN_MAX = 2000 };

static inline const char *encrypt_key(const struct saml_key *for_key, const unsigned char aes[ENC_KEY])
{
    unsigned char out[ENC_RSA_MAX];
    size_t n = sizeof out;
    EVP_PKEY_CTX *rsa = EVP_PKEY_CTX_new(saml_key_private(for_key), NULL);
    assert_true(rsa && EVP_PKEY_encrypt_init(rsa) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_encrypt(rsa, out, &n, aes, ENC_KEY) == 1);
    EVP_PKEY_CTX_free(rsa);
    return str_b64(cx.arena, out, n);
}

/* The vector, what is encrypted, the tag. */
static inline const char *encrypt_text(const unsigned char aes[ENC_KEY], const char *plain)
{
    unsigned char out[ENC_IV + ENC_PLAIN_MAX + ENC_TAG];
    int n = 0, rest = 0;
    assert_true(strlen(plain) <= ENC_PLAIN_MAX);
    assert_int_equal(RAND_bytes(out, ENC_IV), 1);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    assert_true(c && EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, aes, out) == 1 &&
                EVP_EncryptUpdate(c, out + ENC_IV, &n, (const unsigned char *)plain, (int)strlen(plain)) ==
                    1 &&
                EVP_EncryptFinal_ex(c, out + ENC_IV + n, &rest) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, ENC_TAG, out + ENC_IV + n) == 1);
    EVP_CIPHER_CTX_free(c);
    return str_b64(cx.arena, out, (size_t)(ENC_IV + n + ENC_TAG));
}

/* <saml:EncryptedID> with the element. */
static inline const char *encrypted_id(const struct saml_key *for_key, const char *plain)
{
    unsigned char aes[ENC_KEY];
    assert_int_equal(RAND_bytes(aes, sizeof aes), 1);
    return arena_printf(
        cx.arena,
        "<saml:EncryptedID><e:EncryptedData xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\" "
        "Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><e:EncryptionMethod "
        "Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"/><d:KeyInfo "
        "xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"><e:EncryptedKey><e:EncryptionMethod "
        "Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><e:CipherData><e:CipherValue>%s"
        "</e:CipherValue></e:CipherData></e:EncryptedKey></d:KeyInfo><e:CipherData><e:CipherValue>%s"
        "</e:CipherValue></e:CipherData></e:EncryptedData></saml:EncryptedID>",
        encrypt_key(for_key, aes), encrypt_text(aes, plain));
}

#define PLAIN_NAMEID(text)                                                                                   \
    "<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" Format=\"f\">" text "</saml:NameID>"

#endif
