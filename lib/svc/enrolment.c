#include "lib/svc/enrolment.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/course_people.h"
#include "lib/svc/user.h"

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
        rc = db_exec(cx, SQL_enrolment_insert, NULL, "iit", user->id, c->course_id, clock_now());
    return rc == RC_OK ? audit_write(cx, "course.enrol", "course", c->course_id, "%s", user->login) : rc;
}

enum rc enrolment_add(struct cx *cx, int64_t course_id, const char *login)
{
    return db_tx(cx, add_tx, &(struct change){.course_id = course_id, .login = login});
}

static enum rc remove_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct db_done done = {0};
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, c->course_id, &course);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_enrolment_delete, &done, "ii", c->user_id, c->course_id);
    if (rc == RC_OK && done.affected)
        rc = audit_write(cx, "course.unenrol", "course", c->course_id, "user %lld", (long long)c->user_id);
    return rc;
}

enum rc enrolment_remove(struct cx *cx, int64_t course_id, int64_t user_id)
{
    return db_tx(cx, remove_tx, &(struct change){.course_id = course_id, .user_id = user_id});
}

enum rc enrolment_list(struct cx *cx, int64_t course_id, int64_t limit, int64_t offset,
                       struct course_people *out)
{
    struct course *course = NULL;
    struct rows *rows = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_STAFF, course_id, &course);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_enrolment_list, &rows, "iii", course_id, limit, offset);
    if (rc == RC_OK)
        course_people_take(cx, rows, out);
    return rc;
}
