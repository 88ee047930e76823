/* Of lib/saml alone: what an assertion says, and whether it says it to us, about this request, now
 * ([Core] 2.3 to 2.7, [Prof] 4.1.4.2). It judges a tree whose signature has been verified. */
#ifndef LIB_SAML_ASSERTION_H
#define LIB_SAML_ASSERTION_H

#include "lib/saml/tree.h"

WARN_UNUSED enum saml_reason saml_assertion_read(struct cx *cx, const struct saml_expect *e,
                                                 const xmlNode *assertion, struct saml_identity *out);

/* The saml:NameID or saml:EncryptedID of a Subject or LogoutRequest, at most one; none gives a name without text. What is
 * encrypted stands in signed octets, so AES-CBC is no oracle there. */
WARN_UNUSED enum saml_reason saml_nameid_of(struct cx *cx, const struct saml_expect *e, const xmlNode *parent,
                                            struct saml_nameid *out);
/* Version 2.0, the Issuer, and an IssueInstant that is not in the future and not over SAML_MAX_LIFE_MS old:
 * what every message and assertion has. `issuer_needed` false: an Issuer may be missing. */
WARN_UNUSED enum saml_reason saml_head_check(struct cx *cx, const struct saml_expect *e, const xmlNode *node,
                                             bool issuer_needed);
/* Judges the dates NotBefore and NotOnOrAfter that a node may have; *end becomes NotOnOrAfter if that is
 * earlier. */
WARN_UNUSED enum saml_reason saml_times_check(struct cx *cx, const struct saml_expect *e, const xmlNode *node,
                                              int64_t *end);

#endif
