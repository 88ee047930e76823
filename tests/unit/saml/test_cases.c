/* Real responses and attacks made of them (cases.json): each is accepted with the identity that the identity
 * provider knows, or refused with the reason that it should have. Then the two layers by themselves. */
#include "tests/unit/saml/saml_data.h"

#include <string.h>

#include "lib/net/json.h"
#include "lib/saml/shape.h"
#include "lib/saml/signature.h"

#define UID "urn:oid:0.9.2342.19200300.100.1.1"

static const json_t *read_cases(void)
{
    const json_t *cases;
    assert_ok(js_parse(&cx, data_file(&cx, "cases.json"), DATA_MAX, &cases));
    assert_true(json_array_size(cases) > 50);
    return cases;
}

static struct saml_expect expect_of(const json_t *c)
{
    struct saml_expect e = {.idp = js_get_str(c, "idp", NULL),
                            .sp = js_get_str(c, "sp", NULL),
                            .url = js_get_str(c, "acs", NULL),
                            .request = js_get_str(c, "request", NULL),
                            .keys = (const struct saml_key *const *)&key,
                            .keys_n = 1,
                            .allow_cbc = js_get_bool(c, "allow_cbc", false),
                            .now = js_get_i64(c, "now", 0) * 1000};
    data_certs(&cx, js_get_str(c, "cert", NULL), &e);
    return e;
}

static const char *first_value(const struct saml_identity *id, const char *name)
{
    const struct saml_attribute *a = saml_attribute_find(id, name);
    return a && a->n > 0 ? a->values[0] : "";
}

static void check_identity(const json_t *c, const struct saml_identity *id)
{
    const char *session = js_get_str(c, "session", NULL);
    assert_string_equal(id->name.text, js_get_str(c, "nameid", "?"));
    assert_string_equal(first_value(id, UID), js_get_str(c, "uid", "?"));
    assert_int_equal(id->attributes_n, js_get_i64(c, "attributes", -1));
    assert_string_equal(id->issuer, js_get_str(c, "idp", "?"));
    assert_string_equal(id->in_response_to, js_get_str(c, "request", "?"));
    assert_int_equal(id->session_index == NULL, session == NULL);
    if (session)
        assert_string_equal(id->session_index, session);
    assert_true(id->used_until > js_get_i64(c, "now", 0) * 1000);
}

static void test_cases(void **state)
{
    (void)state;
    size_t i, accepted = 0;
    const json_t *c;
    json_array_foreach(read_cases(), i, c)
    {
        struct saml_expect e = expect_of(c);
        struct saml_identity id;
        enum saml_reason why;
        const char *name = js_get_str(c, "name", "?"), *reason = js_get_str(c, "reason", "?");
        enum rc rc = saml_response_verify(&cx, &e, data_message(&cx, js_get_str(c, "file", "?")), &id, &why);
        if (strcmp(saml_reason_name(why), reason) != 0)
            fail_msg("%s: %s instead of %s", name, saml_reason_name(why), reason);
        assert_int_equal(rc, strcmp(reason, "accepted") == 0 ? RC_OK : RC_DENIED);
        if (rc == RC_OK)
            check_identity(c, &id);
        else
            assert_string_equal(cx.err.key, "saml_refused");
        accepted += rc == RC_OK;
    }
    assert_true(accepted >= 15);
}

/* One more certificate before the right one, as during a change of keys; and none. */
static void test_several_keys(void **state)
{
    (void)state;
    const json_t *c = json_array_get(read_cases(), 0);
    struct saml_expect e = expect_of(c), other = {.certs = NULL};
    struct saml_identity id;
    enum saml_reason why;
    struct str xml = data_message(&cx, js_get_str(c, "file", "?"));
    data_certs(&cx, "peer2.crt", &other);
    struct saml_cert both[] = {other.certs[0], e.certs[0]};
    e.certs = both;
    e.certs_n = 2;
    assert_ok(saml_response_verify(&cx, &e, xml, &id, &why));
    e.certs_n = 0;
    assert_rc(saml_response_verify(&cx, &e, xml, &id, &why), RC_DENIED);
    assert_int_equal(why, SAML_SIGNATURE);
    e.request = NULL;
    assert_rc(saml_response_verify(&cx, &e, xml, &id, &why), RC_DENIED);
    assert_int_equal(why, SAML_IN_RESPONSE_TO);
}

/* --- XML signature wrapping and its kin, made of one real response --- */

