/* An identity provider's metadata. */
#include "lib/saml/metadata.h"

#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/saml/signature.h"

#define NS_SCOPE "urn:mace:shibboleth:metadata:1.0"
#define NS_XML   "http://www.w3.org/XML/1998/namespace"

enum { MAX_LEVELS = 5 /* EntitiesDescriptor inside each other */ };
static const int64_t CENTURY_MS = INT64_C(100) * 365 * 86400 * 1000;

/* --- dates --- */

/* One number of xs:duration with its letter, if the text has that letter next. More than a century is one, so that the
 * sum fits. */
static bool take_number(const char **text, char letter, int64_t unit_ms, int64_t *ms)
{
    size_t digits = strspn(*text, "0123456789.");
    int64_t n = 0;
    if ((*text)[digits] != letter || digits == 0)
        return true;
    struct str number = {*text, digits}, whole = str_cut(&number, '.');
    if (!str_to_i64(whole, 0, INT32_MAX, &n))
        return false;
    int64_t most = CENTURY_MS / unit_ms;
    *ms += (n < most ? n : most) * unit_ms;
    *text += digits + 1;
    return true;
}

/* xs:duration without sign; a month is 30 days, fractions are dropped. */
static bool read_duration(const char *text, int64_t *ms)
{
    enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
    int64_t sum = 0;
    if (*text++ != 'P')
        return false;
    bool good = take_number(&text, 'Y', 365 * (int64_t)DAY, &sum) &&
                take_number(&text, 'M', 30 * (int64_t)DAY, &sum) && take_number(&text, 'D', DAY, &sum);
    if (good && *text == 'T') {
        text++;
        good = take_number(&text, 'H', HOUR, &sum) && take_number(&text, 'M', MINUTE, &sum) &&
               take_number(&text, 'S', SECOND, &sum);
    }
    *ms = sum;
    return good && *text == '\0';
}

/* The dates of one element: the earliest counts ([Meta] 2.3.1, 2.3.2, 2.4.1). */
static enum saml_reason read_dates(struct cx *cx, const xmlNode *node, int64_t now, struct saml_idp *idp)
{
    const char *until = saml_attr(cx, node, "validUntil"), *cache = saml_attr(cx, node, "cacheDuration");
    int64_t ends = 0, lasts = 0;
    if ((until && !saml_time(until, &ends)) || (cache && !read_duration(cache, &lasts)))
        return saml_refuse(cx, SAML_ASSERTION_FORM, "validUntil or cacheDuration cannot be read");
    if (until && ends <= now)
        return saml_refuse(cx, SAML_EXPIRED, "metadata was valid until %.40s", until);
    if (until && (idp->valid_until == NO_TIME || ends < idp->valid_until))
        idp->valid_until = ends;
    if (cache && (idp->cache_ms < 0 || lasts < idp->cache_ms))
        idp->cache_ms = lasts;
    return SAML_ACCEPTED;
}

/* --- finding the provider --- */

static bool is_idp(const xmlNode *entity)
{
    return saml_child(entity, NS_METADATA, "IDPSSODescriptor") != NULL;
}

/* The EntityDescriptor of that name at or below a node; NULL: none. With more levels than that: not looked
 * at. */
static const xmlNode *find_entity(const xmlNode *node, const char *entity, int level)
{
    if (saml_is(node, NS_METADATA, "EntityDescriptor"))
        return (!entity || saml_attr_is(node, "entityID", entity)) && is_idp(node) ? node : NULL;
    if (!entity || level == MAX_LEVELS || !saml_is(node, NS_METADATA, "EntitiesDescriptor"))
        return NULL;
    const xmlNode *found = NULL;
    for (xmlNode *c = saml_element(node->children); c && !found; c = saml_element(c->next))
        found = find_entity(c, entity, level + 1);
    return found;
}

static enum saml_reason choose_entity(struct cx *cx, const xmlNode *root, const char *entity, int64_t now,
                                      struct saml_idp *idp, const xmlNode **descriptor)
{
    enum saml_reason why = SAML_ACCEPTED;
    const xmlNode *node = find_entity(root, entity, 0),
                  *role = saml_child(node, NS_METADATA, "IDPSSODescriptor");
    if (!role)
        return saml_refuse(cx, SAML_ENTITY, "no identity provider %.200s", entity ? entity : "as the root");
    if (saml_sibling(role))
        return saml_refuse(cx, SAML_ENTITY, "two descriptions of one identity provider");
    idp->entity = saml_attr(cx, node, "entityID");
    if (!idp->entity || !idp->entity[0] || strlen(idp->entity) > SAML_MAX_TEXT)
        return saml_refuse(cx, SAML_ENTITY, "no entityID, or one that does not fit");
    for (const xmlNode *n = role; n && n->type == XML_ELEMENT_NODE && why == SAML_ACCEPTED; n = n->parent)
        why = read_dates(cx, n, now, idp);
    *descriptor = role;
    return why;
}

