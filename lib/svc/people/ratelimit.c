#include "lib/svc/people/ratelimit.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/str.h"
#include "lib/net/redis.h"

enum { PLACES = 4096, DIGEST_SIZE = 32, KEY_SIZE = 160 };

const struct ratelimit_rule RATELIMIT_SIGNIN_NETWORK = {"signin-network", 100, 600, "too_many_signins"};
const struct ratelimit_rule RATELIMIT_SIGNIN_FROM = {"signin-from", 10, 600, "too_many_signins"};
const struct ratelimit_rule RATELIMIT_SIGNIN_LOGIN = {"signin-login", 100, 600, "too_many_signins"};
const struct ratelimit_rule RATELIMIT_SIGNIN_KNOWN = {"signin-known", 10, 600, "too_many_signins"};
const struct ratelimit_rule RATELIMIT_PASSWORD = {"password", 10, 600, "too_many_attempts"};
const struct ratelimit_rule RATELIMIT_UPLOAD_USER = {"upload-user", 60, 3600, "too_many_uploads"};
const struct ratelimit_rule RATELIMIT_AGAIN_LECTURE = {"again-lecture", 6, 3600, "too_many_again_lecture"};
const struct ratelimit_rule RATELIMIT_AGAIN_USER = {"again-user", 30, 3600, "too_many_again"};

/* Counting without Redis: a table of fixed size. If two subjects have the same place, the newer one replaces
 * the other. */
struct place {
    unsigned char digest[DIGEST_SIZE];
    int64_t count;
};

struct ratelimit {
    struct redis *redis;
    struct place *places;
};

struct ratelimit *ratelimit_new(struct redis *redis)
{
    struct ratelimit *l = mem_alloc(sizeof *l);
    l->redis = redis;
    l->places = mem_array(PLACES, sizeof *l->places);
    return l;
}

void ratelimit_free(struct ratelimit *l)
{
    if (l)
        free(l->places);
    free(l);
}

/* A key of fixed length for any text; upper and lower case count as the same. */
static void digest_text(char *text, unsigned char out[DIGEST_SIZE])
{
    for (char *p = text; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    if (!EVP_Digest(text, strlen(text), out, NULL, EVP_sha256(), NULL))
        bug("EVP_Digest");
}

/* The digest of rule, window and subject. */
static void digest_of(struct cx *cx, const struct ratelimit_rule *rule, const char *subject,
                      unsigned char out[DIGEST_SIZE])
{
    int64_t window = clock_now() / 1000 / rule->window_s;
    digest_text(arena_printf(cx->arena, "%s %lld %s", rule->name, (long long)window, subject), out);
}

static const char *key_of(struct cx *cx, const struct ratelimit_rule *rule, const unsigned char *digest)
{
    return arena_printf(cx->arena, "lectern:limit:%s:%s", rule->name,
                        str_hex(cx->arena, digest, DIGEST_SIZE / 2));
}

static struct place *place_of(struct ratelimit *l, const unsigned char *digest)
{
    size_t i = (size_t)(digest[0] | digest[1] << 8) % PLACES;
    return &l->places[i];
}

static int64_t count_here(struct ratelimit *l, const unsigned char *digest)
{
    struct place *p = place_of(l, digest);
    if (memcmp(p->digest, digest, DIGEST_SIZE) != 0) {
        memcpy(p->digest, digest, DIGEST_SIZE);
        p->count = 0;
    }
    return ++p->count;
}

enum rc ratelimit_hit(struct cx *cx, struct ratelimit *l, const struct ratelimit_rule *rule,
                      const char *subject)
{
    unsigned char digest[DIGEST_SIZE];
    int64_t count = 0;
    digest_of(cx, rule, subject, digest);
    if (!l->redis || redis_count(l->redis, key_of(cx, rule, digest), rule->window_s, &count) != RC_OK)
        count = count_here(l, digest);
    if (count <= rule->most)
        return RC_OK;
    return err_set(cx, RC_DENIED, NULL, rule->key, "more than %lld of %s in %lld s", (long long)rule->most,
                   rule->name, (long long)rule->window_s);
}

void ratelimit_clear(struct cx *cx, struct ratelimit *l, const struct ratelimit_rule *rule,
                     const char *subject)
{
    unsigned char digest[DIGEST_SIZE];
    digest_of(cx, rule, subject, digest);
    place_of(l, digest)->count = 0;
    if (l->redis && redis_delete(l->redis, key_of(cx, rule, digest)) != RC_OK)
        return; /* the window ends by itself */
}

void ratelimit_return(struct cx *cx, struct ratelimit *l, const struct ratelimit_rule *rule,
                      const char *subject)
{
    unsigned char digest[DIGEST_SIZE];
    digest_of(cx, rule, subject, digest);
    struct place *p = place_of(l, digest);
    if (l->redis && redis_uncount(l->redis, key_of(cx, rule, digest), rule->window_s) == RC_OK)
        return;
    if (memcmp(p->digest, digest, DIGEST_SIZE) == 0 && p->count > 0)
        p->count--;
}

static const char *known_key(struct cx *cx, const char *subject)
{
    unsigned char digest[DIGEST_SIZE];
    digest_text(arena_strdup(cx->arena, subject), digest);
    return arena_printf(cx->arena, "lectern:known:%s", str_hex(cx->arena, digest, DIGEST_SIZE / 2));
}

void ratelimit_remember(struct cx *cx, struct ratelimit *l, const char *subject)
{
    const int64_t seconds = (int64_t)RATELIMIT_KNOWN_DAYS * 24 * 3600;
    if (l->redis && redis_mark(l->redis, known_key(cx, subject), seconds) != RC_OK)
        return; /* the subject is then unknown the next time */
}

bool ratelimit_remembers(struct cx *cx, struct ratelimit *l, const char *subject)
{
    bool there = false;
    return l->redis && redis_marked(l->redis, known_key(cx, subject), &there) == RC_OK && there;
}
