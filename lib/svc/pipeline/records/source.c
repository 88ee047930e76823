#include "lib/svc/pipeline/records/source.h"

#include "lib/db/db.h"

enum rc source_get(struct cx *cx, int64_t id, struct source **out)
{
    struct rows *rows;
    struct source *s;
    enum rc rc = db_one(cx, SQL_source_get, &rows, "i", id);
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_NOTFOUND, NULL, "source_unknown", "no source %lld", (long long)id);
    if (rc != RC_OK)
        return rc;
    s = arena_alloc(cx->arena, sizeof *s);
    *s = (struct source){.id = row_i64(rows, 0, 0),
                         .lecture_id = row_i64(rows, 0, 1),
                         .lecture_key = row_text(rows, 0, 2),
                         .upload_id = row_i64(rows, 0, 3),
                         .upload_key = row_text(rows, 0, 4),
                         .name = row_text(rows, 0, 5),
                         .size = row_i64(rows, 0, 7),
                         .sha256 = row_text(rows, 0, 8),
                         .node_id = row_i64(rows, 0, 9),
                         .store_url = row_text(rows, 0, 10),
                         .probe = row_text(rows, 0, 11),
                         .plan = row_text(rows, 0, 12),
                         .duration = row_double(rows, 0, 13),
                         .created = row_time(rows, 0, 14)};
    if (!wire_view_of(row_bytes(rows, 0, 6), &s->view))
        bug("unknown view in a source row");
    *out = s;
    return RC_OK;
}

enum rc source_add(struct cx *cx, const struct upload *u, int64_t size, const char *sha256, int64_t *id)
{
    struct db_done done;
    enum rc rc = db_exec(cx, SQL_source_insert, &done, "iiissis", u->lecture_id, u->id, u->node_id,
                         wire_view_name(u->view), u->name, size, sha256);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

enum rc source_set_plan(struct cx *cx, int64_t id, const char *probe, const char *plan, double duration)
{
    return db_exec(cx, SQL_source_set_plan, NULL, "ssdi", probe, plan, duration, id);
}
