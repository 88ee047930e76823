#include "lib/svc/teaching/course_staff.h"

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/user.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/course.h"

static struct course_staff from_row(const struct rows *rows, size_t r)
{
    struct course_staff s = {.user_id = row_i64(rows, r, 0),
                             .login = row_text(rows, r, 1),
                             .name = row_text(rows, r, 2),
                             .rights = (unsigned)row_i64(rows, r, 4),
                             .since = row_time(rows, r, 5),
                             .granted_by = row_text(rows, r, 6),
                             .disabled = row_bool(rows, r, 7)};
    if (!staff_role_of(row_bytes(rows, r, 3), &s.role))
        bug("unknown role in course_staff");
    return s;
}

/* "assistant (texts, upload)": for the audit. */
static const char *role_words(struct arena *arena, enum staff_role role, unsigned rights)
{
    const char *text = staff_role_name(role), *before = " (";
    for (enum staff_right i = 0; i < RIGHT_COUNT; i++) {
        if (!(rights & 1u << i))
            continue;
        text = arena_printf(arena, "%s%s%s", text, before, staff_right_name(i));
        before = ", ";
    }
    return rights ? arena_printf(arena, "%s)", text) : text;
}

static enum rc load(struct cx *cx, int64_t course_id, struct course_staff_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_course_staff_list, &rows, "ii", course_id, (int64_t)COURSE_STAFF_MAX);
    if (rc != RC_OK)
        return rc;
    struct course_staff_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = from_row(rows, i);
    *out = list;
    return RC_OK;
}

/* --- change --- */

struct change {
    int64_t course_id, user_id;
    const char *login; /* of course_staff_give and the like; NULL: user_id */
    enum staff_role role;
    unsigned rights;
    bool adds;
    const char *seen;
};

/* Everything that changes the staff of a course first writes the row of the course: of two requests that take
 * the last two owners, the second waits and sees that it takes the last. */
static enum rc begin(struct cx *cx, const struct change *c, struct course **course,
                     struct course_staff_list *staff)
{
    enum rc rc = db_exec(cx, SQL_course_touch, NULL, "ti", clock_now(), c->course_id);
    if (rc == RC_OK)
        rc = course_get(cx, ACT_COURSE_PEOPLE, c->course_id, course);
    return rc == RC_OK ? load(cx, c->course_id, staff) : rc;
}

static const struct course_staff *find(const struct course_staff_list *staff, int64_t user_id)
{
    for (size_t i = 0; i < staff->n; i++)
        if (staff->item[i].user_id == user_id)
            return &staff->item[i];
    return NULL;
}

static enum rc check_held(struct cx *cx, const struct course *course, enum staff_role role, unsigned rights)
{
    if (policy_may_give(cx->actor, &course->object, role, rights))
        return RC_OK;
    return err_set(cx, RC_DENIED, NULL, "more_than_held", "%s may not give or take: %s", cx->actor->login,
                   role_words(cx->arena, role, rights));
}

/* An owner whose account is disabled does not count: they cannot act. */
static enum rc check_owner_left(struct cx *cx, const struct course_staff_list *staff,
                                const struct course_staff *old)
{
    bool left = old->role != STAFF_OWNER;
    for (size_t i = 0; i < staff->n && !left; i++) {
        const struct course_staff *s = &staff->item[i];
        left = s != old && s->role == STAFF_OWNER && !s->disabled;
    }
    return left ? RC_OK : err_set(cx, RC_CONFLICT, NULL, "owner_last", "%s is the last owner", old->login);
}

const char *course_staff_seen(struct cx *cx, const struct course_staff *s)
{
    const char *text[] = {role_words(cx->arena, s->role, s->rights)};
    return seen_of(cx, text, 1);
}

/* Whom it is about. *old: what they are, NULL: not of the staff. */
static enum rc who(struct cx *cx, const struct change *c, const struct course_staff_list *staff,
                   struct user **user, const struct course_staff **old)
{
    const struct course_staff *s = c->login ? NULL : find(staff, c->user_id);
    if (!c->login && !s)
        return err_set(cx, RC_NOTFOUND, "user", "user_unknown", "user %lld is not of the staff",
                       (long long)c->user_id);
    enum rc rc = user_get_by_login(cx, s ? s->login : c->login, user);
    if (rc != RC_OK)
        return rc;
    *old = s ? s : find(staff, (*user)->id);
    return s ? seen_check(cx, c->seen, course_staff_seen(cx, s)) : RC_OK;
}

