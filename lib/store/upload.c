/* One upload in the spool. The length of U.part is the offset; nothing else counts bytes. */
#include "lib/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/net/json.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"

enum { JSON_MAX = 4096, NAME_SIZE = STORE_KEY_SIZE + sizeof ".part" };

static void file_name(char out[NAME_SIZE], const char *id, const char *suffix)
{
    snprintf(out, NAME_SIZE, "%.*s%s", STORE_KEY_SIZE, id, suffix);
}

static enum rc check_id(struct cx *cx, const char *id)
{
    return store_is_key(str_of(id)) ? RC_OK : err_set(cx, RC_NOTFOUND, NULL, NULL, "not an upload's key");
}

int64_t inner_expires_ms(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000 +
           STORE_UPLOAD_LIFE_S * INT64_C(1000);
}

static enum rc read_json(struct cx *cx, struct store *s, const char *id, struct store_upload *up)
{
    struct str text;
    const json_t *o;
    up->name = "";
    enum rc rc = file_read(cx, arena_printf(cx->arena, "%s/spool/%s.json", s->root, id), JSON_MAX, &text);
    if (rc == RC_OK)
        rc = js_parse_object(cx, text, JSON_MAX, &o);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "size", STORE_SIZE_LATER, INT64_MAX, &up->size);
    if (rc == RC_OK)
        rc = js_opt_str(cx, o, "name", STORE_MAX_TITLE, &up->name);
    return rc == RC_INVALID ? RC_NOTFOUND
                            : rc; /* a file that cannot be read is replaced by the next create */
}

