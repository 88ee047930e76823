#include "lib/svc/teaching/hall_request.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org_row.h"
#include "lib/svc/teaching/lecture_row.h"

static int64_t actor_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

static struct booking *bookings_of(struct cx *cx, const struct lecture_list *list)
{
    struct booking *b = arena_array(cx->arena, list->n + 1, sizeof *b);
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = &list->item[i];
        b[i] = (struct booking){
            .starts_at = l->starts_at, .ends_at = l->ends_at, .hall_id = l->hall_id, .lecture = l};
    }
    return b;
}

enum rc hall_request_list(struct cx *cx, const struct org *org, struct hall_requests *out)
{
    struct rows *rows = NULL;
    struct lecture_list list;
    enum rc rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_request_list, &rows, "itsi", actor_id(cx), clock_now(),
                      org_subtree(cx, org->path), (int64_t)HALL_REQUESTS_SHOWN + 1);
    if (rc != RC_OK)
        return rc;
    lecture_take_all(cx, rows, &list);
    bool more = list.n > HALL_REQUESTS_SHOWN;
    list.n = more ? HALL_REQUESTS_SHOWN : list.n;
    struct booking *b = bookings_of(cx, &list);
    rc = booking_compare(cx, b, list.n);
    if (rc == RC_OK)
        *out = (struct hall_requests){b, list.n, more};
    return rc;
}

enum rc hall_request_count(struct cx *cx, const struct org *org, int64_t *n)
{
    struct rows *rows = NULL;
    enum rc rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_request_count, &rows, "sti", org_subtree(cx, org->path), clock_now(),
                    (int64_t)HALL_REQUESTS_SHOWN);
    if (rc == RC_OK)
        *n = row_i64(rows, 0, 0);
    return rc;
}

/* --- answering --- */

struct answer {
    const char *keys;
    bool give;
    const char *note;
    size_t n;
};

/* The requests that still wait, with their lectures locked. */
static enum rc pick(struct cx *cx, const char *keys, struct lecture_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_request_lock, &rows, "s", keys);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_request_pick, &rows, "ist", actor_id(cx), keys, clock_now());
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct policy_object object = {.organisation_path = row_text(rows, i, LECTURE_COLUMNS)};
        rc = policy_check(cx, ACT_ORG_MANAGE, &object);
        if (rc != RC_OK)
            return rc;
    }
    lecture_take_all(cx, rows, out);
    return RC_OK;
}

static enum rc check_free(struct cx *cx, const struct lecture_list *list)
{
    struct booking *b = bookings_of(cx, list);
    enum rc rc = booking_claim(cx, b, list->n);
    for (size_t i = 0; rc == RC_OK && i < list->n; i++)
        if (b[i].wrong)
            rc = err_set(cx, RC_CONFLICT, "pick", "hall_request_taken", "lecture %s: %s", list->item[i].key,
                         b[i].wrong);
    return rc;
}

static enum rc answer_tx(struct cx *cx, void *arg)
{
    struct answer *a = arg;
    const char *state = hall_state_name(a->give ? HALL_BOOKED : HALL_REFUSED);
    struct lecture_list list;
    json_t *ids = js_array(cx);
    enum rc rc = pick(cx, a->keys, &list);
    if (rc == RC_OK && a->give)
        rc = check_free(cx, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++)
        json_array_append_new(ids, json_integer(list.item[i].id));
    if (rc == RC_OK && list.n > 0)
        rc = db_exec(cx, SQL_request_answer, NULL, "sssst", js_text(cx, ids).p, state, state, a->note,
                     clock_now());
    if (rc == RC_OK && list.n > 0)
        rc = audit_write(cx, a->give ? "hall.give" : "hall.refuse", "hall", list.item[0].hall_id,
                         "%zu lectures, the first %s", list.n, list.item[0].key);
    if (rc == RC_OK)
        a->n = list.n;
    return rc;
}

enum rc hall_request_answer(struct cx *cx, const struct schedule_keys *keys, bool give, const char *note,
                            size_t *n)
{
    json_t *list = js_array(cx);
    for (size_t i = 0; i < keys->n; i++)
        if (str_is_key(str_of(keys->key[i]), LECTURE_KEY_LENGTH))
            json_array_append_new(list, json_string(keys->key[i]));
    struct answer a = {.keys = js_text(cx, list).p, .give = give, .note = note};
    enum rc rc = check_text(cx, note, SCHEDULE_NOTE_MAX, "note", "schedule_note");
    if (rc == RC_OK)
        rc = db_tx(cx, answer_tx, &a);
    if (rc == RC_OK)
        *n = a.n;
    return rc;
}
