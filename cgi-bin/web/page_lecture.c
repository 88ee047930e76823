/* A lecturer's lecture: create, edit, publish, delete, and the state of its recording. */
#include "cgi-bin/web/hall_field.h"
#include "cgi-bin/web/release_form.h"
#include "cgi-bin/web/seen.h"
#include "cgi-bin/web/site.h"
#include "cgi-bin/web/state_words.h"
#include "cgi-bin/web/twice.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/os/conf.h"
#include "lib/svc/teaching/schedule.h"

/* First the texts, then the times: who may change only one of them has a form without the other. */
enum { P_TITLE, P_DESCRIPTION, P_START, P_END, P_HALL, P_COUNT, TEXTS_COUNT = P_START };
static const struct web_param params[P_COUNT] = {
    [P_TITLE] = {"title", WEB_LINE, true, 1, LECTURE_TITLE_MAX, NULL},
    [P_DESCRIPTION] = {"description", WEB_TEXT, false, 0, LECTURE_DESCRIPTION_MAX, NULL},
    [P_START] = {"start", WEB_DATETIME, true, 0, 0, NULL},
    [P_END] = {"end", WEB_DATETIME, false, 0, 0, NULL},
    [P_HALL] = {"hall", WEB_LINE, false, 0, SCHEDULE_HALL_MAX, NULL},
};
enum { ONLY_TEXTS, ONLY_TIMES };
static const char *const parts[] = {"texts", "times", NULL};
static const struct web_param param_only = {"only", WEB_CHOICE, false, 0, 0, parts};
static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
static const struct web_param param_key = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL};

/* Reads the form, or the part of it that `only` says; what is not read stays as it is in *edit. */
static enum rc read_form(struct web_request *rq, const struct web_value *only, struct lecture_edit *edit)
{
    struct web_value v[P_COUNT];
    bool texts = !only->given || only->num == ONLY_TEXTS, times = !only->given || only->num == ONLY_TIMES;
    size_t first = texts ? 0 : TEXTS_COUNT, end = times ? P_COUNT : TEXTS_COUNT;
    enum rc rc = web_params(rq, params + first, end - first, v + first);
    if (texts) {
        edit->title = v[P_TITLE].text;
        edit->description = v[P_DESCRIPTION].text;
    }
    edit->starts_at = times ? v[P_START].num : NO_TIME;
    edit->ends_at = times ? v[P_END].num : NO_TIME;
    edit->hall = times && web_pairs_get(&rq->form, "hall") ? v[P_HALL].text : NULL;
    return rc;
}

/* The form once more, now that it is known in which zone its times were typed. */
static enum rc read_times(struct web_request *rq, const char *zone, const struct web_value *only,
                          struct lecture_edit *edit)
{
    site_zone(rq, zone);
    return read_form(rq, only, edit);
}

/* Names the form's field of a failure, and who has the hall. */
static enum rc explain(struct web_request *rq, const char *path, const struct lecture_edit *edit,
                       const struct lecture *l, enum rc rc)
{
    struct booking b = {.field = "hall",
                        .hall = edit->hall,
                        .starts_at = edit->starts_at,
                        .ends_at = edit->ends_at,
                        .lecture = l};
    return hall_explain(rq, path, &b, 1, site_field(rq, "ends_at", "end", rc));
}

static const char *lecture_path(struct web_request *rq, const char *key)
{
    return arena_printf(rq->cx.arena, "/teach/lecture/%s", key);
}

/* What an older form overwrites. */
static enum rc show_seen(struct web_request *rq, const struct lecture *l)
{
    struct arena *a = rq->cx.arena;
    const struct seen_field fields[P_COUNT] = {
        {"title", "Field.title", l->title, NULL},
        {"description", "Field.description", l->description, NULL},
        {"start", "Field.start", i18n_local(a, rq->zone, l->starts_at),
         site_period(rq, l->starts_at, NO_TIME)},
        {"end", "Field.end", i18n_local(a, rq->zone, l->ends_at), site_period(rq, l->ends_at, NO_TIME)},
        {"hall", "Schedule.hall", lecture_hall(l), NULL},
    };
    bool texts = policy_may(rq->cx.actor, ACT_COURSE_TEXTS, &l->object),
         times = policy_may(rq->cx.actor, ACT_COURSE_TIMETABLE, &l->object);
    size_t first = texts ? 0 : TEXTS_COUNT, end = times ? P_COUNT : TEXTS_COUNT;
    return seen_show(rq,
                     &(struct seen_form){.now = lecture_seen(&rq->cx, l, texts, times),
                                         .url = lecture_path(rq, l->key),
                                         .kind = "lecture",
                                         .id = l->id,
                                         .actions = "lecture.update,schedule.move"},
                     fields + first, end - first);
}

