/* Terms: when they have lectures, and which days are free. /admin/terms is the admins', who also add terms; at
 * /org/:slug/terms maintainers add the free days of their school. Both are one page. */
#include "cgi-bin/web/org_frame.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/free_day.h"

enum { Q_SLUG, Q_TERM, Q_COUNT };
static const struct web_param query_params[Q_COUNT] = {
    [Q_SLUG] = {"slug", WEB_SLUG, false, 1, ORG_SLUG_MAX, NULL},
    [Q_TERM] = {"term", WEB_SLUG, false, 1, 6, NULL},
};

enum { P_FIRST, P_LAST, P_PERIOD };
static const struct web_param period_params[P_PERIOD] = {
    [P_FIRST] = {"period_first", WEB_DATE, true, 0, 0, NULL},
    [P_LAST] = {"period_last", WEB_DATE, true, 0, 0, NULL},
};

enum { F_NAME, F_FIRST, F_LAST, F_FREE };
static const struct web_param free_params[F_FREE] = {
    [F_NAME] = {"name", WEB_LINE, true, 1, FREE_DAY_NAME_MAX, NULL},
    [F_FIRST] = {"first", WEB_DATE, true, 0, 0, NULL},
    [F_LAST] = {"last", WEB_DATE, false, 0, 0, NULL},
};

/* What the page is about: a term, and an organisation or (admins) everybody. */
struct place {
    struct org *org; /* NULL: everybody */
    struct term_list terms;
    const struct term *term; /* NULL: there is none yet */
    const char *url;         /* without a query; NULL: a redirect to it is the answer */
};

static const struct term *choose_term(const struct term_list *terms, const char *slug)
{
    const struct term *current = NULL;
    for (size_t i = 0; i < terms->n; i++) {
        if (strcmp(terms->item[i].slug, slug) == 0)
            return &terms->item[i];
        if (terms->item[i].current)
            current = &terms->item[i];
    }
    return current;
}

