/* Listening sockets. */
#include "lib/fcgi/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, MODE = 0660, KIND = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK };

static bool is_path(const char *address)
{
    return strchr(address, '/') || !strchr(address, ':');
}

/* Closes fd and keeps errno, which says why. */
static int give_up(int fd)
{
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* No client can connect before listen(), and none finds the socket before rename(). trial: it is not
 * renamed. */
static int open_path(const char *path, bool trial)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n + sizeof ".new" > sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, n);
    memcpy(at.sun_path + n, ".new", sizeof ".new");
    int fd = socket(AF_UNIX, KIND, 0);
    if (fd < 0)
        return -1;
    unlink(at.sun_path); /* left by a process that died between bind and rename */
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || chmod(at.sun_path, MODE) != 0 ||
        listen(fd, BACKLOG) != 0 || (trial ? unlink(at.sun_path) : rename(at.sun_path, path)) != 0)
        return give_up(fd);
    return fd;
}

static int open_at(const struct addrinfo *a)
{
    const int on = 1;
    int fd = socket(a->ai_family, KIND, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        return give_up(fd);
    return fd;
}

/* "HOST:PORT", "[IPv6]:PORT". */
static int open_host(struct cx *cx, const char *address)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const char *colon = strrchr(address, ':');
    char *host = arena_strndup(cx->arena, address, (size_t)(colon - address));
    size_t n = strlen(host);
    if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        host++;
    }
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = open_at(found);
    freeaddrinfo(found);
    return fd;
}

static enum rc failed(struct cx *cx, const char *address)
{
    return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot listen on %s: %s", address, strerror(errno));
}

enum rc listener_open(struct cx *cx, const char *address, struct listener *out)
{
    int fd = is_path(address) ? open_path(address, false) : open_host(cx, address);
    if (fd < 0)
        return failed(cx, address);
    (void)listener_adopt(address, fd, out);
    return RC_OK;
}

enum rc listener_try(struct cx *cx, const char *address)
{
    if (!is_path(address))
        return RC_OK;
    int fd = open_path(address, true);
    if (fd < 0)
        return failed(cx, address);
    close(fd);
    return RC_OK;
}

bool listener_adopt(const char *address, int fd, struct listener *out)
{
    struct stat st = {.st_ino = 0};
    bool found = !is_path(address) || stat(address, &st) == 0;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    *out = (struct listener){address, fd, st.st_dev, st.st_ino};
    return found;
}

void listener_close(struct listener *l)
{
    struct stat st;
    if (l->fd < 0)
        return;
    if (is_path(l->address) && stat(l->address, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->inode)
        unlink(l->address);
    close(l->fd);
    l->fd = -1;
}
