#include "lib/svc/live/due.h"

#include "lib/db/db.h"
#include "lib/svc/live/session.h"
#include "lib/svc/teaching/lecture.h"

enum rc live_due_list(struct cx *cx, struct live_due_list *out)
{
    struct rows *rows = NULL;
    int64_t user = cx->actor ? cx->actor->user_id : 0;
    enum rc rc = db_query(cx, SQL_live_due_list, &rows, "iiii", user, user, user, user);
    if (rc != RC_OK)
        return rc;
    struct live_due_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct live_due){.id = row_i64(rows, i, 0),
                                         .key = row_text(rows, i, 1),
                                         .title = row_text(rows, i, 2),
                                         .course_name = row_text(rows, i, 3),
                                         .zone = row_text(rows, i, 4),
                                         .starts_at = row_time(rows, i, 5),
                                         .ends_at = row_time(rows, i, 6),
                                         .chosen = row_bool(rows, i, 7),
                                         .open = row_bool(rows, i, 8),
                                         .closed = row_bool(rows, i, 9),
                                         .closed_now = row_bool(rows, i, 10),
                                         .rehearsal = row_bool(rows, i, 11),
                                         .keep_first = row_bool(rows, i, 12)};
    *out = list;
    return RC_OK;
}

const struct live_due *live_due_first(const struct live_due_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!list->item[i].closed)
            return &list->item[i];
    return NULL;
}

static enum rc choose_tx(struct cx *cx, void *arg)
{
    const struct lecture *l = arg;
    int64_t user = cx->actor->user_id;
    struct live_session *list = NULL;
    size_t n = 0;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live"); /* no publisher begins meanwhile */
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_choice_set, NULL, "ii", user, l->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_test_clear, NULL, "i", user);
    if (rc == RC_OK)
        rc = live_session_lock_elsewhere(cx, user, l->id, &list, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = live_session_send_away(cx, &list[i], "moved");
    return rc;
}

enum rc live_due_choose(struct cx *cx, const char *key)
{
    struct lecture *l = NULL;
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a choice of nobody");
    if (!key)
        return db_exec(cx, SQL_live_choice_clear, NULL, "i", cx->actor->user_id);
    enum rc rc = lecture_get(cx, ACT_COURSE_UPLOAD, key, &l);
    if (rc == RC_OK && l->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "lecture %s or its course is deleted", key);
    if (rc == RC_OK && !l->object.staff)
        rc = err_set(cx, RC_DENIED, NULL, "not_staff", "lecture %s is of a course of others", key);
    if (rc == RC_OK && l->time_state == TIME_CANCELLED)
        rc = err_set(cx, RC_CONFLICT, NULL, "live_cancelled", "lecture %s does not take place", key);
    return rc == RC_OK ? db_tx(cx, choose_tx, l) : rc;
}