static void show_form(struct web_request *rq, const struct lecture *l)
{
    struct arena *a = rq->cx.arena;
    view_set(rq->values, "Page.when", view_get(rq->values, "Page.there"));
    web_field(rq, "title", l ? l->title : "");
    web_field(rq, "start", l ? i18n_local(a, rq->zone, l->starts_at) : "");
    web_field(rq, "end", l ? i18n_local(a, rq->zone, l->ends_at) : "");
    web_field(rq, "hall", l ? lecture_hall(l) : "");
    web_field(rq, "description", l && l->description ? l->description : "");
    twice_show(rq, false);
}

/* Asks if the course has another lecture at the new time of this one; l: NULL for a new one. */
static enum rc ask_twice(struct web_request *rq, int64_t course_id, const struct lecture *l,
                         const struct lecture_edit *edit)
{
    struct schedule_span span = {
        .lecture_id = l ? l->id : 0, .starts_at = edit->starts_at, .ends_at = edit->ends_at};
    bool same = l && edit->starts_at == l->starts_at && edit->ends_at == l->ends_at;
    if (edit->starts_at == NO_TIME || same || (l && l->time_state == TIME_CANCELLED))
        return RC_OK;
    enum rc rc = schedule_find_twice(&rq->cx, course_id, &span, 1);
    return rc == RC_OK ? twice_ask(rq, &span, 1) : rc;
}

static void show_course(struct web_request *rq, int64_t id, const char *name)
{
    view_num(rq->values, "Course.id", id);
    view_set(rq->values, "Course.title", name);
}

/* --- a new one --- */

/* The same local time a week later, also across a change of daylight saving time. */
static const char *next_week(struct web_request *rq, int64_t ms)
{
    if (ms == NO_TIME)
        return "";
    struct wall w = zone_wall(rq->zone, ms);
    w.day += 7;
    return i18n_local(rq->cx.arena, rq->zone, zone_utc(rq->zone, &w));
}

/* Lectures are weekly: proposes the time a week after the last one. */
static enum rc show_proposal(struct web_request *rq, const struct course *c)
{
    struct lecture_part lectures;
    struct lecture_range range = {.newest = true, .limit = 1};
    enum rc rc = lecture_list_by_course(&rq->cx, c, &range, &lectures);
    if (rc != RC_OK || lectures.list.n == 0)
        return rc;
    const struct lecture *last = &lectures.list.item[0];
    const char *there = view_get(rq->values, "Page.there"), *hint = web_t(rq, "LectureEdit.next_week");
    web_field(rq, "start", next_week(rq, last->starts_at));
    web_field(rq, "end", next_week(rq, last->ends_at));
    web_field(rq, "hall", lecture_hall(last));
    view_set(rq->values, "Page.when", there ? arena_printf(rq->cx.arena, "%s %s", hint, there) : hint);
    return RC_OK;
}

enum rc page_lecture_new(struct web_request *rq)
{
    struct web_value id;
    struct course *c;
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, id.num, &c);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    show_course(rq, c->id, c->name);
    show_form(rq, NULL);
    rc = show_proposal(rq, c);
    if (rc == RC_OK)
        rc = hall_field_show(rq, c->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    return web_page(rq, "lecture_new", web_t(rq, "LectureEdit.new"));
}

enum rc page_lecture_create(struct web_request *rq)
{
    struct web_value id, whole = {0};
    struct lecture_edit edit = {0};
    struct course *c;
    const char *key;
    web_form_page(rq, page_lecture_new);
    if (hall_asked(rq))
        return web_form_again(rq);
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = read_form(rq, &whole, &edit);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, id.num, &c);
    if (rc == RC_OK)
        rc = read_times(rq, c->organisation_zone, &whole, &edit);
    if (rc == RC_OK)
        rc = ask_twice(rq, c->id, NULL, &edit);
    if (rc == RC_OK)
        rc = explain(rq, c->object.organisation_path, &edit, NULL,
                     lecture_create(&rq->cx, id.num, &edit, &key, NULL));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "lecture_created", edit.title, NULL);
    return web_redirect(rq, lecture_path(rq, key));
}

