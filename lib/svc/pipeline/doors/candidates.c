#include "lib/svc/pipeline/doors/candidates.h"

#include "lib/db/db.h"

#define SCRATCH_LEAST (256LL * 1024 * 1024)

static struct candidate *find(const struct candidates *c, int64_t node)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->all[i].node.id == node)
            return &c->all[i];
    return NULL;
}

/* One job at a time, in whatever lane. */
static void hold_back(struct candidate *c)
{
    bool busy = false;
    for (int lane = 0; lane < LANES_QUEUED; lane++)
        busy = busy || c->busy[lane] > 0;
    for (int lane = 0; lane < LANES_QUEUED; lane++)
        c->free[lane] = !busy && c->free[lane] > 0;
}

void candidate_take(struct candidate *c, enum job_lane lane)
{
    c->free[lane]--;
    c->busy[lane]++;
    if (c->node.failing)
        hold_back(c);
}

enum rc candidates_count(struct cx *cx, struct candidates *c)
{
    struct rows *rows;
    if (c->counted)
        return RC_OK;
    enum rc rc = db_query(cx, SQL_dispatch_busy, &rows, "");
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct candidate *node = find(c, row_i64(rows, i, 0));
        for (unsigned lane = 0; node && lane < LANES_QUEUED; lane++)
            node->busy[lane] = (int)row_i64(rows, i, 1 + lane);
    }
    c->counted = true;
    return RC_OK;
}

enum rc candidates_load(struct cx *cx, struct candidates *out)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_dispatch_nodes, &rows, "");
    if (rc != RC_OK)
        return rc;
    bool any_failing = false;
    size_t n = rows_count(rows);
    *out = (struct candidates){.n = n,
                               .all = arena_array(cx->arena, n + 1, sizeof *out->all),
                               .near = arena_array(cx->arena, n + 1, sizeof *out->near),
                               .index = arena_array(cx->arena, n + 1, sizeof *out->index)};
    for (size_t i = 0; i < n; i++) {
        struct candidate *c = &out->all[i];
        c->node = (struct dispatch_node){.id = row_i64(rows, i, 0),
                                         .roles = (unsigned)row_i64(rows, i, 1),
                                         .disk_free = row_i64(rows, i, 4),
                                         .cpu = row_double(rows, i, 5),
                                         .store = row_i64(rows, i, 9),
                                         .failing = row_i64(rows, i, 10) >= NODE_FAILING};
        any_failing = any_failing || c->node.failing;
        c->path = row_text(rows, i, 2);
        c->sharing = row_text(rows, i, 3);
        for (unsigned lane = 0; lane < LANES_QUEUED; lane++)
            if (c->node.roles & (lane == LANE_STORE ? NODE_STORAGE : NODE_WORKER))
                c->free[lane] = (int)row_i64(rows, i, 6 + lane);
        c->node.turn = (int)row_i64(rows, i, 11);
        c->node.rests = (int)row_i64(rows, i, 12);
    }
    rc = any_failing ? candidates_count(cx, out) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (out->all[i].node.failing)
            hold_back(&out->all[i]);
    return rc;
}

size_t candidates_near(struct candidates *c, const struct job *j, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        int distance = node_distance(path, c->all[i].path, c->all[i].sharing);
        if (distance >= NODE_FAR && j->target_node != c->all[i].node.id)
            continue;
        c->near[n] = c->all[i].node;
        c->near[n].distance = distance;
        c->near[n].free = c->all[i].free[j->lane];
        c->near[n].slots = c->near[n].free + c->all[i].busy[j->lane];
        c->index[n++] = i;
    }
    return n;
}

/* The source, and what is made of it: that is taken to be as large, and so are parts that are joined.
 * dispatch_homeless counts alike. */
static struct dispatch_scratch scratch_of(const struct job *j, const struct candidate_source *s)
{
    if (j->lane == LANE_STORE || !j->source_id)
        return (struct dispatch_scratch){0};
    return (struct dispatch_scratch){.made = SCRATCH_LEAST + (j->kind == JOB_PROBE ? 0 : s->size) +
                                             (s->parts ? s->size : 0),
                                     .source = s->size,
                                     .store = s->store};
}

enum rc dispatch_homeless(struct cx *cx, struct dispatch_homeless *out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_dispatch_homeless, &rows, "iii", (int64_t)SCRATCH_LEAST, (int64_t)NODE_WORKER,
                        (int64_t)NODE_WORKER);
    if (rc == RC_OK)
        *out = (struct dispatch_homeless){row_i64(rows, 0, 0), row_i64(rows, 0, 1), row_i64(rows, 0, 2)};
    return rc;
}

struct dispatch_job candidates_want(const struct job *j, const struct candidate_source *s)
{
    return (struct dispatch_job){.kind = j->kind,
                                 .target_node = j->target_node,
                                 .avoid_node = j->avoid_node,
                                 .blamed_by = j->blamed_by,
                                 .last_try = j->tries + 1 >= JOB_MAX_TRIES,
                                 .scratch = scratch_of(j, s)};
}
