#include "lib/svc/teaching/free_day.h"

#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/check.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/term.h"

static void take_all(struct cx *cx, const struct rows *rows, struct free_day_list *out)
{
    struct free_day_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = (struct free_day){.id = row_i64(rows, i, 0),
                                         .term_id = row_i64(rows, i, 1),
                                         .organisation_id = row_i64(rows, i, 2),
                                         .first = term_day(row_time(rows, i, 3)),
                                         .last = term_day(row_time(rows, i, 4)),
                                         .name = row_text(rows, i, 5),
                                         .organisation_name = row_text(rows, i, 6),
                                         .organisation_slug = row_text(rows, i, 7)};
    *out = list;
}

enum rc free_day_list(struct cx *cx, int64_t organisation_id, int64_t first, int64_t last,
                      struct free_day_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_free_day_list, &rows, "itt", organisation_id, term_midnight(first),
                          term_midnight(last));
    if (rc == RC_OK)
        take_all(cx, rows, out);
    return rc;
}

/* --- add, remove --- */

static enum rc check_right(struct cx *cx, int64_t organisation_id)
{
    struct org *org = NULL;
    if (!organisation_id)
        return policy_check(cx, ACT_INSTALL, NULL);
    enum rc rc = org_get(cx, organisation_id, &org);
    if (rc != RC_OK)
        return rc;
    struct policy_object object = org_object(org);
    return policy_check(cx, ACT_ORG_MANAGE, &object);
}

static enum rc check_dates(struct cx *cx, const struct free_day_new *in)
{
    struct term *term = NULL;
    enum rc rc = term_get(cx, in->term_id, &term);
    if (rc == RC_OK && (in->first > in->last || in->last - in->first >= FREE_DAYS_LONG ||
                        in->first < term_day(term->starts_at) || in->last > term_day(term->ends_at)))
        rc = err_set(cx, RC_INVALID, "last", "free_day_dates", "a free day outside of %s, or over %d days",
                     term->slug, FREE_DAYS_LONG);
    return rc;
}

struct add {
    const struct free_day_new *in;
    int64_t id;
};

static enum rc add_tx(struct cx *cx, void *arg)
{
    struct add *a = arg;
    const struct free_day_new *in = a->in;
    struct db_done done = {0};
    struct rows *rows = NULL;
    enum rc rc = check_right(cx, in->organisation_id);
    if (rc == RC_OK)
        rc = check_dates(cx, in);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_free_day_count, &rows, "ii", in->term_id, in->organisation_id);
    if (rc == RC_OK && row_i64(rows, 0, 0) >= FREE_DAYS_MAX)
        rc = err_set(cx, RC_CONFLICT, "name", "free_days_many", "over %d entries", FREE_DAYS_MAX);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_free_day_insert, &done, "iittst", in->term_id, in->organisation_id,
                     term_midnight(in->first), term_midnight(in->last), in->name, clock_now());
    if (rc == RC_CONFLICT && db_duplicate(cx, "free_day_once"))
        return err_set(cx, RC_CONFLICT, "first", "free_day_taken", "these days are free already");
    if (rc == RC_OK)
        rc = audit_write(cx, "term.free", "term", in->term_id, "%s", in->name);
    if (rc == RC_OK)
        a->id = done.id;
    return rc;
}

enum rc free_day_add(struct cx *cx, const struct free_day_new *in, int64_t *id)
{
    struct add a = {.in = in};
    enum rc rc = check_line(cx, in->name, FREE_DAY_NAME_MAX, "name", "free_day_name");
    if (rc == RC_OK)
        rc = db_tx(cx, add_tx, &a);
    if (rc == RC_OK && id)
        *id = a.id;
    return rc;
}

static enum rc remove_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct rows *rows = NULL;
    struct free_day_list list = {0};
    enum rc rc = db_query(cx, SQL_free_day_get, &rows, "i", *id);
    if (rc != RC_OK)
        return rc;
    take_all(cx, rows, &list);
    if (list.n == 0)
        return err_set(cx, RC_NOTFOUND, NULL, "free_day_unknown", "no such free day");
    rc = check_right(cx, list.item[0].organisation_id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_free_day_delete, NULL, "i", *id);
    return rc == RC_OK ? audit_write(cx, "term.unfree", "term", list.item[0].term_id, "%s", list.item[0].name)
                       : rc;
}

enum rc free_day_remove(struct cx *cx, int64_t id)
{
    return db_tx(cx, remove_tx, &id);
}
