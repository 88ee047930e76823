#include "cgi-bin/web/picker.h"

#include "lib/net/json.h"
#include "lib/svc/people/org_list.h"

enum { FEW = 8, FOUND_MAX = 20, WORDS_LENGTH = 100 };

static const char *const purposes[] = {"course", "manage", NULL};
static const enum action actions[] = {ACT_COURSE_CREATE, ACT_ORG_MANAGE};

static enum action action_of(const char *purpose)
{
    return actions[strcmp(purpose, purposes[0]) == 0 ? 0 : 1];
}

static const char *form_value(const struct web_request *rq, const char *field, const char *part)
{
    const char *v = web_pairs_get(&rq->form, arena_printf(rq->cx.arena, "%s_%s", field, part));
    return v && strlen(v) <= WORDS_LENGTH ? v : "";
}

/* The button of the search was pressed, or there are words for which nothing has been searched yet: Enter in the
 * field of the search presses the button of the form. */
bool picker_asked(const struct web_request *rq, const char *field)
{
    const char *button = web_pairs_get(&rq->form, "find"), *words = form_value(rq, field, "find");
    return (button && strcmp(button, field) == 0) ||
           (*words && strcmp(words, form_value(rq, field, "found")) != 0);
}

/* --- in a form --- */

static void add_option(struct view_node *field, int64_t id, const char *name, const char *hint, bool selected)
{
    struct view_node *row = view_add(field, "options");
    view_num(row, "value", id);
    view_set(row, "name", name);
    view_set(row, "hint", hint);
    view_flag(row, "selected", selected);
}

static bool has(const struct org_list *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].id == id)
            return true;
    return false;
}

/* The options: what is chosen already first, if it is not among the others. */
static enum rc add_options(struct web_request *rq, struct view_node *field, const struct org_list *list,
                           int64_t chosen)
{
    struct org *own = NULL;
    if (chosen && !has(list, chosen)) {
        enum rc rc = org_get(&rq->cx, chosen, &own);
        if (rc == RC_NOTFOUND)
            err_clear(&rq->cx);
        else if (rc != RC_OK)
            return rc;
        if (own)
            add_option(field, own->id, own->name, "", true);
    }
    for (size_t i = 0; i < list->n; i++)
        if (!list->item[i].archived_by || list->item[i].id == chosen)
            add_option(field, list->item[i].id, list->item[i].name, list->item[i].above,
                       list->item[i].id == chosen);
    return RC_OK;
}

/* What is said about a search; "": the list says it all. */
static const char *outcome(struct web_request *rq, const char *words, const struct org_list *list)
{
    if (*words && list->n == 0)
        return web_t(rq, "Picker.none", "what", words);
    return *words && list->more ? web_t(rq, "Picker.more") : "";
}

enum rc picker_show(struct web_request *rq, const struct picker *p)
{
    struct org_list list;
    struct view_node *field = view_child(view_child(rq->values, "Form"), p->field);
    const char *value = view_get(field, "value"), *words = rq->retry ? form_value(rq, p->field, "find") : "";
    struct org_search search = {
        .action = action_of(p->purpose), .words = words, .limit = *words ? FOUND_MAX : FEW};
    search.except = p->except ? p->except->path : NULL;
    int64_t chosen = 0;
    enum rc rc = org_find(&rq->cx, &search, &list);
    bool few = rc == RC_OK && !*words && !list.more;
    if (rc == RC_OK && !*words && list.more)
        rc = org_list_tops(&rq->cx, search.action, FEW, 0, &list);
    if (rc != RC_OK)
        return rc;
    bool zero = (p->root || p->none) && value && strcmp(value, "0") == 0;
    if (!value || !str_to_i64(str_of(value), 1, INT64_MAX, &chosen))
        chosen = list.n == 1 && !zero ? list.item[0].id : 0;
    view_flag(field, "few", few);
    view_set(field, "purpose", p->purpose);
    if (p->except)
        view_num(field, "except", p->except->id);
    if (p->root || p->none)
        add_option(field, 0, p->none ? p->none : web_t(rq, "Picker.root"), "", zero);
    view_set(field, "words", words);
    view_set(field, "outcome", outcome(rq, words, &list));
    return add_options(rq, field, &list, chosen);
}

/* --- for the script --- */

enum { F_WORDS, F_FOR, F_EXCEPT, F_COUNT };
static const struct web_param find_params[F_COUNT] = {
    [F_WORDS] = {"q", WEB_LINE, false, 0, WORDS_LENGTH, NULL},
    [F_FOR] = {"for", WEB_CHOICE, true, 0, 0, purposes},
    [F_EXCEPT] = {"except", WEB_INT, false, 1, INT64_MAX, NULL},
};

enum rc api_org_find(struct web_request *rq)
{
    struct web_value v[F_COUNT];
    struct org *except = NULL;
    struct org_list list;
    enum rc rc = web_params(rq, find_params, F_COUNT, v);
    if (rc == RC_OK && v[F_EXCEPT].given)
        rc = org_get(&rq->cx, v[F_EXCEPT].num, &except);
    struct org_search search = {
        .action = actions[v[F_FOR].num], .words = v[F_WORDS].text, .limit = FOUND_MAX};
    search.except = except ? except->path : NULL;
    if (rc == RC_OK)
        rc = org_find(&rq->cx, &search, &list);
    if (rc != RC_OK)
        return rc;
    json_t *o = js_object(&rq->cx), *items = json_array();
    for (size_t i = 0; i < list.n; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "id", json_integer(list.item[i].id));
        json_object_set_new(item, "name", json_string(list.item[i].name));
        json_object_set_new(item, "above", json_string(list.item[i].above));
        json_array_append_new(items, item);
    }
    json_object_set_new(o, "items", items);
    json_object_set_new(o, "outcome", json_string(outcome(rq, search.words, &list)));
    return web_json(rq, 200, js_text(&rq->cx, o));
}
