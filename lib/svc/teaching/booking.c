#include "lib/svc/teaching/booking.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/people/org_row.h"
#include "lib/svc/teaching/hall_row.h"
#include "lib/svc/teaching/lecture_row.h"

enum { SECOND_MS = 1000, DAY_MS = 24 * 3600 * SECOND_MS, LONGEST_MS = DAY_MS };
static const int64_t COMPARED_MS = INT64_C(31) * DAY_MS;

static int64_t end_of(const struct booking *b)
{
    return lecture_end(b->starts_at, b->ends_at);
}

/* --- which hall --- */

static bool same_hall(const struct booking *b)
{
    const struct lecture *l = b->lecture;
    return l && l->hall_id && (!b->hall || strcmp(b->hall, l->hall_name) == 0);
}

/* A hall that was refused or lost is asked for again by its name. */
static bool unchanged(const struct booking *b)
{
    const struct lecture *l = b->lecture;
    bool given = same_hall(b) && (l->hall_state == HALL_BOOKED || l->hall_state == HALL_REQUESTED);
    return same_hall(b) && (given || !b->hall) && l->starts_at == b->starts_at && l->ends_at == b->ends_at;
}

/* Answers what needs no hall of the list; false: `text` is to be looked up. */
static bool settle(struct booking *b)
{
    const struct lecture *l = b->lecture;
    bool over = end_of(b) <= clock_now();
    b->hall_id = 0;
    b->state = HALL_NONE;
    b->note = "";
    b->with = NULL;
    b->wrong = NULL;
    b->by = NULL;
    b->text = b->hall ? b->hall : !l ? "" : l->hall_id ? l->hall_name : l->hall;
    if (unchanged(b) || (over && same_hall(b))) {
        b->hall_id = l->hall_id;
        b->state = l->hall_state;
        b->note = l->hall_note;
        b->text = l->hall;
        return true;
    }
    return over || *b->text == '\0' || (!b->hall && !l->hall_id);
}

/* Texts that are looked up, each once. */
struct wanted {
    json_t *list;
    size_t n;
    int64_t *id; /* of the hall that the lecture has; 0: by its text */
    const char **text;
    const struct hall **found; /* NULL: none of the list */
};

static size_t want(struct wanted *w, int64_t id, const char *text)
{
    size_t i = 0;
    while (i < w->n && (w->id[i] != id || strcmp(w->text[i], text) != 0))
        i++;
    if (i < w->n)
        return i;
    json_t *o = json_object();
    json_object_set_new(o, "r", json_integer((json_int_t)i));
    json_object_set_new(o, "i", id ? json_integer(id) : json_null());
    json_object_set_new(o, "n", json_string(text));
    json_array_append_new(w->list, o);
    w->id[i] = id;
    w->text[i] = text;
    w->n++;
    return i;
}

static enum rc look_up(struct cx *cx, const char *path, struct wanted *w)
{
    struct rows *rows = NULL;
    enum rc rc =
        w->n ? db_query(cx, SQL_hall_match, &rows, "ss", js_text(cx, w->list).p, org_path_ids(cx, path))
             : RC_OK;
    for (size_t i = 0; rc == RC_OK && w->n && i < rows_count(rows); i++) {
        size_t r = (size_t)row_i64(rows, i, 0);
        if (w->found[r])
            continue;
        struct hall *hall = arena_alloc(cx->arena, sizeof *hall);
        *hall = hall_from_row(rows, i, 1);
        w->found[r] = hall;
    }
    return rc;
}

static void decide(const struct cx *cx, struct booking *b, const struct hall *hall)
{
    b->with = hall;
    b->state = hall_gives(cx, hall);
    if (hall->archived_at != NO_TIME)
        b->wrong = "hall_archived";
    else if (end_of(b) - b->starts_at > LONGEST_MS)
        b->wrong = "hall_long";
    else if (b->state == HALL_NONE)
        b->wrong = "hall_closed";
    b->hall_id = hall->id;
    b->text = b->state == HALL_BOOKED ? hall->name : "";
}

/* The hall that the lecture has chosen. */
static const struct hall *chosen(struct cx *cx, const struct lecture *l)
{
    struct hall *hall = arena_alloc(cx->arena, sizeof *hall);
    hall->id = l->hall_id;
    hall->name = l->hall_name;
    return hall;
}

