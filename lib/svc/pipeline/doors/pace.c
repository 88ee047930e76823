#include "lib/svc/pipeline/doors/pace.h"

#include "lib/db/db.h"

#define EVERY_STEP_S 0.5 /* the node has a step that somebody waits for, or is among the next to get one */
#define EVERY_JOB_S  1.0
#define EVERY_IDLE_S 2.0
#define EVERY_LAST_S 4.0 /* two of these, and a late heartbeat, are less than NODE_ALIVE_MS */

enum {
    STEPS_MOST = 20, /* so many are counted */
    SPARE = 3 /* workers that hurry beside those for which there are steps: the scheduler looks at more */
};

enum rc pace_look(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                  struct pace_look *out)
{
    const struct wire_load *l = &b->load;
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_node_look, &rows, "siiiidiii", b->version, (int64_t)b->slots[LANE_QUICK],
                        (int64_t)b->slots[LANE_ENCODE], (int64_t)b->slots[LANE_STORE], b->store, l->cpu,
                        l->memory_used, l->disk_free, node->id);
    if (rc == RC_OK)
        *out = (struct pace_look){
            .news = row_bool(rows, 0, 0), .holds = row_bool(rows, 0, 1), .steps = row_bool(rows, 0, 2)};
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

/* The place of a worker among those of its organisation: those with the most free places come first, then the
 * older ones, as in dispatch_nodes. *next: it is one of those that will get the next steps; *last: before it
 * are more than ever hurry. */
static enum rc place(struct cx *cx, const struct node_info *node, int64_t free, bool steps_exist, bool *next,
                     bool *last)
{
    bool own = strcmp(node->sharing, "private") == 0;
    const char *below = own ? arena_printf(cx->arena, "%s%%", node->org_path) : "%";
    struct rows *before, *steps;
    enum rc rc = db_query(cx, SQL_node_before, &before, "iiiii", node->org_id, free, free, node->id,
                          (int64_t)STEPS_MOST + SPARE);
    if (rc != RC_OK)
        return rc;
    *last = rows_count(before) == STEPS_MOST + SPARE;
    if (*last || !steps_exist)
        return RC_OK;
    rc = db_query(cx, SQL_node_steps, &steps, "si", below, (int64_t)STEPS_MOST);
    if (rc == RC_OK)
        *next = rows_count(steps) > 0 && rows_count(before) < rows_count(steps) + SPARE;
    return rc;
}

enum rc pace_every(struct cx *cx, const struct node_info *node, const struct wire_beat *b,
                   const struct pace_look *l, double *every)
{
    int64_t free = node->roles & NODE_WORKER ? b->slots[LANE_QUICK] : 0;
    bool step = false, job = l->holds, last = false;
    enum rc rc = RC_OK;
    if (job || node->roles & NODE_STORAGE)
        rc = concern(cx, node, &step, &job);
    if (rc == RC_OK && !step && free > 0 && (l->steps || l->news))
        rc = place(cx, node, free, l->steps, &step, &last);
    if (rc == RC_OK)
        *every = step ? EVERY_STEP_S : job ? EVERY_JOB_S : last ? EVERY_LAST_S : EVERY_IDLE_S;
    return rc;
}
