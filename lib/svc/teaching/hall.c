#include "lib/svc/teaching/hall.h"

#include <string.h>

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org_row.h"
#include "lib/svc/seen.h"
#include "lib/svc/teaching/hall_row.h"

const char *const hall_booking_names[HALL_BOOKING_COUNT + 1] = {"below", "request", "maintainers", NULL};
static WORDS_NAME(booking_name, enum hall_booking, hall_booking_names,
                  HALL_BOOKING_COUNT) static WORDS_OF(booking_of, enum hall_booking, hall_booking_names,
                                                      HALL_BOOKING_COUNT)

    /* --- rows --- */

    struct hall hall_from_row(const struct rows *rows, size_t r, unsigned column)
{
    struct hall h = {.id = row_i64(rows, r, column),
                     .organisation_id = row_i64(rows, r, column + 1),
                     .organisation_name = row_text(rows, r, column + 2),
                     .organisation_slug = row_text(rows, r, column + 3),
                     .organisation_path = row_text(rows, r, column + 4),
                     .organisation_zone = row_text(rows, r, column + 5),
                     .name = row_text(rows, r, column + 6),
                     .codes = row_text(rows, r, column + 7),
                     .building = row_text(rows, r, column + 8),
                     .seats = row_i64(rows, r, column + 9),
                     .archived_at = row_time(rows, r, column + 11)};
    if (!booking_of(row_bytes(rows, r, column + 10), &h.booking))
        bug("unknown booking in hall");
    return h;
}

static struct hall_list take_all(struct cx *cx, const struct rows *rows, int64_t limit, bool requests)
{
    struct hall_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    list.more = list.n > (size_t)limit;
    list.n = list.more ? (size_t)limit : list.n;
    for (size_t i = 0; i < list.n; i++) {
        list.item[i] = hall_from_row(rows, i, 0);
        if (requests)
            list.item[i].requests = row_i64(rows, i, HALL_COLUMNS);
    }
    return list;
}

enum rc hall_get(struct cx *cx, int64_t id, struct hall **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_hall_get, &rows, "i", id);
    if (rc == RC_OK && rows_count(rows) == 0)
        rc = err_set(cx, RC_NOTFOUND, NULL, "hall_unknown", "no hall %lld", (long long)id);
    if (rc != RC_OK)
        return rc;
    struct hall *h = arena_alloc(cx->arena, sizeof *h);
    *h = hall_from_row(rows, 0, 0);
    *out = h;
    return RC_OK;
}

enum rc hall_list(struct cx *cx, const struct org *org, int64_t limit, int64_t offset, struct hall_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_hall_list, &rows, "tiii", clock_now(), org->id, limit + 1, offset);
    if (rc == RC_OK)
        *out = take_all(cx, rows, limit, true);
    return rc;
}

enum rc hall_list_serving(struct cx *cx, const char *path, const char *words, struct hall_list *out)
{
    struct rows *rows = NULL;
    const char *like = db_like(cx, words);
    enum rc rc = db_query(cx, SQL_hall_list_serving, &rows, "ssssi", org_path_ids(cx, path), like, like, like,
                          (int64_t)HALLS_OFFERED + 1);
    if (rc == RC_OK)
        *out = take_all(cx, rows, HALLS_OFFERED, false);
    return rc;
}

/* --- rights --- */

static bool maintains(const struct cx *cx, const struct hall *hall)
{
    struct policy_object object = {.organisation_path = hall->organisation_path};
    return policy_may(cx->actor, ACT_ORG_MANAGE, &object);
}

enum hall_state hall_gives(const struct cx *cx, const struct hall *hall)
{
    if (hall->booking == HALL_BELOW || maintains(cx, hall))
        return HALL_BOOKED;
    return hall->booking == HALL_ON_REQUEST ? HALL_REQUESTED : HALL_NONE;
}

static enum rc get_mine(struct cx *cx, int64_t id, struct hall **out)
{
    enum rc rc = hall_get(cx, id, out);
    if (rc != RC_OK)
        return rc;
    struct policy_object object = {.organisation_path = (*out)->organisation_path};
    return policy_check(cx, ACT_ORG_MANAGE, &object);
}

/* --- create, change --- */

static enum rc check_edit(struct cx *cx, const struct hall_edit *in)
{
    enum rc rc = check_line(cx, in->name, HALL_NAME_MAX, "name", "hall_name");
    if (rc == RC_OK)
        rc = check_text(cx, in->codes, HALL_CODES_MAX, "codes", "hall_codes");
    if (rc == RC_OK)
        rc = check_text(cx, in->building, HALL_BUILDING_MAX, "building", "hall_building");
    if (rc == RC_OK && (in->seats < 0 || in->seats > HALL_SEATS_MAX))
        rc = err_set(cx, RC_INVALID, "seats", "hall_seats", "%lld seats", (long long)in->seats);
    return rc;
}

