/* The certificate of RTMPS. It is read again for a new connection once its file has changed, so that a renewal needs no
 * restart, which would end every stream; while the new one is not good, the old one is used. */
#ifndef DAEMONS_RTMPD_TLS_H
#define DAEMONS_RTMPD_TLS_H

#include <openssl/ssl.h>

#include "lib/base/cx.h"

struct tls;

/* Paths of PEM files. RC_INVALID: they cannot be read, or do not belong together. */
WARN_UNUSED enum rc tls_new(struct cx *cx, const char *certificate, const char *key, struct tls **out);
void tls_free(struct tls *t); /* NULL is fine */
/* For the next connection; lends. now: clock_mono. */
SSL_CTX *tls_context(struct tls *t, int64_t now);

#endif
