/* The policy "nearest owner first": of the nodes that fit, those of the lecture's own organisation, then its
 * ancestors', then shared, then public ones. Pure. */
#include "lib/svc/pipeline/doors/dispatch.h"

static int64_t scratch_on(const struct dispatch_node *n, const struct dispatch_scratch *s)
{
    bool linked = n->store && n->store == s->store;
    return s->made + (linked ? 0 : s->source);
}

static bool fits(const struct dispatch_job *j, const struct dispatch_node *n)
{
    bool store = j->kind == JOB_COMMIT || j->kind == JOB_DELETE;
    if (j->target_node && j->target_node != n->id)
        return false;
    if (!(n->roles & (store ? NODE_STORAGE : NODE_WORKER)))
        return false;
    return n->free > 0 && n->disk_free >= scratch_on(n, &j->scratch);
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
    if (a->free != b->free)
        return a->free > b->free ? -1 : 1;
    if (a->cpu + 0.05 < b->cpu || b->cpu + 0.05 < a->cpu)
        return a->cpu < b->cpu ? -1 : 1;
    return 0;
}

int dispatch_nearest(const struct dispatch_job *j, const struct dispatch_node *nodes, size_t n,
                     uint32_t random)
{
    int best = -1;
    /* starting at a random node and keeping the first of equal ones distributes jobs */
    for (size_t k = 0; k < n; k++) {
        size_t i = (k + random % n) % n;
        if (fits(j, &nodes[i]) && (best < 0 || compare(j, &nodes[i], &nodes[best]) < 0))
            best = (int)i;
    }
    return best;
}
