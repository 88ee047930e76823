/* Rate limits: counters in Redis, shared by all processes. Without Redis each process counts for itself, so
 * that sign-in stays limited (less strictly) and everything works. Fixed windows: cheap, and sufficient
 * against guessing. */
#ifndef LIB_SVC_PEOPLE_RATELIMIT_H
#define LIB_SVC_PEOPLE_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"

struct ratelimit;
struct redis; /* lib/net/redis.h */

struct ratelimit_rule {
    const char *name; /* part of the counter's name */
    int64_t most;     /* hits within the window */
    int64_t window_s;
    const char *key; /* of the failure, and of its sentence: says what was too much and how long to wait */
};

/* Wrong passwords: session_sign_in says which counts when. */
extern const struct ratelimit_rule RATELIMIT_SIGNIN_NETWORK; /* 100 in 10 minutes: a hall shares an address */
extern const struct ratelimit_rule RATELIMIT_SIGNIN_FROM;    /* 10 in 10 minutes, a login from a network */
extern const struct ratelimit_rule RATELIMIT_SIGNIN_LOGIN;   /* 100 in 10 minutes, from anywhere */
extern const struct ratelimit_rule RATELIMIT_SIGNIN_KNOWN;   /* 10 in 10 minutes, by a browser it knows */
extern const struct ratelimit_rule RATELIMIT_PASSWORD;       /* 10 in 10 minutes: changing the own password */
extern const struct ratelimit_rule RATELIMIT_UPLOAD_USER;    /* 60 uploads an hour */
extern const struct ratelimit_rule RATELIMIT_AGAIN_LECTURE;  /* 6 an hour: processing it again */
extern const struct ratelimit_rule RATELIMIT_AGAIN_USER;     /* 30 an hour, of all lectures */

/* One per process (or thread). redis may be NULL: counts in the process only; it is borrowed. */
struct ratelimit *ratelimit_new(struct redis *redis) __attribute__((returns_nonnull));
void ratelimit_free(struct ratelimit *limits);

/* Counts a hit. RC_DENIED with the rule's key once the window holds more than `most`. */
WARN_UNUSED enum rc ratelimit_hit(struct cx *cx, struct ratelimit *limits, const struct ratelimit_rule *rule,
                                  const char *subject);
/* Forgets the hits, after a success. */
void ratelimit_clear(struct cx *cx, struct ratelimit *limits, const struct ratelimit_rule *rule,
                     const char *subject);
/* Takes one hit back, because it must not count. */
void ratelimit_return(struct cx *cx, struct ratelimit *limits, const struct ratelimit_rule *rule,
                      const char *subject);

/* Subjects that are trusted, remembered for RATELIMIT_KNOWN_DAYS. Without Redis none is. */
enum { RATELIMIT_KNOWN_DAYS = 90 };
void ratelimit_remember(struct cx *cx, struct ratelimit *limits, const char *subject);
bool ratelimit_remembers(struct cx *cx, struct ratelimit *limits, const char *subject);

#endif
