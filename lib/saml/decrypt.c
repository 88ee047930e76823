#include "lib/saml/decrypt.h"

#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmlenc.h>

#include "lib/base/mem.h"
#include "lib/saml/crypto.h"

#define OAEP  NS_ENCRYPTION "rsa-oaep-mgf1p"
#define GCM   "http://www.w3.org/2009/xmlenc11#"
#define SHA_1 NS_SIGNATURE "sha1"

enum { MAX_AES = 32 };

static const struct cipher {
    const char *uri;
    size_t key; /* bytes */
    bool cbc;
    xmlSecTransformId (*klass)(void);
} ciphers[] = {
    {GCM "aes128-gcm", 16, false, xmlSecOpenSSLTransformAes128GcmGetKlass},
    {GCM "aes192-gcm", 24, false, xmlSecOpenSSLTransformAes192GcmGetKlass},
    {GCM "aes256-gcm", 32, false, xmlSecOpenSSLTransformAes256GcmGetKlass},
    {NS_ENCRYPTION "aes128-cbc", 16, true, xmlSecOpenSSLTransformAes128CbcGetKlass},
    {NS_ENCRYPTION "aes192-cbc", 24, true, xmlSecOpenSSLTransformAes192CbcGetKlass},
    {NS_ENCRYPTION "aes256-cbc", 32, true, xmlSecOpenSSLTransformAes256CbcGetKlass},
    {NULL, 0, false, NULL},
};

/* One encrypted element, taken apart. */
struct parts {
    xmlNode *data, *key;
    const struct cipher *cipher;
};

/* --- the form --- */

static xmlNode *method_of(const xmlNode *node)
{
    return saml_child(node, NS_ENCRYPTION, "EncryptionMethod");
}

/* The bytes stand in the message: CipherData has one CipherValue and no reference to anything. */
static bool has_value(const xmlNode *node)
{
    const xmlNode *data = saml_child(node, NS_ENCRYPTION, "CipherData");
    const xmlNode *value = saml_child(data, NS_ENCRYPTION, "CipherValue");
    return value && !saml_sibling(data) && saml_elements(data) == 1 && saml_elements(value) == 0;
}

/* The keys in KeyInfo and beside EncryptedData; with one beside, KeyInfo may refer to it. */
static enum saml_reason take_apart(struct cx *cx, const xmlNode *element, struct parts *p)
{
    p->data = saml_child(element, NS_ENCRYPTION, "EncryptedData");
    const xmlNode *info = saml_child(p->data, NS_SIGNATURE, "KeyInfo");
    xmlNode *inside = saml_child(info, NS_ENCRYPTION, "EncryptedKey");
    xmlNode *beside = saml_child(element, NS_ENCRYPTION, "EncryptedKey");
    const xmlNode *reference = saml_child(info, NS_SIGNATURE, "RetrievalMethod");
    p->key = inside ? inside : beside;
    if (!p->data || saml_sibling(p->data) || !p->key || (inside && beside) || saml_sibling(p->key))
        return saml_refuse(cx, SAML_ENCRYPTION_FORM, "not one EncryptedData with one EncryptedKey");
    if (!has_value(p->data) || !has_value(p->key) || (info && saml_sibling(info)))
        return saml_refuse(cx, SAML_ENCRYPTION_FORM, "no CipherValue, or more");
    if (reference) {
        const char *uri = saml_attr(cx, reference, "URI"), *id = saml_attr(cx, p->key, "Id");
        if (inside || saml_sibling(reference) || !uri || !id || uri[0] != '#' || strcmp(uri + 1, id) != 0)
            return saml_refuse(cx, SAML_ENCRYPTION_FORM,
                               "a RetrievalMethod for something else than the key beside");
    }
    return SAML_ACCEPTED;
}

/* rsa-oaep-mgf1p, and no parameter that is not its default. */
static bool is_oaep(const xmlNode *key)
{
    const xmlNode *method = method_of(key), *digest = saml_child(method, NS_SIGNATURE, "DigestMethod");
    return method && !saml_sibling(method) && saml_attr_is(method, "Algorithm", OAEP) &&
           saml_elements(method) == (digest ? 1 : 0) &&
           (!digest || (saml_attr_is(digest, "Algorithm", SHA_1) && saml_elements(digest) == 0));
}

