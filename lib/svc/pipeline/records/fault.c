#include "lib/svc/pipeline/records/fault.h"

#include "lib/db/db.h"
#include "lib/svc/pipeline/records/node.h"

enum { NOTES_MAX = 100 /* for a node; more would say nothing new */ };

enum rc fault_note(struct cx *cx, const struct job *j, bool *begins)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_node_failure_count, &rows, "ii", j->lecture_id, j->node_id);
    if (rc != RC_OK || row_i64(rows, 0, 0) >= NOTES_MAX)
        return rc;
    rc = db_exec(cx, SQL_node_failure_put, NULL, "iiiss", j->node_id, j->id, j->lecture_id,
                 wire_kind_name(j->kind), j->error_code);
    if (rc == RC_OK && !row_bool(rows, 0, 2))
        *begins = row_i64(rows, 0, 1) + 1 == NODE_FAILING;
    return rc;
}

enum rc fault_clear(struct cx *cx, const struct job *j)
{
    return db_exec(cx, SQL_node_failure_clear, NULL, "is", j->node_id, wire_kind_name(j->kind));
}

enum rc fault_excuse(struct cx *cx, const struct job *j)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_node_failure_jobs, &rows, "i", j->id);
    if (rc == RC_OK && row_i64(rows, 0, 0) > 1)
        rc = db_exec(cx, SQL_node_failure_excuse, NULL, "i", j->id);
    return rc;
}
