/* Roles for organisations and for the installation: by whom, inherited from where, the last admin, and whose
 * accounts maintainers look after. */
#include "tests/unit/testing.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;

static void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

/* --- admins --- */

static void the_last_admin_stays(void **state)
{
    (void)state;
    become(&w, -1);
    int64_t second = world_person(&w, "second");
    assert_fails(user_revoke(cx, w.admin, ROLE_ADMIN, 0), RC_CONFLICT, "admin_last");
    assert_fails(user_set_disabled(cx, w.admin, true), RC_CONFLICT, "admin_last");
    assert_ok(user_revoke(cx, second, ROLE_ADMIN, 0)); /* who is none takes nobody away */
    assert_ok(user_grant(cx, second, ROLE_ADMIN, 0));
    assert_ok(user_set_disabled(cx, second, true));
    /* An admin who cannot sign in does not count. */
    assert_fails(user_revoke(cx, w.admin, ROLE_ADMIN, 0), RC_CONFLICT, "admin_last");
    assert_ok(user_revoke(cx, second, ROLE_ADMIN, 0));
    assert_ok(user_set_disabled(cx, second, false));
    assert_ok(user_grant(cx, second, ROLE_ADMIN, 0));
    become(&w, w.admin);
    assert_ok(user_revoke(cx, w.admin, ROLE_ADMIN, 0));
    become(&w, second);
    assert_ok(user_grant(cx, w.admin, ROLE_ADMIN, 0));
    assert_ok(user_revoke(cx, second, ROLE_ADMIN, 0));
}

struct taking {
    int64_t user;
    bool disable;
};

static enum rc take(struct cx *own, void *arg)
{
    const struct taking *t = arg;
    return t->disable ? user_set_disabled(own, t->user, true) : user_revoke(own, t->user, ROLE_ADMIN, 0);
}

static void of_two_that_take_the_last_admins_one_fails(void **state)
{
    (void)state;
    enum { ROUNDS = 20 };
    become(&w, -1);
    int64_t other = world_person(&w, "other-admin");
    for (int i = 0; i < ROUNDS; i++) {
        assert_ok(user_set_disabled(cx, other, false));
        assert_ok(user_grant(cx, other, ROLE_ADMIN, 0));
        assert_ok(user_grant(cx, w.admin, ROLE_ADMIN, 0));
        struct taking one = {.user = w.admin}, two = {.user = other, .disable = i % 2 == 1};
        enum rc rc[2];
        world_race(&w, take, (void *[2]){&one, &two}, rc);
        assert_true((rc[0] == RC_OK) != (rc[1] == RC_OK));
    }
    assert_ok(user_set_disabled(cx, other, false));
    assert_ok(user_grant(cx, w.admin, ROLE_ADMIN, 0));
    assert_ok(user_revoke(cx, other, ROLE_ADMIN, 0));
}

/* --- who may do what here, and why --- */

static void roles_say_by_whom_and_from_where(void **state)
{
    (void)state;
    struct org *school = NULL;
    struct user_roles here, above;
    become(&w, -1);
    int64_t dean = world_person(&w, "dean");
    assert_ok(user_grant(cx, dean, ROLE_MAINTAINER, w.uni));
    become(&w, dean);
    int64_t clerk = world_person(&w, "clerk"), docent = world_person(&w, "docent");
    assert_ok(user_grant(cx, clerk, ROLE_MAINTAINER, w.school));
    assert_ok(user_grant(cx, docent, ROLE_LECTURER, w.uni));
    become(&w, clerk);
    assert_ok(shown(cx, user_roles_of(cx, w.school, 10, 0, &here)));
    assert_int_equal(here.n, 3); /* by role, then name */
    assert_string_equal(here.item[0].login, "clerk");
    assert_int_equal(here.item[0].role, ROLE_MAINTAINER);
    assert_string_equal(here.item[0].granted_by, "dean");
    assert_true(here.item[0].since > clock_now() - 60000);
    assert_string_equal(here.item[1].login, "maintainer");
    assert_null(here.item[1].granted_by); /* the program that made the world */
    assert_string_equal(here.item[2].login, "lecturer");
    assert_ok(user_roles_of(cx, w.school, 1, 2, &here));
    assert_string_equal(here.item[0].login, "lecturer");
    assert_fails(user_roles_of(cx, w.uni, 10, 0, &here), RC_DENIED, "not_allowed");
    assert_fails(user_roles_of(cx, 0, 10, 0, &here), RC_DENIED, "not_allowed");

    assert_ok(org_get(cx, w.school, &school));
    assert_ok(shown(cx, user_roles_above(cx, school->path, false, 10, &above)));
    assert_int_equal(above.n, 3);
    assert_string_equal(above.item[0].login, "dean");
    assert_string_equal(above.item[0].organisation_slug, "uni");
    assert_string_equal(above.item[1].login, "docent");
    assert_string_equal(above.item[2].login, "admin");
    assert_null(above.item[2].organisation_slug);
    /* For what belongs to the school: those who manage it, the nearest first. */
    assert_ok(user_roles_above(cx, school->path, true, 10, &above));
    assert_int_equal(above.n, 4);
    assert_string_equal(above.item[0].login, "clerk");
    assert_string_equal(above.item[1].login, "maintainer");
    assert_string_equal(above.item[2].login, "dean");
    assert_string_equal(above.item[3].login, "admin");
    become(&w, w.admin);
    assert_ok(user_roles_of(cx, 0, 10, 0, &here));
    assert_int_equal(here.n, 1);
    assert_string_equal(here.item[0].login, "admin");
    become(&w, w.foreign);
    assert_fails(user_roles_of(cx, w.school, 10, 0, &here), RC_DENIED, "not_allowed");
    assert_fails(user_grant(cx, w.foreign, ROLE_LECTURER, w.school), RC_DENIED, "not_allowed");
    assert_fails(user_revoke(cx, clerk, ROLE_MAINTAINER, w.school), RC_DENIED, "not_allowed");
}

