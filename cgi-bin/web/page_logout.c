/* Signing out: here, and at the identity provider (IdP) that began the session. */
#include "cgi-bin/web/site.h"

#include "lib/svc/sso/logout.h"

/* The id of our request, so that the IdP's answer is recognised. */
#define COOKIE_OUT "__Host-sso-out"

enum { OUT_S = 300, MESSAGE_MAX = 65536 };

static void forget(struct web_request *rq)
{
    rq->signed_in = false;
    rq->cx.actor = NULL;
    rq->secret = NULL;
}

/* The way to the IdP is a page with Refresh: form-action of our policy would refuse a redirect to there, since it
 * answers a form. Or a form, which a script sends, or the person by a button. */
static enum rc go(struct web_request *rq, const struct sso_way *way)
{
    view_set(rq->values, "Out.url", way->url);
    view_set(rq->values, "Out.text", web_t(rq, "Out.text", "idp", way->name));
    if (!way->value) {
        web_header(rq, "Refresh", arena_printf(rq->cx.arena, "0; url=%s", way->url));
        return web_page(rq, "signing_out", web_t(rq, "Out.title"));
    }
    view_set(rq->values, "Out.field", way->field == SAML_REQUEST ? "SAMLRequest" : "SAMLResponse");
    view_set(rq->values, "Out.value", way->value);
    view_set(rq->values, "Out.relay", way->relay);
    web_forms_leave(rq);
    return web_page(rq, "signing_out", web_t(rq, "Out.title"));
}

enum rc page_logout(struct web_request *rq)
{
    struct sso_sign_out out;
    enum rc rc = sso_sign_out(&rq->cx, rq->secret, &out);
    if (rc != RC_OK)
        return rc;
    web_cookie(rq, COOKIE_SESSION, "", 0);
    if (!out.way.url) {
        web_flash(rq, "signed_out", NULL, NULL);
        return web_redirect(rq, "/");
    }
    forget(rq);
    if (out.way.value)
        web_cookie_foreign(rq, COOKIE_OUT, out.request, OUT_S); /* the answer may come by a form of the IdP */
    else
        web_cookie(rq, COOKIE_OUT, out.request, OUT_S);
    return go(rq, &out.way);
}

static enum rc finish(struct web_request *rq, const struct sso_logout *in)
{
    struct sso_way way;
    enum rc rc = sso_logout(&rq->cx, in, &way);
    if (rc == RC_DENIED)
        return site_sso_failed(rq, "SloFailed");
    if (rc != RC_OK)
        return rc;
    if (in->request)
        web_cookie_foreign(rq, COOKIE_OUT, "", 0);
    if (way.value) {
        forget(rq);
        return go(rq, &way);
    }
    if (way.url)
        return web_redirect_away(rq, way.url);
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
