#include "lib/svc/teaching/course_people.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"

static const struct {
    enum sql insert, delete, list;
    const char *added, *removed; /* the names of the actions in the audit */
} roles[COURSE_ROLE_COUNT] = {
    [COURSE_STUDENT] = {SQL_course_student_insert, SQL_course_student_delete, SQL_course_student_list,
                        "course.enrol", "course.unenrol"},
    [COURSE_STAFF] = {SQL_course_staff_insert, SQL_course_staff_delete, SQL_course_staff_list,
                      "course.staff_add", "course.staff_remove"},
};

struct change {
    int64_t course_id, user_id;
    enum course_role role;
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
        rc = user_check_enabled(cx, user);
    if (rc == RC_OK)
        rc = db_exec(cx, roles[c->role].insert, NULL, "iit", c->course_id, user->id, clock_now());
    return rc == RC_OK ? audit_write(cx, roles[c->role].added, "course", c->course_id, "%s", user->login)
                       : rc;
}

enum rc course_people_add(struct cx *cx, int64_t course_id, enum course_role role, const char *login)
{
    return db_tx(cx, add_tx, &(struct change){.course_id = course_id, .role = role, .login = login});
}

/* The rows are locked first: if two requests remove the last two people, one must see that it removes the
 * last. */
static enum rc check_others(struct cx *cx, const struct change *c)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_course_staff_lock, &rows, "i", c->course_id);
    if (rc == RC_OK && rows_count(rows) == 1 && row_i64(rows, 0, 0) == c->user_id)
        rc = err_set(cx, RC_CONFLICT, NULL, "staff_last", "nobody would be left to run the course");
    return rc;
}

static enum rc remove_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct db_done done = {0};
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, c->course_id, &course);
    if (rc == RC_OK && c->role == COURSE_STAFF)
        rc = check_others(cx, c);
    if (rc == RC_OK)
        rc = db_exec(cx, roles[c->role].delete, &done, "ii", c->course_id, c->user_id);
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, roles[c->role].removed, "course", c->course_id, "user %lld",
                         (long long)c->user_id);
    return rc;
}

enum rc course_people_remove(struct cx *cx, int64_t course_id, enum course_role role, int64_t user_id)
{
    return db_tx(cx, remove_tx, &(struct change){.course_id = course_id, .role = role, .user_id = user_id});
}

enum rc course_people_list(struct cx *cx, int64_t course_id, enum course_role role, int64_t limit,
                           int64_t offset, struct course_people *out)
{
    struct course *course = NULL;
    struct course_people list = {0};
    struct rows *rows = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, course_id, &course);
    if (rc == RC_OK)
        rc = db_query(cx, roles[role].list, &rows, "iii", course_id, limit, offset);
    if (rc != RC_OK)
        return rc;
    list.n = rows_count(rows);
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct course_person){
            .user_id = row_i64(rows, i, 0), .login = row_text(rows, i, 1), .name = row_text(rows, i, 2)};
    *out = list;
    return RC_OK;
}
