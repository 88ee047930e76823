#include "cgi-bin/web/hall_field.h"

static void offer(struct web_request *rq, const struct hall *h)
{
    struct arena *a = rq->cx.arena;
    enum hall_state gives = hall_gives(&rq->cx, h);
    const char *about = h->building;
    if (gives == HALL_NONE)
        return;
    if (h->seats)
        about = arena_printf(a, "%s%s%s", about, *about ? " · " : "",
                             i18n_count(a, rq->lang, "Halls.seats_of", h->seats));
    if (gives == HALL_REQUESTED)
        about = arena_printf(a, "%s%s%s", about, *about ? " · " : "", web_t(rq, "Halls.short_request"));
    struct view_node *row = view_add(rq->values, "Offered");
    view_set(row, "name", h->name);
    view_set(row, "about", *about ? about : h->name);
}

enum rc hall_field_show(struct web_request *rq, const char *path)
{
    struct hall_list list;
    enum rc rc = hall_list_serving(&rq->cx, path, &list);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < list.n; i++)
        offer(rq, &list.item[i]);
    if (list.n > 0)
        view_set(rq->values, "Form.hall.hint", web_t(rq, "Halls.field_hint"));
    return RC_OK;
}

const char *hall_wrong(struct web_request *rq, const struct booking *b)
{
    if (!b->wrong)
        return NULL;
    if (strcmp(b->wrong, "hall_closed") == 0)
        return web_t(rq, "Halls.closed", "hall", b->with->name, "who", b->with->organisation_name);
    if (strcmp(b->wrong, "hall_taken") != 0)
        return web_t(rq, arena_printf(rq->cx.arena, "Err.%s", b->wrong));
    if (!b->by)
        return web_t(rq, "Halls.taken", "hall", b->with->name);
    return web_t(rq, "Halls.taken_by", "hall", b->with->name, "course", b->by->course_name, "title",
                 b->by->title, "time", site_period(rq, b->by->starts_at, b->by->ends_at));
}

bool hall_failed(const struct web_request *rq, enum rc rc)
{
    return rc == RC_CONFLICT && rq->cx.err.field && strncmp(rq->cx.err.field, "hall", 4) == 0;
}

enum rc hall_explain(struct web_request *rq, const char *path, struct booking *b, size_t n, enum rc rc)
{
    if (!hall_failed(rq, rc))
        return rc;
    const struct err was = rq->cx.err;
    size_t i = 0;
    if (booking_look(&rq->cx, path, b, n) != RC_OK)
        rq->cx.err = was;
    else
        while (i < n && !b[i].wrong)
            i++;
    if (i < n && b[i].wrong)
        web_field_error(rq, b[i].field, hall_wrong(rq, &b[i]));
    return rc;
}

void hall_show_state(struct web_request *rq, struct view_node *node, const struct lecture *l)
{
    static const char *const looks[HALL_STATE_COUNT] = {"", "warn", "ok", "bad", "bad"};
    if (l->hall_state == HALL_NONE || l->starts_at <= rq->now)
        return;
    bool note = *l->hall_note != '\0';
    if (l->hall_state == HALL_BOOKED && !note)
        return;
    const char *key =
        arena_printf(rq->cx.arena, "Halls.is_%s%s", hall_state_name(l->hall_state), note ? "_note" : "");
    view_set(node, "hall_tag", web_t(rq, key, "hall", l->hall_name, "note", l->hall_note));
    view_set(node, "hall_look", looks[l->hall_state]);
}
