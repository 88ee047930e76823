/* Signing out: here, and at the identity provider (IdP) that began the session. */
#include "cgi-bin/web/site.h"

#include "lib/svc/sso/logout.h"

/* The id of our request, so that the IdP's answer is recognised. */
#define COOKIE_OUT "__Host-sso-out"

enum { OUT_S = 300, MESSAGE_MAX = 65536 };

/* The way to the IdP is a page with Refresh: form-action of our policy would refuse a redirect to there, since it
 * answers a form. */
enum rc page_logout(struct web_request *rq)
{
    struct sso_sign_out out;
    enum rc rc = sso_sign_out(&rq->cx, rq->secret, &out);
    if (rc != RC_OK)
        return rc;
    web_cookie(rq, COOKIE_SESSION, "", 0);
    if (!out.url) {
        web_flash(rq, "signed_out", NULL, NULL);
        return web_redirect(rq, "/");
    }
    web_cookie(rq, COOKIE_OUT, out.request, OUT_S);
    web_header(rq, "Refresh", arena_printf(rq->cx.arena, "0; url=%s", out.url));
    rq->signed_in = false;
    rq->cx.actor = NULL;
    rq->secret = NULL;
    view_set(rq->values, "Out.url", out.url);
    view_set(rq->values, "Out.text", web_t(rq, "Out.text", "idp", out.name));
    return web_page(rq, "signing_out", web_t(rq, "Out.title"));
}

static enum rc finish(struct web_request *rq, const struct sso_logout *in)
{
    const char *url;
    enum rc rc = sso_logout(&rq->cx, in, &url);
    if (rc == RC_DENIED)
        return site_sso_failed(rq, "SloFailed");
    if (rc != RC_OK)
        return rc;
    if (in->request)
        web_cookie(rq, COOKIE_OUT, "", 0);
    if (url)
        return web_redirect_away(rq, url);
    web_flash(rq, "signed_out", NULL, NULL);
    return web_redirect(rq, "/");
}

/* The signature is over the query as it was sent. */
enum rc page_saml_slo(struct web_request *rq)
{
    const char *query = strchr(rq->target, '?');
    const struct sso_logout in = {.query = str_of(query ? query + 1 : ""),
                                  .request = web_cookie_get(rq, COOKIE_OUT)};
    return finish(rq, &in);
}

enum { F_REQUEST, F_RESPONSE, F_RELAY, F_COUNT };
static const struct web_param fields[F_COUNT] = {
    [F_REQUEST] = {"SAMLRequest", WEB_TEXT, false, 1, MESSAGE_MAX, NULL},
    [F_RESPONSE] = {"SAMLResponse", WEB_TEXT, false, 1, MESSAGE_MAX, NULL},
    [F_RELAY] = {"RelayState", WEB_LINE, false, 0, SAML_MAX_RELAY, NULL},
};

enum rc page_saml_slo_send(struct web_request *rq)
{
    struct web_value v[F_COUNT];
    enum rc rc = web_params(rq, fields, F_COUNT, v);
    if (rc != RC_OK)
        return site_sso_failed(rq, "SloFailed");
    const struct sso_logout in = {.post = true,
                                  .field = v[F_REQUEST].given ? SAML_REQUEST : SAML_ANSWER,
                                  .value = v[F_REQUEST].given ? v[F_REQUEST].text : v[F_RESPONSE].text,
                                  .relay = v[F_RELAY].given ? v[F_RELAY].text : NULL,
                                  .request = web_cookie_get(rq, COOKIE_OUT)};
    return finish(rq, &in);
}
