#include "lib/saml/signature.h"

#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>

#include "lib/saml/crypto.h"

#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ENVELOPED NS_SIGNATURE "enveloped-signature"

/* The accepted algorithms, and how xmlsec names them: the same list is compared with the message and given to
 * xmlsec. */
static const struct algorithm {
    const char *uri;
    xmlSecTransformId (*klass)(void);
} signature_methods[] =
    {
        {NS_MORE "rsa-sha256", xmlSecOpenSSLTransformRsaSha256GetKlass},
        {NS_MORE "rsa-sha384", xmlSecOpenSSLTransformRsaSha384GetKlass},
        {NS_MORE "rsa-sha512", xmlSecOpenSSLTransformRsaSha512GetKlass},
        {NS_MORE "ecdsa-sha256", xmlSecOpenSSLTransformEcdsaSha256GetKlass},
        {NS_MORE "ecdsa-sha384", xmlSecOpenSSLTransformEcdsaSha384GetKlass},
        {NULL, NULL},
},
  digest_methods[] =
      {
          {NS_ENCRYPTION "sha256", xmlSecOpenSSLTransformSha256GetKlass},
          {NS_MORE "sha384", xmlSecOpenSSLTransformSha384GetKlass},
          {NS_ENCRYPTION "sha512", xmlSecOpenSSLTransformSha512GetKlass},
          {NULL, NULL},
},
  canonical[] =
      {
          {EXCLUSIVE, xmlSecTransformExclC14NGetKlass},
          {NULL, NULL},
},
  transforms[] = {
      {ENVELOPED, xmlSecTransformEnvelopedGetKlass},
      {EXCLUSIVE, xmlSecTransformExclC14NGetKlass},
      {NULL, NULL},
};

/* --- the form --- */

static bool in_list(const xmlNode *node, const struct algorithm *list)
{
    while (list->uri && !saml_attr_is(node, "Algorithm", list->uri))
        list++;
    return list->uri != NULL;
}

/* The element children are exactly these, in this order; a name with "?" may be missing. */
static bool has_children(const xmlNode *parent, const char *const *names)
{
    xmlNode *child = saml_element(parent->children);
    for (; *names; names++) {
        bool optional = **names == '?';
        if (saml_is(child, NS_SIGNATURE, *names + (optional ? 1 : 0)))
            child = saml_element(child->next);
        else if (!optional)
            return false;
    }
    return !child;
}

/* What is ignored in KeyInfo may stand there; a RetrievalMethod has no business there. */
static bool is_plain_key_info(const xmlNode *info)
{
    for (xmlNode *c = info ? saml_element(info->children) : NULL; c; c = saml_element(c->next))
        if (!saml_is(c, NS_SIGNATURE, "X509Data") && !saml_is(c, NS_SIGNATURE, "KeyValue") &&
            !saml_is(c, NS_SIGNATURE, "KeyName"))
            return false;
    return true;
}

static bool is_reference_to(const xmlNode *reference, const char *id)
{
    static const char *const parts[] = {"Transforms", "DigestMethod", "DigestValue", NULL};
    static const char *const two[] = {"Transform", "Transform", NULL};
    xmlChar *uri = xmlGetNoNsProp(reference, (const xmlChar *)"URI");
    bool same = uri && uri[0] == '#' && strcmp((const char *)uri + 1, id) == 0;
    xmlFree(uri);
    return same && has_children(reference, parts) &&
           has_children(saml_child(reference, NS_SIGNATURE, "Transforms"), two);
}

static bool is_inclusive_list(const xmlNode *transform)
{
    xmlNode *list = saml_element(transform->children);
    return !list || (saml_is(list, EXCLUSIVE, "InclusiveNamespaces") && saml_elements(transform) == 1);
}

static bool has_accepted_algorithms(const xmlNode *info, const xmlNode *reference)
{
    const xmlNode *c14n = saml_child(info, NS_SIGNATURE, "CanonicalizationMethod");
    const xmlNode *method = saml_child(info, NS_SIGNATURE, "SignatureMethod");
    const xmlNode *digest = saml_child(reference, NS_SIGNATURE, "DigestMethod");
    const xmlNode *first =
        saml_child(saml_child(reference, NS_SIGNATURE, "Transforms"), NS_SIGNATURE, "Transform");
    const xmlNode *second = saml_sibling(first);
    return in_list(c14n, canonical) && in_list(method, signature_methods) &&
           in_list(digest, digest_methods) && saml_attr_is(first, "Algorithm", ENVELOPED) &&
           saml_attr_is(second, "Algorithm", EXCLUSIVE) && is_inclusive_list(c14n) &&
           is_inclusive_list(second) && saml_elements(method) == 0 && saml_elements(digest) == 0 &&
           saml_elements(first) == 0;
}

