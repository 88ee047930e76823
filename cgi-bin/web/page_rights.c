/* Who may do what in a course, an organisation, the installation, and why: what is given here, what is given above
 * and holds here, since when and by whom. Given and taken here, by login. */
#include "cgi-bin/web/org_frame.h"
#include "cgi-bin/web/staff_fields.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/user.h"

enum { HERE_SHOWN = 200, ABOVE_SHOWN = 100, MAX_PAGES = 100 };

static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
static const struct web_param param_login = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL};
static const struct web_param param_page = {"page", WEB_INT, false, 1, MAX_PAGES, NULL};
/* Without a slug: the installation. */
static const struct web_param param_slug = {"slug", WEB_SLUG, false, 1, ORG_SLUG_MAX, NULL};

enum { G_LOGIN, G_AS, G_COUNT };
static const char *const roles[] = {"admin", "maintainer", "lecturer", NULL}; /* as enum role */
static const struct web_param give_params[G_COUNT] = {
    [G_LOGIN] = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL},
    [G_AS] = {"as", WEB_CHOICE, true, 0, 0, roles},
};

/* --- rows --- */

/* "since Tue 24 Nov, 10:15, given by Anna Weber"; idp: "…, by rules of Example University" */
static const char *since_text(struct web_request *rq, int64_t since, const char *by, const char *idp)
{
    const char *time = site_period(rq, since, NO_TIME);
    if (idp)
        return web_t(rq, "Rights.since_rules", "time", time, "idp", idp);
    return by ? web_t(rq, "Rights.since_by", "time", time, "who", by)
              : web_t(rq, "Rights.since", "time", time);
}

static struct view_node *add_row(struct web_request *rq, const char *list, const char *name,
                                 const char *login, bool disabled)
{
    struct view_node *row = view_add(rq->values, list);
    view_set(row, "name", name);
    view_set(row, "login", login);
    view_flag(row, "disabled", disabled);
    return row;
}

static struct view_node *add_user_role(struct web_request *rq, const char *list, const struct user_role *r)
{
    struct view_node *row = add_row(rq, list, r->name, r->login, r->disabled);
    view_set(row, "role", web_t(rq, arena_printf(rq->cx.arena, "OrgRole.%s", role_name(r->role))));
    view_set(row, "since", since_text(rq, r->since, r->granted_by, r->idp));
    return row;
}

/* What is given above: each with the page on which it can be taken. */
static void add_above(struct web_request *rq, struct user_roles *above)
{
    bool install = policy_may(rq->cx.actor, ACT_INSTALL, NULL);
    view_flag(rq->values, "Rights.more", above->n > ABOVE_SHOWN);
    if (above->n > ABOVE_SHOWN)
        above->n = ABOVE_SHOWN;
    for (size_t i = 0; i < above->n; i++) {
        const struct user_role *r = &above->item[i];
        struct view_node *row = add_user_role(rq, "Above", r);
        struct policy_object object = {.organisation_path = r->organisation_path, .access = ACCESS_PUBLISHED};
        view_set(row, "from", r->organisation_name ? r->organisation_name : web_t(rq, "Rights.installation"));
        if (!r->organisation_slug && install)
            view_set(row, "from_url", "/admin/rights");
        if (r->organisation_slug && policy_may(rq->cx.actor, ACT_ORG_MANAGE, &object))
            view_set(row, "from_url", arena_printf(rq->cx.arena, "/org/%s/rights", r->organisation_slug));
    }
}

/* --- an organisation, the installation --- */

/* *org: NULL for the installation. */
static enum rc find_place(struct web_request *rq, struct org **org)
{
    struct web_value slug;
    *org = NULL;
    enum rc rc = web_params(rq, &param_slug, 1, &slug);
    return rc == RC_OK && slug.given ? org_get_by_slug(&rq->cx, slug.text, org) : rc;
}

static const char *place_path(struct web_request *rq, const struct org *org)
{
    return org ? arena_printf(rq->cx.arena, "/org/%s/rights", org->slug) : "/admin/rights";
}

static void add_choice(struct web_request *rq, enum role role)
{
    struct arena *a = rq->cx.arena;
    const char *word = role_name(role);
    struct view_node *row = view_add(rq->values, "Form.as.options");
    view_set(row, "value", word);
    view_set(row, "name", web_t(rq, arena_printf(a, "OrgRole.%s", word)));
    view_set(row, "hint", web_t(rq, arena_printf(a, "OrgRole.hint_%s", word)));
    view_flag(row, "selected", strcmp(view_get(rq->values, "Form.as.value"), word) == 0);
}

static void show_form(struct web_request *rq, const struct org *org)
{
    web_field(rq, "login", "");
    web_field(rq, "as", org ? "lecturer" : "admin");
    if (!org)
        add_choice(rq, ROLE_ADMIN);
    for (enum role role = ROLE_MAINTAINER; org && role < ROLE_COUNT; role++)
        add_choice(rq, role);
}

