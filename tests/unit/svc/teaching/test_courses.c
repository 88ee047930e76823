/* Courses and lectures: rights, lists, states, undo, progress, and that the cost of lists does not depend on
 * their length. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/progress.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static int64_t
    course_of[VIS_COUNT]; /* one course per visibility, run by w.lecturer, w.student enrolled in all */
static const char *lecture_of[VIS_COUNT];
static const int64_t HOUR = 3600 * 1000;

static void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

static int64_t add_course(const char *slug, enum visibility v)
{
    int64_t id = 0;
    struct course_edit in = {.name = slug,
                             .slug = slug,
                             .term_id = w.term,
                             .organisation_id = w.school,
                             .visibility = v,
                             .downloads = true};
    assert_ok(shown(cx, course_create(cx, &in, &id)));
    return id;
}

static const char *add_lecture(int64_t course, const char *title, int64_t starts_at, bool publish)
{
    const char *key = NULL;
    struct lecture_edit in = {.title = title, .starts_at = starts_at, .ends_at = starts_at + HOUR};
    assert_ok(shown(cx, lecture_create(cx, course, &in, &key, NULL)));
    if (publish)
        assert_ok(lecture_publish(cx, key));
    return key;
}

/* As the pipeline would: the next generation of something to watch. */
static enum rc better_tx(struct cx *c, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(c, ACT_COURSE_TEACH, arg, &l);
    return rc == RC_OK ? lecture_set_generation(c, l->id, l->generation + 1, 90000, "CAM") : rc;
}

/* The first one, with the states that lead to it. */
static enum rc watchable_tx(struct cx *c, void *arg)
{
    struct lecture *l = NULL;
    enum rc rc = lecture_get(c, ACT_COURSE_TEACH, arg, &l);
    static const enum media_event way[] = {MEDIA_ON_UPLOAD, MEDIA_ON_PROCESS, MEDIA_ON_COMMIT};
    for (size_t i = 0; rc == RC_OK && i < sizeof way / sizeof *way; i++)
        rc = lecture_media_move(c, l->id, way[i], NULL);
    return rc == RC_OK ? better_tx(c, arg) : rc;
}

static enum rc list_all(const struct course *c, struct lecture_list *list)
{
    struct lecture_part part;
    struct lecture_range range = {.limit = LECTURE_PAGE};
    enum rc rc = lecture_list_by_course(cx, c, &range, &part);
    if (rc == RC_OK)
        *list = part.list;
    return rc;
}

static void make_watchable(const char *key)
{
    assert_ok(shown(cx, db_tx(cx, watchable_tx, arena_strdup(cx->arena, key))));
}

static void make_better(const char *key)
{
    assert_ok(shown(cx, db_tx(cx, better_tx, arena_strdup(cx->arena, key))));
}

static void make_courses(void)
{
    static const char *const slugs[VIS_COUNT] = {"open", "inside", "members", "secret"};
    for (int v = 0; v < VIS_COUNT; v++) {
        become(&w, w.lecturer);
        course_of[v] = add_course(slugs[v], (enum visibility)v);
        lecture_of[v] = add_lecture(course_of[v], "First", clock_now() - 48 * HOUR, true);
        assert_ok(shown(cx, course_students_add(cx, course_of[v], "student")));
        become(&w, -1);
        make_watchable(lecture_of[v]);
    }
}

static bool listed(const struct course_list *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].id == id)
            return true;
    return false;
}

/* The list of a term is SQL, the right to see a course in it is policy.c: they must agree for every person
 * and every visibility. */
static void the_list_of_a_term_follows_the_policy(void **state)
{
    (void)state;
    const int64_t people[] = {0, -1, w.admin, w.maintainer, w.foreign, w.lecturer, w.student, w.stranger};
    for (size_t p = 0; p < sizeof people / sizeof *people; p++) {
        struct course_list list;
        become(&w, people[p]);
        assert_ok(shown(cx, course_list_term(cx, w.term, 100, 0, &list)));
        assert_int_equal(list.total, list.n);
        for (int v = 0; v < VIS_COUNT; v++) {
            struct course *c = NULL;
            enum rc rc = course_get(cx, ACT_COURSE_LIST, course_of[v], &c);
            if (listed(&list, course_of[v]) != (rc == RC_OK))
                fail_msg("person %zu, visibility %d: list and policy differ", p, v);
        }
    }
    struct course_list list;
    become(&w, 0);
    assert_ok(course_list_term(cx, w.term, 1, 0, &list));
    assert_int_equal(list.n, 1);
    become(&w, -1);
    assert_ok(course_list_term(cx, w.term, 2, 1, &list));
    assert_int_equal(list.n, 2);
    assert_int_equal(list.total, VIS_COUNT);
}

