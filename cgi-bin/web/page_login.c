/* Signing in and out. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"

#define COOKIE_BROWSER "__Secure-lectern-browser"

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

enum rc page_login(struct web_request *rq)
{
    const char *next = next_of(rq);
    if (rq->signed_in && !rq->retry)
        return web_redirect(rq, next);
    (void)web_csrf(rq);
    web_field(rq, "login", "");
    web_field_secret(rq, "password");
    view_set(rq->values, "Login.next", next);
    return web_page(rq, "login", web_t(rq, "Login.title"));
}

/* In a new browser, uses the language that the person chose earlier. */
static void recall_language(struct web_request *rq)
{
    const char *code;
    if (user_preference_get(&rq->cx, "language", &code) == RC_OK)
        web_choose_language(rq, code);
    else
        err_clear(&rq->cx);
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
    rq->cx.actor = actor;
    site_sign_in(rq, token);
    keep_browser(rq, in.browser);
    recall_language(rq);
    return web_redirect(rq, next_of(rq));
}

enum rc page_logout(struct web_request *rq)
{
    enum rc rc = session_close(&rq->cx, rq->secret);
    if (rc != RC_OK)
        return rc;
    web_cookie(rq, COOKIE_SESSION, "", 0);
    web_flash(rq, "signed_out", NULL, NULL);
    return web_redirect(rq, "/");
}
