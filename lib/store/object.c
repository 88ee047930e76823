/* Objects: written under a temporary name and renamed, opened, hashed. */
#include "lib/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"

enum {
    PIECE = 256 * 1024,
    TMP_SIZE = 32,
    WRITEBACK =
        16 << 20 /* bytes after which the kernel begins to write, so that the fsync at the end is short */
};

#define HASH_ATTRIBUTE "user.lectern.sha256"

struct store_put {
    int dir_fd, fd;
    char leaf[STORE_MAX_NAME + 1], tmp[TMP_SIZE];
    EVP_MD_CTX *md;
    int64_t written;
};

static void to_hex(EVP_MD_CTX *md, char hex[STORE_SHA256_HEX])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(md, sum, &n) != 1 || 2 * n + 1 != STORE_SHA256_HEX)
        bug("SHA-256 does not end");
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

static EVP_MD_CTX *sha256_begin(void)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        bug("no SHA-256");
    return md;
}

/* --- the hash beside the content --- */

void inner_hash_set(int fd, const char *hex)
{
    if (fsetxattr(fd, HASH_ATTRIBUTE, hex, strlen(hex), 0) != 0)
        return; /* a file system without attributes: whoever needs the hash reads the content */
}

bool inner_hash_get(int fd, char hex[STORE_SHA256_HEX])
{
    ssize_t n = fgetxattr(fd, HASH_ATTRIBUTE, hex, STORE_SHA256_HEX - 1);
    if (n != STORE_SHA256_HEX - 1)
        return false;
    hex[n] = '\0';
    return true;
}

/* --- writing --- */

static bool is_target(const char *path)
{
    struct str rest = str_of(path);
    if (!store_is_path(rest) || !str_eq(str_cut(&rest, '/'), "incoming"))
        return false;
    struct str lecture = str_cut(&rest, '/'), attempt = str_cut(&rest, '/');
    struct str prefix = {lecture.p, lecture.n + 1 + attempt.n};
    if (rest.n == 0 || !store_is_prefix(prefix))
        return false;
    str_cut(&rest, '/');
    return rest.n == 0 || !memchr(rest.p, '/', rest.n);
}

