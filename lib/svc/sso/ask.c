#include "lib/svc/sso/ask.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/os/conf.h"
#include "lib/saml/message.h"
#include "lib/svc/keys.h"
#include "lib/svc/secret.h"
#include "lib/svc/sso/idp.h"
#include "lib/svc/sso/sp_key.h"
#include "lib/svc/sso/words.h"

enum { HANDLE_RANDOM = 13 };

static const struct saml_wanted wanted[] = {
    {SSO_SUBJECT_ID, "subject-id", false},
    {SSO_PAIRWISE_ID, "pairwise-id", false},
    {SSO_EPPN, "eduPersonPrincipalName", false},
    {SSO_DISPLAY_NAME, "displayName", false},
    {SSO_GIVEN_NAME, "givenName", false},
    {SSO_SURNAME, "sn", false},
    {SSO_MAIL, "mail", false},
    {SSO_AFFILIATION, "eduPersonAffiliation", false},
    {SSO_SCOPED_AFFILIATION, "eduPersonScopedAffiliation", false},
    {SSO_ENTITLEMENT, "eduPersonEntitlement", false},
};

static const char *below(struct cx *cx, const char *path)
{
    return arena_printf(cx->arena, "%s%s", cx->conf->base_url, path);
}

const char *sso_entity(struct cx *cx)
{
    return below(cx, "/saml/metadata");
}

const char *sso_acs(struct cx *cx)
{
    return below(cx, "/saml/acs");
}

const char *sso_slo(struct cx *cx)
{
    return below(cx, "/saml/slo");
}

enum rc sso_metadata(struct cx *cx, struct str *xml)
{
    struct sp_keys keys;
    enum rc rc = sp_keys_need(cx, &keys);
    if (rc != RC_OK)
        return rc;
    const struct saml_sp sp = {.entity = sso_entity(cx),
                               .acs = sso_acs(cx),
                               .slo = sso_slo(cx),
                               .keys = keys.key,
                               .keys_n = keys.n,
                               .name_de = "Lectern",
                               .name_en = "Lectern",
                               .wanted = wanted,
                               .wanted_n = sizeof wanted / sizeof *wanted};
    return saml_sp_metadata(cx, &sp, xml);
}

/* Time in hex, then chance: [a-z0-9], SSO_HANDLE characters. */
static const char *new_handle(struct cx *cx)
{
    char tail[HANDLE_RANDOM + 1];
    rand_key(tail, sizeof tail);
    return arena_printf(cx->arena, "%011llx%s", (unsigned long long)clock_now(), tail);
}

/* The signed request, and the address that carries it. */
static enum rc make_request(struct cx *cx, int64_t idp_id, const char *id, const char *handle,
                            const char **url)
{
    struct idp *idp;
    struct saml_idp theirs;
    struct sp_keys keys;
    struct str xml;
    enum rc rc = idp_get(cx, idp_id, &idp);
    if (rc == RC_OK)
        rc = idp_metadata(cx, idp, &theirs);
    if (rc == RC_OK)
        rc = sp_keys_need(cx, &keys);
    if (rc != RC_OK)
        return rc;
    const struct saml_authn ask = {.id = id,
                                   .sp = sso_entity(cx),
                                   .destination = theirs.sso.redirect,
                                   .acs = sso_acs(cx),
                                   .now = clock_now()};
    rc = saml_authn_write(cx, &ask, &xml);
    if (rc == RC_OK)
        rc = saml_redirect_url(cx, keys.key[0], theirs.sso.redirect, SAML_REQUEST, xml, handle, url);
    return rc;
}

enum rc sso_ask(struct cx *cx, const struct sso_ask *in, struct sso_asked *out)
{
    struct sso_asked asked = {.handle = new_handle(cx)};
    struct jwt_claims c;
    struct str old;
    jwt_claims_init(&c);
    c.aud = JWT_AUD_SSO;
    c.exp = clock_now() / 1000 + SSO_ASK_S;
    c.rid = saml_new_id(cx);
    c.idp = in->idp_id;
    c.next = in->next && strlen(in->next) <= SSO_NEXT_MAX ? in->next : "/";
    if (in->session && secret_hash(cx, str_of(in->session), &old))
        c.old = str_b64url(cx->arena, old.p, old.n);
    if (in->link_user)
        c.usr = in->link_user;
    enum rc rc = make_request(cx, in->idp_id, c.rid, asked.handle, &asked.url);
    if (rc == RC_OK)
        rc = keys_sign(cx, &c, &asked.cookie);
    if (rc == RC_OK)
        *out = asked;
    return rc;
}

enum rc sso_asked_read(struct cx *cx, const char *cookie, struct jwt_claims *out)
{
    struct jwt_claims c;
    enum rc rc = keys_verify(cx, JWT_AUD_SSO, str_of(cookie), &c);
    if (rc == RC_OK && (!c.rid || c.idp < 0))
        rc = err_set(cx, RC_DENIED, NULL, "token_invalid",
                     "a cookie of a sign-in without request or provider");
    if (rc == RC_OK)
        *out = c;
    return rc;
}