/* The lecture keeps a hall that serves its course no more, but at no other time: as with one that was archived. */
static void refuse(struct cx *cx, struct booking *b)
{
    b->with = chosen(cx, b->lecture);
    b->hall_id = b->with->id;
    b->wrong = "hall_archived";
}

static enum rc match(struct cx *cx, const char *path, struct booking *b, size_t n)
{
    struct wanted w = {.list = js_array(cx)};
    size_t *slot = arena_array(cx->arena, n + 1, sizeof *slot);
    w.id = arena_array(cx->arena, n + 1, sizeof *w.id);
    w.text = arena_array(cx->arena, n + 1, sizeof *w.text);
    w.found = arena_array(cx->arena, n + 1, sizeof *w.found);
    for (size_t i = 0; i < n; i++) {
        slot[i] = SIZE_MAX;
        if (!settle(&b[i]))
            slot[i] = want(&w, same_hall(&b[i]) ? b[i].lecture->hall_id : 0, b[i].text);
    }
    enum rc rc = look_up(cx, path, &w);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (slot[i] != SIZE_MAX && w.found[slot[i]])
            decide(cx, &b[i], w.found[slot[i]]);
        else if (slot[i] != SIZE_MAX && same_hall(&b[i]))
            refuse(cx, &b[i]);
    return rc;
}

/* --- is it free --- */

/* A cancelled lecture asks when it is restored. */
static bool claims(const struct booking *b)
{
    return b->with && !b->wrong && !(b->lecture && b->lecture->time_state == TIME_CANCELLED);
}

static bool holds(const struct booking *b)
{
    return b->hall_id && !b->with && b->state == HALL_BOOKED && b->lecture->time_state != TIME_CANCELLED;
}

static bool overlap(const struct booking *a, const struct booking *b)
{
    return a->hall_id == b->hall_id && a->starts_at < end_of(b) && end_of(a) > b->starts_at;
}

static bool is_ours(const struct booking *b, size_t n, int64_t lecture_id)
{
    for (size_t i = 0; i < n; i++)
        if (b[i].lecture && b[i].lecture->id == lecture_id)
            return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The halls that are claimed, each once, ascending: everybody locks them in this order. NULL: none. */
static const char *halls_json(struct cx *cx, const struct booking *b, size_t n)
{
    int64_t *id = arena_array(cx->arena, n + 1, sizeof *id);
    json_t *list = js_array(cx);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (claims(&b[i]))
            id[count++] = b[i].hall_id;
    qsort(id, count, sizeof *id, by_number);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || id[i] != id[i - 1])
            json_array_append_new(list, json_integer(id[i]));
    return count ? js_text(cx, list).p : NULL;
}

/* The time of a claim, once for each day on which a booking that overlaps it may begin. Programs of the version before may have made
 * one longer than LONGEST_MS: of such a claim the first month is compared. */
static void add_time(json_t *list, const struct booking *b)
{
    int64_t end = end_of(b), most = b->starts_at + COMPARED_MS;
    end = end < most ? end : most;
    for (int64_t day = (b->starts_at - LONGEST_MS) / DAY_MS; day <= (end - 1) / DAY_MS; day++) {
        json_t *o = json_object();
        json_object_set_new(o, "h", json_integer(b->hall_id));
        json_object_set_new(o, "d", json_integer(day));
        json_object_set_new(o, "f", json_integer(b->starts_at / SECOND_MS));
        json_object_set_new(o, "t", json_integer((end + SECOND_MS - 1) / SECOND_MS));
        json_array_append_new(list, o);
    }
}

/* Who has the halls at the times of the claims. */
static enum rc read_busy(struct cx *cx, const struct booking *b, size_t n, struct rows **rows)
{
    json_t *times = js_array(cx);
    for (size_t i = 0; i < n; i++)
        if (claims(&b[i]))
            add_time(times, &b[i]);
    return db_query(cx, SQL_booking_busy, rows, "s", js_text(cx, times).p);
}

/* A lecture that has a hall. */
struct holder {
    int64_t lecture_id;
    struct booking place;
};

