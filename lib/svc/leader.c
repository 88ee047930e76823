#include "lib/svc/leader.h"

#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"

enum { STANDBY_MS = 1000, BACKOFF_MS = 500, BACKOFF_MAX_MS = 5000, HOST_SIZE = 64 };

enum rc leader_hold(struct cx *cx, const char *role, const char *holder, bool *leads)
{
    struct db_done done;
    enum rc rc = db_exec(cx, SQL_leader_hold, &done, "siss", holder, (int64_t)LEADER_MS, role, holder);
    if (rc == RC_OK)
        *leads = done.affected == 1;
    return rc;
}

enum rc leader_release(struct cx *cx, const char *role, const char *holder)
{
    return db_exec(cx, SQL_leader_release, NULL, "ss", role, holder);
}

void leader_init(struct leader *l)
{
    char host[HOST_SIZE] = "", tail[9];
    (void)gethostname(host, sizeof host - 1);
    rand_hex(tail, sizeof tail);
    snprintf(l->holder, sizeof l->holder, "%s:%ld:%s", host, (long)getpid(), tail);
    l->outage = true; /* it is unknown how long the program was away before this start */
}

enum rc leader_renew(struct cx *cx, struct leader *l)
{
    bool leads = false, led = l->leads;
    int64_t now = clock_mono();
    if (l->leads && now - l->renewed < LEADER_MS / 3)
        return RC_OK;
    enum rc rc = leader_hold(cx, l->role, l->holder, &leads);
    if (rc != RC_OK)
        return rc;
    if (leads != l->leads)
        LOG(INFO, cx, leads ? "leading" : "standing by", F_TEXT("holder", l->holder));
    l->leads = leads;
    l->renewed = now;
    metric_set(l->gauge, leads);
    if (led && !leads)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "another instance leads now");
    return RC_OK;
}

static enum rc round_once(struct cx *cx, struct leader *l)
{
    enum rc rc = leader_renew(cx, l);
    if (rc == RC_CONFLICT) {
        err_clear(cx);
        return RC_OK;
    }
    return rc == RC_OK && l->leads ? l->work(cx, l->arg) : rc;
}

int64_t leader_round(struct cx *cx, struct leader *l)
{
    cx_reset(cx);
    cx->actor = l->actor;
    enum rc rc = round_once(cx, l);
    if (rc == RC_OK) {
        if (l->failures > 0)
            LOG(INFO, cx, "working again", F_NUM("failures", l->failures));
        l->failures = 0;
        return l->leads ? l->pace_ms : STANDBY_MS;
    }
    l->failures++;
    log_err(l->failures == 1 ? LOG_ERROR : LOG_WARN, cx, "round failed");
    if (rc == RC_UNAVAIL) {
        l->leads = false;
        l->outage = true;
    }
    return backoff_ms(l->failures, BACKOFF_MS, BACKOFF_MAX_MS);
}

void leader_end(struct cx *cx, struct leader *l)
{
    if (l->leads && leader_release(cx, l->role, l->holder) != RC_OK)
        log_err(LOG_WARN, cx, "leadership not given back");
}
