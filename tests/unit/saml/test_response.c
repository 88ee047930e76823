/* Responses made and signed here: each rule of [Core] and [Prof] broken by itself, with a signature that is
 * right, so that nothing else can be the reason. */
#include "tests/unit/saml/encrypt.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/saml/decrypt.h"
#include "lib/saml/message.h"
#include "lib/saml/shape.h"

static bool seen[SAML_REASON_COUNT]; /* what some row was refused for */

static const char base[] =
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\""
    " ID=\"_r\" Version=\"2.0\" IssueInstant=\"2026-11-22T13:48:01Z\" "
    "Destination=\"https://lectern.test/saml/acs\""
    " InResponseTo=\"_q\"><saml:Issuer>https://idp.test/idp</saml:Issuer>"
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
    "<saml:Assertion ID=\"_a\" Version=\"2.0\" IssueInstant=\"2026-11-22T13:48:01.1234567Z\">"
    "<saml:Issuer>https://idp.test/idp</saml:Issuer>"
    "<saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" "
    "NameQualifier=\"nq\""
    " SPNameQualifier=\"spq\">p-1</saml:NameID>"
    "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData"
    " NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient=\"https://lectern.test/saml/acs\" InResponseTo=\"_q\"/>"
    "</saml:SubjectConfirmation></saml:Subject>"
    "<saml:Conditions NotBefore=\"2026-11-22T13:47:31Z\" NotOnOrAfter=\"2026-11-22T13:53:01Z\">"
    "<saml:AudienceRestriction><saml:Audience>https://lectern.test/saml</saml:Audience></"
    "saml:AudienceRestriction>"
    "</saml:Conditions>"
    "<saml:AuthnStatement AuthnInstant=\"2026-11-22T13:48:00Z\" SessionNotOnOrAfter=\"2026-11-22T21:48:01Z\""
    " SessionIndex=\"_s\"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:"
    "classes:Password"
    "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
    "<saml:AttributeStatement><saml:Attribute Name=\"urn:oid:1\" FriendlyName=\"urn:oid:2\">"
    "<saml:AttributeValue>one</saml:AttributeValue><saml:AttributeValue>M\xc3\xbcller &amp; "
    "S\xc3\xb6hne</saml:AttributeValue>"
    "</saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>";

#define NOW "2026-11-22T13:48:05Z"

static int64_t at(const char *iso)
{
    int64_t ms = 0;
    assert_true(clock_parse_iso(iso, &ms));
    return ms;
}

static struct saml_expect expect_at(const char *now)
{
    struct saml_expect e = {.idp = "https://idp.test/idp",
                            .sp = "https://lectern.test/saml",
                            .url = "https://lectern.test/saml/acs",
                            .request = "_q",
                            .certs = saml_key_cert(key),
                            .certs_n = 1,
                            .keys = (const struct saml_key *const *)&key,
                            .keys_n = 1,
                            .now = at(now)};
    return e;
}

/* The text signed over its root, as the identity provider would. */
static struct str signed_text(const char *text)
{
    const char *field = NULL;
    struct str xml;
    enum saml_reason why;
    assert_ok(saml_post_field(&cx, key, str_of(text), &field));
    assert_ok(saml_post_decode(&cx, str_of(field), &xml, &why));
    return xml;
}

static enum saml_reason verify(const char *text, const char *now, struct saml_identity *id)
{
    struct saml_expect e = expect_at(now);
    enum saml_reason why;
    enum rc rc = saml_response_verify(&cx, &e, signed_text(text), id, &why);
    assert_int_equal(rc, why == SAML_ACCEPTED ? RC_OK : RC_DENIED);
    seen[why] = true;
    return why;
}

