#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/rc.h"

enum { BLOCK_SIZE = 16 * 1024 };

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct block *blocks; /* newest first; the last one is kept by arena_reset */
    struct cleanup *cleanups;
};

static struct block *block_new(struct block *next, size_t size)
{
    struct block *b = mem_alloc(sizeof *b + size);
    b->next = next;
    b->size = size;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = mem_alloc(sizeof *a);
    a->blocks = block_new(NULL, BLOCK_SIZE);
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->cleanups) {
        struct cleanup *c = a->cleanups;
        a->cleanups = c->next;
        c->fn(c->arg);
    }
    while (a->blocks->next) {
        struct block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    memset(a->blocks->data, 0, a->blocks->used);
    a->blocks->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->blocks);
    free(a);
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t align = alignof(max_align_t);
    struct block *b = a->blocks;
    if (n > SIZE_MAX / 2)
        bug("arena: length out of range");
    n = (n + align - 1) / align * align;
    if (b->size - b->used < n)
        b = a->blocks = block_new(b, n > BLOCK_SIZE ? n : BLOCK_SIZE);
    void *p = b->data + b->used;
    b->used += n;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        bug("arena: array too large");
    return arena_alloc(a, n);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    memcpy(p, s, n);
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0)
        bug("arena: bad format");
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

void arena_on_free(struct arena *a, void (*fn)(void *), void *arg)
{
    struct cleanup *c = arena_alloc(a, sizeof *c);
    c->fn = fn;
    c->arg = arg;
    c->next = a->cleanups;
    a->cleanups = c;
}

struct secret {
    char *p;
    size_t n;
};

static void wipe_secret(void *arg)
{
    const struct secret *s = arg;
    mem_wipe(s->p, s->n);
}

char *arena_secret(struct arena *a, const void *p, size_t n)
{
    struct secret *s = arena_alloc(a, sizeof *s);
    *s = (struct secret){arena_strndup(a, p, n), n};
    arena_on_free(a, wipe_secret, s);
    return s->p;
}