static void hidden_things_open_for_whoever_holds_the_link(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    become(&w, 0);
    assert_fails(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", NULL, &c), RC_NOTFOUND,
                 "course_unknown");
    assert_fails(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", "aaaaaaaaaaaa", &c), RC_NOTFOUND,
                 "course_unknown");
    become(&w, w.lecturer);
    assert_ok(course_get(cx, ACT_COURSE_OWN, course_of[VIS_HIDDEN], &c));
    const char *key = c->key;
    become(&w, 0);
    assert_ok(course_get_by_slug(cx, ACT_COURSE_PAGE, "2026w", "secret", key, &c));
    assert_fails(course_get_by_slug(cx, ACT_COURSE_LIST, "2026w", "secret", key, &c), RC_DENIED, "signin");
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_HIDDEN], &l));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, lecture_of[VIS_PUBLIC], &l));
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_SIGNEDIN], &l), RC_DENIED, "signin");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_ENROLLED], &l), RC_DENIED, "signin");
    become(&w, w.stranger);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_SIGNEDIN], &l));
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_ENROLLED], &l), RC_DENIED, "not_enrolled");
    assert_fails(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[VIS_PUBLIC], &l), RC_DENIED, "not_allowed");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, "nosuchlectur", &l), RC_NOTFOUND, "lecture_unknown");
    assert_fails(lecture_get(cx, ACT_LECTURE_PLAY, "../../etc", &l), RC_NOTFOUND, "lecture_unknown");
}

static void courses_are_checked(void **state)
{
    (void)state;
    int64_t id = 0;
    struct course *c = NULL;
    struct course_edit in = {
        .name = "Open again", .slug = "open", .term_id = w.term, .organisation_id = w.school};
    become(&w, w.lecturer);
    assert_fails(course_create(cx, &in, &id), RC_CONFLICT, "course_slug_taken");
    in.term_id = w.old_term; /* the same slug in another term */
    assert_ok(shown(cx, course_create(cx, &in, &id)));
    assert_fails(
        course_update(cx, id,
                      &(struct course_edit){
                          .name = "x", .slug = "open", .term_id = w.term, .organisation_id = w.school}),
        RC_CONFLICT, "course_slug_taken");
    in.organisation_id = w.other;
    in.slug = "foreign";
    assert_fails(course_create(cx, &in, &id), RC_DENIED, "not_allowed");
    assert_fails(course_update(cx, id, &in), RC_DENIED, "not_allowed");
    in.organisation_id = 4711;
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "org_unknown");
    in.organisation_id = w.school;
    in.term_id = 4711;
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "term_unknown");
    in.term_id = w.term;
    in.slug = "Not a slug";
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "slug_invalid");
    in.slug = "fine";
    in.name = "";
    assert_fails(course_create(cx, &in, &id), RC_INVALID, "course_name_invalid");
    in.name = "<script>alert('\xf0\x9f\x92\xa5')</script> \xd7\xa9";
    in.description = "# Markdown";
    in.visibility = VIS_HIDDEN;
    assert_ok(course_update(cx, id, &in));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_string_equal(c->name, in.name);
    assert_string_equal(c->description, "# Markdown");
    assert_int_equal(c->visibility, VIS_HIDDEN);
    assert_string_equal(c->staff, "lecturer");
    in.description = NULL;
    assert_ok(course_update(cx, id, &in));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_string_equal(c->description, "# Markdown");
    become(&w, w.student);
    assert_fails(course_create(cx, &in, &id), RC_DENIED, "not_allowed");
    assert_fails(course_update(cx, course_of[VIS_PUBLIC], &in), RC_DENIED, "not_allowed");
    assert_fails(course_delete(cx, course_of[VIS_PUBLIC]), RC_DENIED, "not_allowed");
    assert_fails(course_staff_give(cx, course_of[VIS_PUBLIC], "student", STAFF_OWNER, 0), RC_DENIED,
                 "not_allowed");
    assert_fails(course_students_add(cx, course_of[VIS_PUBLIC], "stranger"), RC_DENIED, "not_allowed");
    become(&w, w.foreign);
    assert_fails(course_delete(cx, course_of[VIS_PUBLIC]), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

static void a_deleted_course_is_gone_until_undone(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    struct course_list list;
    become(&w, w.lecturer);
    int64_t id = add_course("going", VIS_PUBLIC);
    const char *key = add_lecture(id, "Going", clock_now() - HOUR, true);
    assert_ok(course_delete(cx, id));
    assert_ok(course_delete(cx, id));
    become(&w, 0);
    assert_fails(course_get(cx, ACT_COURSE_PAGE, id, &c), RC_NOTFOUND, "course_unknown");
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, key, &l), RC_NOTFOUND, "lecture_unknown");
    assert_ok(course_list_public(cx, w.term, 100, &list));
    assert_false(listed(&list, id));
    become(&w, w.lecturer);
    assert_ok(course_list_taught(cx, 100, 0, &list));
    assert_false(listed(&list, id));
    assert_fails(
        course_create(cx,
                      &(struct course_edit){
                          .name = "g", .slug = "going", .term_id = w.term, .organisation_id = w.school},
                      &id),
        RC_CONFLICT, "course_slug_taken");
    assert_ok(course_undelete(cx, id));
    become(&w, 0);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    become(&w, w.lecturer);
    assert_ok(db_exec(cx, SQL_course_set_deleted, NULL, "ti", clock_now() - 15 * 24 * HOUR, id));
    assert_fails(course_undelete(cx, id), RC_CONFLICT, "undo_over");
    struct lecture_list purge;
    assert_ok(lecture_list_purgeable(cx, 10, &purge));
    assert_int_equal(purge.n, 1);
    assert_string_equal(purge.item[0].key, key);
}

