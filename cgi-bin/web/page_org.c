/* Organisations as their maintainers see them: where they begin, one of them with what is below it, its name and
 * place. */
#include "cgi-bin/web/org_frame.h"
#include "cgi-bin/web/picker.h"
#include "cgi-bin/web/seen.h"

#include "lib/svc/people/org_list.h"
#include "lib/svc/people/org_tree.h"

enum { CHILDREN_PAGE = 50, MAX_PAGES = 1000, FOUND_MAX = 50, WORDS_LENGTH = 100 };

enum { P_SLUG, P_NAME, P_NEW_SLUG, P_ZONE, P_LANG, P_CONTACT, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_SLUG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [P_NAME] = {"name", WEB_LINE, true, 1, ORG_NAME_MAX, NULL},
    [P_NEW_SLUG] = {"slug", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [P_ZONE] = {"zone", WEB_LINE, true, 1, ZONE_NAME_MAX, NULL},
    [P_LANG] = {"lang", WEB_LINE, false, 0, ORG_LANG_MAX, NULL},
    [P_CONTACT] = {"contact", WEB_LINE, false, 0, ORG_CONTACT_MAX, NULL},
};
static const struct web_param *const param_slug = &params[P_SLUG];

/* --- where somebody's organisations begin --- */

static void add_row(struct web_request *rq, const struct org *o)
{
    struct view_node *row = view_add(rq->values, "Orgs");
    view_set(row, "title", o->name);
    view_set(row, "url", org_frame_url(rq, o, ""));
    view_set(row, "sub", o->above);
    view_flag(row, "archived", o->archived_by != 0);
}

static void show_pager(struct web_request *rq, const char *path, int64_t page, bool more)
{
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "%s?page=%lld", path, (long long)page - 1));
    if (more && page < MAX_PAGES)
        view_set(rq->values, "Pager.next",
                 arena_printf(rq->cx.arena, "%s?page=%lld", path, (long long)page + 1));
}

