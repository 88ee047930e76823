/* The parent: opens the sockets, keeps the processes that serve them running, hands both over to the next
 * program at SIGHUP. It answers no request itself. Signals are unblocked only while it waits, so that none is
 * lost between a check and the wait; SIGHUP stays blocked in the next program until that waits, too. */
#include "lib/fcgi/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"

enum {
    LIVED_MS = 10000, /* a process that ran for so long is restarted at once */
    AGAIN_MS = 500,
    AGAIN_MAX_MS = 30000, /* others after a back-off */
    TRIAL_MS = 60000,     /* time for the next program to show that it can start */
    LOOK_MS = 10
};

struct child {
    pid_t pid;  /* 0: not running */
    int socket; /* which one of the program's it serves */
    bool ready; /* it serves */
    int fails;  /* in a row */
    int64_t started, wait;
};

struct crew {
    const struct fcgi_program *program;
    struct listener *listeners; /* one for each socket of the program */
    struct child *children;
    size_t count;
    bool serving;           /* all of them serve, or have served */
    struct handover before; /* of the program before: ending processes, unused sockets */
    pid_t trial;            /* of the next program; 0: none runs */
    int64_t trial_until;
    int ready[2]; /* pipe: the pid of each process from when on it serves */
    sigset_t open_mask;
};

static volatile sig_atomic_t the_renew; /* SIGHUP came */

/* --- processes --- */

_Noreturn static void be_child(struct crew *crew, const struct child *child, pid_t parent)
{
    const struct fcgi_program *program = crew->program;
    int socket = child->socket;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before that; in a container the new parent may be process 1 */
        _exit(1);
    for (int i = 0; i < (int)program->socket_count; i++)
        if (i != socket)
            close(crew->listeners[i].fd);
    for (size_t i = 0; i < crew->before.listener_count; i++)
        close(crew->before.listeners[i].fd);
    close(crew->ready[0]);
    serve_process(program, program->sockets[socket].threads, crew->listeners[socket].fd, crew->ready[1],
                  &crew->open_mask);
}

static void start_child(struct crew *crew, struct child *child)
{
    pid_t self = getpid();
    child->ready = false;
    child->started = clock_mono();
    child->pid = fork();
    if (child->pid == 0)
        be_child(crew, child, self);
    if (child->pid < 0) {
        LOG(ERROR, NULL, "cannot fork", F_NUM("errno", errno));
        child->pid = 0;
        child->wait = backoff_ms(++child->fails, AGAIN_MS, AGAIN_MAX_MS);
    }
}

/* Starts missing processes. Returns the ms until another one is to be started; -1: none is missing. */
static int64_t fill(struct crew *crew)
{
    int64_t soonest = -1, now = clock_mono();
    for (size_t i = 0; i < crew->count; i++) {
        struct child *c = &crew->children[i];
        int64_t left = c->started + c->wait - now;
        if (c->pid == 0 && left <= 0)
            start_child(crew, c);
        if (c->pid == 0 && (soonest < 0 || left < soonest))
            soonest = left > 0 ? left : c->wait;
    }
    return soonest;
}

static void ended(struct child *c, int status)
{
    c->fails = clock_mono() - c->started >= LIVED_MS ? 0 : c->fails + 1;
    c->wait = c->fails > 0 ? backoff_ms(c->fails, AGAIN_MS, AGAIN_MAX_MS) : 0;
    if (!daemon_stopping())
        LOG(WARN, NULL, "a process ended", F_NUM("child", c->pid), F_NUM("status", status),
            F_NUM("again_ms", c->wait));
    c->pid = 0;
}

/* --- the next program --- */

