#include "lib/svc/teaching/schedule_change.h"

#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/lecture_row.h"
#include "lib/svc/teaching/schedule_undo.h"

enum { ROWS_AT_ONCE = 250, MINUTE_MS = 60 * 1000 };

/* --- which --- */

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

static const char *keys_json(struct cx *cx, const struct schedule_keys *keys)
{
    json_t *list = js_array(cx);
    for (size_t i = 0; i < keys->n && i < SERIES_MAX; i++)
        if (str_is_key(str_of(keys->key[i]), LECTURE_KEY_LENGTH))
            json_array_append_new(list, json_string(keys->key[i]));
    return js_text(cx, list).p;
}

enum rc schedule_get(struct cx *cx, const struct course *course, const struct schedule_keys *keys,
                     struct lecture_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_schedule_pick, &rows, "isi", actor_id(cx), keys_json(cx, keys), course->id);
    if (rc == RC_OK)
        lecture_take_all(cx, rows, out);
    return rc;
}

enum rc schedule_get_scope(struct cx *cx, const struct course *course, const char *key,
                           enum schedule_scope scope, struct lecture_list *out)
{
    struct lecture_list list;
    struct rows *rows = NULL;
    enum rc rc = schedule_get(cx, course, &(struct schedule_keys){.key = &key, .n = 1}, &list);
    if (rc == RC_OK && list.n == 0)
        rc = err_set(cx, RC_NOTFOUND, NULL, "lecture_unknown", "no lecture %s in the course", key);
    if (rc == RC_OK && scope != SCHEDULE_ONE && list.item[0].series_id) {
        rc = db_query(cx, SQL_schedule_series, &rows, "iiti", actor_id(cx), list.item[0].series_id,
                      scope == SCHEDULE_ALL ? 0 : list.item[0].starts_at, course->id);
        if (rc == RC_OK)
            lecture_take_all(cx, rows, &list);
    }
    if (rc == RC_OK)
        *out = list;
    return rc;
}

bool schedule_stays(const struct lecture *l, int64_t now)
{
    return l->starts_at <= now || l->media_state != MEDIA_NONE || l->edited ||
           l->time_state == TIME_CANCELLED;
}

const char *schedule_seen(struct cx *cx, const struct lecture *l)
{
    bool off = l->time_state == TIME_CANCELLED;
    const char *text[] = {lecture_seen(cx, l, false, true), off ? "1" : "", off ? l->cancel_note : ""};
    return seen_of(cx, text, sizeof text / sizeof *text);
}

/* --- one transaction each --- */

struct change {
    int64_t course_id;
    const struct schedule_keys *keys;
    const struct schedule_move *move;
    const char *note;
    const char *audit;
    enum time_event event;
    enum rc (*write)(struct cx *cx, struct change *c, const struct course *course,
                     const struct lecture_list *list); /* all of them, ROWS_AT_ONCE a statement */
    struct schedule_changed out;
};

/* Drops what the event does not change; one that is not possible fails. */
static enum rc keep_possible(struct cx *cx, const struct change *c, struct lecture_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        enum time_state next;
        if (c->event == TIME_ON_RESTORE && list->item[i].time_state != TIME_CANCELLED)
            continue;
        if (!time_next(list->item[i].time_state, c->event, &next))
            return err_set(cx, RC_CONFLICT, NULL, "lecture_state", "lecture %s is %s", list->item[i].key,
                           time_state_name(list->item[i].time_state));
        list->item[n++] = list->item[i];
    }
    list->n = n;
    return RC_OK;
}

/* `most` of them, from the one at `from` on. */
static const char *ids_json(struct cx *cx, const struct lecture_list *list, size_t from, size_t most)
{
    json_t *ids = js_array(cx);
    for (size_t i = from; i < list->n && i - from < most; i++)
        json_array_append_new(ids, json_integer(list->item[i].id));
    return js_text(cx, ids).p;
}

