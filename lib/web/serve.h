/* The two ways a web program runs: FastCGI with several processes on one socket, or plain CGI from a
 * shell. */
#ifndef LIB_WEB_SERVE_H
#define LIB_WEB_SERVE_H

#include "lib/web/app.h"

enum { SERVE_BACKLOG = 1024 };

/* Per process, after the fork: database connection and the like. The context lives as long as the process. */
typedef enum rc serve_start(struct cx *cx, void *ctx);

/* A socket with processes of its own: what waits there holds up nobody on another one. */
struct serve_socket {
    const char *path;
    int processes;
};

/* Opens the sockets and keeps their children serving them until SIGTERM; a child that dies is started
 * again, not more often than once a second each. Children end with the request they are in. Returns the exit
 * status. */
int serve_fastcgi(const struct web_app *app, const struct serve_socket *sockets, size_t n, serve_start *start,
                  void *ctx);

/* Whether this process was started as a CGI program (REQUEST_METHOD is set). */
bool serve_is_cgi(void);
/* Answers the one request of environ and standard input on standard output. Returns the exit status. */
int serve_cgi(const struct web_app *app, serve_start *start, void *ctx);

#endif