static void test_identity(void **state)
{
    (void)state;
    struct saml_identity id;
    assert_int_equal(verify(base, NOW, &id), SAML_ACCEPTED);
    assert_string_equal(id.name.text, "p-1");
    assert_string_equal(id.name.format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
    assert_string_equal(id.name.name_qualifier, "nq");
    assert_string_equal(id.name.sp_name_qualifier, "spq");
    assert_null(id.name.sp_provided);
    assert_string_equal(id.session_index, "_s");
    assert_string_equal(id.context, "urn:oasis:names:tc:SAML:2.0:ac:classes:Password");
    assert_string_equal(id.assertion, "_a");
    assert_true(id.session_end == at("2026-11-22T21:48:01Z"));
    assert_true(id.authenticated == at("2026-11-22T13:48:00Z"));
    assert_true(id.used_until == at("2026-11-22T13:56:01Z"));
    assert_int_equal(id.attributes_n, 1);
    const struct saml_attribute *a = saml_attribute_find(&id, "urn:oid:1");
    assert_non_null(a);
    assert_int_equal(a->n, 2);
    assert_string_equal(a->values[0], "one");
    assert_string_equal(a->values[1], "M\xc3\xbcller & S\xc3\xb6hne");
    assert_null(saml_attribute_find(&id, "urn:oid:2")); /* FriendlyName is no name */
}

#define CONFIRMATION "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">"

/* What an identity provider could sign. */
static const struct row {
    const char *find, *replace;
    enum saml_reason why;
} rows[] = {
    {"Version=\"2.0\" IssueInstant=\"2026-11-22T13:48:01.",
     "Version=\"1.1\" IssueInstant=\"2026-11-22T13:48:01.", SAML_VERSION},
    {"ID=\"_r\" Version=\"2.0\"", "ID=\"_r\" Version=\"2\"", SAML_VERSION},
    {"<saml:Issuer>https://idp.test/idp</saml:Issuer><samlp:Status>",
     "<saml:Issuer>https://idp.test/IDP</saml:Issuer><samlp:Status>", SAML_ISSUER},
    {"<saml:Issuer>https://idp.test/idp</saml:Issuer><saml:Subject>",
     "<saml:Issuer>https://other.test/idp</saml:Issuer><saml:Subject>", SAML_ISSUER},
    {"<saml:Issuer>https://idp.test/idp</saml:Issuer><saml:Subject>", "<saml:Subject>", SAML_ISSUER},
    {"<saml:Issuer>https://idp.test/idp</saml:Issuer><saml:Subject>",
     "<saml:Issuer "
     "Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:transient\">https://idp.test/idp</"
     "saml:Issuer><saml:Subject>",
     SAML_ISSUER},
    {" Destination=\"https://lectern.test/saml/acs\"", "", SAML_DESTINATION},
    {" Destination=\"https://lectern.test/saml/acs\"", " Destination=\"https://lectern.test/saml/slo\"",
     SAML_DESTINATION},
    {" InResponseTo=\"_q\"><saml:Issuer>", "><saml:Issuer>", SAML_IN_RESPONSE_TO},
    {" InResponseTo=\"_q\"/>", " InResponseTo=\"_p\"/>", SAML_IN_RESPONSE_TO},
    {" InResponseTo=\"_q\"/>", "/>", SAML_IN_RESPONSE_TO},
    {"status:Success", "status:Responder", SAML_STATUS},
    {"<samlp:Status>", "<samlp:Status><samlp:StatusCode Value=\"x\"/>", SAML_STATUS},
    {"<saml:Subject>", "<saml:Subject/><saml:Subject>", SAML_ASSERTION_FORM},
    {"p-1</saml:NameID>", "</saml:NameID>", SAML_ASSERTION_FORM},
    {"p-1</saml:NameID>", "p<saml:x/>-1</saml:NameID>", SAML_ASSERTION_FORM},
    {"</saml:NameID>", "</saml:NameID><saml:NameID>x</saml:NameID>", SAML_ASSERTION_FORM},
    {"cm:bearer", "cm:holder-of-key", SAML_CONFIRMATION},
    {"Recipient=\"https://lectern.test/saml/acs\"", "Recipient=\"https://lectern.test/saml\"",
     SAML_CONFIRMATION},
    {"Recipient=\"https://lectern.test/saml/acs\"", "", SAML_CONFIRMATION},
    {" NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient", " Recipient", SAML_CONFIRMATION},
    {" NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient",
     " NotBefore=\"2026-11-22T13:00:00Z\" NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient",
     SAML_CONFIRMATION},
    {" NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient", " NotOnOrAfter=\"2026-11-22T13:45:05Z\" Recipient",
     SAML_EXPIRED},
    {" NotOnOrAfter=\"2026-11-22T13:53:01Z\" Recipient",
     " NotOnOrAfter=\"2026-11-22T13:53:01+01:00\" Recipient", SAML_ASSERTION_FORM},
    {"<saml:Conditions", "<saml:Conditions/><saml:Conditions", SAML_ASSERTION_FORM},
    {"<saml:AudienceRestriction><saml:Audience>https://lectern.test/saml</saml:Audience></"
     "saml:AudienceRestriction>",
     "", SAML_AUDIENCE},
    {"<saml:Audience>https://lectern.test/saml</saml:Audience>", "", SAML_AUDIENCE},
    {"<saml:Audience>https://lectern.test/saml", "<saml:Audience>https://lectern.test/other", SAML_AUDIENCE},
    {"</saml:AudienceRestriction>",
     "</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>x</saml:Audience></"
     "saml:AudienceRestriction>",
     SAML_AUDIENCE},
    {"</saml:Conditions>", "<saml:OnlyOnSundays/></saml:Conditions>", SAML_CONDITION},
    {"<saml:Conditions NotBefore=\"2026-11-22T13:47:31Z\"",
     "<saml:Conditions NotBefore=\"2026-11-22T13:51:06Z\"", SAML_NOT_YET},
    {"IssueInstant=\"2026-11-22T13:48:01.1234567Z\"", "IssueInstant=\"2026-11-22T13:51:06Z\"", SAML_NOT_YET},
    {"IssueInstant=\"2026-11-22T13:48:01.1234567Z\"", "IssueInstant=\"2026-11-22T12:48:04Z\"", SAML_EXPIRED},
    {"IssueInstant=\"2026-11-22T13:48:01.1234567Z\"", "IssueInstant=\"yesterday\"", SAML_ASSERTION_FORM},
    {"NotOnOrAfter=\"2026-11-22T13:53:01Z\"><saml:Aud", "NotOnOrAfter=\"2026-11-22T13:45:05Z\"><saml:Aud",
     SAML_EXPIRED},
    {"SessionNotOnOrAfter=\"2026-11-22T21:48:01Z\"", "SessionNotOnOrAfter=\"2026-11-22T13:45:05Z\"",
     SAML_SESSION_ENDED},
    {"AuthnInstant=\"2026-11-22T13:48:00Z\"", "", SAML_ASSERTION_FORM},
    {"<saml:Attribute Name=\"urn:oid:1\"", "<saml:Attribute", SAML_ASSERTION_FORM},
    /* what is allowed */
    {" IssueInstant=\"2026-11-22T13:48:01Z\"", " Consent=\"x\" IssueInstant=\"2026-11-22T13:48:01Z\"",
     SAML_ACCEPTED},
    {CONFIRMATION,
     "<saml:SubjectConfirmation Method=\"urn:x\"/>" CONFIRMATION "</saml:SubjectConfirmation>" CONFIRMATION,
     SAML_ACCEPTED},
    {"<saml:Audience>https://lectern.test/saml",
     "<saml:Audience>x</saml:Audience><saml:Audience> https://lectern.test/saml\n", SAML_ACCEPTED},
    {"</saml:Conditions>", "<saml:OneTimeUse/><saml:ProxyRestriction/></saml:Conditions>", SAML_ACCEPTED},
    {" SessionNotOnOrAfter=\"2026-11-22T21:48:01Z\"", "", SAML_ACCEPTED},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct saml_identity id;
        enum saml_reason why = verify(replaced(&cx, base, rows[i].find, rows[i].replace), NOW, &id);
        if (why != rows[i].why)
            fail_msg("row %zu (%s): %s instead of %s: %s", i, rows[i].replace, saml_reason_name(why),
                     saml_reason_name(rows[i].why), cx.err.detail);
    }
}

