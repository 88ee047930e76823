/* The rows of rights.txt as people of a database: what each opens, and what each finds in every list, which are SQL.
 * For each visibility there is a course that is there and one that is deleted; each has a lecture in every state. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/lecture.h"
#include "tests/unit/svc/rights.h"
#include "tests/unit/svc/world.h"

enum { MANY = 100 };

static struct world w;
static struct cx *cx;
static int64_t person[PERSON_COUNT]; /* 0: a visitor, -1: the program */
static struct made {
    int64_t id;
    const char *slug, *key;
    const char *lecture[STATE_COUNT];
} course[VIS_COUNT][2]; /* [1]: deleted */

/* --- the world --- */

static int64_t add_org(const char *slug, int64_t parent)
{
    int64_t id = 0;
    struct org_new in = {.slug = slug, .name = slug, .parent_id = parent};
    assert_ok(shown(cx, org_create(cx, &in, &id)));
    return id;
}

static const char *login_of(enum person p)
{
    return arena_printf(cx->arena, "p%d", (int)p);
}

static void make_people(int64_t here, int64_t below, int64_t beside)
{
    const int64_t places[PLACE_COUNT] = {
        [HERE] = here, [ABOVE] = w.school, [BELOW] = below, [BESIDE] = beside};
    for (enum person p = SIGNED_IN; p < PROGRAM; p++)
        person[p] = world_person(&w, login_of(p));
    person[PROGRAM] = -1;
    for (int place = 0; place < PLACE_COUNT; place++) {
        assert_ok(user_grant(cx, person[ORG_LECTURER + place], ROLE_LECTURER, places[place]));
        assert_ok(user_grant(cx, person[ORG_MAINTAINER + place], ROLE_MAINTAINER, places[place]));
    }
    assert_ok(user_grant(cx, person[ADMIN], ROLE_ADMIN, 0));
}

static void add_people(int64_t id)
{
    assert_ok(course_students_add(cx, id, login_of(ENROLLED)));
    assert_ok(course_staff_give(cx, id, login_of(OWNER), STAFF_OWNER, 0));
    assert_ok(course_staff_give(cx, id, login_of(LECTURER), STAFF_LECTURER, 0));
    for (enum staff_right r = 0; r < RIGHT_COUNT; r++)
        assert_ok(course_staff_give(cx, id, login_of(ASSISTANT + r), STAFF_ASSISTANT, 1u << r));
}

static enum rc watchable_tx(struct cx *c, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(c, ACT_COURSE_TEACH, arg, &l);
    return rc == RC_OK ? lecture_set_generation(c, l->id, 1, 90000, "CAM") : rc;
}

static const char *add_lecture(int64_t id, enum state s)
{
    const char *key = NULL;
    struct lecture_edit in = {.title = "L", .starts_at = clock_now() - 3600000, .ends_at = NO_TIME};
    assert_ok(shown(cx, lecture_create(cx, id, &in, &key, NULL)));
    assert_ok(shown(cx, db_tx(cx, watchable_tx, arena_strdup(cx->arena, key))));
    if (s != DRAFT)
        assert_ok(lecture_publish(cx, key));
    if (s == UNPUBLISHED)
        assert_ok(lecture_unpublish(cx, key));
    if (s == DELETED)
        assert_ok(lecture_delete(cx, key));
    return key;
}

static void make_course(int64_t org, enum visibility v, bool deleted)
{
    struct made *m = &course[v][deleted];
    struct course *c = NULL;
    m->slug = arena_printf(cx->arena, "%s%s", visibility_name(v), deleted ? "-deleted" : "");
    struct course_edit in = {
        .name = m->slug, .slug = m->slug, .term_id = w.term, .organisation_id = org, .visibility = v};
    in.downloads = true;
    assert_ok(shown(cx, course_create(cx, &in, &m->id)));
    add_people(m->id);
    for (enum state s = 0; s < STATE_COUNT; s++)
        m->lecture[s] = add_lecture(m->id, s);
    assert_ok(course_get(cx, ACT_COURSE_TEACH, m->id, &c));
    m->key = c->key;
    if (deleted)
        assert_ok(course_delete(cx, m->id));
}

static void make_all(void)
{
    become(&w, -1);
    int64_t here = add_org("here", w.school), below = add_org("below", here),
            beside = add_org("beside", w.school);
    make_people(here, below, beside);
    for (enum visibility v = 0; v < VIS_COUNT; v++)
        for (int deleted = 0; deleted < 2; deleted++)
            make_course(here, v, deleted);
}

/* --- what is compared --- */

static bool is_staff(enum person p)
{
    return p >= OWNER && p < ORG_LECTURER;
}

static void same(bool got, bool expected, enum person p, const char *what, const char *object)
{
    if (got != expected)
        fail_msg("%s, %s, %s: %s", person_names[p], what, object, got ? "is there" : "is not there");
    err_clear(cx);
}

static bool in_courses(const struct course_list *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].id == id)
            return true;
    return false;
}

static bool in_lectures(const struct lecture_list *list, const char *key)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->item[i].key, key) == 0)
            return true;
    return false;
}

/* --- the tests: each for one person --- */

