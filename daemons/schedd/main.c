/* lectern-schedd: gives queued jobs to nodes, ends leases that ran out, cleans up. Any number of instances
 * may run: the one that holds the leader's row works, the others wait until it expires. All its state is in
 * the database, so kill -9 loses nothing; while the database is away it keeps trying. */
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/policy.h"
#include "lib/svc/retain.h"

enum {
    PASS_MS = 250,
    STANDBY_MS = 1000,
    SWEEP_MS = 60000,
    BACKOFF_MS = 500,
    BACKOFF_MAX_MS = 5000,
    HOLDER_SIZE = 100,
    HOST_SIZE = 64
};

struct schedd {
    struct cx cx;
    struct actor actor;
    char holder[HOLDER_SIZE];
    bool leads, outage;     /* outage: the database or this program was away since the last pass */
    int64_t renewed, swept; /* monotonic, ms */
    int failures;           /* in a row */
};

static void name_holder(struct schedd *s)
{
    char host[HOST_SIZE] = "", tail[9];
    (void)gethostname(host, sizeof host - 1);
    rand_hex(tail, sizeof tail);
    snprintf(s->holder, sizeof s->holder, "%s:%ld:%s", host, (long)getpid(), tail);
}

static enum rc renew(struct schedd *s)
{
    bool leads = false;
    int64_t now = clock_mono();
    enum rc rc;
    if (s->leads && now - s->renewed < LEADER_MS / 3)
        return RC_OK;
    rc = leader_hold(&s->cx, "schedd", s->holder, &leads);
    if (rc != RC_OK)
        return rc;
    if (leads != s->leads)
        LOG(INFO, &s->cx, leads ? "leading" : "standing by", F_TEXT("holder", s->holder));
    s->leads = leads;
    s->renewed = now;
    metric_set(METRIC_schedd_leader, leads);
    return RC_OK;
}

static enum rc work(struct schedd *s, int *done)
{
    int64_t removed;
    enum rc rc = renew(s);
    if (rc != RC_OK || !s->leads)
        return rc;
    if (s->outage)
        rc = dispatch_after_outage(&s->cx);
    if (rc == RC_OK) {
        s->outage = false;
        rc = dispatch_pass(&s->cx, dispatch_nearest, done);
    }
    if (rc == RC_OK && clock_mono() - s->swept >= SWEEP_MS) {
        s->swept = clock_mono();
        rc = dispatch_sweep(&s->cx);
        if (rc == RC_OK)
            rc = retain_sweep(&s->cx, s->cx.conf, &removed);
    }
    return rc;
}

/* Returns how long until the next round, ms: longer after failures, with jitter. */
static int64_t round_once(struct schedd *s)
{
    int done = 0;
    enum rc rc;
    cx_reset(&s->cx);
    s->cx.actor = &s->actor;
    rc = work(s, &done);
    if (rc == RC_OK) {
        if (s->failures > 0)
            LOG(INFO, &s->cx, "working again", F_NUM("failures", s->failures));
        s->failures = 0;
        return s->leads ? PASS_MS : STANDBY_MS;
    }
    s->failures++;
    log_err(s->failures == 1 ? LOG_ERROR : LOG_WARN, &s->cx, "round failed");
    if (rc == RC_UNAVAIL) {
        s->leads = false;
        s->outage = true;
    }
    return backoff_ms(s->failures, BACKOFF_MS, BACKOFF_MAX_MS);
}

int main(int argc, char **argv)
{
    const struct conf *conf = daemon_start("lectern-schedd", argc, argv);
    /* outage: it is unknown how long the core was away before this start */
    struct schedd s = {.actor = policy_system("lectern-schedd"), .outage = true};
    if (daemon_trial())
        return 0;
    cx_init(&s.cx);
    s.cx.conf = conf;
    s.cx.db = db_new_conf(conf);
    if (metrics_open(&s.cx, conf->run_dir, "schedd") != RC_OK)
        log_err(LOG_WARN, &s.cx, "no metrics");
    name_holder(&s);
    LOG(INFO, NULL, "scheduler started", F_TEXT("holder", s.holder));
    while (!daemon_stopping())
        daemon_pause(round_once(&s));
    if (s.leads && leader_release(&s.cx, "schedd", s.holder) != RC_OK)
        log_err(LOG_WARN, &s.cx, "leadership not given back");
    LOG(INFO, NULL, "scheduler stopped");
    db_free(s.cx.db);
    cx_fini(&s.cx);
    return 0;
}
