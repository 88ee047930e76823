#include "lib/svc/pipeline/doors/dispatch.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/metrics.h"
#include "lib/svc/people/session.h"
#include "lib/svc/pipeline/doors/candidates.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/pipeline/records/job_row.h"
#include "lib/svc/teaching/lecture.h"

enum {
    PAGE = 10,        /* jobs that one look into a share brings */
    MAX_LOOKS = 100,  /* into the shares of a lane in one pass; each of them has one in any case */
    MAX_LEASES = 200, /* in one lane in one pass, so that its transaction stays short */
    VAIN_MS = 1000,   /* between two looks at all nodes that give nothing away */
    COL_PATH = 30,    /* columns of job_list_share behind those of a job */
    COL_SIZE = 31,
    COL_STORE = 32,
    COL_PARTS = 33
};

/* --- a pass --- */

struct round {
    dispatch_policy *policy;
    struct dispatch_vain *vain;
    int64_t queued; /* jobs, as in struct dispatch_vain */
    bool looked;    /* false: it would have been in vain again */
    struct candidates there;
    int leased[LANES_QUEUED];
    const struct job *given[LANES_QUEUED * MAX_LEASES]; /* these; logged when the transaction is committed */
    size_t given_count;
};

static bool any_free(const struct round *r, enum job_lane lane)
{
    for (size_t i = 0; i < r->there.n; i++)
        if (r->there.all[i].free[lane] > 0)
            return true;
    return false;
}

/* A job in the queue, with what decides where it may run. */
struct queued {
    struct job job;
    const char *path; /* of its organisation */
    struct dispatch_job want;
};

/* Others may have to be asked first, and they may be busy now. */
static bool is_doubtful(const struct dispatch_job *want)
{
    return want->blamed_by || (want->avoid_node && want->last_try);
}

/* *out: the candidate that the policy takes, or NULL. */
static enum rc choose(struct cx *cx, struct round *r, const struct queued *q, struct candidate **out)
{
    enum rc rc = is_doubtful(&q->want) ? candidates_count(cx, &r->there) : RC_OK;
    if (rc != RC_OK)
        return rc;
    size_t n = candidates_near(&r->there, &q->job, q->path);
    int best = n > 0 ? r->policy(&q->want, r->there.near, n, rand_below(1 << 16)) : -1;
    *out = best >= 0 ? &r->there.all[r->there.index[best]] : NULL;
    return RC_OK;
}

/* --- leases --- */

/* Commits of one lecture run one after the other, each based on the one before; here the commit gets its
 * number. */
static enum rc next_generation(struct cx *cx, struct job *j, bool *free)
{
    struct lecture *l;
    struct rows *rows;
    enum rc rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_job_count_commits, &rows, "iiii", j->lecture_id, j->id, (int64_t)j->attempt,
                    j->id);
    if (rc != RC_OK)
        return rc;
    *free = row_i64(rows, 0, 0) == 0;
    /* what it was given before it lost its lease may lie on the disk, and nothing else gets that number */
    return j->generation > l->generation ? RC_OK : dvr_next_commit(cx, j->lecture_id, &j->generation);
}

static enum rc try_lease(struct cx *cx, struct round *r, struct queued *q)
{
    struct job *j = &q->job;
    struct candidate *c = NULL;
    bool free = true;
    enum rc rc = choose(cx, r, q, &c);
    if (rc == RC_OK && c && j->kind == JOB_COMMIT)
        rc = next_generation(cx, j, &free);
    if (rc != RC_OK || !c || !free)
        return rc;
    rc = job_lease(cx, j, c->node.id, c->node.rests);
    if (rc != RC_OK)
        return rc;
    candidate_take(c, j->lane);
    r->leased[j->lane]++;
    r->given[r->given_count++] = j;
    return RC_OK;
}

/* --- shares: what one organisation has in the queue, or what only one node may run --- */