static void hand_over(struct crew *crew)
{
    const struct handover *before = &crew->before;
    size_t sockets = crew->program->socket_count;
    struct handover all = {.listener_count = sockets + before->listener_count};
    all.listeners = mem_array(all.listener_count, sizeof *all.listeners);
    all.processes = mem_array(crew->count + before->process_count, sizeof *all.processes);
    for (size_t i = 0; i < all.listener_count; i++)
        all.listeners[i] = i < sockets ? crew->listeners[i] : before->listeners[i - sockets];
    for (size_t i = 0; i < crew->count; i++)
        if (crew->children[i].pid > 0)
            all.processes[all.process_count++] = crew->children[i].pid;
    for (size_t i = 0; i < before->process_count; i++)
        all.processes[all.process_count++] = before->processes[i];
    handover_give(&all);
    handover_free(&all);
}

static void tried(struct crew *crew, int status)
{
    crew->trial = 0;
    if (status == 0)
        hand_over(crew);
    LOG(ERROR, NULL, "the new program cannot start: what runs goes on", F_NUM("status", status));
}

/* SIGHUP: first the next program is tried. Returns the ms that the trial may still take; -1: none runs. */
static int64_t renew(struct crew *crew)
{
    int64_t now = clock_mono();
    if (the_renew && crew->trial == 0) {
        the_renew = 0;
        pid_t pid = handover_try(&crew->open_mask);
        crew->trial = pid > 0 ? pid : 0;
        crew->trial_until = now + TRIAL_MS;
    }
    if (crew->trial == 0)
        return -1;
    if (now >= crew->trial_until)
        kill(crew->trial, SIGKILL);
    return crew->trial_until > now ? crew->trial_until - now : TRIAL_MS;
}

/* --- both --- */

static bool reap(struct crew *crew)
{
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0)
        return false;
    for (size_t i = 0; i < crew->count; i++)
        if (crew->children[i].pid == pid)
            ended(&crew->children[i], status);
    for (size_t i = 0; i < crew->before.process_count; i++)
        if (crew->before.processes[i] == pid)
            crew->before.processes[i] = crew->before.processes[--crew->before.process_count];
    if (pid == crew->trial)
        tried(crew, status);
    return true;
}

/* Notes which processes serve by now. Once all do, those of the program before end after their current
 * request, and connections to sockets that are not used any more are closed. */
static void take_over(struct crew *crew)
{
    pid_t pid;
    bool all = true;
    while (read(crew->ready[0], &pid, sizeof pid) == sizeof pid)
        for (size_t i = 0; i < crew->count; i++)
            if (crew->children[i].pid == pid)
                crew->children[i].ready = true;
    for (size_t i = 0; i < crew->count; i++)
        all = all && crew->children[i].ready;
    if (!all || crew->serving)
        return;
    crew->serving = true;
    LOG(INFO, NULL, "serving", F_NUM("processes", crew->count), F_NUM("ending", crew->before.process_count));
    for (size_t i = 0; i < crew->before.process_count; i++)
        kill(crew->before.processes[i], SIGTERM);
    for (size_t i = 0; i < crew->before.listener_count; i++)
        listener_close(&crew->before.listeners[i]);
}

static bool any_alive(const struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        if (crew->children[i].pid > 0)
            return true;
    return crew->before.process_count > 0;
}

static void signal_all(const struct crew *crew, int sig)
{
    for (size_t i = 0; i < crew->count; i++)
        if (crew->children[i].pid > 0)
            kill(crew->children[i].pid, sig);
    for (size_t i = 0; i < crew->before.process_count; i++)
        kill(crew->before.processes[i], sig);
}

/* --- the whole --- */

static void on_signal(int sig)
{
    (void)sig; /* only ends the wait */
}

static void on_renew(int sig)
{
    (void)sig;
    the_renew = 1;
}

static void prepare_signals(struct crew *crew)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGCHLD, SIGHUP};
    struct sigaction child = {.sa_handler = on_signal}, renewal = {.sa_handler = on_renew};
    sigset_t block;
    sigaction(SIGCHLD, &child, NULL);
    sigaction(SIGHUP, &renewal, NULL);
    sigemptyset(&block);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&block, signals[i]);
    sigprocmask(SIG_BLOCK, &block, &crew->open_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigdelset(&crew->open_mask, signals[i]);
}