/* --- lectures --- */

static void lectures_are_numbered_and_drafts_are_private(void **state)
{
    (void)state;
    struct course *c = NULL;
    struct lecture *l = NULL;
    struct lecture_list list;
    int64_t now = clock_now();
    become(&w, w.lecturer);
    int64_t id = add_course("numbered", VIS_PUBLIC);
    const char *third = add_lecture(id, "Third", now + 48 * HOUR, true);
    const char *first = add_lecture(id, "First", now - 48 * HOUR, true);
    const char *second = add_lecture(id, "Second", now - 24 * HOUR, false);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_ok(list_all(c, &list));
    assert_int_equal(list.n, 3);
    assert_string_equal(list.item[1].key, second);
    assert_int_equal(list.item[0].time_state, TIME_ENDED);
    assert_int_equal(list.item[2].time_state, TIME_PLANNED);
    become(&w, 0);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_int_equal(c->lecture_count, 2);
    assert_ok(list_all(c, &list));
    assert_int_equal(list.n, 2);
    assert_string_equal(list.item[1].key, third);
    assert_int_equal(list.item[1].number, 3);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, third, &l));
    assert_int_equal(l->number, 3);
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, first, &l));
    assert_int_equal(l->number, 1);
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, second, &l), RC_NOTFOUND, "lecture_unknown");
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

static void lectures_are_checked(void **state)
{
    (void)state;
    const char *key = NULL;
    struct lecture *l = NULL;
    char *text = arena_alloc(cx->arena, 2 * LECTURE_DESCRIPTION_MAX + 8);
    int64_t now = clock_now();
    struct lecture_edit in = {.title = "", .starts_at = now, .ends_at = NO_TIME};
    become(&w, w.lecturer);
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_title_invalid");
    in.title = "T";
    in.ends_at = now;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = NO_TIME;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = INT64_MAX / 2;
    in.ends_at = NO_TIME;
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_INVALID, "lecture_times");
    in.starts_at = now;
    in.ends_at = NO_TIME;
    for (int i = 0; i < LECTURE_DESCRIPTION_MAX; i++)
        memcpy(text + 2 * i, "\xc3\xbc", 2);
    in.description = text;
    assert_ok(shown(cx, lecture_create(cx, course_of[0], &in, &key, NULL)));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->description, text);
    assert_int_equal(l->ends_at, NO_TIME);
    assert_int_equal(l->access, ACCESS_DRAFT);
    memcpy(text + 2 * LECTURE_DESCRIPTION_MAX, "x", 2);
    assert_fails(lecture_update(cx, key, &in), RC_INVALID, "lecture_description_long");
    in.description = NULL;
    in.title = "Renamed";
    assert_ok(lecture_update(cx, key, &in));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_string_equal(l->title, "Renamed");
    assert_int_equal(strlen(l->description), 2 * LECTURE_DESCRIPTION_MAX);
    become(&w, w.student);
    assert_fails(lecture_update(cx, lecture_of[0], &in), RC_DENIED, "not_allowed");
    assert_fails(lecture_create(cx, course_of[0], &in, &key, NULL), RC_DENIED, "not_allowed");
    assert_fails(lecture_delete(cx, lecture_of[0]), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, l->key));
}

