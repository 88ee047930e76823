/* Moving, cancelling and restoring what is planned. The page first says which lectures: one, its series from it on, the whole
 * series, or those that were ticked on the timetable. */
#include "cgi-bin/web/hall_field.h"
#include "cgi-bin/web/seen.h"
#include "cgi-bin/web/twice.h"

#include "lib/base/clock.h"
#include "lib/svc/teaching/schedule_change.h"
#include "lib/svc/teaching/schedule_undo.h"

static const char *const scopes[] = {"one", "following", "all", NULL}; /* as enum schedule_scope */
enum { P_ID, P_LECTURE, P_SCOPE, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_LECTURE] = {"lecture", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
    [P_SCOPE] = {"scope", WEB_CHOICE, false, 0, 0, scopes},
};
static const struct web_param param_pick = {"pick", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL};

static const char *const weekdays[] = {"0", "1", "2", "3", "4", "5", "6", NULL};
enum { C_CANCEL, C_RESTORE, C_ONE, C_DATE, C_WEEKDAY, C_TIME, C_LENGTH, C_HALL, C_NOTE, C_COUNT };
static const struct web_param change_params[C_COUNT] = {
    [C_CANCEL] = {"cancel", WEB_FLAG, false, 0, 0,
                  NULL}, /* the button that was pressed; else they are moved */
    [C_RESTORE] = {"restore", WEB_FLAG, false, 0, 0, NULL},
    [C_ONE] = {"one", WEB_FLAG, false, 0, 0, NULL}, /* the form showed what the one lecture has */
    [C_DATE] = {"date", WEB_DATE, false, 0, 0, NULL},
    [C_WEEKDAY] = {"weekday", WEB_CHOICE, false, 0, 0, weekdays},
    [C_TIME] = {"time", WEB_TIME, false, 0, 0, NULL},
    [C_LENGTH] = {"length", WEB_INT, false, 1, SCHEDULE_LONGEST, NULL},
    [C_HALL] = {"hall", WEB_LINE, false, 0, SCHEDULE_HALL_MAX, NULL},
    [C_NOTE] = {"note", WEB_LINE, false, 0, SCHEDULE_NOTE_MAX, NULL},
};

static const char *schedule_url(struct web_request *rq, int64_t course_id)
{
    return arena_printf(rq->cx.arena, "/teach/course/%lld/schedule", (long long)course_id);
}

/* The keys that are ticked. */
static enum rc read_keys(struct web_request *rq, struct schedule_keys *keys)
{
    struct web_value *v;
    size_t n = 0;
    enum rc rc = web_params_all(rq, &param_pick, SERIES_MAX, &v, &keys->n);
    const char **key = arena_array(rq->cx.arena, keys->n + 1, sizeof *key);
    for (size_t i = 0; i < keys->n; i++)
        if (v[i].given)
            key[n++] = v[i].text;
    *keys = (struct schedule_keys){key, n, seen_sent(rq)};
    return rc;
}

static struct schedule_keys one_key(struct web_request *rq, const char *key)
{
    const char **list = arena_array(rq->cx.arena, 1, sizeof *list);
    list[0] = key;
    return (struct schedule_keys){list, 1, NULL};
}

/* --- the page --- */

/* Why a change of the series leaves it alone. */
static const char *stays(struct web_request *rq, const struct lecture *l)
{
    if (l->time_state == TIME_CANCELLED)
        return web_t(rq, *l->cancel_note ? "Schedule.cancelled_note" : "Schedule.cancelled", "note",
                     l->cancel_note);
    if (l->media_state != MEDIA_NONE)
        return web_t(rq, "Schedule.stays_recorded");
    if (l->starts_at <= rq->now)
        return web_t(rq, "Schedule.stays_over");
    return l->edited ? web_t(rq, "Schedule.stays_edited") : NULL;
}

static bool is_picked(const struct schedule_keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (strcmp(keys->key[i], key) == 0)
            return true;
    return false;
}

