/* Signing in at a university's identity provider (IdP): going there, and what it answers. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/session.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/link.h"
#include "lib/svc/sso/signin.h"

/* One for each request that waits; named by its handle, which comes back as RelayState. */
#define COOKIE_ASKED "__Host-sso-"

enum { COOKIES_SEEN = 64, YEAR_S = 365 * 24 * 3600 };

enum { P_ID, P_NEXT, P_LINK, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_NEXT] = {"next", WEB_LINE, false, 0, WEB_MAX_URI, NULL},
    [P_LINK] = {"link", WEB_FLAG, false, 0, 0, NULL},
};

static const char *cookie_name(struct web_request *rq, const char *handle)
{
    return arena_printf(rq->cx.arena, COOKIE_ASKED "%s", handle);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Makes room for one more: the oldest requests are given up, their cookies removed. */
static void make_room(struct web_request *rq)
{
    const char *names[COOKIES_SEEN], *handles[COOKIES_SEEN] = {NULL};
    size_t all = web_parse_cookie_names(rq->cx.arena, rq->header(rq, "HTTP_COOKIE"), COOKIE_ASKED, names,
                                        COOKIES_SEEN);
    size_t n = 0;
    for (size_t i = 0; i < all; i++)
        if (str_is_key(str_of(names[i]), SSO_HANDLE))
            handles[n++] = names[i];
    qsort(handles, n, sizeof handles[0], by_name);
    for (size_t i = 0; i + SSO_PENDING_MAX - 1 < n; i++)
        web_cookie_foreign(rq, cookie_name(rq, handles[i]), "", 0);
}

/* By a link, never by a form: form-action of our policy would refuse a form whose answer leads elsewhere. */
enum rc page_sso_start(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct sso_asked asked;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    struct sso_ask in = {.idp_id = v[P_ID].num,
                         .next = web_is_local_path(v[P_NEXT].text) ? v[P_NEXT].text : "/",
                         .session = rq->signed_in ? rq->secret : NULL};
    if (rc == RC_OK && v[P_LINK].num && !rq->signed_in)
        rc = err_set(&rq->cx, RC_DENIED, NULL, "signin", "a visitor has no account to link to");
    if (v[P_LINK].num && rq->signed_in) {
        in.link_user = rq->cx.actor->user_id;
        in.next = "/account/signins"; /* only if it fails */
    }
    if (rc == RC_OK)
        rc = sso_ask(&rq->cx, &in, &asked);
    if (rc != RC_OK)
        return rc;
    make_room(rq);
    web_cookie_foreign(rq, cookie_name(rq, asked.handle), asked.cookie, SSO_ASK_S);
    return web_redirect_away(rq, asked.url);
}

enum rc page_saml_metadata(struct web_request *rq)
{
    struct str xml;
    enum rc rc = sso_metadata(&rq->cx, &xml);
    return rc == RC_OK ? web_text(rq, 200, "application/samlmetadata+xml; charset=utf-8", xml) : rc;
}

enum { A_RELAY, A_RESPONSE, A_COUNT };
static const struct web_param answer_params[A_COUNT] = {
    [A_RELAY] = {"RelayState", WEB_KEY, true, 0, SSO_HANDLE, NULL},
    [A_RESPONSE] = {"SAMLResponse", WEB_TEXT, true, 1, WEB_MAX_FORM, NULL},
};

/* Who signs in again still arrives at the page that was asked for. cookie: of the request, or NULL. */
static enum rc failed(struct web_request *rq, const char *cookie)
{
    struct jwt_claims asked;
    enum rc rc = site_sso_failed(rq, "SsoFailed");
    bool known = cookie && sso_asked_read(&rq->cx, cookie, &asked) == RC_OK && asked.next;
    const char *next = known ? web_encode(rq->cx.arena, asked.next) : "";
    err_clear(&rq->cx);
    if (!rq->signed_in)
        view_set(rq->values, "Sso.again", arena_printf(rq->cx.arena, "/login?next=%s", next));
    return rc;
}

/* The browser comes from the IdP: of our cookies only that of the request came with it, so who is signed in
 * here is not known. */
enum rc page_saml_acs(struct web_request *rq)
{
    struct web_value v[A_COUNT];
    struct sso_signed_in done;
    if (web_params(rq, answer_params, A_COUNT, v) != RC_OK)
        return failed(rq, NULL);
    const char *name = cookie_name(rq, v[A_RELAY].text);
    const struct sso_answer in = {.cookie = web_cookie_get(rq, name),
                                  .response = v[A_RESPONSE].text,
                                  .agent = rq->header(rq, "HTTP_USER_AGENT")};
    enum rc rc = sso_sign_in(&rq->cx, &in, &done);
    if (rc == RC_DENIED)
        return failed(rq, in.cookie);
    if (rc != RC_OK)
        return rc;
    web_cookie_foreign(rq, name, "", 0);
    if (done.link) {
        web_cookie(rq, COOKIE_LINK, done.link, SSO_LINK_S);
        return web_redirect(rq, "/account/link");
    }
    web_cookie_below(rq, "/login", COOKIE_IDP, arena_printf(rq->cx.arena, "%lld", (long long)done.idp_id),
                     YEAR_S);
    site_sign_in(rq, done.actor, done.token);
    return web_redirect(rq, done.next);
}
