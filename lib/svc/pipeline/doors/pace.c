#include "lib/svc/pipeline/doors/pace.h"

#include <math.h>

#include "lib/base/rand.h"
#include "lib/db/db.h"

#define EVERY_STEP_S 0.5 /* the node has a step that somebody waits for, or is among the next to get one */
#define EVERY_JOB_S  1.0
#define EVERY_IDLE_S 2.0
#define EVERY_MOST_S 4.0 /* who does not rest: twice this, and a late heartbeat, is less than ten seconds */
#define EVERY_REST_S 40.0

enum {
    STEPS_MOST = 20,   /* so many are counted */
    SPARE = 3,         /* workers that hurry beside one for each step: the scheduler looks at more */
    READY = 8,         /* workers of an organisation that do not rest, steps or not */
    RESTING_RATE = 30, /* heartbeats a second of all that rest */
    RECOUNT = 8        /* one in so many heartbeats of a node that rests counts how many nodes there are */
};

enum rc pace_look(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                  struct pace_look *out)
{
    const struct wire_load *l = &b->load;
    struct rows *rows;
    enum rc rc =
        db_one(cx, SQL_node_look, &rows, "siiiiidiii", b->version, (int64_t)b->slots[LANE_QUICK],
               (int64_t)b->slots[LANE_ENCODE], (int64_t)b->slots[LANE_STORE], (int64_t)b->slots[LANE_LIVE],
               b->store, l->cpu, l->memory_used, l->disk_free, node->id);
    if (rc == RC_OK)
        *out = (struct pace_look){.news = row_bool(rows, 0, 0),
                                  .holds = row_bool(rows, 0, 1),
                                  .steps = row_bool(rows, 0, 2),
                                  .rests = (int)row_i64(rows, 0, 3)};
    return rc;
}

/* What concerns it whoever else there is: jobs that it has or that wait for it alone, lectures on its store. */
static enum rc concern(struct cx *cx, const struct node_info *node, bool *step, bool *job)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_node_concern, &rows, "i", node->id);
    if (rc == RC_OK) {
        *step = row_bool(rows, 0, 0);
        *job = *job || row_bool(rows, 0, 1);
    }
    return rc;
}

/* The place of an idle worker among those of its organisation that do not rest: those with the most free places
 * come first, then the older ones, as in dispatch_nodes. *next: it is one of those that will get the next steps;
 * *late: it is neither that nor one of the few that are always ready. */
static enum rc place(struct cx *cx, const struct node_info *node, int64_t free, bool steps_exist, bool *next,
                     bool *late)
{
    bool own = strcmp(node->sharing, "private") == 0;
    const char *below = own ? arena_printf(cx->arena, "%s%%", node->org_path) : "%";
    struct rows *before, *steps;
    enum rc rc = db_query(cx, SQL_node_before, &before, "iiiii", node->org_id, free, free, node->id,
                          (int64_t)STEPS_MOST + SPARE);
    if (rc != RC_OK)
        return rc;
    *late = rows_count(before) >= READY;
    if (!steps_exist || rows_count(before) == STEPS_MOST + SPARE)
        return RC_OK;
    rc = db_query(cx, SQL_node_steps, &steps, "si", below, (int64_t)STEPS_MOST);
    if (rc == RC_OK && rows_count(steps) > 0 && rows_count(before) < rows_count(steps) + SPARE) {
        *next = free > 0;
        *late = false;
    }
    return rc;
}

/* All that rest together come RESTING_RATE times a second, so few of them need not rest at all. Counting costs as
 * much as the rest of a heartbeat, and the number hardly changes: rests, what its row says, counts mostly. */
static enum rc rest(struct cx *cx, int rests, double *every)
{
    struct rows *rows;
    if (rests > 0 && rand_below(RECOUNT) != 0) {
        *every = rests;
        return RC_OK;
    }
    enum rc rc = db_one(cx, SQL_node_count, &rows, "i", (int64_t)(EVERY_REST_S * RESTING_RATE));
    if (rc == RC_OK)
        *every = fmax(EVERY_IDLE_S, (double)row_i64(rows, 0, 0) / RESTING_RATE);
    return rc;
}

enum rc pace_find(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                  const struct pace_look *l, struct pace *out)
{
    int64_t free = node->roles & NODE_WORKER ? b->slots[LANE_QUICK] : 0;
    bool stores = node->roles & NODE_STORAGE, live = node->roles & (NODE_INGEST | NODE_ENTRY);
    bool step = false, job = l->holds, late = false;
    double every = EVERY_IDLE_S;
    enum rc rc = RC_OK;
    if (job || stores)
        rc = concern(cx, node, &step, &job);
    if (rc == RC_OK && !step && (free > 0 || !(job || stores || live)) && (l->steps || l->news))
        rc = place(cx, node, free, l->steps, &step, &late);
    /* that it rests must be in its row */
    if (rc == RC_OK && late && l->news && !job && !stores && !live)
        rc = rest(cx, l->rests, &every);
    if (rc != RC_OK)
        return rc;
    out->every = step ? EVERY_STEP_S : job || (node->roles & NODE_INGEST) ? EVERY_JOB_S : every;
    out->rests = out->every > EVERY_MOST_S ? (int)ceil(out->every) : 0;
    return RC_OK;
}
