/* A process that serves: by itself, one request after the other, or with threads. With threads the first one
 * only accepts, and only if another one is free, so that connections in the socket's queue can be served by
 * another process. Signals are unblocked only while the first thread waits. */
#include "lib/fcgi/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"

enum {
    STACK_SIZE = 256 * 1024,
    LEAVE_MS = 3000, /* for threads to end their requests after a stop signal */
    FULL_MS = 20     /* no descriptor is left: time until others are closed */
};

static volatile sig_atomic_t the_leave; /* SIGTERM came: no more requests */

static void on_leave(int sig)
{
    (void)sig;
    the_leave = 1;
}

static bool is_ending(void)
{
    return the_leave || daemon_stopping();
}

/* True: fd can be read. False: a signal arrived, or `ms` are over (-1: never). */
static bool wait_for(int fd, int ms, const sigset_t *open_mask)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    return ppoll(&p, 1, ms < 0 ? NULL : &t, open_mask) > 0;
}

/* -1: another process was faster, or the web server has gone. */
static int accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
        daemon_pause(FULL_MS);
    return fd;
}

static void tell(int ready)
{
    pid_t self = getpid();
    (void)!write(ready, &self, sizeof self);
    close(ready);
}

static void answer(const struct fcgi_program *program, struct cx *cx, struct fcgi_request *rq, int connection)
{
    if (!fast_begin(rq, connection))
        return;
    program->serve(cx, rq, program->ctx);
    fast_end(rq);
    cx_reset(cx);
}

/* --- alone --- */

static void serve_alone(const struct fcgi_program *program, struct cx *cx, int listener,
                        const sigset_t *open_mask)
{
    struct fcgi_request *rq = fast_new();
    while (!is_ending()) {
        int connection = wait_for(listener, -1, open_mask) ? accept_one(listener) : -1;
        if (connection >= 0)
            answer(program, cx, rq, connection);
    }
    fast_free(rq);
}

/* --- with threads --- */

struct pool {
    const struct fcgi_program *program;
    const sigset_t *open_mask;
    int idle;    /* eventfd that counts the threads that wait for work */
    int work[2]; /* pipe of connections; closed: the end */
    int64_t ticked;
};

static void *thread_main(void *arg)
{
    struct pool *pool = arg;
    struct fcgi_request *rq = fast_new();
    struct cx cx;
    int connection;
    cx_init(&cx);
    while (eventfd_write(pool->idle, 1) == 0 &&
           read(pool->work[0], &connection, sizeof connection) == sizeof connection)
        answer(pool->program, &cx, rq, connection);
    cx_fini(&cx);
    fast_free(rq);
    return NULL;
}

static void open_pool(struct pool *pool, pthread_t *threads, int n)
{
    pthread_attr_t attr;
    pool->idle = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    if (pool->idle < 0 || pipe2(pool->work, O_CLOEXEC) != 0)
        bug("no descriptor for the threads");
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    for (int i = 0; i < n; i++)
        if (pthread_create(&threads[i], &attr, thread_main, pool) != 0)
            bug("cannot start a thread");
    pthread_attr_destroy(&attr);
}

/* wait_for, and the program's tick when it is time. */
static bool wait_and_tick(struct pool *pool, int fd)
{
    bool ready = wait_for(fd, FCGI_TICK_MS, pool->open_mask);
    int64_t now = clock_mono();
    if (pool->program->tick && now - pool->ticked >= FCGI_TICK_MS) {
        pool->program->tick(pool->program->ctx);
        pool->ticked = now;
    }
    return ready;
}

/* Takes one of the idle threads. False: there is none. */
static bool take_idle(struct pool *pool)
{
    eventfd_t one;
    return eventfd_read(pool->idle, &one) == 0;
}

/* Returns how many threads are known to be idle. */
static int accept_all(struct pool *pool, int listener)
{
    bool idle = false;
    while (!is_ending()) {
        if (!wait_and_tick(pool, idle ? listener : pool->idle))
            continue;
        int connection = idle ? accept_one(listener) : -1;
        if (connection >= 0 && write(pool->work[1], &connection, sizeof connection) == sizeof connection)
            idle = false;
        else if (!idle)
            idle = take_idle(pool);
    }
    return idle;
}

static void serve_threads(const struct fcgi_program *program, int n, int listener, int ready,
                          const sigset_t *open_mask)
{
    struct pool pool = {.program = program, .open_mask = open_mask};
    pthread_t *threads = mem_array((size_t)n, sizeof *threads);
    open_pool(&pool, threads, n);
    tell(ready);
    int idle = accept_all(&pool, listener);
    close(listener);
    /* Running requests end by themselves; after a stop signal the wait is limited. */
    for (int64_t until = INT64_MAX; idle < n && clock_mono() < until;) {
        if (wait_and_tick(&pool, pool.idle) && take_idle(&pool))
            idle++;
        if (daemon_stopping() && until == INT64_MAX)
            until = clock_mono() + LEAVE_MS;
    }
    if (idle < n)
        _exit(0);
    close(pool.work[1]);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    close(pool.work[0]);
    close(pool.idle);
    free(threads);
}

/* --- either --- */

_Noreturn void serve_process(const struct fcgi_program *program, int threads, int listener, int ready,
                             const sigset_t *open_mask)
{
    struct sigaction leave = {.sa_handler = on_leave}, ignore = {.sa_handler = SIG_IGN};
    struct cx cx;
    fast_init();
    sigaction(SIGTERM, &leave, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    cx_init(&cx);
    if (program->start && program->start(&cx, program->ctx) != RC_OK) {
        log_err(LOG_ERROR, &cx, "a process could not start");
        _exit(1);
    }
    if (threads > 0) {
        serve_threads(program, threads, listener, ready, open_mask);
    } else {
        tell(ready);
        serve_alone(program, &cx, listener, open_mask);
    }
    cx_fini(&cx);
    exit(0);
}
