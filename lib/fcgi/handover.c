/* Replacing a running program without an interruption: the parent executes itself, with its sockets open and
 * its processes running. The new program finds in its environment, line by line, the pid that this is for,
 * "FD=ADDRESS" for each socket, and the pid of each process. Before that the new program is tried (-t) in a
 * process of its own: if it cannot start, it takes over nothing. */
#include "lib/fcgi/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"

#define HANDOVER "LECTERN_HANDOVER"

enum { TEXT_MAX = 64 * 1024, LINES_MAX = 1024 };

/* --- taking --- */

static bool is_listening(int fd)
{
    int yes = 0;
    socklen_t n = sizeof yes;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}

static void take_line(struct handover *h, char *line)
{
    int64_t number;
    char *address = strchr(line, '=');
    if (address)
        *address++ = '\0';
    if (!str_to_i64(str_of(line), 1, INT32_MAX, &number))
        return;
    if (!address)
        h->processes[h->process_count++] = (pid_t)number;
    else if (is_listening((int)number) &&
             !listener_adopt(address, (int)number, &h->listeners[h->listener_count++]))
        close(h->listeners[--h->listener_count].fd); /* old processes answer what waits there */
}

void handover_take(struct handover *h)
{
    const char *left = getenv(HANDOVER);
    int64_t pid;
    *h = (struct handover){.text = mem_strdup(left ? left : "")};
    h->listeners = mem_array(LINES_MAX, sizeof *h->listeners);
    h->processes = mem_array(LINES_MAX, sizeof *h->processes);
    unsetenv(HANDOVER);
    char *rest = h->text, *line = strsep(&rest, "\n");
    if (!str_to_i64(str_of(line), 1, INT32_MAX, &pid) || (pid_t)pid != getpid())
        return;
    for (int i = 0; i < LINES_MAX && (line = strsep(&rest, "\n")); i++)
        take_line(h, line);
}

bool handover_find(struct handover *h, const char *address, struct listener *out)
{
    for (size_t i = 0; i < h->listener_count; i++) {
        struct listener *l = &h->listeners[i];
        if (l->fd < 0 || strcmp(l->address, address) != 0)
            continue;
        *out = (struct listener){address, l->fd, l->dev, l->inode};
        l->fd = -1;
        return true;
    }
    return false;
}

void handover_free(struct handover *h)
{
    free(h->listeners);
    free(h->processes);
    free(h->text);
}

/* --- giving --- */

static void keep_open(const struct handover *h, bool open)
{
    for (size_t i = 0; i < h->listener_count; i++)
        if (h->listeners[i].fd >= 0)
            (void)fcntl(h->listeners[i].fd, F_SETFD, open ? 0 : FD_CLOEXEC);
}

void handover_give(const struct handover *h)
{
    char *const *argv = daemon_argv();
    struct buf b;
    buf_init(&b, TEXT_MAX);
    buf_printf(&b, "%ld", (long)getpid());
    for (size_t i = 0; i < h->listener_count; i++)
        if (h->listeners[i].fd >= 0)
            buf_printf(&b, "\n%d=%s", h->listeners[i].fd, h->listeners[i].address);
    for (size_t i = 0; i < h->process_count; i++)
        buf_printf(&b, "\n%ld", (long)h->processes[i]);
    keep_open(h, true);
    setenv(HANDOVER, b.p, 1);
    execvp(argv[0], argv);
    LOG(ERROR, NULL, "the new program was not started", F_TEXT("why", strerror(errno)));
    unsetenv(HANDOVER);
    keep_open(h, false);
    buf_fini(&b);
}

/* --- trying --- */

pid_t handover_try(const sigset_t *mask)
{
    char *const *argv = daemon_argv();
    size_t n = 1;
    while (argv[n])
        n++;
    char **words = mem_array(n + 2, sizeof *words);
    memcpy(words, argv, n * sizeof *words);
    words[n] = (char *)(uintptr_t) "-t";
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(words[0], words);
        LOG(ERROR, NULL, "the new program cannot be run", F_TEXT("why", strerror(errno)));
        _exit(127);
    }
    free(words);
    return pid;
}
