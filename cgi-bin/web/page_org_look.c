/* The colour and the logo of an organisation: the page of its maintainers, and the files that pages of courses load. */
#include "cgi-bin/web/org_frame.h"

#include "lib/svc/people/accent.h"
#include "lib/svc/people/org_look.h"

static const char *const owns[] = {"above", "own", NULL};

enum { P_ORG, P_OWN, P_ACCENT, P_SHOWN, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ORG] = {"org", WEB_SLUG, true, 1, ORG_SLUG_MAX, NULL},
    [P_OWN] = {"own", WEB_CHOICE, true, 0, 0, owns},
    [P_ACCENT] = {"accent", WEB_LINE, false, 0, ACCENT_LENGTH, NULL},
    [P_SHOWN] = {"shown", WEB_LINE, false, 0, ACCENT_LENGTH, NULL}, /* the colour that the form came with */
};

static const char DEFAULT_ACCENT[] = "#2f5bd8"; /* static/css/base.css */

static void show_accent(struct web_request *rq, const struct org *org, const struct org_look *look)
{
    struct accent accent;
    const char *now = look->accent ? look->accent : DEFAULT_ACCENT;
    if (!accent_read(now, &accent))
        bug("an accent that is no colour");
    web_field(rq, "own", org->accent ? "own" : "above");
    web_field(rq, "accent", now);
    web_field(rq, "shown", now);
    view_set(rq->values, "Look.light", accent.light);
    view_set(rq->values, "Look.dark", look->accent ? accent.dark : "#8fb0ff");
}

enum rc page_org_look(struct web_request *rq)
{
    struct web_value slug;
    struct org *org = NULL;
    struct org_look look;
    enum rc rc = web_params(rq, &params[P_ORG], 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc != RC_OK || !org)
        return rc;
    rc = org_frame_show(rq, org);
    if (rc == RC_OK)
        rc = org_get_look(&rq->cx, org->path, &look);
    if (rc != RC_OK)
        return rc;
    show_accent(rq, org, &look);
    web_field(rq, "logo", "");
    view_flag(rq->values, "Look.own_logo", org->logo != NULL);
    if (look.name && !org->logo)
        view_set(rq->values, "Look.logo_from", web_t(rq, "Look.logo_from", "what", look.name));
    return web_page(rq, "org_look", web_t(rq, "Look.title"));
}

/* The sentence names the nearest colour that is dark enough. */
static enum rc explain(struct web_request *rq, const char *text, enum rc rc)
{
    struct accent accent;
    if (rc == RC_INVALID && rq->cx.err.key && strcmp(rq->cx.err.key, "accent_pale") == 0 &&
        accent_read(text, &accent))
        web_field_error(rq, "accent", web_t(rq, "Look.accent_pale", "nearest", accent.nearest));
    return rc;
}

/* Who chose another colour than the one that was shown means it, whatever else is ticked. */
static bool is_own(const struct web_value *v)
{
    bool changed = v[P_SHOWN].given && v[P_ACCENT].given && strcmp(v[P_SHOWN].text, v[P_ACCENT].text) != 0;
    return v[P_OWN].num == 1 || changed;
}

enum rc page_org_look_save(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct org *org = NULL;
    web_form_page(rq, page_org_look);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    const char *accent = is_own(v) ? v[P_ACCENT].text : "";
    if (rc == RC_OK)
        rc = org_frame_open(rq, v[P_ORG].text, &org);
    if (rc == RC_OK && v[P_OWN].num == 1 && !v[P_ACCENT].given)
        rc = err_set(&rq->cx, RC_INVALID, "accent", "accent_invalid", "no colour");
    if (rc == RC_OK)
        rc = explain(rq, accent, org_set_accent(&rq->cx, org->id, accent));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "look_saved", NULL, NULL);
    return web_redirect(rq, org_frame_url(rq, org, "/look"));
}

static enum rc set_logo(struct web_request *rq, bool remove)
{
    struct web_value slug;
    struct org *org = NULL;
    web_form_page(rq, page_org_look);
    enum rc rc = web_params(rq, &params[P_ORG], 1, &slug);
    if (rc == RC_OK)
        rc = org_frame_open(rq, slug.text, &org);
    if (rc == RC_OK && !remove && (!rq->file.field || strcmp(rq->file.field, "logo") != 0))
        rc = err_set(&rq->cx, RC_INVALID, "logo", "logo_missing", "no file");
    if (rc == RC_OK && rq->file.too_big)
        rc = err_set(&rq->cx, RC_TOOBIG, "logo", "logo_too_big", "over %d bytes", WEB_MAX_FILE);
    if (rc == RC_OK)
        rc = org_set_logo(&rq->cx, org->id, rq->file.bytes);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "look_saved", NULL, NULL);
    return web_redirect(rq, org_frame_url(rq, org, "/look"));
}

enum rc page_org_logo(struct web_request *rq)
{
    return set_logo(rq, false);
}

enum rc page_org_logo_remove(struct web_request *rq)
{
    return set_logo(rq, true);
}

/* --- what pages load --- */

enum { FILE_LENGTH = 40 };
static const struct web_param param_file = {"file", WEB_LINE, true, 1, FILE_LENGTH, NULL};

static enum rc unknown(struct web_request *rq)
{
    return err_set(&rq->cx, RC_NOTFOUND, NULL, NULL, "no such file");
}

/* "2f5bd8.css": the sheet follows from its name. */
enum rc api_look_sheet(struct web_request *rq)
{
    struct web_value v;
    struct accent accent;
    enum rc rc = web_params(rq, &param_file, 1, &v);
    if (rc != RC_OK)
        return rc;
    struct str rest = str_of(v.text), colour = str_cut(&rest, '.');
    const char *text = arena_printf(rq->cx.arena, "#%.*s", (int)colour.n, colour.p);
    if (!str_eq(rest, "css") || !accent_read(text, &accent) || !accent_good(&accent))
        return unknown(rq);
    web_keep(rq);
    return web_text(rq, 200, "text/css; charset=utf-8", str_of(accent_sheet(rq->cx.arena, &accent)));
}

/* "<hash>.png": the type is that of the file, whatever is in it, and nothing else may be read into it (nosniff). */
enum rc api_look_logo(struct web_request *rq)
{
    struct web_value v;
    struct org_logo logo;
    enum image_kind kind;
    enum rc rc = web_params(rq, &param_file, 1, &v);
    if (rc != RC_OK)
        return rc;
    struct str rest = str_of(v.text), hash = str_cut(&rest, '.');
    if (!image_kind_of(rest, &kind))
        return unknown(rq);
    rc = org_get_logo(&rq->cx, str_dup(rq->cx.arena, hash), &logo);
    if (rc == RC_OK && logo.kind != kind)
        rc = unknown(rq);
    if (rc != RC_OK)
        return rc;
    web_keep(rq);
    return web_text(rq, 200, kind == IMAGE_PNG ? "image/png" : "image/webp", logo.bytes);
}