/* Three minutes in both directions, to the second. */
static void test_clocks(void **state)
{
    (void)state;
    struct saml_identity id;
    const char *early =
        replaced(&cx, base, "NotBefore=\"2026-11-22T13:47:31Z\"", "NotBefore=\"2026-11-22T13:48:01Z\"");
    assert_int_equal(verify(early, "2026-11-22T13:45:01Z", &id), SAML_ACCEPTED);
    assert_int_equal(verify(early, "2026-11-22T13:45:00Z", &id), SAML_NOT_YET);
    assert_int_equal(verify(base, "2026-11-22T13:56:00Z", &id), SAML_ACCEPTED);
    assert_int_equal(verify(base, "2026-11-22T13:56:01Z", &id), SAML_EXPIRED);
    assert_int_equal(verify(base, "2026-11-22T13:58:01Z", &id), SAML_EXPIRED); /* ten minutes late */
    assert_int_equal(verify(base, "2026-11-22T13:38:01Z", &id), SAML_NOT_YET); /* ten minutes early */
    /* an assertion that says it is good for a year is believed for an hour */
    const char *year = replaced(&cx, base, "NotOnOrAfter=\"2026-11-22T13:53:01Z\" Rec",
                                "NotOnOrAfter=\"2027-11-22T13:53:01Z\" Rec");
    year =
        replaced(&cx, year, "NotOnOrAfter=\"2026-11-22T13:53:01Z\"", "NotOnOrAfter=\"2027-11-22T13:53:01Z\"");
    assert_int_equal(verify(year, NOW, &id), SAML_ACCEPTED);
    assert_true(id.used_until == at("2026-11-22T14:48:01Z"));
    assert_int_equal(verify(year, "2026-11-22T14:48:02Z", &id), SAML_EXPIRED);
}

