/* Of lib/saml alone: strict parsing, reading a tree, refusing. Trees belong to the arena of the context, so
 * nobody frees them; what the functions return lends from the tree or is in the arena. */
#ifndef LIB_SAML_TREE_H
#define LIB_SAML_TREE_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/saml/saml.h"

#define NS_ASSERTION  "urn:oasis:names:tc:SAML:2.0:assertion"
#define NS_PROTOCOL   "urn:oasis:names:tc:SAML:2.0:protocol"
#define NS_METADATA   "urn:oasis:names:tc:SAML:2.0:metadata"
#define NS_SIGNATURE  "http://www.w3.org/2000/09/xmldsig#"
#define NS_ENCRYPTION "http://www.w3.org/2001/04/xmlenc#"
#define NS_UI         "urn:oasis:names:tc:SAML:metadata:ui"
#define NS_MORE       "http://www.w3.org/2001/04/xmldsig-more#" /* begins names of algorithms (RFC 6931) */

#define BINDING_REDIRECT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
#define BINDING_POST     "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

/* Notes the failure in cx->err and returns `why`. Inside of lib/saml whatever can refuse returns a reason,
 * since that says more than an enum rc; the functions of the public headers make RC_DENIED of it by saml_rc.
 * The text may quote the message: control characters become spaces. */
enum saml_reason saml_refuse(struct cx *cx, enum saml_reason why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum rc saml_rc(enum saml_reason got, enum saml_reason *why);

/* Well-formed UTF-8 without document type, processing instruction, entity, xml:id or relative namespace,
 * inside the limits for its kind. Comments are refused in a message; in metadata they are left out of the
 * tree. */
enum saml_source { SAML_FROM_MESSAGE, SAML_FROM_METADATA };
WARN_UNUSED enum saml_reason saml_parse(struct cx *cx, struct str xml, enum saml_source source, xmlDoc **out);

bool saml_is(const xmlNode *node, const char *ns, const char *name);
/* The first child element of that name, the next sibling of the same name, how many there are. */
xmlNode *saml_child(const xmlNode *parent, const char *ns, const char *name);
xmlNode *saml_sibling(const xmlNode *node);
size_t saml_children(const xmlNode *parent, const char *ns, const char *name);
/* Child elements of any name. */
xmlNode *saml_element(xmlNode *node); /* node itself or the first element after it; NULL is fine */
size_t saml_elements(const xmlNode *parent);
/* The node after `at` in document order below and including root; begin with root itself. NULL: no more. */
const xmlNode *saml_walk(const xmlNode *root, const xmlNode *at);

/* The attribute without a namespace; NULL: there is none. In the arena. */
const char *saml_attr(struct cx *cx, const xmlNode *node, const char *name);
bool saml_attr_is(const xmlNode *node, const char *name, const char *value);
/* The text of an element that has only text; "" if it is empty; NULL if node is NULL or holds elements. In
 * the arena. */
const char *saml_text(struct cx *cx, const xmlNode *node);
/* The same without white space at both ends, for addresses. */
const char *saml_uri(struct cx *cx, const xmlNode *node);
/* The text of base64 lines, decoded. False: not base64. */
bool saml_base64(struct cx *cx, const char *text, unsigned char **p, size_t *n);

/* xs:dateTime in UTC ([Core] 1.3.3), a fraction of a second is dropped; false: anything else. */
bool saml_time(const char *text, int64_t *ms);

#endif
