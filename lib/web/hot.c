#include "lib/web/hot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/os/conf.h"
#include "lib/os/file.h"

enum { FRESH_MS = 1000, PATH_MAX_BYTES = 200 };

/* Only paths made of letters, digits, hyphens and slashes become files. */
static bool is_plain(const char *path)
{
    size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789-/");
    return n <= PATH_MAX_BYTES && path[n] == '\0';
}

static bool is_fresh(const char *file, int64_t now)
{
    struct stat st;
    if (stat(file, &st) != 0)
        return false;
    int64_t age = now - ((int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
    return age > -FRESH_MS && age < FRESH_MS; /* a file of the future is not fresh: the clock was set back */
}

static void write_file(struct web_request *rq, const char *file, struct str text)
{
    char *dir = arena_strdup(rq->cx.arena, file);
    *strrchr(dir, '/') = '\0';
    const char *beside = arena_printf(rq->cx.arena, "%s.%d", file, (int)getpid());
    if (file_mkdirs(&rq->cx, dir, 0755) != RC_OK)
        return;
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    bool whole = file_write_all(fd, text.p, text.n);
    close(fd);
    if (!whole || rename(beside, file) != 0)
        unlink(beside);
}

/* hot.lua itself writes the policy of kept pages; this file has the origins that it must add, if there are
 * any. */
static void write_stores(struct web_request *rq)
{
    const char *file = arena_printf(rq->cx.arena, "%s/hot/stores", rq->app->conf->run_dir);
    const char *stores = view_get(rq->values, "Page.store_origins");
    if (stores && *stores)
        write_file(rq, file, str_of(stores));
    else
        unlink(file);
}

static const char *file_of(struct web_request *rq, const char *code)
{
    const char *name = strcmp(rq->path, "/") == 0 ? "/index" : rq->path;
    return arena_printf(rq->cx.arena, "%s/hot/%s%s.html", rq->app->conf->run_dir, code, name);
}

/* The page was deleted or is no longer public: otherwise the web server would send the old page for a minute,
 * to all visitors but one a second. If the page could not be made (the database is away), the old file is
 * kept. */
static void forget(struct web_request *rq)
{
    for (const char *const *code = view_codes(rq->app->view); *code; code++)
        unlink(file_of(rq, *code));
}

void hot_keep(struct web_request *rq)
{
    if (!rq->route || !(rq->route->flags & WEB_HOT) || rq->method != WEB_GET || rq->signed_in ||
        rq->query.n > 0 || !is_plain(rq->path))
        return;
    if (rq->status == 303 || rq->status == 403 || rq->status == 404)
        forget(rq);
    const char *file = file_of(rq, i18n_code(rq->lang));
    if (rq->status != 200 || rq->head || rq->secret || view_get(rq->values, "Flash.text") ||
        is_fresh(file, rq->now))
        return;
    write_stores(rq);
    write_file(rq, file, buf_view(&rq->out));
}
