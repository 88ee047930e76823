#include "lib/svc/teaching/progress.h"

#include "lib/db/db.h"

enum { POSITION_MAX_H = 48 };

enum rc progress_save(struct cx *cx, const struct lecture *lecture, int64_t position_ms, bool watched)
{
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no progress");
    if (position_ms < 0 || position_ms > (int64_t)POSITION_MAX_H * 3600 * 1000)
        return err_set(cx, RC_INVALID, "position", NULL, "position out of range");
    enum rc rc = policy_check(cx, ACT_LECTURE_PLAY, &lecture->object);
    if (rc != RC_OK)
        return rc;
    return db_exec(cx, SQL_progress_save, NULL, "iiibt", cx->actor->user_id, lecture->id, position_ms,
                   (int)watched, clock_now());
}