static void a_deleted_lecture_can_be_brought_back(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, w.lecturer);
    const char *key = add_lecture(course_of[0], "Oops", clock_now() - HOUR, true);
    assert_ok(lecture_delete(cx, key));
    assert_ok(lecture_delete(cx, key));
    assert_fails(lecture_get(cx, ACT_LECTURE_PAGE, key, &l), RC_NOTFOUND, "lecture_unknown");
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_true(l->deleted_at != NO_TIME);
    assert_ok(lecture_undelete(cx, key));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    assert_int_equal(l->access, ACCESS_PUBLISHED);
    int64_t old = clock_now() - 15 * 24 * HOUR;
    assert_ok(db_exec(cx, SQL_lecture_set_deleted, NULL, "tti", old, old, l->id));
    assert_fails(lecture_undelete(cx, key), RC_CONFLICT, "undo_over");
}

/* --- states --- */

static void every_pair_of_time_state_and_event(void **state)
{
    (void)state;
    static const int expected[TIME_STATE_COUNT][TIME_EVENT_COUNT] = {
        /*              start       end         pass */
        [TIME_PLANNED] = {TIME_LIVE, -1, TIME_ENDED},
        [TIME_LIVE] = {TIME_LIVE, TIME_ENDED, -1},
        [TIME_ENDED] = {-1, TIME_ENDED, TIME_ENDED},
    };
    for (int s = 0; s < TIME_STATE_COUNT; s++) {
        for (int e = 0; e < TIME_EVENT_COUNT; e++) {
            enum time_state next = TIME_STATE_COUNT;
            bool can = time_next((enum time_state)s, (enum time_event)e, &next);
            assert_int_equal(can ? (int)next : -1, expected[s][e]);
            assert_true(can || next == TIME_STATE_COUNT);
        }
    }
}

static void every_pair_of_access_state_and_event(void **state)
{
    (void)state;
    static const int expected[ACCESS_COUNT][ACCESS_EVENT_COUNT] = {
        [ACCESS_DRAFT] = {ACCESS_PUBLISHED, -1},
        [ACCESS_PUBLISHED] = {ACCESS_PUBLISHED, ACCESS_UNPUBLISHED},
        [ACCESS_UNPUBLISHED] = {ACCESS_PUBLISHED, ACCESS_UNPUBLISHED},
    };
    for (int s = 0; s < ACCESS_COUNT; s++) {
        for (int e = 0; e < ACCESS_EVENT_COUNT; e++) {
            enum access next = ACCESS_COUNT;
            bool can = access_next((enum access)s, (enum access_event)e, &next);
            assert_int_equal(can ? (int)next : -1, expected[s][e]);
        }
    }
}

/* Every event on a stored lecture in every media state does what the table says; an illegal one changes
 * nothing. */
static void moves_in_the_database_follow_the_tables(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, w.lecturer);
    const char *key = add_lecture(course_of[0], "States", clock_now() - HOUR, false);
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    int64_t id = l->id;
    enum media_state from = l->media_state;
    for (int s = 0; s < MEDIA_STATE_COUNT; s++) {
        for (int e = 0; e < MEDIA_EVENT_COUNT; e++) {
            enum media_state next = (enum media_state)s;
            bool can = media_next((enum media_state)s, (enum media_event)e, &next);
            assert_ok(db_exec(cx, SQL_lecture_set_media, NULL, "sstis", media_state_name((enum media_state)s),
                              "", clock_now(), id, media_state_name(from)));
            assert_rc(lecture_media_move(cx, id, (enum media_event)e, e == MEDIA_ON_FAIL ? "no_video" : NULL),
                      can ? RC_OK : RC_CONFLICT);
            assert_ok(lecture_get_by_id(cx, ACT_COURSE_TEACH, id, &l));
            assert_int_equal(l->media_state, next);
            assert_string_equal(l->media_reason, can && e == MEDIA_ON_FAIL ? "no_video" : "");
            from = next;
        }
    }
    assert_ok(lecture_time_move(cx, id, TIME_ON_PASS));
    assert_fails(lecture_time_move(cx, id, TIME_ON_START), RC_CONFLICT, "lecture_state");
    assert_fails(lecture_unpublish(cx, key), RC_CONFLICT, "lecture_state");
    assert_ok(lecture_publish(cx, key));
    assert_ok(lecture_get(cx, ACT_LECTURE_PAGE, key, &l));
    int64_t at = l->published_at;
    assert_true(at != NO_TIME);
    assert_ok(lecture_publish(cx, key));
    assert_ok(lecture_unpublish(cx, key));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    assert_int_equal(l->published_at, at);
    assert_fails(lecture_media_move(cx, 999999, MEDIA_ON_UPLOAD, NULL), RC_NOTFOUND, "lecture_unknown");
    assert_ok(lecture_delete(cx, key));
}

