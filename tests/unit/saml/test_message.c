/* What we send is what we can read; what we receive for logout is accepted only as it was signed. A
 * LogoutResponse of SimpleSAMLphp, kept as the query that it sent the browser with, is the independent part.
 */
#include "tests/unit/saml/encrypt.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/saml/message.h"
#include "lib/saml/tree.h"

#define IDP        "https://idp.test/idp"
#define SLO        "https://lectern.test/saml/slo"
#define RSA_SHA256 "http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256"

static const int64_t now = INT64_C(1795355281000);

/* We are the identity provider, too: its key is ours. */
static struct saml_expect expect(void)
{
    return (struct saml_expect){
        .idp = IDP, .certs = saml_key_cert(key), .certs_n = 1, .url = SLO, .request = "_q", .now = now};
}

static const char *const two[] = {"_s1", "_s&2"};
static const struct saml_logout logout = {.id = "_l",
                                          .issuer = IDP,
                                          .destination = SLO,
                                          .name = {"p\"<1>", "f", "n", "s", NULL},
                                          .sessions = two,
                                          .sessions_n = 2,
                                          .now = INT64_C(1795355281000)};
static const struct saml_logout_answer answer = {.id = "_r",
                                                 .issuer = IDP,
                                                 .destination = SLO,
                                                 .in_response_to = "_q",
                                                 .status = SAML_STATUS_RESPONDER,
                                                 .substatus = SAML_STATUS_PARTIAL,
                                                 .now = INT64_C(1795355281000)};

static const char *query_of(const char *url)
{
    const char *mark = strchr(url, '?');
    assert_non_null(mark);
    return mark + 1;
}

static void test_authn(void **state)
{
    (void)state;
    struct saml_authn m = {.id = saml_new_id(&cx),
                           .sp = "https://lectern.test/saml",
                           .destination = "https://idp.test/sso?a=1&b=2",
                           .acs = "https://lectern.test/saml/acs",
                           .force = true,
                           .now = now};
    struct str xml;
    xmlDoc *doc = NULL;
    const char *url;
    assert_int_equal(strlen(m.id), 41);
    assert_int_equal(m.id[0], '_');
    assert_ok(saml_authn_write(&cx, &m, &xml));
    assert_int_equal(saml_parse(&cx, xml, SAML_FROM_MESSAGE, &doc), SAML_ACCEPTED);
    const xmlNode *root = xmlDocGetRootElement(doc);
    assert_true(saml_is(root, NS_PROTOCOL, "AuthnRequest"));
    assert_true(saml_attr_is(root, "Destination", m.destination));
    assert_true(saml_attr_is(root, "ForceAuthn", "true"));
    assert_true(saml_attr_is(root, "IssueInstant", "2026-11-22T13:48:01.000Z"));
    assert_string_equal(saml_text(&cx, saml_child(root, NS_ASSERTION, "Issuer")), m.sp);
    assert_ok(saml_redirect_url(&cx, key, m.destination, SAML_REQUEST, xml, "h", &url));
    assert_true(strncmp(url, "https://idp.test/sso?a=1&b=2&SAMLRequest=", 41) == 0);
    assert_non_null(strstr(url, "&RelayState=h&SigAlg=" RSA_SHA256 "&Signature="));

    m.sp = "line\nend";
    assert_rc(saml_authn_write(&cx, &m, &xml), RC_INVALID);
    m.sp = "\xff";
    assert_rc(saml_authn_write(&cx, &m, &xml), RC_INVALID);
}

static void check_logout(const struct saml_message *m)
{
    struct saml_expect e = expect();
    struct saml_logout got;
    struct saml_logout_answer none;
    enum saml_reason why;
    assert_int_equal(m->kind, SAML_LOGOUT_REQUEST);
    assert_string_equal(m->issuer, IDP);
    assert_null(m->in_response_to);
    assert_ok(saml_logout_verify(&cx, &e, m, &got, &why));
    assert_string_equal(got.id, "_l");
    assert_string_equal(got.issuer, IDP);
    assert_string_equal(got.name.text, "p\"<1>");
    assert_string_equal(got.name.format, "f");
    assert_int_equal(got.sessions_n, 2);
    assert_string_equal(got.sessions[1], "_s&2");
    assert_rc(saml_logout_answer_verify(&cx, &e, m, &none, &why), RC_DENIED);
    assert_int_equal(why, SAML_MESSAGE_TYPE);

    e.idp = "https://other.test/idp";
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_ISSUER);
    e = expect();
    e.url = "https://lectern.test/saml/acs";
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_DESTINATION);
    e = expect();
    e.now += 2 * (int64_t)SAML_SKEW_MS; /* NotOnOrAfter and the tolerance */
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_EXPIRED);
    e.now = now - SAML_SKEW_MS - 1;
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_NOT_YET);
    e = expect();
    data_certs(&cx, "idp.crt", &e);
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_SIGNATURE);
    e.certs_n = 0;
    assert_rc(saml_logout_verify(&cx, &e, m, &got, &why), RC_DENIED);
}