/* Ticked are those that the person chose, and of a series those that would not stay. */
static void show_rows(struct web_request *rq, const struct lecture_list *list,
                      const struct schedule_keys *keys, bool series)
{
    bool cancelled = false;
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = &list->item[i];
        struct view_node *row = view_add(rq->values, "Rows");
        bool on = is_picked(keys, l->key) || (series && !rq->retry && !schedule_stays(l, rq->now));
        view_set(row, "key", l->key);
        view_set(row, "title", l->title);
        view_set(row, "time", site_period(rq, l->starts_at, l->ends_at));
        view_set(row, "hall", lecture_hall(l));
        view_set(row, "note", stays(rq, l));
        view_flag(row, "on", on);
        cancelled |= l->time_state == TIME_CANCELLED;
    }
    view_flag(rq->values, "Change.restore", cancelled);
    view_flag(rq->values, "Change.one", list->n == 1);
}

static void show_scopes(struct web_request *rq, int64_t course_id, const struct lecture *l, int64_t chosen)
{
    static const char *const words[] = {"Schedule.scope_one", "Schedule.scope_following",
                                        "Schedule.scope_all"};
    if (!l->series_id)
        return;
    for (int i = 0; i < SCHEDULE_SCOPE_COUNT; i++) {
        struct view_node *row = view_add(rq->values, "Scopes");
        view_set(row, "name", web_t(rq, words[i]));
        view_set(row, "url",
                 arena_printf(rq->cx.arena, "%s/change?lecture=%s&scope=%s", schedule_url(rq, course_id),
                              l->key, scopes[i]));
        view_flag(row, "current", i == chosen);
    }
}

/* What an older form of a single lecture overwrites. `was`: that it is cancelled, as the form was made. */
static enum rc show_seen(struct web_request *rq, const struct lecture *l, const char *length)
{
    struct arena *a = rq->cx.arena;
    bool off = l->time_state == TIME_CANCELLED;
    const struct wall w = zone_wall(rq->zone, l->starts_at);
    const struct seen_field fields[] = {
        {"date", "Schedule.date", wall_date(a, &w), i18n_date(a, rq->lang, &w, w.year)},
        {"time", "Schedule.time", arena_printf(a, "%02d:%02d", w.hour, w.minute), NULL},
        {"length", "Schedule.length", length, NULL},
        {"hall", "Schedule.hall", lecture_hall(l), NULL},
        {"was", "Schedule.cancelled", off ? "1" : "", web_t(rq, off ? "Form.seen_yes" : "Form.seen_no")},
        {"note", "Schedule.note", off ? l->cancel_note : "", NULL},
    };
    return seen_show(
        rq,
        &(struct seen_form){
            .now = schedule_seen(&rq->cx, l),
            .url = arena_printf(a, "%s/change?lecture=%s&scope=one", schedule_url(rq, l->course_id), l->key),
            .kind = "lecture",
            .id = l->id,
            .actions = "lecture.update,schedule.move,schedule.cancel,schedule.restore"},
        fields, sizeof fields / sizeof *fields);
}

/* A single lecture shows what it is; of several, an empty field leaves each as it is. */
static enum rc show_fields(struct web_request *rq, const struct lecture_list *list)
{
    const struct lecture *l = list->n == 1 ? &list->item[0] : NULL;
    struct wall w = {0};
    if (l)
        w = zone_wall(rq->zone, l->starts_at);
    web_field(rq, "date", l ? wall_date(rq->cx.arena, &w) : "");
    web_field(rq, "time", l ? arena_printf(rq->cx.arena, "%02d:%02d", w.hour, w.minute) : "");
    const char *length = "";
    if (l && l->ends_at != NO_TIME)
        length = arena_printf(rq->cx.arena, "%lld", (long long)(l->ends_at - l->starts_at) / 60000);
    web_field(rq, "length", length);
    web_field(rq, "hall", l ? lecture_hall(l) : "");
    web_field(rq, "note", l ? l->cancel_note : "");
    web_field(rq, "weekday", "");
    twice_show(rq, false);
    view_flag(rq->values, "Change.restoring", rq->retry && web_pairs_get(&rq->form, "restore"));
    const char *chosen = view_get(rq->values, "Form.weekday.value");
    for (int i = 1; i <= 7; i++) {
        struct view_node *row = view_add(rq->values, "Form.weekday.options");
        view_set(row, "value", weekdays[i % 7]);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Schedule.weekday.%d", i % 7)));
        view_flag(row, "selected", strcmp(chosen, weekdays[i % 7]) == 0);
    }
    return l ? show_seen(rq, l, length) : RC_OK;
}

