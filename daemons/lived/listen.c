#include <errno.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemons/lived/lived.h"

enum { BACKLOG = 4096, MODE = 0660 };

/* No client finds the socket before it is ready. */
static int open_path(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n + sizeof ".new" > sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, n);
    memcpy(at.sun_path + n, ".new", sizeof ".new");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    unlink(at.sun_path); /* left by a process that died */
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || chmod(at.sun_path, MODE) != 0 ||
        listen(fd, BACKLOG) != 0 || rename(at.sun_path, path) != 0) {
        int e = errno;
        close(fd);
        errno = e;
        return -1;
    }
    return fd;
}

enum rc lived_listen(struct cx *cx, const char *path, struct evhttp *http)
{
    int fd = open_path(path);
    if (fd < 0 || evhttp_accept_socket(http, fd) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot listen on %s: %s", path, strerror(errno));
    return RC_OK;
}
