/* The timetable of a course, by week. */
#include "cgi-bin/web/hall_field.h"

#include "lib/base/clock.h"

enum { P_ID, P_ALL, P_AFTER, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_ALL] = {"all", WEB_FLAG, false, 0, 0, NULL},
    [P_AFTER] = {"after", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
};

static int64_t monday_of(const struct wall *w)
{
    return wall_day(w) - (w->weekday + 6) % 7;
}

static const char *date(struct web_request *rq, int64_t day)
{
    struct wall w = wall_of_day(day);
    return i18n_date(rq->cx.arena, rq->lang, &w, zone_wall(rq->zone, rq->now).year);
}

static void show_lecture(struct web_request *rq, struct view_node *row, const struct lecture *l)
{
    struct arena *a = rq->cx.arena;
    view_set(row, "key", l->key);
    view_set(row, "title", l->title);
    view_set(row, "url", arena_printf(a, "/teach/lecture/%s", l->key));
    view_set(row, "time", site_period(rq, l->starts_at, l->ends_at));
    view_set(row, "hall", l->hall);
    hall_show_state(rq, row, l);
    if (l->access != ACCESS_PUBLISHED)
        view_set(row, "tag", web_t(rq, arena_printf(a, "Access.%s", access_name(l->access))));
    if (l->media_state != MEDIA_NONE)
        view_set(row, "media", web_t(rq, arena_printf(a, "Media.%s", media_state_name(l->media_state))));
    view_flag(row, "over", lecture_end(l->starts_at, l->ends_at) <= rq->now);
    if (l->time_state == TIME_CANCELLED)
        view_set(row, "cancelled",
                 web_t(rq, *l->cancel_note ? "Schedule.cancelled_note" : "Schedule.cancelled", "note",
                       l->cancel_note));
    view_set(row, "pick",
             web_t(rq, "Schedule.pick", "what",
                   arena_printf(a, "%s, %s", l->title, site_period(rq, l->starts_at, l->ends_at))));
    view_set(row, "change", arena_printf(a, "%s: %s", web_t(rq, "Schedule.change_row"), l->title));
}

/* A new week opens a new group. */
static void show_weeks(struct web_request *rq, const struct lecture_list *list)
{
    struct view_node *week = NULL;
    int64_t last = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct wall w = zone_wall(rq->zone, list->item[i].starts_at);
        int64_t monday = monday_of(&w);
        if (!week || monday != last) {
            week = view_add(rq->values, "Weeks");
            view_num(week, "id", monday);
            view_set(week, "name", web_t(rq, "Schedule.week", "date", date(rq, monday)));
            last = monday;
        }
        show_lecture(rq, view_add(week, "lectures"), &list->item[i]);
    }
}

/* From this week on, unless all is asked for; if nothing comes any more, everything. */
static enum rc list(struct web_request *rq, const struct course *c, const struct web_value *v,
                    struct lecture_part *part)
{
    struct wall now = zone_wall(rq->zone, rq->now), monday = wall_of_day(monday_of(&now));
    struct lecture_range range = {.limit = LECTURE_PAGE, .after = v[P_AFTER].given ? v[P_AFTER].text : NULL};
    bool from_now = !v[P_ALL].num && !range.after;
    range.from = from_now ? zone_utc(rq->zone, &monday) : 0;
    enum rc rc = lecture_list_by_course(&rq->cx, c, &range, part);
    if (rc == RC_OK && from_now && part->list.n == 0) {
        from_now = false;
        range.from = 0;
        rc = lecture_list_by_course(&rq->cx, c, &range, part);
    }
    if (rc == RC_OK && from_now && part->list.n > 0 && part->list.item[0].number > 1)
        view_set(rq->values, "Schedule.earlier",
                 arena_printf(rq->cx.arena, "/teach/course/%lld/schedule?all=1", (long long)c->id));
    return rc;
}

static void show_term(struct web_request *rq, const struct course *c, const struct term *t)
{
    const char *period = web_t(rq, "Format.period_days", "from", date(rq, t->first), "to", date(rq, t->last));
    view_set(rq->values, "Schedule.sub",
             web_t(rq, t->has_period ? "Schedule.sub" : "Schedule.sub_term", "term",
                   site_term_name(rq, c->term_year, c->term_half), "period", period));
}

enum rc page_schedule(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct course *c;
    struct term *term;
    struct lecture_part part;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TEACH, v[P_ID].num, &c);
    if (rc == RC_OK)
        rc = term_get(&rq->cx, c->term_id, &term);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    rc = list(rq, c, v, &part);
    if (rc != RC_OK)
        return rc;
    show_weeks(rq, &part.list);
    show_term(rq, c, term);
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_flag(rq->values, "Course.may_plan",
              policy_may(rq->cx.actor, ACT_COURSE_TIMETABLE, &c->object) && !c->object.deleted);
    if (part.next && part.list.n)
        view_set(rq->values, "Pager.next",
                 arena_printf(rq->cx.arena, "/teach/course/%lld/schedule?after=%s", (long long)c->id,
                              part.list.item[part.list.n - 1].key));
    return web_page(rq, "schedule", web_t(rq, "Schedule.head"));
}