/* --- accounts --- */

static int64_t add_account(const char *login, int64_t home)
{
    int64_t id = 0;
    become(&w, -1);
    assert_ok(
        user_create(cx, &(struct user_new){.login = login, .name = login, .organisation_id = home}, &id));
    return id;
}

static void maintainers_look_after_accounts_of_their_subtree(void **state)
{
    (void)state;
    int64_t mine = add_account("mine", w.school), theirs = add_account("theirs", w.other);
    int64_t teacher = add_account("teacher", w.school), course;
    become(&w, w.maintainer);
    assert_ok(shown(cx, user_set_password(cx, mine, "correct horse battery")));
    assert_ok(session_close_all(cx, mine, NULL));
    assert_ok(user_set_disabled(cx, mine, true));
    assert_ok(user_set_disabled(cx, mine, false));
    assert_fails(user_set_password(cx, theirs, "correct horse battery"), RC_DENIED, "not_allowed");
    assert_fails(user_set_disabled(cx, theirs, true), RC_DENIED, "not_allowed");
    assert_fails(session_close_all(cx, theirs, NULL), RC_DENIED, "not_allowed");
    assert_fails(user_set_disabled(cx, w.admin, true), RC_DENIED, "not_allowed"); /* without a home */

    /* Whose password one sets, one can be: not of somebody who may do more. */
    become(&w, -1);
    assert_ok(user_grant(cx, mine, ROLE_LECTURER, w.school));
    become(&w, w.maintainer);
    assert_ok(user_set_password(cx, mine, "correct horse battery"));
    become(&w, -1);
    assert_ok(user_grant(cx, mine, ROLE_LECTURER, w.other));
    become(&w, w.maintainer);
    assert_fails(user_set_password(cx, mine, "correct horse battery"), RC_DENIED, "more_than_held");
    become(&w, -1);
    assert_ok(user_revoke(cx, mine, ROLE_LECTURER, w.other));
    assert_ok(user_grant(cx, mine, ROLE_ADMIN, 0));
    become(&w, w.maintainer);
    assert_fails(user_set_disabled(cx, mine, true), RC_DENIED, "more_than_held");
    become(&w, -1);
    assert_ok(user_revoke(cx, mine, ROLE_ADMIN, 0));
    struct course_edit in = {.name = "C", .slug = "c", .term_id = w.term, .organisation_id = w.other};
    assert_ok(course_create(cx, &in, &course));
    assert_ok(course_staff_give(cx, course, "teacher", STAFF_OWNER, 0));
    become(&w, w.maintainer);
    assert_fails(user_set_password(cx, teacher, "correct horse battery"), RC_DENIED, "more_than_held");
    become(&w, w.admin);
    assert_ok(user_set_password(cx, teacher, "correct horse battery"));
    become(&w, 0);
    assert_fails(user_set_password(cx, teacher, "correct horse battery"), RC_DENIED, "signin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_admin_stays),
        cmocka_unit_test(of_two_that_take_the_last_admins_one_fails),
        cmocka_unit_test(roles_say_by_whom_and_from_where),
        cmocka_unit_test(maintainers_look_after_accounts_of_their_subtree),
    };
    if (!world_init(&w))
        return 0;
    cx = &w.cx;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
