#include "lib/svc/live/upload.h"

#include "lib/db/db.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/upload.h"
#include "lib/svc/teaching/lecture.h"

struct asking {
    const struct node_info *ingest;
    const struct wire_live_upload *q;
    struct upload *upload;
};

/* In the store it has no size until it is complete. */
static enum rc open_upload(struct cx *cx, const struct lecture *l, const struct rows *rows,
                           const struct wire_live_upload *q, bool anew, struct upload **out)
{
    const char *name =
        arena_printf(cx->arena, "%s-%lld%s", q->session, (long long)q->fence, anew ? "-all" : "");
    struct upload_new new = {.name = arena_printf(cx->arena, "%s.flv", name),
                             .nonce = arena_printf(cx->arena, "live-%s", name),
                             .lecture_id = row_i64(rows, 0, 5)};
    if (!wire_view_of(row_bytes(rows, 0, 6), &new.view))
        bug("unknown view in a session");
    enum rc rc = arrival_place(cx, l, &new, out);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_recording_upload, NULL, "iii", (*out)->id, row_i64(rows, 0, 0), q->fence);
    return rc;
}

static enum rc ask_tx(struct cx *cx, void *arg)
{
    struct asking *a = arg;
    struct rows *rows = NULL;
    struct lecture *l = NULL;
    enum rc rc = db_query(cx, SQL_live_session_lecture, &rows, "s", a->q->session);
    if (rc == RC_OK && rows_count(rows) > 0) /* before the recording, as whoever ends a stream takes them */
        rc = lecture_lock(cx, row_i64(rows, 0, 0), &l);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_recording_get, &rows, "si", a->q->session, a->q->fence);
    if (rc == RC_OK && (rows_count(rows) == 0 || row_i64(rows, 0, 1) != a->ingest->id))
        return err_set(cx, RC_NOTFOUND, NULL, "live_unknown", "node %lld has no recording %s-%lld",
                       (long long)a->ingest->id, a->q->session, (long long)a->q->fence);
    if (rc == RC_OK && row_null(rows, 0, 2))
        return open_upload(cx, l, rows, a->q, row_bool(rows, 0, 9), &a->upload);
    if (rc == RC_OK && row_bool(rows, 0, 4))
        return err_set(cx, RC_CONFLICT, NULL, "upload_over", "recording %s-%lld was given up", a->q->session,
                       (long long)a->q->fence);
    if (rc == RC_OK && a->q->less && row_bool(rows, 0, 3) && row_bool(rows, 0, 8) && !row_bool(rows, 0, 9)) {
        rc = db_exec(cx, SQL_live_recording_anew, NULL, "ii", row_i64(rows, 0, 0), a->q->fence);
        return rc == RC_OK ? open_upload(cx, l, rows, a->q, true, &a->upload) : rc;
    }
    if (rc == RC_OK && row_bool(rows, 0, 3)) /* it was thought lost, and has the only whole file */
        rc = db_exec(cx, SQL_live_recording_unseal, NULL, "ii", row_i64(rows, 0, 0), a->q->fence);
    return rc == RC_OK ? upload_get_by_id(cx, row_i64(rows, 0, 2), &a->upload) : rc;
}

enum rc live_upload(struct cx *cx, const struct node_info *ingest, const struct wire_live_upload *q,
                    struct wire_live_target *out)
{
    struct asking a = {.ingest = ingest, .q = q};
    struct upload_ticket ticket;
    if (!(ingest->roles & NODE_INGEST))
        return err_set(cx, RC_DENIED, NULL, "live_role", "node %lld is no ingest", (long long)ingest->id);
    enum rc rc = db_tx(cx, ask_tx, &a);
    if (rc == RC_OK)
        rc = upload_ticket_live(cx, a.upload, &ticket);
    if (rc != RC_OK)
        return rc;
    *out = (struct wire_live_target){
        .upload = a.upload->key, .url = ticket.url, .token = ticket.token, .until = ticket.expires / 1000};
    return RC_OK;
}