enum rc store_put_begin(struct cx *cx, struct store *s, const char *path, struct store_put **out)
{
    char id[17];
    const char *leaf;
    if (!is_target(path))
        return err_set(cx, RC_INVALID, NULL, NULL, "not the path of an artifact");
    struct store_put *put = mem_alloc(sizeof *put);
    put->fd = -1;
    put->dir_fd = inner_parent(s, path, true, &leaf);
    if (put->dir_fd >= 0) {
        memcpy(put->leaf, leaf, strlen(leaf) + 1);
        rand_hex(id, sizeof id);
        snprintf(put->tmp, sizeof put->tmp, ".%s.tmp", id);
        put->fd = openat(put->dir_fd, put->tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    }
    if (put->fd < 0) {
        enum rc rc = inner_fail(cx, "create", path);
        store_put_abort(put);
        return rc == RC_NOTFOUND ? RC_UNAVAIL : rc;
    }
    put->md = sha256_begin();
    *out = put;
    return RC_OK;
}

enum rc store_put_write(struct cx *cx, struct store_put *put, const void *p, size_t n)
{
    if (EVP_DigestUpdate(put->md, p, n) != 1)
        bug("SHA-256 does not go on");
    if (!file_write_all(put->fd, p, n))
        return inner_fail(cx, "write", put->leaf);
    int64_t before = put->written;
    put->written += (int64_t)n;
    if (before / WRITEBACK != put->written / WRITEBACK)
        (void)sync_file_range(put->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint; the fsync decides */
    return RC_OK;
}

static enum rc rename_into_place(struct cx *cx, struct store_put *put, bool *replaced)
{
    struct stat st;
    if (fsync(put->fd) != 0)
        return inner_fail(cx, "sync", put->leaf);
    bool was = fstatat(put->dir_fd, put->leaf, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (renameat(put->dir_fd, put->tmp, put->dir_fd, put->leaf) != 0)
        return inner_fail(cx, "rename", put->leaf);
    put->tmp[0] = '\0';
    if (fsync(put->dir_fd) != 0)
        return inner_fail(cx, "sync the folder of", put->leaf);
    *replaced = was;
    return RC_OK;
}

enum rc store_put_commit(struct cx *cx, struct store_put *put, const char *sha256, bool *replaced)
{
    enum rc rc;
    char hex[STORE_SHA256_HEX];
    to_hex(put->md, hex);
    if (strcmp(hex, sha256) != 0) {
        rc = err_set(cx, RC_INVALID, NULL, NULL, "%s has the SHA-256 %s, announced was %s", put->leaf, hex,
                     sha256);
    } else {
        inner_hash_set(put->fd, hex);
        rc = rename_into_place(cx, put, replaced);
    }
    store_put_abort(put);
    return rc;
}

enum rc store_put_link(struct cx *cx, struct store *s, const char *path, const char *from, const char *sha256)
{
    struct store_put *put = NULL;
    bool replaced;
    enum rc rc = store_put_begin(cx, s, path, &put);
    if (rc != RC_OK)
        return rc;
    int fd = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || unlinkat(put->dir_fd, put->tmp, 0) != 0 ||
        linkat(AT_FDCWD, from, put->dir_fd, put->tmp, 0) != 0 || fchmod(fd, 0644) != 0) {
        rc = errno == EXDEV || errno == EPERM
                 ? err_set(cx, RC_CONFLICT, NULL, NULL, "%s lies on another file system", path)
                 : inner_fail(cx, "link", path);
        if (fd >= 0)
            close(fd);
    } else {
        close(put->fd);
        put->fd = fd;
        inner_hash_set(fd, sha256);
        rc = rename_into_place(cx, put, &replaced);
    }
    store_put_abort(put);
    return rc;
}

void store_put_abort(struct store_put *put)
{
    if (!put)
        return;
    if (put->fd >= 0) {
        close(put->fd);
        if (put->tmp[0] != '\0')
            unlinkat(put->dir_fd, put->tmp, 0);
    }
    if (put->dir_fd >= 0)
        close(put->dir_fd);
    EVP_MD_CTX_free(put->md);
    free(put);
}

/* --- hashing while it comes --- */

struct store_tally {
    EVP_MD_CTX *md;
    int64_t length;
};

struct store_tally *store_tally_new(void)
{
    struct store_tally *t = mem_alloc(sizeof *t);
    t->md = sha256_begin();
    return t;
}

void store_tally_free(struct store_tally *t)
{
    if (t)
        EVP_MD_CTX_free(t->md);
    free(t);
}

void store_tally_add(struct store_tally *t, const void *p, size_t n)
{
    if (EVP_DigestUpdate(t->md, p, n) != 1)
        bug("SHA-256 does not go on");
    t->length += (int64_t)n;
}

int64_t store_tally_length(const struct store_tally *t)
{
    return t->length;
}

void store_tally_note(struct store_tally *t, int fd)
{
    struct stat st;
    char hex[STORE_SHA256_HEX];
    /* the data first: after a power failure there must be no hash beside data that are incomplete */
    if (fdatasync(fd) == 0 && fstat(fd, &st) == 0 && st.st_size == t->length) {
        to_hex(t->md, hex);
        inner_hash_set(fd, hex);
    }
    store_tally_free(t);
}

/* --- reading --- */

enum rc store_object_open(struct cx *cx, struct store *s, const char *path, int *fd, int64_t *size)
{
    const char *leaf;
    struct stat st;
    enum rc rc = RC_OK;
    int f = -1;
    if (!store_is_path(str_of(path)))
        return err_set(cx, RC_INVALID, NULL, NULL, "not the path of an object");
    int dir = inner_parent(s, path, false, &leaf);
    if (dir >= 0)
        f = openat(dir, leaf, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (f < 0)
        rc = inner_fail(cx, "open", path);
    else if (fstat(f, &st) != 0 || !S_ISREG(st.st_mode))
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "%s is no object", path);
    if (dir >= 0)
        close(dir);
    if (rc == RC_OK) {
        *fd = f;
        *size = st.st_size;
    } else if (f >= 0) {
        close(f);
    }
    return rc;
}

enum rc store_view_open(struct cx *cx, struct store *s, const char *path, bool make, int *fd)
{
    struct str rest = str_of(path);
    if (!store_is_path(rest) || !str_eq(str_cut(&rest, '/'), "media"))
        return err_set(cx, RC_INVALID, NULL, NULL, "not the path of a view");
    int dir = inner_dir(s, path, make);
    if (dir < 0)
        return inner_fail(cx, "open", path);
    *fd = dir;
    return RC_OK;
}

enum rc store_hash(struct cx *cx, int fd, store_stopped *stopped, void *arg, char hex[STORE_SHA256_HEX])
{
    enum rc rc = RC_OK;
    char sum[STORE_SHA256_HEX];
    EVP_MD_CTX *md = sha256_begin();
    unsigned char *piece = mem_alloc(PIECE);
    for (int64_t at = 0;;) {
        ssize_t n = pread(fd, piece, PIECE, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = inner_fail(cx, "read", "object");
        else if (stopped && stopped(arg))
            rc = err_set(cx, RC_TIMEOUT, NULL, NULL, "hashing was stopped");
        if (n <= 0 || rc != RC_OK)
            break;
        if (EVP_DigestUpdate(md, piece, (size_t)n) != 1)
            bug("SHA-256 does not go on");
        at += n;
    }
    to_hex(md, sum);
    if (rc == RC_OK)
        memcpy(hex, sum, sizeof sum);
    EVP_MD_CTX_free(md);
    free(piece);
    return rc;
}
