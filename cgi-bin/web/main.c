/* lectern-web: pages, forms and the JSON API. The only FastCGI program with a database. Started by a
 * supervisor, it serves its sockets with several processes; with REQUEST_METHOD set it answers one request as
 * plain CGI, to examine a page. */
#include <unistd.h>

#include "cgi-bin/web/site.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/net/redis.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/saml/saml.h"
#include "lib/svc/people/password.h"
#include "lib/web/route.h"
#include "lib/web/serve.h"

/* After the fork: every process has connections of its own. */
static enum rc start_process(struct cx *cx, void *ctx)
{
    struct site *site = ctx;
    cx->db = site->db = db_new_conf(cx->conf);
    site->redis = redis_new_conf(cx->conf);
    site->limits = ratelimit_new(site->redis);
    return RC_OK;
}

/* The rows as JSON, for tests and for people. */
static int print_routes(void)
{
    struct cx cx;
    cx_init(&cx);
    printf("%s\n", route_list(&cx, site_routes, site_route_count).p);
    cx_fini(&cx);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--routes") == 0)
        return print_routes();
    const struct conf *conf = daemon_start("lectern-web", argc, argv);
    static struct site site;
    struct web_app app = {.ctx = &site, .conf = conf, .routes = site_routes, .route_count = site_route_count};
    struct arena *arena = arena_new(); /* for what all processes share */
    struct cx cx;
    app.identify = site_identify;
    app.admits = site_admits;
    app.frame = site_frame;
    app.count = db_count;
    cx_init(&cx);
    cx.conf = conf;
    enum rc rc = web_app_check(&cx, &app);
    if (rc == RC_OK)
        rc = saml_start(&cx);
    if (rc == RC_OK && !zone_open(arena, conf->time_zone, &app.zone))
        rc = err_set(&cx, RC_INVALID, NULL, NULL, "time_zone = %s: not known to this system (package tzdata)",
                     conf->time_zone);
    if (rc == RC_OK)
        rc = view_open(&cx, conf->template_dir, &app.view);
    if (rc != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        cx_fini(&cx);
        arena_free(arena);
        return 1;
    }
    if (metrics_open(&cx, conf->run_dir, "web") != RC_OK)
        log_err(LOG_WARN, &cx, "no metrics");
    cx_fini(&cx);
    /* Few passwords are computed at once (lib/svc/people/password.h). The web server sends these forms to a
     * socket with as many processes: many sign-ins at once wait in its queue, and no page waits behind
     * them, nor behind the heartbeats of nodes. */
    const struct fcgi_socket sockets[] = {
        {conf->web_socket, conf->web_processes, 0},
        {conf->signin_socket, PASSWORD_AT_ONCE, 0},
        {conf->node_socket, conf->node_processes, 0},
    };
    int status = serve_run(&app, start_process, sockets, sizeof sockets / sizeof *sockets);
    ratelimit_free(site.limits);
    redis_free(site.redis);
    db_free(site.db);
    view_close(app.view);
    arena_free(arena);
    saml_stop();
    return status;
}