static void test_attributes(void **state)
{
    (void)state;
    struct saml_identity id;
    const char *more = "</saml:Attribute><saml:Attribute "
                       "Name=\"urn:oid:10\"><saml:AttributeValue><saml:NameID>targeted</saml:NameID>"
                       "</saml:AttributeValue><saml:AttributeValue/><saml:AttributeValue><x>y</x></"
                       "saml:AttributeValue></saml:Attribute>"
                       "<saml:Attribute "
                       "Name=\"urn:oid:1\"><saml:AttributeValue>three</saml:AttributeValue></saml:Attribute>";
    assert_int_equal(verify(replaced(&cx, base, "</saml:Attribute>", more), NOW, &id), SAML_ACCEPTED);
    assert_int_equal(id.attributes_n, 2);
    assert_int_equal(saml_attribute_find(&id, "urn:oid:1")->n, 3);
    assert_string_equal(saml_attribute_find(&id, "urn:oid:1")->values[2], "three");
    assert_int_equal(saml_attribute_find(&id, "urn:oid:10")->n, 1);
    assert_string_equal(saml_attribute_find(&id, "urn:oid:10")->values[0], "targeted");

    char *photo = arena_alloc(cx.arena, 20001);
    memset(photo, 'A', 20000);
    const char *value =
        arena_printf(cx.arena, "<saml:AttributeValue>%s</saml:AttributeValue></saml:Attribute>", photo);
    assert_int_equal(verify(replaced(&cx, base, "</saml:Attribute>", value), NOW, &id), SAML_ACCEPTED);
    assert_int_equal(id.attributes[0].n, 2); /* too long: left out */

    const char *without = replaced(&cx, base, piece(&cx, base, "<saml:NameID", "</saml:NameID>"), "");
    assert_int_equal(verify(without, NOW, &id), SAML_ACCEPTED);
    assert_null(id.name.text);

    struct buf many;
    buf_init(&many, 100000);
    for (int i = 0; i <= SAML_MAX_ATTRIBUTES; i++)
        buf_printf(&many, "<saml:Attribute Name=\"urn:x:%d\"/>", i);
    buf_str(&many, "</saml:AttributeStatement>");
    assert_int_equal(verify(replaced(&cx, base, "</saml:AttributeStatement>", many.p), NOW, &id),
                     SAML_TOO_BIG);
    buf_clear(&many);
    for (int i = 0; i < SAML_MAX_VALUES; i++)
        buf_str(&many, "<saml:AttributeValue>v</saml:AttributeValue>");
    buf_str(&many, "</saml:Attribute>");
    assert_int_equal(verify(replaced(&cx, base, "</saml:Attribute>", many.p), NOW, &id), SAML_TOO_BIG);
    buf_fini(&many);
}

