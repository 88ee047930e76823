/* Calendars for programs: secret addresses, and what is read there, as iCalendar. */
#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"
#include "lib/format/ical.h"
#include "lib/os/conf.h"
#include "lib/svc/secret.h"
#include "lib/svc/teaching/calendar.h"
#include "lib/svc/teaching/calendar_feed.h"

enum {
    BEFORE_DAYS = 90, /* that a program sees */
    AFTER_DAYS = 400
};
enum { ICS_MAX = 4 * 1024 * 1024 };

/* --- secret addresses --- */

static const char *feed_name(struct web_request *rq, enum calendar_scope scope, const char *name)
{
    return *name ? name : web_t(rq, arena_printf(rq->cx.arena, "Calendar.%s", calendar_scope_name(scope)));
}

enum rc page_calendar_feeds(struct web_request *rq)
{
    struct calendar_feeds feeds;
    enum rc rc = calendar_feed_list(&rq->cx, &feeds);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < feeds.n; i++) {
        const struct calendar_feed *f = &feeds.item[i];
        struct view_node *row = view_add(rq->values, "Feeds");
        const char *name = feed_name(rq, f->scope, f->name);
        view_num(row, "id", f->id);
        view_set(row, "name", name);
        view_set(row, "made", web_t(rq, "Calendar.made", "time", site_period(rq, f->created_at, NO_TIME)));
        view_set(row, "used",
                 f->read_at == NO_TIME
                     ? web_t(rq, "Calendar.never_used")
                     : web_t(rq, "Calendar.used", "time", site_period(rq, f->read_at, NO_TIME)));
        view_set(row, "label", web_t(rq, "Calendar.revoke_label", "what", name));
    }
    return web_page(rq, "calendar_feeds", web_t(rq, "Calendar.feeds"));
}

/* The address is shown in this answer and never again. */
enum rc page_calendar_feed_create(struct web_request *rq)
{
    static const struct web_param fields[] = {{"scope", WEB_CHOICE, true, 0, 0, calendar_scope_names},
                                              {"id", WEB_INT, true, 0, INT64_MAX, NULL}};
    struct web_value v[2];
    struct calendar c;
    const char *token = NULL;
    enum rc rc = web_params(rq, fields, 2, v);
    if (rc == RC_OK)
        rc = calendar_open(&rq->cx, (enum calendar_scope)v[0].num, v[1].num, &c);
    if (rc == RC_OK)
        rc = calendar_feed_create(&rq->cx, &c, &token);
    if (rc != RC_OK)
        return rc;
    view_set(rq->values, "New.name", feed_name(rq, c.scope, c.name));
    view_set(rq->values, "New.url",
             arena_printf(rq->cx.arena, "%s/calendar.ics?key=%s", rq->app->conf->base_url, token));
    return page_calendar_feeds(rq);
}

enum rc page_calendar_feed_revoke(struct web_request *rq)
{
    static const struct web_param field = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
    struct web_value v;
    enum rc rc = web_params(rq, &field, 1, &v);
    if (rc == RC_OK)
        rc = calendar_feed_revoke(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "calendar_revoked", NULL, NULL);
    return web_redirect(rq, "/calendar/feeds");
}

/* --- iCalendar --- */

static struct ical_event event_of(struct web_request *rq, const struct lecture *l, int64_t changed,
                                  bool course)
{
    struct arena *a = rq->cx.arena;
    const char *base = rq->app->conf->base_url, *host = strstr(base, "://");
    return (struct ical_event){
        .uid = arena_printf(a, "%s@%s", l->key, host ? host + strlen("://") : base),
        .title = course ? arena_printf(a, "%s: %s", l->course_name, l->title) : l->title,
        .place = l->hall,
        .text = l->time_state == TIME_CANCELLED ? l->cancel_note : "",
        .url = arena_printf(a, "%s%s", base, site_lecture_url(rq, l)),
        .starts_at = l->starts_at,
        .ends_at = l->ends_at,
        .changed_at = changed,
        .cancelled = l->time_state == TIME_CANCELLED,
    };
}

/* Without a key: the calendar of a public course. */
static enum rc open_for_program(struct web_request *rq, const struct web_value *key,
                                const struct web_value *course, struct calendar *c)
{
    if (key->given)
        return calendar_feed_open(&rq->cx, key->text, c);
    if (!course->given)
        return err_set(&rq->cx, RC_NOTFOUND, NULL, "calendar_feed_unknown", "neither key nor course");
    rq->cx.actor = NULL;
    return calendar_open(&rq->cx, CALENDAR_COURSE, course->num, c);
}

enum rc page_calendar_ics(struct web_request *rq)
{
    static const struct web_param fields[] = {{"key", WEB_SECRET, false, 1, SECRET_LENGTH, NULL},
                                              {"course", WEB_INT, false, 1, INT64_MAX, NULL}};
    static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    struct web_value v[2];
    struct calendar c = {0};
    struct calendar_list found;
    struct buf text;
    enum rc rc = web_params(rq, fields, 2, v);
    if (rc == RC_OK)
        rc = open_for_program(rq, &v[0], &v[1], &c);
    int64_t before = calendar_is_wide(&c) ? 0 : BEFORE_DAYS; /* of many, those that come are of use */
    if (rc == RC_OK)
        rc = calendar_list(&rq->cx, &c, rq->now - before * day_ms, rq->now + AFTER_DAYS * day_ms,
                           CALENDAR_MOST, &found);
    if (rc != RC_OK)
        return rc;
    struct ical_event *events = arena_array(rq->cx.arena, found.list.n + 1, sizeof *events);
    for (size_t i = 0; i < found.list.n; i++)
        events[i] = event_of(rq, &found.list.item[i], found.changed[i], c.scope != CALENDAR_COURSE);
    buf_init(&text, ICS_MAX);
    ical_write(&text, feed_name(rq, c.scope, c.name), events, found.list.n);
    rc = web_text(rq, 200, "text/calendar; charset=utf-8", buf_view(&text));
    buf_fini(&text);
    return rc;
}
