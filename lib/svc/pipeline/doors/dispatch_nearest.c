/* The policy "nearest owner first": of the nodes that fit, those of the lecture's own organisation, then its
 * ancestors', then shared, then public ones. Pure. */
#include "lib/svc/pipeline/doors/dispatch.h"

/* Of all cores. A machine without jobs that is so much busier than another has other work. */
#define CPU_MUCH 0.25

static int64_t scratch_on(const struct dispatch_node *n, const struct dispatch_scratch *s)
{
    bool linked = n->store && n->store == s->store;
    return s->made + (linked ? 0 : s->source);
}

/* Now, or when a slot becomes free. */
static bool could(const struct dispatch_job *j, const struct dispatch_node *n)
{
    bool store = j->kind == JOB_COMMIT || j->kind == JOB_DELETE || j->kind == JOB_SEAL;
    if (j->target_node && j->target_node != n->id)
        return false;
    if (!(n->roles & (store ? NODE_STORAGE : NODE_WORKER)))
        return false;
    return n->slots > 0 && n->disk_free >= scratch_on(n, &j->scratch);
}

static bool trusted(const struct dispatch_job *j, const struct dispatch_node *n)
{
    bool failed_here = n->id == j->avoid_node;
    if (n->failing && (failed_here || j->blamed_by || j->last_try))
        return false;
    return n->id != j->blamed_by && !(failed_here && j->last_try);
}

bool dispatch_trusted(const struct dispatch_job *j, const struct dispatch_node *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (could(j, &nodes[i]) && trusted(j, &nodes[i]))
            return true;
    return false;
}

/* The smaller is the better choice. The node where the job failed last is the last choice; it is taken only
 * if no other node fits. */
static int compare(const struct dispatch_job *j, const struct dispatch_node *a, const struct dispatch_node *b)
{
    bool avoid_a = a->id == j->avoid_node, avoid_b = b->id == j->avoid_node;
    if (avoid_a != avoid_b)
        return avoid_a ? 1 : -1;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    if ((a->rests > 0) != (b->rests > 0))
        return a->rests > 0 ? 1 : -1;
    if (a->free != b->free)
        return a->free > b->free ? -1 : 1;
    if (a->cpu + CPU_MUCH < b->cpu || b->cpu + CPU_MUCH < a->cpu)
        return a->cpu < b->cpu ? -1 : 1;
    return a->turn - b->turn;
}

int dispatch_nearest(const struct dispatch_job *j, const struct dispatch_node *nodes, size_t n,
                     uint32_t random)
{
    bool only_trusted = dispatch_trusted(j, nodes, n);
    int best = -1;
    /* starting at a random node and keeping the first of equal ones distributes jobs */
    for (size_t k = 0; k < n; k++) {
        size_t i = (k + random % n) % n;
        if (nodes[i].free <= 0 || !could(j, &nodes[i]) || (only_trusted && !trusted(j, &nodes[i])))
            continue;
        if (best < 0 || compare(j, &nodes[i], &nodes[best]) < 0)
            best = (int)i;
    }
    return best;
}
