#include "lib/fcgi/fcgi.h"

#include "lib/base/log.h"
#include "lib/fcgi/inner.h"
#include "lib/os/daemon.h"

static int try_sockets(const struct fcgi_program *program)
{
    struct cx cx;
    enum rc rc = RC_OK;
    cx_init(&cx);
    for (size_t i = 0; i < program->socket_count && rc == RC_OK; i++)
        rc = listener_try(&cx, program->sockets[i].address);
    if (rc != RC_OK)
        log_err(LOG_ERROR, &cx, "cannot start");
    cx_fini(&cx);
    return rc == RC_OK ? 0 : 1;
}

int fcgi_run(const struct fcgi_program *program)
{
    if (daemon_trial())
        return try_sockets(program);
    return getenv("REQUEST_METHOD") ? cgi_run(program) : crew_run(program);
}
