#include "daemons/workerd/sources.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"

enum { MAX_SOURCES = 64, KEEP_MS = 15 * 60 * 1000, DIGEST_SIZE = 65, WAIT_MS = 200, PATH_SIZE = 4096 };
enum { BLOCK = 512 /* bytes of st_blocks */ };

struct source {
    char sha256[DIGEST_SIZE]; /* "": free */
    int users;
    bool fetching, ready;
    int64_t used; /* monotonic ms */
};

struct sources {
    pthread_mutex_t lock;
    char *dir;
    struct source list[MAX_SOURCES];
};

enum rc sources_open(struct cx *cx, const char *dir, struct sources **out)
{
    enum rc rc = file_remove_tree(cx, dir);
    if (rc == RC_OK)
        rc = file_mkdirs(cx, dir, 0700);
    if (rc != RC_OK)
        return rc;
    struct sources *s = mem_alloc(sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    s->dir = mem_strdup(dir);
    *out = s;
    return RC_OK;
}

void sources_close(struct sources *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s->dir);
    free(s);
}

const char *sources_dir(const struct sources *s)
{
    return s->dir;
}

static const char *path_of(const struct sources *s, const struct source *e, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", s->dir, e->sha256);
    return path;
}

static void forget(struct sources *s, struct source *e)
{
    char path[PATH_SIZE];
    unlink(path_of(s, e, path));
    *e = (struct source){0};
}

/* The entry of that digest, a new one, or NULL if all places are in use. Locked. */
static struct source *find(struct sources *s, const char *sha256)
{
    struct source *free_one = NULL, *oldest = NULL;
    for (size_t i = 0; i < MAX_SOURCES; i++) {
        struct source *e = &s->list[i];
        if (strcmp(e->sha256, sha256) == 0)
            return e;
        if (e->sha256[0] == '\0' && !free_one)
            free_one = e;
        else if (e->sha256[0] != '\0' && e->users == 0 && (!oldest || e->used < oldest->used))
            oldest = e;
    }
    if (!free_one && oldest) {
        forget(s, oldest);
        free_one = oldest;
    }
    if (free_one)
        memcpy(free_one->sha256, sha256, DIGEST_SIZE);
    return free_one;
}

/* 1: it is there; 0: the caller fetches it; -1: no place or stopped. */
static int claim(struct sources *s, const char *sha256, const atomic_bool *stop)
{
    int got = -2;
    while (got == -2) {
        pthread_mutex_lock(&s->lock);
        struct source *e = find(s, sha256);
        if (!e || atomic_load(stop)) {
            got = -1;
        } else if (!e->fetching) {
            e->users++;
            e->fetching = !e->ready;
            got = e->ready ? 1 : 0;
        }
        pthread_mutex_unlock(&s->lock);
        if (got == -2)
            usleep(WAIT_MS * 1000); /* only *stop ends it; it is set later than daemon_stopping() */
    }
    return got;
}

static void settle(struct sources *s, const char *sha256, bool ready)
{
    pthread_mutex_lock(&s->lock);
    struct source *e = find(s, sha256);
    e->fetching = false;
    e->ready = ready;
    if (!ready)
        e->users--;
    pthread_mutex_unlock(&s->lock);
}

enum rc sources_acquire(struct cx *cx, struct sources *s, const struct transfer *t, const char *sha256,
                        int64_t size, const char **path)
{
    unsigned char digest[(DIGEST_SIZE - 1) / 2];
    if (!str_hex_decode(str_of(sha256), digest, sizeof digest))
        return err_set(cx, RC_INVALID, "sha256", NULL, "not a digest");
    const char *file = arena_printf(cx->arena, "%s/%s", s->dir, sha256);
    int got = claim(s, sha256, t->stop);
    if (got < 0)
        return err_set(cx, RC_TIMEOUT, NULL, NULL, "stopped while waiting for a source");
    if (got == 0) {
        enum rc rc = transfer_get(cx, t, file, size, sha256);
        if (rc == RC_CONFLICT)
            unlink(file);
        settle(s, sha256, rc == RC_OK);
        if (rc != RC_OK)
            return rc;
    }
    *path = file;
    return RC_OK;
}

void sources_release(struct sources *s, const char *sha256)
{
    pthread_mutex_lock(&s->lock);
    struct source *e = find(s, sha256);
    if (e && e->users > 0)
        e->users--;
    if (e)
        e->used = clock_mono();
    pthread_mutex_unlock(&s->lock);
}

bool sources_has(struct sources *s, const char *sha256)
{
    bool has = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < MAX_SOURCES; i++)
        has |= s->list[i].ready && strcmp(s->list[i].sha256, sha256) == 0;
    pthread_mutex_unlock(&s->lock);
    return has;
}

static bool is_idle(const struct source *e)
{
    return e->sha256[0] != '\0' && e->users == 0 && !e->fetching;
}

void sources_sweep(struct sources *s)
{
    int64_t now = clock_mono();
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < MAX_SOURCES; i++)
        if (is_idle(&s->list[i]) && now - s->list[i].used > KEEP_MS)
            forget(s, &s->list[i]);
    pthread_mutex_unlock(&s->lock);
}

void sources_make_room(struct sources *s, const char *but)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < MAX_SOURCES; i++)
        if (is_idle(&s->list[i]) && strcmp(s->list[i].sha256, but) != 0)
            forget(s, &s->list[i]);
    pthread_mutex_unlock(&s->lock);
}

int64_t sources_idle(struct sources *s)
{
    char path[PATH_SIZE];
    struct stat st;
    int64_t bytes = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < MAX_SOURCES; i++)
        if (is_idle(&s->list[i]) && stat(path_of(s, &s->list[i], path), &st) == 0 && st.st_nlink == 1)
            bytes += (int64_t)st.st_blocks * BLOCK;
    pthread_mutex_unlock(&s->lock);
    return bytes;
}
