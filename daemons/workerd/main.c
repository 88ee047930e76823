/* lectern-workerd: takes media jobs from the core and does them with FFmpeg. It needs no inbound port and no
 * database, and write access only to its scratch folder and node_dir. This thread talks to the core; each job
 * has a thread of its own. kill -9 loses nothing: the lease runs out and the next attempt starts from the
 * source. */
#include "daemons/workerd/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/http.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

int main(int argc, char **argv)
{
    const struct conf *conf = daemon_start("lectern-workerd", argc, argv);
    struct worker *worker = NULL;
    struct cx cx;
    if (daemon_trial())
        return 0;
    cx_init(&cx);
    cx.conf = conf;
    http_global_init();
    if (metrics_open(&cx, conf->run_dir, "workerd") != RC_OK)
        log_err(LOG_WARN, &cx, "no metrics");
    if (worker_open(&cx, conf, &worker) != RC_OK) {
        log_err(LOG_ERROR, &cx, "the scratch folder cannot be used");
        return 1;
    }
    struct node *node = node_new(&(struct node_setup){.core_url = conf->core_url,
                                                      .ca_file = conf->core_ca_file,
                                                      .dir = conf->node_dir,
                                                      .name = conf->node_name,
                                                      .roles = NODE_WORKER,
                                                      .join_token_file = conf->join_token_file,
                                                      .public_url = "",
                                                      .disk_path = conf->scratch_dir,
                                                      .hooks = worker_hooks(worker)});
    worker_bind(worker, node);
    LOG(INFO, NULL, "worker started", F_NUM("quick_slots", conf->worker_quick_slots),
        F_NUM("encode_slots", conf->worker_encode_slots));
    node_run(node);
    worker_stop(worker);
    cx_reset(&cx);
    if (node_beat(&cx, node) != RC_OK) /* jobs that were running return to the queue at once */
        log_err(LOG_WARN, &cx, "last heartbeat failed");
    LOG(INFO, NULL, "worker stopped");
    node_free(node);
    worker_close(worker);
    cx_fini(&cx);
    return 0;
}