static enum saml_reason choose_cipher(struct cx *cx, struct parts *p, bool allow_cbc)
{
    const xmlNode *method = method_of(p->data);
    const struct cipher *c = ciphers;
    while (c->uri && !(method && saml_attr_is(method, "Algorithm", c->uri)))
        c++;
    if (!c->uri || saml_sibling(method) || saml_elements(method) > 0)
        return saml_refuse(cx, SAML_ENCRYPTION_ALGORITHM, "a cipher that is not accepted");
    if (!is_oaep(p->key))
        return saml_refuse(cx, SAML_ENCRYPTION_ALGORITHM,
                           "the key is not encrypted by rsa-oaep-mgf1p with SHA-1");
    if (c->cbc && !allow_cbc)
        return saml_refuse(cx, SAML_CBC, "%s", saml_reason_meaning(SAML_CBC));
    p->cipher = c;
    return SAML_ACCEPTED;
}

/* --- decrypting --- */

/* A context that has this key, knows this algorithm and looks for nothing. Takes the key. */
static xmlSecEncCtxPtr new_context(xmlSecKeyPtr key, xmlSecTransformId algorithm)
{
    xmlSecEncCtxPtr ctx = key ? xmlSecEncCtxCreate(NULL) : NULL;
    if (!ctx) {
        if (key)
            xmlSecKeyDestroy(key);
        return NULL;
    }
    ctx->encKey = key;
    ctx->transformCtx.enabledUris = xmlSecTransformUriTypeNone;
    ctx->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    ctx->keyInfoReadCtx.maxRetrievalMethodLevel = 0;
    ctx->keyInfoReadCtx.maxEncryptedKeyLevel = 0;
    if (xmlSecPtrListAdd(&ctx->transformCtx.enabledTransforms, (void *)(uintptr_t)algorithm) < 0) {
        xmlSecEncCtxDestroy(ctx);
        return NULL;
    }
    return ctx;
}

/* The AES key of p, by one of our keys. False: not for this key. */
static bool open_key(const struct parts *p, const struct saml_key *ours, unsigned char aes[MAX_AES])
{
    xmlSecEncCtxPtr ctx =
        new_context(saml_xmlsec_key(saml_key_private(ours)), xmlSecOpenSSLTransformRsaOaepId);
    if (!ctx)
        return false;
    ctx->mode = xmlEncCtxModeEncryptedKey;
    xmlSecBufferPtr got = xmlSecEncCtxDecryptToBuffer(ctx, p->key);
    bool good = got && xmlSecBufferGetSize(got) == p->cipher->key;
    if (good)
        memcpy(aes, xmlSecBufferGetData(got), p->cipher->key);
    xmlSecEncCtxDestroy(ctx);
    return good;
}

static bool open_data(struct cx *cx, const struct parts *p, const unsigned char aes[MAX_AES],
                      struct str *plain)
{
    xmlSecEncCtxPtr ctx = new_context(saml_xmlsec_aes(aes, p->cipher->key), p->cipher->klass());
    xmlSecBufferPtr got = ctx ? xmlSecEncCtxDecryptToBuffer(ctx, p->data) : NULL;
    bool good = got && xmlSecBufferGetSize(got) > 0;
    if (good)
        *plain = (struct str){
            arena_strndup(cx->arena, (const char *)xmlSecBufferGetData(got), xmlSecBufferGetSize(got)),
            xmlSecBufferGetSize(got)};
    if (ctx)
        xmlSecEncCtxDestroy(ctx);
    return good;
}

enum saml_reason saml_decrypt(struct cx *cx, xmlNode *element, const struct saml_key *const *keys, size_t n,
                              bool allow_cbc, xmlDoc **out)
{
    struct parts p = {NULL, NULL, NULL};
    struct str plain = {NULL, 0};
    unsigned char aes[MAX_AES];
    enum saml_reason why = take_apart(cx, element, &p);
    if (why == SAML_ACCEPTED)
        why = choose_cipher(cx, &p, allow_cbc);
    if (why != SAML_ACCEPTED)
        return why;

    bool open = false;
    for (size_t i = 0; i < n && !open; i++)
        open = open_key(&p, keys[i], aes) && open_data(cx, &p, aes, &plain);
    mem_wipe(aes, sizeof aes);
    /* One reason for everything: which step failed would help whoever tries ciphertexts. */
    if (!open || saml_parse(cx, plain, SAML_FROM_MESSAGE, out) != SAML_ACCEPTED)
        return saml_refuse(cx, SAML_DECRYPTION, "%s", saml_reason_meaning(SAML_DECRYPTION));
    return SAML_ACCEPTED;
}
