/* Redis, for data that may be lost. One connection per process or thread, opened at its first use. A failed
 * connection is tried again once a second at most, so that requests do not wait for a missing Redis. Not for
 * sharing between threads. */
#ifndef LIB_NET_REDIS_H
#define LIB_NET_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"

struct redis;

enum { REDIS_TIMEOUT_MS = 250, REDIS_KEY_MAX = 200 };

/* socket "" : host and port. Strings are copied. Never NULL. */
struct redis *redis_new(const char *socket, const char *host, int port) __attribute__((returns_nonnull));
/* The same from the keys redis_* of the configuration. */
struct redis *redis_new_conf(const struct conf *conf) __attribute__((returns_nonnull));
void redis_free(struct redis *r); /* NULL is fine */

/* All calls: RC_UNAVAIL if Redis cannot be reached. They leave cx->err unchanged, since callers go on without
 * Redis. */
WARN_UNUSED enum rc redis_ping(struct redis *r);
/* Adds one to a counter that disappears expire_s after the last hit; *count is the new value. */
WARN_UNUSED enum rc redis_count(struct redis *r, const char *key, int64_t expire_s, int64_t *count);
/* Subtracts one from it. */
WARN_UNUSED enum rc redis_uncount(struct redis *r, const char *key, int64_t expire_s);
/* redis_mark sets a mark that disappears expire_s after it was last set; redis_marked tells whether it is
 * there. */
WARN_UNUSED enum rc redis_mark(struct redis *r, const char *key, int64_t expire_s);
WARN_UNUSED enum rc redis_marked(struct redis *r, const char *key, bool *there);
WARN_UNUSED enum rc redis_delete(struct redis *r, const char *key);

#endif