/* --- keys --- */

static enum saml_reason add_certs(struct cx *cx, const xmlNode *key, struct saml_cert *list, size_t *n)
{
    const xmlNode *info = saml_child(key, NS_SIGNATURE, "KeyInfo");
    for (const xmlNode *data = saml_child(info, NS_SIGNATURE, "X509Data"); data; data = saml_sibling(data)) {
        const char *text = saml_text(cx, saml_child(data, NS_SIGNATURE, "X509Certificate"));
        unsigned char *der = NULL;
        size_t size = 0;
        struct saml_cert cert;
        if (!text || !saml_base64(cx, text, &der, &size) ||
            saml_cert_from_der(cx, (struct str){(char *)der, size}, &cert) != RC_OK)
            return saml_refuse(cx, SAML_CERTIFICATE, "a certificate that cannot be used: %s",
                               cx->err.detail ? cx->err.detail : "");
        if (*n == SAML_MAX_CERTS)
            return saml_refuse(cx, SAML_CERTIFICATE, "more than %d certificates", SAML_MAX_CERTS);
        list[(*n)++] = cert;
    }
    return SAML_ACCEPTED;
}

static enum saml_reason read_certs(struct cx *cx, const xmlNode *role, struct saml_idp *idp)
{
    struct saml_cert *list = arena_array(cx->arena, SAML_MAX_CERTS, sizeof *list);
    size_t n = 0;
    enum saml_reason why = SAML_ACCEPTED;
    for (const xmlNode *k = saml_child(role, NS_METADATA, "KeyDescriptor"); k && why == SAML_ACCEPTED;
         k = saml_sibling(k))
        if (saml_attr_is(k, "use", "signing") || !xmlHasProp(k, (const xmlChar *)"use"))
            why = add_certs(cx, k, list, &n);
    if (why == SAML_ACCEPTED && n == 0)
        why = saml_refuse(cx, SAML_CERTIFICATE, "no certificate to sign with");
    idp->certs = list;
    idp->certs_n = n;
    return why;
}

/* --- endpoints --- */

/* http and https only: the browser is sent there. */
static bool is_address(const char *url)
{
    struct str s = str_of(url);
    return s.n <= SAML_MAX_TEXT && (str_starts(s, "https://") || str_starts(s, "http://")) &&
           !str_has_controls(s, false) && strcspn(url, " \"<>\\^`{|}") == s.n;
}

static enum saml_reason read_endpoint(struct cx *cx, const xmlNode *role, const char *name,
                                      struct saml_endpoint *out)
{
    for (const xmlNode *s = saml_child(role, NS_METADATA, name); s; s = saml_sibling(s)) {
        const char *location = saml_attr(cx, s, "Location"), *answer = saml_attr(cx, s, "ResponseLocation");
        bool redirect = saml_attr_is(s, "Binding", BINDING_REDIRECT),
             post = saml_attr_is(s, "Binding", BINDING_POST);
        if (!redirect && !post)
            continue;
        if (!location || !is_address(location) || (answer && !is_address(answer)))
            return saml_refuse(cx, SAML_ENDPOINT, "an address of %s that is not http or https", name);
        if (redirect && !out->redirect) {
            out->redirect = location;
            out->redirect_answer = answer ? answer : location;
        } else if (post && !out->post) {
            out->post = location;
            out->post_answer = answer ? answer : location;
        }
    }
    return SAML_ACCEPTED;
}

static enum saml_reason read_endpoints(struct cx *cx, const xmlNode *role, struct saml_idp *idp)
{
    enum saml_reason why = read_endpoint(cx, role, "SingleSignOnService", &idp->sso);
    if (why == SAML_ACCEPTED)
        why = read_endpoint(cx, role, "SingleLogoutService", &idp->slo);
    if (why == SAML_ACCEPTED && !idp->sso.redirect)
        why = saml_refuse(cx, SAML_ENDPOINT, "no address for sign-in by redirect");
    return why;
}

/* --- extensions --- */

