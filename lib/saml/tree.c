#include "lib/saml/tree.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdarg.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/saml/metadata.h"

/* Nothing that expands, loads, repairs or drops: each of the options that are missing here has been a
 * weakness. CDATA sections become text, which is what canonicalisation makes of them, too. */
enum { PARSE_OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA };

enum { SECONDS_SIZE = 19 /* "2026-11-22T13:53:01" */, NS_FIELDS = 2, ATTR_FIELDS = 5 };

/* What the callbacks of the parser see of one document. */
struct watch {
    enum saml_reason why;
    size_t nodes, max_nodes;
    startElementNsSAX2Func start;
};

enum saml_reason saml_refuse(struct cx *cx, enum saml_reason why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(cx->arena, fmt, ap);
    va_end(ap);
    text = str_printable(cx->arena, str_of(text));
    (void)err_set(cx, RC_DENIED, NULL, "saml_refused", "saml: %s: %s", saml_reason_name(why), text);
    return why;
}

enum rc saml_rc(enum saml_reason got, enum saml_reason *why)
{
    *why = got;
    return got == SAML_ACCEPTED ? RC_OK : RC_DENIED;
}

/* --- parsing --- */

static void stop(void *ctx, enum saml_reason why)
{
    struct watch *w = ((xmlParserCtxt *)ctx)->_private;
    if (w->why == SAML_ACCEPTED)
        w->why = why;
    xmlStopParser(ctx);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system_id)
{
    (void)name, (void)external, (void)system_id;
    stop(ctx, SAML_DOCTYPE);
}

static void on_comment(void *ctx, const xmlChar *text)
{
    (void)text;
    stop(ctx, SAML_FORBIDDEN_XML);
}

static void on_instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
    (void)target, (void)data;
    stop(ctx, SAML_FORBIDDEN_XML);
}

static void on_reference(void *ctx, const xmlChar *name)
{
    (void)name;
    stop(ctx, SAML_FORBIDDEN_XML);
}

/* Canonicalisation fails on a relative namespace, and some programs then digest nothing; libxml2 makes an ID
 * of each xml:id by itself. */
static bool is_forbidden(int namespaces_n, const xmlChar **namespaces, int attributes_n,
                         const xmlChar **attributes)
{
    for (int i = 0; i < namespaces_n; i++) {
        const xmlChar *uri = namespaces[i * NS_FIELDS + 1];
        if (!uri || !xmlStrchr(uri, ':'))
            return true;
    }
    for (int i = 0; i < attributes_n; i++) {
        const xmlChar **a = attributes + (ptrdiff_t)i * ATTR_FIELDS; /* name, prefix, URI, value, end */
        if (a[1] && strcmp((const char *)a[1], "xml") == 0 && strcmp((const char *)a[0], "id") == 0)
            return true;
    }
    return false;
}

static void on_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                       int namespaces_n, const xmlChar **namespaces, int attributes_n, int defaulted,
                       const xmlChar **attributes)
{
    xmlParserCtxt *parser = ctx;
    struct watch *w = parser->_private;
    w->nodes += 1 + (size_t)attributes_n + (size_t)namespaces_n;
    if (w->nodes > w->max_nodes || parser->nodeNr >= SAML_MAX_DEPTH)
        stop(ctx, SAML_TOO_BIG);
    else if (is_forbidden(namespaces_n, namespaces, attributes_n, attributes))
        stop(ctx, SAML_FORBIDDEN_XML);
    else
        w->start(ctx, name, prefix, uri, namespaces_n, namespaces, attributes_n, defaulted, attributes);
}

static void ignore_error(void *arg, xmlErrorPtr error)
{
    (void)arg, (void)error;
}

static void free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

static bool is_utf8_document(const xmlDoc *doc)
{
    return !doc->encoding || xmlStrcasecmp(doc->encoding, (const xmlChar *)"UTF-8") == 0;
}

static xmlParserCtxt *new_parser(struct watch *w, enum saml_source source)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser)
        return NULL;
    w->start = parser->sax->startElementNs;
    parser->_private = w;
    parser->sax->startElementNs = on_element;
    parser->sax->internalSubset = on_doctype;
    parser->sax->processingInstruction = on_instruction;
    parser->sax->reference = on_reference;
    parser->sax->comment = source == SAML_FROM_MESSAGE ? on_comment : NULL;
    return parser;
}

