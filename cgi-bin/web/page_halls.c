/* Halls of an organisation, for its maintainers: the list with a form for a new one, and a hall's own page. */
#include "cgi-bin/web/org_frame.h"
#include "cgi-bin/web/seen.h"

#include "lib/base/clock.h"
#include "lib/svc/teaching/hall.h"

enum { HALLS_PAGE = 30, MAX_PAGES = (HALLS_MAX + HALLS_PAGE - 1) / HALLS_PAGE };

enum { P_ORG, P_PAGE, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ORG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [P_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};
static const struct web_param param_hall = {"hall", WEB_INT, true, 1, INT64_MAX, NULL};

enum { F_NAME, F_CODES, F_BUILDING, F_SEATS, F_BOOKING, F_COUNT };
static const struct web_param fields[F_COUNT] = {
    [F_NAME] = {"name", WEB_LINE, true, 1, HALL_NAME_MAX, NULL},
    [F_CODES] = {"codes", WEB_LINE, false, 0, HALL_CODES_MAX, NULL},
    [F_BUILDING] = {"building", WEB_LINE, false, 0, HALL_BUILDING_MAX, NULL},
    [F_SEATS] = {"seats", WEB_INT, false, 0, HALL_SEATS_MAX, NULL},
    [F_BOOKING] = {"booking", WEB_CHOICE, true, 0, 0, hall_booking_names},
};

static const char *halls_url(struct web_request *rq, const struct org *org)
{
    return org_frame_url(rq, org, "/halls");
}

static const char *hall_url(struct web_request *rq, const struct org *org, const struct hall *h)
{
    return arena_printf(rq->cx.arena, "%s/%lld", halls_url(rq, org), (long long)h->id);
}

/* --- the list --- */

/* "Main building · 120 seats · 5602.EG.001 · Everybody who teaches below books it" */
static const char *about(struct web_request *rq, const struct hall *h)
{
    struct arena *a = rq->cx.arena;
    const char *text = h->building;
    if (h->seats)
        text = arena_printf(a, "%s%s%s", text, *text ? " · " : "",
                            i18n_count(a, rq->lang, "Halls.seats_of", h->seats));
    if (*h->codes)
        text = arena_printf(a, "%s%s%s", text, *text ? " · " : "", h->codes);
    return arena_printf(a, "%s%s%s", text, *text ? " · " : "",
                        web_t(rq, arena_printf(a, "Halls.short_%s", hall_booking_names[h->booking])));
}

static void show_hall(struct web_request *rq, const struct org *org, const struct hall *h)
{
    struct view_node *row = view_add(rq->values, "Halls");
    const char *url = hall_url(rq, org, h);
    view_set(row, "title", h->name);
    view_set(row, "url", url);
    view_set(row, "sub", about(rq, h));
    if (h->requests)
        view_set(row, "requests", i18n_count(rq->cx.arena, rq->lang, "Halls.requests", h->requests));
    if (h->archived_at != NO_TIME) {
        view_set(row, "undo", arena_printf(rq->cx.arena, "%s/restore", url));
        view_set(row, "label", web_t(rq, "Halls.restore", "what", h->name));
    }
}

static void show_fields(struct web_request *rq, const struct hall *h)
{
    web_field(rq, "name", h ? h->name : "");
    web_field(rq, "codes", h ? h->codes : "");
    web_field(rq, "building", h ? h->building : "");
    web_field(rq, "seats", h && h->seats ? arena_printf(rq->cx.arena, "%lld", (long long)h->seats) : "");
    web_field(rq, "booking", hall_booking_names[h ? h->booking : HALL_BELOW]);
    const char *chosen = view_get(rq->values, "Form.booking.value");
    for (int i = 0; i < HALL_BOOKING_COUNT; i++) {
        struct view_node *row = view_add(rq->values, "Form.booking.options");
        const char *name = hall_booking_names[i];
        view_set(row, "value", name);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Halls.booking_%s", name)));
        view_set(row, "hint", web_t(rq, arena_printf(rq->cx.arena, "Halls.booking_%s_hint", name)));
        view_flag(row, "selected", strcmp(chosen, name) == 0);
    }
}

/* What an older form overwrites. */
static enum rc show_seen(struct web_request *rq, const struct org *org, const struct hall *h)
{
    struct arena *a = rq->cx.arena;
    const char *booking = hall_booking_names[h->booking];
    const struct seen_field seen[] = {
        {"name", "Field.name", h->name, NULL},
        {"codes", "Field.codes", h->codes, NULL},
        {"building", "Field.building", h->building, NULL},
        {"seats", "Field.seats", h->seats ? arena_printf(a, "%lld", (long long)h->seats) : "", NULL},
        {"booking", "Field.booking", booking, web_t(rq, arena_printf(a, "Halls.booking_%s", booking))},
    };
    return seen_show(rq,
                     &(struct seen_form){.now = hall_seen(&rq->cx, h),
                                         .url = hall_url(rq, org, h),
                                         .kind = "hall",
                                         .id = h->id,
                                         .actions = "hall.update"},
                     seen, sizeof seen / sizeof *seen);
}

static void show_pager(struct web_request *rq, const struct org *org, int64_t page, bool more)
{
    const char *url = halls_url(rq, org);
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "%s?page=%lld", url, (long long)page - 1));
    if (more && page < MAX_PAGES)
        view_set(rq->values, "Pager.next",
                 arena_printf(rq->cx.arena, "%s?page=%lld", url, (long long)page + 1));
}

