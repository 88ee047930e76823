/* What a person may change about their own account. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"

enum rc page_account(struct web_request *rq)
{
    struct user *user;
    enum rc rc = user_get(&rq->cx, rq->cx.actor->user_id, &user);
    if (rc != RC_OK)
        return rc;
    view_flag(rq->values, "Account.local", user->local);
    web_field_secret(rq, "old_password");
    web_field_secret(rq, "password");
    view_num(rq->values, "Account.password_min", USER_PASSWORD_MIN);
    view_set(rq->values, "Account.password_hint",
             web_t(rq, "Account.password_hint", "n", arena_printf(rq->cx.arena, "%d", USER_PASSWORD_MIN)));
    for (const char *const *code = view_codes(rq->app->view); *code; code++) {
        struct view_node *row = view_add(rq->values, "Languages");
        view_set(row, "code", *code);
        view_set(row, "name", i18n_name(view_language(rq->app->view, *code)));
        view_flag(row, "current", strcmp(*code, i18n_code(rq->lang)) == 0);
    }
    return web_page(rq, "account", web_t(rq, "Account.title"));
}

enum { P_OLD, P_NEW, P_PASSWORDS };
static const struct web_param passwords[P_PASSWORDS] = {
    [P_OLD] = {"old_password", WEB_SECRET, true, 1, USER_PASSWORD_MAX, NULL},
    [P_NEW] = {"password", WEB_SECRET, true, USER_PASSWORD_MIN, USER_PASSWORD_MAX, NULL},
};

/* A secret is never sent back, even after a failure: the page's fields are empty then. */
enum rc page_account_password(struct web_request *rq)
{
    struct web_value v[P_PASSWORDS];
    const char *token;
    web_form_page(rq, page_account);
    enum rc rc = web_params(rq, passwords, P_PASSWORDS, v);
    if (rc == RC_OK)
        rc = user_change_password(&rq->cx, site_of(rq)->limits, v[P_OLD].text, v[P_NEW].text);
    if (rc == RC_OK)
        rc = session_create(&rq->cx, rq->cx.actor->user_id, rq->header(rq, "HTTP_USER_AGENT"), &token);
    if (rc != RC_OK)
        return rc;
    site_sign_in(rq, rq->cx.actor, token);
    web_flash(rq, "password_changed", NULL, NULL);
    return web_redirect(rq, "/account");
}

enum rc page_account_signout(struct web_request *rq)
{
    enum rc rc = session_close_all(&rq->cx, rq->cx.actor->user_id, NULL);
    if (rc != RC_OK)
        return rc;
    web_cookie(rq, COOKIE_SESSION, "", 0);
    web_flash(rq, "signed_out_everywhere", NULL, NULL);
    return web_redirect(rq, "/login");
}

enum rc page_account_language(struct web_request *rq)
{
    const struct web_param param = {"language", WEB_CHOICE, true, 0, 0, view_codes(rq->app->view)};
    struct web_value v;
    web_form_page(rq, page_account);
    enum rc rc = web_params(rq, &param, 1, &v);
    if (rc == RC_OK)
        rc = user_preference_set(&rq->cx, "language", v.text);
    if (rc != RC_OK)
        return rc;
    web_choose_language(rq, v.text);
    web_flash(rq, "language_saved", NULL, NULL);
    return web_redirect(rq, "/account");
}