static enum rc open_sockets(struct cx *cx, struct crew *crew)
{
    const struct fcgi_program *program = crew->program;
    for (size_t i = 0; i < program->socket_count; i++) {
        const struct fcgi_socket *s = &program->sockets[i];
        bool found = handover_find(&crew->before, s->address, &crew->listeners[i]);
        enum rc rc = found ? RC_OK : listener_open(cx, s->address, &crew->listeners[i]);
        if (rc != RC_OK)
            return rc;
        LOG(INFO, NULL, "listening", F_TEXT("socket", s->address), F_NUM("processes", s->processes),
            F_NUM("threads", s->threads));
    }
    return RC_OK;
}

static void make_children(struct crew *crew)
{
    const struct fcgi_program *program = crew->program;
    for (size_t i = 0; i < program->socket_count; i++)
        crew->count += (size_t)program->sockets[i].processes;
    crew->children = mem_array(crew->count, sizeof *crew->children);
    struct child *c = crew->children;
    for (int i = 0; i < (int)program->socket_count; i++)
        for (int k = 0; k < program->sockets[i].processes; k++)
            (c++)->socket = i;
}

static enum rc open_crew(struct cx *cx, struct crew *crew)
{
    const struct fcgi_program *program = crew->program;
    crew->listeners = mem_array(program->socket_count, sizeof *crew->listeners);
    for (size_t i = 0; i < program->socket_count; i++)
        crew->listeners[i].fd = -1;
    make_children(crew);
    handover_take(&crew->before);
    if (pipe2(crew->ready, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "no pipe: %s", strerror(errno));
    return open_sockets(cx, crew);
}

/* For a signal, a process that is ready, one that is to be started, or the end of a trial's time. */
static void wait_for_news(struct crew *crew)
{
    struct pollfd p = {.fd = crew->ready[0], .events = POLLIN};
    int64_t start = fill(crew), trial = renew(crew);
    int64_t ms = trial < 0 || (start >= 0 && start < trial) ? start : trial;
    struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    (void)ppoll(&p, 1, ms < 0 ? NULL : &t, &crew->open_mask);
}

static void stop(struct crew *crew)
{
    for (size_t i = 0; i < crew->program->socket_count; i++)
        listener_close(&crew->listeners[i]); /* no new connections */
    for (size_t i = 0; i < crew->before.listener_count; i++)
        listener_close(&crew->before.listeners[i]);
    if (crew->trial > 0)
        kill(crew->trial, SIGKILL);
    signal_all(crew, SIGINT);
    for (int64_t end = clock_mono() + FCGI_STOP_MS; any_alive(crew) && clock_mono() < end;)
        if (!reap(crew))
            poll(NULL, 0, LOOK_MS);
    signal_all(crew, SIGKILL);
    while (any_alive(crew))
        if (!reap(crew))
            poll(NULL, 0, LOOK_MS);
}

static void close_crew(struct crew *crew)
{
    for (size_t i = 0; i < crew->program->socket_count; i++)
        listener_close(&crew->listeners[i]);
    free(crew->listeners);
    free(crew->children);
    handover_free(&crew->before);
}

int crew_run(const struct fcgi_program *program)
{
    struct crew crew = {.program = program, .ready = {-1, -1}};
    struct cx cx;
    cx_init(&cx);
    enum rc rc = open_crew(&cx, &crew);
    if (rc != RC_OK)
        log_err(LOG_ERROR, &cx, "cannot start");
    cx_fini(&cx);
    if (rc == RC_OK) {
        prepare_signals(&crew);
        while (!daemon_stopping()) {
            while (reap(&crew))
                ;
            take_over(&crew);
            wait_for_news(&crew);
        }
        stop(&crew);
        LOG(INFO, NULL, "stopped");
    }
    close_crew(&crew);
    return rc == RC_OK ? 0 : 1;
}
