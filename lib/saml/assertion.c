#include "lib/saml/assertion.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/saml/decrypt.h"

#define BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#define ENTITY "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"

static enum saml_reason missing(struct cx *cx, const char *what)
{
    return saml_refuse(cx, SAML_ASSERTION_FORM, "%s", what);
}

static bool fits(const char *text)
{
    return text && text[0] && strlen(text) <= SAML_MAX_TEXT;
}

/* --- what all messages have --- */

static enum saml_reason check_issuer(struct cx *cx, const struct saml_expect *e, const xmlNode *node,
                                     bool needed)
{
    const xmlNode *issuer = saml_child(node, NS_ASSERTION, "Issuer");
    const char *text = saml_text(cx, issuer), *format = issuer ? saml_attr(cx, issuer, "Format") : NULL;
    if (!issuer && !needed)
        return SAML_ACCEPTED;
    if (!text || saml_sibling(issuer) || strcmp(text, e->idp) != 0)
        return saml_refuse(cx, SAML_ISSUER, "issuer %.200s instead of %.200s", text ? text : "missing",
                           e->idp);
    if (format && strcmp(format, ENTITY) != 0)
        return saml_refuse(cx, SAML_ISSUER, "issuer of format %.200s", format);
    return SAML_ACCEPTED;
}

enum saml_reason saml_head_check(struct cx *cx, const struct saml_expect *e, const xmlNode *node,
                                 bool issuer_needed)
{
    const char *made = saml_attr(cx, node, "IssueInstant");
    int64_t ms = 0;
    if (!saml_attr_is(node, "Version", "2.0"))
        return saml_refuse(cx, SAML_VERSION, "%s is not of version 2.0", (const char *)node->name);
    enum saml_reason why = check_issuer(cx, e, node, issuer_needed);
    if (why != SAML_ACCEPTED)
        return why;
    if (!saml_time(made, &ms))
        return missing(cx, "no IssueInstant");
    if (ms > e->now + SAML_SKEW_MS)
        return saml_refuse(cx, SAML_NOT_YET, "issued at %.40s", made);
    if (ms < e->now - SAML_MAX_LIFE_MS)
        return saml_refuse(cx, SAML_EXPIRED, "issued at %.40s", made);
    return SAML_ACCEPTED;
}

enum saml_reason saml_times_check(struct cx *cx, const struct saml_expect *e, const xmlNode *node,
                                  int64_t *end)
{
    const char *from = saml_attr(cx, node, "NotBefore"), *to = saml_attr(cx, node, "NotOnOrAfter");
    int64_t begins = 0, ends = 0;
    if ((from && !saml_time(from, &begins)) || (to && !saml_time(to, &ends)))
        return missing(cx, "a date that cannot be read");
    if (from && begins > e->now + SAML_SKEW_MS)
        return saml_refuse(cx, SAML_NOT_YET, "not before %.40s", from);
    if (to && ends <= e->now - SAML_SKEW_MS)
        return saml_refuse(cx, SAML_EXPIRED, "not on or after %.40s", to);
    if (to && ends < *end)
        *end = ends;
    return SAML_ACCEPTED;
}

/* --- subject --- */

static enum saml_reason read_nameid(struct cx *cx, const xmlNode *node, struct saml_nameid *out)
{
    struct saml_nameid id = {NULL, NULL, NULL, NULL, NULL};
    if (node) {
        id.text = saml_text(cx, node);
        id.format = saml_attr(cx, node, "Format");
        id.name_qualifier = saml_attr(cx, node, "NameQualifier");
        id.sp_name_qualifier = saml_attr(cx, node, "SPNameQualifier");
        id.sp_provided = saml_attr(cx, node, "SPProvidedID");
        const char *const rest[] = {id.format, id.name_qualifier, id.sp_name_qualifier, id.sp_provided};
        bool good = fits(id.text);
        for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
            good = good && (!rest[i] || strlen(rest[i]) <= SAML_MAX_TEXT);
        if (!good)
            return missing(cx, "a NameID without text, or a longer one than fits");
    }
    *out = id;
    return SAML_ACCEPTED;
}

enum saml_reason saml_nameid_of(struct cx *cx, const struct saml_expect *e, const xmlNode *parent,
                                struct saml_nameid *out)
{
    const xmlNode *plain = saml_child(parent, NS_ASSERTION, "NameID");
    xmlNode *secret = saml_child(parent, NS_ASSERTION, "EncryptedID");
    xmlDoc *doc = NULL;
    if ((plain && (secret || saml_sibling(plain))) || (secret && saml_sibling(secret)))
        return missing(cx, "more than one NameID or EncryptedID");
    if (!secret)
        return read_nameid(cx, plain, out);
    enum saml_reason why = saml_decrypt(cx, secret, e->keys, e->keys_n, true, &doc);
    if (why == SAML_ACCEPTED && !saml_is(xmlDocGetRootElement(doc), NS_ASSERTION, "NameID"))
        why = missing(cx, "an EncryptedID that is no NameID");
    return why == SAML_ACCEPTED ? read_nameid(cx, xmlDocGetRootElement(doc), out) : why;
}

