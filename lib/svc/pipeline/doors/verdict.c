#include "lib/svc/pipeline/doors/verdict.h"

#include "lib/db/db.h"
#include "lib/svc/pipeline/doors/candidates.h"

/* The row of dispatch_verdict. */
struct facts {
    const char *path; /* of the job's organisation */
    struct candidate_source source;
    bool there, failing; /* the node that reports: not revoked; fails everything */
    int64_t first;       /* the node that blamed the recording before, unless it was revoked; 0: none */
};

static enum rc read_facts(struct cx *cx, int64_t job, struct facts *out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_dispatch_verdict, &rows, "i", job);
    if (rc == RC_OK)
        *out = (struct facts){.path = row_text(rows, 0, 0),
                              .there = row_bool(rows, 0, 2),
                              .failing = row_i64(rows, 0, 3) >= NODE_FAILING,
                              .first = row_i64(rows, 0, 4),
                              .source = {.size = row_i64(rows, 0, 1),
                                         .store = row_i64(rows, 0, 5),
                                         .parts = row_i64(rows, 0, 6) > 0}};
    return rc;
}

/* Is there another node that could say whether the recording is to blame? */
static enum rc find_second(struct cx *cx, const struct job *j, const struct facts *f, bool *out)
{
    struct dispatch_job want = candidates_want(j, &f->source);
    struct candidates c;
    enum rc rc = candidates_load(cx, &c);
    if (rc == RC_OK)
        rc = candidates_count(cx, &c);
    if (rc != RC_OK)
        return rc;
    want.blamed_by = f->first ? f->first : j->node_id;
    want.avoid_node = j->node_id;
    *out = dispatch_trusted(&want, c.near, candidates_near(&c, j, f->path));
    return RC_OK;
}

enum rc verdict_find(struct cx *cx, const struct job *j, bool permanent, enum verdict *out)
{
    bool over = j->tries >= JOB_MAX_TRIES, second = false;
    struct facts f = {0};
    enum rc rc = permanent ? read_facts(cx, j->id, &f) : RC_OK;
    bool judges = permanent && f.there;
    bool confirms = f.first && f.first != j->node_id && !f.failing;
    if (rc == RC_OK && judges && !j->target_node && !confirms)
        rc = find_second(cx, j, &f, &second);
    if (rc != RC_OK)
        return rc;
    if (judges && !second)
        *out = VERDICT_RECORDING;
    else if (over)
        *out = VERDICT_GIVE_UP;
    else
        *out = judges && (!f.first || f.first == j->node_id) ? VERDICT_ASK : VERDICT_AGAIN;
    return RC_OK;
}
