/* Who may do what: every action × visibility × relation against the table as people read it, and what the
 * failures say. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/svc/policy.h"

/* The rows of the table in doc/rights.md, columns: public, signedin, enrolled, hidden. */
enum person {
    VISITOR,
    LINK,      /* a visitor with the link */
    SIGNED_IN, /* a student of something else */
    LECTURER,  /* of another course of the organisation */
    ENROLLED,
    STAFF,      /* owner */
    CO,         /* lecturer of the course */
    UPLOADS,    /* assistant with that right */
    MAINTAINER, /* of an organisation above */
    FOREIGN,    /* maintainer of another part of the tree */
    ADMIN,
    PROGRAM,
    PERSON_COUNT
};

static const char TREE[] = "/1/4/9/";
static const struct role_grant grants[] = {
    [LECTURER] = {ROLE_LECTURER, 9, "/1/4/9/"},
    [MAINTAINER] = {ROLE_MAINTAINER, 4, "/1/4/"},
    [FOREIGN] = {ROLE_MAINTAINER, 5, "/1/5/"},
    [ADMIN] = {ROLE_ADMIN, 0, ""},
};

static struct actor actors[PERSON_COUNT];

static const struct actor *actor_of(enum person p)
{
    if (p == VISITOR || p == LINK)
        return NULL;
    actors[p] = (struct actor){.user_id = 7, .login = "x", .name = "X"};
    if (p == PROGRAM)
        actors[p] = policy_system("lecternctl");
    if (p == LECTURER || p == MAINTAINER || p == FOREIGN || p == ADMIN) {
        actors[p].grants = &grants[p];
        actors[p].grant_count = 1;
    }
    return &actors[p];
}

static struct policy_object object_of(enum person p, enum visibility v)
{
    return (struct policy_object){.organisation_path = TREE,
                                  .visibility = v,
                                  .access = ACCESS_PUBLISHED,
                                  .downloads = true,
                                  .staff = p == STAFF || p == CO || p == UPLOADS,
                                  .staff_role = p == STAFF ? STAFF_OWNER
                                                : p == CO  ? STAFF_LECTURER
                                                           : STAFF_ASSISTANT,
                                  .staff_rights = p == UPLOADS ? 1u << RIGHT_UPLOAD : 0,
                                  .enrolled = p == ENROLLED,
                                  .link = p == LINK};
}

/* '+' may, '-' may not; one letter per visibility. */
static const char *const lists[PERSON_COUNT] = {
    [VISITOR] = "+---",  [LINK] = "+---",    [SIGNED_IN] = "++--",  [LECTURER] = "++--",
    [ENROLLED] = "+++-", [STAFF] = "++++",   [MAINTAINER] = "++++", [FOREIGN] = "++--",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "++++",         [UPLOADS] = "++++",
};
static const char *const pages[PERSON_COUNT] = {
    [VISITOR] = "+---",  [LINK] = "+--+",    [SIGNED_IN] = "++--",  [LECTURER] = "++--",
    [ENROLLED] = "++++", [STAFF] = "++++",   [MAINTAINER] = "++++", [FOREIGN] = "++--",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "++++",         [UPLOADS] = "++++",
};
static const char *const edits[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "----",
    [ENROLLED] = "----", [STAFF] = "++++",   [MAINTAINER] = "++++", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "----",         [UPLOADS] = "----",
};
static const char *const leads[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "----",
    [ENROLLED] = "----", [STAFF] = "++++",   [MAINTAINER] = "++++", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "++++",         [UPLOADS] = "----",
};
static const char *const uploads[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "----",
    [ENROLLED] = "----", [STAFF] = "++++",   [MAINTAINER] = "++++", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "++++",         [UPLOADS] = "++++",
};
static const char *const creates[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "++++",
    [ENROLLED] = "----", [STAFF] = "----",   [MAINTAINER] = "++++", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "----",         [UPLOADS] = "----",
};
static const char *const manages[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "----",
    [ENROLLED] = "----", [STAFF] = "----",   [MAINTAINER] = "++++", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "----",         [UPLOADS] = "----",
};
static const char *const installs[PERSON_COUNT] = {
    [VISITOR] = "----",  [LINK] = "----",    [SIGNED_IN] = "----",  [LECTURER] = "----",
    [ENROLLED] = "----", [STAFF] = "----",   [MAINTAINER] = "----", [FOREIGN] = "----",
    [ADMIN] = "++++",    [PROGRAM] = "++++", [CO] = "----",         [UPLOADS] = "----",
};
static const char *const *const expected[ACT_COUNT] = {
    [ACT_COURSE_LIST] = lists,      [ACT_COURSE_PAGE] = pages,     [ACT_COURSE_TEACH] = uploads,
    [ACT_COURSE_TEXTS] = leads,     [ACT_COURSE_UPLOAD] = uploads, [ACT_COURSE_PUBLISH] = uploads,
    [ACT_COURSE_TIMETABLE] = leads, [ACT_COURSE_PEOPLE] = leads,   [ACT_COURSE_STATISTICS] = leads,
    [ACT_COURSE_SETTINGS] = leads,  [ACT_COURSE_OWN] = edits,      [ACT_COURSE_CREATE] = creates,
    [ACT_LECTURE_LIST] = lists,     [ACT_LECTURE_PAGE] = pages,    [ACT_LECTURE_PLAY] = pages,
    [ACT_LECTURE_DOWNLOAD] = pages, [ACT_ORG_MANAGE] = manages,    [ACT_INSTALL] = installs,
};