/* A failure of the identity provider has no assertion; its reason is the status. */
static void test_no_assertion(void **state)
{
    (void)state;
    struct saml_identity id;
    const char *none = replaced(&cx, base, piece(&cx, base, "<saml:Assertion", "</saml:Assertion>"), "");
    assert_int_equal(verify(none, NOW, &id), SAML_ASSERTIONS);
    const char *failed = replaced(
        &cx, none, "status:Success\"/>",
        "status:Responder\"><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/>"
        "</samlp:StatusCode><samlp:StatusMessage>no\nway</samlp:StatusMessage>");
    assert_int_equal(verify(failed, NOW, &id), SAML_STATUS);
    assert_non_null(strstr(cx.err.detail, "AuthnFailed"));
    assert_non_null(strstr(cx.err.detail, "no"));
}

/* Somebody else's signature, with the key that made it in KeyInfo: KeyInfo is not asked. */
static void test_foreign_key(void **state)
{
    (void)state;
    struct saml_key *theirs;
    struct saml_expect e = expect_at(NOW);
    struct saml_identity id;
    enum saml_reason why;
    const char *field = NULL;
    struct str xml;
    assert_ok(saml_key_generate(&cx, "attacker.test", at(NOW), 1, &theirs));
    assert_ok(saml_post_field(&cx, theirs, str_of(base), &field));
    assert_ok(saml_post_decode(&cx, str_of(field), &xml, &why));
    const struct saml_cert *cert = saml_key_cert(theirs);
    const char *info = arena_printf(
        cx.arena, "<KeyInfo><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></Signature>",
        str_b64(cx.arena, cert->der.p, cert->der.n));
    const char *with_key = replaced(&cx, xml.p, "</Signature>", info);
    assert_rc(saml_response_verify(&cx, &e, xml, &id, &why), RC_DENIED);
    assert_int_equal(why, SAML_SIGNATURE);
    assert_rc(saml_response_verify(&cx, &e, str_of(with_key), &id, &why), RC_DENIED);
    assert_int_equal(why, SAML_SIGNATURE);
    e.certs = cert; /* it is a good signature, by that key */
    assert_ok(saml_response_verify(&cx, &e, str_of(with_key), &id, &why));
    saml_key_free(theirs);
}

/* --- encryption: edits of a real response, whose signature is inside --- */

#define KEY_INFO "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"

static const struct row encrypted_rows[] = {
    {"xmlenc11#aes256-gcm", "xmlenc11#aes512-gcm", SAML_ENCRYPTION_ALGORITHM},
    {"http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
     SAML_ENCRYPTION_ALGORITHM},
    {"xmlenc#rsa-oaep-mgf1p", "xmlenc#rsa-1_5", SAML_ENCRYPTION_ALGORITHM},
    {"xmldsig#sha1", "xmldsig#sha2", SAML_ENCRYPTION_ALGORITHM},
    {"http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc", SAML_CBC},
    {"http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm",
     SAML_DECRYPTION},
    {"<e:CipherValue>kqPP", "<e:CipherValue>kqPQ", SAML_DECRYPTION},
    {"<xenc:CipherValue>pQsH", "<xenc:CipherValue>pQsI", SAML_DECRYPTION},
    {"<xenc:CipherValue>pQsH", "<xenc:CipherValue>pQsHAAAA", SAML_DECRYPTION},
    {"<xenc:CipherData>", "<xenc:CipherData><xenc:CipherReference URI=\"http://127.0.0.1:9/c\"/>",
     SAML_ENCRYPTION_FORM},
    {"<e:CipherData>", "<e:CipherData><e:CipherReference URI=\"file:///etc/passwd\"/>", SAML_ENCRYPTION_FORM},
    {KEY_INFO, KEY_INFO "<RetrievalMethod URI=\"http://127.0.0.1:9/k\"/>", SAML_ENCRYPTION_FORM},
    {"</saml:EncryptedAssertion>",
     "<e:EncryptedKey xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"/></saml:EncryptedAssertion>",
     SAML_ENCRYPTION_FORM},
    {"<saml:EncryptedAssertion",
     "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" "
     "ID=\"_x\"/><saml:EncryptedAssertion",
     SAML_ASSERTIONS},
};

