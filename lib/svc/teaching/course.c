#include "lib/svc/teaching/course.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/course_row.h"

void staff_from_row(const struct rows *rows, size_t r, unsigned column, struct policy_object *object)
{
    object->staff = !row_null(rows, r, column);
    object->staff_rights = object->staff ? (unsigned)row_i64(rows, r, column + 1) : 0;
    if (object->staff && !staff_role_of(row_bytes(rows, r, column), &object->staff_role))
        bug("unknown role in course_staff");
}

struct course course_from_row(const struct rows *rows, size_t r)
{
    const char *half = row_text(rows, r, 10);
    struct course c = {.id = row_i64(rows, r, 0),
                       .key = row_text(rows, r, 1),
                       .slug = row_text(rows, r, 2),
                       .name = row_text(rows, r, 3),
                       .downloads = row_bool(rows, r, 5),
                       .deleted_at = row_time(rows, r, 6),
                       .term_id = row_i64(rows, r, 7),
                       .term_slug = row_text(rows, r, 8),
                       .term_year = (int)row_i64(rows, r, 9),
                       .term_half = half ? half[0] : 's',
                       .organisation_id = row_i64(rows, r, 11),
                       .organisation_name = row_text(rows, r, 12),
                       .organisation_zone = row_text(rows, r, 13),
                       .staff = row_text(rows, r, 15),
                       .lecture_count = row_i64(rows, r, 16),
                       .next_at = NO_TIME};
    if (!visibility_of(row_bytes(rows, r, 4), &c.visibility))
        bug("unknown visibility in course");
    c.object = (struct policy_object){.organisation_path = row_text(rows, r, 14),
                                      .visibility = c.visibility,
                                      .access = ACCESS_PUBLISHED,
                                      .downloads = c.downloads,
                                      .deleted = c.deleted_at != NO_TIME,
                                      .enrolled = row_bool(rows, r, 19),
                                      .rehearsal = row_bool(rows, r, 20)};
    staff_from_row(rows, r, 17, &c.object);
    return c;
}

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

static enum rc unknown(struct cx *cx)
{
    return err_set(cx, RC_NOTFOUND, NULL, "course_unknown", "no such course");
}

static enum rc take_one(struct cx *cx, enum action action, const struct rows *rows, const char *link_key,
                        struct course **out)
{
    if (rows_count(rows) == 0)
        return unknown(cx);
    struct course *c = arena_alloc(cx->arena, sizeof *c);
    *c = course_from_row(rows, 0);
    c->description = row_text(rows, 0, COURSE_COLUMNS);
    c->keep_gaps = row_bool(rows, 0, COURSE_COLUMNS + 1);
    c->keep_first = row_bool(rows, 0, COURSE_COLUMNS + 2);
    c->object.link = link_key && str_eq_secret(str_of(link_key), str_of(c->key));
    enum rc rc = policy_check(cx, action, &c->object);
    if (rc == RC_OK)
        *out = c;
    return rc;
}

enum rc course_get(struct cx *cx, enum action action, int64_t id, struct course **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_course_get, &rows, "ii", actor_id(cx), id);
    return rc == RC_OK ? take_one(cx, action, rows, NULL, out) : rc;
}

enum rc course_get_by_slug(struct cx *cx, enum action action, const char *term_slug, const char *slug,
                           const char *link_key, struct course **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_course_get_by_slug, &rows, "iss", actor_id(cx), term_slug, slug);
    return rc == RC_OK ? take_one(cx, action, rows, link_key, out) : rc;
}

enum rc course_zone(struct cx *cx, const struct course *course, const struct zone **out)
{
    if (zone_open(cx->arena, course->organisation_zone, out) ||
        (cx->conf && zone_open(cx->arena, cx->conf->time_zone, out)))
        return RC_OK;
    return err_set(cx, RC_INTERNAL, NULL, NULL, "no time zone %s, and none of the installation",
                   course->organisation_zone);
}

/* --- create, edit --- */

const char *course_seen(struct cx *cx, const struct course *c, bool texts)
{
    const char *text[] = {c->name,
                          c->description,
                          c->slug,
                          visibility_name(c->visibility),
                          c->downloads ? "1" : "",
                          c->keep_gaps ? "1" : "",
                          c->keep_first ? "1" : "",
                          arena_printf(cx->arena, "%lld", (long long)c->term_id),
                          arena_printf(cx->arena, "%lld", (long long)c->organisation_id)};
    return seen_of(cx, text, texts ? 2 : sizeof text / sizeof *text);
}

static enum rc check_texts(struct cx *cx, const struct course_edit *in)
{
    enum rc rc = check_line(cx, in->name, COURSE_NAME_MAX, "name", "course_name_invalid");
    return rc == RC_OK ? check_text(cx, in->description, COURSE_DESCRIPTION_MAX, "description",
                                    "course_description_long")
                       : rc;
}

static enum rc check_edit(struct cx *cx, const struct course_edit *in)
{
    enum rc rc = check_texts(cx, in);
    return rc == RC_OK ? check_slug(cx, in->slug, COURSE_SLUG_MAX) : rc;
}

/* Checks that the actor may create courses in the organisation, that it is not archived, unless the course is
 * in it already, and that the term exists. */
