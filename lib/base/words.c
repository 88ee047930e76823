#include "lib/base/words.h"

#include "lib/base/rc.h"

const char *words_name(const char *const *words, size_t n, size_t value)
{
    if (value >= n)
        bug("no word for this value");
    return words[value];
}

size_t words_find(const char *const *words, size_t n, struct str word)
{
    size_t i = 0;
    while (i < n && !str_eq(word, words[i]))
        i++;
    return i;
}