enum saml_reason saml_parse(struct cx *cx, struct str xml, enum saml_source source, xmlDoc **out)
{
    bool message = source == SAML_FROM_MESSAGE;
    struct watch w = {.max_nodes = message ? SAML_MAX_NODES : SAML_MAX_METADATA_NODES};
    if (xml.n > (message ? (size_t)SAML_MAX_MESSAGE : (size_t)SAML_MAX_METADATA))
        return saml_refuse(cx, SAML_TOO_BIG, "%zu bytes of XML", xml.n);
    if (xml.n == 0 || !str_is_utf8(xml))
        return saml_refuse(cx, SAML_NOT_XML, "%zu bytes that are no UTF-8", xml.n);
    xmlSetStructuredErrorFunc(NULL, ignore_error); /* of this thread; canonicalisation reports there */
    xmlParserCtxt *parser = new_parser(&w, source);
    if (!parser)
        return saml_refuse(cx, SAML_NOT_XML, "cannot make a parser");

    xmlDoc *doc = xmlCtxtReadMemory(parser, xml.p, (int)xml.n, NULL, NULL, PARSE_OPTIONS);
    bool good = doc && parser->wellFormed && parser->nsWellFormed && is_utf8_document(doc);
    xmlFreeParserCtxt(parser);
    if (doc)
        arena_on_free(cx->arena, free_doc, doc);
    if (w.why != SAML_ACCEPTED)
        return saml_refuse(cx, w.why, "%s", saml_reason_meaning(w.why));
    if (!good || !xmlDocGetRootElement(doc))
        return saml_refuse(cx, SAML_NOT_XML, "%s", saml_reason_meaning(SAML_NOT_XML));
    *out = doc;
    return SAML_ACCEPTED;
}

/* --- reading --- */

bool saml_is(const xmlNode *node, const char *ns, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && node->ns &&
           strcmp((const char *)node->ns->href, ns) == 0 && strcmp((const char *)node->name, name) == 0;
}

static xmlNode *find_from(xmlNode *node, const char *ns, const char *name)
{
    while (node && !saml_is(node, ns, name))
        node = node->next;
    return node;
}

xmlNode *saml_child(const xmlNode *parent, const char *ns, const char *name)
{
    return parent ? find_from(parent->children, ns, name) : NULL;
}

xmlNode *saml_sibling(const xmlNode *node)
{
    return find_from(node->next, (const char *)node->ns->href, (const char *)node->name);
}

size_t saml_children(const xmlNode *parent, const char *ns, const char *name)
{
    size_t n = 0;
    for (const xmlNode *c = saml_child(parent, ns, name); c; c = saml_sibling(c))
        n++;
    return n;
}

xmlNode *saml_element(xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

size_t saml_elements(const xmlNode *parent)
{
    size_t n = 0;
    for (const xmlNode *c = saml_element(parent->children); c; c = saml_element(c->next))
        n++;
    return n;
}

const xmlNode *saml_walk(const xmlNode *root, const xmlNode *at)
{
    if (at->children)
        return at->children;
    while (at != root && !at->next)
        at = at->parent;
    return at == root ? NULL : at->next;
}

static const char *take(struct cx *cx, xmlChar *text)
{
    const char *copy = text ? arena_strdup(cx->arena, (const char *)text) : NULL;
    xmlFree(text);
    return copy;
}

const char *saml_attr(struct cx *cx, const xmlNode *node, const char *name)
{
    return take(cx, xmlGetNoNsProp(node, (const xmlChar *)name));
}

bool saml_attr_is(const xmlNode *node, const char *name, const char *value)
{
    xmlChar *got = xmlGetNoNsProp(node, (const xmlChar *)name);
    bool same = got && strcmp((const char *)got, value) == 0;
    xmlFree(got);
    return same;
}

const char *saml_text(struct cx *cx, const xmlNode *node)
{
    if (!node || saml_elements(node) > 0)
        return NULL;
    const char *text = take(cx, xmlNodeGetContent(node));
    return text ? text : "";
}

const char *saml_uri(struct cx *cx, const xmlNode *node)
{
    const char *text = saml_text(cx, node);
    return text ? str_dup(cx->arena, str_trim(str_of(text))) : NULL;
}

bool saml_base64(struct cx *cx, const char *text, unsigned char **p, size_t *n)
{
    char *lines = arena_alloc(cx->arena, strlen(text) + 1);
    size_t length = 0;
    for (; *text; text++)
        if (!strchr(" \t\r\n", *text))
            lines[length++] = *text;
    return length > 0 && str_b64_decode(cx->arena, (struct str){lines, length}, p, n);
}

bool saml_time(const char *text, int64_t *ms)
{
    char whole[SECONDS_SIZE + 2] = "";
    if (!text || strlen(text) <= SECONDS_SIZE)
        return false;
    const char *rest = text + SECONDS_SIZE;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return false;
        rest += 1 + digits;
    }
    if (strcmp(rest, "Z") != 0 || strspn(text, "0123456789-T:") != SECONDS_SIZE)
        return false;
    memcpy(whole, text, SECONDS_SIZE);
    whole[SECONDS_SIZE] = 'Z';
    return clock_parse_iso(whole, ms);
}
