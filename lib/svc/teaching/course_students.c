#include "lib/svc/teaching/course_students.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"

struct change {
    int64_t course_id, user_id;
    const char *login;
};

static enum rc add_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct user *user = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_PEOPLE, c->course_id, &course);
    if (rc == RC_OK)
        rc = user_get_by_login(cx, c->login, &user);
    if (rc == RC_OK)
        rc = user_check_enabled(cx, user);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_student_insert, NULL, "iit", c->course_id, user->id, clock_now());
    return rc == RC_OK ? audit_write(cx, "course.enrol", "course", c->course_id, "%s", user->login) : rc;
}

enum rc course_students_add(struct cx *cx, int64_t course_id, const char *login)
{
    return db_tx(cx, add_tx, &(struct change){.course_id = course_id, .login = login});
}

static enum rc remove_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct db_done done = {0};
    enum rc rc = course_get(cx, ACT_COURSE_PEOPLE, c->course_id, &course);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_student_delete, &done, "ii", c->course_id, c->user_id);
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, "course.unenrol", "course", c->course_id, "user %lld", (long long)c->user_id);
    return rc;
}

enum rc course_students_remove(struct cx *cx, int64_t course_id, int64_t user_id)
{
    return db_tx(cx, remove_tx, &(struct change){.course_id = course_id, .user_id = user_id});
}

enum rc course_students_list(struct cx *cx, int64_t course_id, int64_t limit, int64_t offset,
                             struct course_students *out)
{
    struct course *course = NULL;
    struct course_students list = {0};
    struct rows *rows = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_PEOPLE, course_id, &course);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_course_student_list, &rows, "iii", course_id, limit, offset);
    if (rc != RC_OK)
        return rc;
    list.n = rows_count(rows);
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct course_student){
            .user_id = row_i64(rows, i, 0), .login = row_text(rows, i, 1), .name = row_text(rows, i, 2)};
    *out = list;
    return RC_OK;
}
