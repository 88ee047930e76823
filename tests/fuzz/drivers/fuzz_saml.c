/* Messages of identity providers. The input cannot know a private key, so what is accepted says what one of
 * the kept messages says; and what lies behind the signature is fed directly, too. The corpus are the kept
 * responses and attacks of tests/unit/saml. */
#include <string.h>

#include "lib/os/file.h"
#include "lib/saml/assertion.h"
#include "lib/saml/decrypt.h"
#include "lib/saml/message.h"
#include "lib/saml/shape.h"
#include "lib/saml/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PEM = 10000 };

static struct saml_key *key;
static struct saml_cert certs[3];

static struct str file_of(struct cx *cx, const char *name)
{
    struct str text;
    if (file_read(cx, arena_printf(cx->arena, TEST_SRCDIR "/tests/unit/saml/%s", name), MAX_PEM, &text) !=
        RC_OK)
        abort();
    return text;
}

static void start(void)
{
    static struct cx cx; /* the certificates live in its arena */
    static const char *const names[] = {"idp.crt", "peer2.crt", "ec.crt"};
    const struct saml_cert *list = NULL;
    size_t n = 0;
    cx_init(&cx);
    if (saml_start(&cx) != RC_OK ||
        saml_key_from_pem(&cx, file_of(&cx, "sp.key"), (struct str){NULL, 0}, &key) != RC_OK)
        abort();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (saml_certs_from_pem(&cx, file_of(&cx, names[i]), &list, &n) != RC_OK)
            abort();
        certs[i] = list[0];
    }
}

/* A message that expects what the kept responses have, as far as they have it in common. */
static struct saml_expect expect(struct cx *cx, struct str xml)
{
    static const char mark[] = "InResponseTo=\"";
    static const char *const idps[] = {"http://127.0.0.1:23010/idp", "http://127.0.0.1:23030/idp"};
    static const char *const sps[] = {"http://127.0.0.1:23080/saml/sp-assertion",
                                      "http://127.0.0.1:23080/saml/sp-both",
                                      "http://127.0.0.1:23080/saml/sp-gcm"};
    const char *at = memmem(xml.p, xml.n, mark, sizeof mark - 1), *request = "_q";
    if (at) {
        struct str rest = {at + sizeof mark - 1, xml.n - (size_t)(at - xml.p) - (sizeof mark - 1)};
        request = str_dup(cx->arena, str_cut(&rest, '"'));
    }
    return (struct saml_expect){.idp = idps[xml.n & 1],
                                .certs = certs,
                                .certs_n = sizeof certs / sizeof *certs,
                                .sp = sps[xml.n % 3],
                                .url = "http://127.0.0.1:23080/saml/acs",
                                .request = request,
                                .keys = (const struct saml_key *const *)&key,
                                .keys_n = 1,
                                .allow_cbc = true,
                                .now = INT64_C(1795355500000)};
}

/* The names that the two identity providers gave. */
static void check_name(const struct saml_identity *id)
{
    static const char *const known[] = {"7870bc86a7fc38db03f2fafd7b2b9cc60899b232", "ga12abc-persist",
                                        "b64dbcb30a397142721580f4876e49a9143df1be",
                                        "45dd9e64b5a45c2ca6576b2e6cfcf76a5d327332"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (id->name.text && strcmp(id->name.text, known[i]) == 0)
            return;
    abort();
}

/* Each element by what reads it once its signature is verified. */
static void read_directly(struct cx *cx, const struct saml_expect *e, struct str xml)
{
    xmlDoc *doc = NULL, *plain = NULL;
    xmlNode *assertion = NULL;
    struct saml_identity id;
    if (saml_parse(cx, xml, SAML_FROM_MESSAGE, &doc) != SAML_ACCEPTED)
        return;
    const xmlNode *root = xmlDocGetRootElement(doc);
    (void)!saml_shape_response(cx, doc, &assertion);
    for (const xmlNode *n = root; n; n = saml_walk(root, n)) {
        if (saml_is(n, NS_ASSERTION, "Assertion"))
            (void)!saml_assertion_read(cx, e, n, &id);
        if (saml_is(n, NS_SIGNATURE, "Signature"))
            (void)!saml_signature_form(cx, n, "_a");
        if (saml_is(n, NS_ASSERTION, "EncryptedAssertion"))
            (void)!saml_decrypt(cx, (xmlNode *)(uintptr_t)n, e->keys, e->keys_n, true, &plain);
    }
}

static void receive(struct cx *cx, const struct saml_expect *e, struct str xml)
{
    struct saml_message m;
    struct saml_logout request;
    struct saml_logout_answer answer;
    enum saml_reason why;
    struct str field = str_of(str_b64(cx->arena, xml.p, xml.n));
    if (saml_receive_post(cx, SAML_REQUEST, field, NULL, &m, &why) == RC_OK &&
        saml_logout_verify(cx, e, &m, &request, &why) == RC_OK)
        abort();
    if (saml_receive_post(cx, SAML_ANSWER, field, NULL, &m, &why) == RC_OK &&
        saml_logout_answer_verify(cx, e, &m, &answer, &why) == RC_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct saml_identity id;
    enum saml_reason why;
    struct str xml = {(const char *)data, size};
    if (!key)
        start();
    cx_init(&cx);
    struct saml_expect e = expect(&cx, xml);
    if (saml_response_verify(&cx, &e, xml, &id, &why) == RC_OK)
        check_name(&id);
    read_directly(&cx, &e, xml);
    receive(&cx, &e, xml);
    cx_fini(&cx);
    return 0;
}
