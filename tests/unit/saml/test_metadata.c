/* Metadata: that of two identity providers as they publish it, documents made here with each rule broken, a
 * signed federation, and ours. */
#include "tests/unit/saml/saml_data.h"

#include <libxml/parser.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/saml/metadata.h"
#include "lib/saml/signature.h"

static const int64_t now = INT64_C(1795355281000); /* 2026-11-22T13:48:01Z */

static enum saml_reason read_text(const char *text, const char *entity, struct saml_idp *idp)
{
    enum saml_reason why;
    enum rc rc = saml_idp_metadata(&cx, str_of(text), entity, NULL, 0, now, idp, &why);
    assert_int_equal(rc, why == SAML_ACCEPTED ? RC_OK : RC_DENIED);
    return why;
}

/* --- as published --- */

static void test_simplesamlphp(void **state)
{
    (void)state;
    struct saml_idp idp;
    struct saml_expect e = {.certs = NULL};
    data_certs(&cx, "idp.crt", &e);
    assert_int_equal(read_text(data_corpus(&cx, "saml_metadata/idp-metadata.xml").p, NULL, &idp),
                     SAML_ACCEPTED);
    assert_string_equal(idp.entity, "http://127.0.0.1:23010/idp");
    assert_int_equal(idp.certs_n, 2); /* the next one, and the one that signs */
    assert_string_equal(idp.certs[0].subject, "CN = idp-next.test");
    assert_string_equal(idp.certs[1].subject, "CN = idp.test");
    assert_string_equal(idp.certs[1].fingerprint, e.certs[0].fingerprint);
    assert_true(idp.certs[1].ends > now);
    assert_string_equal(idp.sso.redirect, "http://127.0.0.1:23010/simplesaml/saml2/idp/SSOService.php");
    assert_string_equal(idp.sso.post, "http://127.0.0.1:23010/simplesaml/saml2/idp/SSOService.php");
    assert_string_equal(idp.slo.redirect,
                        "http://127.0.0.1:23010/simplesaml/saml2/idp/SingleLogoutService.php");
    assert_string_equal(idp.slo.redirect_answer, idp.slo.redirect);
    assert_int_equal(idp.scopes_n, 0);
    assert_true(idp.valid_until == NO_TIME);
    assert_true(idp.cache_ms == -1);

    /* and what it signed is verified with what it published */
    struct saml_identity id;
    enum saml_reason why;
    e = (struct saml_expect){.idp = idp.entity,
                             .certs = idp.certs,
                             .certs_n = idp.certs_n,
                             .sp = "http://127.0.0.1:23080/saml/sp-assertion",
                             .url = "http://127.0.0.1:23080/saml/acs",
                             .request = "_1e5699f843302e32a45d1b773aa9dd0a248eace0",
                             .now = now};
    assert_ok(saml_response_verify(&cx, &e, data_message(&cx, "ssp-signed-assertion.xml"), &id, &why));
}

static void test_samlp(void **state)
{
    (void)state;
    struct saml_idp idp;
    assert_int_equal(read_text(data_corpus(&cx, "saml_metadata/samlp-idp-metadata.xml").p,
                               "http://127.0.0.1:23030/idp", &idp),
                     SAML_ACCEPTED);
    assert_int_equal(idp.certs_n, 1);
    assert_string_equal(idp.sso.redirect, "http://127.0.0.1:23030/sso");
    assert_null(idp.slo.redirect);
    assert_int_equal(read_text(data_corpus(&cx, "saml_metadata/samlp-idp-metadata.xml").p,
                               "http://127.0.0.1:23010/idp", &idp),
                     SAML_ENTITY);
}

/* --- made here --- */

static const char *certificate(void)
{
    const struct saml_cert *cert = saml_key_cert(key);
    return str_b64(cx.arena, cert->der.p, cert->der.n);
}