static bool stat_file(const struct store *s, const char *id, const char *suffix, struct stat *st)
{
    char name[NAME_SIZE];
    file_name(name, id, suffix);
    return fstatat(s->spool_fd, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum rc look(struct cx *cx, struct store *s, const char *id, struct store_upload *out)
{
    struct store_upload up = {0};
    struct stat st;
    enum rc rc = check_id(cx, id);
    if (rc == RC_OK)
        rc = read_json(cx, s, id, &up);
    if (rc != RC_OK)
        return rc;
    memcpy(up.id, id, sizeof up.id);
    up.complete = stat_file(s, id, ".full", &st);
    if (!up.complete && !stat_file(s, id, ".part", &st)) {
        up.complete = stat_file(s, id, ".full", &st); /* it may have been completed in between */
        if (!up.complete)
            return inner_fail(cx, "find", id);
    }
    up.offset = st.st_size;
    up.expires_ms = inner_expires_ms(&st);
    *out = up;
    return RC_OK;
}

enum rc store_upload_stat(struct cx *cx, struct store *s, const char *id, struct store_upload *out)
{
    struct store_upload up;
    int fd = -1;
    enum rc rc = look(cx, s, id, &up);
    if (rc != RC_OK)
        return rc;
    if (!up.complete && up.offset == up.size && store_upload_open(cx, s, id, &up, &fd) == RC_OK)
        rc = store_upload_close(cx, s, &up, fd);
    else
        err_clear(cx); /* another process is completing it */
    if (rc == RC_OK)
        *out = up;
    return rc;
}

static enum rc write_json(struct cx *cx, struct store *s, const char *id, int64_t size, const char *name)
{
    json_t *o = js_object(cx);
    json_object_set_new(o, "size", json_integer(size));
    json_object_set_new(o, "name", json_string(name));
    const char *path = arena_printf(cx->arena, "%s/spool/%s.json", s->root, id);
    return file_write(cx, path, js_text(cx, o), 0644);
}

static enum rc make_part(struct cx *cx, struct store *s, const char *id)
{
    char name[NAME_SIZE];
    file_name(name, id, ".part");
    int fd = openat(s->spool_fd, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return inner_fail(cx, "create", name);
    close(fd);
    return fsync(s->spool_fd) == 0 ? RC_OK : inner_fail(cx, "sync", "spool");
}

enum rc store_upload_create(struct cx *cx, struct store *s, const char *id, int64_t size, const char *name,
                            struct store_upload *out)
{
    struct store_upload up;
    enum rc rc = check_id(cx, id);
    if (rc != RC_OK)
        return rc;
    if (size < STORE_SIZE_LATER || strlen(name) > STORE_MAX_TITLE || !str_is_utf8(str_of(name)))
        return err_set(cx, RC_INVALID, NULL, NULL, "bad size or name of upload %s", id);

    rc = store_upload_stat(cx, s, id, &up);
    if (rc == RC_OK && size != STORE_SIZE_LATER && up.size != size)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "upload %s has %lld bytes, not %lld", id,
                       (long long)up.size, (long long)size);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        rc = write_json(cx, s, id, size, name);
        if (rc == RC_OK)
            rc = make_part(cx, s, id);
        if (rc == RC_OK)
            rc = store_upload_stat(cx, s, id, &up);
    }
    if (rc == RC_OK)
        *out = up;
    return rc;
}

/* Opens and locks U.part. If it was renamed to U.full between the two steps, the lock is on a file that may
 * not be written any more. */
static enum rc lock_part(struct cx *cx, struct store *s, const char *id, int *fd)
{
    struct stat here, there;
    char name[NAME_SIZE];
    enum rc rc = RC_OK;
    file_name(name, id, ".part");
    int f = openat(s->spool_fd, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (f < 0)
        return inner_fail(cx, "open", name);
    if (flock(f, LOCK_EX | LOCK_NB) != 0)
        rc = err_set(cx, RC_CONFLICT, NULL, NULL, "upload %s is being written", id);
    else if (fstat(f, &here) != 0 || fstatat(s->spool_fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
             here.st_ino != there.st_ino)
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "upload %s was completed or removed", id);
    if (rc == RC_OK)
        *fd = f;
    else
        close(f);
    return rc;
}

void store_upload_wish(struct store *s, const char *id, enum store_wish wish)
{
    char name[NAME_SIZE];
    file_name(name, id, ".wish");
    if (wish == STORE_WISH_NONE) {
        unlinkat(s->spool_fd, name, 0);
        return;
    }
    int fd = openat(s->spool_fd, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return; /* the disk is full: the writer meets that as well */
    if (wish == STORE_WISH_NOW)
        (void)!write(fd, "!", 1);
    close(fd);
}

enum store_wish store_upload_wished(struct store *s, const char *id)
{
    struct stat st;
    if (!stat_file(s, id, ".wish", &st))
        return STORE_WISH_NONE;
    return st.st_size > 0 ? STORE_WISH_NOW : STORE_WISH_SILENT;
}

enum rc store_upload_open(struct cx *cx, struct store *s, const char *id, struct store_upload *up, int *fd)
{
    int f = -1;
    enum rc rc = check_id(cx, id);
    if (rc == RC_OK)
        rc = lock_part(cx, s, id, &f);
    if (rc != RC_OK)
        return rc;
    store_upload_wish(s, id, STORE_WISH_NONE);
    rc = look(cx, s, id, up);
    if (rc == RC_OK && up->complete)
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "upload %s is complete", id);
    if (rc == RC_OK)
        *fd = f;
    else
        close(f);
    return rc;
}

static enum rc finish(struct cx *cx, struct store *s, const char *id)
{
    char part[NAME_SIZE], full[NAME_SIZE];
    file_name(part, id, ".part");
    file_name(full, id, ".full");
    if (renameat(s->spool_fd, part, s->spool_fd, full) != 0)
        return inner_fail(cx, "rename", part);
    return fsync(s->spool_fd) == 0 ? RC_OK : inner_fail(cx, "sync", "spool");
}

enum rc store_upload_close(struct cx *cx, struct store *s, struct store_upload *up, int fd)
{
    struct stat st;
    enum rc rc = RC_OK;
    if (fdatasync(fd) != 0 || fstat(fd, &st) != 0) {
        rc = inner_fail(cx, "sync", up->id);
        goto out;
    }
    up->offset = st.st_size;
    up->expires_ms = inner_expires_ms(&st);
    if (up->offset == up->size)
        rc = finish(cx, s, up->id);
    if (rc == RC_OK && up->offset == up->size)
        up->complete = true;
out:
    close(fd); /* and gives the lock back */
    return rc;
}

enum rc store_upload_size(struct cx *cx, struct store *s, struct store_upload *up, int64_t size)
{
    if (size < up->offset || (up->size != STORE_SIZE_LATER && up->size != size))
        return err_set(cx, RC_INVALID, NULL, NULL, "upload %s is not one of %lld bytes", up->id,
                       (long long)size);
    enum rc rc = up->size == size ? RC_OK : write_json(cx, s, up->id, size, up->name);
    if (rc == RC_OK)
        up->size = size;
    return rc;
}

enum rc store_upload_finish(struct cx *cx, struct store *s, struct store_upload *up, int fd)
{
    struct stat st;
    enum rc rc = RC_OK;
    if (fdatasync(fd) != 0 || fstat(fd, &st) != 0)
        rc = inner_fail(cx, "sync", up->id);
    else
        rc = write_json(cx, s, up->id, st.st_size, up->name);
    if (rc != RC_OK) {
        close(fd);
        return rc;
    }
    up->size = st.st_size;
    return store_upload_close(cx, s, up, fd);
}

enum rc store_upload_seal(struct cx *cx, struct store *s, const char *id, struct store_upload *out)
{
    struct store_upload up;
    int fd = -1;
    enum rc rc = store_upload_create(cx, s, id, STORE_SIZE_LATER, "", &up); /* keeps what there is */
    if (rc == RC_OK && !up.complete)
        rc = store_upload_open(cx, s, id, &up, &fd);
    if (rc == RC_CONFLICT)
        store_upload_wish(s, id, STORE_WISH_NOW);
    if (fd >= 0)
        rc = store_upload_finish(cx, s, &up, fd);
    if (rc == RC_OK)
        *out = up;
    return rc;
}

/* Removes the first n files of the upload. */
static enum rc unlink_files(struct cx *cx, struct store *s, const char *id, size_t n)
{
    static const char *const suffixes[] = {".part", ".json", ".full"};
    char name[NAME_SIZE];
    int gone = 0;
    store_upload_wish(s, id, STORE_WISH_NONE);
    for (size_t i = 0; i < n; i++) {
        file_name(name, id, suffixes[i]);
        if (unlinkat(s->spool_fd, name, 0) == 0)
            gone++;
        else if (errno != ENOENT)
            return inner_fail(cx, "remove", name);
    }
    if (gone == 0)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "no upload %s", id);
    return fsync(s->spool_fd) == 0 ? RC_OK : inner_fail(cx, "sync", "spool");
}

enum rc store_upload_remove(struct cx *cx, struct store *s, const char *id)
{
    int fd = -1;
    enum rc rc = check_id(cx, id);
    if (rc == RC_OK && lock_part(cx, s, id, &fd) == RC_CONFLICT)
        rc = RC_CONFLICT;
    if (rc == RC_OK)
        rc = unlink_files(cx, s, id, 3);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* While the lock is held, no other process can complete the upload. */
enum rc store_upload_discard(struct cx *cx, struct store *s, const char *id)
{
    struct stat st;
    char full[NAME_SIZE];
    int fd = -1;
    enum rc rc = check_id(cx, id);
    if (rc != RC_OK)
        return rc;
    rc = lock_part(cx, s, id, &fd);
    file_name(full, id, ".full");
    if (rc == RC_NOTFOUND && fstatat(s->spool_fd, full, &st, AT_SYMLINK_NOFOLLOW) == 0)
        rc = err_set(cx, RC_CONFLICT, NULL, NULL, "upload %s is complete", id);
    if (rc == RC_OK || rc == RC_NOTFOUND)
        rc = unlink_files(cx, s, id, 2);
    if (fd >= 0)
        close(fd);
    return rc;
}

enum rc store_source_open(struct cx *cx, struct store *s, const char *id, int *fd, int64_t *size)
{
    enum rc rc = check_id(cx, id);
    if (rc != RC_OK)
        return rc;
    return store_object_open(cx, s, arena_printf(cx->arena, "spool/%s.full", id), fd, size);
}

enum rc store_source_link(struct cx *cx, struct store *s, const char *id, const char *to)
{
    char name[NAME_SIZE];
    enum rc rc = check_id(cx, id);
    if (rc != RC_OK)
        return rc;
    file_name(name, id, ".full");
    if (linkat(s->spool_fd, name, AT_FDCWD, to, 0) == 0)
        return RC_OK;
    if (errno == EXDEV || errno == EPERM)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "%s lies on another file system", to);
    return inner_fail(cx, "link", name);
}

bool store_source_hashed(struct cx *cx, struct store *s, const char *id, char hex[STORE_SHA256_HEX])
{
    int64_t size;
    int fd = -1;
    bool known = store_source_open(cx, s, id, &fd, &size) == RC_OK && inner_hash_get(fd, hex);
    if (fd >= 0)
        close(fd);
    err_clear(cx);
    return known;
}

enum rc store_source_hash(struct cx *cx, struct store *s, const char *id, store_stopped *stopped, void *arg,
                          char hex[STORE_SHA256_HEX], int64_t *size)
{
    int fd = -1;
    enum rc rc = store_source_open(cx, s, id, &fd, size);
    if (rc != RC_OK)
        return rc;
    if (!inner_hash_get(fd, hex)) {
        rc = store_hash(cx, fd, stopped, arg, hex);
        if (rc == RC_OK)
            inner_hash_set(fd, hex);
    }
    close(fd);
    return rc;
}