static void lectures_end_when_their_hour_is_over(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    int64_t count = 0, now = clock_now();
    become(&w, w.lecturer);
    const char *soon = add_lecture(course_of[0], "Soon", now + HOUR, false);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, soon, &l));
    assert_int_equal(l->time_state, TIME_PLANNED);
    become(&w, -1);
    assert_ok(shown(cx, lecture_time_sweep(cx, &count)));
    assert_int_equal(count, 0);
    assert_ok(db_exec(cx, SQL_lecture_update, NULL, "ssttti", "Soon", NULL, now - 2 * HOUR, now - HOUR, now,
                      l->id));
    assert_ok(lecture_time_sweep(cx, &count));
    assert_int_equal(count, 1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, soon, &l));
    assert_int_equal(l->time_state, TIME_ENDED);
    assert_ok(lecture_delete(cx, soon));
}

static void generations_only_count_up(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[0], &l));
    assert_int_equal(l->generation, 1);
    assert_string_equal(l->poster_view, "CAM");
    assert_fails(lecture_set_generation(cx, l->id, 1, 5, NULL), RC_CONFLICT, "lecture_generation");
    assert_fails(lecture_set_generation(cx, l->id, 3, 5, NULL), RC_CONFLICT, "lecture_generation");
    assert_ok(lecture_set_generation(cx, l->id, 2, 95000, NULL));
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, lecture_of[0], &l));
    assert_int_equal(l->generation, 2);
    assert_int_equal(l->duration_ms, 95000);
    assert_string_equal(l->poster_view, "CAM");
    assert_ok(lecture_set_node(cx, l->id, 7));
    assert_ok(lecture_set_node(cx, l->id, 7));
    assert_fails(lecture_set_node(cx, l->id, 8), RC_CONFLICT, "lecture_node");
}

/* --- watching --- */

static void people_go_on_where_they_left(void **state)
{
    (void)state;
    struct lecture *l = NULL;
    struct lecture_list list;
    become(&w, w.student);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, 0);
    for (int v = 0; v < VIS_COUNT; v++) {
        assert_ok(shown(cx, lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[v], &l)));
        assert_ok(progress_save(cx, l, 30000, false));
    }
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_int_equal(l->position_ms, 30000);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT);
    assert_ok(lecture_list_continue(cx, 2, &list));
    assert_int_equal(list.n, 2);
    assert_ok(progress_save(cx, l, 90000, true));
    assert_ok(progress_save(cx, l, 1000, false));
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT - 1);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_true(l->watched);
    assert_rc(progress_save(cx, l, -1, false), RC_INVALID);
    /* a person who is no longer enrolled does not see it there */
    become(&w, w.lecturer);
    assert_ok(course_students_remove(cx, course_of[VIS_ENROLLED], w.student));
    become(&w, w.student);
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, VIS_COUNT - 2);
    become(&w, w.lecturer);
    assert_ok(course_students_add(cx, course_of[VIS_ENROLLED], "student"));
    become(&w, 0);
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, lecture_of[VIS_PUBLIC], &l));
    assert_fails(progress_save(cx, l, 1, false), RC_DENIED, "signin");
    assert_ok(lecture_list_continue(cx, 10, &list));
    assert_int_equal(list.n, 0);
}

static void lists_of_the_start_page(void **state)
{
    (void)state;
    struct course_list courses;
    struct lecture_list lectures;
    become(&w, w.student);
    assert_ok(course_list_mine(cx, 100, 0, &courses));
    assert_int_equal(courses.n, VIS_COUNT - 1); /* all but the hidden one */
    for (size_t i = 0; i < courses.n; i++) {
        assert_int_not_equal(courses.item[i].visibility, VIS_HIDDEN);
        assert_string_equal(courses.item[i].staff, "lecturer");
        assert_int_equal(courses.item[i].lecture_count, 1);
        assert_int_equal(courses.item[i].new_count, 0); /* begun above */
    }
    assert_ok(lecture_list_recent(cx, 10, &lectures));
    assert_int_equal(lectures.n, VIS_COUNT - 1);
    become(&w, w.lecturer);
    assert_ok(lecture_list_recent(cx, 10, &lectures));
    assert_int_equal(lectures.n, VIS_COUNT);
    assert_ok(course_list_mine(cx, 100, 0, &courses));
    assert_int_equal(courses.n, VIS_COUNT);
    assert_int_equal(courses.item[0].new_count, 1);
    const char *draft = add_lecture(course_of[0], "Draft", clock_now(), false);
    assert_ok(course_list_taught(cx, 100, 0, &courses));
    int64_t drafts = 0;
    for (size_t i = 0; i < courses.n; i++)
        drafts += courses.item[i].draft_count;
    assert_int_equal(drafts, 1);
    assert_ok(lecture_delete(cx, draft));
    become(&w, 0);
    assert_ok(lecture_list_recent_public(cx, 10, &lectures));
    assert_int_equal(lectures.n, 1);
    assert_string_equal(lectures.item[0].key, lecture_of[VIS_PUBLIC]);
    assert_ok(course_list_public(cx, w.term, 10, &courses));
    assert_int_equal(courses.n, 1);
    assert_ok(course_list_mine(cx, 10, 0, &courses));
    assert_int_equal(courses.n, 0);
}

