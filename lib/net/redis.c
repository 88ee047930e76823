#include "lib/net/redis.h"

#include <hiredis/hiredis.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/os/conf.h"

enum { RETRY_MS = 1000 };

struct redis {
    char *socket, *host;
    int port;
    redisContext *link; /* NULL: not connected */
    int64_t tried_at;   /* clock_mono; 0: never */
};

struct redis *redis_new(const char *socket, const char *host, int port)
{
    struct redis *r = mem_alloc(sizeof *r);
    r->socket = mem_strdup(socket);
    r->host = mem_strdup(host ? host : "");
    r->port = port;
    return r;
}

struct redis *redis_new_conf(const struct conf *conf)
{
    return redis_new(conf->redis_socket, conf->redis_host, conf->redis_port);
}

static void drop(struct redis *r)
{
    if (r->link)
        redisFree(r->link);
    r->link = NULL;
}

void redis_free(struct redis *r)
{
    if (!r)
        return;
    drop(r);
    free(r->socket);
    free(r->host);
    free(r);
}

static enum rc ensure(struct redis *r)
{
    struct timeval wait = {.tv_usec = REDIS_TIMEOUT_MS * 1000};
    int64_t now = clock_mono();
    if (r->link)
        return RC_OK;
    if (r->tried_at && now - r->tried_at < RETRY_MS)
        return RC_UNAVAIL;
    r->tried_at = now;
    r->link = r->socket[0] ? redisConnectUnixWithTimeout(r->socket, wait)
                           : redisConnectWithTimeout(r->host, r->port, wait);
    if (!r->link || r->link->err || redisSetTimeout(r->link, wait) != REDIS_OK) {
        drop(r);
        return RC_UNAVAIL;
    }
    return RC_OK;
}

/* Takes the next reply. After any error the link is closed, since later replies could belong to earlier
 * requests. */
static enum rc take_reply(struct redis *r, int64_t *number)
{
    void *got = NULL;
    if (!r->link || redisGetReply(r->link, &got) != REDIS_OK || !got) {
        drop(r);
        return RC_UNAVAIL;
    }
    redisReply *reply = got;
    bool good = reply->type != REDIS_REPLY_ERROR;
    if (good && number)
        *number = reply->integer;
    freeReplyObject(reply);
    if (!good)
        drop(r);
    return good ? RC_OK : RC_UNAVAIL;
}

/* Tries once more, at once, if the link existed before: Redis may have been restarted since. */
static enum rc one(struct redis *r, int argc, const char **argv, int64_t *number)
{
    for (int n = 0;; n++) {
        bool rested = r->link != NULL;
        enum rc rc = ensure(r);
        if (rc != RC_OK)
            return rc;
        rc = redisAppendCommandArgv(r->link, argc, argv, NULL) == REDIS_OK ? take_reply(r, number)
                                                                           : RC_UNAVAIL;
        if (rc == RC_OK || !rested || n > 0)
            return rc;
        drop(r);
        r->tried_at = 0;
    }
}

enum rc redis_ping(struct redis *r)
{
    return one(r, 1, (const char *[]){"PING"}, NULL);
}

enum rc redis_delete(struct redis *r, const char *key)
{
    return one(r, 2, (const char *[]){"DEL", key}, NULL);
}

static enum rc add(struct redis *r, const char *key, const char *by, int64_t expire_s, int64_t *count)
{
    char seconds[24];
    int64_t n = 0;
    snprintf(seconds, sizeof seconds, "%lld", (long long)expire_s);
    enum rc rc = one(r, 3, (const char *[]){"INCRBY", key, by}, &n);
    if (rc == RC_OK)
        rc = one(r, 3, (const char *[]){"EXPIRE", key, seconds}, NULL);
    if (rc == RC_OK)
        *count = n;
    return rc;
}

enum rc redis_count(struct redis *r, const char *key, int64_t expire_s, int64_t *count)
{
    return add(r, key, "1", expire_s, count);
}

enum rc redis_uncount(struct redis *r, const char *key, int64_t expire_s)
{
    int64_t left;
    return add(r, key, "-1", expire_s, &left);
}

enum rc redis_mark(struct redis *r, const char *key, int64_t expire_s)
{
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%lld", (long long)expire_s);
    return one(r, 4, (const char *[]){"SETEX", key, seconds, ""}, NULL);
}

enum rc redis_marked(struct redis *r, const char *key, bool *there)
{
    int64_t n = 0;
    enum rc rc = one(r, 2, (const char *[]){"EXISTS", key}, &n);
    if (rc == RC_OK)
        *there = n > 0;
    return rc;
}
