#include "lib/saml/shape.h"

#include <string.h>

#include "lib/saml/message.h"

enum { MAX_IDS = 200 };

/* How often a name occurs in a document. */
struct census {
    size_t responses, assertions, signatures, objects;
};

static bool named(const xmlNode *node, const char *name)
{
    return strcmp((const char *)node->name, name) == 0;
}

static struct census count_names(const xmlNode *root)
{
    struct census c = {0};
    for (const xmlNode *n = root; n; n = saml_walk(root, n)) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        c.responses += named(n, "Response");
        c.assertions += named(n, "Assertion") || named(n, "EncryptedAssertion");
        c.signatures += named(n, "Signature") || named(n, "SignedInfo");
        c.objects += named(n, "Object") || named(n, "Manifest") || named(n, "SignatureProperties");
    }
    return c;
}

/* --- IDs --- */

static bool is_id_name(const xmlChar *name)
{
    return xmlStrcasecmp(name, (const xmlChar *)"id") == 0;
}

/* Letters, digits, "_", "-", "." as every IdP uses: no quote or bracket, since xmlsec puts it into an
 * XPointer. */
static bool is_id(const char *id)
{
    size_t n = strlen(id);
    return n > 0 && n <= SAML_MAX_TEXT && !strchr("-.0123456789", id[0]) &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") == n;
}

static bool is_known(const char *const *ids, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

static enum saml_reason check_ids(struct cx *cx, const xmlNode *root)
{
    const char **ids = arena_array(cx->arena, MAX_IDS, sizeof *ids);
    size_t n = 0;
    for (const xmlNode *node = root; node; node = saml_walk(root, node)) {
        for (const xmlAttr *a = node->type == XML_ELEMENT_NODE ? node->properties : NULL; a; a = a->next) {
            if (!is_id_name(a->name))
                continue;
            /* of an ID in a namespace: NULL, or the one without a namespace once more */
            const char *id = saml_attr(cx, node, (const char *)a->name);
            if (!id || is_known(ids, n, id) || n == MAX_IDS)
                return saml_refuse(cx, SAML_ID, "an ID twice, in a namespace, or over %d of them", MAX_IDS);
            ids[n++] = id;
        }
    }
    return SAML_ACCEPTED;
}

static enum saml_reason check_id(struct cx *cx, const xmlNode *node)
{
    const char *id = saml_attr(cx, node, "ID");
    if (!id || !is_id(id))
        return saml_refuse(cx, SAML_ID, "%s without a well-formed ID", (const char *)node->name);
    return SAML_ACCEPTED;
}

/* --- signatures --- */

/* All signatures of the document are children of these two, at most one of each. */
static enum saml_reason check_signatures(struct cx *cx, const struct census *c, const xmlNode *root,
                                         const xmlNode *assertion)
{
    size_t of_root = saml_children(root, NS_SIGNATURE, "Signature");
    size_t of_assertion = assertion == root ? 0 : saml_children(assertion, NS_SIGNATURE, "Signature");
    if (of_root > 1 || of_assertion > 1 || c->objects > 0)
        return saml_refuse(cx, SAML_SIGNATURE_PLACE, "two signatures of one element, or an object in one");
    if (c->signatures != 2 * (of_root + of_assertion)) /* a Signature and its SignedInfo each */
        return saml_refuse(cx, SAML_SIGNATURE_PLACE, "a signature is not a child of what it signs");
    return SAML_ACCEPTED;
}

/* --- status --- */

bool saml_status(struct cx *cx, const xmlNode *message, const char **code, const char **inner)
{
    const xmlNode *status = saml_child(message, NS_PROTOCOL, "Status");
    const xmlNode *outer = saml_child(status, NS_PROTOCOL, "StatusCode");
    const xmlNode *second = saml_child(outer, NS_PROTOCOL, "StatusCode");
    if (!outer || saml_sibling(status) || saml_sibling(outer))
        return false;
    *code = saml_attr(cx, outer, "Value");
    *inner = second ? saml_attr(cx, second, "Value") : NULL;
    return *code != NULL;
}

enum saml_reason saml_status_check(struct cx *cx, const xmlNode *message)
{
    const char *code, *inner;
    if (!saml_status(cx, message, &code, &inner))
        return saml_refuse(cx, SAML_STATUS, "no status code");
    if (strcmp(code, SAML_STATUS_SUCCESS) == 0)
        return SAML_ACCEPTED;
    const char *text =
        saml_text(cx, saml_child(saml_child(message, NS_PROTOCOL, "Status"), NS_PROTOCOL, "StatusMessage"));
    return saml_refuse(cx, SAML_STATUS, "%.200s %.200s %.400s", code, inner ? inner : "", text ? text : "");
}

/* --- whole documents --- */

static xmlNode *assertion_of(const xmlNode *response)
{
    xmlNode *plain = saml_child(response, NS_ASSERTION, "Assertion");
    return plain ? plain : saml_child(response, NS_ASSERTION, "EncryptedAssertion");
}

enum saml_reason saml_shape_response(struct cx *cx, xmlDoc *doc, xmlNode **assertion)
{
    xmlNode *root = xmlDocGetRootElement(doc), *one = assertion_of(root);
    struct census c = count_names(root);
    if (!saml_is(root, NS_PROTOCOL, "Response") || c.responses != 1)
        return saml_refuse(cx, SAML_MESSAGE_TYPE, "not one Response, as the root");
    enum saml_reason why = c.assertions == 0 ? saml_status_check(cx, root) : SAML_ACCEPTED;
    if (why == SAML_ACCEPTED && (c.assertions != 1 || !one))
        why = saml_refuse(cx, SAML_ASSERTIONS, "%zu assertions, %s", c.assertions,
                          one ? "one in place" : "none in place");
    if (why == SAML_ACCEPTED)
        why = check_ids(cx, root);
    if (why == SAML_ACCEPTED)
        why = check_id(cx, root);
    if (why == SAML_ACCEPTED && saml_is(one, NS_ASSERTION, "Assertion"))
        why = check_id(cx, one);
    if (why == SAML_ACCEPTED)
        why = check_signatures(cx, &c, root, one);
    if (why == SAML_ACCEPTED)
        *assertion = one;
    return why;
}

enum saml_reason saml_shape_root(struct cx *cx, xmlDoc *doc, const char *ns, const char *name)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    struct census c = count_names(root);
    if (!saml_is(root, ns, name) || c.responses > 0)
        return saml_refuse(cx, SAML_MESSAGE_TYPE, "the root is not %s", name);
    if (c.assertions != (named(root, "Assertion") ? 1 : 0))
        return saml_refuse(cx, SAML_ASSERTIONS, "%zu assertions in %s", c.assertions, name);
    enum saml_reason why = check_ids(cx, root);
    if (why == SAML_ACCEPTED)
        why = check_id(cx, root);
    if (why == SAML_ACCEPTED)
        why = check_signatures(cx, &c, root, root);
    return why;
}
