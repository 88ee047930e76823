/* Only for the files of lib/fcgi. */
#ifndef LIB_FCGI_INNER_H
#define LIB_FCGI_INNER_H

#include <signal.h>
#include <sys/stat.h>

#include "lib/fcgi/fcgi.h"

/* --- listen.c --- */

/* A listening socket, non-blocking and closed at exec. */
struct listener {
    const char *address;
    int fd;    /* -1: none */
    dev_t dev; /* of the path: if another program has put a socket there, it is not removed */
    ino_t inode;
};

/* Binds under a temporary name and renames: at no moment is there a path without a listening socket. */
WARN_UNUSED enum rc listener_open(struct cx *cx, const char *address, struct listener *out);
/* Only tests whether the socket could be opened. A port cannot be tested, since the running program may have
 * it. */
WARN_UNUSED enum rc listener_try(struct cx *cx, const char *address);
/* Uses a socket that is open already; it is closed at exec from now on. False: its path has gone, so no
 * client would find it. */
bool listener_adopt(const char *address, int fd, struct listener *out);
/* Closes it and removes its path, if that is still this socket's. */
void listener_close(struct listener *l);

/* --- handover.c --- */

/* Sockets and processes that go from one program to the next. */
struct handover {
    struct listener *listeners;
    size_t listener_count;
    pid_t *processes;
    size_t process_count;
    char *text; /* the addresses */
};

/* What the program before left; nothing after an ordinary start. Pair with handover_free. */
void handover_take(struct handover *h);
void handover_free(struct handover *h);
/* Takes the socket of that address out of it. False: there is none. */
bool handover_find(struct handover *h, const char *address, struct listener *out);
/* Executes the program again and hands these over. Returns only if that failed; nothing has changed then. */
void handover_give(const struct handover *h);
/* Runs the program in a process of its own to test whether it can start, with the signal mask given. Returns
 * its pid, -1 if there is none; its exit status is 0 if it can. */
pid_t handover_try(const sigset_t *mask);

/* --- fast.c: requests from a web server --- */

/* Once in each process, before the first request and before its threads. */
void fast_init(void);
struct fcgi_request *fast_new(void);
void fast_free(struct fcgi_request *rq);
/* Takes a connection that was accepted, and reads the variables. False: no request came, the connection is
 * closed. */
bool fast_begin(struct fcgi_request *rq, int connection);
/* Sends the rest of the answer, closes the connection. */
void fast_end(struct fcgi_request *rq);

/* --- cgi.c --- */

int cgi_run(const struct fcgi_program *program);

/* --- serve.c: a process that serves --- */

/* Writes its pid to `ready` once it serves. Waits with the signals of open_mask. Never returns. */
_Noreturn void serve_process(const struct fcgi_program *program, int threads, int listener, int ready,
                             const sigset_t *open_mask);

/* --- crew.c: the parent --- */

int crew_run(const struct fcgi_program *program);

#endif