/* The pieces of ssp-signed-assertion.xml, and an assertion that says somebody else. */
struct parts {
    const char *whole, *assertion, *signature, *bare /* without the signature */, *evil;
};

static struct parts take_parts(void)
{
    struct parts p;
    p.whole = data_message(&cx, "ssp-signed-assertion.xml").p;
    p.assertion = piece(&cx, p.whole, "<saml:Assertion ", "</saml:Assertion>");
    p.signature = piece(&cx, p.whole, "<ds:Signature ", "</ds:Signature>");
    p.bare = replaced(&cx, p.assertion, p.signature, "");
    p.evil = replaced(&cx, p.bare, "ID=\"_667", "ID=\"_evil667");
    p.evil = replaced(&cx, p.evil, "ga12abc<", "evil<");
    p.evil = replaced(&cx, p.evil, "7870bc86a7fc38db03f2fafd7b2b9cc60899b232", "evil");
    return p;
}

static const char *with(const struct parts *p, const char *assertion)
{
    return replaced(&cx, p->whole, p->assertion, assertion);
}

static const char *joined(const char *a, const char *b)
{
    return arena_printf(cx.arena, "%s%s", a, b);
}

static const char *inside(const char *outer, const char *before, const char *inner)
{
    return replaced(&cx, outer, before, joined(inner, before));
}

enum { WRAPPINGS = 14 };

/* The names of the forms are those of Somorovsky et al. 2012 and SAML Raider. */
static size_t make_wrappings(const struct parts *p, const char *names[WRAPPINGS],
                             const char *messages[WRAPPINGS])
{
    const char *close = "</saml:Assertion>", *response = "</samlp:Response>", *signature = "</ds:Signature>";
    const char *evil_signed = inside(p->evil, "<saml:Subject>", p->signature);
    const char *object = arena_printf(cx.arena, "<ds:Object>%s</ds:Object>", p->bare);
    const char *extensions = arena_printf(cx.arena, "<samlp:Extensions>%s</samlp:Extensions>", p->evil);
    const char *advice = arena_printf(cx.arena, "<saml:Advice>%s</saml:Advice>", p->evil);
    const char *elsewhere = arena_printf(cx.arena, "<z:Assertion xmlns:z=\"urn:z\">x</z:Assertion>");
    const char *bare_response = replaced(&cx, with(p, p->bare), "ID=\"_88", "ID=\"_evil88");
    const struct {
        const char *name, *message;
    } list[] = {
        {"XSW1", with(p, inside(p->evil, "<saml:Subject>", inside(p->signature, signature, bare_response)))},
        {"XSW2", inside(with(p, evil_signed), "<saml:Assertion ", bare_response)},
        {"XSW3", with(p, joined(p->evil, p->assertion))},
        {"XSW3 after", with(p, joined(p->assertion, p->evil))},
        {"XSW4", with(p, inside(p->evil, close, p->assertion))},
        {"XSW5", with(p, joined(evil_signed, p->bare))},
        {"XSW6", with(p, inside(evil_signed, signature, p->bare))},
        {"XSW7", inside(p->whole, "<samlp:Status>", extensions)},
        {"XSW8", with(p, inside(evil_signed, signature, object))},
        {"advice", with(p, inside(p->assertion, "<saml:AuthnStatement", advice))},
        {"another namespace", inside(p->whole, response, elsewhere)},
        {"evil in place, original in Extensions",
         inside(with(p, p->evil), "<samlp:Status>",
                arena_printf(cx.arena, "<samlp:Extensions>%s</samlp:Extensions>", p->assertion))},
        {"signature in Subject", with(p, inside(p->bare, "</saml:Subject>", p->signature))},
        {"second Response around",
         arena_printf(cx.arena,
                      "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
                      "ID=\"_o\">%s</samlp:Response>",
                      p->whole)},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        names[i] = list[i].name;
        messages[i] = list[i].message;
    }
    return sizeof list / sizeof *list;
}

static struct saml_expect genuine(void)
{
    const json_t *c;
    size_t i;
    json_array_foreach(read_cases(), i, c) if (strcmp(js_get_str(c, "name", ""), "ssp-signed-assertion") ==
                                               0) return expect_of(c);
    fail();
    return (struct saml_expect){NULL};
}

