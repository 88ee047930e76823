#include "lib/web/serve.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"

enum { STOP_MS = 5000, RESTART_MS = 1000, MAX_PROCESSES = 80 };

/* --- FastCGI: one child --- */

static const char *fcgi_header(const void *ctx, const char *name)
{
    const FCGX_Request *request = ctx;
    return FCGX_GetParam(name, request->envp);
}

static size_t fcgi_read(void *ctx, char *p, size_t n)
{
    FCGX_Request *request = ctx;
    int got = n > 0 ? FCGX_GetStr(p, (int)n, request->in) : 0;
    return got > 0 ? (size_t)got : 0;
}

static void fcgi_write(void *ctx, const char *p, size_t n)
{
    FCGX_Request *request = ctx;
    (void)FCGX_PutStr(p, (int)n, request->out);
}

/* Waits for a connection with the stop signals open only while waiting: none is lost between look and wait.
 * After a stop signal, what already stands in the queue is still answered. */
static bool wait_for_request(int fd, const sigset_t *open_mask)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!daemon_stopping()) {
        int n = ppoll(&p, 1, NULL, open_mask);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
    return poll(&p, 1, 0) > 0;
}

_Noreturn static void run_child(const struct web_app *app, int fd, const sigset_t *open_mask, pid_t parent,
                                serve_start *start, void *ctx)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before that; in a container it may be process 1 itself */
        _exit(1);
    struct cx cx;
    cx_init(&cx);
    cx.conf = app->conf;
    if (start(&cx, ctx) != RC_OK) {
        log_err(LOG_ERROR, &cx, "a web process could not start");
        _exit(1);
    }
    FCGX_Request request;
    struct sigaction keep_term, keep_usr1;
    sigaction(SIGTERM, NULL, &keep_term);
    sigaction(SIGUSR1, NULL, &keep_usr1);
    FCGX_Init(); /* puts its own signal handlers in place */
    sigaction(SIGTERM, &keep_term, NULL);
    sigaction(SIGUSR1, &keep_usr1, NULL);
    FCGX_InitRequest(&request, fd, FCGI_FAIL_ACCEPT_ON_INTR);
    while (wait_for_request(fd, open_mask)) {
        if (FCGX_Accept_r(&request) != 0)
            continue; /* another process was faster, or the web server went away */
        struct web_io io = {&request, fcgi_header, fcgi_read, fcgi_write};
        web_serve(app, &cx, &io);
        FCGX_Finish_r(&request);
        cx_reset(&cx);
    }
    cx_fini(&cx);
    exit(0);
}

/* --- FastCGI: the parent --- */

struct child {
    pid_t pid;
    int fd; /* the socket it serves */
    int64_t started;
};

struct crew {
    const struct web_app *app;
    int processes;
    sigset_t open_mask;
    serve_start *start;
    void *ctx;
    struct child children[MAX_PROCESSES];
};

static int open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    unlink(path);
    mode_t old = umask(0007);
    int bad = bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, SERVE_BACKLOG);
    umask(old);
    if (bad) {
        close(fd);
        return -1;
    }
    return fd;
}

static void start_child(struct crew *crew, struct child *child)
{
    pid_t self = getpid();
    child->started = clock_mono();
    child->pid = fork();
    if (child->pid == 0)
        run_child(crew->app, child->fd, &crew->open_mask, self, crew->start, crew->ctx);
    if (child->pid < 0)
        LOG(ERROR, NULL, "cannot fork", F_NUM("errno", errno));
}

/* Starts what is missing; returns how many could not be started yet. */
static int fill_crew(struct crew *crew)
{
    int missing = 0;
    for (int i = 0; i < crew->processes; i++) {
        struct child *c = &crew->children[i];
        if (c->pid > 0)
            continue;
        if (c->started == 0 || clock_mono() - c->started >= RESTART_MS)
            start_child(crew, c);
        missing += c->pid <= 0;
    }
    return missing;
}

static bool reap(struct crew *crew)
{
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0)
        return false;
    for (int i = 0; i < crew->processes; i++)
        if (crew->children[i].pid == pid) {
            crew->children[i].pid = 0;
            if (!daemon_stopping())
                LOG(WARN, NULL, "a web process ended", F_NUM("child", pid), F_NUM("status", status));
        }
    return true;
}