static enum rc name_taken(struct cx *cx, const char *name)
{
    return err_set(cx, RC_CONFLICT, "name", "hall_name_taken", "there is a hall %s", name);
}

struct change {
    int64_t id; /* of the organisation or the hall */
    const struct hall_edit *in;
    int64_t made;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct change *c = arg;
    const struct hall_edit *in = c->in;
    struct org *org = NULL;
    struct rows *rows = NULL;
    struct db_done done = {0};
    enum rc rc = org_get(cx, c->id, &org);
    if (rc == RC_OK)
        rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_hall_count, &rows, "i", org->id);
    if (rc == RC_OK && row_i64(rows, 0, 0) >= HALLS_MAX)
        rc = err_set(cx, RC_CONFLICT, "name", "halls_many", "over %d halls", HALLS_MAX);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_hall_insert, &done, "isssist", org->id, in->name, in->codes, in->building,
                     in->seats, booking_name(in->booking), clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "hall_name"))
        return name_taken(cx, in->name);
    if (rc == RC_OK)
        rc = audit_write(cx, "hall.create", "hall", done.id, "%s in %s", in->name, org->slug);
    if (rc == RC_OK)
        c->made = done.id;
    return rc;
}

enum rc hall_create(struct cx *cx, int64_t organisation_id, const struct hall_edit *in, int64_t *id)
{
    struct change c = {.id = organisation_id, .in = in};
    enum rc rc = check_edit(cx, in);
    if (rc == RC_OK)
        rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK && id)
        *id = c.made;
    return rc;
}

const char *hall_seen(struct cx *cx, const struct hall *hall)
{
    const char *text[] = {hall->name, hall->codes, hall->building,
                          arena_printf(cx->arena, "%lld", (long long)hall->seats),
                          booking_name(hall->booking)};
    return seen_of(cx, text, sizeof text / sizeof *text);
}

/* The hall is locked before it is read: of two who save it, the second sees what the first wrote. */
static enum rc update_tx(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    const struct hall_edit *in = c->in;
    struct hall *hall = NULL;
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_hall_lock, &rows, "i", c->id);
    if (rc == RC_OK)
        rc = get_mine(cx, c->id, &hall);
    if (rc == RC_OK)
        rc = seen_check(cx, in->seen, hall_seen(cx, hall));
    const char *booking = booking_name(in->booking);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_hall_update, NULL, "stsssisi", booking, clock_now(), in->name, in->codes,
                     in->building, in->seats, booking, hall->id);
    if (rc == RC_CONFLICT && db_duplicate(cx, "hall_name"))
        return name_taken(cx, in->name);
    if (rc == RC_OK && strcmp(hall->name, in->name) != 0)
        rc = db_exec(cx, SQL_hall_rename, NULL, "sti", in->name, clock_now(), hall->id);
    return rc == RC_OK ? audit_write(cx, "hall.update", "hall", hall->id, "%s", in->name) : rc;
}

enum rc hall_update(struct cx *cx, int64_t id, const struct hall_edit *in)
{
    enum rc rc = check_edit(cx, in);
    return rc == RC_OK ? db_tx(cx, update_tx, &(struct change){.id = id, .in = in}) : rc;
}

/* --- archive --- */

static enum rc archive_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct hall *hall = NULL;
    enum rc rc = get_mine(cx, *id, &hall);
    if (rc != RC_OK || hall->archived_at != NO_TIME)
        return rc;
    rc = db_exec(cx, SQL_hall_set_archived, NULL, "ti", clock_now(), hall->id);
    return rc == RC_OK ? audit_write(cx, "hall.archive", "hall", hall->id, "%s", hall->name) : rc;
}

enum rc hall_archive(struct cx *cx, int64_t id)
{
    return db_tx(cx, archive_tx, &id);
}

static enum rc restore_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct hall *hall = NULL;
    enum rc rc = get_mine(cx, *id, &hall);
    if (rc != RC_OK || hall->archived_at == NO_TIME)
        return rc;
    rc = db_exec(cx, SQL_hall_set_archived, NULL, "ti", NO_TIME, hall->id);
    return rc == RC_OK ? audit_write(cx, "hall.restore", "hall", hall->id, "%s", hall->name) : rc;
}

enum rc hall_restore(struct cx *cx, int64_t id)
{
    return db_tx(cx, restore_tx, &id);
}