/* The first of what is new in public courses and in the student's. */
static void assert_newest(const char *public, const char *mine)
{
    struct lecture_list list;
    become(&w, 0);
    assert_ok(shown(cx, lecture_list_recent_public(cx, 1, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, public);
    become(&w, w.student);
    assert_ok(shown(cx, lecture_list_recent(cx, 1, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, mine);
}

/* New is what could be watched last: a publication and a recording come in any order. */
static void new_is_what_can_be_watched_since_recently(void **state)
{
    (void)state;
    const int64_t course = course_of[VIS_PUBLIC], last_year = clock_now() - 365 * 24 * HOUR;
    become(&w, w.lecturer);
    const char *early = add_lecture(course, "Published without a recording", last_year, true),
               *late = add_lecture(course, "Recorded and not published", last_year, false);
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, -1);
    make_watchable(late);
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, -1);
    make_watchable(early);
    assert_newest(early, early);
    become(&w, w.lecturer);
    assert_ok(lecture_publish(cx, late));
    assert_newest(late, late);
    become(&w, -1);
    make_better(early);
    assert_newest(late, late);
    become(&w, w.lecturer);
    assert_ok(lecture_unpublish(cx, late));
    assert_newest(early, early);
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, early));
    assert_newest(lecture_of[VIS_PUBLIC], lecture_of[VIS_ENROLLED]);
    become(&w, w.lecturer);
    assert_ok(lecture_delete(cx, late));
}

static void my_courses_have_pages(void **state)
{
    (void)state;
    struct course_list all, part;
    become(&w, w.lecturer);
    assert_ok(course_list_mine(cx, 100, 0, &all));
    assert_int_equal(all.n, VIS_COUNT);
    for (size_t i = 0; i < all.n; i++) {
        assert_ok(shown(cx, course_list_mine(cx, 1, (int64_t)i, &part)));
        assert_int_equal(part.n, 1);
        assert_int_equal(part.item[0].id, all.item[i].id);
    }
    assert_ok(course_list_mine(cx, 1, (int64_t)all.n, &part));
    assert_int_equal(part.n, 0);
}

/* Deleted courses are found by those who may restore them and by nobody else: the SQL must agree with the
 * table. */
static bool finds_deleted_course(int64_t who, int64_t id)
{
    struct course_list list;
    struct course *c = NULL;
    bool found = false;
    become(&w, who);
    assert_ok(shown(cx, course_list_deleted(cx, 100, &list)));
    for (size_t i = 0; i < list.n; i++)
        found |= list.item[i].id == id;
    assert_int_equal(found, course_get(cx, ACT_COURSE_OWN, id, &c) == RC_OK);
    err_clear(cx);
    return found;
}

static void deleted_things_are_found(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    int64_t id = add_course("lost", VIS_PUBLIC);
    const char *kept = add_lecture(id, "Kept", clock_now(), true),
               *lost = add_lecture(id, "Lost", clock_now(), true);
    struct lecture_edit edit = {.title = "Other", .starts_at = clock_now(), .ends_at = NO_TIME};
    struct course_edit move = {
        .name = "Other", .slug = "lost", .term_id = w.term, .organisation_id = w.school};
    struct course *c = NULL;
    struct lecture_list list;
    assert_ok(lecture_delete(cx, lost));
    assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
    assert_ok(shown(cx, lecture_list_deleted(cx, c, 50, &list)));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].key, lost);
    assert_fails(lecture_update(cx, lost, &edit), RC_CONFLICT, "deleted");
    assert_fails(lecture_publish(cx, lost), RC_CONFLICT, "deleted");
    assert_ok(lecture_undelete(cx, lost));
    assert_ok(lecture_list_deleted(cx, c, 50, &list));
    assert_int_equal(list.n, 0);
    assert_ok(lecture_delete(cx, lost));
    become(&w, w.student);
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    assert_ok(lecture_list_deleted(cx, c, 50, &list));
    assert_int_equal(list.n, 0);

    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
    assert_true(finds_deleted_course(w.lecturer, id));
    assert_true(finds_deleted_course(w.maintainer, id));
    assert_true(finds_deleted_course(w.admin, id));
    assert_false(finds_deleted_course(w.student, id));
    become(&w, 0);
    struct course_list none;
    assert_ok(course_list_deleted(cx, 100, &none));
    assert_int_equal(none.n, 0);
    become(&w, w.lecturer);
    assert_fails(course_update(cx, id, &move), RC_CONFLICT, "deleted");
    assert_fails(lecture_create(cx, id, &edit, &lost, NULL), RC_CONFLICT, "deleted");
    assert_fails(lecture_unpublish(cx, kept), RC_CONFLICT, "deleted");
    assert_ok(course_undelete(cx, id));
    assert_ok(lecture_unpublish(cx, kept));
    assert_ok(course_delete(cx, id));
}

