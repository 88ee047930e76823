/* A course as students see it: its lectures by month. */
#include "cgi-bin/web/org_frame.h"
#include "cgi-bin/web/release_form.h"
#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"

enum { P_TERM, P_SLUG, P_KEY, P_SORT, P_HIDE, P_AFTER, P_BEFORE, P_COUNT };
static const char *const sorts[] = {"newest", "oldest", NULL};
static const struct web_param params[P_COUNT] = {
    [P_TERM] = {"term", WEB_SLUG, true, 1, 6, NULL},
    [P_SLUG] = {"slug", WEB_SLUG, true, 1, COURSE_SLUG_MAX, NULL},
    [P_KEY] = {"key", WEB_KEY, false, 1, COURSE_KEY_LENGTH, NULL},
    [P_SORT] = {"sort", WEB_CHOICE, false, 0, 0, sorts},
    [P_HIDE] = {"hide", WEB_FLAG, false, 0, 0, NULL},
    [P_AFTER] = {"after", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
    [P_BEFORE] = {"before", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
};

static bool is_over(const struct web_request *rq, const struct lecture *l)
{
    return l->starts_at == NO_TIME || lecture_end(l->starts_at, l->ends_at) <= rq->now;
}

/* The end of a lecture's row. */
static void show_end(struct web_request *rq, struct view_node *row, const struct lecture *l)
{
    if (l->access != ACCESS_PUBLISHED)
        view_set(row, "tag", web_t(rq, l->access == ACCESS_DRAFT ? "Access.draft" : "Access.unpublished"));
    if (l->time_state == TIME_CANCELLED) {
        view_set(row, "end", web_t(rq, "Course.cancelled"));
        view_set(row, "end_look", "bad");
    }
    if (l->generation > 0 && l->object.withheld)
        view_set(row, "note", release_sentence(rq, l));
    if (l->generation > 0 || l->time_state == TIME_CANCELLED)
        return;
    if (l->media_state == MEDIA_FAILED)
        view_set(row, "end", web_t(rq, "Course.no_recording"));
    else if (l->media_state != MEDIA_NONE)
        view_set(row, "end", web_t(rq, "Course.preparing"));
    else
        view_set(row, "end", web_t(rq, is_over(rq, l) ? "Course.no_recording" : "Course.planned"));
}

/* When and, until it is over, where; why it does not take place. */
static const char *sub_of(struct web_request *rq, const struct lecture *l)
{
    const char *period = site_period(rq, l->starts_at, l->ends_at);
    if (l->time_state == TIME_CANCELLED && *l->cancel_note)
        return arena_printf(rq->cx.arena, "%s · %s", period, l->cancel_note);
    return *l->hall && !is_over(rq, l) ? arena_printf(rq->cx.arena, "%s · %s", period, l->hall) : period;
}

static const char *month_of(struct web_request *rq, const struct lecture *l)
{
    return i18n_month(rq->cx.arena, rq->lang, rq->zone, l->starts_at);
}

/* A new month opens a new group. */
static void add_lectures(struct web_request *rq, const struct lecture_list *list)
{
    struct view_node *month = NULL;
    const char *last = "";
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = &list->item[i];
        const char *name = month_of(rq, l);
        if (!month || strcmp(name, last) != 0) {
            month = view_add(rq->values, "Months");
            view_set(month, "name", name);
            last = name;
        }
        struct view_node *row = view_add(month, "lectures");
        site_lecture_row(rq, row, l, sub_of(rq, l));
        show_end(rq, row, l);
    }
}

/* Cuts the list at the end of a month: a page that others follow ends with a whole month; one that was read
 * towards the beginning starts with one. A month with more lectures than a page is divided. */
static void end_with_month(struct web_request *rq, struct lecture_list *list, bool at_front)
{
    size_t keep = list->n;
    const char *cut = keep ? month_of(rq, &list->item[at_front ? 0 : keep - 1]) : "";
    while (keep && strcmp(month_of(rq, &list->item[at_front ? list->n - keep : keep - 1]), cut) == 0)
        keep--;
    if (!keep)
        return;
    if (at_front)
        list->item += list->n - keep;
    list->n = keep;
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
    if (policy_may(rq->cx.actor, ACT_COURSE_TEACH, &c->object))
        view_set(rq->values, "Course.edit_url", arena_printf(a, "/teach/course/%lld", (long long)c->id));
    struct policy_object without_link = c->object; /* its calendar is found by its number */
    without_link.link = false;
    if (policy_may(rq->cx.actor, ACT_COURSE_PAGE, &without_link))
        view_set(rq->values, "Course.calendar",
                 arena_printf(a, "/calendar?view=list&course=%lld", (long long)c->id));
    view_set(rq->values, "Page.term", c->term_slug);
    view_set(rq->values, "Sort.newest", variant(rq, c, true, hide));
    view_set(rq->values, "Sort.oldest", variant(rq, c, false, hide));
    view_flag(rq->values, "Sort.is_newest", newest);
    view_set(rq->values, "Sort.toggle", variant(rq, c, newest, !hide));
    view_flag(rq->values, "Sort.hides", hide);
}

/* The links to the pages before and after this one; the title says which part of all pages this is. */
static const char *show_pager(struct web_request *rq, const struct course *c,
                              const struct lecture_range *range, const struct lecture_part *part)
{
    struct arena *a = rq->cx.arena;
    const struct lecture_list *list = &part->list;
    if ((!part->previous && !part->next) || !list->n)
        return c->name;
    const char *base = variant(rq, c, range->newest, range->unwatched);
    char join = strchr(base, '?') ? '&' : '?';
    const struct lecture *first = &list->item[0], *last = &list->item[list->n - 1];
    if (part->previous)
        view_set(rq->values, "Pager.previous", arena_printf(a, "%s%cbefore=%s", base, join, first->key));
    if (part->next)
        view_set(rq->values, "Pager.next", arena_printf(a, "%s%cafter=%s", base, join, last->key));
    const char *from = month_of(rq, first), *to = month_of(rq, last);
    if (!part->previous)
        return c->name;
    return strcmp(from, to) ? arena_printf(a, "%s · %s – %s", c->name, from, to)
                            : arena_printf(a, "%s · %s", c->name, from);
}

enum rc page_course(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct course *course;
    struct lecture_part part;
    struct lecture_list next;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = course_get_by_slug(&rq->cx, ACT_COURSE_PAGE, v[P_TERM].text, v[P_SLUG].text,
                                v[P_KEY].given ? v[P_KEY].text : NULL, &course);
    bool newest = !v[P_SORT].given || v[P_SORT].num == 0, hide = rq->signed_in && v[P_HIDE].num;
    struct lecture_range range = {.newest = newest,
                                  .unwatched = hide,
                                  .after = v[P_AFTER].given ? v[P_AFTER].text : NULL,
                                  .before = v[P_BEFORE].given && !v[P_AFTER].given ? v[P_BEFORE].text : NULL,
                                  .limit = LECTURE_PAGE};
    if (rc == RC_OK)
        rc = lecture_list_by_course(&rq->cx, course, &range, &part);
    if (rc == RC_OK)
        rc = lecture_list_next(&rq->cx, course, &next);
    if (rc == RC_OK)
        rc = org_frame_look(rq, course->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, course->organisation_zone);
    if (range.before ? part.previous : part.next)
        end_with_month(rq, &part.list, range.before != NULL);
    show_head(rq, course, newest, hide);
    if (next.n > 0)
        view_set(rq->values, "Course.next", web_t(rq, "Course.next", "time", site_when(rq, &next.item[0])));
    add_lectures(rq, &part.list);
    int64_t rows = (int64_t)part.list.n;
    if ((rows > 0 || hide) && rows < course->lecture_count)
        rows = course->lecture_count; /* on other pages, or watched */
    view_num(rq->values, "Course.rows", rows);
    return web_page(rq, "course", show_pager(rq, course, &range, &part));
}
