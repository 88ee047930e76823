#include "lib/svc/pipeline/doors/candidates.h"

#include "lib/db/db.h"

#define SCRATCH_LEAST (256LL * 1024 * 1024)

enum rc candidates_load(struct cx *cx, struct candidates *out)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_dispatch_nodes, &rows, "");
    if (rc != RC_OK)
        return rc;
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
                                         .store = row_i64(rows, i, 9)};
        c->path = row_text(rows, i, 2);
        c->sharing = row_text(rows, i, 3);
        for (unsigned lane = 0; lane < LANE_COUNT; lane++)
            if (c->node.roles & (lane == LANE_STORE ? NODE_STORAGE : NODE_WORKER))
                c->free[lane] = (int)row_i64(rows, i, 6 + lane);
    }
    return RC_OK;
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
        c->index[n++] = i;
    }
    return n;
}

/* The source, and what is made of it: that is taken to be as large. dispatch_homeless counts alike. */
static struct dispatch_scratch scratch_of(const struct job *j, int64_t size, int64_t store)
{
    if (j->lane == LANE_STORE || !j->source_id)
        return (struct dispatch_scratch){0};
    return (struct dispatch_scratch){
        .made = SCRATCH_LEAST + (j->kind == JOB_PROBE ? 0 : size), .source = size, .store = store};
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

struct dispatch_job candidates_want(const struct job *j, int64_t size, int64_t store)
{
    return (struct dispatch_job){.kind = j->kind,
                                 .target_node = j->target_node,
                                 .avoid_node = j->avoid_node,
                                 .scratch = scratch_of(j, size, store)};
}