static const char *provider(const char *entity)
{
    return arena_printf(
        cx.arena,
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" "
        "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
        " xmlns:shibmd=\"urn:mace:shibboleth:metadata:1.0\" "
        "xmlns:mdui=\"urn:oasis:names:tc:SAML:metadata:ui\""
        " entityID=\"%s\" validUntil=\"2026-12-01T00:00:00Z\" cacheDuration=\"P1DT2H3M4.5S\"><!-- a comment "
        "-->"
        "<md:Extensions><shibmd:Scope regexp=\"false\">uni.test</shibmd:Scope></md:Extensions>"
        "<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
        "cacheDuration=\"PT12H\"><md:Extensions>"
        "<shibmd:Scope>Med.uni.test</shibmd:Scope><shibmd:Scope "
        "regexp=\"true\">.*</shibmd:Scope><mdui:UIInfo>"
        "<mdui:DisplayName xml:lang=\"en\">Test University</mdui:DisplayName><mdui:DisplayName "
        "xml:lang=\"de-AT\">Universit\xc3\xa4t"
        "</mdui:DisplayName></mdui:UIInfo></md:Extensions>"
        "<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></"
        "ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" "
        "Location=\"https://idp.test/slo\" ResponseLocation=\"https://idp.test/slo/done\"/>"
        "<md:SingleSignOnService Binding=\"urn:mace:shibboleth:1.0:profiles:AuthnRequest\" Location=\"x\"/>"
        "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" "
        "Location=\"https://idp.test/sso?x=1\"/>"
        "</md:IDPSSODescriptor></md:EntityDescriptor>",
        entity, certificate());
}

static void test_made(void **state)
{
    (void)state;
    struct saml_idp idp;
    int64_t until;
    assert_int_equal(read_text(provider("https://idp.test/idp"), NULL, &idp), SAML_ACCEPTED);
    assert_true(clock_parse_iso("2026-12-01T00:00:00Z", &until));
    assert_true(idp.valid_until == until);
    assert_int_equal(idp.cache_ms, 12 * 3600 * 1000);
    assert_string_equal(idp.slo.post, "https://idp.test/slo");
    assert_string_equal(idp.slo.post_answer, "https://idp.test/slo/done");
    assert_string_equal(idp.name_en, "Test University");
    assert_string_equal(idp.name_de, "Universit\xc3\xa4t");
    assert_int_equal(idp.scopes_n, 2);
    assert_true(saml_scope_fits(&idp, "a@uni.test"));
    assert_true(saml_scope_fits(&idp, "a@med.UNI.test"));
    assert_false(saml_scope_fits(&idp, "a@other.test"));
    assert_false(saml_scope_fits(&idp, "a@x.uni.test"));
    assert_false(saml_scope_fits(&idp, "@uni.test"));
    assert_false(saml_scope_fits(&idp, "uni.test"));
    assert_false(saml_scope_fits(&idp, "a@other.test@uni.test"));
}

static const struct {
    const char *find, *replace;
    enum saml_reason why;
} rows[] = {
    {"validUntil=\"2026-12-01T00:00:00Z\"", "validUntil=\"2026-11-22T13:48:01Z\"", SAML_EXPIRED},
    {"validUntil=\"2026-12-01T00:00:00Z\"", "validUntil=\"soon\"", SAML_ASSERTION_FORM},
    {"P1DT2H3M4.5S", "1 day", SAML_ASSERTION_FORM},
    {"P1DT2H3M4.5S", "P99999999999D", SAML_ASSERTION_FORM},
    {"P1DT2H3M4.5S", "P1Y2M", SAML_ACCEPTED},
    {"P1DT2H3M4.5S", "P2147483647Y2147483647M2147483647DT2147483647H2147483647M2147483647S", SAML_ACCEPTED},
    {"P1DT2H3M4.5S", "P2147483648Y", SAML_ASSERTION_FORM},
    {"IDPSSODescriptor protocolSupport",
     "IDPSSODescriptor validUntil=\"2020-01-01T00:00:00Z\" protocolSupport", SAML_EXPIRED},
    {"<md:KeyDescriptor>", "<md:KeyDescriptor use=\"encryption\">", SAML_CERTIFICATE},
    {"<ds:X509Certificate>MII", "<ds:X509Certificate>MIJ", SAML_CERTIFICATE},
    {"<ds:X509Certificate>MII", "<ds:X509Certificate>*", SAML_CERTIFICATE},
    {"https://idp.test/sso?x=1", "javascript:alert(1)", SAML_ENDPOINT},
    {"https://idp.test/sso?x=1", "https://idp.test/&quot;&gt;", SAML_ENDPOINT},
    {"bindings:HTTP-Redirect", "bindings:SOAP", SAML_ENDPOINT},
    {"entityID=\"https://idp.test/idp\"", "", SAML_ENTITY},
    {">uni.test<", ">a@uni.test<", SAML_TOO_BIG},
    {"<md:EntityDescriptor", "<!DOCTYPE a><md:EntityDescriptor", SAML_DOCTYPE},
    {"<!-- a comment -->", "<?a?>", SAML_FORBIDDEN_XML},
    {"</md:EntityDescriptor>", "", SAML_NOT_XML},
};