/* --- its page --- */

static const struct publication_work *work_of(const struct publication *p, enum view_kind kind)
{
    for (size_t i = 0; i < p->work_count; i++)
        if (p->work[i].view == kind)
            return &p->work[i];
    return NULL;
}

/* The upload failed, expired or could not be read: another file is needed. */
static bool is_lost(const struct publication_work *w)
{
    return w && (strcmp(w->state, "failed") == 0 || strcmp(w->state, "expired") == 0);
}

/* The name of the file of a view, if it has arrived and could be read. */
static const char *file_of(const struct publication_work *w)
{
    bool there = w && strcmp(w->state, "uploading") != 0 && strcmp(w->state, "live") != 0;
    return there && !is_lost(w) ? w->name : NULL;
}

/* One upload form per view. A form that is sent twice has the same nonce and opens one upload. The form of
 * the first file, or of the file that has to be sent again, is the main action of the page. */
static void show_uploads(struct web_request *rq, const struct lecture *l, const struct publication *p)
{
    bool nothing = p->work_count == 0 && p->generation == 0;
    for (int kind = 0; kind < VIEW_KIND_COUNT; kind++) {
        const struct publication_work *work = work_of(p, (enum view_kind)kind);
        const char *name = wire_view_name((enum view_kind)kind), *file = file_of(work);
        char *nonce = arena_alloc(rq->cx.arena, 25);
        rand_key(nonce, 25);
        struct view_node *row = view_add(rq->values, "Uploads");
        view_set(row, "view", name);
        view_set(row, "nonce", nonce);
        view_set(row, "name", site_view_name(rq, name));
        view_set(row, "hint", web_t(rq, arena_printf(rq->cx.arena, "View.hint_%s", name)));
        view_set(row, "choose", web_t(rq, arena_printf(rq->cx.arena, "View.choose_%s", name)));
        view_set(row, "send", web_t(rq, arena_printf(rq->cx.arena, "View.send_%s", name)));
        view_set(row, "progress", web_t(rq, arena_printf(rq->cx.arena, "View.progress_%s", name)));
        view_flag(row, "main", nothing ? kind == 0 : is_lost(work));
        if (file)
            view_set(row, "now", web_t(rq, "LectureEdit.file_there", "name", file));
    }
    int64_t max = rq->app->conf->store_max_upload;
    view_num(rq->values, "Upload.max", max);
    view_set(rq->values, "Upload.hint", web_t(rq, "LectureEdit.upload_hint", "max", site_limit(rq, max)));
    view_set(rq->values, "Upload.max_text", site_limit(rq, max));
    view_set(rq->values, "Lecture.key", l->key);
}

static void show_lecture(struct web_request *rq, const struct lecture *l, const struct publication *p)
{
    static const char *const looks[ACCESS_COUNT] = {"warn", "ok", "warn"};
    struct arena *a = rq->cx.arena;
    view_set(rq->values, "Lecture.title", l->title);
    view_set(rq->values, "Lecture.url", site_lecture_url(rq, l));
    view_set(rq->values, "Lecture.time", site_when(rq, l));
    if (l->generation == 0 && l->time_state != TIME_CANCELLED)
        view_set(rq->values, "Lecture.live_url", arena_printf(a, "/lecture/%s/live", l->key));
    if (l->time_state == TIME_CANCELLED)
        view_set(rq->values, "Lecture.cancelled",
                 web_t(rq, *l->cancel_note ? "Schedule.cancelled_note" : "Schedule.cancelled", "note",
                       l->cancel_note));
    hall_show_state(rq, view_child(rq->values, "Lecture"), l);
    view_set(rq->values, "Lecture.release", release_sentence(rq, l));
    view_flag(rq->values, "Lecture.by_hand", l->release.kind == RELEASE_HAND);
    view_flag(rq->values, "Lecture.released", l->released_at != NO_TIME);
    view_set(rq->values, "Lecture.tag", web_t(rq, arena_printf(a, "Access.%s", access_name(l->access))));
    view_set(rq->values, "Lecture.look", looks[l->access]);
    view_flag(rq->values, "Lecture.published", l->access == ACCESS_PUBLISHED);
    view_flag(rq->values, "Lecture.watchable", p->generation > 0 || p->stream.view_count > 0);
    view_set(rq->values, "Lecture.delete_button", web_t(rq, "LectureEdit.delete_button", "what", l->title));
    if (l->deleted_at != NO_TIME)
        site_deleted_row(rq, view_child(rq->values, "Lecture.deleted"), l->title, l->deleted_at,
                         arena_printf(a, "/teach/lecture/%s/undelete", l->key));
    view_flag(rq->values, "Course.is_deleted", l->course_deleted);
}

