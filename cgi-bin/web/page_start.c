/* The start page and the lists of courses: one's own, those of a term. */
#include "cgi-bin/web/site.h"

enum { CARDS = 8, MY_COURSES = 50, PUBLIC_COURSES = 12, COURSES_PAGE = 25, MAX_PAGES = 200 };

static void add_cards(struct web_request *rq, const char *list, const struct lecture_list *lectures)
{
    for (size_t i = 0; i < lectures->n; i++)
        site_lecture_row(rq, view_add(rq->values, list), &lectures->item[i], lectures->item[i].course_name);
}

static void add_courses(struct web_request *rq, const char *list, const struct course_list *courses)
{
    for (size_t i = 0; i < courses->n; i++)
        site_course_row(rq, view_add(rq->values, list), &courses->item[i]);
}

/* Public courses, without those that are in the list of the person's own courses. */
static void add_public(struct web_request *rq, const struct course_list *courses)
{
    size_t own = 0;
    for (size_t i = 0; i < courses->n; i++) {
        const struct course *c = &courses->item[i];
        if (c->object.staff || c->object.enrolled)
            own++;
        else
            site_course_row(rq, view_add(rq->values, "Public"), c);
    }
    view_flag(rq->values, "Start.all_own", own > 0 && own == courses->n);
}

/* Drops the course that was read beyond the most that are shown. True: there are more of them. */
static bool cut_list(struct course_list *courses, size_t most)
{
    bool more = courses->n > most;
    if (more)
        courses->n = most;
    return more;
}

static enum rc show_mine(struct web_request *rq)
{
    struct lecture_list resume, recent;
    struct course_list mine;
    enum rc rc = lecture_list_continue(&rq->cx, CARDS, &resume);
    if (rc == RC_OK)
        rc = course_list_mine(&rq->cx, MY_COURSES + 1, 0, &mine);
    if (rc == RC_OK)
        rc = lecture_list_recent(&rq->cx, CARDS, &recent);
    if (rc != RC_OK)
        return rc;
    view_flag(rq->values, "Start.more_mine", cut_list(&mine, MY_COURSES));
    add_cards(rq, "Continue", &resume);
    add_courses(rq, "Mine", &mine);
    add_cards(rq, "Recent", &recent);
    return RC_OK;
}

static enum rc show_recent_public(struct web_request *rq)
{
    struct lecture_list recent;
    enum rc rc = lecture_list_recent_public(&rq->cx, CARDS, &recent);
    if (rc == RC_OK)
        add_cards(rq, "RecentPublic", &recent);
    return rc;
}

/* Public courses of the current term; an installation without terms has none. */
static enum rc show_public(struct web_request *rq)
{
    struct term *term;
    struct course_list courses;
    enum rc rc = term_get_current(&rq->cx, &term);
    if (rc == RC_NOTFOUND) {
        err_clear(&rq->cx);
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = course_list_public(&rq->cx, term->id, PUBLIC_COURSES, &courses);
    if (rc != RC_OK)
        return rc;
    add_public(rq, &courses);
    view_set(rq->values, "Term.url", arena_printf(rq->cx.arena, "/terms/%s", term->slug));
    view_set(rq->values, "Term.all",
             web_t(rq, "Start.all", "term", site_term_name(rq, term->year, term->half)));
    return RC_OK;
}

enum rc page_start(struct web_request *rq)
{
    enum rc rc = rq->signed_in ? show_mine(rq) : show_recent_public(rq);
    if (rc == RC_OK)
        rc = show_public(rq);
    return rc == RC_OK ? web_page(rq, "start", web_t(rq, "Start.title")) : rc;
}

/* path ends with "?" or "&". */
static void add_pager(struct web_request *rq, const char *path, int64_t page, bool more)
{
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "%spage=%lld", path, (long long)page - 1));
    if (more && page < MAX_PAGES)
        view_set(rq->values, "Pager.next",
                 arena_printf(rq->cx.arena, "%spage=%lld", path, (long long)page + 1));
}

enum rc page_mine(struct web_request *rq)
{
    static const struct web_param param_page = {"page", WEB_INT, false, 1, MAX_PAGES, NULL};
    struct web_value v;
    struct course_list courses;
    enum rc rc = web_params(rq, &param_page, 1, &v);
    int64_t page = v.given ? v.num : 1;
    if (rc == RC_OK)
        rc = course_list_mine(&rq->cx, COURSES_PAGE + 1, (page - 1) * COURSES_PAGE, &courses);
    if (rc != RC_OK)
        return rc;
    add_pager(rq, "/courses?", page, cut_list(&courses, COURSES_PAGE));
    add_courses(rq, "Courses", &courses);
    view_set(rq->values, "List.empty", web_t(rq, "Start.mine_none"));
    return web_page(rq, "courses", web_t(rq, "Start.mine"));
}

enum { TERM_SLUG, TERM_PAGE, TERM_FIND, TERM_COUNT };
static const struct web_param term_params[TERM_COUNT] = {
    [TERM_SLUG] = {"term", WEB_SLUG, true, 1, 6, NULL},
    [TERM_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
    [TERM_FIND] = {"q", WEB_LINE, false, 0, COURSE_NAME_MAX, NULL},
};

/* What was looked for and how much there is; a term of one page needs no search. */
static void show_found(struct web_request *rq, const struct course_list *courses, const char *find, bool all)
{
    int64_t n = (int64_t)courses->n;
    view_flag(rq->values, "List.search", *find || !all);
    view_set(rq->values, "List.find", find);
    if (*find && n == 0)
        view_set(rq->values, "List.empty", web_t(rq, "Term.not_found", "words", find));
    else
        view_set(rq->values, "List.empty", web_t(rq, rq->signed_in ? "Term.none" : "Term.empty"));
    if (all)
        view_set(rq->values, "List.count", i18n_count(rq->cx.arena, rq->lang, "Term.courses", n));
}

enum rc page_term(struct web_request *rq)
{
    struct web_value v[TERM_COUNT];
    struct term *term;
    struct course_list courses;
    enum rc rc = web_params(rq, term_params, TERM_COUNT, v);
    if (rc == RC_OK)
        rc = term_get_by_slug(&rq->cx, v[TERM_SLUG].text, &term);
    int64_t page = v[TERM_PAGE].given ? v[TERM_PAGE].num : 1;
    const char *find = v[TERM_FIND].given ? v[TERM_FIND].text : "";
    if (rc == RC_OK)
        rc = course_list_term(&rq->cx, term->id, find, COURSES_PAGE + 1, (page - 1) * COURSES_PAGE, &courses);
    if (rc != RC_OK)
        return rc;
    bool more = cut_list(&courses, COURSES_PAGE);
    view_set(rq->values, "Page.term", term->slug);
    add_courses(rq, "Courses", &courses);
    const char *query = *find ? arena_printf(rq->cx.arena, "q=%s&", web_encode(rq->cx.arena, find)) : "";
    add_pager(rq, arena_printf(rq->cx.arena, "/terms/%s?%s", term->slug, query), page, more);
    show_found(rq, &courses, find, page == 1 && !more);
    return web_page(rq, "courses", site_term_name(rq, term->year, term->half));
}