/* Writes them, and keeps how they were. */
static enum rc write_all(struct cx *cx, struct change *c, const struct course *course,
                         const struct lecture_list *list)
{
    int64_t undo = 0;
    enum rc rc = schedule_undo_before(cx, c->course_id, ids_json(cx, list, 0, SIZE_MAX), &undo, &c->out.undo);
    if (rc == RC_OK)
        rc = c->write(cx, c, course, list);
    if (rc == RC_OK)
        rc = schedule_undo_after(cx, undo);
    if (rc == RC_OK && list->n == 1)
        return audit_write(cx, c->audit, "lecture", list->item[0].id, "%s", list->item[0].title);
    return rc == RC_OK ? audit_write(cx, c->audit, "course", c->course_id, "%zu lectures, the first %s",
                                     list->n, list->item[0].key)
                       : rc;
}

/* The rows are locked before they are read: of two who change at once, the second sees what the first wrote. */
static enum rc change_tx(struct cx *cx, void *arg)
{
    struct change *c = arg;
    struct course *course = NULL;
    struct lecture_list list = {0};
    struct rows *rows = NULL;
    const char *seen = c->keys->n == 1 ? c->keys->seen : NULL;
    enum rc rc = course_get(cx, ACT_COURSE_TIMETABLE, c->course_id, &course);
    if (rc == RC_OK && course->object.deleted)
        rc = err_set(cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc == RC_OK)
        rc = db_query(cx, SQL_schedule_lock, &rows, "si", keys_json(cx, c->keys), c->course_id);
    if (rc == RC_OK)
        rc = schedule_get(cx, course, c->keys, &list);
    if (rc == RC_OK && list.n == 1)
        rc = seen_check(cx, seen, schedule_seen(cx, &list.item[0]));
    if (rc == RC_OK)
        rc = keep_possible(cx, c, &list);
    c->out = (struct schedule_changed){.n = list.n};
    return rc == RC_OK && list.n > 0 ? write_all(cx, c, course, &list) : rc;
}

static enum rc run(struct cx *cx, struct change *c, struct schedule_changed *out)
{
    enum rc rc = db_tx(cx, change_tx, c);
    if (rc == RC_OK)
        *out = c->out;
    return rc;
}

/* --- move --- */

/* Its new beginning. */
static int64_t moved(const struct zone *zone, const struct schedule_move *m, const struct lecture *l)
{
    struct wall w = zone_wall(zone, l->starts_at);
    int64_t day = wall_day(&w);
    if (m->has_day)
        day = m->day;
    else if (m->has_weekday)
        day += (m->weekday + 6) % 7 - (w.weekday + 6) % 7;
    if (!m->has_day && !m->has_weekday && !m->has_minute)
        return l->starts_at; /* also the second of two equal hours */
    struct wall date = wall_of_day(day);
    date.hour = w.hour;
    date.minute = w.minute;
    if (m->has_minute) {
        date.hour = 0;
        date.minute = (int)m->minute;
    }
    return zone_utc(zone, &date);
}

static enum rc move_span(struct cx *cx, const struct zone *zone, const struct schedule_move *m,
                         const struct lecture *l, struct schedule_span *out)
{
    int64_t start = moved(zone, m, l), end = NO_TIME;
    if (m->has_length)
        end = start + m->length * MINUTE_MS;
    else if (l->ends_at != NO_TIME)
        end = start + (l->ends_at - l->starts_at);
    if (!lecture_time_ok(start) || (end != NO_TIME && !lecture_time_ok(end)))
        return err_set(cx, RC_INVALID, "date", "schedule_time", "lecture %s", l->key);
    *out = (struct schedule_span){.lecture_id = l->id, .starts_at = start, .ends_at = end};
    return RC_OK;
}

