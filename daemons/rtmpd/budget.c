#include "daemons/rtmpd/budget.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "daemons/rtmpd/command.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/wire/limits.h"

enum { TRIAL_S = 2, TRIAL_MOST_MS = 60000, MILLI = 1000, PERCENT = 100 };

/* What the trial costs on the machine of lib/live/ladder.h, with its picture made and nothing read from a pipe. */
#define TRIAL_COST (LADDER_COST_720 + LADDER_COST_360)
/* A trial that says more or less than this has measured something else. */
#define SLOWNESS_LEAST 0.1
#define SLOWNESS_MOST  10.0

struct budget {
    const struct conf *conf;
    double cores; /* that may be used */
    double taken;
    atomic_int slowness; /* thousandths: how much more a second of a stream costs here */
    atomic_bool stopping;
    bool running;
    pthread_t thread;
};

static void *measure(void *arg)
{
    struct budget *b = arg;
    struct child_argv argv;
    struct child_result r = {0};
    struct child_log log = {.n = 0};
    struct cx cx;
    cx_init(&cx);
    command_trial(&cx, b->conf, TRIAL_S, &argv);
    const struct child c = {.argv = argv.v, .log = &log, .stop = &b->stopping, .limit_ms = TRIAL_MOST_MS};
    enum rc rc = child_run(&cx, &c, &r);
    double slowness = r.cpu / TRIAL_S / TRIAL_COST;
    if (rc == RC_OK && r.end == CHILD_EXITED && r.code == 0 && slowness > SLOWNESS_LEAST &&
        slowness < SLOWNESS_MOST) {
        b->slowness = (int)(slowness * MILLI);
        LOG(INFO, NULL, "measured what live streams cost here", F_NUM("per_mille", b->slowness));
    } else if (!b->stopping) {
        LOG(WARN, NULL, "could not measure what live streams cost here, supposing the usual",
            F_TEXT("reason", rc == RC_OK ? child_log_last(&cx, &log) : cx.err.detail));
    }
    cx_fini(&cx);
    return NULL;
}

struct budget *budget_new(const struct conf *conf)
{
    struct budget *b = mem_alloc(sizeof *b);
    b->conf = conf;
    b->cores = (double)sysconf(_SC_NPROCESSORS_ONLN) * conf->live_cpu / PERCENT;
    b->slowness = MILLI;
    if (conf->live_cpu > 0) {
        if (pthread_create(&b->thread, NULL, measure, b) != 0)
            bug("cannot start a thread");
        b->running = true;
    }
    return b;
}

void budget_free(struct budget *b)
{
    if (!b)
        return;
    b->stopping = true;
    if (b->running)
        pthread_join(b->thread, NULL);
    free(b);
}

double budget_left(const struct budget *b)
{
    return b->cores * MILLI / b->slowness - b->taken;
}

void budget_take(struct budget *b, double cost)
{
    b->taken += cost;
}

int budget_places(const struct budget *b)
{
    double left = budget_left(b) - LADDER_COST_360;
    if (b->conf->live_cpu == 0 || left / LADDER_COST_COPY > WIRE_JOBS_MAX)
        return WIRE_JOBS_MAX;
    return left < LADDER_COST_COPY ? 0 : (int)(left / LADDER_COST_COPY);
}
