/* Generations: committing what arrived, removing and sweeping whole folders. Everything is built with hard
 * links, so that after a crash at any moment the sources are still in place and the next attempt starts from
 * the beginning. */
#include "lib/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"
#include "lib/wire/words.h"

enum { SUBFOLDERS = 4 /* of a view's files: names have one level of "/" */ };

struct commit {
    struct cx *cx;
    struct store *s;
    const struct store_generation *g;
    store_stopped *stopped;
    void *arg;
    const char *tmp, *final; /* paths below the root */
};

static const char *path_of(struct cx *cx, const struct store_generation *g, int64_t number)
{
    return arena_printf(cx->arena, "media/%s/g%lld", g->lecture, (long long)number);
}

/* --- checks --- */

static bool is_hex256(const char *s)
{
    return strlen(s) == STORE_SHA256_HEX - 1 && strspn(s, "0123456789abcdef") == STORE_SHA256_HEX - 1;
}

static bool file_name_ok(const char *name)
{
    struct str rest = str_of(name);
    if (!store_is_path(rest))
        return false;
    str_cut(&rest, '/');
    return rest.n == 0 || !memchr(rest.p, '/', rest.n);
}

static bool view_ok(const struct store_generation *g, const struct store_view *v)
{
    if (!store_is_view(str_of(v->view)) || !store_is_prefix(str_of(v->from)) || v->file_count == 0)
        return false;
    if (strncmp(v->from, g->lecture, STORE_KEY_SIZE) != 0)
        return false;
    for (size_t i = 0; i < v->file_count; i++)
        if (!file_name_ok(v->files[i].name) || v->files[i].size < 0 || !is_hex256(v->files[i].sha256))
            return false;
    return true;
}

static enum rc check_request(struct cx *cx, const struct store_generation *g)
{
    bool ok = store_is_key(str_of(g->lecture)) && g->number > 0 && g->base >= 0 && g->base < g->number &&
              g->job > 0 && g->view_count > 0;
    for (size_t i = 0; i < g->view_count && ok; i++)
        ok = view_ok(g, &g->views[i]);
    return ok ? RC_OK : err_set(cx, RC_INVALID, NULL, NULL, "the commit breaks a rule of names or numbers");
}

/* Compares the file dir/name with its entry of the list. */
static enum rc check_file(struct commit *c, const char *dir, const struct store_file *f)
{
    char hex[STORE_SHA256_HEX] = "";
    int64_t size;
    int fd = -1;
    const char *path = arena_printf(c->cx->arena, "%s/%s", dir, f->name);
    enum rc rc = store_object_open(c->cx, c->s, path, &fd, &size);
    if (rc != RC_OK)
        return rc;
    if (size != f->size)
        rc = err_set(c->cx, RC_CONFLICT, NULL, NULL, "%s has %lld bytes, announced were %lld", path,
                     (long long)size, (long long)f->size);
    else if (!inner_hash_get(fd, hex))
        rc = store_hash(c->cx, fd, c->stopped, c->arg, hex);
    if (rc == RC_OK && strcmp(hex, f->sha256) != 0)
        rc = err_set(c->cx, RC_CONFLICT, NULL, NULL, "%s has the SHA-256 %s, announced was %s", path, hex,
                     f->sha256);
    close(fd);
    return rc;
}

/* True if the generation exists already, with exactly the files that are asked for. */
static bool is_committed(struct commit *c)
{
    for (size_t i = 0; i < c->g->view_count; i++) {
        const struct store_view *v = &c->g->views[i];
        const char *dir = arena_printf(c->cx->arena, "%s/%s", c->final, v->view);
        for (size_t k = 0; k < v->file_count; k++)
            if (check_file(c, dir, &v->files[k]) != RC_OK)
                return false;
    }
    return true;
}

/* --- building --- */

