#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/course_students.h"

struct world w;
struct cx *cx;
int64_t course_of[VIS_COUNT];
const char *lecture_of[VIS_COUNT];

void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

int64_t add_course(const char *slug, enum visibility v)
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

const char *add_lecture(int64_t course, const char *title, int64_t starts_at, bool publish)
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

enum rc list_all(const struct course *c, struct lecture_list *list)
{
    struct lecture_part part;
    struct lecture_range range = {.limit = LECTURE_PAGE};
    enum rc rc = lecture_list_by_course(cx, c, &range, &part);
    if (rc == RC_OK)
        *list = part.list;
    return rc;
}

void make_watchable(const char *key)
{
    assert_ok(shown(cx, db_tx(cx, watchable_tx, arena_strdup(cx->arena, key))));
}

void make_better(const char *key)
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

bool teaching_begin(void)
{
    cx = &w.cx;
    if (!world_init(&w))
        return false;
    make_courses();
    return true;
}

void teaching_end(void)
{
    world_fini(&w);
}