/* What a page runs, counted: the same number of statements with one row and with many. */
/* Reads all parts of `limit`, forwards or backwards from the end, and gives their lectures in order. */
static size_t walk(const struct course *c, struct lecture_range range, bool back, struct lecture *out)
{
    struct lecture_part part;
    size_t n = 0;
    if (back) /* nothing follows the last part: begin at the other order's first */
        range.newest = !range.newest;
    assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
    assert_false(part.previous);
    if (back) {
        range.newest = !range.newest;
        range.before = part.list.item[0].key;
        out[n++] = part.list.item[0];
        assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
    }
    for (;;) {
        assert_true(part.list.n > 0 && part.list.n <= (size_t)range.limit);
        for (size_t i = 0; i < part.list.n; i++)
            out[n++] = part.list.item[back ? part.list.n - 1 - i : i];
        if (!(back ? part.previous : part.next))
            return n;
        if (back)
            range.before = part.list.item[0].key;
        else
            range.after = part.list.item[part.list.n - 1].key;
        assert_ok(shown(cx, lecture_list_by_course(cx, c, &range, &part)));
        assert_true(back ? part.next : part.previous);
    }
}

static void parts_of_a_course_join_without_a_gap(void **state)
{
    (void)state;
    enum { N = 23 };
    struct course *c = NULL;
    struct lecture all[N], got[N];
    struct lecture_list list;
    struct lecture_part part;
    become(&w, w.lecturer);
    int64_t id = add_course("parts", VIS_PUBLIC), now = clock_now();
    for (int i = 0; i < N; i++) /* three at a time begin together; every fourth is a draft */
        (void)add_lecture(id, "One", now + (i / 3) * HOUR, i % 4 != 3);
    for (int who = 0; who < 2; who++) {
        become(&w, who ? w.lecturer : 0);
        assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
        assert_ok(list_all(c, &list));
        assert_int_equal(list.n, who ? N : N - N / 4);
        memcpy(all, list.item, list.n * sizeof *all);
        for (int way = 0; way < 4; way++)
            for (int64_t limit = 1; limit < 9; limit++) {
                struct lecture_range range = {.newest = way & 1, .limit = limit};
                assert_int_equal(walk(c, range, way & 2, got), list.n);
                bool turned = (way == 1) != (way == 2);
                for (size_t i = 0; i < list.n; i++) {
                    const struct lecture *l = &all[turned ? list.n - 1 - i : i];
                    assert_string_equal(got[i].key, l->key);
                    assert_int_equal(got[i].number, l->number);
                }
            }
        assert_int_equal(all[list.n - 1].number, N);
    }
    /* the lecture next to a part may be deleted in the meantime; a key of another course is ignored */
    const char *key = all[10].key;
    assert_ok(lecture_delete(cx, key));
    struct lecture_range range = {.limit = 3, .after = key};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[11].key);
    assert_int_equal(part.total, N - 1);
    range = (struct lecture_range){.limit = 3, .before = lecture_of[VIS_PUBLIC]};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[0].key);
    assert_true(!part.previous && part.next);
    /* watched ones can be left out */
    make_watchable(all[0].key);
    become(&w, w.student);
    struct lecture *first = NULL;
    assert_ok(lecture_get(cx, ACT_LECTURE_PLAY, all[0].key, &first));
    assert_ok(progress_save(cx, first, 1000, true));
    assert_ok(course_get(cx, ACT_COURSE_PAGE, id, &c));
    range = (struct lecture_range){.limit = 3, .unwatched = true};
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[1].key);
    become(&w, 0);
    assert_ok(lecture_list_by_course(cx, c, &range, &part));
    assert_string_equal(part.list.item[0].key, all[0].key);
    become(&w, w.lecturer);
    assert_ok(course_delete(cx, id));
}

