#include "lib/saml/saml.h"

#include <libxml/parser.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>

#include "lib/base/rand.h"
#include "lib/saml/assertion.h"
#include "lib/saml/decrypt.h"
#include "lib/saml/shape.h"
#include "lib/saml/signature.h"

enum { ID_SIZE = 42 /* "_", 40 hex digits, NUL */ };

/* --- the libraries --- */

static xmlParserInputPtr open_nothing(const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url, (void)id, (void)parser;
    return NULL;
}

/* Messages of xmlsec would quote what strangers sent. */
static void say_nothing(const char *file, int line, const char *function, const char *object,
                        const char *subject, int reason, const char *text)
{
    (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason, (void)text;
}

enum rc saml_start(struct cx *cx)
{
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoAppInit(NULL) < 0 ||
        xmlSecCryptoInit() < 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL,
                       "libxmlsec1 does not start, or is not the one of the build");
    xmlSecErrorsSetCallback(say_nothing);
    xmlSecIOCleanupCallbacks();
    xmlSetExternalEntityLoader(open_nothing);
    return RC_OK;
}

void saml_stop(void)
{
    xmlSecCryptoShutdown();
    xmlSecCryptoAppShutdown();
    xmlSecShutdown();
    xmlCleanupParser();
}

const char *saml_new_id(struct cx *cx)
{
    char *id = arena_alloc(cx->arena, ID_SIZE);
    id[0] = '_';
    rand_hex(id + 1, ID_SIZE - 1);
    return id;
}

/* --- the Response --- */

/* A Response on its way through the checks: the tree as it came, and what verified signatures cover. */
struct response {
    xmlDoc *doc;
    xmlDoc *signed_response;  /* NULL: the Response is not signed */
    xmlDoc *signed_assertion; /* NULL: the assertion is not signed */
    xmlDoc *plain;            /* the decrypted assertion, NULL: it was not encrypted */
    xmlNode *assertion;       /* in doc: Assertion or EncryptedAssertion */
};

static bool has_signature(const xmlNode *node)
{
    return saml_child(node, NS_SIGNATURE, "Signature") != NULL;
}

static enum saml_reason open_response(struct cx *cx, const struct saml_expect *e, struct str xml,
                                      struct response *r)
{
    enum saml_reason why = saml_parse(cx, xml, SAML_FROM_MESSAGE, &r->doc);
    if (why == SAML_ACCEPTED)
        why = saml_shape_response(cx, r->doc, &r->assertion);
    xmlNode *root = why == SAML_ACCEPTED ? xmlDocGetRootElement(r->doc) : NULL;
    if (root && has_signature(root))
        why = saml_signature_verify(cx, root, SAML_FROM_MESSAGE, e->certs, e->certs_n, &r->signed_response);
    return why;
}

/* Decrypts from the signed octets if there are any, so that what is decrypted is what was signed. */
static enum saml_reason open_encrypted(struct cx *cx, const struct saml_expect *e, struct response *r)
{
    bool covered = r->signed_response != NULL;
    xmlNode *outer = xmlDocGetRootElement(covered ? r->signed_response : r->doc);
    xmlNode *element = saml_child(outer, NS_ASSERTION, "EncryptedAssertion");
    if (!element)
        return saml_refuse(cx, SAML_ASSERTIONS, "the signed Response has no encrypted assertion");
    enum saml_reason why = saml_decrypt(cx, element, e->keys, e->keys_n, covered || e->allow_cbc, &r->plain);
    if (why == SAML_ACCEPTED)
        why = saml_shape_root(cx, r->plain, NS_ASSERTION, "Assertion");
    return why;
}

/* The assertion in the octets of a signature: its own, else the Response's; NULL: nobody signed it. */
static const xmlNode *signed_assertion(const struct response *r)
{
    if (r->signed_assertion)
        return xmlDocGetRootElement(r->signed_assertion);
    if (!r->signed_response)
        return NULL;
    return r->plain ? xmlDocGetRootElement(r->plain)
                    : saml_child(xmlDocGetRootElement(r->signed_response), NS_ASSERTION, "Assertion");
}