enum rc page_halls(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct org *org = NULL;
    struct hall_list list;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    int64_t page = v[P_PAGE].given ? v[P_PAGE].num : 1;
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[P_ORG].text, &org);
    if (rc != RC_OK || !org)
        return rc;
    rc = org_frame_show(rq, org);
    if (rc == RC_OK)
        rc = org_frame_requests(rq, org);
    if (rc == RC_OK)
        rc = hall_list(&rq->cx, org, HALLS_PAGE, (page - 1) * HALLS_PAGE, &list);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < list.n; i++)
        show_hall(rq, org, &list.item[i]);
    show_pager(rq, org, page, list.more);
    show_fields(rq, NULL);
    view_set(rq->values, "Halls.sub", web_t(rq, "Halls.sub", "zone", org->zone));
    return web_page(rq, "halls", web_t(rq, "Halls.title"));
}

static enum rc read_fields(struct web_request *rq, struct hall_edit *edit)
{
    struct web_value v[F_COUNT];
    enum rc rc = web_params(rq, fields, F_COUNT, v);
    *edit = (struct hall_edit){v[F_NAME].text,
                               v[F_CODES].text,
                               v[F_BUILDING].text,
                               v[F_SEATS].num,
                               (enum hall_booking)v[F_BOOKING].num,
                               seen_sent(rq)};
    return rc;
}

enum rc page_hall_create(struct web_request *rq)
{
    struct web_value slug;
    struct hall_edit edit;
    struct org *org = NULL;
    web_form_page(rq, page_halls);
    enum rc rc = web_params(rq, &params[P_ORG], 1, &slug);
    if (rc == RC_OK)
        rc = read_fields(rq, &edit);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc == RC_OK)
        rc = hall_create(&rq->cx, org->id, &edit, NULL);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "hall_created", edit.name, NULL);
    return web_redirect(rq, halls_url(rq, org));
}

/* --- one hall --- */

/* A hall of the organisation of the address. *org NULL: the answer is made, as by org_frame_open. */
static enum rc open_hall(struct web_request *rq, struct org **org, struct hall **hall)
{
    struct web_value slug, id;
    *org = NULL;
    enum rc rc = web_params(rq, &params[P_ORG], 1, &slug);
    if (rc == RC_OK)
        rc = web_params(rq, &param_hall, 1, &id);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, org);
    if (rc != RC_OK || !*org)
        return rc;
    rc = hall_get(&rq->cx, id.num, hall);
    if (rc == RC_OK && (*hall)->organisation_id != (*org)->id)
        rc = err_set(&rq->cx, RC_NOTFOUND, NULL, "hall_unknown", "a hall of another organisation");
    return rc;
}

enum rc page_hall(struct web_request *rq)
{
    struct org *org;
    struct hall *hall;
    enum rc rc = open_hall(rq, &org, &hall);
    if (rc != RC_OK || !org)
        return rc;
    rc = org_frame_show(rq, org);
    if (rc != RC_OK)
        return rc;
    show_fields(rq, hall);
    rc = show_seen(rq, org, hall);
    if (rc != RC_OK)
        return rc;
    view_set(rq->values, "Hall.name", hall->name);
    view_set(rq->values, "Hall.url", hall_url(rq, org, hall));
    view_set(rq->values, "Hall.calendar",
             arena_printf(rq->cx.arena, "/calendar?hall=%lld", (long long)hall->id));
    if (hall->archived_at != NO_TIME)
        view_set(rq->values, "Hall.archived",
                 web_t(rq, "Halls.archived", "time", site_period(rq, hall->archived_at, NO_TIME)));
    return web_page(rq, "hall", hall->name);
}

enum rc page_hall_save(struct web_request *rq)
{
    struct hall_edit edit;
    struct org *org;
    struct hall *hall;
    web_form_page(rq, page_hall);
    enum rc rc = read_fields(rq, &edit), opened = open_hall(rq, &org, &hall);
    if (rc == RC_OK)
        rc = opened;
    if (rc == RC_OK)
        rc = hall_update(&rq->cx, hall->id, &edit);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "hall_saved", edit.name, NULL);
    return web_redirect(rq, halls_url(rq, org));
}

enum rc page_hall_archive(struct web_request *rq)
{
    struct org *org;
    struct hall *hall;
    enum rc rc = open_hall(rq, &org, &hall);
    if (rc == RC_OK)
        rc = hall_archive(&rq->cx, hall->id);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "hall_archived", hall->name,
              arena_printf(rq->cx.arena, "%s/restore", hall_url(rq, org, hall)));
    return web_redirect(rq, halls_url(rq, org));
}

enum rc page_hall_restore(struct web_request *rq)
{
    struct org *org;
    struct hall *hall;
    enum rc rc = open_hall(rq, &org, &hall);
    if (rc == RC_OK)
        rc = hall_restore(&rq->cx, hall->id);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "restored", NULL, NULL);
    return web_redirect(rq, halls_url(rq, org));
}