static void every_action_visibility_and_person(void **state)
{
    (void)state;
    for (int a = 0; a < ACT_COUNT; a++) {
        for (int p = 0; p < PERSON_COUNT; p++) {
            for (int v = 0; v < VIS_COUNT; v++) {
                struct policy_object o = object_of((enum person)p, (enum visibility)v);
                bool may = policy_may(actor_of((enum person)p), (enum action)a, &o);
                if (may != (expected[a][p][v] == '+'))
                    fail_msg("action %d, person %d, visibility %d: %s", a, p, v, may ? "may" : "may not");
            }
        }
    }
}

static bool runs_it(enum person p)
{
    return p == STAFF || p == CO || p == UPLOADS || p == MAINTAINER || p == ADMIN || p == PROGRAM;
}

static void drafts_are_for_those_who_run_the_course(void **state)
{
    (void)state;
    static const enum action seen[] = {ACT_LECTURE_LIST, ACT_LECTURE_PAGE, ACT_LECTURE_PLAY,
                                       ACT_LECTURE_DOWNLOAD};
    for (int p = 0; p < PERSON_COUNT; p++) {
        struct policy_object o = object_of((enum person)p, VIS_PUBLIC);
        for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
            o.access = ACCESS_DRAFT;
            assert_int_equal(policy_may(actor_of((enum person)p), seen[i], &o), runs_it((enum person)p));
            o.access = ACCESS_UNPUBLISHED;
            assert_int_equal(policy_may(actor_of((enum person)p), seen[i], &o), runs_it((enum person)p));
        }
        o.access = ACCESS_DRAFT;
        assert_int_equal(policy_may(actor_of((enum person)p), ACT_COURSE_TEACH, &o), runs_it((enum person)p));
    }
}

static void downloads_follow_the_course(void **state)
{
    (void)state;
    for (int p = 0; p < PERSON_COUNT; p++) {
        struct policy_object o = object_of((enum person)p, VIS_PUBLIC);
        o.downloads = false;
        assert_int_equal(policy_may(actor_of((enum person)p), ACT_LECTURE_DOWNLOAD, &o),
                         runs_it((enum person)p));
        assert_true(policy_may(actor_of((enum person)p), ACT_LECTURE_PLAY, &o));
    }
}

static void what_is_deleted_can_be_edited_and_nothing_else(void **state)
{
    (void)state;
    for (int a = 0; a < ACT_COUNT; a++) {
        struct policy_object o = object_of(STAFF, VIS_PUBLIC);
        o.deleted = true;
        bool edit = a >= ACT_COURSE_TEACH && a <= ACT_COURSE_OWN;
        assert_int_equal(policy_may(actor_of(STAFF), (enum action)a, &o), edit);
    }
}

static void a_path_is_not_a_prefix_of_its_neighbour(void **state)
{
    (void)state;
    const struct role_grant g = {ROLE_MAINTAINER, 1, "/1/"};
    const struct actor a = {.user_id = 1, .login = "m", .grants = &g, .grant_count = 1};
    struct policy_object o = {.organisation_path = "/12/"};
    assert_false(policy_may(&a, ACT_ORG_MANAGE, &o));
    o.organisation_path = "/1/";
    assert_true(policy_may(&a, ACT_ORG_MANAGE, &o));
    o.organisation_path = NULL;
    assert_false(policy_may(&a, ACT_ORG_MANAGE, &o));
    const struct role_grant nothing = {ROLE_MAINTAINER, 1, ""};
    const struct actor b = {.user_id = 1, .login = "m", .grants = &nothing, .grant_count = 1};
    o.organisation_path = "/1/";
    assert_false(policy_may(&b, ACT_ORG_MANAGE, &o));
}