static enum rc nothing_ticked(struct web_request *rq, int64_t course_id)
{
    web_flash(rq, "nothing_ticked", NULL, NULL);
    return web_redirect(rq, schedule_url(rq, course_id));
}

enum rc page_schedule_change(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct course *c;
    struct schedule_keys keys;
    struct lecture_list list = {0};
    enum rc rc = web_params(rq, params, P_COUNT, v), picks = read_keys(rq, &keys);
    if (rc == RC_OK && !rq->retry)
        rc = picks;
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, v[P_ID].num, &c);
    if (rc == RC_OK && v[P_LECTURE].given)
        rc = schedule_get_scope(&rq->cx, c, v[P_LECTURE].text, (enum schedule_scope)v[P_SCOPE].num, &list);
    else if (rc == RC_OK)
        rc = schedule_get(&rq->cx, c, &keys, &list);
    if (rc != RC_OK)
        return rc;
    if (list.n == 0)
        return nothing_ticked(rq, c->id);
    site_zone(rq, c->organisation_zone);
    if (v[P_LECTURE].given) {
        show_scopes(rq, c->id, &list.item[0], v[P_SCOPE].num);
        view_set(rq->values, "Change.lecture", v[P_LECTURE].text);
        view_set(rq->values, "Change.scope", scopes[v[P_SCOPE].num]);
        if (!rq->retry)
            keys = one_key(rq, v[P_LECTURE].text);
    }
    show_rows(rq, &list, &keys, v[P_LECTURE].given);
    rc = show_fields(rq, &list);
    if (rc == RC_OK)
        rc = hall_field_show(rq, c->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_set(rq->values, "Change.count",
             i18n_count(rq->cx.arena, rq->lang, "Schedule.chosen", (int64_t)list.n));
    return web_page(rq, "schedule_change", web_t(rq, "Schedule.change"));
}

/* --- what it does --- */

/* Names who has the first of the halls that cannot be had. span: the new times of those that get one. */
static enum rc explain(struct web_request *rq, const struct course *c, const struct schedule_keys *keys,
                       const char *hall, const struct schedule_span *span, size_t n, enum rc rc)
{
    struct lecture_list list;
    const struct err was = rq->cx.err;
    if (!hall_failed(rq, rc))
        return rc;
    if (schedule_get(&rq->cx, c, keys, &list) != RC_OK) {
        rq->cx.err = was;
        return rc;
    }
    struct booking *b = arena_array(rq->cx.arena, list.n + 1, sizeof *b);
    for (size_t i = 0; i < list.n; i++) {
        const struct lecture *l = &list.item[i];
        b[i] = (struct booking){
            .field = "hall", .hall = hall, .starts_at = l->starts_at, .ends_at = l->ends_at, .lecture = l};
        for (size_t k = 0; k < n; k++)
            if (span[k].lecture_id == l->id) {
                b[i].starts_at = span[k].starts_at;
                b[i].ends_at = span[k].ends_at;
            }
    }
    return hall_explain(rq, c->object.organisation_path, b, list.n, rc);
}

/* A note says why lectures are cancelled; of whoever wrote one and moves them, as Enter does in its field, it would be lost. */
static enum rc check_note(struct web_request *rq, const struct course *c, const struct schedule_keys *keys,
                          const char *note)
{
    struct lecture_list list;
    if (*note == '\0')
        return RC_OK;
    enum rc rc = schedule_get(&rq->cx, c, keys, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++)
        if (strcmp(list.item[i].cancel_note, note) == 0)
            return RC_OK; /* the one that the form showed */
    return rc == RC_OK ? err_set(&rq->cx, RC_INVALID, "note", "schedule_note_moves", "a note, but moved")
                       : rc;
}