/* The rules of one bearer confirmation ([Prof] 4.1.4.2): all of them or it does not count. */
static enum saml_reason check_confirmation(struct cx *cx, const struct saml_expect *e,
                                           const xmlNode *confirmation, int64_t *end)
{
    const xmlNode *data = saml_child(confirmation, NS_ASSERTION, "SubjectConfirmationData");
    if (!data || saml_sibling(data) || !saml_attr_is(data, "Recipient", e->url))
        return saml_refuse(cx, SAML_CONFIRMATION, "the recipient is not %.200s", e->url);
    if (!saml_attr_is(data, "InResponseTo", e->request))
        return saml_refuse(cx, SAML_IN_RESPONSE_TO, "the confirmation is not for %.200s", e->request);
    if (!saml_attr(cx, data, "NotOnOrAfter") || saml_attr(cx, data, "NotBefore"))
        return saml_refuse(cx, SAML_CONFIRMATION, "without NotOnOrAfter, or with NotBefore");
    return saml_times_check(cx, e, data, end);
}

/* One confirmation that holds is enough; of several that do not, the last one gives the reason. */
static enum saml_reason check_subject(struct cx *cx, const struct saml_expect *e, const xmlNode *assertion,
                                      struct saml_nameid *name, int64_t *end)
{
    const xmlNode *subject = saml_child(assertion, NS_ASSERTION, "Subject");
    if (!subject || saml_sibling(subject))
        return missing(cx, "not one Subject");
    enum saml_reason why = saml_refuse(cx, SAML_CONFIRMATION, "no bearer confirmation");
    for (const xmlNode *c = saml_child(subject, NS_ASSERTION, "SubjectConfirmation"); c;
         c = saml_sibling(c)) {
        if (!saml_attr_is(c, "Method", BEARER))
            continue;
        why = check_confirmation(cx, e, c, end);
        if (why == SAML_ACCEPTED)
            return saml_nameid_of(cx, e, subject, name);
    }
    return why;
}

/* --- conditions --- */

static enum saml_reason check_audience(struct cx *cx, const struct saml_expect *e, const xmlNode *restriction)
{
    for (const xmlNode *a = saml_child(restriction, NS_ASSERTION, "Audience"); a; a = saml_sibling(a)) {
        const char *text = saml_uri(cx, a);
        if (text && strcmp(text, e->sp) == 0)
            return SAML_ACCEPTED;
    }
    return saml_refuse(cx, SAML_AUDIENCE, "the audience is not %.200s", e->sp);
}

static enum saml_reason check_conditions(struct cx *cx, const struct saml_expect *e, const xmlNode *assertion,
                                         int64_t *end)
{
    xmlNode *conditions = saml_child(assertion, NS_ASSERTION, "Conditions");
    if (!conditions || saml_sibling(conditions))
        return missing(cx, "not one Conditions");
    if (!saml_child(conditions, NS_ASSERTION, "AudienceRestriction"))
        return saml_refuse(cx, SAML_AUDIENCE, "no audience is named");
    enum saml_reason why = saml_times_check(cx, e, conditions, end);
    for (xmlNode *c = saml_element(conditions->children); c && why == SAML_ACCEPTED;
         c = saml_element(c->next)) {
        if (saml_is(c, NS_ASSERTION, "AudienceRestriction")) /* each of them must hold ([Core] 2.5.1.4) */
            why = check_audience(cx, e, c);
        else if (!saml_is(c, NS_ASSERTION, "OneTimeUse") && !saml_is(c, NS_ASSERTION, "ProxyRestriction"))
            why = saml_refuse(cx, SAML_CONDITION, "the condition %.100s", (const char *)c->name);
    }
    return why;
}

/* --- authentication --- */

static enum saml_reason read_statement(struct cx *cx, const struct saml_expect *e, const xmlNode *assertion,
                                       struct saml_identity *out)
{
    const xmlNode *s = saml_child(assertion, NS_ASSERTION, "AuthnStatement");
    if (!s || saml_sibling(s))
        return missing(cx, "not one AuthnStatement");
    const char *end = saml_attr(cx, s, "SessionNotOnOrAfter");
    const xmlNode *context = saml_child(s, NS_ASSERTION, "AuthnContext");
    out->session_end = NO_TIME;
    out->session_index = saml_attr(cx, s, "SessionIndex");
    out->context = saml_uri(cx, saml_child(context, NS_ASSERTION, "AuthnContextClassRef"));
    if (!saml_time(saml_attr(cx, s, "AuthnInstant"), &out->authenticated) ||
        (end && !saml_time(end, &out->session_end)))
        return missing(cx, "no AuthnInstant, or a SessionNotOnOrAfter that cannot be read");
    if ((out->session_index && !fits(out->session_index)) ||
        (out->context && strlen(out->context) > SAML_MAX_TEXT))
        return missing(cx, "a SessionIndex or context that does not fit");
    if (end && out->session_end <= e->now - SAML_SKEW_MS)
        return saml_refuse(cx, SAML_SESSION_ENDED, "the session ended at %.40s", end);
    return SAML_ACCEPTED;
}

