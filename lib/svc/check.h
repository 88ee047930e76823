/* Checks of text that people type into forms, with the keys of the sentences for errors. Pure. */
#ifndef LIB_SVC_CHECK_H
#define LIB_SVC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/cx.h"

/* One line of 1 to max characters, UTF-8, no control characters, not white space alone. RC_INVALID field
 * key. */
WARN_UNUSED enum rc check_line(struct cx *cx, const char *text, size_t max, const char *field,
                               const char *key);
/* Several lines of at most max characters, UTF-8; may be empty. NULL is fine. */
WARN_UNUSED enum rc check_text(struct cx *cx, const char *text, size_t max, const char *field,
                               const char *key);
/* 1 to max of [a-z0-9-], beginning and ending with a letter or digit: RC_INVALID "slug" slug_invalid. */
WARN_UNUSED enum rc check_slug(struct cx *cx, const char *slug, size_t max);
/* Something@something.something, up to 254 bytes without white space: RC_INVALID "email" email_invalid. */
WARN_UNUSED enum rc check_email(struct cx *cx, const char *email);

#endif
