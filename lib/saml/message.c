#include "lib/saml/message.h"

#include <string.h>

#include "lib/saml/assertion.h"
#include "lib/saml/redirect.h"
#include "lib/saml/shape.h"
#include "lib/saml/signature.h"
#include "lib/saml/write.h"

/* --- writing --- */

/* The root's start tag with what all messages have; it stays open for more attributes. */
static void begin(struct saml_writer *w, const char *name, const char *id, const char *destination,
                  int64_t now)
{
    saml_write_init(w);
    buf_printf(&w->text, "<samlp:%s xmlns:samlp=\"" NS_PROTOCOL "\" xmlns:saml=\"" NS_ASSERTION "\"", name);
    saml_write_attr(w, "ID", id);
    saml_write(w, " Version=\"2.0\"");
    saml_write_time(w, "IssueInstant", now);
    saml_write_attr(w, "Destination", destination);
}

enum rc saml_authn_write(struct cx *cx, const struct saml_authn *m, struct str *xml)
{
    struct saml_writer w;
    begin(&w, "AuthnRequest", m->id, m->destination, m->now);
    saml_write_attr(&w, "AssertionConsumerServiceURL", m->acs);
    saml_write_attr(&w, "ProtocolBinding", BINDING_POST);
    saml_write_attr(&w, "ForceAuthn", m->force ? "true" : NULL);
    saml_write(&w, ">");
    saml_write_text(&w, "saml:Issuer", m->sp);
    saml_write(&w, "<samlp:NameIDPolicy");
    saml_write_attr(&w, "Format", m->format);
    saml_write(&w, " AllowCreate=\"true\"/></samlp:AuthnRequest>");
    return saml_written(cx, &w, xml);
}

enum rc saml_logout_write(struct cx *cx, const struct saml_logout *m, struct str *xml)
{
    struct saml_writer w;
    begin(&w, "LogoutRequest", m->id, m->destination, m->now);
    saml_write_time(&w, "NotOnOrAfter", m->now + SAML_SKEW_MS);
    saml_write(&w, ">");
    saml_write_text(&w, "saml:Issuer", m->issuer);
    saml_write(&w, "<saml:NameID");
    saml_write_attr(&w, "Format", m->name.format);
    saml_write_attr(&w, "NameQualifier", m->name.name_qualifier);
    saml_write_attr(&w, "SPNameQualifier", m->name.sp_name_qualifier);
    saml_write_attr(&w, "SPProvidedID", m->name.sp_provided);
    saml_write(&w, ">");
    saml_write_escaped(&w, m->name.text);
    saml_write(&w, "</saml:NameID>");
    for (size_t i = 0; i < m->sessions_n; i++)
        saml_write_text(&w, "samlp:SessionIndex", m->sessions[i]);
    saml_write(&w, "</samlp:LogoutRequest>");
    return saml_written(cx, &w, xml);
}

enum rc saml_logout_answer_write(struct cx *cx, const struct saml_logout_answer *m, struct str *xml)
{
    struct saml_writer w;
    begin(&w, "LogoutResponse", m->id, m->destination, m->now);
    saml_write_attr(&w, "InResponseTo", m->in_response_to);
    saml_write(&w, ">");
    saml_write_text(&w, "saml:Issuer", m->issuer);
    saml_write(&w, "<samlp:Status><samlp:StatusCode");
    saml_write_attr(&w, "Value", m->status);
    saml_write(&w, ">");
    if (m->substatus) {
        saml_write(&w, "<samlp:StatusCode");
        saml_write_attr(&w, "Value", m->substatus);
        saml_write(&w, "/>");
    }
    saml_write(&w, "</samlp:StatusCode></samlp:Status></samlp:LogoutResponse>");
    return saml_written(cx, &w, xml);
}

enum rc saml_post_field(struct cx *cx, const struct saml_key *key, struct str xml, const char **value)
{
    xmlDoc *doc = NULL;
    xmlChar *text = NULL;
    int n = 0;
    if (saml_parse(cx, xml, SAML_FROM_MESSAGE, &doc) != SAML_ACCEPTED)
        return err_set(cx, RC_INVALID, NULL, NULL, "not a message");
    if (!saml_signature_make(doc, key))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot sign a message");
    xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
    if (!text || n <= 0)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot write a message");
    *value = str_b64(cx->arena, text, (size_t)n);
    xmlFree(text);
    return RC_OK;
}

/* --- receiving --- */

static const struct {
    const char *name;
    enum saml_field field;
} kinds[] = {
    [SAML_LOGOUT_REQUEST] = {"LogoutRequest", SAML_REQUEST},
    [SAML_LOGOUT_RESPONSE] = {"LogoutResponse", SAML_ANSWER},
};

/* Reads what m->xml says about itself. */
static enum saml_reason open_claims(struct cx *cx, enum saml_field field, struct saml_message *m)
{
    xmlDoc *doc = NULL;
    enum saml_reason why = saml_parse(cx, m->xml, SAML_FROM_MESSAGE, &doc);
    if (why != SAML_ACCEPTED)
        return why;
    m->kind = field == SAML_REQUEST ? SAML_LOGOUT_REQUEST : SAML_LOGOUT_RESPONSE;
    why = saml_shape_root(cx, doc, NS_PROTOCOL, kinds[m->kind].name);
    if (why != SAML_ACCEPTED)
        return why;
    const xmlNode *root = xmlDocGetRootElement(doc);
    m->issuer = saml_text(cx, saml_child(root, NS_ASSERTION, "Issuer"));
    m->in_response_to = saml_attr(cx, root, "InResponseTo");
    if (!m->issuer)
        return saml_refuse(cx, SAML_ISSUER, "no issuer");
    return SAML_ACCEPTED;
}

