#include "lib/saml/keys.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>
#include <xmlsec/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "lib/base/mem.h"
#include "lib/saml/crypto.h"

enum { SHA256_SIZE = 32, MAX_NAME = 64, SERIAL_BITS = 128, MAX_YEARS = 30 };

struct saml_key {
    EVP_PKEY *pkey;
    struct arena *arena;   /* of the certificate */
    struct saml_cert cert; /* der.n = 0: none */
};

/* --- certificates --- */

static bool is_usable(EVP_PKEY *pkey)
{
    char curve[32] = "";
    if (!pkey)
        return false;
    if (EVP_PKEY_is_a(pkey, "RSA"))
        return EVP_PKEY_get_bits(pkey) >= SAML_MIN_RSA && EVP_PKEY_get_bits(pkey) <= SAML_MAX_RSA;
    return EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, curve, sizeof curve, NULL) == 1 &&
           (strcmp(curve, "prime256v1") == 0 || strcmp(curve, "secp384r1") == 0);
}

static bool read_time(const ASN1_TIME *t, int64_t *ms)
{
    struct tm tm;
    if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static const char *subject_of(struct arena *a, X509 *x)
{
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    long n = 0;
    if (bio &&
        X509_NAME_print_ex(bio, X509_get_subject_name(x), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0)
        n = BIO_get_mem_data(bio, &text);
    struct str s = {text, n > 0 ? (size_t)n : 0};
    const char *subject = str_is_utf8(s) ? str_printable(a, s) : "";
    BIO_free(bio);
    return subject;
}

static bool cert_fill(struct arena *a, X509 *x, struct saml_cert *out)
{
    struct saml_cert c = {0};
    unsigned char sum[SHA256_SIZE], *der = NULL;
    int n = i2d_X509(x, &der);
    if (n <= 0 || EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)n, sum, NULL) != 1 ||
        !read_time(X509_get0_notBefore(x), &c.begins) || !read_time(X509_get0_notAfter(x), &c.ends) ||
        !is_usable(X509_get0_pubkey(x))) {
        OPENSSL_free(der);
        return false;
    }
    c.der = (struct str){arena_strndup(a, (char *)der, (size_t)n), (size_t)n};
    c.fingerprint = str_hex(a, sum, sizeof sum);
    c.subject = subject_of(a, x);
    OPENSSL_free(der);
    *out = c;
    return true;
}

static X509 *cert_open(struct str der)
{
    const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
    X509 *x = der.n > 0 && der.n <= SAML_MAX_PEM ? d2i_X509(NULL, &p, (long)der.n) : NULL;
    if (x && p != end) {
        X509_free(x);
        x = NULL;
    }
    return x;
}

enum rc saml_cert_from_der(struct cx *cx, struct str der, struct saml_cert *out)
{
    X509 *x = cert_open(der);
    bool good = x && cert_fill(cx->arena, x, out);
    X509_free(x);
    if (!good)
        return err_set(cx, RC_INVALID, NULL, "saml_cert_invalid",
                       "not a certificate with an RSA key of %d to %d bits or an EC key on P-256 or P-384",
                       SAML_MIN_RSA, SAML_MAX_RSA);
    return RC_OK;
}

enum rc saml_certs_from_pem(struct cx *cx, struct str pem, const struct saml_cert **out, size_t *n)
{
    struct saml_cert *list = arena_array(cx->arena, SAML_MAX_CERTS, sizeof *list);
    BIO *bio = pem.n > 0 && pem.n <= SAML_MAX_PEM ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    X509 *x = NULL;
    size_t count = 0;
    bool good = true;
    while (good && bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        good = count < SAML_MAX_CERTS && cert_fill(cx->arena, x, &list[count]);
        count += good;
        X509_free(x);
    }
    BIO_free(bio);
    if (!good || count == 0)
        return err_set(
            cx, RC_INVALID, NULL, "saml_cert_invalid",
            "not 1 to %d certificates in PEM with RSA keys of %d to %d bits or EC keys on P-256 or P-384",
            SAML_MAX_CERTS, SAML_MIN_RSA, SAML_MAX_RSA);
    *out = list;
    *n = count;
    return RC_OK;
}

const char *saml_cert_to_pem(struct cx *cx, const struct saml_cert *cert)
{
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    long n = 0;
    if (bio &&
        PEM_write_bio(bio, PEM_STRING_X509, "", (const unsigned char *)cert->der.p, (long)cert->der.n) > 0)
        n = BIO_get_mem_data(bio, &text);
    const char *pem = arena_strndup(cx->arena, text ? text : "", n > 0 ? (size_t)n : 0);
    BIO_free(bio);
    return pem;
}

EVP_PKEY *saml_cert_key(const struct saml_cert *cert)
{
    X509 *x = cert_open(cert->der);
    EVP_PKEY *pkey = x ? X509_get_pubkey(x) : NULL;
    X509_free(x);
    return pkey;
}

/* --- our keys --- */

static struct saml_key *key_new(EVP_PKEY *pkey)
{
    struct saml_key *key = mem_alloc(sizeof *key);
    key->pkey = pkey;
    key->arena = arena_new();
    return key;
}

static bool read_cert(struct saml_key *key, struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool good = x && X509_check_private_key(x, key->pkey) == 1 && cert_fill(key->arena, x, &key->cert);
    X509_free(x);
    BIO_free(bio);
    return good;
}