static enum rc find_place(struct web_request *rq, struct place *p)
{
    struct web_value v[Q_COUNT];
    *p = (struct place){.url = "/admin/terms"};
    enum rc rc = web_params(rq, query_params, Q_COUNT, v);
    if (rc == RC_OK)
        rc = v[Q_SLUG].given ? org_frame_open(rq, v[Q_SLUG].text, &p->org)
                             : policy_check(&rq->cx, ACT_INSTALL, NULL);
    if (rc == RC_OK && v[Q_SLUG].given && !p->org) {
        p->url = NULL;
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = term_list(&rq->cx, &p->terms);
    if (rc != RC_OK)
        return rc;
    if (p->org)
        p->url = arena_printf(rq->cx.arena, "/org/%s/terms", p->org->slug);
    p->term = choose_term(&p->terms, v[Q_TERM].text);
    return RC_OK;
}

/* --- the page --- */

static const char *period(struct web_request *rq, int64_t first, int64_t last)
{
    int year = zone_wall(rq->zone, rq->now).year;
    struct wall from = wall_of_day(first), to = wall_of_day(last);
    const char *begin = i18n_date(rq->cx.arena, rq->lang, &from, year);
    if (first == last)
        return begin;
    return web_t(rq, "Format.period_days", "from", begin, "to", i18n_date(rq->cx.arena, rq->lang, &to, year));
}

static void show_terms(struct web_request *rq, const struct place *p)
{
    for (size_t i = 0; i < p->terms.n; i++) {
        const struct term *t = &p->terms.item[i];
        struct view_node *row = view_add(rq->values, "Terms");
        view_set(row, "name", site_term_name(rq, t->year, t->half));
        view_set(row, "url", arena_printf(rq->cx.arena, "%s?term=%s", p->url, t->slug));
        view_flag(row, "current", t == p->term);
    }
    if (p->org)
        return;
    /* The list is newest first: after the newest comes the next half year. */
    int year = zone_wall(rq->zone, rq->now).year;
    char half = 's';
    if (p->terms.n > 0) {
        half = p->terms.item[0].half == 's' ? 'w' : 's';
        year = p->terms.item[0].year + (half == 's');
    }
    view_set(rq->values, "Terms.next", arena_printf(rq->cx.arena, "%d%c", year, half));
    view_set(rq->values, "Terms.next_text", web_t(rq, "Terms.add", "term", site_term_name(rq, year, half)));
}

static void show_free(struct web_request *rq, const struct place *p, const struct free_day_list *days)
{
    int64_t own = p->org ? p->org->id : 0;
    for (size_t i = 0; i < days->n; i++) {
        const struct free_day *f = &days->item[i];
        struct view_node *row = view_add(rq->values, "Free");
        view_set(row, "name", f->name);
        view_set(row, "dates", period(rq, f->first, f->last));
        if (f->organisation_id == own) {
            view_num(row, "id", f->id);
            view_set(row, "remove", web_t(rq, "Terms.remove", "what", f->name));
        } else {
            view_set(row, "from", f->organisation_name ? f->organisation_name : web_t(rq, "Terms.everybody"));
        }
    }
}

static const char *date_text(struct web_request *rq, int64_t day)
{
    struct wall w = wall_of_day(day);
    return wall_date(rq->cx.arena, &w);
}

static void show_term(struct web_request *rq, const struct term *t)
{
    view_set(rq->values, "Term.name", site_term_name(rq, t->year, t->half));
    view_set(rq->values, "Term.slug", t->slug);
    view_set(rq->values, "Term.period",
             web_t(rq, t->has_period ? "Terms.period" : "Terms.no_period", "period",
                   period(rq, t->first, t->last)));
    view_set(rq->values, "Term.min", date_text(rq, term_day(t->starts_at)));
    view_set(rq->values, "Term.max", date_text(rq, term_day(t->ends_at)));
    web_field(rq, "period_first", date_text(rq, t->first));
    web_field(rq, "period_last", date_text(rq, t->last));
    web_field(rq, "name", "");
    web_field(rq, "first", "");
    web_field(rq, "last", "");
}

enum rc page_terms(struct web_request *rq)
{
    struct place p;
    struct free_day_list days;
    enum rc rc = find_place(rq, &p);
    if (rc != RC_OK || !p.url)
        return rc;
    if (p.term)
        rc = free_day_list(&rq->cx, p.org ? p.org->id : 0, term_day(p.term->starts_at),
                           term_day(p.term->ends_at), &days);
    if (rc != RC_OK)
        return rc;
    view_set(rq->values, "Terms.url", p.url);
    show_terms(rq, &p);
    if (p.term) {
        show_term(rq, p.term);
        show_free(rq, &p, &days);
    }
    if (p.org)
        rc = org_frame_show(rq, p.org);
    if (rc != RC_OK)
        return rc;
    return web_page(rq, "terms", web_t(rq, p.org ? "Terms.free" : "Terms.title"));
}

/* --- what its forms do --- */

static enum rc back(struct web_request *rq, const struct place *p)
{
    return web_redirect(rq,
                        p->term ? arena_printf(rq->cx.arena, "%s?term=%s", p->url, p->term->slug) : p->url);
}

/* The place of a form, whose term must exist. */
static enum rc find_form(struct web_request *rq, struct place *p)
{
    enum rc rc = find_place(rq, p);
    if (rc == RC_OK && !p->term)
        rc = err_set(&rq->cx, RC_NOTFOUND, NULL, "term_unknown", "no term");
    return rc;
}

enum rc page_term_add(struct web_request *rq)
{
    static const struct web_param param = {"new", WEB_SLUG, true, 1, 6, NULL};
    struct web_value v;
    web_form_page(rq, page_terms);
    enum rc rc = web_params(rq, &param, 1, &v);
    if (rc == RC_OK)
        rc = term_create(&rq->cx, v.text, NO_TIME, NO_TIME, NULL);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "term_added", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/admin/terms?term=%s", v.text));
}

enum rc page_term_period(struct web_request *rq)
{
    struct web_value v[P_PERIOD];
    struct place p;
    web_form_page(rq, page_terms);
    enum rc rc = web_params(rq, period_params, P_PERIOD, v);
    if (rc == RC_OK)
        rc = find_form(rq, &p);
    if (rc == RC_OK)
        rc = site_field(rq, "last", "period_last",
                        term_set_period(&rq->cx, p.term->id, v[P_FIRST].num, v[P_LAST].num));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "term_saved", NULL, NULL);
    return back(rq, &p);
}

enum rc page_free_add(struct web_request *rq)
{
    struct web_value v[F_FREE];
    struct place p;
    web_form_page(rq, page_terms);
    enum rc rc = web_params(rq, free_params, F_FREE, v);
    if (rc == RC_OK)
        rc = find_form(rq, &p);
    if (rc != RC_OK)
        return rc;
    struct free_day_new in = {.term_id = p.term->id,
                              .organisation_id = p.org ? p.org->id : 0,
                              .first = v[F_FIRST].num,
                              .last = v[F_LAST].given ? v[F_LAST].num : v[F_FIRST].num,
                              .name = v[F_NAME].text};
    rc = free_day_add(&rq->cx, &in, NULL);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "free_added", v[F_NAME].text, NULL);
    return back(rq, &p);
}

enum rc page_free_remove(struct web_request *rq)
{
    static const struct web_param param = {"day", WEB_INT, true, 1, INT64_MAX, NULL};
    struct web_value v;
    struct place p;
    enum rc rc = web_params(rq, &param, 1, &v);
    if (rc == RC_OK)
        rc = find_form(rq, &p);
    if (rc == RC_OK)
        rc = free_day_remove(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "free_removed", NULL, NULL);
    return back(rq, &p);
}
