/* Runs one child program to its end: argument list (never a shell), output line by line, limits,
 * cancellation. Used by job threads; there is no state besides the arguments. */
#ifndef LIB_MEDIA_CHILD_H
#define LIB_MEDIA_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/cx.h"

enum { CHILD_LOG_SIZE = 16384, CHILD_LINE_MAX = 65536 };

/* The last CHILD_LOG_SIZE bytes of what children wrote to standard error. */
struct child_log {
    char text[CHILD_LOG_SIZE];
    size_t n;
};

void child_log_add(struct child_log *log, const char *text, size_t n);
/* The last line that is not empty, for messages; in cx's arena. */
const char *child_log_last(struct cx *cx, const struct child_log *log);

/* A line without its newline, NUL-terminated; the callee may change it. Longer ones are cut. */
typedef void child_line(void *arg, char *line);

struct child {
    const char *const *argv;
    child_line *out; /* lines of standard output, or NULL: dropped */
    child_line *err; /* lines of standard error besides the log, or NULL */
    void *arg;
    struct child_log *log;
    const atomic_bool *stop; /* or NULL; looked at every 200 ms */
    int64_t limit_ms;        /* the whole run; 0: none */
    int64_t stall_ms;        /* without a byte of output; 0: none */
};

enum child_end {
    CHILD_EXITED,  /* by itself: code */
    CHILD_SIGNAL,  /* by a signal that this module did not send; code: its number */
    CHILD_STOPPED, /* because of *stop */
    CHILD_TIMEOUT
};

struct child_result {
    enum child_end end;
    int code;
    double cpu; /* seconds, user and system */
};

/* RC_OK: the child ran and ended as *out says. To stop it, SIGTERM is sent and SIGKILL ten seconds later;
 * after *stop only one second later, since the result is not needed. RC_UNAVAIL: it could not be started. */
WARN_UNUSED enum rc child_run(struct cx *cx, const struct child *c, struct child_result *out);

/* Only starts it, with these descriptors as its standard input (-1: /dev/null), output and error; they stay the
 * caller's, who also waits for it. 0, or an errno. */
WARN_UNUSED int child_spawn(const char *const *args, int in, int out, int err, pid_t *pid);

/* Builds an argument list in an arena. */
struct child_argv {
    struct arena *arena;
    const char **v;
    size_t n, size;
};

void child_argv_init(struct child_argv *a, struct arena *arena);
void child_argv_add(struct child_argv *a, const char *arg);
/* Several: ends with NULL. */
void child_argv_all(struct child_argv *a, ...) __attribute__((sentinel));
void child_argv_printf(struct child_argv *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