struct share {
    int64_t id;       /* of the organisation; minus that of the node; 0: jobs that are in no share yet */
    const char *path; /* of the organisation, or "" */
    int64_t priority, after; /* the last job that was looked at */
    bool over;               /* there is no other */
};

/* The shares of a lane that have something in the queue, without those of nodes that are away. */
static enum rc load_shares(struct cx *cx, enum job_lane lane, struct share **out, size_t *n)
{
    struct rows *rows;
    size_t room = 0;
    int64_t after = INT64_MIN;
    for (*n = 0;;) {
        enum rc rc = db_query(cx, SQL_dispatch_share_next, &rows, "si", wire_lane_name(lane), after);
        if (rc != RC_OK || rows_count(rows) == 0)
            return rc;
        after = row_i64(rows, 0, 0);
        if (!row_i64(rows, 0, 2))
            continue;
        if (*n == room) {
            struct share *more = arena_array(cx->arena, room = room ? 2 * room : 64, sizeof *more);
            for (size_t i = 0; i < *n; i++)
                more[i] = (*out)[i];
            *out = more;
        }
        (*out)[(*n)++] = (struct share){.id = after, .path = row_text(rows, 0, 1), .priority = INT32_MAX};
    }
}

/* Is there a free slot for anything in that share? A rough cut of choose(), which spares the look at the
 * jobs. */
static bool is_served(const struct round *r, const struct share *s, enum job_lane lane)
{
    for (size_t i = 0; i < r->there.n; i++) {
        const struct candidate *c = &r->there.all[i];
        if (c->free[lane] > 0 && (s->id == 0 || s->id == -c->node.id ||
                                  (s->id > 0 && node_distance(s->path, c->path, c->sharing) < NODE_FAR)))
            return true;
    }
    return false;
}

/* The next ten jobs of a share, appended. */
static enum rc look(struct cx *cx, enum job_lane lane, struct share *s, struct queued *list, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_share, &rows, "siiiii", wire_lane_name(lane), s->id, s->priority,
                          s->priority, s->after, (int64_t)PAGE);
    if (rc != RC_OK)
        return rc;
    s->over = rows_count(rows) < PAGE;
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct queued *q = &list[(*n)++];
        job_read(rows, i, &q->job);
        q->path = row_null(rows, i, COL_PATH) ? s->path : row_text(rows, i, COL_PATH);
        q->want =
            candidates_want(&q->job, &(struct candidate_source){.size = row_i64(rows, i, COL_SIZE),
                                                                .store = row_i64(rows, i, COL_STORE),
                                                                .parts = row_i64(rows, i, COL_PARTS) > 0});
        s->priority = q->job.priority;
        s->after = q->job.id;
    }
    return RC_OK;
}

static int by_priority(const void *a, const void *b)
{
    const struct job *x = &((const struct queued *)a)->job, *y = &((const struct queued *)b)->job;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The next jobs of every share that could be served, leased as far as there are slots, best first. *pages:
 * shares that were looked into. */
static enum rc lease_round(struct cx *cx, struct round *r, enum job_lane lane, struct share *shares, size_t n,
                           int *pages)
{
    struct queued *list = arena_array(cx->arena, n * PAGE + 1, sizeof *list);
    size_t count = 0;
    enum rc rc = RC_OK;
    *pages = 0;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (shares[i].over || !is_served(r, &shares[i], lane))
            continue;
        rc = look(cx, lane, &shares[i], list, &count);
        ++*pages;
    }
    qsort(list, count, sizeof *list, by_priority);
    for (size_t i = 0; rc == RC_OK && i < count && r->leased[lane] < MAX_LEASES; i++)
        rc = try_lease(cx, r, &list[i]);
    return rc;
}

/* In rounds, so that whoever has much in the queue, or what fits nowhere, holds up nobody else. */
static enum rc lease_lane(struct cx *cx, struct round *r, enum job_lane lane)
{
    struct share *shares = NULL;
    size_t n = 0;
    int pages = 0, looks = 0;
    enum rc rc = any_free(r, lane) ? load_shares(cx, lane, &shares, &n) : RC_OK;
    r->leased[lane] = 0;
    while (rc == RC_OK && n > 0 && looks < MAX_LOOKS && r->leased[lane] < MAX_LEASES) {
        rc = lease_round(cx, r, lane, shares, n, &pages);
        looks += pages;
        if (pages == 0)
            break;
    }
    return rc;
}

