/* Who may do what: every action × person × place in the tree × visibility × state against rights.txt, and what
 * the failures say. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/svc/policy.h"
#include "lib/svc/teaching/hall.h"
#include "tests/unit/svc/rights.h"

static const char TREE[] = "/1/4/9/";
static const struct role_grant grants[PERSON_COUNT] = {
    [ORG_LECTURER + HERE] = {ROLE_LECTURER, 9, "/1/4/9/"},
    [ORG_LECTURER + ABOVE] = {ROLE_LECTURER, 4, "/1/4/"},
    [ORG_LECTURER + BELOW] = {ROLE_LECTURER, 12, "/1/4/9/12/"},
    [ORG_LECTURER + BESIDE] = {ROLE_LECTURER, 8, "/1/4/8/"},
    [ORG_MAINTAINER + HERE] = {ROLE_MAINTAINER, 9, "/1/4/9/"},
    [ORG_MAINTAINER + ABOVE] = {ROLE_MAINTAINER, 1, "/1/"},
    [ORG_MAINTAINER + BELOW] = {ROLE_MAINTAINER, 12, "/1/4/9/12/"},
    [ORG_MAINTAINER + BESIDE] = {ROLE_MAINTAINER, 8, "/1/4/8/"},
    [ADMIN] = {ROLE_ADMIN, 0, ""},
};

static const struct actor *actor_of(enum person p)
{
    static struct actor actor;
    if (p == VISITOR || p == LINK)
        return NULL;
    actor = (struct actor){.user_id = 7, .login = "x", .name = "X"};
    if (p == PROGRAM)
        actor = policy_system("lecternctl");
    if (p >= ORG_LECTURER && p <= ADMIN) {
        actor.grants = &grants[p];
        actor.grant_count = 1;
    }
    return &actor;
}

/* A course in that state, as the person sees it; a lecture of it. */
static struct policy_object object_of(enum person p, enum visibility v, enum state s, bool downloads)
{
    struct policy_object o = {.organisation_path = TREE,
                              .visibility = v,
                              .access = s == DRAFT         ? ACCESS_DRAFT
                                        : s == UNPUBLISHED ? ACCESS_UNPUBLISHED
                                                           : ACCESS_PUBLISHED,
                              .downloads = downloads,
                              .deleted = s == DELETED,
                              .staff = p >= OWNER && p < ORG_LECTURER,
                              .enrolled = p == ENROLLED,
                              .link = p == LINK};
    if (o.staff)
        o.staff_role = p == OWNER ? STAFF_OWNER : p == LECTURER ? STAFF_LECTURER : STAFF_ASSISTANT;
    if (o.staff_role == STAFF_ASSISTANT)
        o.staff_rights = 1u << (p - ASSISTANT);
    return o;
}

static bool is_looking(enum action action)
{
    return action <= ACT_COURSE_PAGE || (action >= ACT_LECTURE_LIST && action <= ACT_LECTURE_DOWNLOAD);
}

/* Courses have no drafts. */
static bool has_state(enum action action, enum state s)
{
    return action >= ACT_LECTURE_LIST || s == PUBLISHED || s == DELETED;
}

static void visit(enum action action, enum person p, enum visibility v, enum state s, bool downloads)
{
    if (is_looking(action) && !has_state(action, s))
        return;
    struct policy_object o = object_of(p, v, s, downloads);
    bool may = policy_may(actor_of(p), action, &o);
    bool expected = is_looking(action) ? rights_look(action, p, v, s, downloads) : rights_do(action, p);
    if (may != expected)
        fail_msg("action %d, %s, %s, state %d, downloads %d: the program says %s", action, person_names[p],
                 visibility_name(v), s, downloads, may ? "may" : "may not");
}

static void every_action_person_visibility_and_state(void **state)
{
    (void)state;
    for (enum action action = 0; action < ACT_COUNT; action++)
        for (enum person p = 0; p < PERSON_COUNT; p++)
            for (enum visibility v = 0; v < VIS_COUNT; v++)
                for (int s = 0; s < 2 * STATE_COUNT; s++)
                    visit(action, p, v, (enum state)(s % STATE_COUNT), s < STATE_COUNT);
}

/* It is played by those who could play a draft; the lecture itself is seen as before. */
static void a_recording_can_be_withheld(void **state)
{
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++)
        for (enum visibility v = 0; v < VIS_COUNT; v++) {
            struct policy_object o = object_of(p, v, PUBLISHED, true);
            o.withheld = true;
            for (enum action action = ACT_LECTURE_LIST; action <= ACT_LECTURE_DOWNLOAD; action++) {
                bool recording = action == ACT_LECTURE_PLAY || action == ACT_LECTURE_DOWNLOAD;
                assert_int_equal(policy_may(actor_of(p), action, &o),
                                 rights_look(action, p, v, recording ? DRAFT : PUBLISHED, true));
            }
        }
}

