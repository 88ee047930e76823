/* Ways to sign in to one's own account: which there are, one more, one less. */
#include "cgi-bin/web/site.h"

#include "lib/base/clock.h"
#include "lib/svc/sso/idp.h"
#include "lib/svc/sso/link.h"

enum { FIND_ABOVE = 8, FIND_LENGTH = 254 }; /* more universities than that are searched */
static const struct web_param param_find = {"find", WEB_LINE, false, 0, FIND_LENGTH, NULL};

/* What was searched for, else all. */
static enum rc show_idps(struct web_request *rq)
{
    struct web_value words;
    struct idp_list list;
    enum rc rc = web_params(rq, &param_find, 1, &words);
    if (rc == RC_OK)
        rc = idp_list_offered(&rq->cx, words.text, 0, &list);
    if (rc != RC_OK)
        return rc;
    bool found = list.n > 0 && list.item[0].found;
    for (size_t i = 0; i < list.n && (!found || list.item[i].found); i++) {
        if (list.item[i].state != IDP_READY)
            continue;
        struct view_node *row = view_add(rq->values, "Idps");
        view_set(row, "name", list.item[i].name);
        view_set(row, "home", list.item[i].home);
        view_set(row, "url",
                 arena_printf(rq->cx.arena, "/login/idp/%lld?link=1", (long long)list.item[i].id));
    }
    view_flag(rq->values, "Find.offered", list.n > FIND_ABOVE || *words.text);
    view_set(rq->values, "Find.words", words.text);
    view_flag(rq->values, "Find.none", *words.text && !found);
    view_flag(rq->values, "Find.more", list.more && !found);
    return RC_OK;
}

enum rc page_account_signins(struct web_request *rq)
{
    struct sso_identities own;
    enum rc rc = sso_link_list(&rq->cx, &own);
    if (rc == RC_OK)
        rc = show_idps(rq);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < own.n; i++) {
        struct view_node *row = view_add(rq->values, "Signins");
        const struct sso_identity *one = &own.item[i];
        const char *name = one->idp ? one->idp : web_t(rq, "Signins.gone");
        bool used = one->used != NO_TIME;
        view_num(row, "id", one->id);
        view_set(row, "name", name);
        view_set(row, "sub",
                 web_t(rq, used ? "Signins.used" : "Signins.since", "time",
                       site_period(rq, used ? one->used : one->since, NO_TIME)));
        if (one->may_unlink)
            view_set(row, "remove", web_t(rq, "Signins.remove_label", "what", name));
    }
    return web_page(rq, "signins", web_t(rq, "Signins.title"));
}

/* After the provider has answered: whose is it? */
enum rc page_account_link(struct web_request *rq)
{
    struct sso_link link;
    enum rc rc = sso_link_get(&rq->cx, web_cookie_get(rq, COOKIE_LINK), &link);
    if (rc != RC_OK)
        return rc;
    view_set(rq->values, "Link.question", web_t(rq, "Link.question", "who", link.shown, "idp", link.idp));
    view_set(rq->values, "Link.what",
             web_t(rq, "Link.what", "who", link.shown, "idp", link.idp, "login", rq->cx.actor->login));
    return web_page(rq, "link", web_t(rq, "Link.title"));
}

enum rc page_account_link_send(struct web_request *rq)
{
    struct sso_link link;
    enum rc rc = sso_link_confirm(&rq->cx, web_cookie_get(rq, COOKIE_LINK), &link);
    if (rc != RC_OK)
        return rc;
    web_cookie(rq, COOKIE_LINK, "", 0);
    web_flash(rq, "linked", link.idp, NULL);
    return web_redirect(rq, "/account/signins");
}

enum rc page_account_unlink(struct web_request *rq)
{
    static const struct web_param param = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
    struct web_value v;
    enum rc rc = web_params(rq, &param, 1, &v);
    if (rc == RC_OK)
        rc = sso_unlink(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "unlinked", NULL, NULL);
    return web_redirect(rq, "/account/signins");
}
