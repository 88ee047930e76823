/* Forged requests: a token in every form, derived from a secret cookie, and the Origin header. */
#ifndef LIB_WEB_CSRF_H
#define LIB_WEB_CSRF_H

#include <stdbool.h>

#include "lib/base/cx.h"

/* The token that belongs to a secret: 32 characters of base64url; in the arena. */
char *csrf_token(struct arena *a, const char *secret);
/* Constant time; NULL is never right. */
bool csrf_check(struct arena *a, const char *secret, const char *token);

/* Whether a browser's Origin header (NULL: none was sent) means this site: base_url, or the host of this very
 * request. site is Sec-Fetch-Site or NULL; it decides when there is no Origin. */
bool csrf_origin_ok(const char *origin, const char *site, const char *base_url, const char *host);

#endif
