/* String slices (not NUL-terminated, never owning) and the few checks on text that everything uses. */
#ifndef LIB_BASE_STR_H
#define LIB_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof literal - 1})

struct str str_of(const char *s); /* NULL gives the empty slice */
bool str_eq(struct str a, const char *b);
bool str_starts(struct str s, const char *prefix);
struct str str_trim(struct str s); /* drops ASCII white space at both ends */
/* Cuts *rest at the first `sep`: returns what is before it and leaves what is after. Without `sep` takes
 * all. */
struct str str_cut(struct str *rest, char sep);
char *str_dup(struct arena *a, struct str s); /* NUL-terminated copy */

/* Whole numbers: decimal digits with an optional minus sign, nothing else, min <= value <= max. */
bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL. */
bool str_is_utf8(struct str s);
/* Number of code points of well-formed UTF-8. */
size_t str_utf8_length(struct str s);
/* The longest beginning of well-formed UTF-8 that has at most `max` bytes and only whole characters. */
struct str str_utf8_cut(struct str s, size_t max);
/* True if well-formed UTF-8 has a control character (C0, DEL, C1); with `lines`, \n, \r and \t do not count.
 * Such text could send commands to the terminal on which it is read. */
bool str_has_controls(struct str s, bool lines);
/* A copy in which control characters other than \n, \r and \t are spaces. */
char *str_printable(struct arena *a, struct str s);
/* 1 to max characters of [a-z0-9-], for slugs; of [a-z0-9], for public keys. */
bool str_is_slug(struct str s, size_t max);
bool str_is_key(struct str s, size_t length);

/* Compares secrets; the time it takes depends on their lengths only. */
bool str_eq_secret(struct str a, struct str b);

/* base64url without padding (RFC 4648 section 5). */
char *str_b64url(struct arena *a, const void *p, size_t n);
/* Returns false for any character outside the alphabet, padding included. *out is in the arena. */
bool str_b64url_decode(struct arena *a, struct str s, unsigned char **out, size_t *n);
/* Standard base64 with padding (RFC 4648 section 4), as in Repr-Digest and Upload-Metadata. */
char *str_b64(struct arena *a, const void *p, size_t n);
bool str_b64_decode(struct arena *a, struct str s, unsigned char **out, size_t *n);

/* Percent-encoding (RFC 3986 section 2.1): everything but letters, digits and "-._~" is encoded. */
char *str_percent(struct arena *a, struct str s);
/* And back; with `form` a "+" is a space. False: a "%" without two hex digits. *out is in the arena, with a NUL
 * behind it; it may hold any bytes. */
bool str_percent_decode(struct arena *a, struct str s, bool form, struct str *out);

int str_hex_digit(char c); /* 0–15, -1: none */
char *str_hex(struct arena *a, const void *p, size_t n);
bool str_hex_decode(struct str s, unsigned char *out, size_t n); /* exactly n bytes */

#endif
