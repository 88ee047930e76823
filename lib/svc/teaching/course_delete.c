/* Deleting courses, and the undo. Apart from course.c, since a course that comes back takes the halls of its lectures again. */
#include "lib/svc/teaching/course.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/teaching/booking.h"

static const int64_t UNDO_MS = (int64_t)COURSE_UNDO_DAYS * 24 * 3600 * 1000;

int64_t course_undo_until(int64_t deleted_at)
{
    return deleted_at + UNDO_MS;
}

static enum rc delete_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct course *c = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_OWN, *id, &c);
    if (rc != RC_OK || c->deleted_at != NO_TIME)
        return rc;
    rc = db_exec(cx, SQL_course_set_deleted, NULL, "ti", clock_now(), *id);
    return rc == RC_OK ? audit_write(cx, "course.delete", "course", *id, "%s", c->slug) : rc;
}

enum rc course_delete(struct cx *cx, int64_t id)
{
    return db_tx(cx, delete_tx, &id);
}

static enum rc undelete_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct course *c = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_OWN, *id, &c);
    if (rc != RC_OK || c->deleted_at == NO_TIME)
        return rc;
    if (clock_now() - c->deleted_at > UNDO_MS)
        return err_set(cx, RC_CONFLICT, NULL, "undo_over", "deleted more than %d days ago", COURSE_UNDO_DAYS);
    rc = booking_retake_course(cx, *id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_set_deleted, NULL, "ti", NO_TIME, *id);
    return rc == RC_OK ? audit_write(cx, "course.undelete", "course", *id, "%s", c->slug) : rc;
}

enum rc course_undelete(struct cx *cx, int64_t id)
{
    return db_tx(cx, undelete_tx, &id);
}