/* By beginning, as the statement says. */
static struct holder *holders_of(struct cx *cx, const struct rows *rows)
{
    struct holder *h = arena_array(cx->arena, rows_count(rows) + 1, sizeof *h);
    for (size_t r = 0; r < rows_count(rows); r++) {
        h[r].lecture_id = row_i64(rows, r, 0);
        h[r].place.hall_id = row_i64(rows, r, 1);
        h[r].place.starts_at = row_time(rows, r, 2);
        h[r].place.ends_at = row_time(rows, r, 3);
    }
    return h;
}

/* by_id[i]: the lecture that has the hall of b[i], 0: another one of b. */
static void mark(const struct holder *h, size_t count, struct booking *b, size_t n, int64_t *by_id)
{
    for (size_t i = 0; i < n; i++) {
        if (!claims(&b[i]))
            continue;
        for (size_t k = 0; k < count && h[k].place.starts_at < end_of(&b[i]) && !b[i].wrong; k++)
            if (overlap(&b[i], &h[k].place) && !is_ours(b, n, h[k].lecture_id)) {
                b[i].wrong = "hall_taken";
                by_id[i] = h[k].lecture_id;
            }
        for (size_t k = 0; k < n && !b[i].wrong; k++)
            if (overlap(&b[i], &b[k]) && (holds(&b[k]) || (k < i && claims(&b[k]))))
                b[i].wrong = "hall_taken";
    }
}

static enum rc check(struct cx *cx, struct booking *b, size_t n, bool lock, int64_t *by_id)
{
    struct rows *rows = NULL;
    const char *halls = halls_json(cx, b, n);
    if (!halls)
        return RC_OK;
    enum rc rc = lock ? db_exec(cx, SQL_booking_lock, NULL, "s", halls) : RC_OK;
    if (rc == RC_OK)
        rc = read_busy(cx, b, n, &rows);
    if (rc == RC_OK)
        mark(holders_of(cx, rows), rows_count(rows), b, n, by_id);
    return rc;
}

static int64_t *new_ids(struct cx *cx, size_t n)
{
    return arena_array(cx->arena, n + 1, sizeof(int64_t));
}

/* --- looking --- */

/* Names who has the halls, as far as the actor may know. */
static enum rc name_takers(struct cx *cx, struct booking *b, size_t n, const int64_t *by_id)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    json_t *ids = js_array(cx);
    for (size_t i = 0; i < n; i++)
        if (by_id[i])
            json_array_append_new(ids, json_integer(by_id[i]));
    if (json_array_size(ids) == 0)
        return RC_OK;
    enum rc rc = db_query(cx, SQL_booking_lectures, &rows, "is", cx->actor ? cx->actor->user_id : (int64_t)0,
                          js_text(cx, ids).p);
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list.n && by_id[i]; k++)
            if (list.item[k].id == by_id[i] && policy_may(cx->actor, ACT_LECTURE_LIST, &list.item[k].object))
                b[i].by = &list.item[k];
    return RC_OK;
}

enum rc booking_look(struct cx *cx, const char *path, struct booking *b, size_t n)
{
    int64_t *by_id = new_ids(cx, n);
    enum rc rc = match(cx, path, b, n);
    if (rc == RC_OK)
        rc = check(cx, b, n, false, by_id);
    return rc == RC_OK ? name_takers(cx, b, n, by_id) : rc;
}

/* --- taking --- */

enum rc booking_take(struct cx *cx, const char *path, struct booking *b, size_t n)
{
    enum rc rc = match(cx, path, b, n);
    if (rc == RC_OK)
        rc = check(cx, b, n, true, new_ids(cx, n));
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (b[i].wrong)
            rc = err_set(cx, RC_CONFLICT, b[i].field, b[i].wrong, "hall %s: %s", b[i].with->name, b[i].wrong);
    return rc;
}

enum rc booking_claim(struct cx *cx, struct booking *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b[i].with = chosen(cx, b[i].lecture);
    return check(cx, b, n, true, new_ids(cx, n));
}