enum rc saml_key_from_pem(struct cx *cx, struct str pem, struct str cert, struct saml_key **out)
{
    BIO *bio = pem.n <= SAML_MAX_PEM && cert.n <= SAML_MAX_PEM ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    char none[] = ""; /* the passphrase: empty, so that OpenSSL does not ask for one on a terminal */
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, none) : NULL;
    BIO_free(bio);
    if (!pkey || !EVP_PKEY_is_a(pkey, "RSA") || !is_usable(pkey)) {
        EVP_PKEY_free(pkey);
        return err_set(cx, RC_INVALID, NULL, "saml_key_invalid",
                       "not an RSA private key of %d to %d bits in PEM", SAML_MIN_RSA, SAML_MAX_RSA);
    }
    struct saml_key *key = key_new(pkey);
    if (cert.n > 0 && !read_cert(key, cert)) {
        saml_key_free(key);
        return err_set(cx, RC_INVALID, NULL, "saml_key_invalid",
                       "the certificate is not for this private key");
    }
    *out = key;
    return RC_OK;
}

/* A self-signed certificate: a container for the public key, so it says as little as possible. */
static X509 *cert_make(EVP_PKEY *pkey, const char *name, int64_t now, int years)
{
    enum { VERSION_3 = 2, DAYS = 365 };
    X509 *x = X509_new();
    X509_NAME *subject = X509_NAME_new();
    BIGNUM *serial = BN_new();
    time_t begin = (time_t)(now / 1000);
    bool good = x && subject && serial && X509_set_version(x, VERSION_3) == 1 &&
                BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) &&
                X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &begin) &&
                X509_time_adj_ex(X509_getm_notAfter(x), years * DAYS, 0, &begin) &&
                X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                                           0) == 1 &&
                X509_set_subject_name(x, subject) == 1 && X509_set_issuer_name(x, subject) == 1 &&
                X509_set_pubkey(x, pkey) == 1 && X509_sign(x, pkey, EVP_sha256()) > 0;
    X509_NAME_free(subject);
    BN_free(serial);
    if (good)
        return x;
    X509_free(x);
    return NULL;
}

enum rc saml_key_generate(struct cx *cx, const char *name, int64_t now, int years, struct saml_key **out)
{
    size_t length = strlen(name);
    if (length == 0 || length > MAX_NAME || years < 1 || years > MAX_YEARS)
        return err_set(cx, RC_INVALID, NULL, NULL, "a name of 1 to %d bytes, for 1 to %d years", MAX_NAME,
                       MAX_YEARS);
    EVP_PKEY *pkey = EVP_RSA_gen(SAML_NEW_RSA);
    X509 *x = pkey ? cert_make(pkey, name, now, years) : NULL;
    if (!x) {
        EVP_PKEY_free(pkey);
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot generate an RSA key");
    }
    struct saml_key *key = key_new(pkey);
    bool good = cert_fill(key->arena, x, &key->cert);
    X509_free(x);
    if (!good)
        bug("a certificate of ours that we cannot read");
    *out = key;
    return RC_OK;
}

enum rc saml_key_to_pem(struct cx *cx, const struct saml_key *key, struct str *pem)
{
    enum rc rc = RC_OK;
    char *data = NULL;
    long n = 0;
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1)
        n = BIO_get_mem_data(bio, &data);
    if (n > 0)
        *pem = (struct str){arena_secret(cx->arena, data, (size_t)n), (size_t)n};
    else
        rc = err_set(cx, RC_INTERNAL, NULL, NULL, "cannot write the key as PEM");
    BIO_free(bio);
    return rc;
}

const struct saml_cert *saml_key_cert(const struct saml_key *key)
{
    return key->cert.der.n ? &key->cert : NULL;
}

EVP_PKEY *saml_key_private(const struct saml_key *key)
{
    return key->pkey;
}

void saml_key_free(struct saml_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    arena_free(key->arena);
    free(key);
}

/* --- for xmlsec --- */

static xmlSecKeyPtr key_of_data(xmlSecKeyDataPtr data)
{
    xmlSecKeyPtr key = data ? xmlSecKeyCreate() : NULL;
    if (key && xmlSecKeySetValue(key, data) == 0)
        return key;
    if (data)
        xmlSecKeyDataDestroy(data);
    if (key)
        xmlSecKeyDestroy(key);
    return NULL;
}

xmlSecKeyPtr saml_xmlsec_key(EVP_PKEY *pkey)
{
    if (EVP_PKEY_up_ref(pkey) != 1)
        return NULL;
    xmlSecKeyDataPtr data = xmlSecOpenSSLEvpKeyAdopt(pkey);
    if (!data)
        EVP_PKEY_free(pkey);
    return key_of_data(data);
}

xmlSecKeyPtr saml_xmlsec_aes(const unsigned char *bytes, size_t n)
{
    xmlSecKeyDataPtr data = xmlSecKeyDataCreate(xmlSecOpenSSLKeyDataAesId);
    if (data && xmlSecOpenSSLKeyDataAesSet(data, bytes, (xmlSecSize)n) != 0) {
        xmlSecKeyDataDestroy(data);
        data = NULL;
    }
    return key_of_data(data);
}
