/* Arena: memory and cleanups that live exactly as long as one request or one job. Not for sharing between
 * threads. Services allocate their results here and the caller frees nothing. */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Runs the cleanups, newest first, and frees everything. NULL is fine. */
void arena_free(struct arena *a);
/* The same, but keeps the arena (and its first block) for the next request. */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t n)
    __attribute__((returns_nonnull)); /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t count, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((nonnull, returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((nonnull, returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0), returns_nonnull));

/* A copy with a NUL behind it that is overwritten when the arena is reset or freed: for keys and passwords. */
char *arena_secret(struct arena *a, const void *p, size_t n) __attribute__((returns_nonnull));

/* fn(arg) runs when the arena is reset or freed. */
void arena_on_free(struct arena *a, void (*fn)(void *), void *arg);

#endif