/* Every message with a signature of ssp-signed-assertion.xml in it: the kept attacks and the wrappings. */
static size_t all_attacks(const struct parts *p, const char *names[], const char *messages[], size_t max)
{
    size_t n = make_wrappings(p, names, messages), i;
    const json_t *c;
    json_array_foreach(read_cases(), i, c)
    {
        const char *file = js_get_str(c, "file", "?");
        if (strncmp(file, "xsw", 3) != 0 && strncmp(file, "sig-", 4) != 0 && strncmp(file, "two-", 4) != 0)
            continue;
        assert_true(n < max);
        names[n] = file;
        messages[n++] = data_message(&cx, file).p;
    }
    return n;
}

enum { MAX_ATTACKS = 40 };

/* The first layer by itself: no certificate is asked. */
static void test_shape_alone(void **state)
{
    (void)state;
    const char *names[MAX_ATTACKS], *messages[MAX_ATTACKS];
    struct parts p = take_parts();
    size_t n = all_attacks(&p, names, messages, MAX_ATTACKS), checked = 0;
    xmlDoc *doc = NULL;
    xmlNode *assertion;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(names[i], "sig-moved", 9) == 0 || strcmp(names[i], "two-references.xml") == 0)
            continue; /* right in shape: the reference is wrong */
        assert_int_equal(saml_parse(&cx, str_of(messages[i]), SAML_FROM_MESSAGE, &doc), SAML_ACCEPTED);
        if (saml_shape_response(&cx, doc, &assertion) == SAML_ACCEPTED)
            fail_msg("the shape of %s is accepted", names[i]);
        checked++;
    }
    assert_true(checked > WRAPPINGS + 5);
    assert_int_equal(saml_parse(&cx, str_of(p.whole), SAML_FROM_MESSAGE, &doc), SAML_ACCEPTED);
    assert_int_equal(saml_shape_response(&cx, doc, &assertion), SAML_ACCEPTED);
}

/* Verifies every signature of a message in place, whatever its shape; counts what is accepted, which must be
 * what the identity provider signed. */
static size_t verify_all(const struct saml_expect *e, const char *name, const char *message)
{
    size_t accepted = 0;
    for (size_t skip = 0;; skip++) {
        xmlDoc *doc = NULL, *octets = NULL;
        size_t seen = 0;
        const xmlNode *parent = NULL, *root;
        assert_int_equal(saml_parse(&cx, str_of(message), SAML_FROM_MESSAGE, &doc), SAML_ACCEPTED);
        root = xmlDocGetRootElement(doc);
        for (const xmlNode *at = root; at && !parent; at = saml_walk(root, at))
            if (saml_is(at, NS_SIGNATURE, "Signature") && seen++ == skip)
                parent = at->parent;
        if (!parent)
            return accepted;
        if (saml_signature_verify(&cx, (xmlNode *)(uintptr_t)parent, SAML_FROM_MESSAGE, e->certs, e->certs_n,
                                  &octets) != SAML_ACCEPTED)
            continue;
        accepted++;
        xmlBuffer *out = xmlBufferCreate();
        xmlNodeDump(out, octets, xmlDocGetRootElement(octets), 0, 0);
        const char *text = (const char *)xmlBufferContent(out);
        if (strstr(text, "evil") || !strstr(text, "7870bc86a7fc38db03f2fafd7b2b9cc60899b232") ||
            !strstr(text, ">ga12abc<"))
            fail_msg("%s: the octets of a signature say something else", name);
        xmlBufferFree(out);
    }
}

/* The second layer by itself: with the shape left unchecked, whatever verifies is the genuine assertion. */
static void test_octets_alone(void **state)
{
    (void)state;
    const char *names[MAX_ATTACKS], *messages[MAX_ATTACKS];
    struct parts p = take_parts();
    struct saml_expect e = genuine();
    size_t n = all_attacks(&p, names, messages, MAX_ATTACKS), accepted = 0;
    for (size_t i = 0; i < n; i++)
        accepted += verify_all(&e, names[i], messages[i]);
    assert_true(accepted >= 5); /* XSW3, XSW7 and others leave the genuine signature intact */
}

/* Both together: refused. */
static void test_wrappings(void **state)
{
    (void)state;
    const char *names[MAX_ATTACKS], *messages[MAX_ATTACKS];
    struct parts p = take_parts();
    struct saml_expect e = genuine();
    struct saml_identity id;
    enum saml_reason why;
    size_t n = make_wrappings(&p, names, messages);
    assert_int_equal(n, WRAPPINGS);
    for (size_t i = 0; i < n; i++) {
        if (saml_response_verify(&cx, &e, str_of(messages[i]), &id, &why) == RC_OK)
            fail_msg("%s is accepted", names[i]);
        if (why != SAML_ASSERTIONS && why != SAML_MESSAGE_TYPE && why != SAML_SIGNATURE_PLACE)
            fail_msg("%s is refused for %s", names[i], saml_reason_name(why));
    }
}

