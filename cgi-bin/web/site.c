#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/slug.h"
#include "lib/os/conf.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/pipeline/doors/playback.h"

enum { MENU_MS = 10 * 1000, MENU_TERMS = 8, WATCHED_PERCENT = 100 };
/* Storage nodes that do not fit into a Content-Security-Policy of this length are left out, and their
 * pictures are not shown. */
enum { MENU_STORES = 64, STORES_MAX = 2000 };

struct menu_store {
    int64_t node_id;
    char *url; /* "": the core's own address */
};

struct site_menu {
    int64_t read_at; /* clock_mono, so that a clock that is set back does not keep the list for hours */
    struct menu_store stores[MENU_STORES];
    size_t store_count;
    char *origins; /* " https://a https://b" */
    struct term terms[MENU_TERMS];
    char slugs[MENU_TERMS][8];
    size_t term_count;
    char *organisation;
};

struct site *site_of(const struct web_request *rq)
{
    return rq->app->ctx;
}

/* --- who asks --- */

enum rc site_identify(struct web_request *rq)
{
    const char *token = web_cookie_get(rq, COOKIE_SESSION);
    if (!token || !*token)
        return RC_OK;
    struct actor *actor;
    enum rc rc = session_open(&rq->cx, token, &actor);
    if (rc == RC_NOTFOUND) {
        err_clear(&rq->cx);
        web_cookie(rq, COOKIE_SESSION, "", 0);
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    rq->cx.actor = actor;
    rq->secret = token;
    rq->signed_in = true;
    return RC_OK;
}

bool site_admits(const struct web_request *rq, enum web_access level)
{
    return level == WEB_SIGNEDIN ? rq->signed_in : actor_has_role(rq->cx.actor, ROLE_LECTURER);
}

void site_sign_in(struct web_request *rq, const struct actor *actor, const char *token)
{
    const char *code;
    rq->cx.actor = actor;
    web_cookie(rq, COOKIE_SESSION, token, (int64_t)SESSION_DAYS * 24 * 3600);
    if (user_preference_get(&rq->cx, "language", &code) == RC_OK)
        web_choose_language(rq, code);
    else
        err_clear(&rq->cx);
}

enum rc site_sso_failed(struct web_request *rq, const char *what)
{
    struct arena *a = rq->cx.arena;
    log_err(LOG_WARN, &rq->cx, "an identity provider's message is refused");
    err_clear(&rq->cx);
    rq->status = 403;
    view_set(rq->values, "Sso.title", web_t(rq, arena_printf(a, "%s.title", what)));
    view_set(rq->values, "Sso.text", web_t(rq, arena_printf(a, "%s.text", what)));
    view_set(rq->values, "Sso.number", rq->cx.id);
    return web_page(rq, "sso_failed", view_get(rq->values, "Sso.title"));
}

enum rc site_field(struct web_request *rq, const char *service, const char *form, enum rc rc)
{
    if (rc != RC_OK && rq->cx.err.field && strcmp(rq->cx.err.field, service) == 0)
        rq->cx.err.field = form;
    return rc;
}

const char *site_slug(struct web_request *rq, const struct web_value *slug, const struct web_value *name,
                      size_t max)
{
    return slug->given ? slug->text : slug_of(rq->cx.arena, str_of(name->text), max);
}

void site_slug_field(struct web_request *rq, const char *name, size_t max)
{
    web_field(rq, "slug", "");
    const char *typed = view_get(rq->values, arena_printf(rq->cx.arena, "Form.%s.value", name));
    if (!*view_get(rq->values, "Form.slug.value") && str_is_utf8(str_of(typed)))
        view_set(rq->values, "Form.slug.value", slug_of(rq->cx.arena, str_of(typed), max));
}

/* --- the frame --- */

static void drop_stores(struct site_menu *menu)
{
    for (size_t i = 0; i < menu->store_count; i++)
        free(menu->stores[i].url);
    menu->store_count = 0;
    free(menu->origins);
    menu->origins = NULL;
}

static void read_stores(struct web_request *rq, struct site_menu *menu)
{
    struct publication_store *stores;
    size_t n;
    const char *own = web_origin(rq->cx.arena, rq->app->conf->base_url), *all = "";
    if (publication_stores(&rq->cx, &stores, &n) != RC_OK)
        return;
    drop_stores(menu);
    for (size_t i = 0; i < n && menu->store_count < MENU_STORES; i++) {
        const char *origin = web_origin(rq->cx.arena, stores[i].url);
        bool here = !*stores[i].url || (origin && own && strcmp(origin, own) == 0);
        if ((!here && !origin) || (!here && strlen(all) + strlen(origin) >= STORES_MAX))
            continue;
        if (!here && !web_has_origin(all, origin))
            all = arena_printf(rq->cx.arena, "%s %s", all, origin);
        menu->stores[menu->store_count++] =
            (struct menu_store){stores[i].node_id, mem_strdup(here ? "" : stores[i].url)};
    }
    menu->origins = mem_strdup(all);
}

/* Terms, the first root's name and storage nodes change rarely: they are read again after ten seconds, and
 * kept while the database is away. */
static const struct site_menu *menu_of(struct web_request *rq)
{
    struct site *site = site_of(rq);
    if (!site->menu)
        site->menu = mem_alloc(sizeof *site->menu);
    struct site_menu *menu = site->menu;
    int64_t now = clock_mono();
    if (menu->read_at && now - menu->read_at < MENU_MS)
        return menu;
    struct term_list terms;
    struct org *org;
    struct err before = rq->cx.err;
    menu->read_at = now;
    if (term_list(&rq->cx, &terms) == RC_OK) {
        menu->term_count = terms.n < MENU_TERMS ? terms.n : MENU_TERMS;
        for (size_t i = 0; i < menu->term_count; i++) {
            menu->terms[i] = terms.item[i];
            snprintf(menu->slugs[i], sizeof menu->slugs[i], "%s", terms.item[i].slug);
            menu->terms[i].slug = menu->slugs[i];
        }
    }
    read_stores(rq, menu);
    if (org_get_first(&rq->cx, &org) == RC_OK) {
        free(menu->organisation);
        menu->organisation = mem_strdup(org->name);
    }
    rq->cx.err = before;
    return menu;
}

static const char *term_name(struct web_request *rq, const char *key, int year)
{
    const char *first = arena_printf(rq->cx.arena, "%d", year);
    const char *second = arena_printf(rq->cx.arena, "%02d", (year + 1) % 100);
    return web_t(rq, key, "year", first, "next", second);
}

static void show_terms(struct web_request *rq, const struct site_menu *menu)
{
    const char *chosen = view_get(rq->values, "Page.term");
    const char *label = NULL;
    for (size_t i = 0; i < menu->term_count; i++) {
        const struct term *t = &menu->terms[i];
        struct view_node *row = view_add(rq->values, "Menu.terms");
        const char *name = site_term_name(rq, t->year, t->half);
        bool current = chosen ? strcmp(chosen, t->slug) == 0 : t->current;
        view_set(row, "name", name);
        view_set(row, "slug", t->slug);
        view_flag(row, "current", current);
        if (current || !label)
            label = term_name(rq, t->half == 'w' ? "Term.winter_short" : "Term.summer_short", t->year);
    }
    view_set(rq->values, "Menu.term", label);
}

/* The addresses of the language links: this page with ?lang=, or, after a failed POST, the form's page. */
static void show_languages(struct web_request *rq)
{
    bool get = rq->method == WEB_GET || rq->retry;
    const char *target = get ? rq->target : "/";
    for (const char *const *codes = view_codes(rq->app->view); *codes; codes++) {
        const char *code = *codes;
        if (strcmp(code, i18n_code(rq->lang)) == 0)
            continue;
        struct view_node *row = view_add(rq->values, "Menu.languages");
        view_set(row, "code", code);
        view_set(row, "url",
                 arena_printf(rq->cx.arena, "%s%clang=%s", target, strchr(target, '?') ? '&' : '?', code));
        view_set(row, "name", i18n_name(view_language(rq->app->view, code)));
    }
}

void site_frame(struct web_request *rq)
{
    const struct site_menu *menu = menu_of(rq);
    show_terms(rq, menu);
    show_languages(rq);
    view_set(rq->values, "Menu.organisation", menu->organisation);
    if (menu->origins && *menu->origins)
        view_set(rq->values, "Page.store_origins", menu->origins);
    view_set(rq->values, "Page.target", web_encode(rq->cx.arena, rq->method == WEB_GET ? rq->target : "/"));
    if (rq->signed_in) {
        view_set(rq->values, "User.name", rq->cx.actor->name);
        view_set(rq->values, "User.login", rq->cx.actor->login);
        view_flag(rq->values, "User.teaches", actor_teaches(rq->cx.actor));
        view_flag(rq->values, "User.maintains", actor_has_role(rq->cx.actor, ROLE_MAINTAINER));
        view_flag(rq->values, "User.admin", actor_has_role(rq->cx.actor, ROLE_ADMIN));
    }
}

/* --- words --- */

const char *site_term_name(struct web_request *rq, int year, char half)
{
    return term_name(rq, half == 'w' ? "Term.winter" : "Term.summer", year);
}

const char *site_visibility(struct web_request *rq, enum visibility visibility)
{
    return web_t(rq, arena_printf(rq->cx.arena, "Visibility.%s", visibility_name(visibility)));
}

const char *site_view_name(struct web_request *rq, const char *kind)
{
    return web_t(rq, arena_printf(rq->cx.arena, "View.%s", kind));
}

const char *site_limit(struct web_request *rq, int64_t bytes)
{
    const int64_t giga = (int64_t)1 << 30; /* limits are configured in units of 2^30 bytes, and shown as GB */
    if (bytes % giga == 0)
        return web_t(rq, "Format.gigabytes", "n", i18n_number(rq->cx.arena, rq->lang, bytes / giga));
    return i18n_size(rq->cx.arena, rq->lang, bytes);
}

void site_zone(struct web_request *rq, const char *name)
{
    const struct zone *own = rq->app->zone;
    if (!name || strcmp(name, zone_name(rq->zone)) == 0)
        return;
    if (strcmp(name, zone_name(own)) == 0 || !zone_open(rq->cx.arena, name, &rq->zone))
        rq->zone = own;
    if (rq->zone == own)
        return;
    const char *city = i18n_city(rq->cx.arena, rq->zone);
    view_set(rq->values, "Page.city", city);
    view_set(rq->values, "Page.there", web_t(rq, "LectureEdit.there", "city", city));
}

const char *site_period(struct web_request *rq, int64_t start, int64_t end)
{
    return i18n_period(rq->cx.arena, rq->lang, rq->zone, start, end, rq->now);
}

static const char *period_there(struct web_request *rq, int64_t start, int64_t end)
{
    const char *period = site_period(rq, start, end), *city = view_get(rq->values, "Page.city");
    return city && *period ? web_t(rq, "Format.there", "time", period, "city", city) : period;
}

const char *site_when(struct web_request *rq, const struct lecture *l)
{
    const char *period = period_there(rq, l->starts_at, l->ends_at);
    return *l->hall ? arena_printf(rq->cx.arena, "%s, %s", period, l->hall) : period;
}

const char *site_course_url(struct web_request *rq, const struct course *c)
{
    const char *key = c->visibility == VIS_HIDDEN ? arena_printf(rq->cx.arena, "?key=%s", c->key) : "";
    return arena_printf(rq->cx.arena, "/course/%s/%s%s", c->term_slug, c->slug, key);
}

const char *site_lecture_url(struct web_request *rq, const struct lecture *l)
{
    return arena_printf(rq->cx.arena, "/lecture/%s", l->key);
}

void site_may(struct web_request *rq, const struct policy_object *object)
{
    static const struct {
        enum action action;
        const char *name;
    } all[] = {
        {ACT_COURSE_TEXTS, "texts"},       {ACT_COURSE_UPLOAD, "upload"},
        {ACT_COURSE_PUBLISH, "publish"},   {ACT_COURSE_TIMETABLE, "timetable"},
        {ACT_COURSE_PEOPLE, "people"},     {ACT_COURSE_STATISTICS, "statistics"},
        {ACT_COURSE_SETTINGS, "settings"}, {ACT_COURSE_OWN, "own"},
    };
    struct view_node *may = view_child(rq->values, "May");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        view_flag(may, all[i].name, policy_may(rq->cx.actor, all[i].action, object));
}

/* --- rows --- */

/* True if the course is of the current term or of the term that this page is about: then the term is not
 * repeated. */
static bool is_current(struct web_request *rq, const struct course *c)
{
    const struct site_menu *menu = menu_of(rq);
    const char *page = view_get(rq->values, "Page.term");
    if (page)
        return strcmp(page, c->term_slug) == 0;
    for (size_t i = 0; i < menu->term_count; i++)
        if (menu->terms[i].current)
            return strcmp(menu->terms[i].slug, c->term_slug) == 0;
    return true;
}

/* "Next: Tue 24 Nov, 10:15, HS 1" by the clock of the course. */
static const char *next_of(struct web_request *rq, const struct course *c)
{
    const struct zone *zone = rq->zone;
    if (c->next_at == NO_TIME)
        return NULL;
    if (strcmp(zone_name(zone), c->organisation_zone) != 0 &&
        !zone_open(rq->cx.arena, c->organisation_zone, &zone))
        zone = rq->app->zone;
    const char *time = i18n_period(rq->cx.arena, rq->lang, zone, c->next_at, NO_TIME, rq->now);
    if (c->next_hall && *c->next_hall)
        time = arena_printf(rq->cx.arena, "%s, %s", time, c->next_hall);
    return web_t(rq, "Course.next", "time", time);
}

void site_course_row(struct web_request *rq, struct view_node *row, const struct course *c)
{
    struct arena *a = rq->cx.arena;
    const char *dot = c->staff ? " · " : "";
    view_set(row, "title", c->name);
    view_set(row, "url", site_course_url(rq, c));
    const char *term =
        is_current(rq, c) ? "" : arena_printf(a, " · %s", site_term_name(rq, c->term_year, c->term_half));
    view_set(row, "sub",
             arena_printf(a, "%s%s%s%s", c->staff ? c->staff : "", dot, c->organisation_name, term));
    view_set(row, "next", next_of(rq, c));
    view_set(row, "count", i18n_count(a, rq->lang, "Course.lectures", c->lecture_count));
    if (c->new_count > 0)
        view_set(row, "fresh", i18n_count(a, rq->lang, "Course.fresh", c->new_count));
}

void site_deleted_row(struct web_request *rq, struct view_node *row, const char *title, int64_t deleted_at,
                      const char *undo)
{
    view_set(row, "title", title);
    view_set(row, "text",
             web_t(rq, "Deleted.until", "time", site_period(rq, course_undo_until(deleted_at), NO_TIME)));
    view_set(row, "undo", undo);
    view_set(row, "label", web_t(rq, "Deleted.label", "what", title));
}

/* The first character, whatever its length in bytes. */
static char *first_letter(struct arena *a, const char *text)
{
    size_t n = *text ? 1 : 0;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return arena_strndup(a, text, n);
}

/* The address of a node's files; NULL: pages may not load from there. Without a node: the core's own. */
static const char *store_of(struct web_request *rq, int64_t node_id)
{
    const struct site_menu *menu = menu_of(rq);
    for (size_t i = 0; i < menu->store_count; i++)
        if (menu->stores[i].node_id == node_id)
            return menu->stores[i].url;
    return node_id ? NULL : "";
}

/* The poster of the current generation, at an address that is valid for 15 minutes. */
static const char *poster_url(struct web_request *rq, const struct lecture *l)
{
    enum view_kind kind;
    const char *store = store_of(rq, l->node_id);
    if (!store || l->generation <= 0 || !l->poster_view || !wire_view_of(str_of(l->poster_view), &kind) ||
        !policy_may(rq->cx.actor, ACT_LECTURE_PLAY, &l->object))
        return NULL;
    struct publication_view view = {.kind = kind};
    struct publication p = {.lecture_id = l->id, .lecture_key = l->key, .generation = (int)l->generation};
    p.media = l->media_state;
    p.store_url = store;
    p.views = &view;
    p.view_count = 1;
    struct playback pb;
    struct err before = rq->cx.err;
    if (playback_token(&rq->cx, &p, PLAYBACK_RECORDING, PLAYBACK_TOKEN_S, &pb) != RC_OK) {
        log_err(LOG_WARN, &rq->cx, "no address for a picture");
        rq->cx.err = before;
        return NULL;
    }
    return playback_url(&rq->cx, &p, &pb, kind, "poster.jpg");
}

static void show_position(struct web_request *rq, struct view_node *row, const struct lecture *l)
{
    if (!l->watched && l->position_ms <= 0)
        return;
    int64_t percent = WATCHED_PERCENT;
    if (!l->watched && l->duration_ms > 0)
        percent = l->position_ms * 100 / l->duration_ms;
    if (percent > 100)
        percent = 100;
    const char *number = arena_printf(rq->cx.arena, "%d", (int)percent);
    view_set(row, "percent", number);
    view_set(row, "percent_text", web_t(rq, "Lecture.percent", "n", number));
    view_flag(row, "watched", l->watched);
}

void site_lecture_row(struct web_request *rq, struct view_node *row, const struct lecture *l, const char *sub)
{
    struct arena *a = rq->cx.arena;
    view_set(row, "title", l->title);
    view_set(row, "url", site_lecture_url(rq, l));
    view_set(row, "sub", sub);
    view_set(row, "poster", poster_url(rq, l));
    if (l->number > 0)
        view_num(row, "number", l->number);
    else /* a card without a number shows the first letter of its course */
        view_set(row, "letter", first_letter(a, l->course_name));
    if (l->duration_ms > 0)
        view_set(row, "duration", i18n_duration(a, l->duration_ms / 1000));
    show_position(rq, row, l);
}