enum rc booking_compare(struct cx *cx, struct booking *b, size_t n)
{
    int64_t *by_id = new_ids(cx, n);
    for (size_t i = 0; i < n; i++)
        b[i].with = chosen(cx, b[i].lecture);
    enum rc rc = check(cx, b, n, false, by_id);
    return rc == RC_OK ? name_takers(cx, b, n, by_id) : rc;
}

/* --- taking again --- */

/* Those that had a hall and are to come; as if they were restored. */
static size_t had_halls(struct cx *cx, const struct lecture_list *list, struct booking *b)
{
    struct lecture *now = arena_array(cx->arena, list->n + 1, sizeof *now);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = &list->item[i];
        b[n] = (struct booking){.starts_at = l->starts_at, .ends_at = l->ends_at, .hall_id = l->hall_id};
        if (l->hall_state != HALL_BOOKED || end_of(&b[n]) <= clock_now())
            continue;
        now[n] = *l;
        now[n].time_state = TIME_PLANNED;
        b[n].lecture = &now[n];
        b[n].with = chosen(cx, l);
        b[n].state = HALL_BOOKED;
        n++;
    }
    return n;
}

static enum hall_state gives_again(const struct cx *cx, const struct lecture *l, const struct hall *hall,
                                   bool changed)
{
    bool serves = str_starts(str_of(l->organisation_path), hall->organisation_path);
    if (hall->archived_at != NO_TIME || !serves)
        return HALL_LOST;
    enum hall_state state = changed ? hall_gives(cx, hall) : HALL_BOOKED;
    return state == HALL_NONE ? HALL_LOST : state;
}

/* state: what each gets, if it is free. What it does not get it does not claim. */
static enum rc read_rules(struct cx *cx, struct booking *b, size_t n, int64_t since)
{
    struct rows *rows = NULL;
    json_t *ids = js_array(cx);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(ids, json_integer(b[i].lecture->id));
    enum rc rc = db_query(cx, SQL_booking_rules, &rows, "ts", since, js_text(cx, ids).p);
    for (size_t r = 0; rc == RC_OK && r < rows_count(rows); r++) {
        const struct hall hall = hall_from_row(rows, r, 2);
        for (size_t i = 0; i < n; i++)
            if (b[i].lecture->id == row_i64(rows, r, 0))
                b[i].state = gives_again(cx, b[i].lecture, &hall, row_bool(rows, r, 1));
    }
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (b[i].state != HALL_BOOKED)
            b[i].with = NULL;
    return rc;
}

static enum rc give_up(struct cx *cx, const struct booking *b, size_t n, enum hall_state state, size_t *count)
{
    json_t *ids = js_array(cx);
    for (size_t i = 0; i < n; i++)
        if ((b[i].wrong ? HALL_LOST : b[i].state) == state)
            json_array_append_new(ids, json_integer(b[i].lecture->id));
    *count = json_array_size(ids);
    return *count ? db_exec(cx, SQL_booking_give_up, NULL, "sst", js_text(cx, ids).p, hall_state_name(state),
                            clock_now())
                  : RC_OK;
}

/* The halls are locked before their rules are read. */
enum rc booking_retake(struct cx *cx, const struct lecture_list *list, int64_t since,
                       struct booking_retaken *out)
{
    struct booking *b = arena_array(cx->arena, list->n + 1, sizeof *b);
    size_t n = had_halls(cx, list, b);
    const char *halls = halls_json(cx, b, n);
    *out = (struct booking_retaken){0};
    if (!halls)
        return RC_OK;
    enum rc rc = db_exec(cx, SQL_booking_lock, NULL, "s", halls);
    if (rc == RC_OK)
        rc = read_rules(cx, b, n, since);
    if (rc == RC_OK)
        rc = check(cx, b, n, false, new_ids(cx, n));
    if (rc == RC_OK)
        rc = give_up(cx, b, n, HALL_REQUESTED, &out->asked);
    return rc == RC_OK ? give_up(cx, b, n, HALL_LOST, &out->lost) : rc;
}

enum rc booking_retake_course(struct cx *cx, int64_t course_id)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    struct booking_retaken retaken;
    enum rc rc = db_query(cx, SQL_booking_of_course, &rows, "iit", (int64_t)0, course_id, clock_now());
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    return booking_retake(cx, &list, NO_TIME, &retaken);
}
