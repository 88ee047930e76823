#include "cgi-bin/web/org_frame.h"

#include "lib/base/clock.h"
#include "lib/svc/people/org_list.h"
#include "lib/svc/people/org_look.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/teaching/hall_request.h"

enum { LOGO_HEIGHT = 40, LOGO_WIDTH = 240 }; /* as shown at most, CSS pixels */

const char *org_frame_url(struct web_request *rq, const struct org *org, const char *rest)
{
    return arena_printf(rq->cx.arena, "/org/%s%s", org->slug, rest);
}

enum rc org_frame_open(struct web_request *rq, const char *slug, struct org **out)
{
    struct org *org;
    enum rc rc = org_get_by_slug(&rq->cx, slug, &org);
    if (rc == RC_OK)
        rc = org_check(&rq->cx, ACT_ORG_MANAGE, org);
    if (rc != RC_OK)
        return rc;
    *out = org;
    if (rq->method == WEB_GET && strcmp(org->slug, slug) != 0) {
        *out = NULL;
        return web_redirect(rq, org_frame_url(rq, org, rq->path + strlen("/org/") + strlen(slug)));
    }
    return RC_OK;
}

enum rc org_frame_show(struct web_request *rq, const struct org *org)
{
    struct org_list above;
    enum rc rc = org_list_above(&rq->cx, org->path, &above);
    if (rc == RC_OK)
        rc = org_frame_look(rq, org->path);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i + 1 < above.n; i++) {
        const struct org *o = &above.item[i];
        struct policy_object object = org_object(o);
        struct view_node *row = view_add(rq->values, "Trail");
        view_set(row, "name", o->name);
        if (policy_may(rq->cx.actor, ACT_ORG_MANAGE, &object))
            view_set(row, "url", org_frame_url(rq, o, ""));
    }
    view_set(rq->values, "Org.name", org->name);
    view_set(rq->values, "Org.url", org_frame_url(rq, org, ""));
    if (org->archived_by)
        view_set(rq->values, "Org.archived",
                 web_t(rq, "Org.archived", "time", site_period(rq, org->archived_at, NO_TIME)));
    view_flag(rq->values, "Org.may_restore", org->archived_by == org->id);
    view_flag(rq->values, "Org.may_move", !org->archived_by && org_may_move(&rq->cx, org));
    return RC_OK;
}

enum rc org_frame_requests(struct web_request *rq, const struct org *org)
{
    int64_t n = 0;
    enum rc rc = hall_request_count(&rq->cx, org, &n);
    if (rc == RC_OK && n > 0)
        view_set(rq->values, "Requests.count", i18n_count(rq->cx.arena, rq->lang, "Halls.requests", n));
    return rc;
}

/* As large as it fits, and never larger than it is. */
static void show_logo(struct web_request *rq, const struct org_look *look)
{
    const struct org_logo *logo = &look->logo;
    int width = logo->width, height = logo->height;
    if (height > LOGO_HEIGHT) {
        width = width * LOGO_HEIGHT / height;
        height = LOGO_HEIGHT;
    }
    if (width > LOGO_WIDTH) {
        height = height * LOGO_WIDTH / width;
        width = LOGO_WIDTH;
    }
    view_set(rq->values, "Logo.url",
             arena_printf(rq->cx.arena, "/look/logo/%s.%s", logo->hash, image_kind_name(logo->kind)));
    view_num(rq->values, "Logo.width", width > 0 ? width : 1);
    view_num(rq->values, "Logo.height", height > 0 ? height : 1);
    view_set(rq->values, "Logo.name", look->name);
}

enum rc org_frame_look(struct web_request *rq, const char *path)
{
    struct org_look look;
    enum rc rc = org_get_look(&rq->cx, path, &look);
    if (rc != RC_OK)
        return rc;
    if (look.accent)
        view_set(rq->values, "Page.accent", look.accent + 1); /* without the # */
    if (*look.lang && strcmp(look.lang, i18n_code(rq->lang)) != 0)
        view_set(rq->values, "Text.lang", look.lang);
    if (look.name)
        show_logo(rq, &look);
    if (*look.contact) {
        bool web = str_starts(str_of(look.contact), "https://");
        view_set(rq->values, "Contact.url",
                 web ? look.contact : arena_printf(rq->cx.arena, "mailto:%s", look.contact));
        view_set(rq->values, "Contact.text", web ? look.contact + strlen("https://") : look.contact);
    }
    return RC_OK;
}
