/* Requests for the halls of an organisation and everything below it: those of one course for one hall together, to be given or refused
 * with a note. */
#include "cgi-bin/web/hall_field.h"
#include "cgi-bin/web/org_frame.h"

#include "lib/svc/teaching/hall_request.h"

static const struct web_param param_org = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL};
static const struct web_param param_pick = {"pick", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL};
static const struct web_param param_group = {"group", WEB_KEY, false, 1, LECTURE_KEY_LENGTH,
                                             NULL}; /* its first lecture */

enum { A_GIVE, A_REFUSE, A_NOTE, A_COUNT };
static const struct web_param answer_params[A_COUNT] = {
    [A_GIVE] = {"give", WEB_FLAG, false, 0, 0, NULL}, /* the button that was pressed */
    [A_REFUSE] = {"refuse", WEB_FLAG, false, 0, 0, NULL},
    [A_NOTE] = {"note", WEB_LINE, false, 0, SCHEDULE_NOTE_MAX, NULL},
};

/* The keys that are ticked. */
static enum rc read_keys(struct web_request *rq, struct schedule_keys *keys)
{
    struct web_value *v;
    size_t n = 0;
    enum rc rc = web_params_all(rq, &param_pick, HALL_REQUESTS_SHOWN, &v, &keys->n);
    const char **key = arena_array(rq->cx.arena, keys->n + 1, sizeof *key);
    for (size_t i = 0; i < keys->n; i++)
        if (v[i].given)
            key[n++] = v[i].text;
    *keys = (struct schedule_keys){.key = key, .n = n};
    return rc;
}

/* --- the page --- */

static bool is_picked(const struct schedule_keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (strcmp(keys->key[i], key) == 0)
            return true;
    return false;
}

/* Ticked is what can be given; after a failure, what was ticked. */
static void show_request(struct web_request *rq, struct view_node *row, const struct booking *b,
                         const struct schedule_keys *keys)
{
    const struct lecture *l = b->lecture;
    const char *note = NULL;
    if (b->wrong)
        note = b->by ? hall_wrong(rq, b) : web_t(rq, "Halls.request_twice", "hall", l->hall_name);
    site_zone(rq, l->organisation_zone);
    view_set(row, "key", l->key);
    view_set(row, "time", site_period(rq, l->starts_at, l->ends_at));
    view_set(row, "title", l->title);
    view_set(row, "note", note);
    view_flag(row, "on", rq->retry ? is_picked(keys, l->key) : !b->wrong);
}

/* The group whose form has failed, with its note as it was typed, and why. */
static void show_again(struct web_request *rq, struct view_node *group, const char *key)
{
    struct web_value sent;
    if (!rq->retry || web_params(rq, &param_group, 1, &sent) != RC_OK || strcmp(sent.text, key) != 0)
        return;
    view_set(group, "note", web_pairs_get(&rq->form, answer_params[A_NOTE].name));
    if (rq->error_count > 0)
        view_set(group, "error", rq->errors[0].text);
}

static void show_all(struct web_request *rq, const struct hall_requests *list,
                     const struct schedule_keys *keys)
{
    struct view_node *group = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const struct lecture *l = list->item[i].lecture, *last = i ? list->item[i - 1].lecture : NULL;
        if (!last || last->course_id != l->course_id || last->hall_id != l->hall_id) {
            group = view_add(rq->values, "Groups");
            view_num(group, "id", (int64_t)i + 1);
            view_set(group, "key", l->key);
            show_again(rq, group, l->key);
            view_set(group, "hall", l->hall_name);
            view_set(group, "course", l->course_name);
            view_set(group, "url", arena_printf(rq->cx.arena, "/course/%s/%s", l->term_slug, l->course_slug));
        }
        show_request(rq, view_add(group, "rows"), &list->item[i], keys);
    }
}

enum rc page_hall_requests(struct web_request *rq)
{
    struct web_value slug;
    struct org *org = NULL;
    struct hall_requests list;
    struct schedule_keys keys = {0};
    enum rc rc = web_params(rq, &param_org, 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc != RC_OK || !org)
        return rc;
    if (read_keys(rq, &keys) != RC_OK)
        err_clear(&rq->cx);
    rc = org_frame_show(rq, org);
    if (rc == RC_OK)
        rc = hall_request_list(&rq->cx, org, &list);
    if (rc != RC_OK)
        return rc;
    show_all(rq, &list, &keys);
    if (list.more)
        view_set(
            rq->values, "Requests.more",
            web_t(rq, "Halls.requests_more", "n", i18n_number(rq->cx.arena, rq->lang, HALL_REQUESTS_SHOWN)));
    return web_page(rq, "hall_requests", web_t(rq, "Halls.requests_title"));
}

/* --- the answer --- */

enum rc page_hall_answer(struct web_request *rq)
{
    struct web_value slug, v[A_COUNT] = {0};
    struct org *org = NULL;
    struct schedule_keys keys = {0};
    size_t n = 0;
    web_form_page(rq, page_hall_requests);
    enum rc rc = web_params(rq, &param_org, 1, &slug);
    if (rc == RC_OK)
        rc = read_keys(rq, &keys);
    if (rc == RC_OK)
        rc = web_params(rq, answer_params, A_COUNT, v);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc == RC_OK && keys.n == 0)
        rc = err_set(&rq->cx, RC_INVALID, "pick", "schedule_none", "nothing is ticked");
    if (rc != RC_OK)
        return rc;
    bool give = v[A_GIVE].num != 0;
    if (give == (v[A_REFUSE].num != 0))
        return err_set(&rq->cx, RC_INVALID, "pick", "hall_answer_which", "neither button, or both");
    rc = hall_request_answer(&rq->cx, &keys, give, v[A_NOTE].text, &n);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, give ? "hall_given" : "hall_refused",
              i18n_count(rq->cx.arena, rq->lang, "Schedule.lectures", (int64_t)n), NULL);
    return web_redirect(rq, org_frame_url(rq, org, "/requests"));
}
