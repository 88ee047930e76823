#include "lib/os/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/rc.h"
#include "lib/os/conf.h"

enum { SLICE_MS = 100 }; /* a signal that lands in another thread is seen after this at the latest */

static atomic_bool the_stop; /* lock-free: also for the signal handler */
static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t the_wake;
static unsigned the_wakes;

static void on_stop(int sig)
{
    (void)sig;
    the_stop = true;
}

static void open_standard_fds(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd > STDERR_FILENO)
        close(fd);
}

static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = on_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    sa.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &sa, NULL);
}

const struct conf *daemon_start(const char *program, int argc, char **argv)
{
    const char *file = NULL;
    int opt;
    open_standard_fds();
    catch_signals();
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&the_wake, &attr);
    pthread_condattr_destroy(&attr);

    while ((opt = getopt(argc, argv, "c:Vh")) != -1) {
        switch (opt) {
        case 'c':
            file = optarg;
            break;
        case 'V':
            printf("%s %s\n", program, PACKAGE_VERSION);
            exit(0);
        default:
            fprintf(opt == 'h' ? stdout : stderr, "usage: %s [-c lectern.conf] [-V]\n", program);
            exit(opt == 'h' ? 0 : 1);
        }
    }
    return conf_start(program, file);
}

bool daemon_stopping(void)
{
    return the_stop;
}

void daemon_stop(void)
{
    the_stop = true;
    daemon_wake();
}

void daemon_wake(void)
{
    pthread_mutex_lock(&the_lock);
    the_wakes++;
    pthread_cond_broadcast(&the_wake);
    pthread_mutex_unlock(&the_lock);
}

static void add_ms(struct timespec *t, int64_t ms)
{
    t->tv_sec += (time_t)(ms / 1000);
    t->tv_nsec += (long)(ms % 1000) * 1000000;
    if (t->tv_nsec >= 1000000000) {
        t->tv_sec++;
        t->tv_nsec -= 1000000000;
    }
}

void daemon_pause(int64_t ms)
{
    pthread_mutex_lock(&the_lock);
    const unsigned wakes = the_wakes;
    while (ms > 0 && !the_stop && wakes == the_wakes) {
        struct timespec until;
        int64_t slice = ms < SLICE_MS ? ms : SLICE_MS;
        clock_gettime(CLOCK_MONOTONIC, &until);
        add_ms(&until, slice);
        pthread_cond_timedwait(&the_wake, &the_lock, &until);
        ms -= slice;
    }
    pthread_mutex_unlock(&the_lock);
}