enum rc schedule_move_look(struct cx *cx, const struct course *course, const struct schedule_keys *keys,
                           const struct schedule_move *move, struct schedule_span **span, size_t *n)
{
    struct lecture_list list = {0};
    const struct zone *zone = NULL;
    size_t count = 0;
    enum rc rc = course_zone(cx, course, &zone);
    if (rc == RC_OK)
        rc = schedule_get(cx, course, keys, &list);
    struct schedule_span *all = arena_array(cx->arena, list.n + 1, sizeof *all);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        const struct lecture *l = &list.item[i];
        rc = move_span(cx, zone, move, l, &all[count]);
        bool moves =
            rc == RC_OK && (all[count].starts_at != l->starts_at || all[count].ends_at != l->ends_at);
        count += moves && l->time_state != TIME_CANCELLED;
    }
    if (rc == RC_OK)
        rc = schedule_find_twice(cx, course->id, all, count);
    if (rc == RC_OK) {
        *span = all;
        *n = count;
    }
    return rc;
}

static json_t *seconds(int64_t ms)
{
    return ms == NO_TIME ? json_null() : json_integer(ms / 1000);
}

/* What is over, without a recording, is planned again if its new time is to come. */
static enum time_state state_after(const struct lecture *l, int64_t end)
{
    enum time_state stored = l->time_state == TIME_CANCELLED ? TIME_PLANNED : l->time_state;
    bool again = stored == TIME_ENDED && l->media_state == MEDIA_NONE && end > clock_now();
    return again ? TIME_PLANNED : stored;
}

/* When and where each will be. */
static enum rc set_places(struct cx *cx, const struct course *course, const struct schedule_move *m,
                          const struct lecture_list *list, struct booking *b)
{
    const struct zone *zone = NULL;
    enum rc rc = course_zone(cx, course, &zone);
    for (size_t i = 0; rc == RC_OK && i < list->n; i++) {
        struct schedule_span to = {0};
        rc = move_span(cx, zone, m, &list->item[i], &to);
        b[i] = (struct booking){.field = "hall",
                                .hall = m->hall,
                                .starts_at = to.starts_at,
                                .ends_at = to.ends_at,
                                .lecture = &list->item[i]};
    }
    return rc;
}

static json_t *row_json(const struct booking *b, bool apart)
{
    const struct lecture *l = b->lecture;
    int64_t over = b->ends_at != NO_TIME ? b->ends_at : b->starts_at;
    json_t *o = json_object();
    json_object_set_new(o, "i", json_integer(l->id));
    json_object_set_new(o, "s", seconds(b->starts_at));
    json_object_set_new(o, "e", seconds(b->ends_at));
    json_object_set_new(o, "h", json_string(b->text));
    if (b->hall_id) {
        json_object_set_new(o, "hi", json_integer(b->hall_id));
        json_object_set_new(o, "hs", json_string(hall_state_name(b->state)));
    }
    json_object_set_new(o, "hn", json_string(b->note));
    json_object_set_new(o, "x", json_integer(l->edited || apart));
    json_object_set_new(o, "t", json_string(time_state_name(state_after(l, over))));
    return o;
}

static enum rc write_move(struct cx *cx, struct change *c, const struct course *course,
                          const struct lecture_list *list)
{
    struct booking *b = arena_array(cx->arena, list->n + 1, sizeof *b);
    enum rc rc = set_places(cx, course, c->move, list, b);
    if (rc == RC_OK)
        rc = booking_take(cx, course->object.organisation_path, b, list->n);
    for (size_t from = 0; rc == RC_OK && from < list->n; from += ROWS_AT_ONCE) {
        json_t *rows = js_array(cx);
        for (size_t i = from; i < list->n && i - from < ROWS_AT_ONCE; i++)
            json_array_append_new(rows, row_json(&b[i], c->move->apart));
        rc = db_exec(cx, SQL_schedule_move, NULL, "st", js_text(cx, rows).p, clock_now());
    }
    return rc;
}