static enum rc give_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct course_staff_list staff;
    struct user *user = NULL;
    const struct course_staff *old = NULL;
    enum rc rc = begin(cx, c, &course, &staff);
    if (rc == RC_OK)
        rc = who(cx, c, &staff, &user, &old);
    if (rc != RC_OK || (old && old->role == c->role && old->rights == c->rights))
        return rc;
    rc = check_held(cx, course, c->role, c->rights);
    if (rc == RC_OK && old)
        rc = check_held(cx, course, old->role, old->rights);
    if (rc == RC_OK && old && c->adds)
        rc = err_set(cx, RC_CONFLICT, "login", "staff_there", "%s is %s", old->login,
                     role_words(cx->arena, old->role, old->rights));
    if (rc == RC_OK && old)
        rc = check_owner_left(cx, &staff, old);
    if (rc == RC_OK && !old)
        rc = user_check_enabled(cx, user);
    if (rc == RC_OK && !old && staff.n >= COURSE_STAFF_MAX)
        rc = err_set(cx, RC_CONFLICT, "login", "staff_many", "%d people", COURSE_STAFF_MAX);
    int64_t by = cx->actor->user_id, now = clock_now();
    const char *role = staff_role_name(c->role);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_staff_set, NULL, "iisiit", c->course_id, user->id, role,
                     (int64_t)c->rights, by, now);
    return rc == RC_OK ? audit_write(cx, "course.staff_give", "course", c->course_id, "%s: %s", user->login,
                                     role_words(cx->arena, c->role, c->rights))
                       : rc;
}

static enum rc give(struct cx *cx, struct change *c)
{
    if (c->role == STAFF_ASSISTANT && !c->rights)
        return err_set(cx, RC_INVALID, "rights", "rights_none", "an assistant without a right");
    if (c->role != STAFF_ASSISTANT)
        c->rights = 0;
    return db_tx(cx, give_tx, c);
}

enum rc course_staff_give(struct cx *cx, int64_t course_id, const char *login, enum staff_role role,
                          unsigned rights)
{
    return give(cx, &(struct change){.course_id = course_id, .login = login, .role = role, .rights = rights});
}

enum rc course_staff_add(struct cx *cx, int64_t course_id, const char *login, enum staff_role role,
                         unsigned rights)
{
    return give(cx, &(struct change){course_id, 0, login, role, rights, true, NULL});
}

enum rc course_staff_change(struct cx *cx, int64_t course_id, int64_t user_id, enum staff_role role,
                            unsigned rights, const char *seen)
{
    return give(cx, &(struct change){course_id, user_id, NULL, role, rights, false, seen});
}

static enum rc take_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct course *course = NULL;
    struct course_staff_list staff;
    enum rc rc = begin(cx, c, &course, &staff);
    const struct course_staff *old = rc == RC_OK ? find(&staff, c->user_id) : NULL;
    if (!old)
        return rc;
    rc = check_held(cx, course, old->role, old->rights);
    if (rc == RC_OK)
        rc = check_owner_left(cx, &staff, old);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_staff_delete, NULL, "ii", c->course_id, c->user_id);
    return rc == RC_OK ? audit_write(cx, "course.staff_take", "course", c->course_id, "%s: %s", old->login,
                                     role_words(cx->arena, old->role, old->rights))
                       : rc;
}

enum rc course_staff_take(struct cx *cx, int64_t course_id, int64_t user_id)
{
    return db_tx(cx, take_tx, &(struct change){.course_id = course_id, .user_id = user_id});
}

/* --- find --- */

enum rc course_staff_list(struct cx *cx, int64_t course_id, struct course_staff_list *out)
{
    struct course *course = NULL;
    enum rc rc = course_get(cx, ACT_COURSE_PEOPLE, course_id, &course);
    return rc == RC_OK ? load(cx, course_id, out) : rc;
}

enum rc course_staff_get(struct cx *cx, int64_t course_id, int64_t user_id, struct course_staff **out)
{
    struct course_staff_list list;
    enum rc rc = course_staff_list(cx, course_id, &list);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < list.n; i++) {
        if (list.item[i].user_id == user_id) {
            *out = list.item + i;
            return RC_OK;
        }
    }
    return err_set(cx, RC_NOTFOUND, "user", "user_unknown", "user %lld is not of the staff",
                   (long long)user_id);
}