enum rc page_lecture_edit(struct web_request *rq)
{
    struct web_value key;
    struct lecture *l;
    struct publication *p;
    struct state_words w;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_TEACH, key.text, &l);
    if (rc == RC_OK)
        rc = publication_get(&rq->cx, l->id, &p);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, l->organisation_zone);
    site_may(rq, &l->object);
    show_course(rq, l->course_id, l->course_name);
    show_lecture(rq, l, p);
    show_form(rq, l);
    rc = show_seen(rq, l);
    if (rc == RC_OK)
        rc = hall_field_show(rq, l->organisation_path);
    if (rc != RC_OK)
        return rc;
    show_uploads(rq, l, p);
    state_words(rq, l, p, true, &w);
    state_show(rq, l, &w, true);
    view_set(rq->values, "Page.store_origin", p->store_url);
    return web_page(rq, "lecture_edit", l->title);
}

enum rc page_lecture_save(struct web_request *rq)
{
    struct web_value key, only;
    struct lecture_edit edit = {0};
    struct lecture *l;
    web_form_page(rq, page_lecture_edit);
    if (hall_asked(rq))
        return web_form_again(rq);
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = web_params(rq, &param_only, 1, &only);
    if (rc == RC_OK)
        rc = read_form(rq, &only, &edit);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_TEACH, key.text, &l);
    if (rc == RC_OK)
        rc = read_times(rq, l->organisation_zone, &only, &edit);
    edit.seen = seen_sent(rq);
    if (rc == RC_OK)
        rc = ask_twice(rq, l->course_id, l, &edit);
    if (rc == RC_OK)
        rc = explain(rq, l->organisation_path, &edit, l, lecture_update(&rq->cx, key.text, &edit));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "lecture_saved", edit.title ? edit.title : l->title, NULL);
    return web_redirect(rq, lecture_path(rq, key.text));
}

/* --- one press of a button each --- */

static enum rc act(struct web_request *rq, enum rc (*service)(struct cx *, const char *), const char *flash,
                   const char **key)
{
    struct web_value v;
    enum rc rc = web_params(rq, &param_key, 1, &v);
    if (rc == RC_OK)
        rc = service(&rq->cx, v.text);
    if (rc != RC_OK)
        return rc;
    *key = v.text;
    if (flash)
        web_flash(rq, flash, NULL, NULL);
    return RC_OK;
}

static enum rc act_and_show(struct web_request *rq, enum rc (*service)(struct cx *, const char *),
                            const char *flash)
{
    const char *key;
    enum rc rc = act(rq, service, flash, &key);
    return rc == RC_OK ? web_redirect(rq, lecture_path(rq, key)) : rc;
}

enum rc page_lecture_publish(struct web_request *rq)
{
    return act_and_show(rq, lecture_publish, "lecture_published");
}

enum rc page_lecture_unpublish(struct web_request *rq)
{
    return act_and_show(rq, lecture_unpublish, "lecture_unpublished");
}

enum rc page_lecture_undelete(struct web_request *rq)
{
    return act_and_show(rq, lecture_undelete, "restored");
}

/* Back to the course, with an undo. */
enum rc page_lecture_delete(struct web_request *rq)
{
    struct web_value v;
    struct lecture *l;
    const char *key;
    enum rc rc = web_params(rq, &param_key, 1, &v);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_TIMETABLE, v.text, &l);
    if (rc == RC_OK)
        rc = act(rq, lecture_delete, NULL, &key);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "lecture_deleted", l->title, arena_printf(rq->cx.arena, "/teach/lecture/%s/undelete", key));
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld", (long long)l->course_id));
}