static enum saml_reason read_scopes(struct cx *cx, const xmlNode *role, struct saml_idp *idp)
{
    const char **list = arena_array(cx->arena, SAML_MAX_SCOPES, sizeof *list);
    const xmlNode *places[] = {role->parent, role};
    size_t n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const xmlNode *extensions = saml_child(places[i], NS_METADATA, "Extensions");
        for (const xmlNode *s = saml_child(extensions, NS_SCOPE, "Scope"); s; s = saml_sibling(s)) {
            const char *text = saml_uri(cx, s);
            if (saml_attr_is(s, "regexp", "true") || saml_attr_is(s, "regexp", "1"))
                continue;
            if (!text || !text[0] || strlen(text) > SAML_MAX_TEXT || strchr(text, '@') ||
                n == SAML_MAX_SCOPES)
                return saml_refuse(cx, SAML_TOO_BIG, "more than %d scopes, or one that is no domain",
                                   SAML_MAX_SCOPES);
            list[n++] = text;
        }
    }
    idp->scopes = list;
    idp->scopes_n = n;
    return SAML_ACCEPTED;
}

/* The name in that language among the children of parent. */
static const char *name_in(struct cx *cx, const xmlNode *parent, const char *ns, const char *tag,
                           const char *lang)
{
    for (const xmlNode *n = saml_child(parent, ns, tag); n; n = saml_sibling(n)) {
        xmlChar *got = xmlGetNsProp(n, (const xmlChar *)"lang", (const xmlChar *)NS_XML);
        bool same = got && strncasecmp((const char *)got, lang, strlen(lang)) == 0;
        xmlFree(got);
        const char *text = same ? saml_uri(cx, n) : NULL;
        if (text && text[0] && strlen(text) <= SAML_MAX_TEXT)
            return text;
    }
    return NULL;
}

static void read_names(struct cx *cx, const xmlNode *role, struct saml_idp *idp)
{
    const xmlNode *ui = saml_child(saml_child(role, NS_METADATA, "Extensions"), NS_UI, "UIInfo");
    const xmlNode *organization = saml_child(role->parent, NS_METADATA, "Organization");
    idp->name_de = name_in(cx, ui, NS_UI, "DisplayName", "de");
    idp->name_en = name_in(cx, ui, NS_UI, "DisplayName", "en");
    if (!idp->name_de)
        idp->name_de = name_in(cx, organization, NS_METADATA, "OrganizationDisplayName", "de");
    if (!idp->name_en)
        idp->name_en = name_in(cx, organization, NS_METADATA, "OrganizationDisplayName", "en");
}

/* --- the whole --- */

static enum saml_reason read_provider(struct cx *cx, const xmlNode *root, const char *entity, int64_t now,
                                      struct saml_idp *out)
{
    struct saml_idp idp = {.valid_until = NO_TIME, .cache_ms = -1};
    const xmlNode *role = NULL;
    enum saml_reason why = choose_entity(cx, root, entity, now, &idp, &role);
    if (why == SAML_ACCEPTED)
        why = read_certs(cx, role, &idp);
    if (why == SAML_ACCEPTED)
        why = read_endpoints(cx, role, &idp);
    if (why == SAML_ACCEPTED)
        why = read_scopes(cx, role, &idp);
    if (why != SAML_ACCEPTED)
        return why;
    read_names(cx, role, &idp);
    *out = idp;
    return SAML_ACCEPTED;
}

enum rc saml_idp_metadata(struct cx *cx, struct str xml, const char *entity, const struct saml_cert *signers,
                          size_t signers_n, int64_t now, struct saml_idp *out, enum saml_reason *why)
{
    xmlDoc *doc = NULL;
    enum saml_reason got = saml_parse(cx, xml, SAML_FROM_METADATA, &doc);
    if (got == SAML_ACCEPTED && signers_n > 0)
        got = saml_signature_verify(cx, xmlDocGetRootElement(doc), SAML_FROM_METADATA, signers, signers_n,
                                    &doc);
    if (got == SAML_ACCEPTED)
        got = read_provider(cx, xmlDocGetRootElement(doc), entity, now, out);
    return saml_rc(got, why);
}

bool saml_scope_fits(const struct saml_idp *idp, const char *value)
{
    const char *at = strchr(value, '@');
    if (!at || at == value)
        return false;
    for (size_t i = 0; i < idp->scopes_n; i++)
        if (strcasecmp(idp->scopes[i], at + 1) == 0)
            return true;
    return false;
}