/* --- edits of one real response --- */

static const struct edit {
    const char *find, *replace;
    enum saml_reason why;
} edits[] = {
    {"<saml:Subject>", "<saml:Subject><!-- -->", SAML_FORBIDDEN_XML},
    {"<saml:Subject>", "<saml:Subject><?x y?>", SAML_FORBIDDEN_XML},
    {"<ds:DigestValue>3", "<ds:DigestValue><!-- -->3", SAML_FORBIDDEN_XML},
    {"<samlp:Status>", "<samlp:Status xml:id=\"_667ea9f2a60480fb84c65e8db8136d479361825023\">",
     SAML_FORBIDDEN_XML},
    {"<samlp:Status>", "<samlp:Status xmlns:z=\"a/b\">", SAML_FORBIDDEN_XML},
    {"<samlp:Status>", "<samlp:Status xmlns=\"\">", SAML_FORBIDDEN_XML},
    {"<samlp:Status>", "<samlp:Status ID=\"_667ea9f2a60480fb84c65e8db8136d479361825023\">", SAML_ID},
    {"<samlp:Status>", "<samlp:Status Id=\"_88a98c2cc74e7c54f98fcd8a303a32132fde62e075\">", SAML_ID},
    {" ID=\"_667", " saml:ID=\"_667", SAML_ID},
    {" ID=\"_667", " saml:ID=\"_x\" ID=\"_667", SAML_ID},
    {" ID=\"_88a98c2cc74e7c54f98fcd8a303a32132fde62e075\"", "", SAML_ID},
    {" ID=\"_88", " ID=\"88", SAML_ID},
    {" ID=\"_88", " ID=\"_'88", SAML_ID},
    {"</samlp:Response>", "</samlp:Response>x", SAML_NOT_XML},
    {"</samlp:Response>", "", SAML_NOT_XML},
    {"<samlp:Status>", "<q:x/><samlp:Status>", SAML_NOT_XML},
    {"<samlp:Status>", "<samlp:Status>&x;", SAML_NOT_XML},
    {"<samlp:Response", "<!DOCTYPE r [<!ENTITY % p SYSTEM \"file:///etc/passwd\">%p;]><samlp:Response",
     SAML_DOCTYPE},
    {"<samlp:Response", "<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED>]><samlp:Response",
     SAML_DOCTYPE},
    {"<samlp:Response", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><samlp:Response", SAML_NOT_XML},
    {"#rsa-sha256", "#rsa-sha1", SAML_ALGORITHM},
    {"xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256", SAML_ALGORITHM},
    {"xmlenc#sha256", "xmlenc#sha224", SAML_ALGORITHM},
    {"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", SAML_ALGORITHM},
    {"xml-exc-c14n#", "xml-exc-c14n#WithComments", SAML_ALGORITHM},
    {"<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
     "<ds:Transform "
     "Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>1</ds:XPath></ds:Transform>",
     SAML_ALGORITHM},
    {"<ds:Reference URI=\"#", "<ds:Reference URI=\"http://127.0.0.1:9/#", SAML_SIGNATURE_FORM},
    {"<ds:Reference URI=\"#_667ea9f2a60480fb84c65e8db8136d479361825023\"",
     "<ds:Reference URI=\"#xpointer(/)\"", SAML_SIGNATURE_FORM},
    {"<ds:Reference URI=\"#_667ea9f2a60480fb84c65e8db8136d479361825023\"", "<ds:Reference",
     SAML_SIGNATURE_FORM},
    {"<ds:SignedInfo>", "<ds:SignedInfo></ds:SignedInfo><ds:SignedInfo>", SAML_SIGNATURE_PLACE},
    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:RetrievalMethod URI=\"#x\"/>", SAML_SIGNATURE_FORM},
    {"<ds:SignatureValue>G", "<ds:SignatureValue>H", SAML_SIGNATURE},
    {"<ds:DigestValue>3", "<ds:DigestValue>4", SAML_SIGNATURE},
    {"<saml:Issuer>http://127.0.0.1:23010/idp", "<saml:Issuer>http://127.0.0.1:23030/idp", SAML_ISSUER},
    {"status:Success", "status:Requester", SAML_STATUS},
    {"Version=\"2.0\" IssueInstant", "Version=\"1.1\" IssueInstant", SAML_VERSION},
    {" Destination=\"http://127.0.0.1:23080/saml/acs\"", " Destination=\"http://127.0.0.1:23080/saml/acs/\"",
     SAML_DESTINATION},
    {"InResponseTo=\"_1e", "InResponseTo=\"_2e", SAML_IN_RESPONSE_TO},
    /* harmless: the Response is not signed, and what is not there cannot be wrong; KeyInfo is not used */
    {" Destination=\"http://127.0.0.1:23080/saml/acs\"", "", SAML_ACCEPTED},
    {"<samlp:Response", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><samlp:Response",
     SAML_ACCEPTED},
    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>", SAML_ACCEPTED},
};

