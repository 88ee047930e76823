/* Signing in and out. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/idp.h"

#define COOKIE_BROWSER "__Secure-lectern-browser"

enum { FIND_ABOVE = 8, FIND_LENGTH = 254 }; /* more universities than that are searched */

enum { P_LOGIN, P_PASSWORD, P_NEXT, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_LOGIN] = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL},
    [P_PASSWORD] = {"password", WEB_SECRET, true, 1, USER_PASSWORD_MAX, NULL},
    [P_NEXT] = {"next", WEB_LINE, false, 0, WEB_MAX_URI, NULL},
};

/* Where to go on after signing in: only a path of this site. */
static const char *next_of(struct web_request *rq)
{
    const char *next = web_pairs_get(rq->method == WEB_POST ? &rq->form : &rq->query, "next");
    return web_is_local_path(next) && strncmp(next, "/login", 6) != 0 ? next : "/";
}

/* --- universities --- */

static void add_idp(struct web_request *rq, const struct idp *idp, const char *next, const char *mark)
{
    struct view_node *row = view_add(rq->values, "Idps");
    view_set(row, "name", idp->name);
    view_set(row, "home", idp->home);
    if (idp->state != IDP_READY) {
        view_set(row, "away", web_t(rq, "Login.away"));
        return;
    }
    view_set(row, "mark", mark);
    view_set(row, "url",
             arena_printf(rq->cx.arena, "/login/idp/%lld?next=%s", (long long)idp->id,
                          web_encode(rq->cx.arena, next)));
}

/* What was searched for, nothing else; or else all, first the one at which this browser signed in last. */
static bool add_idps(struct web_request *rq, const struct idp_list *list, int64_t last, const char *next)
{
    bool found = false;
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].found) {
            add_idp(rq, &list->item[i], next, NULL);
            found = true;
        }
    for (size_t i = 0; i < list->n && !found; i++)
        if (list->item[i].id == last)
            add_idp(rq, &list->item[i], next, web_t(rq, "Login.last"));
    for (size_t i = 0; i < list->n && !found; i++)
        if (list->item[i].id != last)
            add_idp(rq, &list->item[i], next, NULL);
    return found;
}

static enum rc show_idps(struct web_request *rq, const char *next)
{
    static const struct web_param param = {"find", WEB_LINE, false, 0, FIND_LENGTH, NULL};
    struct web_value words = {.text = ""};
    struct idp_list list;
    int64_t last = 0;
    (void)str_to_i64(str_of(web_cookie_get(rq, COOKIE_IDP)), 1, INT64_MAX, &last);
    enum rc rc = rq->method == WEB_GET ? web_params(rq, &param, 1, &words) : RC_OK;
    if (rc == RC_OK)
        rc = idp_list_offered(&rq->cx, words.text, last, &list);
    if (rc == RC_UNAVAIL) { /* the form for a password needs no database */
        err_clear(&rq->cx);
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    bool found = add_idps(rq, &list, last, next);
    view_flag(rq->values, "Login.find", list.n > FIND_ABOVE || *words.text);
    view_set(rq->values, "Login.words", words.text);
    view_flag(rq->values, "Login.unknown", *words.text && !found);
    view_flag(rq->values, "Login.more", list.more && !found);
    if (found)
        view_set(rq->values, "Login.all",
                 arena_printf(rq->cx.arena, "/login?next=%s", web_encode(rq->cx.arena, next)));
    return RC_OK;
}

enum rc page_login(struct web_request *rq)
{
    const char *next = next_of(rq);
    if (rq->signed_in && !rq->retry)
        return web_redirect(rq, next);
    (void)web_csrf(rq);
    enum rc rc = show_idps(rq, next);
    if (rc != RC_OK)
        return rc;
    web_field(rq, "login", "");
    web_field_secret(rq, "password");
    view_set(rq->values, "Login.next", next);
    return web_page(rq, "login", web_t(rq, "Login.title"));
}

/* Marks the browser as one in which this person has signed in, unlike that of somebody who only knows the
 * login. The cookie is used for nothing else. */
static void keep_browser(struct web_request *rq, const char *browser)
{
    web_cookie_below(rq, "/login", COOKIE_BROWSER, browser, (int64_t)RATELIMIT_KNOWN_DAYS * 24 * 3600);
}

enum rc page_login_send(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    const char *token;
    struct actor *actor;
    web_form_page(rq, page_login);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    struct sign_in in = {.login = v[P_LOGIN].text,
                         .password = v[P_PASSWORD].text,
                         .address = rq->header(rq, "REMOTE_ADDR"),
                         .browser = session_browser(&rq->cx, web_cookie_get(rq, COOKIE_BROWSER)),
                         .agent = rq->header(rq, "HTTP_USER_AGENT")};
    if (rc == RC_OK)
        rc = session_sign_in(&rq->cx, site_of(rq)->limits, &in, &token, &actor);
    if (rc != RC_OK)
        return rc;
    site_sign_in(rq, actor, token);
    keep_browser(rq, in.browser);
    return web_redirect(rq, next_of(rq));
}
