/* What takes place: a week, a month or a list, of one's own courses, a course, a hall, an organisation or everything. */
#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"
#include "lib/os/conf.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/calendar.h"

enum {
    WEEK = 7,
    CELL_MOST = 3,       /* lectures that a day of a month names */
    LIST_MOST = 100,     /* of a list */
    WIDE_MOST = 200,     /* of a week or month of everything or an organisation */
    WIDE_LIST_MOST = 25, /* of a list of those: nobody goes to all of them */
    LIST_DAYS = 366      /* that a list looks ahead */
};

enum view_kind { VIEW_WEEK, VIEW_MONTH, VIEW_LIST, VIEW_KINDS };
static const char *const view_names[VIEW_KINDS + 1] = {"week", "month", "list", NULL};
static const char *const own_names[] = {"mine", "all", NULL};

enum { P_VIEW, P_DAY, P_SCOPE, P_COURSE, P_ORG, P_HALL, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_VIEW] = {"view", WEB_CHOICE, false, 0, 0, view_names},
    [P_DAY] = {"day", WEB_DATE, false, 0, 0, NULL},
    [P_SCOPE] = {"scope", WEB_CHOICE, false, 0, 0, own_names},
    [P_COURSE] = {"course", WEB_INT, false, 1, INT64_MAX, NULL},
    [P_ORG] = {"org", WEB_SLUG, false, 1, ORG_SLUG_MAX, NULL},
    [P_HALL] = {"hall", WEB_INT, false, 1, INT64_MAX, NULL},
};

/* --- which days --- */

struct span {
    enum view_kind view;
    int64_t day, today;  /* asked for, and now, as days since 1970-01-01 */
    int64_t first, last; /* shown; last is the first day after */
    int month;           /* of VIEW_MONTH: 1 to 12 */
};

static int64_t monday_of(int64_t day)
{
    return day - (wall_of_day(day).weekday + 6) % WEEK;
}

static int64_t month_day(int year, int month)
{
    struct wall w = {.year = year + (month - 1) / 12, .month = (month - 1) % 12 + 1, .day = 1};
    return wall_day(&w);
}

static struct span span_of(struct web_request *rq, const struct calendar *c, const struct web_value *v)
{
    struct wall now = zone_wall(rq->zone, rq->now);
    struct span s = {.view = calendar_is_wide(c) ? VIEW_LIST : VIEW_WEEK, .today = wall_day(&now)};
    if (v[P_VIEW].given)
        s.view = (enum view_kind)v[P_VIEW].num;
    s.day = v[P_DAY].given ? v[P_DAY].num : s.today;
    struct wall w = wall_of_day(s.day);
    s.month = w.month;
    s.first = s.day;
    s.last = s.day + LIST_DAYS;
    if (s.view == VIEW_WEEK) {
        s.first = monday_of(s.day);
        s.last = s.first + WEEK;
    } else if (s.view == VIEW_MONTH) {
        s.first = monday_of(month_day(w.year, w.month));
        s.last = monday_of(month_day(w.year, w.month + 1) + WEEK - 1);
    }
    return s;
}

static int64_t midnight(struct web_request *rq, int64_t day)
{
    struct wall w = wall_of_day(day);
    return zone_utc(rq->zone, &w);
}

/* --- addresses --- */

/* What says which calendar it is, for all links of the page: "&org=computing". */
static const char *scope_query(struct web_request *rq, const struct calendar *c)
{
    if (c->scope == CALENDAR_COURSE)
        return arena_printf(rq->cx.arena, "&course=%lld", (long long)c->id);
    if (c->scope == CALENDAR_HALL)
        return arena_printf(rq->cx.arena, "&hall=%lld", (long long)c->id);
    if (c->scope == CALENDAR_ORGANISATION)
        return arena_printf(rq->cx.arena, "&org=%s", c->slug);
    return arena_printf(rq->cx.arena, "&scope=%s", calendar_scope_name(c->scope));
}

static const char *address(struct web_request *rq, const struct calendar *c, enum view_kind view, int64_t day)
{
    struct wall w = wall_of_day(day);
    return arena_printf(rq->cx.arena, "/calendar?view=%s&day=%s%s", view_names[view],
                        wall_date(rq->cx.arena, &w), scope_query(rq, c));
}

/* --- lectures --- */