/* First it is said what takes place at the new times. */
static enum rc do_move(struct web_request *rq, int64_t course_id, const struct schedule_keys *keys,
                       const struct web_value *v, struct schedule_changed *out)
{
    struct course *c;
    struct schedule_span *span = NULL;
    size_t n = 0;
    bool one = v[C_ONE].num != 0;
    struct schedule_move m = {.has_day = one && v[C_DATE].given,
                              .day = v[C_DATE].num,
                              .has_weekday = !one && v[C_WEEKDAY].given,
                              .weekday = (int)v[C_WEEKDAY].num,
                              .has_minute = v[C_TIME].given,
                              .minute = v[C_TIME].num,
                              .has_length = v[C_LENGTH].given,
                              .length = v[C_LENGTH].num,
                              .apart = one};
    m.hall = one || v[C_HALL].given ? v[C_HALL].text : NULL;
    enum rc rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, course_id, &c);
    if (rc == RC_OK)
        rc = check_note(rq, c, keys, v[C_NOTE].text);
    if (rc == RC_OK)
        rc = schedule_move_look(&rq->cx, c, keys, &m, &span, &n);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    rc = twice_ask(rq, span, n);
    return rc == RC_OK
               ? explain(rq, c, keys, m.hall, span, n, schedule_move(&rq->cx, course_id, keys, &m, out))
               : rc;
}

/* The same, at the times that they have. */
static enum rc do_restore(struct web_request *rq, int64_t course_id, const struct schedule_keys *keys,
                          struct schedule_changed *out)
{
    struct course *c;
    struct schedule_span *span = NULL;
    size_t n = 0;
    enum rc rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, course_id, &c);
    if (rc == RC_OK)
        rc = schedule_restore_look(&rq->cx, c, keys, &span, &n);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    rc = twice_ask(rq, span, n);
    return rc == RC_OK ? schedule_restore(&rq->cx, course_id, keys, out) : rc;
}

static enum rc done(struct web_request *rq, int64_t course_id, const char *flash,
                    const struct schedule_changed *out)
{
    struct arena *a = rq->cx.arena;
    const char *url = schedule_url(rq, course_id);
    web_flash(rq, flash, i18n_count(a, rq->lang, "Schedule.lectures", (int64_t)out->n),
              out->undo ? arena_printf(a, "%s/undo/%s", url, out->undo) : NULL);
    return web_redirect(rq, url);
}

enum rc page_schedule_change_save(struct web_request *rq)
{
    const char *flash = "schedule_moved";
    struct web_value p[P_COUNT], v[C_COUNT];
    struct schedule_keys keys = {0};
    struct schedule_changed out = {0};
    web_form_page(rq, page_schedule_change);
    if (hall_asked(rq))
        return web_form_again(rq);
    enum rc rc = web_params(rq, params, P_COUNT, p);
    if (rc == RC_OK)
        rc = read_keys(rq, &keys);
    if (rc == RC_OK)
        rc = web_params(rq, change_params, C_COUNT, v);
    if (rc == RC_OK && keys.n == 0)
        rc = err_set(&rq->cx, RC_INVALID, "pick", "schedule_none", "nothing is ticked");
    if (rc != RC_OK)
        return rc;
    if (v[C_CANCEL].num) {
        flash = "schedule_cancelled";
        rc = schedule_cancel(&rq->cx, p[P_ID].num, &keys, v[C_NOTE].text, &out);
    } else if (v[C_RESTORE].num) {
        rc = do_restore(rq, p[P_ID].num, &keys, &out);
        flash = out.asked ? "schedule_restored_asked" : "schedule_restored";
    } else {
        rc = do_move(rq, p[P_ID].num, &keys, v, &out);
    }
    if (rc != RC_OK)
        return rc;
    return done(rq, p[P_ID].num, flash, &out);
}

/* --- undoing it --- */

static const struct web_param param_undo = {"undo", WEB_KEY, true, 1, SCHEDULE_UNDO_KEY, NULL};

enum rc page_schedule_undo(struct web_request *rq)
{
    struct web_value id, key;
    struct schedule_undone out;
    web_form_page(rq, page_schedule);
    enum rc rc = web_params(rq, &params[P_ID], 1, &id);
    if (rc == RC_OK)
        rc = web_params(rq, &param_undo, 1, &key);
    if (rc == RC_OK)
        rc = schedule_undo(&rq->cx, id.num, key.text, &out);
    if (rc != RC_OK)
        return rc;
    const char *flash = out.asked ? "schedule_undone_asked" : "schedule_undone";
    web_flash(rq, out.made ? "series_undone" : flash,
              i18n_count(rq->cx.arena, rq->lang, "Schedule.lectures", (int64_t)out.n), NULL);
    return web_redirect(rq, schedule_url(rq, id.num));
}
