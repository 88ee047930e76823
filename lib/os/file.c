#include "lib/os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/rand.h"

enum { SECRET_MAX = 4096, OPEN_DIRS = 16 };

static const char no_space[] = "no_space";

const char *file_error_key(int e)
{
    return e == ENOSPC || e == EDQUOT ? no_space : NULL;
}

bool file_is_full(const struct cx *cx)
{
    return cx->err.key && strcmp(cx->err.key, no_space) == 0;
}

static enum rc fail(struct cx *cx, const char *what, const char *path)
{
    int e = errno;
    enum rc rc = e == ENOENT ? RC_NOTFOUND : RC_UNAVAIL;
    return err_set(cx, rc, NULL, file_error_key(e), "%s %s: %s", what, path, strerror(e));
}

enum rc file_read(struct cx *cx, const char *path, size_t max, struct str *out)
{
    enum rc rc = RC_OK;
    struct stat st;
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(cx, "cannot open", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = err_set(cx, RC_INVALID, NULL, NULL, "%s is not a regular file", path);
        goto out;
    }
    if ((size_t)st.st_size > max) {
        rc = err_set(cx, RC_TOOBIG, NULL, NULL, "%s has more than %zu bytes", path, max);
        goto out;
    }
    char *p = arena_alloc(cx->arena, (size_t)st.st_size + 1);
    while (n < (size_t)st.st_size) {
        ssize_t got = read(fd, p + n, (size_t)st.st_size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            rc = fail(cx, "cannot read", path);
            goto out;
        }
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *out = (struct str){p, n};
out:
    close(fd);
    return rc;
}

enum rc file_read_secret(struct cx *cx, const char *path, char **out)
{
    struct str all;
    enum rc rc = file_read(cx, path, SECRET_MAX, &all);
    if (rc != RC_OK)
        return rc;
    struct str line = str_trim(str_cut(&all, '\n'));
    if (line.n == 0)
        return err_set(cx, RC_INVALID, NULL, NULL, "%s is empty", path);
    *out = str_dup(cx->arena, line);
    return RC_OK;
}

bool file_write_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static char *folder_of(struct cx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_strdup(cx->arena, ".");
    return arena_strndup(cx->arena, path, slash == path ? 1 : (size_t)(slash - path));
}

enum rc file_sync_dir(struct cx *cx, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(cx, "cannot open", path);
    enum rc rc = fsync(fd) == 0 ? RC_OK : fail(cx, "cannot sync", path);
    close(fd);
    return rc;
}

enum rc file_write(struct cx *cx, const char *path, struct str content, mode_t mode)
{
    char id[9];
    rand_hex(id, sizeof id);
    char *beside = arena_printf(cx->arena, "%s.%s.tmp", path, id);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(cx, "cannot create", beside);

    bool ok = file_write_all(fd, content.p, content.n) && fsync(fd) == 0;
    int e = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        e = errno;
    }
    if (ok && rename(beside, path) == 0)
        return file_sync_dir(cx, folder_of(cx, path));
    if (ok)
        e = errno;
    unlink(beside);
    errno = e;
    return fail(cx, "cannot write", path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rc file_list(struct cx *cx, const char *path, const char *suffix, const char ***names, size_t *n)
{
    DIR *dir = opendir(path);
    if (!dir)
        return fail(cx, "cannot open", path);
    const char **list = arena_array(cx->arena, FILE_LIST_MAX, sizeof *list);
    size_t count = 0, tail = strlen(suffix);
    enum rc rc = RC_OK;
    for (const struct dirent *e; rc == RC_OK && (e = readdir(dir));) {
        size_t length = strlen(e->d_name);
        if (e->d_name[0] == '.' || length < tail || strcmp(e->d_name + length - tail, suffix) != 0)
            continue;
        if (count == FILE_LIST_MAX)
            rc = err_set(cx, RC_TOOBIG, NULL, NULL, "%s: over %d names", path, FILE_LIST_MAX);
        else
            list[count++] = arena_strdup(cx->arena, e->d_name);
    }
    closedir(dir);
    if (rc != RC_OK)
        return rc;
    qsort(list, count, sizeof *list, by_name);
    *names = list;
    *n = count;
    return RC_OK;
}

enum rc file_mkdirs(struct cx *cx, const char *path, mode_t mode)
{
    char *copy = arena_strdup(cx->arena, path);
    for (char *at = copy + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        bool last = *at == '\0';
        *at = '\0';
        if (mkdir(copy, mode) != 0 && errno != EEXIST)
            return fail(cx, "cannot make folder", copy);
        if (last)
            return RC_OK;
        *at = '/';
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

enum rc file_remove_tree(struct cx *cx, const char *path)
{
    if (nftw(path, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return RC_OK;
    return fail(cx, "cannot remove", path);
}