/* --- attributes --- */

/* A plain text, or the text of the one NameID inside (eduPersonTargetedID). NULL: something else. */
static const char *value_of(struct cx *cx, const xmlNode *value)
{
    const xmlNode *id = saml_child(value, NS_ASSERTION, "NameID");
    const char *text = saml_text(cx, id && saml_elements(value) == 1 ? id : value);
    return fits(text) ? text : NULL;
}

/* Adds the values of a node to those that the attribute has. An IdP may send things that are none of our
 * business, such as pictures: what is empty, long or no text is left out. */
static enum saml_reason add_values(struct cx *cx, const xmlNode *node, struct saml_attribute *a)
{
    size_t n = a->n + saml_children(node, NS_ASSERTION, "AttributeValue");
    if (n > SAML_MAX_VALUES)
        return saml_refuse(cx, SAML_TOO_BIG, "%zu values of %.200s", n, a->name);
    const char **values = arena_array(cx->arena, n + 1, sizeof *values);
    for (size_t i = 0; i < a->n; i++)
        values[i] = a->values[i];
    for (const xmlNode *v = saml_child(node, NS_ASSERTION, "AttributeValue"); v; v = saml_sibling(v)) {
        values[a->n] = value_of(cx, v);
        a->n += values[a->n] != NULL;
    }
    a->values = values;
    return SAML_ACCEPTED;
}

static enum saml_reason add_attribute(struct cx *cx, const xmlNode *node, struct saml_attribute *list,
                                      size_t *n)
{
    const char *name = saml_attr(cx, node, "Name");
    size_t i = 0;
    if (!fits(name))
        return missing(cx, "an attribute without Name");
    while (i < *n && strcmp(list[i].name, name) != 0)
        i++;
    if (i == SAML_MAX_ATTRIBUTES)
        return saml_refuse(cx, SAML_TOO_BIG, "more than %d attributes", SAML_MAX_ATTRIBUTES);
    if (i == *n)
        list[(*n)++].name = name;
    return add_values(cx, node, &list[i]);
}

static enum saml_reason read_attributes(struct cx *cx, const xmlNode *assertion, struct saml_identity *out)
{
    struct saml_attribute *list = arena_array(cx->arena, SAML_MAX_ATTRIBUTES, sizeof *list);
    enum saml_reason why = SAML_ACCEPTED;
    size_t n = 0;
    for (const xmlNode *s = saml_child(assertion, NS_ASSERTION, "AttributeStatement"); s; s = saml_sibling(s))
        for (const xmlNode *a = saml_child(s, NS_ASSERTION, "Attribute"); a && why == SAML_ACCEPTED;
             a = saml_sibling(a))
            why = add_attribute(cx, a, list, &n);
    out->attributes = list;
    out->attributes_n = n;
    return why;
}

/* --- the whole --- */

enum saml_reason saml_assertion_read(struct cx *cx, const struct saml_expect *e, const xmlNode *assertion,
                                     struct saml_identity *out)
{
    struct saml_identity id = {.issuer = e->idp, .in_response_to = e->request};
    int64_t end = INT64_MAX, made = 0;
    enum saml_reason why = saml_head_check(cx, e, assertion, true);
    if (why == SAML_ACCEPTED)
        why = check_subject(cx, e, assertion, &id.name, &end);
    if (why == SAML_ACCEPTED)
        why = check_conditions(cx, e, assertion, &end);
    if (why == SAML_ACCEPTED)
        why = read_statement(cx, e, assertion, &id);
    if (why == SAML_ACCEPTED)
        why = read_attributes(cx, assertion, &id);
    if (why != SAML_ACCEPTED)
        return why;
    if (!saml_time(saml_attr(cx, assertion, "IssueInstant"), &made))
        return missing(cx, "no IssueInstant");
    /* the two limits after which it is refused, the first of them */
    id.used_until =
        end + SAML_SKEW_MS < made + SAML_MAX_LIFE_MS ? end + SAML_SKEW_MS : made + SAML_MAX_LIFE_MS;
    id.assertion = saml_attr(cx, assertion, "ID");
    *out = id;
    return SAML_ACCEPTED;
}