static void show_here(struct web_request *rq, const struct org *org, struct user_roles *here, int64_t page)
{
    struct arena *a = rq->cx.arena;
    const char *path = place_path(rq, org);
    if (page > 1)
        view_set(rq->values, "Pager.previous", arena_printf(a, "%s?page=%lld", path, (long long)page - 1));
    if (here->n > HERE_SHOWN) {
        view_set(rq->values, "Pager.next", arena_printf(a, "%s?page=%lld", path, (long long)page + 1));
        here->n = HERE_SHOWN;
    }
    for (size_t i = 0; i < here->n; i++) {
        const struct user_role *r = &here->item[i];
        struct view_node *row = add_user_role(rq, "Here", r);
        view_set(row, "as", role_name(r->role));
        view_set(row, "take", web_t(rq, "Rights.take", "who", r->name));
        if (r->idp)
            view_set(row, "note", web_t(rq, "Rights.comes_back", "idp", r->idp));
    }
}

static enum rc show_org(struct web_request *rq, const struct org *org)
{
    view_set(rq->values, "Rights.action", place_path(rq, org));
    if (!org)
        return RC_OK;
    site_zone(rq, org->zone);
    return org_frame_show(rq, org);
}

enum rc page_org_rights(struct web_request *rq)
{
    struct web_value v;
    struct org *org = NULL;
    struct user_roles here, above = {0};
    enum rc rc = web_params(rq, &param_page, 1, &v);
    int64_t page = v.given ? v.num : 1;
    if (rc == RC_OK)
        rc = find_place(rq, &org);
    if (rc == RC_OK && org && rq->method == WEB_GET && strcmp(rq->path, place_path(rq, org)) != 0)
        return web_redirect(rq, place_path(rq, org)); /* a former slug */
    if (rc == RC_OK)
        rc = user_roles_of(&rq->cx, org ? org->id : 0, HERE_SHOWN + 1, (page - 1) * HERE_SHOWN, &here);
    if (rc == RC_OK && org)
        rc = user_roles_above(&rq->cx, org->path, false, ABOVE_SHOWN + 1, &above);
    if (rc == RC_OK)
        rc = show_org(rq, org);
    if (rc != RC_OK)
        return rc;
    show_form(rq, org);
    show_here(rq, org, &here, page);
    add_above(rq, &above);
    return web_page(rq, "org_rights", web_t(rq, "Rights.title"));
}

static enum rc change(struct web_request *rq, enum rc (*service)(struct cx *, int64_t, enum role, int64_t),
                      const char *flash)
{
    struct web_value v[G_COUNT];
    struct org *org = NULL;
    struct user *user;
    web_form_page(rq, page_org_rights);
    enum rc rc = web_params(rq, give_params, G_COUNT, v);
    if (rc == RC_OK)
        rc = find_place(rq, &org);
    if (rc == RC_OK)
        rc = user_may_manage(&rq->cx, org ? org->id : 0); /* before a login tells whether somebody exists */
    if (rc == RC_OK)
        rc = user_get_by_login(&rq->cx, v[G_LOGIN].text, &user);
    if (rc == RC_OK)
        rc = service(&rq->cx, user->id, (enum role)v[G_AS].num, org ? org->id : 0);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, flash, user->name, NULL);
    return web_redirect(rq, place_path(rq, org));
}

enum rc page_org_rights_give(struct web_request *rq)
{
    return change(rq, user_grant, "right_given");
}

enum rc page_org_rights_take(struct web_request *rq)
{
    return change(rq, user_revoke, "right_taken");
}

/* --- a course --- */

static void show_staff(struct web_request *rq, const struct course *c, const struct course_staff_list *staff)
{
    for (size_t i = 0; i < staff->n; i++) {
        const struct course_staff *s = &staff->item[i];
        struct view_node *row = add_row(rq, "Here", s->name, s->login, s->disabled);
        view_set(row, "role", staff_fields_words(rq, s));
        view_set(row, "since", since_text(rq, s->since, s->granted_by, NULL));
        view_set(row, "url", staff_fields_url(rq, c, s));
        view_set(row, "change", web_t(rq, "People.change", "who", s->name));
    }
}

enum rc page_course_rights(struct web_request *rq)
{
    struct web_value id;
    struct course *c;
    struct course_staff_list staff;
    struct user_roles above;
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_PEOPLE, id.num, &c);
    if (rc == RC_OK)
        rc = course_staff_list(&rq->cx, c->id, &staff);
    if (rc == RC_OK)
        rc = user_roles_above(&rq->cx, c->object.organisation_path, true, ABOVE_SHOWN + 1, &above);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    show_staff(rq, c, &staff);
    add_above(rq, &above);
    web_field(rq, "login", "");
    staff_fields_show(rq, c, false, "assistant", 0);
    return web_page(rq, "course_rights", web_t(rq, "Rights.title"));
}

enum rc page_course_rights_give(struct web_request *rq)
{
    struct web_value id, login, f[F_COUNT];
    web_form_page(rq, page_course_rights);
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = web_params(rq, &param_login, 1, &login);
    if (rc == RC_OK)
        rc = web_params(rq, staff_params, F_COUNT, f);
    if (rc == RC_OK && f[F_AS].num == AS_STUDENT)
        rc = err_set(&rq->cx, RC_INVALID, "as", "bad_choice", "not a role of the staff");
    if (rc == RC_OK)
        rc = course_staff_add(&rq->cx, id.num, login.text, staff_fields_role(f), staff_fields_rights(f));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "right_given", login.text, NULL);
    return web_redirect(rq, rq->path);
}