static void show_event(struct web_request *rq, struct view_node *row, const struct lecture *l, bool course)
{
    view_set(row, "title", l->title);
    view_set(row, "url", site_lecture_url(rq, l));
    view_set(row, "time", i18n_hours(rq->cx.arena, rq->lang, rq->zone, l->starts_at, l->ends_at));
    view_set(row, "hall", l->hall);
    if (course)
        view_set(row, "course", l->course_name);
    if (l->time_state == TIME_CANCELLED)
        view_set(row, "cancelled",
                 web_t(rq, *l->cancel_note ? "Schedule.cancelled_note" : "Schedule.cancelled", "note",
                       l->cancel_note));
    if (l->access != ACCESS_PUBLISHED)
        view_set(row, "tag", web_t(rq, arena_printf(rq->cx.arena, "Access.%s", access_name(l->access))));
    view_flag(row, "over", lecture_end(l->starts_at, l->ends_at) <= rq->now);
}

static int64_t day_of(struct web_request *rq, const struct lecture *l)
{
    struct wall w = zone_wall(rq->zone, l->starts_at);
    return wall_day(&w);
}

static struct view_node *show_day(struct web_request *rq, struct view_node *day, const struct span *s,
                                  int64_t at)
{
    struct wall w = wall_of_day(at);
    view_set(day, "name", i18n_date(rq->cx.arena, rq->lang, &w, wall_of_day(s->today).year));
    view_num(day, "number", w.day);
    view_flag(day, "today", at == s->today);
    view_flag(day, "outside", s->view == VIEW_MONTH && w.month != s->month);
    return day;
}

/* Of a list that was cut, the days behind its last lecture are not shown: empty, they would say that nothing takes place. */
static void cut_days(struct web_request *rq, struct span *s, const struct calendar_list *found)
{
    if (found->more && found->list.n > 0)
        s->last = day_of(rq, &found->list.item[found->list.n - 1]) + 1;
}

/* Each day of the span with its lectures; of a list, only days that have any. */
static void show_days(struct web_request *rq, const struct calendar *c, const struct span *s,
                      const struct lecture_list *list)
{
    size_t i = 0;
    for (int64_t at = s->first; at < s->last; at++) {
        if (s->view == VIEW_LIST && (i == list->n || day_of(rq, &list->item[i]) != at))
            continue;
        struct view_node *day = show_day(rq, view_add(rq->values, "Days"), s, at);
        int64_t shown = 0, all = 0;
        for (; i < list->n && day_of(rq, &list->item[i]) == at; i++, all++)
            if (s->view != VIEW_MONTH || shown < CELL_MOST) {
                show_event(rq, view_add(day, "events"), &list->item[i], c->scope != CALENDAR_COURSE);
                shown++;
            }
        view_flag(day, "empty", all == 0);
        if (all > shown) {
            view_set(day, "more", i18n_count(rq->cx.arena, rq->lang, "Calendar.more", all - shown));
            view_set(day, "url", address(rq, c, VIEW_WEEK, at));
        }
    }
}

/* --- the page --- */

/* The course, organisation or hall that was asked for, else one's own, else everything. */
static enum rc open_asked(struct web_request *rq, const struct web_value *v, struct calendar *c)
{
    if (v[P_COURSE].given)
        return calendar_open(&rq->cx, CALENDAR_COURSE, v[P_COURSE].num, c);
    if (v[P_ORG].given)
        return calendar_open_org(&rq->cx, v[P_ORG].text, c);
    if (v[P_HALL].given)
        return calendar_open(&rq->cx, CALENDAR_HALL, v[P_HALL].num, c);
    bool mine = v[P_SCOPE].given ? v[P_SCOPE].num == 0 : rq->signed_in;
    return calendar_open(&rq->cx, mine ? CALENDAR_MINE : CALENDAR_ALL, 0, c);
}

static void show_choices(struct web_request *rq, const struct calendar *c, const struct span *s)
{
    static const enum calendar_scope own[] = {CALENDAR_MINE, CALENDAR_ALL};
    for (int view = 0; view < VIEW_KINDS; view++) {
        struct view_node *row = view_add(rq->values, "Views");
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Calendar.%s", view_names[view])));
        view_set(row, "url", address(rq, c, (enum view_kind)view, s->day));
        view_flag(row, "current", view == (int)s->view);
    }
    for (size_t i = 0; rq->signed_in && i < sizeof own / sizeof *own; i++) {
        struct calendar other = {.scope = own[i]};
        struct view_node *row = view_add(rq->values, "Scopes");
        view_set(row, "name",
                 web_t(rq, arena_printf(rq->cx.arena, "Calendar.%s", calendar_scope_name(own[i]))));
        view_set(row, "url", address(rq, &other, s->view, s->day));
        view_flag(row, "current", own[i] == c->scope);
    }
}