static void test_rows(void **state)
{
    (void)state;
    const char *text = provider("https://idp.test/idp");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct saml_idp idp;
        enum saml_reason why = read_text(replaced(&cx, text, rows[i].find, rows[i].replace), NULL, &idp);
        if (why != rows[i].why)
            fail_msg("row %zu (%s): %s instead of %s", i, rows[i].replace, saml_reason_name(why),
                     saml_reason_name(rows[i].why));
    }
}

/* --- a federation, signed --- */

static const char *federation(void)
{
    return arena_printf(
        cx.arena,
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_f\" "
        "validUntil=\"2026-11-25T00:00:00Z\">"
        "<saml:Issuer "
        "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">f</saml:Issuer>%s<md:EntitiesDescriptor>%s"
        "</md:EntitiesDescriptor></md:EntitiesDescriptor>",
        provider("https://a.test/idp"), provider("https://b.test/idp"));
}

static const char *signed_copy(const char *text)
{
    xmlChar *out = NULL;
    int n = 0;
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, 0);
    assert_non_null(doc);
    assert_true(saml_signature_make(doc, key));
    xmlDocDumpMemory(doc, &out, &n);
    const char *copy = arena_strndup(cx.arena, (const char *)out, (size_t)n);
    xmlFree(out);
    xmlFreeDoc(doc);
    return copy;
}

static enum saml_reason read_signed(const char *text, const char *entity, struct saml_idp *idp)
{
    enum saml_reason why;
    (void)!saml_idp_metadata(&cx, str_of(text), entity, saml_key_cert(key), 1, now, idp, &why);
    return why;
}

static void test_federation(void **state)
{
    (void)state;
    struct saml_idp idp;
    int64_t until;
    const char *text = signed_copy(federation());
    assert_int_equal(read_signed(text, "https://b.test/idp", &idp), SAML_ACCEPTED);
    assert_string_equal(idp.entity, "https://b.test/idp");
    assert_true(clock_parse_iso("2026-11-25T00:00:00Z", &until));
    assert_true(idp.valid_until == until); /* of the whole, earlier than its own */
    assert_int_equal(read_signed(text, "https://c.test/idp", &idp), SAML_ENTITY);
    assert_int_equal(read_signed(text, NULL, &idp), SAML_ENTITY);
    assert_int_equal(read_signed(federation(), "https://b.test/idp", &idp), SAML_UNSIGNED);
    assert_int_equal(read_signed(replaced(&cx, text, "https://b.test/idp", "https://c.test/idp"),
                                 "https://c.test/idp", &idp),
                     SAML_SIGNATURE);
    /* what stands around the signed element is not read */
    const char *around =
        arena_printf(cx.arena,
                     "<md:EntitiesDescriptor "
                     "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">%s%s</md:EntitiesDescriptor>",
                     provider("https://c.test/idp"), strstr(text, "<md:"));
    assert_int_equal(read_signed(around, "https://c.test/idp", &idp), SAML_UNSIGNED);
    struct saml_expect other = {.certs = NULL};
    enum saml_reason why;
    data_certs(&cx, "idp.crt", &other);
    assert_rc(saml_idp_metadata(&cx, str_of(text), "https://b.test/idp", other.certs, 1, now, &idp, &why),
              RC_DENIED);
    assert_int_equal(why, SAML_SIGNATURE);
}

