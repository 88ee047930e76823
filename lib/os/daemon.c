#include "lib/os/daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/os/conf.h"

enum { SLICE_MS = 100 }; /* a signal that lands in another thread is seen after this at the latest */

static atomic_bool the_stop; /* lock-free: also for the signal handler */
static bool the_trial;
static char **the_argv;

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
    the_argv = argv;
    open_standard_fds();
    catch_signals();

    while ((opt = getopt(argc, argv, "c:tVh")) != -1) {
        switch (opt) {
        case 'c':
            file = optarg;
            break;
        case 't':
            the_trial = true;
            break;
        case 'V':
            printf("%s %s\n", program, PACKAGE_VERSION);
            exit(0);
        default:
            fprintf(opt == 'h' ? stdout : stderr, "usage: %s [-c lectern.conf] [-t] [-V]\n", program);
            exit(opt == 'h' ? 0 : 1);
        }
    }
    return conf_start(program, file);
}

bool daemon_trial(void)
{
    return the_trial;
}

char *const *daemon_argv(void)
{
    return the_argv;
}

bool daemon_stopping(void)
{
    return the_stop;
}

void daemon_pause(int64_t ms)
{
    int64_t left = ms;
    for (const int64_t end = clock_mono() + ms; left > 0 && !the_stop; left = end - clock_mono())
        poll(NULL, 0, (int)(left < SLICE_MS ? left : SLICE_MS));
}