static struct saml_expect expect_encrypted(void)
{
    struct saml_expect e = expect_at("2026-11-22T13:56:13Z");
    e.idp = "http://127.0.0.1:23030/idp";
    e.sp = "http://127.0.0.1:23080/saml/sp-gcm";
    e.url = "http://127.0.0.1:23080/saml/acs";
    e.request = "_1b5b6bd5960ceaa561ea0bf5e8d17c1206062016";
    data_certs(&cx, "peer2.crt", &e);
    return e;
}

static enum saml_reason verify_encrypted(const struct saml_expect *e, const char *text)
{
    struct saml_identity id;
    enum saml_reason why;
    enum rc rc = saml_response_verify(&cx, e, str_of(text), &id, &why);
    assert_int_equal(rc, why == SAML_ACCEPTED ? RC_OK : RC_DENIED);
    seen[why] = true;
    return why;
}

static void test_encrypted(void **state)
{
    (void)state;
    const char *text = data_message(&cx, "samlp-gcm.xml").p;
    struct saml_expect e = expect_encrypted();
    assert_int_equal(verify_encrypted(&e, text), SAML_ACCEPTED);
    for (size_t i = 0; i < sizeof encrypted_rows / sizeof *encrypted_rows; i++) {
        const struct row *r = &encrypted_rows[i];
        enum saml_reason why = verify_encrypted(&e, replaced(&cx, text, r->find, r->replace));
        if (why != r->why)
            fail_msg("row %zu (%s): %s instead of %s", i, r->replace, saml_reason_name(why),
                     saml_reason_name(r->why));
    }
}

/* While one key of ours takes over from the other, each is tried; without keys nothing opens. */
static void test_two_keys(void **state)
{
    (void)state;
    struct saml_key *other;
    const char *text = data_message(&cx, "samlp-gcm.xml").p;
    struct saml_expect e = expect_encrypted();
    assert_ok(saml_key_generate(&cx, "lectern.test", at(NOW), 1, &other));
    const struct saml_key *both[] = {other, key};
    e.keys = both;
    e.keys_n = 2;
    assert_int_equal(verify_encrypted(&e, text), SAML_ACCEPTED);
    e.keys_n = 1;
    assert_int_equal(verify_encrypted(&e, text), SAML_DECRYPTION);
    e.keys_n = 0;
    assert_int_equal(verify_encrypted(&e, text), SAML_DECRYPTION);
    saml_key_free(other);
}

/* The encrypted key may lie beside EncryptedData, which then refers to it (OpenSAML's "peer" placement). */
static void test_key_beside(void **state)
{
    (void)state;
    const char *text = data_message(&cx, "samlp-gcm.xml").p;
    const char *k = piece(&cx, text, "<e:EncryptedKey", "</e:EncryptedKey>");
    const char *id = replaced(&cx, k, "<e:EncryptedKey", "<e:EncryptedKey Id=\"_k\"");
    const char *to = "<RetrievalMethod Type=\"http://www.w3.org/2001/04/xmlenc#EncryptedKey\" URI=\"#_k\"/>";
    const char *end_tag = "</saml:EncryptedAssertion>";
    struct saml_expect e = expect_encrypted();
    const char *beside =
        replaced(&cx, replaced(&cx, text, k, to), end_tag, arena_printf(cx.arena, "%s%s", id, end_tag));
    /* KeyInfo inside took the namespace of the KeyInfo around it */
    beside = replaced(&cx, beside, "<KeyInfo><X509Data>",
                      "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>");
    beside = replaced(&cx, beside, "<DigestMethod ",
                      "<DigestMethod xmlns=\"http://www.w3.org/2000/09/xmldsig#\" ");
    assert_int_equal(verify_encrypted(&e, beside), SAML_ACCEPTED);
    assert_int_equal(verify_encrypted(&e, replaced(&cx, beside, "URI=\"#_k\"", "URI=\"#_j\"")),
                     SAML_ENCRYPTION_FORM);
}

