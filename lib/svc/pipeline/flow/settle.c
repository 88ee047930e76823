#include "lib/svc/pipeline/flow/settle.h"

#include "lib/db/db.h"
#include "lib/svc/teaching/lecture.h"

/* The lecture's state, from what is still open: see the table in lib/svc/state.c. The lecture is locked
 * before anything is counted: two requests that end its last two jobs at the same time would otherwise each
 * see the other job as open, and the lecture would never be settled. */
enum rc settle_lecture(struct cx *cx, int64_t lecture_id)
{
    struct lecture *l;
    struct rows *rows, *failure;
    enum media_state state;
    const char *code = NULL;
    enum rc rc = lecture_lock(cx, lecture_id, &l);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_publish_open, &rows, "i", lecture_id);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_publish_last_failure, &failure, "i", lecture_id);
    if (rc != RC_OK)
        return rc;
    state = l->media_state;
    if (row_i64(rows, 0, 0) > 0 || row_i64(rows, 0, 1) > 0)
        return RC_OK;
    if (rows_count(failure) > 0)
        code = row_text(failure, 0, 0);
    if (l->generation > 0)
        return row_i64(rows, 0, 2) == 0 && state == MEDIA_WATCHABLE
                   ? lecture_media_move(cx, lecture_id, MEDIA_ON_FINISH, NULL)
                   : RC_OK;
    if (state == MEDIA_UPLOADING || (state == MEDIA_PROCESSING && !code))
        return lecture_media_move(cx, lecture_id, MEDIA_ON_ABANDON, NULL);
    if (state == MEDIA_PROCESSING)
        return lecture_media_move(cx, lecture_id, MEDIA_ON_FAIL, code);
    return RC_OK;
}
