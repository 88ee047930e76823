/* lectern-courierd: whatever waits for other people's servers, so that nothing else does: at present, the
 * metadata of identity providers. Any number of instances may run: the one that holds the leader's row works,
 * the others wait until it expires. All its state is in the database. */
#include "daemons/courierd/metadata.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/saml/saml.h"
#include "lib/svc/leader.h"
#include "lib/svc/policy.h"
#include "lib/svc/sso/link.h"
#include "lib/svc/sso/signin.h"

enum { PASS_MS = 1000, SWEEP_MS = 60000 };

struct courierd {
    struct leader leader;
    struct http *http;
    int64_t swept; /* monotonic, ms */
};

static enum rc work(struct cx *cx, void *arg)
{
    struct courierd *c = arg;
    int64_t removed;
    bool did = true;
    enum rc rc = RC_OK;
    while (rc == RC_OK && did && !daemon_stopping()) {
        cx_reset(cx); /* after an outage all are due: what one took is given back before the next */
        cx->actor = c->leader.actor;
        rc = metadata_read_due(cx, c->http, &c->leader, &did);
    }
    if (rc == RC_OK && clock_mono() - c->swept >= SWEEP_MS) {
        c->swept = clock_mono();
        rc = sso_sweep(cx, &removed);
        if (rc == RC_OK)
            rc = sso_link_sweep(cx, &removed);
    }
    return rc;
}

int main(int argc, char **argv)
{
    const struct conf *conf = daemon_start("lectern-courierd", argc, argv);
    const struct actor actor = policy_system("lectern-courierd");
    struct courierd c = {.leader = {.role = "courierd",
                                    .gauge = METRIC_courierd_leader,
                                    .actor = &actor,
                                    .pace_ms = PASS_MS,
                                    .work = work,
                                    .arg = &c}};
    struct cx cx;
    cx_init(&cx);
    if (saml_start(&cx) != RC_OK) {
        log_err(LOG_ERROR, &cx, "cannot start");
        return 1;
    }
    if (daemon_trial())
        return 0;
    http_global_init();
    cx.conf = conf;
    cx.db = db_new_conf(conf);
    c.http = http_new(NULL);
    if (metrics_open(&cx, conf->run_dir, "courierd") != RC_OK)
        log_err(LOG_WARN, &cx, "no metrics");
    leader_init(&c.leader);
    LOG(INFO, NULL, "courier started", F_TEXT("holder", c.leader.holder));
    while (!daemon_stopping())
        daemon_pause(leader_round(&cx, &c.leader));
    leader_end(&cx, &c.leader);
    LOG(INFO, NULL, "courier stopped");
    http_free(c.http);
    db_free(cx.db);
    cx_fini(&cx);
    saml_stop();
    return 0;
}
