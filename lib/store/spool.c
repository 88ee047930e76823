/* The spool as a whole: which uploads are complete, and which have expired. */
#include "lib/store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/inner.h"

static DIR *open_spool(struct store *s)
{
    int fd = inner_dir(s, "spool", false);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d && fd >= 0)
        close(fd);
    return d;
}

/* "<key><suffix>": the key, else the empty slice. */
static struct str key_of(const char *name, const char *suffix)
{
    struct str key = {name, STORE_KEY_SIZE};
    if (strlen(name) == STORE_KEY_SIZE + strlen(suffix) && store_is_key(key) &&
        strcmp(name + STORE_KEY_SIZE, suffix) == 0)
        return key;
    return (struct str){"", 0};
}

enum rc store_upload_list(struct cx *cx, struct store *s, const char *const **ids, size_t *count)
{
    size_t n = 0, size = 16;
    const char **list = arena_array(cx->arena, size, sizeof *list);
    DIR *d = open_spool(s);
    if (!d)
        return inner_fail(cx, "list", "spool");
    for (struct dirent *e; (e = readdir(d));) {
        struct str key = key_of(e->d_name, ".part");
        struct store_upload up;
        if (key.n > 0 && store_upload_stat(cx, s, str_dup(cx->arena, key), &up) != RC_OK)
            err_clear(cx); /* removed in the meantime, or it belongs to no upload: not complete */
    }
    rewinddir(d);
    for (struct dirent *e; (e = readdir(d));) {
        struct str key = key_of(e->d_name, ".full");
        if (key.n == 0)
            continue;
        if (n == size) {
            const char **more = arena_array(cx->arena, 2 * size, sizeof *more);
            memcpy(more, list, n * sizeof *list);
            list = more;
            size *= 2;
        }
        list[n++] = str_dup(cx->arena, key);
    }
    closedir(d);
    err_clear(cx);
    *ids = list;
    *count = n;
    return RC_OK;
}

/* True for an unfinished upload that has expired, and for a file older than a day that belongs to no
 * upload. */
static bool is_stale(struct cx *cx, struct store *s, const char *name, int64_t now)
{
    struct stat st;
    struct store_upload up;
    if (name[0] == '.' || key_of(name, ".full").n > 0 ||
        fstatat(s->spool_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (inner_expires_ms(&st) >= now)
        return false;
    struct str key = key_of(name, ".json");
    if (key.n == 0)
        return true; /* .part, or a temporary file of a crash */
    enum rc rc = store_upload_stat(cx, s, str_dup(cx->arena, key), &up);
    return rc == RC_NOTFOUND || (rc == RC_OK && !up.complete && up.expires_ms < now);
}

static bool remove_stale(struct cx *cx, struct store *s, const char *name)
{
    struct str key = key_of(name, ".part");
    if (key.n == 0)
        key = key_of(name, ".json");
    if (key.n > 0)
        return store_upload_discard(cx, s, str_dup(cx->arena, key)) == RC_OK;
    return unlinkat(s->spool_fd, name, 0) == 0;
}

enum rc store_upload_sweep(struct cx *cx, struct store *s, int64_t now, int *removed)
{
    int n = 0;
    DIR *d = open_spool(s);
    if (!d)
        return inner_fail(cx, "list", "spool");
    for (struct dirent *e; (e = readdir(d));)
        if (is_stale(cx, s, e->d_name, now) && remove_stale(cx, s, e->d_name))
            n++;
    closedir(d);
    err_clear(cx);
    *removed = n;
    return RC_OK;
}

enum rc store_upload_watch(struct cx *cx, struct store *s, int *fd)
{
    const char *spool = arena_printf(cx->arena, "%s/spool", s->root);
    int f = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (f < 0)
        return inner_fail(cx, "watch", spool);
    if (inotify_add_watch(f, spool, IN_MOVED_TO) < 0) {
        enum rc rc = inner_fail(cx, "watch", spool);
        close(f);
        return rc;
    }
    *fd = f;
    return RC_OK;
}