static void test_logout_redirect(void **state)
{
    (void)state;
    struct str xml;
    struct saml_message m;
    enum saml_reason why;
    const char *url;
    assert_ok(saml_logout_write(&cx, &logout, &xml));
    assert_ok(saml_redirect_url(&cx, key, SLO, SAML_REQUEST, xml, "to & fro", &url));
    assert_ok(saml_receive_redirect(&cx, str_of(query_of(url)), &m, &why));
    assert_string_equal(m.relay, "to & fro");
    check_logout(&m);
}

static void test_logout_post(void **state)
{
    (void)state;
    struct str xml;
    struct saml_message m;
    enum saml_reason why;
    const char *field;
    assert_ok(saml_logout_write(&cx, &logout, &xml));
    assert_ok(saml_post_field(&cx, key, xml, &field));
    assert_ok(saml_receive_post(&cx, SAML_REQUEST, str_of(field), NULL, &m, &why));
    check_logout(&m);
    assert_rc(saml_receive_post(&cx, SAML_ANSWER, str_of(field), NULL, &m, &why), RC_DENIED);
    assert_int_equal(why, SAML_MESSAGE_TYPE);
}

static void test_logout_encrypted(void **state)
{
    (void)state;
    struct str xml;
    struct saml_message m;
    struct saml_logout got;
    struct saml_expect e = expect();
    enum saml_reason why;
    const char *field;
    e.keys = (const struct saml_key *const *)&key;
    e.keys_n = 1;
    assert_ok(saml_logout_write(&cx, &logout, &xml));
    const char *plain = piece(&cx, xml.p, "<saml:NameID", "</saml:NameID>"),
               *secret = encrypted_id(key, PLAIN_NAMEID("p-2"));
    assert_ok(saml_post_field(&cx, key, str_of(replaced(&cx, xml.p, plain, secret)), &field));
    assert_ok(saml_receive_post(&cx, SAML_REQUEST, str_of(field), NULL, &m, &why));
    assert_ok(saml_logout_verify(&cx, &e, &m, &got, &why));
    assert_string_equal(got.name.text, "p-2");
    e.keys_n = 0;
    assert_rc(saml_logout_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_DECRYPTION);
    assert_ok(saml_post_field(&cx, key, str_of(replaced(&cx, xml.p, plain, "")), &field));
    assert_ok(saml_receive_post(&cx, SAML_REQUEST, str_of(field), NULL, &m, &why));
    assert_rc(saml_logout_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_ASSERTION_FORM);
}

static void test_logout_unsigned(void **state)
{
    (void)state;
    struct str xml;
    struct saml_message m;
    struct saml_logout got;
    struct saml_expect e = expect();
    enum saml_reason why;
    const char *url;
    assert_ok(saml_logout_write(&cx, &logout, &xml));
    assert_ok(saml_receive_post(&cx, SAML_REQUEST, str_of(str_b64(cx.arena, xml.p, xml.n)), NULL, &m, &why));
    assert_rc(saml_logout_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_UNSIGNED);
    assert_ok(saml_redirect_url(&cx, key, SLO, SAML_REQUEST, xml, NULL, &url));
    const char *query = query_of(url),
               *bare = arena_strndup(cx.arena, query, (size_t)(strstr(query, "&SigAlg") - query));
    assert_ok(saml_receive_redirect(&cx, str_of(bare), &m, &why));
    assert_rc(saml_logout_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_UNSIGNED);
}

static void test_answer(void **state)
{
    (void)state;
    struct str xml;
    struct saml_message m;
    struct saml_logout_answer got;
    struct saml_expect e = expect();
    enum saml_reason why;
    const char *url, *field;
    assert_ok(saml_logout_answer_write(&cx, &answer, &xml));
    assert_ok(saml_redirect_url(&cx, key, SLO, SAML_ANSWER, xml, NULL, &url));
    assert_ok(saml_receive_redirect(&cx, str_of(query_of(url)), &m, &why));
    assert_int_equal(m.kind, SAML_LOGOUT_RESPONSE);
    assert_string_equal(m.in_response_to, "_q");
    assert_null(m.relay);
    assert_ok(saml_logout_answer_verify(&cx, &e, &m, &got, &why));
    assert_string_equal(got.status, SAML_STATUS_RESPONDER);
    assert_string_equal(got.substatus, SAML_STATUS_PARTIAL);
    assert_ok(saml_post_field(&cx, key, xml, &field));
    assert_ok(saml_receive_post(&cx, SAML_ANSWER, str_of(field), "r", &m, &why));
    assert_ok(saml_logout_answer_verify(&cx, &e, &m, &got, &why));
    e.request = "_other";
    assert_rc(saml_logout_answer_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_IN_RESPONSE_TO);
    e.request = NULL;
    assert_rc(saml_logout_answer_verify(&cx, &e, &m, &got, &why), RC_DENIED);
    assert_int_equal(why, SAML_IN_RESPONSE_TO);
}