enum saml_reason saml_signature_form(struct cx *cx, const xmlNode *signature, const char *id)
{
    static const char *const parts[] = {"SignedInfo", "SignatureValue", "?KeyInfo", NULL};
    static const char *const info_parts[] = {"CanonicalizationMethod", "SignatureMethod", "Reference", NULL};
    const xmlNode *info = saml_child(signature, NS_SIGNATURE, "SignedInfo");
    const xmlNode *reference = saml_child(info, NS_SIGNATURE, "Reference");
    if (!has_children(signature, parts) || !has_children(info, info_parts))
        return saml_refuse(cx, SAML_SIGNATURE_FORM, "Signature or SignedInfo is not as SAML has it");
    if (!is_plain_key_info(saml_child(signature, NS_SIGNATURE, "KeyInfo")))
        return saml_refuse(cx, SAML_SIGNATURE_FORM, "KeyInfo refers to something");
    if (!is_reference_to(reference, id))
        return saml_refuse(cx, SAML_SIGNATURE_FORM, "not one reference to #%.200s with two transforms", id);
    if (!has_accepted_algorithms(info, reference))
        return saml_refuse(cx, SAML_ALGORITHM, "an algorithm or transform that is not accepted");
    return SAML_ACCEPTED;
}

/* --- verifying --- */

static xmlSecDSigCtxPtr new_context(xmlSecKeyPtr key)
{
    xmlSecDSigCtxPtr ctx =
        key ? xmlSecDSigCtxCreate(NULL) : NULL; /* no keys manager: it would take keys from KeyInfo */
    bool good = ctx != NULL;
    if (!good) {
        xmlSecKeyDestroy(key);
        return NULL;
    }
    ctx->signKey = key;
    ctx->flags = XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
    ctx->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    ctx->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    ctx->keyInfoReadCtx.maxRetrievalMethodLevel = 0;
    ctx->keyInfoReadCtx.maxEncryptedKeyLevel = 0;
    for (const struct algorithm *a = canonical; a->uri; a++)
        good = xmlSecDSigCtxEnableSignatureTransform(ctx, a->klass()) >= 0 && good;
    for (const struct algorithm *a = signature_methods; a->uri; a++)
        good = xmlSecDSigCtxEnableSignatureTransform(ctx, a->klass()) >= 0 && good;
    for (const struct algorithm *a = transforms; a->uri; a++)
        good = xmlSecDSigCtxEnableReferenceTransform(ctx, a->klass()) >= 0 && good;
    for (const struct algorithm *a = digest_methods; a->uri; a++)
        good = xmlSecDSigCtxEnableReferenceTransform(ctx, a->klass()) >= 0 && good;
    if (good)
        return ctx;
    xmlSecDSigCtxDestroy(ctx);
    return NULL;
}

/* The octets that the one reference digested, copied to the arena. */
static bool take_octets(struct cx *cx, xmlSecDSigCtxPtr ctx, struct str *octets)
{
    if (xmlSecPtrListGetSize(&ctx->signedInfoReferences) != 1)
        return false;
    xmlSecDSigReferenceCtxPtr reference = xmlSecPtrListGetItem(&ctx->signedInfoReferences, 0);
    xmlSecBufferPtr buffer = reference && reference->status == xmlSecDSigStatusSucceeded
                                 ? xmlSecDSigReferenceCtxGetPreDigestBuffer(reference)
                                 : NULL;
    if (!buffer || xmlSecBufferGetSize(buffer) == 0)
        return false;
    size_t n = xmlSecBufferGetSize(buffer);
    *octets = (struct str){arena_strndup(cx->arena, (const char *)xmlSecBufferGetData(buffer), n), n};
    return true;
}

