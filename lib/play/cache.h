/* Tokens that were verified a short time ago: verifying Ed25519 costs 100 µs, finding a token here almost
 * nothing. One cache per process. */
#ifndef LIB_PLAY_CACHE_H
#define LIB_PLAY_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/play/decide.h"

struct cache;

/* places: tokens at most; about a kilobyte each, of memory that is used only when one is kept. */
struct cache *cache_new(size_t places);
void cache_free(struct cache *c);
/* The grant of exactly this token, or NULL: unknown, expired, or verified more than a minute ago (keys may
 * have been withdrawn). Lends until the next call. now: seconds. */
const struct grant *cache_find(struct cache *c, struct str token, int64_t now);
/* exp: seconds. */
void cache_keep(struct cache *c, struct str token, const struct grant *g, int64_t exp, int64_t now);

#endif