static int alive(const struct crew *crew)
{
    int n = 0;
    for (int i = 0; i < crew->processes; i++)
        n += crew->children[i].pid > 0;
    return n;
}

static void signal_all(const struct crew *crew, int sig)
{
    for (int i = 0; i < crew->processes; i++)
        if (crew->children[i].pid > 0)
            kill(crew->children[i].pid, sig);
}

static void stop_crew(struct crew *crew)
{
    signal_all(crew, SIGTERM);
    for (int64_t end = clock_mono() + STOP_MS; alive(crew) > 0 && clock_mono() < end;)
        if (!reap(crew))
            poll(NULL, 0, 10);
    signal_all(crew, SIGKILL);
    while (alive(crew) > 0)
        if (!reap(crew))
            poll(NULL, 0, 10);
}

static void on_child(int sig)
{
    (void)sig; /* only ends the wait */
}

/* Stop and child signals are blocked but while waiting, in parent and children alike. */
static void prepare_signals(struct crew *crew)
{
    sigset_t block;
    struct sigaction sa = {.sa_handler = on_child};
    sigaction(SIGCHLD, &sa, NULL);
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, &crew->open_mask);
    sigdelset(&crew->open_mask, SIGTERM);
    sigdelset(&crew->open_mask, SIGINT);
    sigdelset(&crew->open_mask, SIGCHLD);
}

static bool open_sockets(struct crew *crew, const struct serve_socket *sockets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int fd = open_socket(sockets[i].path);
        if (fd < 0) {
            LOG(ERROR, NULL, "cannot open the FastCGI socket", F_TEXT("path", sockets[i].path),
                F_TEXT("why", strerror(errno)));
            return false;
        }
        for (int k = 0; k < sockets[i].processes && crew->processes < MAX_PROCESSES; k++)
            crew->children[crew->processes++].fd = fd;
        LOG(INFO, NULL, "serving", F_TEXT("socket", sockets[i].path),
            F_NUM("processes", sockets[i].processes));
    }
    return true;
}

int serve_fastcgi(const struct web_app *app, const struct serve_socket *sockets, size_t n, serve_start *start,
                  void *ctx)
{
    struct crew *crew = mem_alloc(sizeof *crew);
    *crew = (struct crew){.app = app, .start = start, .ctx = ctx};
    if (!open_sockets(crew, sockets, n)) {
        free(crew);
        return 1;
    }
    prepare_signals(crew);
    while (!daemon_stopping()) {
        while (reap(crew))
            ;
        struct timespec soon = {0, 200000000};
        int missing = fill_crew(crew);
        (void)ppoll(NULL, 0, missing ? &soon : NULL, &crew->open_mask);
    }
    for (size_t i = 0; i < n; i++)
        unlink(sockets[i].path); /* nobody new; who has connected is still answered */
    stop_crew(crew);
    free(crew);
    LOG(INFO, NULL, "stopped");
    return 0;
}

/* --- plain CGI --- */

static const char *cgi_header(const void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

static size_t cgi_read(void *ctx, char *p, size_t n)
{
    (void)ctx;
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(STDIN_FILENO, p + got, n - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        got += (size_t)r;
    }
    return got;
}

static void cgi_write(void *ctx, const char *p, size_t n)
{
    (void)ctx;
    (void)file_write_all(STDOUT_FILENO, p, n);
}

bool serve_is_cgi(void)
{
    return getenv("REQUEST_METHOD") != NULL;
}

int serve_cgi(const struct web_app *app, serve_start *start, void *ctx)
{
    struct cx cx;
    cx_init(&cx);
    cx.conf = app->conf;
    enum rc rc = start(&cx, ctx);
    if (rc == RC_OK) {
        struct web_io io = {NULL, cgi_header, cgi_read, cgi_write};
        web_serve(app, &cx, &io);
    } else {
        log_err(LOG_ERROR, &cx, "cannot start");
    }
    cx_fini(&cx);
    return rc == RC_OK ? 0 : 1;
}