enum { L_WORDS, L_PAGE, L_COUNT };
static const struct web_param list_params[L_COUNT] = {
    [L_WORDS] = {"q", WEB_LINE, false, 0, WORDS_LENGTH, NULL},
    [L_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

/* Whoever maintains a single one comes to it at once. */
enum rc page_orgs(struct web_request *rq)
{
    struct web_value v[L_COUNT];
    struct org_list list;
    bool all = policy_may(rq->cx.actor, ACT_INSTALL, NULL);
    if (!actor_has_role(rq->cx.actor, ROLE_MAINTAINER))
        return err_set(&rq->cx, RC_DENIED, NULL, "not_a_maintainer", "maintains no organisation");
    enum rc rc = web_params(rq, list_params, L_COUNT, v);
    int64_t page = v[L_PAGE].given ? v[L_PAGE].num : 1;
    struct org_search search = {.action = ACT_ORG_MANAGE, .words = v[L_WORDS].text, .limit = FOUND_MAX};
    if (rc == RC_OK)
        rc = v[L_WORDS].given
                 ? org_find(&rq->cx, &search, &list)
                 : org_list_tops(&rq->cx, ACT_ORG_MANAGE, CHILDREN_PAGE, (page - 1) * CHILDREN_PAGE, &list);
    if (rc != RC_OK)
        return rc;
    if (!all && !v[L_WORDS].given && page == 1 && list.n == 1)
        return web_redirect(rq, org_frame_url(rq, &list.item[0], ""));
    for (size_t i = 0; i < list.n; i++)
        add_row(rq, &list.item[i]);
    view_set(rq->values, "Search.words", v[L_WORDS].text);
    if (v[L_WORDS].given && list.n == 0)
        view_set(rq->values, "Search.outcome", web_t(rq, "Picker.none", "what", v[L_WORDS].text));
    else if (v[L_WORDS].given && list.more)
        view_set(rq->values, "Search.outcome", web_t(rq, "Picker.more"));
    else if (!v[L_WORDS].given)
        show_pager(rq, "/org", page, list.more);
    view_flag(rq->values, "Org.may_create", all);
    web_field(rq, "name", "");
    site_slug_field(rq, "name", ORG_SLUG_MAX);
    return web_page(rq, "orgs", web_t(rq, "Org.all"));
}

/* --- one --- */

static const char *count_text(struct web_request *rq, const char *key, int64_t n)
{
    if (n <= ORG_COUNT_MAX)
        return i18n_count(rq->cx.arena, rq->lang, key, n);
    return web_t(rq, arena_printf(rq->cx.arena, "%s_over", key), "n",
                 i18n_number(rq->cx.arena, rq->lang, ORG_COUNT_MAX));
}

static void show_counts(struct web_request *rq, const struct org_counts *n)
{
    view_set(rq->values, "Org.counts",
             arena_printf(rq->cx.arena, "%s · %s · %s · %s", count_text(rq, "Org.below", n->below),
                          count_text(rq, "Org.courses", n->courses), count_text(rq, "Org.people", n->people),
                          count_text(rq, "Org.nodes", n->nodes)));
    view_set(rq->values, "Org.archive_text", count_text(rq, "Org.archive_text", n->below));
    view_set(rq->values, "Org.move_text", count_text(rq, "Org.move_text", n->below));
}

/* Unlike show_counts, what is directly in it: the words say so where more may be further below. */
static const char *child_text(struct web_request *rq, const struct org_child *child)
{
    struct arena *a = rq->cx.arena;
    if (!child->children)
        return i18n_count(a, rq->lang, "Org.courses", child->courses);
    return arena_printf(a, "%s · %s", i18n_count(a, rq->lang, "Org.directly", child->children),
                        i18n_count(a, rq->lang, "Org.own_courses", child->courses));
}

static void show_child(struct web_request *rq, const struct org_child *child)
{
    struct view_node *row = view_add(rq->values, "Children");
    view_set(row, "title", child->org.name);
    view_set(row, "url", org_frame_url(rq, &child->org, ""));
    view_set(row, "sub", child_text(rq, child));
    view_flag(row, "archived", child->org.archived_by != 0);
}

/* A code that no catalogue has is its own name. */
static const char *language_name(struct web_request *rq, const char *code)
{
    for (const char *const *one = view_codes(rq->app->view); *one; one++)
        if (strcmp(*one, code) == 0)
            return i18n_name(view_language(rq->app->view, code));
    return *code ? code : web_t(rq, "Org.lang_none");
}

/* The languages of the catalogues, and the one that is set, if it is another. */
static void show_languages(struct web_request *rq)
{
    const char *chosen = view_get(rq->values, "Form.lang.value");
    bool there = !*chosen;
    struct view_node *row = view_add(rq->values, "Form.lang.options");
    view_set(row, "value", "");
    view_set(row, "name", language_name(rq, ""));
    for (const char *const *code = view_codes(rq->app->view); *code || !there; code += *code != NULL) {
        const char *one = *code ? *code : chosen;
        row = view_add(rq->values, "Form.lang.options");
        view_set(row, "value", one);
        view_set(row, "name", language_name(rq, one));
        view_flag(row, "selected", strcmp(one, chosen) == 0);
        there |= strcmp(one, chosen) == 0;
    }
}

static enum rc show_form(struct web_request *rq, const struct org *org)
{
    web_field(rq, "name", org->name);
    web_field(rq, "slug", org->slug);
    web_field(rq, "zone", org->zone);
    web_field(rq, "lang", org->lang);
    web_field(rq, "contact", org->contact);
    show_languages(rq);
    const struct seen_field fields[] = {
        {"name", "Field.name", org->name, NULL},
        {"slug", "Field.slug", org->slug, NULL},
        {"zone", "Field.zone", org->zone, NULL},
        {"lang", "Field.lang", org->lang, language_name(rq, org->lang)},
        {"contact", "Field.contact", org->contact, NULL},
    };
    return seen_show(rq,
                     &(struct seen_form){.now = org_seen(&rq->cx, org),
                                         .url = org_frame_url(rq, org, ""),
                                         .kind = "org",
                                         .id = org->id,
                                         .actions = "org.update"},
                     fields, sizeof fields / sizeof *fields);
}

enum { S_SLUG, S_PAGE, S_COUNT };
static const struct web_param show_params[S_COUNT] = {
    [S_SLUG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [S_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

enum rc page_org(struct web_request *rq)
{
    struct web_value v[S_COUNT];
    struct org *org = NULL;
    struct org_counts counts;
    struct org_children children;
    enum rc rc = web_params(rq, show_params, S_COUNT, v);
    int64_t page = v[S_PAGE].given ? v[S_PAGE].num : 1;
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[S_SLUG].text, &org);
    if (rc != RC_OK || !org)
        return rc;
    rc = org_frame_show(rq, org);
    if (rc == RC_OK)
        rc = org_count(&rq->cx, org, &counts);
    if (rc == RC_OK)
        rc = org_frame_requests(rq, org);
    if (rc == RC_OK)
        rc = org_list_children(&rq->cx, org, CHILDREN_PAGE, (page - 1) * CHILDREN_PAGE, &children);
    if (rc != RC_OK)
        return rc;
    show_counts(rq, &counts);
    view_set(rq->values, "Org.calendar", arena_printf(rq->cx.arena, "/calendar?org=%s", org->slug));
    for (size_t i = 0; i < children.n; i++)
        show_child(rq, &children.item[i]);
    show_pager(rq, org_frame_url(rq, org, ""), page, children.more);
    rc = show_form(rq, org);
    return rc == RC_OK ? web_page(rq, "org", org->name) : rc;
}

enum rc page_org_save(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct org *org = NULL;
    web_form_page(rq, page_org);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    struct org_edit edit = {v[P_NEW_SLUG].text, v[P_NAME].text,    v[P_ZONE].text,
                            v[P_LANG].text,     v[P_CONTACT].text, seen_sent(rq)};
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[P_SLUG].text, &org);
    if (rc == RC_OK)
        rc = org_update(&rq->cx, org->id, &edit);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "org_saved", v[P_NAME].text, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/org/%s", v[P_NEW_SLUG].text));
}

/* --- a new one --- */

enum { N_SLUG, N_NAME, N_NEW_SLUG, N_COUNT };
static const struct web_param new_params[N_COUNT] = {
    [N_SLUG] = {"org", WEB_SLUG, false, 1, ORG_SLUG_MAX, NULL},
    [N_NAME] = {"name", WEB_LINE, true, 1, ORG_NAME_MAX, NULL},
    [N_NEW_SLUG] = {"slug", WEB_SLUG, false, 1, ORG_SLUG_MAX, NULL},
};

enum rc page_org_new(struct web_request *rq)
{
    struct web_value slug;
    struct org *org = NULL;
    enum rc rc = web_params(rq, param_slug, 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc != RC_OK || !org)
        return rc;
    rc = org_frame_show(rq, org);
    if (rc != RC_OK)
        return rc;
    web_field(rq, "name", "");
    site_slug_field(rq, "name", ORG_SLUG_MAX);
    return web_page(rq, "org_new", web_t(rq, "Org.new"));
}

/* Below the organisation of the address, or a root. */
static enum rc create(struct web_request *rq, web_handler *form_page)
{
    struct web_value v[N_COUNT];
    struct org *org = NULL;
    web_form_page(rq, form_page);
    enum rc rc = web_params(rq, new_params, N_COUNT, v);
    if (rc == RC_OK && v[N_SLUG].given)
        rc = org_frame_open(rq, v[N_SLUG].text, &org);
    const char *slug = site_slug(rq, &v[N_NEW_SLUG], &v[N_NAME], ORG_SLUG_MAX);
    struct org_new in = {.slug = slug, .name = v[N_NAME].text, .parent_id = org ? org->id : 0};
    if (rc == RC_OK)
        rc = org_create(&rq->cx, &in, NULL);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "org_created", v[N_NAME].text, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/org/%s", slug));
}

enum rc page_org_create(struct web_request *rq)
{
    return create(rq, page_org_new);
}

enum rc page_orgs_create(struct web_request *rq)
{
    return create(rq, page_orgs);
}

/* --- its place --- */

enum { M_SLUG, M_PARENT, M_COUNT };
static const struct web_param move_params[M_COUNT] = {
    [M_SLUG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [M_PARENT] = {"parent", WEB_INT, true, 0, INT64_MAX, NULL},
};

enum rc page_org_move(struct web_request *rq)
{
    struct web_value slug;
    struct org *org = NULL;
    struct org_counts counts;
    enum rc rc = web_params(rq, param_slug, 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc != RC_OK || !org)
        return rc;
    if (!org_may_move(&rq->cx, org))
        return err_set(&rq->cx, RC_DENIED, NULL, "org_move_denied", "not allowed above %s", org->slug);
    rc = org_frame_show(rq, org);
    if (rc == RC_OK)
        rc = org_count(&rq->cx, org, &counts);
    if (rc != RC_OK)
        return rc;
    show_counts(rq, &counts);
    web_field(rq, "parent",
              org->parent_id ? arena_printf(rq->cx.arena, "%lld", (long long)org->parent_id) : "");
    bool root = org->parent_id && policy_may(rq->cx.actor, ACT_INSTALL, NULL);
    rc = picker_show(rq,
                     &(struct picker){.field = "parent", .purpose = "manage", .except = org, .root = root});
    return rc == RC_OK ? web_page(rq, "org_move", web_t(rq, "Org.move_title")) : rc;
}

enum rc page_org_move_send(struct web_request *rq)
{
    struct web_value v[M_COUNT];
    struct org *org = NULL;
    web_form_page(rq, page_org_move);
    if (picker_asked(rq, "parent"))
        return web_form_again(rq);
    enum rc rc = web_params(rq, move_params, M_COUNT, v);
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[M_SLUG].text, &org);
    if (rc == RC_OK)
        rc = org_move(&rq->cx, org->id, v[M_PARENT].num);
    if (rc != RC_OK)
        return site_field(rq, "org", "parent", rc);
    /* org is as it was before */
    const char *undo =
        arena_printf(rq->cx.arena, "/back/%lld/%lld", (long long)v[M_PARENT].num, (long long)org->parent_id);
    web_flash(rq, "org_moved", org->name,
              v[M_PARENT].num == org->parent_id ? NULL : org_frame_url(rq, org, undo));
    return web_redirect(rq, org_frame_url(rq, org, ""));
}

enum { B_SLUG, B_HERE, B_THERE, B_COUNT };
static const struct web_param back_params[B_COUNT] = {
    [B_SLUG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [B_HERE] = {"here", WEB_INT, true, 0, INT64_MAX, NULL},
    [B_THERE] = {"there", WEB_INT, true, 0, INT64_MAX, NULL},
};

enum rc page_org_move_back(struct web_request *rq)
{
    struct web_value v[B_COUNT];
    struct org *org = NULL;
    web_form_page(rq, page_org);
    enum rc rc = web_params(rq, back_params, B_COUNT, v);
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[B_SLUG].text, &org);
    if (rc == RC_OK)
        rc = org_move_back(&rq->cx, org->id, v[B_HERE].num, v[B_THERE].num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "org_moved_back", org->name, NULL);
    return web_redirect(rq, org_frame_url(rq, org, ""));
}

static enum rc change(struct web_request *rq, enum rc (*fn)(struct cx *cx, int64_t id), struct org **org)
{
    struct web_value slug;
    web_form_page(rq, page_org);
    enum rc rc = web_params(rq, param_slug, 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, org);
    if (rc == RC_OK)
        rc = fn(&rq->cx, (*org)->id);
    return rc == RC_OK ? web_redirect(rq, org_frame_url(rq, *org, "")) : rc;
}

enum rc page_org_archive(struct web_request *rq)
{
    struct org *org = NULL;
    enum rc rc = change(rq, org_archive, &org);
    if (rc == RC_OK)
        web_flash(rq, "org_archived", org->name, org_frame_url(rq, org, "/restore"));
    return rc;
}

enum rc page_org_restore(struct web_request *rq)
{
    struct org *org = NULL;
    enum rc rc = change(rq, org_restore, &org);
    if (rc == RC_OK)
        web_flash(rq, "restored", NULL, NULL);
    return rc;
}