static bool verify_with(struct cx *cx, xmlNode *signature, const struct saml_cert *cert, struct str *octets)
{
    EVP_PKEY *pkey = saml_cert_key(cert);
    xmlSecDSigCtxPtr ctx = pkey ? new_context(saml_xmlsec_key(pkey)) : NULL;
    bool good = ctx && xmlSecDSigCtxVerify(ctx, signature) >= 0 && ctx->status == xmlSecDSigStatusSucceeded &&
                take_octets(cx, ctx, octets);
    if (ctx)
        xmlSecDSigCtxDestroy(ctx);
    EVP_PKEY_free(pkey);
    return good;
}

/* Makes the element's ID, and no other, what "#ID" finds. */
static bool register_id(xmlNode *element, const char *id)
{
    xmlAttr *attr = xmlHasNsProp(element, (const xmlChar *)"ID", NULL);
    const xmlChar *name = (const xmlChar *)id;
    return attr && !xmlGetID(element->doc, name) && xmlAddID(NULL, element->doc, name, attr) &&
           xmlGetID(element->doc, name) == attr;
}

enum saml_reason saml_signature_verify(struct cx *cx, xmlNode *element, enum saml_source source,
                                       const struct saml_cert *certs, size_t n, xmlDoc **out)
{
    xmlNode *signature = saml_child(element, NS_SIGNATURE, "Signature");
    const char *id = saml_attr(cx, element, "ID");
    struct str octets = {NULL, 0};
    xmlDoc *doc = NULL;
    if (!signature)
        return saml_refuse(cx, SAML_UNSIGNED, "%s has no signature", (const char *)element->name);
    if (!id || saml_sibling(signature))
        return saml_refuse(cx, SAML_SIGNATURE_PLACE, "no ID, or two signatures");
    enum saml_reason why = saml_signature_form(cx, signature, id);
    if (why != SAML_ACCEPTED)
        return why;
    if (!register_id(element, id))
        return saml_refuse(cx, SAML_ID, "the ID %.200s is there twice", id);

    bool found = false;
    for (size_t i = 0; i < n && !found; i++)
        found = verify_with(cx, signature, &certs[i], &octets);
    if (!found)
        return saml_refuse(cx, SAML_SIGNATURE, "%s: none of %zu keys made it", (const char *)element->name,
                           n);
    why = saml_parse(cx, octets, source, &doc);
    if (why != SAML_ACCEPTED)
        return why;
    const xmlNode *root = xmlDocGetRootElement(doc);
    if (!saml_is(root, (const char *)element->ns->href, (const char *)element->name) ||
        !saml_attr_is(root, "ID", id))
        return saml_refuse(cx, SAML_SIGNATURE, "it is over another element");
    *out = doc;
    return SAML_ACCEPTED;
}

/* --- making --- */

/* An empty signature for xmlsec to fill in. */
static xmlNode *new_template(xmlDoc *doc, const char *id)
{
    const char *uri = NULL;
    char text[SAML_MAX_TEXT + 2];
    snprintf(text, sizeof text, "#%s", id);
    uri = text;
    xmlNode *signature =
        xmlSecTmplSignatureCreate(doc, xmlSecTransformExclC14NId, xmlSecOpenSSLTransformRsaSha256Id, NULL);
    xmlNode *reference = signature
                             ? xmlSecTmplSignatureAddReference(signature, xmlSecOpenSSLTransformSha256Id,
                                                               NULL, (const xmlChar *)uri, NULL)
                             : NULL;
    if (reference && xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId) &&
        xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId))
        return signature;
    xmlFreeNode(signature);
    return NULL;
}

bool saml_signature_make(xmlDoc *doc, const struct saml_key *key)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlNode *issuer = saml_child(root, NS_ASSERTION, "Issuer");
    xmlChar *id = xmlGetNoNsProp(root, (const xmlChar *)"ID");
    bool good = issuer && id && register_id(root, (const char *)id);
    xmlNode *signature = good ? new_template(doc, (const char *)id) : NULL;
    xmlFree(id);
    if (!signature)
        return false;
    xmlAddNextSibling(issuer, signature); /* its place in the schema */
    xmlSecDSigCtxPtr ctx = new_context(saml_xmlsec_key(saml_key_private(key)));
    good = ctx && xmlSecDSigCtxSign(ctx, signature) >= 0 && ctx->status == xmlSecDSigStatusSucceeded;
    if (ctx)
        xmlSecDSigCtxDestroy(ctx);
    return good;
}
