/* Name tables: each enum that leaves the program has one table of words in its order, for the database, JSON,
 * paths and the command line. Every value has a word, and no two have the same. */
#ifndef LIB_BASE_WORDS_H
#define LIB_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

/* The word of a value below n; anything else is a bug. Lends a static string. */
const char *words_name(const char *const *words, size_t n, size_t value);
/* The value of a word, n if the table does not have it. */
size_t words_find(const char *const *words, size_t n, struct str word);

/* These define a module's two functions over its table:
 *   const char *x_name(enum x value);
 *   bool x_of(struct str word, enum x *out);     false: no such word, *out stays as it was
 * A table may end with a NULL behind its n words. */
#define WORDS_NAME(function, type, words, n)                                                                 \
    const char *function(type value)                                                                         \
    {                                                                                                        \
        return words_name(words, n, (size_t)value);                                                          \
    }
#define WORDS_OF(function, type, words, n)                                                                   \
    bool function(struct str word, type *out)                                                                \
    {                                                                                                        \
        size_t value = words_find(words, n, word);                                                           \
        if (value == (n))                                                                                    \
            return false;                                                                                    \
        *out = (type)value;                                                                                  \
        return true;                                                                                         \
    }

#endif