enum rc schedule_move(struct cx *cx, int64_t course_id, const struct schedule_keys *keys,
                      const struct schedule_move *move, struct schedule_changed *out)
{
    struct change c = {.course_id = course_id, .keys = keys, .move = move, .audit = "schedule.move"};
    c.event = TIME_ON_MOVE;
    c.write = write_move;
    if (move->has_length && (move->length < 1 || move->length > SCHEDULE_LONGEST))
        return err_set(cx, RC_INVALID, "length", "schedule_length", "%lld minutes", (long long)move->length);
    enum rc rc = check_text(cx, move->hall, SCHEDULE_HALL_MAX, "hall", "schedule_hall");
    return rc == RC_OK ? run(cx, &c, out) : rc;
}

/* --- cancel, restore --- */

static enum rc write_cancel(struct cx *cx, struct change *c, const struct course *course,
                            const struct lecture_list *list)
{
    (void)course;
    int64_t now = clock_now();
    enum rc rc = RC_OK;
    for (size_t from = 0; rc == RC_OK && from < list->n; from += ROWS_AT_ONCE)
        rc = db_exec(cx, SQL_schedule_cancel, NULL, "stst", ids_json(cx, list, from, ROWS_AT_ONCE), now,
                     c->note, now);
    return rc;
}

/* Their halls may be taken meanwhile, or not be given any more. */
static enum rc write_restore(struct cx *cx, struct change *c, const struct course *course,
                             const struct lecture_list *list)
{
    (void)course;
    struct booking_retaken retaken;
    enum rc rc = booking_retake(cx, list, NO_TIME, &retaken);
    if (rc == RC_OK && retaken.lost)
        rc =
            err_set(cx, RC_CONFLICT, "hall", "hall_taken_meanwhile", "%zu halls cannot be had", retaken.lost);
    for (size_t from = 0; rc == RC_OK && from < list->n; from += ROWS_AT_ONCE)
        rc = db_exec(cx, SQL_schedule_restore, NULL, "st", ids_json(cx, list, from, ROWS_AT_ONCE),
                     clock_now());
    if (rc == RC_OK)
        c->out.asked = retaken.asked;
    return rc;
}

enum rc schedule_cancel(struct cx *cx, int64_t course_id, const struct schedule_keys *keys, const char *note,
                        struct schedule_changed *out)
{
    struct change c = {.course_id = course_id, .keys = keys, .note = note, .audit = "schedule.cancel"};
    c.event = TIME_ON_CANCEL;
    c.write = write_cancel;
    enum rc rc = check_text(cx, note, SCHEDULE_NOTE_MAX, "note", "schedule_note");
    return rc == RC_OK ? run(cx, &c, out) : rc;
}

enum rc schedule_restore(struct cx *cx, int64_t course_id, const struct schedule_keys *keys,
                         struct schedule_changed *out)
{
    struct change c = {.course_id = course_id, .keys = keys, .audit = "schedule.restore"};
    c.event = TIME_ON_RESTORE;
    c.write = write_restore;
    return run(cx, &c, out);
}

enum rc schedule_restore_look(struct cx *cx, const struct course *course, const struct schedule_keys *keys,
                              struct schedule_span **span, size_t *n)
{
    struct lecture_list list = {0};
    size_t count = 0;
    enum rc rc = schedule_get(cx, course, keys, &list);
    struct schedule_span *all = arena_array(cx->arena, list.n + 1, sizeof *all);
    for (size_t i = 0; i < list.n; i++) {
        const struct lecture *l = &list.item[i];
        if (l->time_state == TIME_CANCELLED)
            all[count++] =
                (struct schedule_span){.lecture_id = l->id, .starts_at = l->starts_at, .ends_at = l->ends_at};
    }
    if (rc == RC_OK)
        rc = schedule_find_twice(cx, course->id, all, count);
    if (rc == RC_OK) {
        *span = all;
        *n = count;
    }
    return rc;
}
