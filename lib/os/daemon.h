/* What every long-running program does the same way: stop signals as a flag, pauses that end early, the -c
 * and -V options. Signals do no work of their own. */
#ifndef LIB_OS_DAEMON_H
#define LIB_OS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

/* First call of main(): fds 0–2 open, SIGPIPE ignored, SIGTERM and SIGINT noted, options read (-c FILE, -t,
 * -V, -h: the latter two print and exit), configuration read, log opened. The configuration lives as long as
 * the process. */
const struct conf *daemon_start(const char *program, int argc, char **argv);

/* -t: the program only tries whether it could start, changes nothing and exits. */
bool daemon_trial(void);
/* The words it was started with, ending with NULL. Lends. */
char *const *daemon_argv(void);

/* True from the first SIGTERM or SIGINT on. Safe from any thread. */
bool daemon_stopping(void);
/* Waits ms milliseconds, less if a stop signal comes. Any thread. */
void daemon_pause(int64_t ms);

#endif
