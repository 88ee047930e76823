/* A web application as a FastCGI program, or as plain CGI from a shell (lib/fcgi/fcgi.h). */
#ifndef LIB_WEB_SERVE_H
#define LIB_WEB_SERVE_H

#include "lib/fcgi/fcgi.h"
#include "lib/web/app.h"

/* Once in each process: database connection and the like. The context lives as long as the process; `ctx` is
 * the application's. */
typedef enum rc serve_start(struct cx *cx, void *ctx);

/* Serves the sockets as fcgi_run does; returns the exit status. */
int serve_run(const struct web_app *app, serve_start *start, const struct fcgi_socket *sockets, size_t n);

#endif
