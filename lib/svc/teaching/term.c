#include "lib/svc/teaching/term.h"

#include <string.h>
#include <time.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/policy.h"

enum { YEAR_MIN = 1990, YEAR_MAX = 2200, APRIL = 3, OCTOBER = 9 };

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

int64_t term_day(int64_t ms)
{
    return ms / DAY_MS - (ms % DAY_MS < 0);
}

int64_t term_midnight(int64_t day)
{
    return day * DAY_MS;
}

static struct term from_row(const struct rows *rows, size_t r)
{
    const char *half = row_text(rows, r, 3);
    struct term t = {.id = row_i64(rows, r, 0),
                     .slug = row_text(rows, r, 1),
                     .year = (int)row_i64(rows, r, 2),
                     .half = half ? half[0] : 's',
                     .starts_at = row_time(rows, r, 4),
                     .ends_at = row_time(rows, r, 5)};
    t.has_period = !row_null(rows, r, 6) && !row_null(rows, r, 7);
    t.first = term_day(t.has_period ? row_time(rows, r, 6) : t.starts_at);
    t.last = term_day(t.has_period ? row_time(rows, r, 7) : t.ends_at - 1);
    return t;
}

/* "2026w" */
static bool parse_slug(const char *slug, int *year, char *half)
{
    struct str s = str_of(slug);
    int64_t y = 0;
    if (s.n != 5 || (s.p[4] != 's' && s.p[4] != 'w') ||
        !str_to_i64((struct str){s.p, 4}, YEAR_MIN, YEAR_MAX, &y))
        return false;
    *year = (int)y;
    *half = s.p[4];
    return true;
}

/* The first of a month, 00:00 UTC. */
static int64_t first_of(int year, int month)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = 1};
    return (int64_t)timegm(&tm) * 1000;
}

struct create {
    const char *slug;
    int year;
    char half[2];
    int64_t starts_at, ends_at, id;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    struct create *c = arg;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_term_insert, &done, "sistt", c->slug, (int64_t)c->year, c->half,
                         c->starts_at, c->ends_at);
    if (rc == RC_CONFLICT && db_duplicate(cx, "term_slug"))
        return err_set(cx, RC_CONFLICT, "term", "term_taken", "the term %s is there already", c->slug);
    if (rc == RC_OK)
        rc = audit_write(cx, "term.create", "term", done.id, "%s", c->slug);
    if (rc == RC_OK)
        c->id = done.id;
    return rc;
}

enum rc term_create(struct cx *cx, const char *slug, int64_t starts_at, int64_t ends_at, int64_t *id)
{
    struct create c = {.slug = slug};
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc != RC_OK)
        return rc;
    if (!parse_slug(slug, &c.year, &c.half[0]))
        return err_set(cx, RC_INVALID, "term", "term_invalid", "a term is a year and s or w, such as 2026w");
    bool summer = c.half[0] == 's';
    c.starts_at = starts_at != NO_TIME ? starts_at : first_of(c.year, summer ? APRIL : OCTOBER);
    c.ends_at =
        ends_at != NO_TIME ? ends_at : first_of(summer ? c.year : c.year + 1, summer ? OCTOBER : APRIL);
    if (c.starts_at >= c.ends_at)
        return err_set(cx, RC_INVALID, "ends_at", "term_dates", "a term ends after it begins");
    rc = db_tx(cx, create_tx, &c);
    if (rc == RC_OK && id)
        *id = c.id;
    return rc;
}

struct period {
    int64_t id, first, last;
};

static enum rc period_tx(struct cx *cx, void *arg)
{
    const struct period *p = arg;
    struct term *t = NULL;
    enum rc rc = term_get(cx, p->id, &t);
    if (rc == RC_OK &&
        (p->first > p->last || p->first < term_day(t->starts_at) || p->last > term_day(t->ends_at)))
        rc = err_set(cx, RC_INVALID, "last", "term_period", "a lecture period outside of %s", t->slug);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_term_set_period, NULL, "tti", term_midnight(p->first), term_midnight(p->last),
                     p->id);
    return rc == RC_OK ? audit_write(cx, "term.period", "term", p->id, "%s", t->slug) : rc;
}

enum rc term_set_period(struct cx *cx, int64_t id, int64_t first, int64_t last)
{
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    return rc == RC_OK ? db_tx(cx, period_tx, &(struct period){id, first, last}) : rc;
}

/* The list is newest first. Marks the term that runs now; else the last of the future ones, which is the
 * next; else the newest. */
static void mark_current(struct term_list *list)
{
    int64_t now = clock_now();
    struct term *current = NULL;
    for (size_t i = 0; i < list->n; i++) {
        struct term *t = &list->item[i];
        if (t->starts_at > now || !current || (now < t->ends_at && current->starts_at > now))
            current = t;
        if (t->starts_at <= now)
            break;
    }
    if (current)
        current->current = true;
}

enum rc term_list(struct cx *cx, struct term_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_term_list, &rows, "");
    if (rc != RC_OK)
        return rc;
    struct term_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = from_row(rows, i);
    mark_current(&list);
    *out = list;
    return RC_OK;
}

enum rc term_get(struct cx *cx, int64_t id, struct term **out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_term_get, &rows, "i", id);
    if (rc == RC_OK && rows_count(rows) == 0)
        return err_set(cx, RC_NOTFOUND, "term", "term_unknown", "there is no term %lld", (long long)id);
    if (rc != RC_OK)
        return rc;
    struct term *t = arena_alloc(cx->arena, sizeof *t);
    *t = from_row(rows, 0);
    *out = t;
    return RC_OK;
}

enum rc term_get_by_slug(struct cx *cx, const char *slug, struct term **out)
{
    struct term_list list;
    enum rc rc = term_list(cx, &list);
    if (rc != RC_OK)
        return rc;
    for (struct term *t = list.item; t < list.item + list.n; t++) {
        if (strcmp(t->slug, slug) == 0) {
            *out = t;
            return RC_OK;
        }
    }
    return err_set(cx, RC_NOTFOUND, "term", "term_unknown", "there is no term %s", slug);
}

enum rc term_get_current(struct cx *cx, struct term **out)
{
    struct term_list list;
    enum rc rc = term_list(cx, &list);
    if (rc != RC_OK)
        return rc;
    for (struct term *t = list.item; t < list.item + list.n; t++) {
        if (t->current) {
            *out = t;
            return RC_OK;
        }
    }
    return err_set(cx, RC_NOTFOUND, "term", "term_unknown", "there is no term yet");
}
