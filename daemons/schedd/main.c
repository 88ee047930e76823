/* lectern-schedd: gives queued jobs to nodes, ends leases that ran out, cleans up. Any number of instances
 * may run: the one that holds the leader's row works, the others wait until it expires. All its state is in
 * the database, so kill -9 loses nothing; while the database is away it keeps trying. */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/svc/leader.h"
#include "lib/svc/live/over.h"
#include "lib/svc/live/refusal.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/sweep.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/policy.h"
#include "lib/svc/retain.h"

enum { PASS_MS = 250, LIVE_MS = 1000, SWEEP_MS = 60000 };

struct schedd {
    struct leader leader;
    struct dispatch_vain vain;
    int64_t swept, live; /* when last; monotonic, ms */
    struct live_watch watch;
};

static enum rc work(struct cx *cx, void *arg)
{
    struct schedd *s = arg;
    int64_t removed;
    int done = 0;
    enum rc rc = RC_OK;
    if (s->leader.outage) {
        s->watch.deaf = clock_mono(); /* meanwhile no node could be heard */
        rc = dispatch_after_outage(cx);
    }
    if (rc == RC_OK) {
        s->leader.outage = false;
        rc = dispatch_pass(cx, dispatch_nearest, &s->vain, &done);
    }
    if (rc == RC_OK && clock_mono() - s->live >= LIVE_MS) {
        s->live = clock_mono();
        rc = live_sweep(cx, &s->watch, &done);
        if (rc == RC_OK)
            rc = live_over(cx, &done);
        if (rc == RC_OK)
            rc = live_publish(cx, &done);
    }
    if (rc == RC_OK && clock_mono() - s->swept >= SWEEP_MS) {
        s->swept = clock_mono();
        rc = dispatch_sweep(cx);
        if (rc == RC_OK)
            rc = retain_sweep(cx, cx->conf, &removed);
        if (rc == RC_OK)
            rc = live_refusal_sweep(cx);
        if (rc == RC_OK)
            rc = live_forget(cx, &done);
        if (rc == RC_OK)
            rc = rehearsal_sweep(cx);
    }
    return rc;
}

int main(int argc, char **argv)
{
    const struct conf *conf = daemon_start("lectern-schedd", argc, argv);
    const struct actor actor = policy_system("lectern-schedd");
    struct schedd s = {.leader = {.role = "schedd",
                                  .gauge = METRIC_schedd_leader,
                                  .actor = &actor,
                                  .pace_ms = PASS_MS,
                                  .work = work,
                                  .arg = &s},
                       .watch = {.deaf = clock_mono()}};
    struct cx cx;
    if (daemon_trial())
        return 0;
    cx_init(&cx);
    cx.conf = conf;
    cx.db = db_new_conf(conf);
    if (metrics_open(&cx, conf->run_dir, "schedd") != RC_OK)
        log_err(LOG_WARN, &cx, "no metrics");
    leader_init(&s.leader);
    LOG(INFO, NULL, "scheduler started", F_TEXT("holder", s.leader.holder));
    while (!daemon_stopping())
        daemon_pause(leader_round(&cx, &s.leader));
    leader_end(&cx, &s.leader);
    LOG(INFO, NULL, "scheduler stopped");
    db_free(cx.db);
    cx_fini(&cx);
    return 0;
}
