/* Which node a store belongs to, and which folders are beside it: what a worker on the same machine needs to
 * know. */
#include "lib/store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "lib/base/rand.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"

enum { FILE_MAX = 32, LINK_SIZE = 32 };

#define NUMBER_FILE "node"

static const char *number_path(struct cx *cx, const struct store *s)
{
    return arena_printf(cx->arena, "%s/" NUMBER_FILE, s->root);
}

enum rc store_node_get(struct cx *cx, struct store *s, int64_t *node)
{
    struct str text;
    enum rc rc = file_read(cx, number_path(cx, s), FILE_MAX, &text);
    if (rc == RC_OK && !str_to_i64(str_trim(text), 1, INT64_MAX, node))
        rc = err_set(cx, RC_INVALID, NULL, NULL, "%s holds no number of a node", number_path(cx, s));
    return rc;
}

enum rc store_node_set(struct cx *cx, struct store *s, int64_t node)
{
    int64_t is = 0;
    if (store_node_get(cx, s, &is) == RC_OK && is == node)
        return RC_OK;
    err_clear(cx);
    const char *text = arena_printf(cx->arena, "%" PRId64 "\n", node);
    return file_write(cx, number_path(cx, s), str_of(text), 0644);
}

bool store_links_to(const struct store *s, const char *dir)
{
    char id[17], name[LINK_SIZE];
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    rand_hex(id, sizeof id);
    snprintf(name, sizeof name, ".%s.link", id);
    bool links = linkat(s->root_fd, NUMBER_FILE, fd, name, 0) == 0;
    if (links)
        unlinkat(fd, name, 0);
    close(fd);
    return links;
}
