#include "lib/svc/course_people.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/user.h"

void course_people_take(struct cx *cx, const struct rows *rows, struct course_people *out)
{
    struct course_people list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct course_person){
            .user_id = row_i64(rows, i, 0), .login = row_text(rows, i, 1), .name = row_text(rows, i, 2)};
    *out = list;
}

struct change {
    int64_t course_id, user_id;
    const char *login;
};

static enum rc add_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct user *user = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, c->course_id, &course);
    if (rc == RC_OK)
        rc = user_get_by_login(cx, c->login, &user);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_staff_insert, NULL, "iit", c->course_id, user->id, clock_now());
    if (rc == RC_OK)
        rc = audit_write(cx, "course.staff_add", "course", c->course_id, "%s", user->login);
    return rc;
}

enum rc course_staff_add(struct cx *cx, int64_t course_id, const char *login)
{
    return db_tx(cx, add_tx, &(struct change){.course_id = course_id, .login = login});
}

/* The rows are locked first: of two that remove the last two, one must see that it is the last. */
static enum rc remove_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct rows *rows = NULL;
    struct db_done done = {0};
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, c->course_id, &course);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_course_staff_lock, &rows, "i", c->course_id);
    if (rc == RC_OK && rows_count(rows) == 1 && row_i64(rows, 0, 0) == c->user_id)
        rc = err_set(cx, RC_CONFLICT, NULL, "staff_last", "nobody would be left to run the course");
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_staff_delete, &done, "ii", c->course_id, c->user_id);
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, "course.staff_remove", "course", c->course_id, "user %lld",
                         (long long)c->user_id);
    return rc;
}

enum rc course_staff_remove(struct cx *cx, int64_t course_id, int64_t user_id)
{
    return db_tx(cx, remove_tx, &(struct change){.course_id = course_id, .user_id = user_id});
}

enum rc course_staff_list(struct cx *cx, int64_t course_id, struct course_people *out)
{
    struct course *course = NULL;
    struct rows *rows = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, course_id, &course);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_course_staff_list, &rows, "i", course_id);
    if (rc == RC_OK)
        course_people_take(cx, rows, out);
    return rc;
}
