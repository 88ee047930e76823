#include "lib/play/cache.h"

#include <string.h>

#include "lib/base/mem.h"

enum { TRUST_S = 60, TOKEN_MAX = 1024 /* longer ones are verified each time */ };

struct entry {
    char token[TOKEN_MAX];
    size_t n;
    struct grant grant;
    int64_t until;
};

struct cache {
    size_t n;
    struct entry places[];
};

struct cache *cache_new(size_t places)
{
    struct cache *c = mem_alloc(sizeof *c + places * sizeof c->places[0]);
    c->n = places;
    return c;
}

void cache_free(struct cache *c)
{
    free(c);
}

/* FNV-1a. Collisions are harmless: the whole token is compared, and whoever makes tokens that collide slows
 * down only these. */
static struct entry *place_of(struct cache *c, struct str token)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < token.n; i++)
        h = (h ^ (unsigned char)token.p[i]) * 16777619U;
    return &c->places[(h ^ h >> 16) % c->n];
}

const struct grant *cache_find(struct cache *c, struct str token, int64_t now)
{
    const struct entry *e = place_of(c, token);
    bool same = e->n > 0 && e->n == token.n && memcmp(e->token, token.p, token.n) == 0;
    return same && now < e->until ? &e->grant : NULL;
}

void cache_keep(struct cache *c, struct str token, const struct grant *g, int64_t exp, int64_t now)
{
    struct entry *e = place_of(c, token);
    if (token.n == 0 || token.n > sizeof e->token)
        return;
    memcpy(e->token, token.p, token.n);
    e->n = token.n;
    e->grant = *g;
    e->until = exp < now + TRUST_S ? exp : now + TRUST_S;
}
