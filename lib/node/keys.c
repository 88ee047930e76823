#include "lib/node/keys.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/net/json.h"
#include "lib/os/file.h"

enum { FILE_MAX = 65536, LOOK_MS = 1000 /* the file is checked at most once in this time */ };

struct node_keys {
    char *path, *aud;
    pthread_rwlock_t lock; /* of what follows; readers verify, a writer replaces the set */
    struct jwt_keys *keys; /* NULL: none yet */
    struct timespec mtime;
    ino_t ino;
    int64_t looked; /* clock_mono */
};

struct node_keys *node_keys_new(const char *path, const char *aud)
{
    struct node_keys *k = mem_alloc(sizeof *k);
    k->path = mem_strdup(path);
    k->aud = mem_strdup(aud);
    k->looked = INT64_MIN / 2;
    pthread_rwlock_init(&k->lock, NULL);
    return k;
}

void node_keys_free(struct node_keys *k)
{
    if (!k)
        return;
    jwt_keys_free(k->keys);
    pthread_rwlock_destroy(&k->lock);
    free(k->path);
    free(k->aud);
    free(k);
}

/* With the write lock held. If the file cannot be read, the keys stay as they are. */
static void look(struct cx *cx, struct node_keys *k, int64_t now)
{
    struct stat st;
    struct str text;
    struct jwt_keys *fresh = NULL;
    if (now - k->looked < LOOK_MS)
        return;
    k->looked = now;
    if (stat(k->path, &st) != 0 || (k->keys && st.st_ino == k->ino && st.st_mtim.tv_sec == k->mtime.tv_sec &&
                                    st.st_mtim.tv_nsec == k->mtime.tv_nsec))
        return;
    if (file_read(cx, k->path, FILE_MAX, &text) == RC_OK &&
        jwt_keys_from_json(cx, text, k->aud, &fresh) == RC_OK) {
        jwt_keys_free(k->keys);
        k->keys = fresh;
        k->mtime = st.st_mtim;
        k->ino = st.st_ino;
    }
    err_clear(cx);
}

static enum rc verify(struct cx *cx, struct node_keys *k, int64_t now, struct str token,
                      struct jwt_claims *out, bool *due)
{
    pthread_rwlock_rdlock(&k->lock);
    enum rc rc = RC_UNAVAIL;
    *due = clock_mono() - k->looked >= LOOK_MS;
    if (k->keys)
        rc = jwt_verify(cx, k->keys, k->aud, now, token, out);
    else
        err_set(cx, RC_UNAVAIL, NULL, NULL, "no keys in %s", k->path);
    pthread_rwlock_unlock(&k->lock);
    return rc;
}

enum rc node_keys_verify(struct cx *cx, struct node_keys *k, int64_t now, struct str token,
                         struct jwt_claims *out)
{
    bool due;
    struct jwt_claims c;
    enum rc rc = verify(cx, k, now, token, &c, &due);
    /* The file is checked again if a key is missing, and regularly for keys that were removed. */
    if (due) {
        pthread_rwlock_wrlock(&k->lock);
        look(cx, k, clock_mono());
        pthread_rwlock_unlock(&k->lock);
        err_clear(cx);
        rc = verify(cx, k, now, token, &c, &due);
    }
    if (rc == RC_OK)
        *out = c;
    if (rc == RC_NOTFOUND)
        rc = cx->err.rc = RC_DENIED;
    return rc;
}

enum rc node_keys_write(struct cx *cx, const char *path, struct str keys_json)
{
    struct jwt_keys *keys = NULL;
    struct str old;
    enum rc rc = jwt_keys_from_json(cx, keys_json, NULL, &keys);
    if (rc != RC_OK)
        return rc;
    jwt_keys_free(keys);

    const char *text = keys_json.n > 0 && keys_json.p[0] == '['
                           ? arena_printf(cx->arena, "{\"keys\":%.*s}\n", (int)keys_json.n, keys_json.p)
                           : arena_printf(cx->arena, "%.*s\n", (int)keys_json.n, keys_json.p);
    if (file_read(cx, path, FILE_MAX, &old) == RC_OK && str_eq(old, text))
        return RC_OK;
    err_clear(cx);
    return file_write(cx, path, str_of(text), 0644);
}