/* --- the query of another program --- */

static const char *kept_query(void)
{
    return data_corpus(&cx, "saml_redirect/logout-response").p;
}

/* Reads and verifies as the service provider that the identity provider answered. */
static enum saml_reason verify_query(const char *query)
{
    struct saml_expect e = {.idp = "http://127.0.0.1:23010/idp", .url = "http://127.0.0.1:23080/saml/slo"};
    struct saml_message m;
    struct saml_logout_answer got;
    enum saml_reason why;
    data_certs(&cx, "idp.crt", &e);
    if (saml_receive_redirect(&cx, str_of(query), &m, &why) != RC_OK)
        return why;
    xmlDoc *doc = NULL;
    assert_int_equal(saml_parse(&cx, m.xml, SAML_FROM_MESSAGE, &doc), SAML_ACCEPTED);
    assert_true(saml_time(saml_attr(&cx, xmlDocGetRootElement(doc), "IssueInstant"), &e.now));
    e.request = m.in_response_to;
    (void)!saml_logout_answer_verify(&cx, &e, &m, &got, &why);
    return why;
}

static void test_kept_answer(void **state)
{
    (void)state;
    const char *query = kept_query();
    static const struct {
        const char *find, *replace;
        enum saml_reason why;
    } rows[] = {
        {"RelayState=bye", "RelayState=hi", SAML_SIGNATURE},
        {"RelayState=bye", "RelayState=by%65", SAML_SIGNATURE}, /* the same text, other octets */
        {"&RelayState=bye", "", SAML_SIGNATURE},
        {"rsa-sha256", "rsa-sha512", SAML_SIGNATURE},
        {"xmldsig-more%23rsa-sha256", "xmldsig-more%23hmac-sha256", SAML_ALGORITHM},
        {"2001%2F04%2Fxmldsig-more%23rsa-sha256", "2000%2F09%2Fxmldsig%23rsa-sha1", SAML_ALGORITHM},
        {"Signature=kn6", "Signature=kn7", SAML_SIGNATURE},
        {"Signature=kn6", "Signature=%", SAML_ENCODING},
        {"Signature=kn6", "Signature=*", SAML_ENCODING},
        {"&SigAlg=", "&SigAlg=x&SigAlg=", SAML_ENCODING},
        {"SAMLResponse=", "SAMLResponse=x&SAMLResponse=", SAML_ENCODING},
        {"SAMLResponse=", "SAMLRequest=x&SAMLResponse=", SAML_ENCODING},
        {"SAMLResponse=", "SAMLRequest=", SAML_MESSAGE_TYPE},
        {"SAMLResponse=", "Response=", SAML_ENCODING},
        {"SAMLResponse=f", "SAMLResponse=AAAA", SAML_ENCODING},
        {"RelayState=bye", "RelayState=bye&more=1", SAML_ACCEPTED},
    };
    assert_int_equal(verify_query(query), SAML_ACCEPTED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum saml_reason why = verify_query(replaced(&cx, query, rows[i].find, rows[i].replace));
        if (why != rows[i].why)
            fail_msg("row %zu (%s): %s instead of %s", i, rows[i].replace, saml_reason_name(why),
                     saml_reason_name(rows[i].why));
    }
}

/* A megabyte of spaces is a kilobyte of DEFLATE. */
static void test_bomb(void **state)
{
    (void)state;
    enum { LARGE = 1 << 20 };
    char *spaces = arena_alloc(cx.arena, LARGE);
    const char *url;
    struct saml_message m;
    enum saml_reason why;
    memset(spaces, ' ', LARGE);
    assert_ok(saml_redirect_url(&cx, key, SLO, SAML_REQUEST, (struct str){spaces, LARGE}, NULL, &url));
    assert_rc(saml_receive_redirect(&cx, str_of(query_of(url)), &m, &why), RC_DENIED);
    assert_int_equal(why, SAML_TOO_BIG);
    char *long_query = arena_alloc(cx.arena, SAML_MAX_URL + 2);
    memset(long_query, 'A', SAML_MAX_URL + 1);
    assert_rc(saml_receive_redirect(&cx, str_of(long_query), &m, &why), RC_DENIED);
    assert_int_equal(why, SAML_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authn),
        cmocka_unit_test(test_logout_redirect),
        cmocka_unit_test(test_logout_post),
        cmocka_unit_test(test_logout_unsigned),
        cmocka_unit_test(test_logout_encrypted),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_kept_answer),
        cmocka_unit_test(test_bomb),
    };
    return cmocka_run_group_tests(tests, start, end);
}
