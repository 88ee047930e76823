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
                         .created = row_time(rows, 0, 14),
                         .parts = (int)row_i64(rows, 0, 15),
                         .cut_gaps = row_bool(rows, 0, 16)};
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

enum rc source_set_parts(struct cx *cx, const struct upload *u, const struct source_part *parts, size_t n,
                         bool cut_gaps, int64_t *id)
{
    struct db_done done;
    int64_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += parts[i].size;
    enum rc rc = db_exec(cx, SQL_source_insert_parts, &done, "iiissiib", u->lecture_id, u->id, u->node_id,
                         wire_view_name(u->view), u->name, size, (int64_t)n, (int)cut_gaps);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_source_parts_delete, NULL, "i", done.id);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = db_exec(cx, SQL_source_part_insert, NULL, "iiiib", done.id, (int64_t)i, parts[i].upload_id,
                     parts[i].begins, (int)parts[i].goes_on);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

enum rc source_parts(struct cx *cx, const struct source *s, struct source_part **out, size_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = s->parts > 0 ? db_query(cx, SQL_source_parts, &rows, "i", s->id) : RC_OK;
    if (rc != RC_OK)
        return rc;
    *n = rows ? rows_count(rows) : 0;
    *out = arena_array(cx->arena, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct source_part){.upload_id = row_i64(rows, i, 0),
                                         .upload_key = row_text(rows, i, 1),
                                         .size = row_i64(rows, i, 2),
                                         .sha256 = row_text(rows, i, 3),
                                         .begins = row_i64(rows, i, 4),
                                         .goes_on = row_bool(rows, i, 5)};
    return RC_OK;
}

enum rc source_set_plan(struct cx *cx, int64_t id, const char *probe, const char *plan, double duration)
{
    return db_exec(cx, SQL_source_set_plan, NULL, "ssdi", probe, plan, duration, id);
}