/* --- ours --- */

static void test_ours(void **state)
{
    (void)state;
    static const struct saml_wanted wanted[] = {
        {"urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName", true}};
    struct saml_key *next;
    struct str xml;
    xmlDoc *doc = NULL;
    assert_ok(saml_key_generate(&cx, "lectern.test", now, 3, &next));
    const struct saml_key *both[] = {key, next};
    struct saml_sp sp = {.entity = "https://lectern.test/saml",
                         .acs = "https://lectern.test/saml/acs",
                         .slo = "https://lectern.test/saml/slo",
                         .keys = both,
                         .keys_n = 2,
                         .name_de = "Vorlesungen & mehr",
                         .name_en = "Lectures",
                         .contact = "help@lectern.test",
                         .wanted = wanted,
                         .wanted_n = 1};
    assert_ok(saml_sp_metadata(&cx, &sp, &xml));
    assert_int_equal(saml_parse(&cx, xml, SAML_FROM_METADATA, &doc), SAML_ACCEPTED);
    const xmlNode *role = saml_child(xmlDocGetRootElement(doc), NS_METADATA, "SPSSODescriptor");
    assert_int_equal(saml_children(role, NS_METADATA, "KeyDescriptor"), 4); /* two keys, two uses */
    assert_int_equal(saml_children(role, NS_METADATA, "SingleLogoutService"), 2);
    assert_true(saml_attr_is(saml_child(role, NS_METADATA, "AssertionConsumerService"), "Location", sp.acs));
    assert_non_null(strstr(xml.p, "Vorlesungen &amp; mehr"));

    struct str no_cert = {NULL, 0};
    struct saml_key *bare;
    assert_ok(saml_key_from_pem(&cx, data_file(&cx, "sp.key"), no_cert, &bare));
    both[1] = bare;
    assert_rc(saml_sp_metadata(&cx, &sp, &xml), RC_INVALID);
    saml_key_free(bare);
    saml_key_free(next);
}

/* --- keys --- */

static void test_keys(void **state)
{
    (void)state;
    struct saml_key *made, *again = NULL, *wrong = NULL;
    struct str pem;
    const struct saml_cert *list;
    size_t n;
    assert_ok(saml_key_generate(&cx, "lectern.test", now, 3, &made));
    const struct saml_cert *cert = saml_key_cert(made);
    assert_string_equal(cert->subject, "CN = lectern.test");
    assert_true(cert->begins == now);
    assert_true(cert->ends == now + INT64_C(3) * 365 * 86400 * 1000);
    assert_int_equal(strlen(cert->fingerprint), 64);
    assert_ok(saml_key_to_pem(&cx, made, &pem));
    struct str cert_pem = str_of(saml_cert_to_pem(&cx, cert));
    assert_ok(saml_key_from_pem(&cx, pem, cert_pem, &again));
    assert_string_equal(saml_key_cert(again)->fingerprint, cert->fingerprint);
    assert_rc(saml_key_from_pem(&cx, pem, data_file(&cx, "sp.crt"), &wrong), RC_INVALID);
    assert_rc(saml_key_from_pem(&cx, cert_pem, cert_pem, &wrong), RC_INVALID);
    assert_null(wrong);
    assert_ok(saml_certs_from_pem(
        &cx, str_of(arena_printf(cx.arena, "%s%s", cert_pem.p, data_file(&cx, "ec.crt").p)), &list, &n));
    assert_int_equal(n, 2);
    assert_rc(saml_certs_from_pem(&cx, pem, &list, &n), RC_INVALID);
    assert_rc(saml_key_generate(&cx, "", now, 3, &wrong), RC_INVALID);
    saml_key_free(made);
    saml_key_free(again);
    saml_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simplesamlphp), cmocka_unit_test(test_samlp),      cmocka_unit_test(test_made),
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_federation), cmocka_unit_test(test_ours),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, start, end);
}
