/* Parsing the text of a request: percent-decoding, pairs of a query or a form, cookies. Pure and bounded:
 * bytes in, slices in the arena out. All results are well-formed UTF-8 without NUL. */
#ifndef LIB_WEB_PARSE_H
#define LIB_WEB_PARSE_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum {
    WEB_MAX_URI = 4096,        /* bytes of path and query together */
    WEB_MAX_PAIRS = 100,       /* fields of one query or form */
    WEB_LONG_PAIRS = 6000,     /* the same of a route with WEB_LONG */
    WEB_MAX_NAME = 64,         /* bytes of a field's name */
    WEB_MAX_FORM = 256 * 1024, /* bytes of an urlencoded body */
    WEB_LONG_FORM = 1024 * 1024,
    WEB_MAX_RAW = 4096 * 1024, /* bytes of a body that a handler reads itself (WEB_RAW) */
    WEB_MAX_COOKIES = 8192,    /* bytes of the Cookie header */
    WEB_MAX_SEGMENTS = 12,     /* of a path */
};

struct web_pair {
    const char *name, *value;
};

struct web_pairs {
    struct web_pair *v;
    size_t n;
};

/* Decodes %XX, and '+' as a space if `form`. RC_INVALID: a broken escape, NUL or bytes that are not UTF-8. */
WARN_UNUSED enum rc web_decode(struct cx *cx, struct str in, bool form, const char **out);

/* name=value&name=value, application/x-www-form-urlencoded. RC_TOOBIG: more than max (from 1 on). */
WARN_UNUSED enum rc web_parse_pairs(struct cx *cx, struct str text, size_t max, struct web_pairs *out);

/* The first value of that name, or NULL. */
const char *web_pairs_get(const struct web_pairs *pairs, const char *name);

/* The value of the first cookie `name` in a Cookie header (RFC 6265 section 4.2.1), or NULL; a header over
 * WEB_MAX_COOKIES counts as none. */
const char *web_parse_cookie(struct arena *a, const char *header, const char *name);

/* The names of cookies that begin with `prefix`, without it, at most `max` of them: each is one that
 * web_parse_cookie finds. Returns how many. */
size_t web_parse_cookie_names(struct arena *a, const char *header, const char *prefix, const char **names,
                              size_t max);

/* `text` as one part of a URL: all but unreserved characters (RFC 3986 section 2.3) are escaped. */
char *web_encode(struct arena *a, const char *text);

/* True for a path of this site: it starts with one slash, has no backslash and no control character, and at
 * most WEB_MAX_URI bytes. A form's address of the next page must pass this. */
bool web_is_local_path(const char *path);

/* The language among `codes` (NULL-terminated, lower case) that the header Accept-Language prefers, or
 * codes[0]. RFC 9110 section 12.5.4, with the region ignored. */
const char *web_parse_language(const char *header, const char *const *codes);

#endif