static void compare_course_lists(enum person p)
{
    struct course_list term, deleted, mine, taught;
    assert_ok(shown(cx, course_list_term(cx, w.term, "", MANY, 0, &term)));
    assert_ok(shown(cx, course_list_deleted(cx, MANY, &deleted)));
    assert_ok(shown(cx, course_list_mine(cx, MANY, 0, &mine)));
    assert_ok(shown(cx, course_list_taught(cx, MANY, 0, &taught)));
    for (enum visibility v = 0; v < VIS_COUNT; v++) {
        for (int gone = 0; gone < 2; gone++) {
            const struct made *m = &course[v][gone];
            bool listed = rights_look(ACT_COURSE_LIST, p, v, gone ? DELETED : PUBLISHED, true);
            bool own = rights_do(ACT_COURSE_OWN, p) && p != PROGRAM; /* programs have no list of their own */
            same(in_courses(&term, m->id), listed, p, "course_list_term", m->slug);
            same(in_courses(&deleted, m->id), gone && own, p, "course_list_deleted", m->slug);
            same(in_courses(&mine, m->id), listed && (is_staff(p) || p == ENROLLED), p, "course_list_mine",
                 m->slug);
            same(in_courses(&taught, m->id), !gone && is_staff(p), p, "course_list_taught", m->slug);
        }
    }
}

static void compare_recent(enum person p)
{
    struct lecture_list recent, open;
    assert_ok(shown(cx, lecture_list_recent(cx, MANY, &recent)));
    assert_ok(shown(cx, lecture_list_recent_public(cx, MANY, &open)));
    for (enum visibility v = 0; v < VIS_COUNT; v++) {
        for (int gone = 0; gone < 2; gone++) {
            for (enum state s = 0; s < STATE_COUNT; s++) {
                const struct made *m = &course[v][gone];
                bool there = s == PUBLISHED && !gone;
                bool listed = there && rights_look(ACT_LECTURE_LIST, p, v, s, true);
                same(in_lectures(&recent, m->lecture[s]), listed && (is_staff(p) || p == ENROLLED), p,
                     "lecture_list_recent", m->slug);
                same(in_lectures(&open, m->lecture[s]),
                     there && rights_look(ACT_LECTURE_LIST, VISITOR, v, s, true), p,
                     "lecture_list_recent_public", m->slug);
            }
        }
    }
}

/* Everything but lists of others: the page of the course, each lecture, the lists in the course. */
static void compare_course(enum person p, enum visibility v, bool gone)
{
    const struct made *m = &course[v][gone];
    struct course *c = NULL;
    struct lecture_list deleted;
    struct lecture_part part;
    struct lecture_range range = {.limit = LECTURE_PAGE};
    enum state there = gone ? DELETED : PUBLISHED;
    for (enum action a = ACT_COURSE_TEACH; a <= ACT_COURSE_OWN; a++)
        same(course_get(cx, a, m->id, &c) == RC_OK, rights_do(a, p), p,
             arena_printf(cx->arena, "action %d", a), m->slug);
    enum rc rc = course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", m->slug, p == LINK ? m->key : NULL, &c);
    same(rc == RC_OK, rights_look(ACT_COURSE_PAGE, p, v, there, true), p, "course.page", m->slug);
    if (rc != RC_OK)
        return;
    assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
    assert_ok(shown(cx, lecture_list_deleted(cx, c, MANY, &deleted)));
    for (enum state s = 0; s < STATE_COUNT; s++) {
        same(in_lectures(&part.list, m->lecture[s]), rights_look(ACT_LECTURE_PAGE, p, v, s, true), p,
             "lecture_list_by_course", m->slug);
        same(in_lectures(&deleted, m->lecture[s]), s == DELETED && rights_do(ACT_COURSE_TIMETABLE, p), p,
             "lecture_list_deleted", m->slug);
    }
}

/* The key of a lecture is its link, so the pages of hidden ones are open for everybody who has it. */
static void compare_lecture(enum person p, enum visibility v, bool gone, enum state s)
{
    const struct made *m = &course[v][gone];
    struct lecture *l = NULL;
    enum state state = gone ? DELETED : s;
    for (enum action a = ACT_LECTURE_PAGE; a <= ACT_LECTURE_DOWNLOAD; a++)
        same(lecture_get(cx, a, m->lecture[s], &l) == RC_OK,
             rights_look(a, p, v, state, true) || rights_look(a, LINK, v, state, true), p,
             arena_printf(cx->arena, "action %d, state %d", a, s), m->slug);
    for (enum action a = ACT_COURSE_TEACH; a <= ACT_COURSE_OWN; a++)
        same(lecture_get(cx, a, m->lecture[s], &l) == RC_OK, rights_do(a, p), p,
             arena_printf(cx->arena, "action %d on a lecture, state %d", a, s), m->slug);
}

static void everybody_finds_what_they_may_see(void **state)
{
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++) {
        if (p == LINK)
            continue; /* a link opens a page and changes no list */
        become(&w, person[p]);
        compare_course_lists(p);
        compare_recent(p);
    }
}

static void everybody_opens_what_they_may_open(void **state)
{
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++) {
        become(&w, person[p]);
        for (enum visibility v = 0; v < VIS_COUNT; v++)
            for (int gone = 0; gone < 2; gone++)
                compare_course(p, v, gone);
    }
}

static void everybody_does_with_a_lecture_what_they_may(void **state)
{
    (void)state;
    for (enum person p = 0; p < PERSON_COUNT; p++) {
        become(&w, person[p]);
        for (enum visibility v = 0; v < VIS_COUNT; v++)
            for (int gone = 0; gone < 2; gone++)
                for (enum state s = 0; s < STATE_COUNT; s++)
                    compare_lecture(p, v, gone, s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_finds_what_they_may_see),
        cmocka_unit_test(everybody_opens_what_they_may_open),
        cmocka_unit_test(everybody_does_with_a_lecture_what_they_may),
    };
    rights_read();
    if (!world_init(&w))
        return 0;
    cx = &w.cx;
    make_all();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