static void test_edits(void **state)
{
    (void)state;
    const char *whole = data_message(&cx, "ssp-signed-assertion.xml").p;
    struct saml_expect e = genuine();
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct saml_identity id;
        enum saml_reason why;
        const char *text = replaced(&cx, whole, edits[i].find, edits[i].replace);
        (void)!saml_response_verify(&cx, &e, str_of(text), &id, &why);
        if (why != edits[i].why)
            fail_msg("edit %zu (%s): %s instead of %s", i, edits[i].replace, saml_reason_name(why),
                     saml_reason_name(edits[i].why));
    }
}

/* --- limits --- */

static const char *repeated(const char *text, size_t n)
{
    size_t length = strlen(text);
    char *out = arena_alloc(cx.arena, n * length + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * length, text, length);
    return out;
}

static enum saml_reason reason_of(struct str xml)
{
    struct saml_expect e = genuine();
    struct saml_identity id;
    enum saml_reason why;
    (void)!saml_response_verify(&cx, &e, xml, &id, &why);
    return why;
}

static void test_limits(void **state)
{
    (void)state;
    const char *whole = data_message(&cx, "ssp-signed-assertion.xml").p, *at = "<samlp:Status>";
    const char *nodes = replaced(&cx, whole, at, joined(repeated("<samlp:x/>", SAML_MAX_NODES), at));
    const char *deep = joined(repeated("<a>", SAML_MAX_DEPTH + 1), repeated("</a>", SAML_MAX_DEPTH + 1));
    const char *abyss = repeated("<a>", 60000);
    const char *large = joined(whole, repeated(" ", SAML_MAX_MESSAGE));
    static const char utf16[] = "\xff\xfe<\0a\0/\0>\0", latin[] = "<a>\xfc</a>";
    assert_int_equal(reason_of(str_of(nodes)), SAML_TOO_BIG);
    assert_int_equal(reason_of(str_of(deep)), SAML_TOO_BIG);
    assert_int_equal(reason_of(str_of(abyss)), SAML_TOO_BIG);
    assert_int_equal(reason_of(str_of(large)), SAML_TOO_BIG);
    assert_int_equal(reason_of((struct str){utf16, sizeof utf16}), SAML_NOT_XML);
    assert_int_equal(reason_of(str_of(latin)), SAML_NOT_XML);
    assert_int_equal(reason_of(str_of("")), SAML_NOT_XML);
    assert_int_equal(reason_of(str_of("{\"a\":1}")), SAML_NOT_XML);
    assert_int_equal(reason_of(str_of("<a/>")), SAML_MESSAGE_TYPE);
}

static void test_post_field(void **state)
{
    (void)state;
    struct str xml = data_message(&cx, "ssp-signed-assertion.xml"), got;
    enum saml_reason why;
    const char *field = str_b64(cx.arena, xml.p, xml.n);
    const char *lines = arena_printf(cx.arena, "%.76s\r\n%s\n", field, field + 76);
    assert_ok(saml_post_decode(&cx, str_of(lines), &got, &why));
    assert_int_equal(got.n, xml.n);
    assert_memory_equal(got.p, xml.p, xml.n);
    assert_rc(saml_post_decode(&cx, str_of("<xml>"), &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_ENCODING);
    assert_rc(saml_post_decode(&cx, str_of(""), &got, &why), RC_DENIED);
    assert_rc(saml_post_decode(&cx, str_of(repeated("AAAA", SAML_MAX_MESSAGE / 2)), &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),       cmocka_unit_test(test_several_keys),
        cmocka_unit_test(test_shape_alone), cmocka_unit_test(test_octets_alone),
        cmocka_unit_test(test_wrappings),   cmocka_unit_test(test_edits),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_post_field),
    };
    return cmocka_run_group_tests(tests, start, end);
}
