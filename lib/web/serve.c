#include "lib/web/serve.h"

struct serving {
    const struct web_app *app;
    serve_start *start;
};

static enum rc start_process(struct cx *cx, void *ctx)
{
    const struct serving *serving = ctx;
    cx->conf = serving->app->conf;
    return serving->start(cx, serving->app->ctx);
}

static const char *header(const void *ctx, const char *name)
{
    return fcgi_param(ctx, name);
}

static size_t read_body(void *ctx, char *p, size_t n)
{
    size_t got = 0;
    for (size_t r; got < n && (r = fcgi_read(ctx, p + got, n - got)) > 0;)
        got += r;
    return got;
}

static void write_answer(void *ctx, const char *p, size_t n)
{
    (void)fcgi_write(ctx, p, n);
}

static void serve(struct cx *cx, struct fcgi_request *rq, void *ctx)
{
    const struct serving *serving = ctx;
    struct web_io io = {rq, header, read_body, write_answer};
    web_serve(serving->app, cx, &io);
}

int serve_run(const struct web_app *app, serve_start *start, const struct fcgi_socket *sockets, size_t n)
{
    struct serving serving = {app, start};
    return fcgi_run(&(struct fcgi_program){
        .sockets = sockets, .socket_count = n, .ctx = &serving, .start = start_process, .serve = serve});
}
