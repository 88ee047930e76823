/* A course as students see it: its lectures by month. */
#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"

enum { P_TERM, P_SLUG, P_KEY, P_SORT, P_HIDE, P_COUNT };
static const char *const sorts[] = {"newest", "oldest", NULL};
static const struct web_param params[P_COUNT] = {
    [P_TERM] = {"term", WEB_SLUG, true, 1, 6, NULL},
    [P_SLUG] = {"slug", WEB_SLUG, true, 1, COURSE_SLUG_MAX, NULL},
    [P_KEY] = {"key", WEB_KEY, false, 1, COURSE_KEY_LENGTH, NULL},
    [P_SORT] = {"sort", WEB_CHOICE, false, 0, 0, sorts},
    [P_HIDE] = {"hide", WEB_FLAG, false, 0, 0, NULL},
};

/* What stands at the end of a lecture's row. */
static void show_end(struct web_request *rq, struct view_node *row, const struct lecture *l)
{
    if (l->access != ACCESS_PUBLISHED)
        view_set(row, "tag", web_t(rq, l->access == ACCESS_DRAFT ? "Access.draft" : "Access.unpublished"));
    if (l->generation > 0)
        return;
    if (l->media_state == MEDIA_FAILED)
        view_set(row, "end", web_t(rq, "Course.no_recording"));
    else if (l->media_state != MEDIA_NONE)
        view_set(row, "end", web_t(rq, "Course.preparing"));
    else
        view_set(row, "end",
                 web_t(rq, l->starts_at != NO_TIME && l->starts_at > rq->now ? "Course.planned"
                                                                             : "Course.no_recording"));
}

/* Lectures come oldest first; a new month opens a new group. */
static void add_lectures(struct web_request *rq, const struct lecture_list *list, bool newest, bool hide)
{
    struct view_node *month = NULL;
    const char *last = "";
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = &list->item[newest ? list->n - 1 - i : i];
        if (hide && l->watched)
            continue;
        bool dated = l->starts_at != NO_TIME;
        const char *name =
            dated ? i18n_month(rq->cx.arena, rq->lang, rq->zone, l->starts_at) : web_t(rq, "Course.undated");
        if (!month || strcmp(name, last) != 0) {
            month = view_add(rq->values, "Months");
            view_set(month, "name", name);
            last = name;
        }
        struct view_node *row = view_add(month, "lectures");
        site_lecture_row(rq, row, l, site_period(rq, l->starts_at, l->ends_at));
        show_end(rq, row, l);
    }
}

/* The address of this page with another order or filter. */
static const char *variant(struct web_request *rq, const struct course *c, bool newest, bool hide)
{
    struct arena *a = rq->cx.arena;
    const char *base = site_course_url(rq, c);
    char join = strchr(base, '?') ? '&' : '?';
    if (!newest) {
        base = arena_printf(a, "%s%csort=oldest", base, join);
        join = '&';
    }
    return hide ? arena_printf(a, "%s%chide=1", base, join) : base;
}

static void show_head(struct web_request *rq, const struct course *c, bool newest, bool hide)
{
    struct arena *a = rq->cx.arena;
    const char *count =
        c->lecture_count > 0 ? i18n_count(a, rq->lang, "Course.lectures", c->lecture_count) : "";
    const char *dot = c->staff && *count ? " · " : "";
    view_set(rq->values, "Course.title", c->name);
    view_set(rq->values, "Course.organisation", c->organisation_name);
    view_set(rq->values, "Course.sub", arena_printf(a, "%s%s%s", c->staff ? c->staff : "", dot, count));
    view_set(rq->values, "Course.term_url", arena_printf(a, "/terms/%s", c->term_slug));
    view_set(rq->values, "Course.term", site_term_name(rq, c->term_year, c->term_half));
    if (c->description && *c->description)
        view_set(rq->values, "Course.description_html", view_markdown(a, c->description));
    if (policy_may(rq->cx.actor, ACT_COURSE_EDIT, &c->object))
        view_set(rq->values, "Course.edit_url", arena_printf(a, "/teach/course/%lld", (long long)c->id));
    view_set(rq->values, "Page.term", c->term_slug);
    view_set(rq->values, "Sort.newest", variant(rq, c, true, hide));
    view_set(rq->values, "Sort.oldest", variant(rq, c, false, hide));
    view_flag(rq->values, "Sort.is_newest", newest);
    view_set(rq->values, "Sort.toggle", variant(rq, c, newest, !hide));
    view_flag(rq->values, "Sort.hides", hide);
}

enum rc page_course(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct course *course;
    struct lecture_list lectures;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = course_get_by_slug(&rq->cx, ACT_COURSE_PAGE, v[P_TERM].text, v[P_SLUG].text,
                                v[P_KEY].given ? v[P_KEY].text : NULL, &course);
    if (rc == RC_OK)
        rc = lecture_list_by_course(&rq->cx, course, &lectures);
    if (rc != RC_OK)
        return rc;
    bool newest = !v[P_SORT].given || v[P_SORT].num == 0, hide = rq->signed_in && v[P_HIDE].num;
    site_zone(rq, course->organisation_zone);
    show_head(rq, course, newest, hide);
    add_lectures(rq, &lectures, newest, hide);
    view_num(rq->values, "Course.rows", (int64_t)lectures.n);
    return web_page(rq, "course", course->name);
}
