#include "lib/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/rc.h"

void *mem_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        bug("out of memory");
    return p;
}

void *mem_array(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        bug("out of memory");
    return p;
}

void *mem_resize(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    if (!q)
        bug("out of memory");
    return q;
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = mem_alloc(n);
    memcpy(p, s, n);
    return p;
}

void mem_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}
