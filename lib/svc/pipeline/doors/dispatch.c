#include "lib/svc/pipeline/doors/dispatch.h"

#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/metrics.h"
#include "lib/svc/people/session.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/pipeline/records/job_row.h"
#include "lib/svc/pipeline/records/source.h"
#include "lib/svc/teaching/lecture.h"

enum { MAX_PAGES = 20 };

#define SCRATCH_LEAST (256LL * 1024 * 1024)

/* --- leadership --- */

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

/* --- candidates --- */

struct candidate {
    struct dispatch_node node; /* distance and free: filled in per job */
    const char *path, *sharing;
    int free[LANE_COUNT];
};

struct round {
    dispatch_policy *policy;
    struct candidate *all;
    size_t n;
    int leased;
};

static enum rc load_candidates(struct cx *cx, struct round *r)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_dispatch_nodes, &rows, "");
    if (rc != RC_OK)
        return rc;
    r->n = rows_count(rows);
    r->all = arena_array(cx->arena, r->n + 1, sizeof *r->all);
    for (size_t i = 0; i < r->n; i++) {
        struct candidate *c = &r->all[i];
        c->node = (struct dispatch_node){.id = row_i64(rows, i, 0),
                                         .roles = (unsigned)row_i64(rows, i, 1),
                                         .disk_free = row_i64(rows, i, 4),
                                         .cpu = row_double(rows, i, 5)};
        c->path = row_text(rows, i, 2);
        c->sharing = row_text(rows, i, 3);
        for (unsigned lane = 0; lane < LANE_COUNT; lane++)
            c->free[lane] = (int)row_i64(rows, i, 6 + lane);
    }
    return RC_OK;
}

static bool any_free(const struct round *r, enum job_lane lane)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->all[i].free[lane] > 0)
            return true;
    return false;
}

/* Room for the source and what is made of it; dispatch_homeless counts alike. */
static enum rc scratch_of(struct cx *cx, const struct job *j, int64_t *bytes)
{
    struct source *s;
    enum rc rc;
    *bytes = 0;
    if (j->lane == LANE_STORE || !j->source_id)
        return RC_OK;
    rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        *bytes = SCRATCH_LEAST + (j->kind == JOB_PROBE ? 1 : 2) * s->size;
    return rc;
}

enum rc dispatch_homeless(struct cx *cx, struct dispatch_homeless *out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_dispatch_homeless, &rows, "ii", (int64_t)SCRATCH_LEAST, (int64_t)NODE_WORKER);
    if (rc == RC_OK)
        *out = (struct dispatch_homeless){row_i64(rows, 0, 0), row_i64(rows, 0, 1), row_i64(rows, 0, 2)};
    return rc;
}

/* The candidate that the policy takes, or NULL. */
static enum rc choose(struct cx *cx, const struct round *r, const struct job *j, struct candidate **out)
{
    struct dispatch_node *nodes = arena_array(cx->arena, r->n + 1, sizeof *nodes);
    size_t *index = arena_array(cx->arena, r->n + 1, sizeof *index), n = 0;
    struct dispatch_job job = {.kind = j->kind, .target_node = j->target_node, .avoid_node = j->avoid_node};
    struct rows *rows;
    int best;
    enum rc rc = scratch_of(cx, j, &job.need_disk);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_dispatch_lecture, &rows, "i", j->lecture_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < r->n; i++) {
        int distance = node_distance(row_text(rows, 0, 0), r->all[i].path, r->all[i].sharing);
        if (distance >= NODE_FAR && j->target_node != r->all[i].node.id)
            continue;
        nodes[n] = r->all[i].node;
        nodes[n].distance = distance;
        nodes[n].free = r->all[i].free[j->lane];
        index[n++] = i;
    }
    best = n > 0 ? r->policy(&job, nodes, n, rand_below(1 << 16)) : -1;
    *out = best >= 0 ? &r->all[index[best]] : NULL;
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
    j->generation = (int)l->generation + 1;
    return RC_OK;
}

static enum rc try_lease(struct cx *cx, struct round *r, struct job *j)
{
    struct candidate *c;
    bool free = true;
    enum rc rc = choose(cx, r, j, &c);
    if (rc == RC_OK && c && j->kind == JOB_COMMIT)
        rc = next_generation(cx, j, &free);
    if (rc != RC_OK || !c || !free)
        return rc;
    rc = job_lease(cx, j, c->node.id);
    if (rc != RC_OK)
        return rc;
    c->free[j->lane]--;
    r->leased++;
    LOG(INFO, cx, "job leased", F_NUM("job", j->id), F_TEXT("kind", wire_kind_name(j->kind)),
        F_TEXT("lecture", j->lecture_key), F_NUM("attempt", j->attempt), F_NUM("holder", j->node_id));
    return RC_OK;
}

/* Ten jobs at a time, best first, until no slot is left: those that fit nowhere hold up nobody behind
 * them. */
static enum rc lease_lane(struct cx *cx, struct round *r, enum job_lane lane)
{
    int64_t priority = INT32_MAX, id = 0;
    enum rc rc = RC_OK;
    for (int page = 0; rc == RC_OK && page < MAX_PAGES && any_free(r, lane); page++) {
        struct rows *rows;
        rc = db_query(cx, SQL_job_list_queued, &rows, "siii", wire_lane_name(lane), priority, priority, id);
        if (rc != RC_OK || rows_count(rows) == 0)
            return rc;
        for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
            struct job j;
            job_read(rows, i, &j);
            priority = j.priority;
            id = j.id;
            rc = try_lease(cx, r, &j);
        }
    }
    return rc;
}

/* Only one instance may lease at a time, even if two believe that they lead: two would give away the same
 * slot. */
static enum rc lease_tx(struct cx *cx, void *arg)
{
    struct round *r = arg;
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_leader_lock, &rows, "s", "schedd");
    r->leased = 0;
    if (rc == RC_OK)
        rc = load_candidates(cx, r);
    for (int lane = 0; rc == RC_OK && lane < LANE_COUNT; lane++)
        rc = lease_lane(cx, r, (enum job_lane)lane);
    return rc;
}

enum rc dispatch_pass(struct cx *cx, dispatch_policy *policy, int *work)
{
    struct round r = {.policy = policy};
    int expired = 0, promoted = 0;
    enum rc rc = report_expire(cx, &expired);
    if (rc == RC_OK)
        rc = job_promote(cx, &promoted);
    if (rc == RC_OK)
        rc = db_tx(cx, lease_tx, &r);
    if (rc != RC_OK)
        return rc;
    metric_add(METRIC_schedd_leases_total, r.leased);
    *work = expired + promoted + r.leased;
    return RC_OK;
}

enum rc dispatch_after_outage(struct cx *cx)
{
    return db_exec(cx, SQL_job_renew_all, NULL, "i", (int64_t)JOB_LEASE_MS);
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
    if (rc == RC_OK && uploads + lectures > 0)
        LOG(INFO, cx, "swept", F_NUM("uploads", uploads), F_NUM("lectures", lectures));
    return rc;
}
