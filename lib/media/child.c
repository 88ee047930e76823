#include "lib/media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"

extern char **environ;

enum { POLL_MS = 200, WAIT_MS = 2, TERM_MS = 10000, STOP_MS = 1000 };

void child_log_add(struct child_log *log, const char *text, size_t n)
{
    if (n >= sizeof log->text) {
        text += n - sizeof log->text;
        n = sizeof log->text;
    }
    if (log->n + n > sizeof log->text) {
        size_t drop = log->n + n - sizeof log->text;
        memmove(log->text, log->text + drop, log->n - drop);
        log->n -= drop;
    }
    memcpy(log->text + log->n, text, n);
    log->n += n;
}

const char *child_log_last(struct cx *cx, const struct child_log *log)
{
    size_t end = log->n;
    while (end > 0 && (log->text[end - 1] == '\n' || log->text[end - 1] == ' '))
        end--;
    size_t start = end;
    while (start > 0 && log->text[start - 1] != '\n')
        start--;
    return arena_strndup(cx->arena, log->text + start, end - start);
}

/* One of the two pipes from the child: bytes in, lines out. */
struct stream {
    int fd; /* -1: closed */
    child_line *line;
    struct child_log *log; /* gets the bytes too, or NULL */
    char *text;
    size_t n;
    bool cutting; /* the rest of an overlong line is dropped */
};

static void stream_bytes(struct stream *s, const struct child *c, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool end = p[i] == '\n';
        if (!end && s->n < CHILD_LINE_MAX - 1 && !s->cutting) {
            s->text[s->n++] = p[i];
            continue;
        }
        if (!s->cutting && s->line) {
            s->text[s->n] = '\0';
            s->line(c->arg, s->text);
        }
        s->n = 0;
        s->cutting = !end;
    }
}

/* False: the stream has ended. */
static bool stream_read(struct stream *s, const struct child *c)
{
    char chunk[16384];
    ssize_t n = read(s->fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0) {
        if (s->n > 0)
            stream_bytes(s, c, "\n", 1);
        close(s->fd);
        s->fd = -1;
        return false;
    }
    if (s->log)
        child_log_add(s->log, chunk, (size_t)n);
    if (s->line)
        stream_bytes(s, c, chunk, (size_t)n);
    return true;
}

int child_spawn(const char *const *args, int in, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    if (in < 0)
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char **argv = mem_array(1, sizeof *argv);
    size_t n = 0;
    for (; args[n]; n++) {
        argv = mem_resize(argv, (n + 2) * sizeof *argv);
        argv[n] = mem_strdup(args[n]);
    }
    argv[n] = NULL;
    int rc = posix_spawn(pid, argv[0], &files, &attr, argv, environ);
    for (size_t i = 0; i < n; i++)
        free(argv[i]);
    free(argv);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

/* The supervision of one child. why: the reason to end it, CHILD_EXITED while there is none. */
struct watch {
    enum child_end why;
    int64_t started, last_output, asked; /* asked: when TERM was sent, 0 not yet */
    bool killed;
};

static void watch_step(struct watch *w, const struct child *c, pid_t pid)
{
    int64_t now = clock_mono();
    if (w->why == CHILD_EXITED) {
        if (c->stop && atomic_load(c->stop))
            w->why = CHILD_STOPPED;
        else if ((c->limit_ms > 0 && now - w->started > c->limit_ms) ||
                 (c->stall_ms > 0 && now - w->last_output > c->stall_ms))
            w->why = CHILD_TIMEOUT;
        else
            return;
        w->asked = now;
        kill(pid, SIGTERM);
    } else if (!w->killed && now - w->asked > (w->why == CHILD_STOPPED ? STOP_MS : TERM_MS)) {
        w->killed = true;
        kill(pid, SIGKILL);
    }
}

/* A program may close its output and continue to run; the limits hold then, too, so the wait does not
 * block. */
static void finish(const struct child *c, pid_t pid, struct watch *w, struct child_result *out)
{
    int status = 0;
    struct rusage use = {0};
    for (;;) {
        pid_t got = wait4(pid, &status, WNOHANG, &use);
        if (got == pid || (got < 0 && errno != EINTR))
            break;
        poll(NULL, 0, got == 0 ? WAIT_MS : 0);
        watch_step(w, c, pid);
    }
    out->cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
               (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    out->end = w->why != CHILD_EXITED ? w->why : WIFSIGNALED(status) ? CHILD_SIGNAL : CHILD_EXITED;
    out->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void pump(const struct child *c, pid_t pid, struct stream s[2], struct watch *w)
{
    while (s[0].fd >= 0 || s[1].fd >= 0) {
        struct pollfd p[2] = {{.fd = s[0].fd, .events = POLLIN}, {.fd = s[1].fd, .events = POLLIN}};
        int n = poll(p, 2, POLL_MS);
        for (int i = 0; i < 2 && n > 0; i++) {
            if (s[i].fd >= 0 && p[i].revents) {
                stream_read(&s[i], c);
                w->last_output = clock_mono();
            }
        }
        watch_step(w, c, pid);
    }
}

enum rc child_run(struct cx *cx, const struct child *c, struct child_result *out)
{
    int pipes[2][2] = {{-1, -1}, {-1, -1}};
    enum rc rc = RC_OK;
    struct stream s[2] = {{.fd = -1, .line = c->out, .text = mem_alloc(CHILD_LINE_MAX)},
                          {.fd = -1, .line = c->err, .log = c->log, .text = mem_alloc(CHILD_LINE_MAX)}};
    pid_t pid = -1;
    if (pipe2(pipes[0], O_CLOEXEC) != 0 || pipe2(pipes[1], O_CLOEXEC) != 0) {
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "pipe: %s", strerror(errno));
        goto out;
    }
    int error = child_spawn(c->argv, -1, pipes[0][1], pipes[1][1], &pid);
    if (error != 0) {
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot start %s: %s", c->argv[0], strerror(error));
        goto out;
    }
    for (int i = 0; i < 2; i++) {
        close(pipes[i][1]);
        pipes[i][1] = -1;
        s[i].fd = pipes[i][0];
        pipes[i][0] = -1;
    }
    struct watch w = {.why = CHILD_EXITED, .started = clock_mono(), .last_output = clock_mono()};
    pump(c, pid, s, &w);
    finish(c, pid, &w, out);
out:
    for (int i = 0; i < 4; i++)
        if (pipes[i / 2][i % 2] >= 0)
            close(pipes[i / 2][i % 2]);
    free(s[0].text);
    free(s[1].text);
    return rc;
}

void child_argv_init(struct child_argv *a, struct arena *arena)
{
    *a = (struct child_argv){.arena = arena, .size = 64};
    a->v = arena_array(arena, a->size, sizeof *a->v);
}

void child_argv_add(struct child_argv *a, const char *arg)
{
    if (a->n + 1 == a->size) {
        const char **wider = arena_array(a->arena, a->size * 2, sizeof *wider);
        memcpy(wider, a->v, a->n * sizeof *wider);
        a->v = wider;
        a->size *= 2;
    }
    a->v[a->n++] = arg;
    a->v[a->n] = NULL;
}

void child_argv_all(struct child_argv *a, ...)
{
    va_list ap;
    va_start(ap, a);
    for (const char *arg; (arg = va_arg(ap, const char *)) != NULL;)
        child_argv_add(a, arg);
    va_end(ap);
}

void child_argv_printf(struct child_argv *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    child_argv_add(a, arena_vprintf(a->arena, fmt, ap));
    va_end(ap);
}