static bool is_vain(const struct round *r)
{
    return r->queued == r->vain->queued && clock_mono() < r->vain->until;
}

static void note_vain(const struct round *r)
{
    if (!r->looked)
        return;
    r->vain->queued = r->given_count > 0 ? 0 : r->queued;
    r->vain->until = clock_mono() + VAIN_MS;
}

/* Only one instance may lease at a time, even if two believe that they lead: two would give away the same
 * slot. */
static enum rc lease_tx(struct cx *cx, void *arg)
{
    struct round *r = arg;
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_leader_lock, &rows, "s", "schedd");
    r->given_count = 0;
    r->there.n = 0;
    if (rc == RC_OK)
        rc = db_one(cx, SQL_dispatch_waiting, &rows, "");
    if (rc == RC_OK)
        r->queued = row_i64(rows, 0, 0);
    /* most passes find nothing in the queue: then all nodes would be read for nothing */
    r->looked = rc == RC_OK && !is_vain(r);
    if (!r->looked || r->queued == 0)
        return rc;
    rc = candidates_load(cx, &r->there);
    for (int lane = 0; rc == RC_OK && lane < LANES_QUEUED; lane++)
        rc = lease_lane(cx, r, (enum job_lane)lane);
    return rc;
}

static void tell(struct cx *cx, const struct job *j)
{
    LOG(INFO, cx, "job leased", F_NUM("job", j->id), F_TEXT("kind", wire_kind_name(j->kind)),
        F_TEXT("lecture", j->lecture_key), F_NUM("attempt", j->attempt), F_NUM("holder", j->node_id));
}

enum rc dispatch_pass(struct cx *cx, dispatch_policy *policy, struct dispatch_vain *vain, int *work)
{
    struct round r = {.policy = policy, .vain = vain};
    int expired = 0, promoted = 0;
    enum rc rc = report_expire(cx, &expired);
    if (rc == RC_OK)
        rc = job_promote(cx, &promoted);
    if (rc == RC_OK)
        rc = db_tx(cx, lease_tx, &r);
    if (rc != RC_OK)
        return rc;
    note_vain(&r);
    for (size_t i = 0; i < r.given_count; i++)
        tell(cx, r.given[i]);
    metric_add(METRIC_schedd_leases_total, (int64_t)r.given_count);
    *work = expired + promoted + (int)r.given_count;
    return RC_OK;
}

enum rc dispatch_after_outage(struct cx *cx)
{
    return db_exec(cx, SQL_job_renew_all, NULL, "ii", (int64_t)JOB_LIVE_LEASE_MS, (int64_t)JOB_LEASE_MS);
}

/* A course may move while its jobs are in the queue. */
static enum rc mend_shares(struct cx *cx)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_job_list_wrong_share, &rows, "");
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++)
        rc = db_exec(cx, SQL_job_set_share, NULL, "ii", row_i64(rows, i, 1), row_i64(rows, i, 0));
    return rc;
}

enum rc dispatch_sweep(struct cx *cx)
{
    int uploads = 0, lectures = 0;
    int64_t sessions, over;
    enum rc rc = arrival_expire(cx, &uploads);
    if (rc == RC_OK)
        rc = purge_due(cx, &lectures);
    if (rc == RC_OK)
        rc = session_sweep(cx, &sessions);
    if (rc == RC_OK)
        rc = lecture_time_sweep(cx, &over);
    if (rc == RC_OK)
        rc = mend_shares(cx);
    if (rc == RC_OK && uploads + lectures > 0)
        LOG(INFO, cx, "swept", F_NUM("uploads", uploads), F_NUM("lectures", lectures));
    return rc;
}
