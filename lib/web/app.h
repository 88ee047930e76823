/* One request from its CGI variables to its answer: parse, route, identify, check, handle, finish. */
#ifndef LIB_WEB_APP_H
#define LIB_WEB_APP_H

#include "lib/web/web.h"

/* Input and output of a request: FastCGI, plain CGI or a test. */
struct web_io {
    void *ctx;
    const char *(*header)(const void *ctx, const char *name); /* a CGI variable, or NULL */
    size_t (*read)(void *ctx, char *p, size_t n);             /* of the body; fewer than n: no more comes */
    void (*write)(void *ctx, const char *p, size_t n);
};

/* Start-up check of routes and pages. */
WARN_UNUSED enum rc web_app_check(struct cx *cx, const struct web_app *app);

/* Answers one request. cx is the process's context, reset before each request. Counts and logs it. */
void web_serve(const struct web_app *app, struct cx *cx, const struct web_io *io);

#endif