enum rc saml_receive_post(struct cx *cx, enum saml_field field, struct str value, const char *relay,
                          struct saml_message *out, enum saml_reason *why)
{
    struct saml_message m = {.relay = relay};
    enum rc rc = saml_post_decode(cx, value, &m.xml, why);
    if (rc == RC_OK)
        rc = saml_rc(open_claims(cx, field, &m), why);
    if (rc == RC_OK)
        *out = m;
    return rc;
}

enum rc saml_receive_redirect(struct cx *cx, struct str query, struct saml_message *out,
                              enum saml_reason *why)
{
    struct saml_message m = {.redirect = true};
    enum saml_field field = SAML_REQUEST;
    enum saml_reason got = saml_redirect_read(cx, query, &field, &m);
    if (got == SAML_ACCEPTED)
        got = open_claims(cx, field, &m);
    if (got == SAML_ACCEPTED)
        *out = m;
    return saml_rc(got, why);
}

/* The tree to read: of the signed octets by POST, of the bytes that the query's signature is over by
 * redirect. */
static enum saml_reason open_signed(struct cx *cx, const struct saml_expect *e, const struct saml_message *m,
                                    enum saml_kind kind, xmlDoc **out)
{
    xmlDoc *doc = NULL;
    enum saml_reason why = SAML_ACCEPTED;
    if (m->redirect)
        why = saml_redirect_verify(cx, m, e->certs, e->certs_n);
    if (why == SAML_ACCEPTED)
        why = saml_parse(cx, m->xml, SAML_FROM_MESSAGE, &doc);
    if (why == SAML_ACCEPTED)
        why = saml_shape_root(cx, doc, NS_PROTOCOL, kinds[kind].name);
    if (why == SAML_ACCEPTED && m->redirect)
        *out = doc;
    else if (why == SAML_ACCEPTED)
        why = saml_signature_verify(cx, xmlDocGetRootElement(doc), SAML_FROM_MESSAGE, e->certs, e->certs_n,
                                    out);
    return why;
}

/* What both messages have. Both bindings demand a Destination in a signed message ([Bind] 3.4.5.2, 3.5.5.2).
 */
static enum saml_reason open_message(struct cx *cx, const struct saml_expect *e, const struct saml_message *m,
                                     enum saml_kind kind, const xmlNode **root)
{
    xmlDoc *doc = NULL;
    enum saml_reason why = open_signed(cx, e, m, kind, &doc);
    if (why != SAML_ACCEPTED)
        return why;
    *root = xmlDocGetRootElement(doc);
    why = saml_head_check(cx, e, *root, true);
    if (why == SAML_ACCEPTED && !saml_attr_is(*root, "Destination", e->url))
        why = saml_refuse(cx, SAML_DESTINATION, "not sent to %.200s", e->url);
    return why;
}

static enum saml_reason read_sessions(struct cx *cx, const xmlNode *root, struct saml_logout *out)
{
    size_t n = saml_children(root, NS_PROTOCOL, "SessionIndex");
    if (n > SAML_MAX_SESSIONS)
        return saml_refuse(cx, SAML_TOO_BIG, "%zu sessions", n);
    const char **list = arena_array(cx->arena, n + 1, sizeof *list);
    n = 0;
    for (const xmlNode *s = saml_child(root, NS_PROTOCOL, "SessionIndex"); s; s = saml_sibling(s)) {
        list[n] = saml_text(cx, s);
        if (!list[n] || !list[n][0] || strlen(list[n]) > SAML_MAX_TEXT)
            return saml_refuse(cx, SAML_ASSERTION_FORM, "a SessionIndex that does not fit");
        n++;
    }
    out->sessions = list;
    out->sessions_n = n;
    return SAML_ACCEPTED;
}

enum rc saml_logout_verify(struct cx *cx, const struct saml_expect *e, const struct saml_message *m,
                           struct saml_logout *out, enum saml_reason *why)
{
    const xmlNode *root = NULL;
    struct saml_logout got = {.issuer = e->idp};
    enum saml_reason r = open_message(cx, e, m, SAML_LOGOUT_REQUEST, &root);
    if (r == SAML_ACCEPTED)
        r = saml_times_check(cx, e, root, &(int64_t){INT64_MAX});
    if (r == SAML_ACCEPTED)
        r = saml_nameid_of(cx, e, root, &got.name);
    if (r == SAML_ACCEPTED && !got.name.text)
        r = saml_refuse(cx, SAML_ASSERTION_FORM, "no NameID");
    if (r == SAML_ACCEPTED)
        r = read_sessions(cx, root, &got);
    if (r == SAML_ACCEPTED) {
        got.id = saml_attr(cx, root, "ID");
        *out = got;
    }
    return saml_rc(r, why);
}

enum rc saml_logout_answer_verify(struct cx *cx, const struct saml_expect *e, const struct saml_message *m,
                                  struct saml_logout_answer *out, enum saml_reason *why)
{
    const xmlNode *root = NULL;
    struct saml_logout_answer got = {.issuer = e->idp, .in_response_to = e->request};
    enum saml_reason r = open_message(cx, e, m, SAML_LOGOUT_RESPONSE, &root);
    if (r == SAML_ACCEPTED && (!e->request || !saml_attr_is(root, "InResponseTo", e->request)))
        r = saml_refuse(cx, SAML_IN_RESPONSE_TO, "no answer to %.200s", e->request ? e->request : "anything");
    if (r == SAML_ACCEPTED && !saml_status(cx, root, &got.status, &got.substatus))
        r = saml_refuse(cx, SAML_STATUS, "no status code");
    if (r == SAML_ACCEPTED) {
        got.id = saml_attr(cx, root, "ID");
        *out = got;
    }
    return saml_rc(r, why);
}