/* To everybody but the person and programs it does not exist, whatever they may do around it; and nothing of it can be shown to others. */
static void a_rehearsal_is_of_one_person(void **state)
{
    const enum person whose = ASSISTANT + RIGHT_UPLOAD;
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++)
        for (enum action action = 0; action < ACT_COUNT; action++) {
            struct policy_object o = object_of(p, VIS_HIDDEN, DRAFT, false);
            o.rehearsal = o.lecture = true;
            bool of_it = action == ACT_COURSE_UPLOAD || action == ACT_LECTURE_PAGE ||
                         action == ACT_LECTURE_PLAY || action == ACT_LECTURE_LIVE ||
                         action == ACT_LECTURE_DOWNLOAD;
            if (o.staff && p != whose)
                continue;
            assert_int_equal(policy_may(actor_of(p), action, &o), p == PROGRAM || (p == whose && of_it));
            o.lecture = false;
            assert_int_equal(policy_may(actor_of(p), action, &o), p == PROGRAM);
        }
}

static void a_hall_is_given_as_it_says(void **state)
{
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++)
        for (enum hall_booking booking = 0; booking < HALL_BOOKING_COUNT; booking++) {
            struct policy_object course = object_of(p, VIS_HIDDEN, PUBLISHED, false);
            struct hall hall = {.organisation_path = TREE, .booking = booking};
            struct cx cx = {.actor = actor_of(p)};
            bool plans = policy_may(cx.actor, ACT_COURSE_TIMETABLE, &course);
            assert_int_equal(plans ? hall_gives(&cx, &hall) : HALL_NONE, rights_hall(p, booking));
            assert_int_equal(policy_may(cx.actor, ACT_ORG_MANAGE, &course), rights_keep_hall(p));
        }
}

static void nobody_gives_more_than_they_hold(void **state)
{
    (void)state;
    const unsigned all = (1u << RIGHT_COUNT) - 1;
    for (enum person p = 0; p < PERSON_COUNT; p++) {
        struct policy_object o = object_of(p, VIS_HIDDEN, DRAFT, false);
        const struct actor *actor = actor_of(p);
        for (enum staff_role r = STAFF_OWNER; r < STAFF_ASSISTANT; r++)
            assert_int_equal(policy_may_give(actor, &o, r, 0), rights_give(p, r, 0));
        bool every = true;
        for (enum staff_right right = 0; right < RIGHT_COUNT; right++) {
            bool may = rights_give(p, STAFF_ASSISTANT, right);
            assert_int_equal(policy_may_give(actor, &o, STAFF_ASSISTANT, 1u << right), may);
            every &= may;
        }
        assert_int_equal(policy_may_give(actor, &o, STAFF_ASSISTANT, all), every);
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
    struct policy_object o = object_of(VISITOR, VIS_SIGNEDIN, PUBLISHED, true);
    struct policy_object later = object_of(VISITOR, VIS_PUBLIC, PUBLISHED, true);
    later.withheld = true; /* signing in would not help */
    expect(NULL, ACT_LECTURE_PLAY, &later, RC_DENIED, "withheld");
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
    o = object_of(VISITOR, VIS_PUBLIC, PUBLISHED, true);
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
    expect(actor_of(ORG_MAINTAINER), ACT_INSTALL, NULL, RC_DENIED, "not_allowed");
}

static void lists_know_what_one_manages(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct role_grant two[] = {
        {ROLE_MAINTAINER, 4, "/1/4/"}, {ROLE_LECTURER, 5, "/1/5/"}, {ROLE_MAINTAINER, 7, "/1/7/"}};
    const struct actor a = {.user_id = 1, .login = "m", .grants = two, .grant_count = 3};
    assert_string_equal(actor_managed(arena, &a), "^(/1/4/|/1/7/)");
    assert_string_equal(actor_managed(arena, actor_of(ADMIN)), "^/");
    assert_string_equal(actor_managed(arena, actor_of(PROGRAM)), "^/");
    assert_string_equal(actor_managed(arena, actor_of(ORG_LECTURER)), "^-");
    assert_string_equal(actor_managed(arena, NULL), "^-");
    arena_free(arena);
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
    assert_false(actor_has_role(actor_of(ORG_LECTURER), ROLE_MAINTAINER));
    assert_false(actor_has_role(NULL, ROLE_LECTURER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_person_visibility_and_state),
        cmocka_unit_test(a_recording_can_be_withheld),
        cmocka_unit_test(a_rehearsal_is_of_one_person),
        cmocka_unit_test(a_hall_is_given_as_it_says),
        cmocka_unit_test(nobody_gives_more_than_they_hold),
        cmocka_unit_test(a_path_is_not_a_prefix_of_its_neighbour),
        cmocka_unit_test(failures_say_what_helps),
        cmocka_unit_test(lists_know_what_one_manages),
        cmocka_unit_test(words_go_both_ways),
    };
    rights_read();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