/* The name alone may be encrypted; then it is the only one. */
static void test_encrypted_id(void **state)
{
    (void)state;
    struct saml_identity id;
    const char *plain = piece(&cx, base, "<saml:NameID", "</saml:NameID>"),
               *secret = encrypted_id(key, PLAIN_NAMEID("p-2")),
               *other =
                   encrypted_id(key, "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>"),
               *two = arena_printf(cx.arena, "%s%s", plain, secret),
               *twice = arena_printf(cx.arena, "%s%s", secret, secret);
    assert_int_equal(verify(replaced(&cx, base, plain, secret), NOW, &id), SAML_ACCEPTED);
    assert_string_equal(id.name.text, "p-2");
    assert_string_equal(id.name.format, "f");
    assert_int_equal(verify(replaced(&cx, base, plain, two), NOW, &id), SAML_ASSERTION_FORM);
    assert_int_equal(verify(replaced(&cx, base, plain, twice), NOW, &id), SAML_ASSERTION_FORM);
    assert_int_equal(verify(replaced(&cx, base, plain, other), NOW, &id), SAML_ASSERTION_FORM);
    const char *torn = replaced(&cx, secret, "</e:CipherValue></e:CipherData></e:EncryptedData>",
                                "AAAA</e:CipherValue></e:CipherData></e:EncryptedData>");
    assert_int_equal(verify(replaced(&cx, base, plain, torn), NOW, &id), SAML_DECRYPTION);
    struct saml_key *stranger;
    assert_ok(saml_key_generate(&cx, "other.test", at(NOW), 1, &stranger));
    const char *foreign = encrypted_id(stranger, PLAIN_NAMEID("p-2"));
    assert_int_equal(verify(replaced(&cx, base, plain, foreign), NOW, &id), SAML_DECRYPTION);
    saml_key_free(stranger);
}

/* The manual page has the table of reasons.def: ".B word" and the meaning below it. */
static void check_page(const char *page, enum saml_reason why)
{
    struct buf row;
    buf_init(&row, DATA_MAX);
    buf_str(&row, "\n.B ");
    for (const char *p = saml_reason_name(why); *p; p++)
        buf_printf(&row, "%s%c", *p == '-' ? "\\" : "", *p);
    buf_str(&row, "\n");
    for (const char *p = saml_reason_meaning(why); *p; p++)
        buf_printf(&row, "%s%c", *p == '-' ? "\\" : "", *p);
    buf_str(&row, "\n");
    if (!strstr(page, row.p))
        fail_msg("doc/lecternctl.1 has no row%s", row.p);
    buf_fini(&row);
}

/* The rest of the reasons that a Response can have is in test_cases.c; these are for logout, metadata and
 * fields. */
static void test_every_reason(void **state)
{
    (void)state;
    static const enum saml_reason elsewhere[] = {
        SAML_ENCODING,        SAML_NOT_XML, SAML_DOCTYPE,  SAML_FORBIDDEN_XML,  SAML_MESSAGE_TYPE,
        SAML_SIGNATURE_PLACE, SAML_ID,      SAML_UNSIGNED, SAML_SIGNATURE_FORM, SAML_ALGORITHM,
        SAML_SIGNATURE,       SAML_ENTITY,  SAML_ENDPOINT, SAML_CERTIFICATE,
    };
    struct str page;
    assert_ok(file_read(&cx, TEST_SRCDIR "/doc/lecternctl.1", DATA_MAX, &page));
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        seen[elsewhere[i]] = true;
    for (int why = 0; why < SAML_REASON_COUNT; why++) {
        assert_non_null(saml_reason_name((enum saml_reason)why));
        assert_non_null(saml_reason_meaning((enum saml_reason)why));
        if (!seen[why])
            fail_msg("no row is refused for %s", saml_reason_name((enum saml_reason)why));
        if (why != SAML_ACCEPTED)
            check_page(page.p, (enum saml_reason)why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),     cmocka_unit_test(test_rows),
        cmocka_unit_test(test_clocks),       cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_no_assertion), cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_two_keys),     cmocka_unit_test(test_key_beside),
        cmocka_unit_test(test_encrypted_id), cmocka_unit_test(test_foreign_key),
        cmocka_unit_test(test_every_reason),
    };
    return cmocka_run_group_tests(tests, start, end);
}
