/* lectern-rtmpd: live streams. As `entry` it takes them from publishers and relays each to the ingest that the core
 * names; as `ingest` it takes them from entries, records them and sends the recordings to their stores. One event loop
 * has all connections; threads send heartbeats, ask the core, sync recordings and send them, so that nothing stops the
 * loop. No database. */
#include <event2/event.h>
#include <pthread.h>

#include "daemons/rtmpd/entry.h"
#include "daemons/rtmpd/ingest.h"
#include "daemons/rtmpd/jobs.h"
#include "lib/base/log.h"
#include "lib/net/http.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

enum { LOOK_US = 200000 };

struct rtmpd {
    const struct conf *conf;
    unsigned roles;
    struct jobs *jobs;
    struct node *node;
    struct core core;
    pthread_t beats;
    struct event_base *base;
    struct event *look;
    struct entry *entry;
    struct ingest *ingest;
};

static struct node *make_node(struct rtmpd *d)
{
    const struct conf *c = d->conf;
    return node_new(&(struct node_setup){.core_url = c->core_url,
                                         .ca_file = c->core_ca_file,
                                         .dir = c->node_dir,
                                         .name = c->node_name,
                                         .roles = d->roles,
                                         .join_token_file = c->join_token_file,
                                         .public_url = d->roles & NODE_INGEST ? c->ingest_url : "",
                                         .disk_path = d->roles & NODE_INGEST ? c->live_dir : c->node_dir,
                                         .hooks = jobs_hooks(d->jobs)});
}

static void *send_beats(void *arg)
{
    struct rtmpd *d = arg;
    node_run(d->node);
    return NULL;
}

/* --- life --- */

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct rtmpd *d = arg;
    (void)fd;
    (void)what;
    if (daemon_stopping())
        event_base_loopbreak(d->base);
}

static enum rc open_all(struct cx *cx, struct rtmpd *d)
{
    const struct timeval look = {0, LOOK_US};
    enum rc rc = RC_OK;
    d->base = event_base_new();
    d->look = d->base ? event_new(d->base, -1, EV_PERSIST, on_look, d) : NULL;
    if (!d->look || event_add(d->look, &look) != 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "no event loop");
    d->jobs = jobs_new(d->roles & NODE_INGEST ? d->conf->ingest_streams : 0, d->conf->live_dir,
                       d->conf->store_min_free);
    d->node = make_node(d);
    jobs_bind(d->jobs, d->node);
    d->core = (struct core){d->node, d->conf->core_url, d->conf->core_ca_file};
    if (d->roles & NODE_INGEST)
        rc = ingest_open(cx, d->conf, d->base, &d->core, d->jobs, &d->ingest);
    if (rc == RC_OK && d->roles & NODE_ENTRY)
        rc = entry_open(cx, d->conf, d->base, &d->core, &d->entry);
    return rc;
}

static void close_all(struct rtmpd *d)
{
    event_free(d->look);
    entry_close(d->entry);
    ingest_close(d->ingest);
    event_base_dispatch(d->base); /* until the last connections are closed, a few seconds */
    event_base_free(d->base);
}

static bool read_roles(struct rtmpd *d)
{
    unsigned roles = 0;
    if (!wire_roles_of(str_of(d->conf->rtmpd_roles), &roles) ||
        roles & ~(unsigned)(NODE_ENTRY | NODE_INGEST)) {
        LOG(ERROR, NULL, "rtmpd_roles: entry, ingest or both", F_TEXT("value", d->conf->rtmpd_roles));
        return false;
    }
    d->roles = roles;
    return true;
}

int main(int argc, char **argv)
{
    static struct rtmpd d;
    struct cx cx;
    d.conf = daemon_start("lectern-rtmpd", argc, argv);
    if (!read_roles(&d))
        return 1;
    if (daemon_trial())
        return 0;
    cx_init(&cx);
    http_global_init();
    if (metrics_open(&cx, d.conf->run_dir, "rtmpd") != RC_OK) {
        log_err(LOG_WARN, &cx, "no metrics");
        err_clear(&cx);
    }
    if (open_all(&cx, &d) != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        cx_fini(&cx);
        return 1;
    }
    if (pthread_create(&d.beats, NULL, send_beats, &d) != 0)
        bug("cannot start a thread");
    LOG(INFO, NULL, "started", F_TEXT("roles", wire_roles_text(cx.arena, d.roles)),
        F_TEXT("core", d.conf->core_url));
    event_base_dispatch(d.base);
    close_all(&d);
    pthread_join(d.beats, NULL);
    LOG(INFO, NULL, "stopped");
    node_free(d.node);
    jobs_free(d.jobs);
    cx_fini(&cx);
    return 0;
}
