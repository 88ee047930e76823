#include "lib/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"
#include "lib/wire/words.h"

enum { DEPTH_MAX = 8, NUMBER_MAX = 19 /* digits of an int64_t */ };

enum rc inner_fail(struct cx *cx, const char *what, const char *path)
{
    int e = errno;
    enum rc rc = e == ENOENT || e == ENOTDIR ? RC_NOTFOUND : RC_UNAVAIL;
    return err_set(cx, rc, NULL, file_error_key(e), "cannot %s %s: %s", what, path, strerror(e));
}

/* --- names --- */

bool store_is_key(struct str s)
{
    return str_is_key(s, STORE_KEY_SIZE);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool store_is_name(struct str s)
{
    if (s.n == 0 || s.n > STORE_MAX_NAME || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_name_char(s.p[i]))
            return false;
    return true;
}

bool store_is_path(struct str s)
{
    if (s.n == 0 || s.n >= STORE_MAX_PATH || s.p[s.n - 1] == '/')
        return false;
    int depth = 0;
    while (s.n > 0)
        if (++depth > DEPTH_MAX || !store_is_name(str_cut(&s, '/')))
            return false;
    return true;
}

bool store_is_view(struct str s)
{
    enum view_kind v;
    return wire_view_of(s, &v);
}

static bool is_number(struct str s)
{
    int64_t v;
    return s.n > 0 && s.n <= NUMBER_MAX && s.p[0] != '0' && s.p[0] != '-' && str_to_i64(s, 1, INT64_MAX, &v);
}

bool store_is_prefix(struct str s)
{
    struct str lecture = str_cut(&s, '/'), job = str_cut(&s, '-');
    return store_is_key(lecture) && is_number(job) && is_number(s);
}

/* --- root --- */

/* One step down; `make` also for a folder that another thread makes at the same time. */
static int step(int at, const char *name, bool make)
{
    enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
    int fd = openat(at, name, FLAGS);
    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    if (mkdirat(at, name, 0755) != 0 && errno != EEXIST)
        return -1;
    if (fsync(at) != 0)
        return -1;
    return openat(at, name, FLAGS);
}

int inner_dir(const struct store *s, const char *path, bool make)
{
    struct str rest = str_of(path);
    int fd = openat(s->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && rest.n > 0) {
        char name[STORE_MAX_NAME + 1] = "";
        struct str part = str_cut(&rest, '/');
        if (part.n > STORE_MAX_NAME)
            bug("a path that was not checked");
        memcpy(name, part.p, part.n);
        int next = step(fd, name, make), e = errno;
        close(fd);
        errno = e;
        fd = next;
    }
    return fd;
}

int inner_parent(const struct store *s, const char *path, bool make, const char **leaf)
{
    char dir[STORE_MAX_PATH] = "";
    const char *slash = strrchr(path, '/');
    *leaf = slash ? slash + 1 : path;
    if (slash)
        memcpy(dir, path, (size_t)(slash - path));
    return inner_dir(s, dir, make);
}

enum rc store_open(struct cx *cx, const char *root, struct store **out)
{
    enum rc rc = RC_OK;
    struct store *s = mem_alloc(sizeof *s);
    s->spool_fd = -1;
    s->root = mem_strdup(root);
    s->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root_fd < 0) {
        rc = inner_fail(cx, "open", root);
        goto out;
    }
    static const char *const folders[] = {"incoming", "media", "spool"};
    for (size_t i = 0; i < 3; i++) {
        int fd = inner_dir(s, folders[i], true);
        if (fd < 0) {
            rc = inner_fail(cx, "make", folders[i]);
            goto out;
        }
        if (i == 2)
            s->spool_fd = fd;
        else
            close(fd);
    }
    *out = s;
    s = NULL;
out:
    store_close(s);
    return rc == RC_NOTFOUND ? RC_UNAVAIL : rc;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->root_fd >= 0)
        close(s->root_fd);
    if (s->spool_fd >= 0)
        close(s->spool_fd);
    free(s->root);
    free(s);
}

enum rc store_space(struct cx *cx, struct store *s, struct store_space *out)
{
    struct statvfs v;
    if (fstatvfs(s->root_fd, &v) != 0)
        return inner_fail(cx, "measure", s->root);
    *out = (struct store_space){.free = (int64_t)(v.f_bavail * v.f_frsize),
                                .total = (int64_t)(v.f_blocks * v.f_frsize)};
    return RC_OK;
}
