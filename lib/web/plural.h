/* Which form of a text stands with a number: "1 lecture", "2 lectures", and three or four forms in some languages.
 * A catalogue says it as an expression of C over n whose result is the name of a form:
 *     n == 1 ? one : other
 *     n % 10 == 1 && n % 100 != 11 ? one : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? few : many
 * It knows whole numbers, names [a-z]+, ( ) % < <= > >= == != && || and ? : — the plural forms of GNU gettext
 * (manual, section 11.2.6) with names instead of numbers. Pure. */
#ifndef LIB_WEB_PLURAL_H
#define LIB_WEB_PLURAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

enum { PLURAL_RULE_MAX = 500 }; /* bytes of an expression */

/* The form for n, a slice of rule. False: the rule is not such an expression, or n is negative. */
bool plural_form(const char *rule, int64_t n, struct str *form);

#endif
