/* Heap allocation that never returns NULL: out of memory ends the process. Bound every length that comes from
 * outside before it gets here. Release with free(). */
#ifndef LIB_BASE_MEM_H
#define LIB_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n) __attribute__((malloc, alloc_size(1), returns_nonnull)); /* zeroed */
void *mem_array(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull)); /* zeroed, overflow checked */
void *mem_resize(void *p, size_t n) __attribute__((returns_nonnull));
char *mem_strdup(const char *s) __attribute__((nonnull, returns_nonnull));

/* Overwrites n bytes in a way the compiler may not drop; for secrets. */
void mem_wipe(void *p, size_t n);

#endif