static enum saml_reason open_assertion(struct cx *cx, const struct saml_expect *e, struct response *r)
{
    enum saml_reason why = SAML_ACCEPTED;
    if (saml_is(r->assertion, NS_ASSERTION, "EncryptedAssertion"))
        why = open_encrypted(cx, e, r);
    xmlNode *assertion = r->plain ? xmlDocGetRootElement(r->plain) : r->assertion;
    if (why == SAML_ACCEPTED && has_signature(assertion))
        why = saml_signature_verify(cx, assertion, SAML_FROM_MESSAGE, e->certs, e->certs_n,
                                    &r->signed_assertion);
    if (why == SAML_ACCEPTED && !signed_assertion(r))
        why = saml_refuse(cx, SAML_UNSIGNED, "%s", saml_reason_meaning(SAML_UNSIGNED));
    return why;
}

/* If the Response is not signed, this only refuses: nothing of it is believed. */
static enum saml_reason check_envelope(struct cx *cx, const struct saml_expect *e, const struct response *r)
{
    const xmlNode *root = xmlDocGetRootElement(r->signed_response ? r->signed_response : r->doc);
    const char *destination = saml_attr(cx, root, "Destination");
    enum saml_reason why = saml_head_check(cx, e, root, r->signed_response != NULL);
    if (why == SAML_ACCEPTED)
        why = saml_status_check(cx, root);
    if (why != SAML_ACCEPTED)
        return why;
    if (destination ? strcmp(destination, e->url) != 0 : r->signed_response != NULL) /* [Bind] 3.5.5.2 */
        return saml_refuse(cx, SAML_DESTINATION, "sent to %.200s, came at %.200s",
                           destination ? destination : "nowhere", e->url);
    if (!saml_attr_is(root, "InResponseTo", e->request))
        return saml_refuse(cx, SAML_IN_RESPONSE_TO, "the Response is not for %.200s", e->request);
    return SAML_ACCEPTED;
}

enum rc saml_response_verify(struct cx *cx, const struct saml_expect *e, struct str xml,
                             struct saml_identity *out, enum saml_reason *why)
{
    struct response r = {NULL, NULL, NULL, NULL, NULL};
    if (!e->request)
        return saml_rc(saml_refuse(cx, SAML_IN_RESPONSE_TO, "nothing was asked"), why);
    enum saml_reason got = open_response(cx, e, xml, &r);
    if (got == SAML_ACCEPTED)
        got = open_assertion(cx, e, &r);
    if (got == SAML_ACCEPTED)
        got = check_envelope(cx, e, &r);
    if (got == SAML_ACCEPTED)
        got = saml_assertion_read(cx, e, signed_assertion(&r), out);
    return saml_rc(got, why);
}

const struct saml_attribute *saml_attribute_find(const struct saml_identity *id, const char *name)
{
    for (size_t i = 0; i < id->attributes_n; i++)
        if (strcmp(id->attributes[i].name, name) == 0)
            return &id->attributes[i];
    return NULL;
}

enum rc saml_post_decode(struct cx *cx, struct str field, struct str *xml, enum saml_reason *why)
{
    unsigned char *p = NULL;
    size_t n = 0;
    if (field.n > 2 * (size_t)SAML_MAX_MESSAGE) /* base64 with line ends is less than that */
        return saml_rc(saml_refuse(cx, SAML_TOO_BIG, "%zu bytes of base64", field.n), why);
    if (!saml_base64(cx, str_dup(cx->arena, field), &p, &n))
        return saml_rc(saml_refuse(cx, SAML_ENCODING, "the field is not base64"), why);
    if (n > SAML_MAX_MESSAGE)
        return saml_rc(saml_refuse(cx, SAML_TOO_BIG, "%zu bytes of XML", n), why);
    *xml = (struct str){(char *)p, n};
    *why = SAML_ACCEPTED;
    return RC_OK;
}
