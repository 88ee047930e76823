/* Of lib/saml alone: the redirect binding ([Bind] 3.4.4). Its signature is over octets of the query and no
 * XML signature. Accepted: rsa-sha256, rsa-sha384, rsa-sha512. */
#ifndef LIB_SAML_REDIRECT_H
#define LIB_SAML_REDIRECT_H

#include "lib/saml/message.h"
#include "lib/saml/tree.h"

/* Takes the query apart into xml, relay, octets, algorithm and signature of m. */
WARN_UNUSED enum saml_reason saml_redirect_read(struct cx *cx, struct str query, enum saml_field *field,
                                                struct saml_message *m);
WARN_UNUSED enum saml_reason saml_redirect_verify(struct cx *cx, const struct saml_message *m,
                                                  const struct saml_cert *certs, size_t n);

#endif
