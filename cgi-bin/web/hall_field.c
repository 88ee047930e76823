#include "cgi-bin/web/hall_field.h"

enum { FOUND_SHOWN = 20 };

/* "Main building · 800 seats · on request" */
static const char *about(struct web_request *rq, const struct hall *h, enum hall_state gives)
{
    struct arena *a = rq->cx.arena;
    const char *text = h->building;
    if (h->seats)
        text = arena_printf(a, "%s%s%s", text, *text ? " · " : "",
                            i18n_count(a, rq->lang, "Halls.seats_of", h->seats));
    if (gives == HALL_REQUESTED)
        text = arena_printf(a, "%s%s%s", text, *text ? " · " : "", web_t(rq, "Halls.short_request"));
    return text;
}

static void offer(struct web_request *rq, const char *list, const struct hall *h)
{
    enum hall_state gives = hall_gives(&rq->cx, h);
    const char *text = about(rq, h, gives);
    if (gives == HALL_NONE)
        return;
    struct view_node *row = view_add(rq->values, list);
    view_set(row, "name", h->name);
    view_set(row, "about", *text || strcmp(list, "Found") == 0 ? text : h->name);
}

/* --- the search --- */

bool hall_asked(const struct web_request *rq)
{
    const char *button = web_pairs_get(&rq->form, "find");
    return (button && strcmp(button, "hall") == 0) || web_pairs_get(&rq->form, "take");
}

/* What is looked for: with the button of the search, what stands in the field; else anything. */
static const char *words_of(struct web_request *rq)
{
    const char *take = rq->retry ? web_pairs_get(&rq->form, "take") : NULL;
    const char *typed = view_get(rq->values, "Form.hall.value");
    if (take)
        view_set(rq->values, "Form.hall.value", take);
    return !take && rq->retry && hall_asked(rq) && typed ? typed : "";
}

static void show_found(struct web_request *rq, const char *words, const struct hall_list *list)
{
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (hall_gives(&rq->cx, &list->item[i]) == HALL_NONE)
            continue;
        n++;
        if (shown == FOUND_SHOWN)
            continue;
        offer(rq, "Found", &list->item[i]);
        shown++;
    }
    const char *outcome = n == 0 ? web_t(rq, "Halls.found_none", "what", words)
                                 : i18n_count(rq->cx.arena, rq->lang, "Halls.found", (int64_t)n);
    if (n > shown || list->more)
        outcome = web_t(rq, "Halls.found_more", "n", i18n_number(rq->cx.arena, rq->lang, (int64_t)shown));
    view_set(rq->values, "Form.hall.outcome", outcome);
}

enum rc hall_field_show(struct web_request *rq, const char *path)
{
    struct hall_list list;
    const char *words = words_of(rq);
    enum rc rc = hall_list_serving(&rq->cx, path, words, &list);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < list.n; i++)
        offer(rq, "Offered", &list.item[i]);
    if (*words)
        show_found(rq, words, &list);
    bool asked = rq->retry && hall_asked(rq);
    view_flag(rq->values, "Form.hall.search", list.more || asked);
    view_flag(rq->values, "Form.hall.asked", asked); /* the page comes back at the field */
    if (list.n > 0 || *words)
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

/* Of several: "Tue 24 Nov, 10:15–11:45: HS 1 is taken …" */
static const char *wrong_one(struct web_request *rq, const struct booking *b, size_t n)
{
    const char *what = hall_wrong(rq, b);
    return n == 1
               ? what
               : web_t(rq, "Halls.wrong_at", "time", site_period(rq, b->starts_at, b->ends_at), "what", what);
}

enum rc hall_explain(struct web_request *rq, const char *path, struct booking *b, size_t n, enum rc rc)
{
    if (!hall_failed(rq, rc))
        return rc;
    const struct err was = rq->cx.err;
    size_t wrong = 0;
    if (booking_look(&rq->cx, path, b, n) != RC_OK) {
        rq->cx.err = was;
        return rc;
    }
    for (size_t i = 0; i < n; i++)
        if (b[i].wrong && wrong++ < HALL_WRONG_SHOWN)
            web_field_error(rq, b[i].field, wrong_one(rq, &b[i], n));
    if (wrong > HALL_WRONG_SHOWN)
        web_field_error(
            rq, b[0].field,
            i18n_count(rq->cx.arena, rq->lang, "Halls.wrong_more", (int64_t)(wrong - HALL_WRONG_SHOWN)));
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
