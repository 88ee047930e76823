/* Signing in and out. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/idp.h"

#define COOKIE_BROWSER "__Secure-lectern-browser"

enum { ASK_MAIL_FROM = 4, MAIL_MAX = 254 }; /* with so many universities the mail address helps to find one */

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
    view_set(row, "mark", mark);
    view_set(row, "url",
             arena_printf(rq->cx.arena, "/login/idp/%lld?next=%s", (long long)idp->id,
                          web_encode(rq->cx.arena, next)));
}

/* Those that serve the mail address come first, or else the one at which this browser signed in last. */
static bool comes_first(const struct idp *idp, const char *mail, int64_t last)
{
    return *mail ? idp_serves_mail(idp, mail) : idp->id == last;
}

static enum rc show_idps(struct web_request *rq, const char *next)
{
    static const struct web_param param = {"mail", WEB_LINE, false, 0, MAIL_MAX, NULL};
    const char *cookie = web_cookie_get(rq, COOKIE_IDP);
    struct web_value mail = {.text = ""};
    struct idp_list list;
    int64_t last = 0;
    size_t first = 0;
    bool domains = false;
    enum rc rc = rq->method == WEB_GET ? web_params(rq, &param, 1, &mail) : RC_OK;
    if (rc == RC_OK)
        rc = idp_list_usable(&rq->cx, &list);
    if (rc == RC_UNAVAIL) { /* the form for a password needs no database */
        err_clear(&rq->cx);
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    (void)str_to_i64(str_of(cookie), 1, INT64_MAX, &last);
    for (size_t i = 0; i < list.n; i++)
        if (comes_first(&list.item[i], mail.text, last)) {
            add_idp(rq, &list.item[i], next, web_t(rq, *mail.text ? "Login.by_mail" : "Login.last"));
            first++;
        }
    for (size_t i = 0; i < list.n; i++) {
        if (!comes_first(&list.item[i], mail.text, last))
            add_idp(rq, &list.item[i], next, NULL);
        domains = domains || *list.item[i].domains;
    }
    view_flag(rq->values, "Login.ask_mail", list.n >= ASK_MAIL_FROM && domains);
    view_set(rq->values, "Login.mail", mail.text);
    view_flag(rq->values, "Login.mail_unknown", *mail.text && first == 0);
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
