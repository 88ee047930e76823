/* Protection against forged requests: a token in every form, derived from a secret cookie, and the Origin
 * header. */
#ifndef LIB_WEB_CSRF_H
#define LIB_WEB_CSRF_H

#include <stdbool.h>

#include "lib/base/cx.h"

/* The token that belongs to a secret: 32 characters of base64url; in the arena. */
char *csrf_token(struct arena *a, const char *secret);
/* Constant time; NULL is never right. */
bool csrf_check(struct arena *a, const char *secret, const char *token);

/* True if a browser's Origin header (NULL: none was sent) is this site: base_url, or the host of this
 * request. site is Sec-Fetch-Site or NULL; it decides if there is no Origin. */
bool csrf_origin_ok(const char *origin, const char *site, const char *base_url, const char *host);

#endif
