#include "lib/play/play.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/node/keys.h"
#include "lib/play/cache.h"
#include "lib/store/store.h"

struct play {
    struct node_keys *keys;
    struct cache *cache;
};

struct play *play_new(struct cx *cx, const char *node_dir, size_t places)
{
    struct play *p = mem_alloc(sizeof *p);
    p->keys = node_keys_new(arena_printf(cx->arena, "%s/keys.json", node_dir), JWT_AUD_PLAY);
    p->cache = cache_new(places);
    return p;
}

void play_free(struct play *p)
{
    if (!p)
        return;
    node_keys_free(p->keys);
    cache_free(p->cache);
    free(p);
}

static bool grant_of(const struct jwt_claims *c, struct grant *g)
{
    *g = (struct grant){.gmin = c->gmin, .gmax = c->gmax, .download = c->dl};
    if (!c->lec || !store_is_key(str_of(c->lec)) || c->gmin < 0 || c->gmax < c->gmin)
        return false;
    memcpy(g->lecture, c->lec, sizeof g->lecture);
    for (const char *const *v = c->views; *v; v++)
        g->views |= decide_view_bit(str_of(*v));
    return true;
}

enum rc play_look_up(struct cx *cx, struct play *p, struct str token, struct grant *out, bool *known)
{
    struct jwt_claims c;
    int64_t now = clock_now() / 1000;
    const struct grant *g = cache_find(p->cache, token, now);
    *known = g != NULL;
    if (g) {
        *out = *g;
        return RC_OK;
    }
    enum rc rc = node_keys_verify(cx, p->keys, now, token, &c);
    if (rc != RC_OK)
        return rc;
    if (!grant_of(&c, out))
        return err_set(cx, RC_DENIED, NULL, NULL, "the claims are no playback");
    cache_keep(p->cache, token, out, c.exp, now);
    return RC_OK;
}
