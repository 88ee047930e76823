#include "lib/svc/pipeline/flow/place.h"

#include "lib/db/db.h"
#include "lib/svc/pipeline/records/node.h"
#include "lib/svc/teaching/lecture.h"

/* The storage node: that of the lecture, else of the nearest owner the one with the most space. */
static enum rc choose(struct cx *cx, const struct lecture *l, int64_t size, int64_t *node)
{
    struct rows *rows;
    int best_distance = NODE_FAR;
    int64_t best_free = -1, best = 0;
    bool any = false;
    enum rc rc = db_query(cx, SQL_upload_stores, &rows, "");
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int distance = node_distance(l->organisation_path, row_text(rows, i, 1), row_text(rows, i, 2));
        int64_t id = row_i64(rows, i, 0), room = row_i64(rows, i, 3);
        if (l->node_id ? id != l->node_id : distance >= NODE_FAR)
            continue;
        any = true;
        if (room < size || distance > best_distance || (distance == best_distance && room <= best_free))
            continue;
        best = id;
        best_distance = distance;
        best_free = room;
    }
    if (!any)
        return err_set(cx, RC_UNAVAIL, NULL, "no_storage_node", "no storage node is alive for %s",
                       l->organisation_path);
    if (!best)
        return err_set(cx, RC_UNAVAIL, "size", "storage_full", "no storage node has %lld bytes free",
                       (long long)size);
    *node = best;
    return RC_OK;
}

enum rc place_store(struct cx *cx, const struct lecture *l, int64_t size, int64_t *node)
{
    int64_t id = 0;
    enum rc rc = choose(cx, l, size, &id);
    if (rc == RC_OK && l->node_id == 0)
        rc = lecture_set_node(cx, l->id, id);
    if (rc == RC_OK)
        *node = id;
    return rc;
}
