/* What the FastCGI programs have in common: sockets, processes, threads, signals, and plain CGI. It knows
 * nothing of pages. main() reads and opens what all processes share, describes the program, and returns what
 * fcgi_run returns.
 *
 * A parent opens the sockets and keeps the processes that serve them; a process that dies is started again,
 * soon the first time and later and later if it does not live.
 *
 * To the parent: SIGTERM or SIGINT, the sockets go, and requests that are being answered are ended within
 * seconds. SIGHUP, the program is started anew, with its configuration, and not one request fails: the parent
 * tries whether the new program could start, then executes itself, under the same pid; the new one has the
 * sockets, starts its processes, and when all of them serve it ends the old ones. If it cannot start, the log
 * says why and what runs goes on. Numbers of processes and sockets may have changed.
 *
 * To a process: SIGTERM, it takes no more requests, and ends when those that it answers have ended by
 * themselves, however long that takes. SIGINT, it is to end soon (daemon_stopping). */
#ifndef LIB_FCGI_FCGI_H
#define LIB_FCGI_FCGI_H

#include "lib/base/cx.h"
#include "lib/fcgi/request.h"

enum {
    FCGI_TICK_MS = 250,
    FCGI_STOP_MS = 5000 /* after SIGTERM or SIGINT the parent ends with SIGKILL what is left after this */
};

/* A socket with processes of its own: requests that wait there delay none on another socket. */
struct fcgi_socket {
    const char *address; /* path of a unix socket (mode 0660), or "HOST:PORT" */
    int processes;
    int threads; /* of each process; 0: the process answers one request at a time */
};

struct fcgi_program {
    const struct fcgi_socket *sockets;
    size_t socket_count;
    void *ctx; /* the program's own, handed to the functions below */
    /* Once in each process, after the fork: its own connections. cx lives as long as the process; with
     * threads it is only for this call. May be NULL. */
    enum rc (*start)(struct cx *cx, void *ctx);
    /* Answers a request. cx is the thread's, reset after each request. */
    void (*serve)(struct cx *cx, struct fcgi_request *rq, void *ctx);
    /* In a process with threads, every FCGI_TICK_MS as long as it lives, by a thread that serves nobody. May
     * be NULL. */
    void (*tick)(void *ctx);
};

/* Serves until SIGTERM or SIGINT; returns the exit status. With REQUEST_METHOD in the environment (a shell,
 * or a web server that starts CGI programs) it answers that one request on standard output instead; with -t
 * it only checks whether the sockets can be opened. */
int fcgi_run(const struct fcgi_program *program);

#endif
