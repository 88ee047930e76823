/* Identity providers, for administrators: how they stand, what is set, which roles their rules give. */
#include "cgi-bin/web/picker.h"
#include "cgi-bin/web/seen.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/idp_edit.h"
#include "lib/svc/sso/rules.h"
#include "lib/svc/sso/sp_key.h"

static const int64_t DAY_MS = (int64_t)24 * 3600 * 1000;

enum { P_ID, P_NAME, P_DOMAINS, P_SCOPES, P_ORG, P_CBC, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_NAME] = {"name", WEB_LINE, true, 1, IDP_NAME_MAX, NULL},
    [P_DOMAINS] = {"domains", WEB_LINE, false, 0, IDP_WORDS_MAX, NULL},
    [P_SCOPES] = {"scopes", WEB_LINE, false, 0, IDP_WORDS_MAX, NULL},
    [P_ORG] = {"org", WEB_INT, true, 0, INT64_MAX, NULL},
    [P_CBC] = {"cbc", WEB_FLAG, false, 0, 0, NULL},
};

enum { R_ID, R_RULES, R_DO, R_COUNT };
static const char *const acts[] = {"try", "save", NULL};
static const struct web_param rules_params[R_COUNT] = {
    [R_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [R_RULES] = {"rules", WEB_TEXT, false, 0, SSO_RULES_TEXT, NULL},
    [R_DO] = {"do", WEB_CHOICE, false, 0, 0, acts},
};

/* --- how they stand --- */

/* "Its keys end on …" if that is soon. */
static const char *warning(struct web_request *rq, const char *key, int64_t end)
{
    if (end == NO_TIME || end - rq->now > IDP_WARN_DAYS * DAY_MS)
        return NULL;
    return web_t(rq, key, "time", site_period(rq, end, NO_TIME));
}

static void show_state(struct web_request *rq, struct view_node *row, const struct idp *idp)
{
    const char *keys = warning(rq, "Idp.keys_end", idp->keys_until),
               *metadata = warning(rq, "Idp.metadata_ends", idp->metadata_until);
    view_set(row, "state", web_t(rq, arena_printf(rq->cx.arena, "Idp.state_%s", idp_state_name(idp->state))));
    view_set(row, "look", idp->state == IDP_READY ? "ok" : "bad");
    view_set(row, "warning", keys ? keys : metadata);
    if (*idp->failure)
        view_set(
            row, "failure",
            web_t(rq, "Idp.failure", "time", site_period(rq, idp->checked_at, NO_TIME), "why", idp->failure));
}

static enum rc show_keys(struct web_request *rq)
{
    struct sp_keys keys;
    enum rc rc = sp_keys_read(&rq->cx, &keys);
    for (size_t i = 0; rc == RC_OK && i < keys.n; i++) {
        int64_t ends = saml_key_cert(keys.key[i])->ends;
        struct view_node *row = view_add(rq->values, "Keys");
        view_set(row, "name", web_t(rq, i == 0 ? "Idp.key_signs" : "Idp.key_waits"));
        view_set(row, "sub", web_t(rq, "Idp.until", "time", site_period(rq, ends, NO_TIME)));
        view_set(row, "warning", warning(rq, "Idp.own_key_ends", ends));
    }
    return rc;
}

enum { IDPS_PAGE = 50, MAX_PAGES = 1000, FIND_LENGTH = 200 };
enum { L_FIND, L_PAGE, L_COUNT };
static const struct web_param list_params[L_COUNT] = {
    [L_FIND] = {"q", WEB_LINE, false, 0, FIND_LENGTH, NULL},
    [L_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

static void show_pager(struct web_request *rq, const char *words, int64_t page, bool more)
{
    struct arena *a = rq->cx.arena;
    const char *path = arena_printf(a, "/admin/idp?q=%s&page=", web_encode(a, words));
    if (page > 1)
        view_set(rq->values, "Pager.previous", arena_printf(a, "%s%lld", path, (long long)page - 1));
    if (more && page < MAX_PAGES)
        view_set(rq->values, "Pager.next", arena_printf(a, "%s%lld", path, (long long)page + 1));
    view_flag(rq->values, "Search.offered", more || page > 1 || *words);
    view_set(rq->values, "Search.words", words);
}

enum rc page_idps(struct web_request *rq)
{
    struct web_value v[L_COUNT];
    struct idp_list list;
    enum rc rc = web_params(rq, list_params, L_COUNT, v);
    int64_t page = v[L_PAGE].given ? v[L_PAGE].num : 1;
    if (rc == RC_OK)
        rc = idp_list(&rq->cx, v[L_FIND].text, IDPS_PAGE, (page - 1) * IDPS_PAGE, &list);
    if (rc == RC_OK)
        rc = show_keys(rq);
    if (rc != RC_OK)
        return rc;
    show_pager(rq, v[L_FIND].text, page, list.more);
    for (size_t i = 0; i < list.n; i++) {
        struct view_node *row = view_add(rq->values, "Idps");
        view_set(row, "title", list.item[i].name);
        view_set(row, "url", arena_printf(rq->cx.arena, "/admin/idp/%lld", (long long)list.item[i].id));
        view_set(row, "sub", list.item[i].entity);
        show_state(rq, row, &list.item[i]);
    }
    return web_page(rq, "idps", web_t(rq, "Idp.title"));
}

/* --- one of them --- */

/* A path is set on the command line. */
static const char *shown_source(const struct idp *idp)
{
    return *idp->source == '/' ? "" : idp->source;
}

static void show_metadata(struct web_request *rq, const struct idp *idp)
{
    struct view_node *node = view_child(rq->values, "Idp");
    bool brought = !*idp->source;
    view_num(node, "id", idp->id);
    view_set(node, "name", idp->name);
    view_set(node, "entity", idp->entity);
    view_flag(node, "brought", brought);
    view_set(node, "source",
             brought ? web_t(rq, "Idp.brought", "time", site_period(rq, idp->metadata_at, NO_TIME))
                     : idp->source);
    view_set(node, "ours", sso_entity(&rq->cx));
    show_state(rq, node, idp);
    web_field(rq, "source", shown_source(idp));
    web_field(rq, "cert", idp->source_cert ? idp->source_cert : "");
    web_field(rq, "file", "");
}

/* Each form of the page has a `seen` of its own. */
static enum rc show_rules_seen(struct web_request *rq, const char *rules, struct seen_form form)
{
    form.key = "seen_rules";
    form.now = sso_rules_seen(&rq->cx, rules);
    form.other = !web_pairs_get(&rq->form, "rules");
    form.actions = "idp.rules";
    return seen_show(rq, &form, &(struct seen_field){"rules", "Field.rules", rules, NULL}, 1);
}

static enum rc show_settings_seen(struct web_request *rq, const struct idp *idp, struct seen_form form)
{
    const struct seen_field fields[] = {
        {"name", "Field.name", idp->name, NULL},
        {"domains", "Field.domains", idp->domains, NULL},
        {"scopes", "Field.scopes", idp->scopes, NULL},
        {"org", "Field.home", arena_printf(rq->cx.arena, "%lld", (long long)idp->organisation_id),
         idp->organisation ? idp->organisation : web_t(rq, "Idp.no_home")},
        {"cbc", "Idp.cbc_legend", idp->allow_cbc ? "1" : "",
         web_t(rq, idp->allow_cbc ? "Form.seen_yes" : "Form.seen_no")},
    };
    form.key = "seen_settings";
    form.now = idp_seen(&rq->cx, idp);
    form.other = !web_pairs_get(&rq->form, "name");
    form.actions = "idp.change";
    return seen_show(rq, &form, fields, sizeof fields / sizeof *fields);
}

static enum rc show_source_seen(struct web_request *rq, const struct idp *idp, struct seen_form form)
{
    const struct seen_field fields[] = {
        {"source", "Field.source", shown_source(idp), view_get(rq->values, "Idp.source")},
        {"cert", "Field.cert", idp->source_cert ? idp->source_cert : "", NULL},
    };
    form.key = "seen_source";
    form.now = idp_source_seen(&rq->cx, idp);
    form.other = !web_pairs_get(&rq->form, "source");
    form.actions = "idp.source";
    return seen_show(rq, &form, fields, sizeof fields / sizeof *fields);
}

/* The form that came back is the open one. */
static void open_form(struct web_request *rq)
{
    static const char *const field[][2] = {{"rules", "rules"}, {"settings", "name"}, {"source", "source"}};
    for (size_t i = 0; rq->retry && i < sizeof field / sizeof *field; i++)
        if (web_pairs_get(&rq->form, field[i][1]))
            view_flag(rq->values, arena_printf(rq->cx.arena, "Open.%s", field[i][0]), true);
}

static int64_t count_lines(const char *text)
{
    int64_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static enum rc show_seen(struct web_request *rq, const struct idp *idp, const char *rules)
{
    const struct seen_form form = {.url = arena_printf(rq->cx.arena, "/admin/idp/%lld", (long long)idp->id),
                                   .kind = "idp",
                                   .id = idp->id};
    enum rc rc = show_rules_seen(rq, rules, form);
    if (rc == RC_OK)
        rc = show_settings_seen(rq, idp, form);
    return rc == RC_OK ? show_source_seen(rq, idp, form) : rc;
}

/* The form of the settings, and the other ones of the page. */
static enum rc show(struct web_request *rq, int64_t id)
{
    struct idp *idp;
    const char *rules;
    bool settings = rq->retry && web_pairs_get(&rq->form, "name");
    enum rc rc = sso_rules_text(&rq->cx, id, &rules); /* checks the right, too */
    if (rc == RC_OK)
        rc = idp_get(&rq->cx, id, &idp);
    if (rc != RC_OK)
        return rc;
    show_metadata(rq, idp);
    web_field(rq, "name", idp->name);
    web_field(rq, "domains", idp->domains);
    web_field(rq, "scopes", idp->scopes);
    web_field(rq, "org", arena_printf(rq->cx.arena, "%lld", (long long)idp->organisation_id));
    web_field_flag(rq, "cbc", idp->allow_cbc);
    if (!settings)
        view_flag(rq->values, "Form.cbc.on", idp->allow_cbc);
    web_field(rq, "rules", rules);
    open_form(rq);
    view_set(rq->values, "Idp.rules",
             i18n_count(rq->cx.arena, rq->lang, "Idp.rules_count", count_lines(rules)));
    rc = show_seen(rq, idp, rules);
    if (rc == RC_OK)
        rc = picker_show(
            rq, &(struct picker){.field = "org", .purpose = "manage", .none = web_t(rq, "Idp.no_home")});
    return rc == RC_OK ? web_page(rq, "idp", idp->name) : rc;
}

enum rc page_idp(struct web_request *rq)
{
    struct web_value v;
    enum rc rc = web_params(rq, &params[P_ID], 1, &v);
    return rc == RC_OK ? show(rq, v.num) : rc;
}

static enum rc back(struct web_request *rq, int64_t id)
{
    return web_redirect(rq, arena_printf(rq->cx.arena, "/admin/idp/%lld", (long long)id));
}

enum rc page_idp_save(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    web_form_page(rq, page_idp);
    if (picker_asked(rq, "org"))
        return web_form_again(rq);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc != RC_OK)
        return rc;
    const struct idp_new in = {.name = v[P_NAME].text,
                               .organisation_id = v[P_ORG].num,
                               .domains = v[P_DOMAINS].text,
                               .scopes = v[P_SCOPES].text,
                               .allow_cbc = v[P_CBC].num,
                               .seen = seen_sent(rq)};
    rc = idp_change(&rq->cx, v[P_ID].num, &in);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "idp_saved", v[P_NAME].text, NULL);
    return back(rq, v[P_ID].num);
}

enum rc page_idp_refresh(struct web_request *rq)
{
    struct web_value v;
    enum rc rc = web_params(rq, &params[P_ID], 1, &v);
    if (rc == RC_OK)
        rc = idp_refresh(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "idp_refreshed", NULL, NULL);
    return back(rq, v.num);
}

/* --- its rules --- */

static void show_changes(struct web_request *rq, const struct sso_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct sso_change *c = &changes->item[i];
        struct view_node *row = view_add(rq->values, "Changes");
        view_set(row, "name", c->name);
        view_set(row, "login", c->login);
        view_set(row, "text",
                 web_t(rq, arena_printf(rq->cx.arena, "Idp.%s_%s", c->gains ? "gains" : "loses", c->role),
                       "org", c->organisation));
        view_flag(row, "gains", c->gains);
    }
    view_flag(rq->values, "Idp.tried", true);
    view_flag(rq->values, "Idp.more", changes->more);
}

/* Which of the lines is wrong stands before what is wrong with it. */
static enum rc explain(struct web_request *rq, const struct sso_changes *changes, enum rc rc)
{
    struct arena *a = rq->cx.arena;
    if (rc == RC_INVALID && rq->cx.err.key)
        web_field_error(rq, "rules",
                        web_t(rq, "Idp.bad_line", "line", arena_printf(a, "%d", changes->line), "why",
                              web_t(rq, arena_printf(a, "Err.%s", rq->cx.err.key))));
    return rc;
}

enum rc page_idp_rules(struct web_request *rq)
{
    struct web_value v[R_COUNT];
    struct sso_changes *changes = arena_alloc(rq->cx.arena, sizeof *changes);
    web_form_page(rq, page_idp);
    enum rc rc = web_params(rq, rules_params, R_COUNT, v);
    bool trial = v[R_DO].num == 0; /* also if nothing is said */
    if (rc == RC_OK)
        rc = explain(rq, changes,
                     sso_rules_set(&rq->cx, v[R_ID].num, v[R_RULES].text, seen_sent(rq), trial, changes));
    if (rc != RC_OK)
        return rc;
    if (!trial) {
        web_flash(rq, "idp_rules_saved", NULL, NULL);
        return back(rq, v[R_ID].num);
    }
    rc = show(rq, v[R_ID].num);
    web_field(rq, "rules", v[R_RULES].text);
    view_set(rq->values, "Form.seen_rules.value", web_pairs_get(&rq->form, "seen"));
    show_changes(rq, changes);
    return rc;
}