static void expect(const struct actor *actor, enum action action, const struct policy_object *o, enum rc rc,
                   const char *key)
{
    struct cx cx;
    cx_init(&cx);
    struct policy_object object = o ? *o : (struct policy_object){0};
    object.lecture = action >= ACT_LECTURE_LIST && action <= ACT_LECTURE_DOWNLOAD;
    cx.actor = actor;
    assert_int_equal(policy_check(&cx, action, o ? &object : NULL), rc);
    if (key)
        assert_string_equal(cx.err.key, key);
    cx_fini(&cx);
}

static void failures_say_what_helps(void **state)
{
    (void)state;
    struct policy_object o = object_of(VISITOR, VIS_SIGNEDIN);
    expect(NULL, ACT_LECTURE_PAGE, &o, RC_DENIED, "signin");
    expect(NULL, ACT_COURSE_OWN, &o, RC_DENIED, "signin");
    expect(actor_of(SIGNED_IN), ACT_COURSE_PAGE, &o, RC_OK, NULL);
    expect(actor_of(SIGNED_IN), ACT_COURSE_OWN, &o, RC_DENIED, "not_allowed");
    o.visibility = VIS_ENROLLED;
    expect(NULL, ACT_COURSE_PAGE, &o, RC_DENIED, "signin");
    expect(actor_of(SIGNED_IN), ACT_COURSE_PAGE, &o, RC_DENIED, "not_enrolled");
    expect(actor_of(SIGNED_IN), ACT_COURSE_OWN, &o, RC_DENIED, "not_allowed");
    o.visibility = VIS_HIDDEN;
    expect(NULL, ACT_COURSE_PAGE, &o, RC_NOTFOUND, "course_unknown");
    expect(actor_of(SIGNED_IN), ACT_LECTURE_PAGE, &o, RC_NOTFOUND, "lecture_unknown");
    expect(actor_of(SIGNED_IN), ACT_COURSE_OWN, &o, RC_NOTFOUND, "course_unknown");
    o.link = true;
    expect(actor_of(SIGNED_IN), ACT_COURSE_PAGE, &o, RC_OK, NULL);
    expect(actor_of(SIGNED_IN), ACT_COURSE_OWN, &o, RC_DENIED, "not_allowed");
    o = object_of(VISITOR, VIS_PUBLIC);
    o.access = ACCESS_DRAFT;
    expect(NULL, ACT_LECTURE_PAGE, &o, RC_NOTFOUND, "lecture_unknown");
    o.access = ACCESS_PUBLISHED;
    o.downloads = false;
    expect(actor_of(SIGNED_IN), ACT_LECTURE_DOWNLOAD, &o, RC_DENIED, "not_allowed");
    o.deleted = true;
    expect(actor_of(SIGNED_IN), ACT_LECTURE_PAGE, &o, RC_NOTFOUND, "lecture_unknown");
    expect(actor_of(ADMIN), ACT_LECTURE_PAGE, &o, RC_NOTFOUND, "lecture_unknown");
    expect(actor_of(ADMIN), ACT_COURSE_TEACH, &o, RC_OK, NULL);
    expect(NULL, ACT_INSTALL, NULL, RC_DENIED, "signin");
    expect(actor_of(MAINTAINER), ACT_INSTALL, NULL, RC_DENIED, "not_allowed");
}

static void words_go_both_ways(void **state)
{
    (void)state;
    enum visibility v;
    enum role r;
    enum access a;
    for (int i = 0; i < VIS_COUNT; i++) {
        assert_true(visibility_of(str_of(visibility_name((enum visibility)i)), &v));
        assert_int_equal(v, i);
    }
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_true(role_of(str_of(role_name((enum role)i)), &r));
        assert_int_equal(r, i);
    }
    for (int i = 0; i < ACCESS_COUNT; i++) {
        assert_true(access_of(str_of(access_name((enum access)i)), &a));
        assert_int_equal(a, i);
    }
    assert_false(visibility_of(STR("Public"), &v));
    assert_false(visibility_of(str_of(NULL), &v));
    assert_false(role_of(STR("root"), &r));
    assert_true(actor_has_role(actor_of(ADMIN), ROLE_LECTURER));
    assert_false(actor_has_role(actor_of(LECTURER), ROLE_MAINTAINER));
    assert_false(actor_has_role(NULL, ROLE_LECTURER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_visibility_and_person),
        cmocka_unit_test(drafts_are_for_those_who_run_the_course),
        cmocka_unit_test(downloads_follow_the_course),
        cmocka_unit_test(what_is_deleted_can_be_edited_and_nothing_else),
        cmocka_unit_test(a_path_is_not_a_prefix_of_its_neighbour),
        cmocka_unit_test(failures_say_what_helps),
        cmocka_unit_test(words_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
