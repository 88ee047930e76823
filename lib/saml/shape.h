/* Of lib/saml alone, the first layer: the shape of a message, judged before any signature, on the tree as it
 * came. Elements are counted by their local names in every namespace, so that a second message, assertion or
 * signature has no place to hide. By itself this refuses every known form of signature wrapping. */
#ifndef LIB_SAML_SHAPE_H
#define LIB_SAML_SHAPE_H

#include "lib/saml/tree.h"

/* A Response: the root; exactly one assertion, plain or encrypted, its child; signatures only as children of
 * root and assertion, one each; no ds:Object, no ds:Manifest; every ID, Id or id once in the document, and an
 * ID on root and assertion. *assertion lends that child. A Response without assertion whose status is a
 * failure is SAML_STATUS. */
WARN_UNUSED enum saml_reason saml_shape_response(struct cx *cx, xmlDoc *doc, xmlNode **assertion);

/* Every other document: the root has this name, an ID, at most one signature, which is its child; no Response
 * is in it and no assertion besides the root, and nothing encrypted unless `encrypted`. */
WARN_UNUSED enum saml_reason saml_shape_root(struct cx *cx, xmlDoc *doc, const char *ns, const char *name);

/* The code of samlp:Status ([Core] 3.2.2), and of the status inside it (or NULL). False: none. */
bool saml_status(struct cx *cx, const xmlNode *message, const char **code, const char **inner);
/* SAML_STATUS unless it is success; the refusal quotes the codes and StatusMessage. */
WARN_UNUSED enum saml_reason saml_status_check(struct cx *cx, const xmlNode *message);

#endif
