/* lectern-noded: the agent of a storage node. It joins, sends heartbeats, tells the core which uploads are
 * complete, commits and deletes what the core orders, and keeps the core's public keys on disk for
 * lectern-authz and lectern-store. No database. */
#include "daemons/noded/noded.h"

#include "lib/base/log.h"
#include "lib/net/http.h"
#include "lib/os/cond.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

/* A worker on this machine reads the number, and tells the core that it has this store beside it. */
static void on_answer(void *arg, struct cx *cx, const struct wire_answer *a)
{
    struct noded *nd = arg;
    uploads_answer(nd, cx, a);
    if (a->node > 0 && store_node_set(cx, nd->store, a->node) != RC_OK) {
        log_err(LOG_WARN, cx, "the store does not know the number of its node");
        err_clear(cx);
    }
}

static struct node *make_node(struct noded *nd)
{
    const struct conf *conf = nd->conf;
    struct node_setup setup = {.core_url = conf->core_url,
                               .ca_file = conf->core_ca_file,
                               .dir = conf->node_dir,
                               .name = conf->node_name,
                               .roles = NODE_STORAGE,
                               .join_token_file = conf->join_token_file,
                               .public_url = conf->store_url,
                               .disk_path = conf->store_root,
                               .hooks = {.arg = nd,
                                         .assign = jobs_assign,
                                         .cancel = jobs_cancel,
                                         .slots = jobs_slots,
                                         .request = uploads_report,
                                         .answer = on_answer}};
    return node_new(&setup);
}

static enum rc open_all(struct cx *cx, struct noded *nd)
{
    if (metrics_open(cx, nd->conf->run_dir, "noded") != RC_OK) {
        log_err(LOG_WARN, cx, "no metrics");
        err_clear(cx);
    }
    return store_open(cx, nd->conf->store_root, &nd->store);
}

int main(int argc, char **argv)
{
    static struct noded nd;
    pthread_t uploads, jobs;
    struct cx cx;
    nd.conf = daemon_start("lectern-noded", argc, argv);
    if (daemon_trial())
        return 0;
    cx_init(&cx);
    http_global_init();
    if (open_all(&cx, &nd) != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        return 1;
    }
    pthread_mutex_init(&nd.lock, NULL);
    cond_init(&nd.work);
    nd.node = make_node(&nd);
    if (pthread_create(&uploads, NULL, uploads_thread, &nd) != 0 ||
        pthread_create(&jobs, NULL, jobs_thread, &nd) != 0)
        bug("cannot start a thread");
    LOG(INFO, &cx, "started", F_TEXT("root", nd.conf->store_root), F_TEXT("core", nd.conf->core_url));
    node_run(nd.node);
    pthread_join(uploads, NULL);
    pthread_join(jobs, NULL);
    LOG(INFO, &cx, "stopped");
    node_free(nd.node);
    store_close(nd.store);
    cx_fini(&cx);
    return 0;
}