static enum rc sync_dir(struct commit *c, const char *path)
{
    int fd = inner_dir(c->s, path, false);
    enum rc rc = fd >= 0 && fsync(fd) == 0 ? RC_OK : inner_fail(c->cx, "sync", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum rc link_file(struct commit *c, const struct store_view *v, const struct store_file *f)
{
    const char *to = arena_printf(c->cx->arena, "%s/%s/%s", c->tmp, v->view, f->name);
    const char *leaf_to = strrchr(to, '/') + 1, *leaf_from;
    const char *dir_to = arena_strndup(c->cx->arena, to, (size_t)(leaf_to - 1 - to));
    const char *from = arena_printf(c->cx->arena, "incoming/%s/%s", v->from, f->name);
    int a = inner_parent(c->s, from, false, &leaf_from), b = a >= 0 ? inner_dir(c->s, dir_to, true) : -1;
    enum rc rc = RC_OK;
    if (a < 0 || b < 0 || (linkat(a, leaf_from, b, leaf_to, 0) != 0 && errno != EEXIST) || fsync(b) != 0)
        rc = inner_fail(c->cx, "link", from);
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
    return rc;
}

static enum rc build_view(struct commit *c, const struct store_view *v)
{
    const char *from = arena_printf(c->cx->arena, "incoming/%s", v->from);
    for (size_t i = 0; i < v->file_count; i++) {
        enum rc rc = check_file(c, from, &v->files[i]);
        if (rc == RC_OK)
            rc = link_file(c, v, &v->files[i]);
        if (rc != RC_OK)
            return rc;
    }
    return sync_dir(c, arena_printf(c->cx->arena, "%s/%s", c->tmp, v->view));
}

/* Hard links of a whole folder, `depth` levels down. */
static enum rc link_folder(struct commit *c, const char *from, const char *to, int depth)
{
    enum rc rc = RC_OK;
    int a = inner_dir(c->s, from, false), b = a >= 0 ? inner_dir(c->s, to, true) : -1;
    DIR *d = b >= 0 ? fdopendir(a) : NULL;
    if (!d) {
        rc = inner_fail(c->cx, "link", from);
        if (a >= 0)
            close(a);
    }
    for (struct dirent *e; d && rc == RC_OK && (e = readdir(d));) {
        struct stat st;
        if (!store_is_name(str_of(e->d_name)) || fstatat(a, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth > 0)
            rc = link_folder(c, arena_printf(c->cx->arena, "%s/%s", from, e->d_name),
                             arena_printf(c->cx->arena, "%s/%s", to, e->d_name), depth - 1);
        else if (S_ISREG(st.st_mode) && linkat(a, e->d_name, b, e->d_name, 0) != 0 && errno != EEXIST)
            rc = inner_fail(c->cx, "link", from);
    }
    if (rc == RC_OK && fsync(b) != 0)
        rc = inner_fail(c->cx, "sync", to);
    if (d)
        closedir(d);
    if (b >= 0)
        close(b);
    return rc;
}

static bool is_new(const struct store_generation *g, const char *view)
{
    for (size_t i = 0; i < g->view_count; i++)
        if (strcmp(g->views[i].view, view) == 0)
            return true;
    return false;
}

/* Links the unchanged views from the base generation. */
static enum rc build_rest(struct commit *c)
{
    const char *base = path_of(c->cx, c->g, c->g->base);
    if (c->g->base == 0)
        return RC_OK;
    int fd = inner_dir(c->s, base, false);
    if (fd < 0)
        return inner_fail(c->cx, "open", base);
    close(fd);
    for (int i = 0; i < VIEW_KIND_COUNT; i++) {
        const char *view = wire_view_name((enum view_kind)i);
        if (is_new(c->g, view))
            continue;
        const char *from = arena_printf(c->cx->arena, "%s/%s", base, view);
        fd = inner_dir(c->s, from, false);
        if (fd < 0)
            continue;
        close(fd);
        enum rc rc = link_folder(c, from, arena_printf(c->cx->arena, "%s/%s", c->tmp, view), SUBFOLDERS);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static const char *full_path(struct commit *c, const char *path)
{
    return arena_printf(c->cx->arena, "%s/%s", c->s->root, path);
}

/* The rename that makes the folder a generation. A folder of that name with other content is replaced: the
 * core has never accepted it. */
static enum rc put_in_place(struct commit *c)
{
    const char *tmp = full_path(c, c->tmp), *final = full_path(c, c->final);
    enum rc rc = sync_dir(c, c->tmp);
    if (rc != RC_OK)
        return rc;
    if (renameat2(AT_FDCWD, tmp, AT_FDCWD, final, RENAME_EXCHANGE) == 0)
        rc = file_remove_tree(c->cx, tmp);
    else if (rename(tmp, final) != 0)
        rc = inner_fail(c->cx, "rename", c->tmp);
    return rc;
}

/* Removes a folder that cannot become a generation; otherwise the sweep would remove it a week later. */
static void drop_half_made(struct commit *c)
{
    struct err why = c->cx->err;
    if (file_remove_tree(c->cx, full_path(c, c->tmp)) != RC_OK)
        log_err(LOG_WARN, c->cx, "half a generation stays");
    c->cx->err = why;
}

static enum rc build(struct commit *c)
{
    enum rc rc = file_remove_tree(c->cx, full_path(c, c->tmp));
    for (size_t i = 0; i < c->g->view_count && rc == RC_OK; i++)
        rc = build_view(c, &c->g->views[i]);
    if (rc == RC_OK)
        rc = build_rest(c);
    if (rc == RC_OK)
        rc = put_in_place(c);
    if (rc != RC_OK)
        drop_half_made(c);
    return rc;
}

enum rc store_generation_commit(struct cx *cx, struct store *s, const struct store_generation *g,
                                store_stopped *stopped, void *arg)
{
    struct commit c = {.cx = cx, .s = s, .g = g, .stopped = stopped, .arg = arg};
    enum rc rc = check_request(cx, g);
    if (rc != RC_OK)
        return rc;
    c.final = path_of(cx, g, g->number);
    c.tmp =
        arena_printf(cx->arena, "media/%s/.g%lld-%lld", g->lecture, (long long)g->number, (long long)g->job);
    if (!is_committed(&c)) {
        err_clear(cx);
        rc = build(&c);
    }
    if (rc == RC_OK) /* also if it existed before: its maker may have died before the sync */
        rc = sync_dir(&c, arena_printf(cx->arena, "media/%s", g->lecture));
    for (size_t i = 0; i < g->view_count && rc == RC_OK; i++)
        rc = store_tree_remove(cx, s, arena_printf(cx->arena, "incoming/%s", g->views[i].from));
    return rc;
}

/* --- removing --- */

static bool is_removable(struct str path)
{
    int64_t number;
    struct str top = str_cut(&path, '/');
    if (str_eq(top, "incoming"))
        return store_is_prefix(path);
    if (!str_eq(top, "media") || !store_is_key(str_cut(&path, '/')))
        return false;
    if (path.n == 0)
        return true;
    return path.p[0] == 'g' && str_to_i64((struct str){path.p + 1, path.n - 1}, 1, INT64_MAX, &number);
}

enum rc store_tree_remove(struct cx *cx, struct store *s, const char *path)
{
    if (!store_is_path(str_of(path)) || !is_removable(str_of(path)))
        return err_set(cx, RC_INVALID, NULL, NULL, "not a path that may be removed");
    char *full = arena_printf(cx->arena, "%s/%s", s->root, path);
    enum rc rc = file_remove_tree(cx, full);
    if (rc != RC_OK)
        return rc;
    *strrchr(full, '/') = '\0';
    if (strchr(path, '/') != strrchr(path, '/') && rmdir(full) == 0)
        *strrchr(full, '/') = '\0';
    rc = file_sync_dir(cx, full);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        rc = RC_OK;
    }
    return rc;
}

/* --- sweeping --- */

static int64_t changed_ms(int dir, const char *name)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return INT64_MAX;
    return (int64_t)st.st_mtim.tv_sec * 1000;
}

/* The latest change of a folder and of what is directly in it. */
static int64_t newest(const struct store *s, const char *path)
{
    int64_t last = INT64_MAX;
    int fd = inner_dir(s, path, false);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d)
        last = changed_ms(fd, ".");
    else if (fd >= 0)
        close(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        int64_t at = strcmp(e->d_name, "..") == 0 ? 0 : changed_ms(fd, e->d_name);
        if (at > last && at != INT64_MAX)
            last = at;
    }
    if (d)
        closedir(d);
    return last;
}

struct sweep {
    struct cx *cx;
    struct store *s;
    int64_t before; /* ms: what has not changed since then is removed */
    int removed;
};

static void sweep_one(struct sweep *w, const char *top, const char *lecture, const char *name)
{
    struct cx *cx = w->cx;
    bool half_made = strncmp(name, ".g", 2) == 0 && strcmp(top, "media") == 0;
    const char *path = arena_printf(cx->arena, "%s/%s/%s", top, lecture, name);
    if (half_made && newest(w->s, path) < w->before)
        w->removed += file_remove_tree(cx, arena_printf(cx->arena, "%s/%s", w->s->root, path)) == RC_OK;
    if (strcmp(top, "incoming") == 0 && is_removable(str_of(path)) && newest(w->s, path) < w->before)
        w->removed += store_tree_remove(cx, w->s, path) == RC_OK;
}

/* Calls itself once: top/<lecture>, then what is in it. */
static void sweep_folder(struct sweep *w, const char *top, const char *lecture)
{
    const char *path = lecture ? arena_printf(w->cx->arena, "%s/%s", top, lecture) : top;
    int fd = inner_dir(w->s, path, false);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        if (lecture)
            sweep_one(w, top, lecture, e->d_name);
        else if (store_is_key(str_of(e->d_name)))
            sweep_folder(w, top, e->d_name);
    }
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
}

enum rc store_tree_sweep(struct cx *cx, struct store *s, int64_t now, int64_t age_ms, int *removed)
{
    struct sweep w = {.cx = cx, .s = s, .before = now - age_ms};
    sweep_folder(&w, "incoming", NULL);
    sweep_folder(&w, "media", NULL);
    err_clear(cx);
    *removed = w.removed;
    return RC_OK;
}