static enum rc check_place(struct cx *cx, int64_t term_id, int64_t organisation_id, bool is_there)
{
    struct rows *rows = NULL;
    struct org *org = NULL;
    enum rc rc = db_query(cx, SQL_term_get, &rows, "i", term_id);
    if (rc == RC_OK && rows_count(rows) == 0)
        rc = err_set(cx, RC_INVALID, "term", "term_unknown", "no term %lld", (long long)term_id);
    if (rc == RC_OK)
        rc = org_get(cx, organisation_id, &org);
    if (rc == RC_NOTFOUND)
        rc =
            err_set(cx, RC_INVALID, "org", "org_unknown", "no organisation %lld", (long long)organisation_id);
    if (rc != RC_OK)
        return rc;
    rc = org_check(cx, ACT_COURSE_CREATE, org);
    return rc == RC_OK && !is_there ? org_check_open(cx, org) : rc;
}

static enum rc slug_taken(struct cx *cx, const struct course_edit *in)
{
    return err_set(cx, RC_CONFLICT, "slug", "course_slug_taken", "slug %s is taken in that term", in->slug);
}

struct edit {
    int64_t id;
    const struct course_edit *in;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct edit *e = arg;
    const struct course_edit *in = e->in;
    struct db_done done = {0};
    char key[COURSE_KEY_LENGTH + 1];
    int64_t now = clock_now();
    rand_key(key, sizeof key);
    enum rc rc = check_place(cx, in->term_id, in->organisation_id, false);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_insert, &done, "siissssbbbtt", key, in->term_id, in->organisation_id,
                     in->slug, in->name, in->description ? in->description : "",
                     visibility_name(in->visibility), (int)in->downloads, (int)in->keep_gaps,
                     (int)in->keep_first, now, now);
    if (rc == RC_CONFLICT && db_duplicate(cx, "course_slug"))
        return slug_taken(cx, in);
    if (rc == RC_OK && actor_id(cx))
        rc = db_exec(cx, SQL_course_staff_set, NULL, "iisiit", done.id, actor_id(cx),
                     staff_role_name(STAFF_OWNER), (int64_t)0, actor_id(cx), now);
    if (rc == RC_OK)
        rc = audit_write(cx, "course.create", "course", done.id, "%s", in->slug);
    if (rc == RC_OK)
        e->id = done.id;
    return rc;
}

enum rc course_create(struct cx *cx, const struct course_edit *in, int64_t *id)
{
    struct edit e = {.in = in};
    enum rc rc = check_edit(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &e);
    if (rc == RC_OK && id)
        *id = e.id;
    return rc;
}

/* The right to the settings covers the texts, too. The course is locked before it is read: of two who save it, the second sees
 * what the first wrote. */
static enum rc get_to_edit(struct cx *cx, const struct edit *e, struct course **out)
{
    struct course *c = NULL;
    struct rows *rows = NULL;
    bool texts = !e->in->slug;
    enum rc rc = db_query(cx, SQL_course_lock, &rows, "i", e->id);
    if (rc == RC_OK)
        rc = course_get(cx, texts ? ACT_COURSE_TEXTS : ACT_COURSE_SETTINGS, e->id, &c);
    if (rc == RC_OK && c->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "course %s is deleted", c->slug);
    if (rc == RC_OK)
        rc = seen_check(cx, e->in->seen, course_seen(cx, c, texts));
    if (rc == RC_OK)
        *out = c;
    return rc;
}

static enum rc update_tx(struct cx *cx, void *arg)
{
    const struct edit *e = arg;
    const struct course_edit *in = e->in;
    struct course *c = NULL;
    enum rc rc = get_to_edit(cx, e, &c);
    if (rc == RC_OK && (c->organisation_id != in->organisation_id || c->term_id != in->term_id)) {
        /* A move to another term needs no right beyond editing; one to another organisation takes it from those who maintain it. */
        bool stays = c->organisation_id == in->organisation_id;
        if (!stays)
            rc = policy_check(cx, ACT_COURSE_OWN, &c->object);
        if (rc == RC_OK)
            rc = check_place(cx, in->term_id, in->organisation_id, stays);
        if (rc == RC_DENIED && stays) {
            err_clear(cx);
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_update, NULL, "iissssbbbti", in->term_id, in->organisation_id, in->slug,
                     in->name, in->description, visibility_name(in->visibility), (int)in->downloads,
                     (int)in->keep_gaps, (int)in->keep_first, clock_now(), e->id);
    if (rc == RC_CONFLICT && db_duplicate(cx, "course_slug"))
        return slug_taken(cx, in);
    return rc == RC_OK ? audit_write(cx, "course.update", "course", e->id, "%s", in->slug) : rc;
}

enum rc course_update(struct cx *cx, int64_t id, const struct course_edit *in)
{
    struct edit e = {.id = id, .in = in};
    enum rc rc = check_edit(cx, in);
    return rc == RC_OK ? db_tx(cx, update_tx, &e) : rc;
}

static enum rc texts_tx(struct cx *cx, void *arg)
{
    const struct edit *e = arg;
    struct course *c = NULL;
    enum rc rc = get_to_edit(cx, e, &c);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_course_set_texts, NULL, "ssti", e->in->name, e->in->description, clock_now(),
                     e->id);
    return rc == RC_OK ? audit_write(cx, "course.update", "course", e->id, "%s", c->slug) : rc;
}

enum rc course_set_texts(struct cx *cx, int64_t id, const char *name, const char *description,
                         const char *seen)
{
    const struct course_edit in = {.name = name, .description = description, .seen = seen};
    struct edit e = {.id = id, .in = &in};
    enum rc rc = check_texts(cx, &in);
    return rc == RC_OK ? db_tx(cx, texts_tx, &e) : rc;
}