static uint64_t count_start_page(void)
{
    struct course_list courses;
    struct lecture_list lectures;
    struct course *c = NULL;
    uint64_t before = db_count(cx);
    assert_ok(course_list_mine(cx, 1000, 0, &courses));
    assert_ok(course_list_term(cx, w.term, 1000, 0, &courses));
    assert_ok(course_list_public(cx, w.term, 1000, &courses));
    assert_ok(course_list_taught(cx, 100, 0, &courses));
    assert_ok(course_list_deleted(cx, 1000, &courses));
    assert_ok(lecture_list_recent(cx, 1000, &lectures));
    assert_ok(lecture_list_recent_public(cx, 1000, &lectures));
    assert_ok(lecture_list_continue(cx, 1000, &lectures));
    assert_ok(course_get(cx, ACT_COURSE_PAGE, course_of[VIS_PUBLIC], &c));
    assert_ok(list_all(c, &lectures));
    assert_ok(lecture_list_deleted(cx, c, 50, &lectures));
    return db_count(cx) - before;
}

static void lists_cost_the_same_whatever_their_length(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    uint64_t few = count_start_page();
    assert_int_equal(few, 11);
    for (int i = 0; i < 25; i++) {
        int64_t id = add_course(arena_printf(cx->arena, "many-%d", i), VIS_PUBLIC);
        for (int n = 0; n < 3; n++)
            (void)add_lecture(id, "L", clock_now() - n * HOUR, true);
        (void)add_lecture(course_of[VIS_PUBLIC], "More", clock_now() - i * HOUR, true);
    }
    assert_int_equal(count_start_page(), few);
}

/* A deadlock at any statement of an act is not noticed by the caller. */
static void acts_survive_deadlocks(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    for (unsigned n = 1; n <= 6; n++) {
        const char *key = NULL;
        struct lecture_edit in = {.title = "Again", .starts_at = clock_now(), .ends_at = NO_TIME};
        db_fault(cx, n, 1213);
        assert_ok(shown(cx, lecture_create(cx, course_of[0], &in, &key, NULL)));
        db_fault(cx, n, 1213);
        assert_ok(shown(cx, lecture_publish(cx, key)));
        db_fault(cx, 0, 0);
        assert_ok(lecture_delete(cx, key));
    }
}

/* If the link is lost at any statement of an act, the act fails completely, and the next one works. */
static void acts_are_all_or_nothing(void **state)
{
    (void)state;
    become(&w, w.lecturer);
    int64_t id = add_course("fault", VIS_PUBLIC);
    struct course *c = NULL;
    struct lecture_list list;
    int failures = 0;
    for (unsigned n = 1; n <= 8; n++) {
        const char *key = NULL;
        struct lecture_edit in = {.title = "Whole", .starts_at = clock_now(), .ends_at = NO_TIME};
        db_fault(cx, n, 2013);
        enum rc rc = lecture_create(cx, id, &in, &key, NULL);
        db_fault(cx, 0, 0);
        assert_true(rc == RC_OK || rc == RC_UNAVAIL);
        assert_int_equal(rc == RC_OK, key != NULL);
        assert_false(db_in_tx(cx));
        failures += rc != RC_OK;
        err_clear(cx);
        assert_ok(course_get(cx, ACT_COURSE_OWN, id, &c));
        assert_ok(list_all(c, &list));
        assert_int_equal(list.n, n - (unsigned)failures);
    }
    assert_true(failures >= 5 && failures < 8);
    assert_ok(course_delete(cx, id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_of_a_term_follows_the_policy),
        cmocka_unit_test(hidden_things_open_for_whoever_holds_the_link),
        cmocka_unit_test(parts_of_a_course_join_without_a_gap),
        cmocka_unit_test(courses_are_checked),
        cmocka_unit_test(a_deleted_course_is_gone_until_undone),
        cmocka_unit_test(lectures_are_numbered_and_drafts_are_private),
        cmocka_unit_test(lectures_are_checked),
        cmocka_unit_test(a_deleted_lecture_can_be_brought_back),
        cmocka_unit_test(every_pair_of_time_state_and_event),
        cmocka_unit_test(every_pair_of_access_state_and_event),
        cmocka_unit_test(moves_in_the_database_follow_the_tables),
        cmocka_unit_test(lectures_end_when_their_hour_is_over),
        cmocka_unit_test(generations_only_count_up),
        cmocka_unit_test(people_go_on_where_they_left),
        cmocka_unit_test(lists_of_the_start_page),
        cmocka_unit_test(new_is_what_can_be_watched_since_recently),
        cmocka_unit_test(my_courses_have_pages),
        cmocka_unit_test(deleted_things_are_found),
        cmocka_unit_test(lists_cost_the_same_whatever_their_length),
        cmocka_unit_test(acts_survive_deadlocks),
        cmocka_unit_test(acts_are_all_or_nothing),
    };
    cx = &w.cx;
    if (!world_init(&w))
        return 0;
    make_courses();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