/* The days that the links before and after lead to. */
static void show_moves(struct web_request *rq, const struct calendar *c, const struct span *s)
{
    struct wall w = wall_of_day(s->day);
    bool month = s->view == VIEW_MONTH;
    int64_t before =
        month ? month_day(w.year - 1, w.month + 11) : s->first - (s->view == VIEW_WEEK ? WEEK : WEEK * 4);
    int64_t after =
        month ? month_day(w.year, w.month + 1) : s->first + (s->view == VIEW_WEEK ? WEEK : WEEK * 4);
    view_set(rq->values, "Calendar.previous", address(rq, c, s->view, before));
    view_set(rq->values, "Calendar.next", address(rq, c, s->view, after));
    view_set(rq->values, "Calendar.today", address(rq, c, s->view, s->today));
}

static const char *period_text(struct web_request *rq, const struct span *s)
{
    struct wall from = wall_of_day(s->first), to = wall_of_day(s->last - 1);
    int year = wall_of_day(s->today).year;
    if (s->view == VIEW_MONTH)
        return i18n_month(rq->cx.arena, rq->lang, rq->zone, midnight(rq, s->day));
    const char *first = i18n_date(rq->cx.arena, rq->lang, &from, year);
    if (s->view == VIEW_LIST)
        return web_t(rq, "Calendar.from", "date", first);
    return web_t(rq, "Format.period_days", "from", first, "to", i18n_date(rq->cx.arena, rq->lang, &to, year));
}

static void show_head(struct web_request *rq, const struct calendar *c, const struct span *s)
{
    const char *name =
        *c->name ? c->name
                 : web_t(rq, arena_printf(rq->cx.arena, "Calendar.%s", calendar_scope_name(c->scope)));
    view_set(rq->values, "Calendar.name", name);
    view_set(rq->values, "Calendar.period", period_text(rq, s));
    view_set(rq->values, "Calendar.view", view_names[s->view]);
    view_set(rq->values, "Calendar.scope", calendar_scope_name(c->scope));
    view_num(rq->values, "Calendar.id", c->id);
    view_flag(rq->values, "Calendar.own", *c->name == '\0');
    view_flag(rq->values, "Calendar.of_hall", c->scope == CALENDAR_HALL);
    if (c->course)
        view_set(rq->values, "Calendar.course", site_course_url(rq, c->course));
    if (c->scope == CALENDAR_COURSE && c->open)
        view_set(rq->values, "Calendar.public",
                 arena_printf(rq->cx.arena, "%s/calendar.ics?course=%lld", rq->app->conf->base_url,
                              (long long)c->id));
}

static int64_t most_of(const struct calendar *c, enum view_kind view)
{
    if (calendar_is_wide(c))
        return view == VIEW_LIST ? WIDE_LIST_MOST : WIDE_MOST;
    return view == VIEW_LIST ? LIST_MOST : CALENDAR_MOST;
}

enum rc page_calendar(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct calendar c = {0};
    struct calendar_list found;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = open_asked(rq, v, &c);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c.zone);
    struct span s = span_of(rq, &c, v);
    rc = calendar_list(&rq->cx, &c, midnight(rq, s.first), midnight(rq, s.last), most_of(&c, s.view), &found);
    if (rc != RC_OK)
        return rc;
    show_head(rq, &c, &s);
    show_choices(rq, &c, &s);
    show_moves(rq, &c, &s);
    cut_days(rq, &s, &found);
    show_days(rq, &c, &s, &found.list);
    view_flag(rq->values, "Calendar.none", found.list.n == 0);
    if (found.more)
        view_set(rq->values, "Calendar.rest",
                 web_t(rq, "Calendar.rest", "n", i18n_number(rq->cx.arena, rq->lang, (int64_t)found.list.n)));
    return web_page(rq, "calendar", web_t(rq, "Calendar.title"));
}
