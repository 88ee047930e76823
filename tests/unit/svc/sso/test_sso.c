/* Identity providers, our keys for them, requests and what is refused without a provider. That an answer of a
 * real provider signs in is shown by tests/integration/sso.mjs. */
#include "tests/unit/testing.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/saml/saml.h"
#include "lib/saml/signature.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/identity.h"
#include "lib/svc/sso/idp_edit.h"
#include "lib/svc/sso/person.h"
#include "lib/svc/sso/rules.h"
#include "lib/svc/sso/signin.h"
#include "lib/svc/sso/sp_key.h"
#include "lib/svc/sso/words.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static struct conf conf;
static const char *cert; /* base64 of the certificate that the provider has */

#define ENTITY "https://idp.example/idp"

static const char *metadata(const char *entity, const char *more)
{
    return arena_printf(
        cx->arena,
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"%s\"%s>"
        "<IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><Extensions>"
        "<shibmd:Scope xmlns:shibmd=\"urn:mace:shibboleth:metadata:1.0\" "
        "regexp=\"false\">uni.example</shibmd:Scope>"
        "</Extensions><KeyDescriptor use=\"signing\"><KeyInfo "
        "xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>"
        "<X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" "
        "Location=\"https://idp.example/sso\"/></IDPSSODescriptor></EntityDescriptor>",
        entity, more, cert);
}

static const char *new_cert(void)
{
    struct saml_key *key;
    assert_ok(shown(cx, saml_key_generate(cx, "idp.example", clock_now(), 2, &key)));
    const struct saml_cert *c = saml_key_cert(key);
    const char *text = str_b64(cx->arena, c->der.p, c->der.n);
    saml_key_free(key);
    return text;
}

static int64_t add(const char *entity, const char *source, const char *xml)
{
    int64_t id = 0;
    const struct idp_new in = {.entity = entity,
                               .name = "Example",
                               .organisation_id = w.school,
                               .domains = "Uni.Example,  cs.example",
                               .scopes = "Old.example",
                               .source = {.from = source, .xml = xml ? str_of(xml) : (struct str){NULL, 0}}};
    assert_ok(shown(cx, idp_add(cx, &in, &id)));
    return id;
}

/* No provider is left over from the test before; the program acts. */
static int fresh(void **state)
{
    (void)state;
    struct idp_list list;
    become(&w, -1);
    assert_ok(idp_list(cx, "", IDP_MAX, 0, &list));
    for (size_t i = 0; i < list.n; i++)
        assert_ok(idp_remove(cx, list.item[i].id));
    return 0;
}

static void a_provider_is_added_with_its_metadata(void **state)
{
    (void)state;
    struct idp_list usable;
    struct idp *idp;
    struct saml_idp m;
    int64_t id = add(ENTITY, "/idp.xml", metadata(ENTITY, ""));
    assert_ok(idp_list_offered(cx, "", 0, &usable));
    assert_int_equal(usable.n, 1);
    assert_int_equal(usable.item[0].id, id);
    assert_false(usable.item[0].found);
    assert_ok(idp_get_by_entity(cx, ENTITY, &idp));
    assert_string_equal(idp->domains, "uni.example cs.example");
    assert_int_equal(idp->state, IDP_READY);
    assert_true(idp->keys_until > clock_now());
    assert_ok(idp_metadata(cx, idp, &m));
    assert_string_equal(m.sso.redirect, "https://idp.example/sso");
    assert_true(idp_scope_fits(idp, &m, "x@uni.example") && idp_scope_fits(idp, &m, "x@OLD.example"));
    assert_false(idp_scope_fits(idp, &m, "x@new.example") || idp_scope_fits(idp, &m, "x@y@old.example"));
    assert_ok(idp_remove(cx, id));
    assert_rc(idp_get(cx, id, &idp), RC_NOTFOUND);
}

static void what_is_wrong_adds_nothing(void **state)
{
    (void)state;
    const struct idp_new good = {.entity = ENTITY, .name = "Example", .source = {.from = "/idp.xml"}};
    struct {
        const char *key;
        struct idp_new in;
    } cases[] = {
        {"idp_entity", good}, {"name_invalid", good}, {"idp_domains", good},
        {"idp_scopes", good}, {"idp_source", good},   {"idp_source", good},
        {"idp_cert", good},   {"org_unknown", good},  {"idp_source_none", good},
    };
    cases[0].in.entity = "";
    cases[1].in.name = " ";
    cases[2].in.domains = "uni.example/x";
    cases[3].in.scopes = "ü";
    cases[4].in.source.from = "ftp://idp.example/";
    cases[5].in.source.from = "http://idp.example/";
    cases[6].in.source.cert = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    cases[7].in.organisation_id = 999999;
    cases[8].in.source.from = "";
    int64_t id = 0;
    struct idp_list list;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err_clear(cx);
        assert_rc(idp_add(cx, &cases[i].in, &id), RC_INVALID);
        assert_string_equal(cx->err.key, cases[i].key);
    }
    struct idp_new bad = good;
    const char *const useless[] = {metadata("https://other.example/", ""),
                                   metadata(ENTITY, " validUntil=\"2020-01-01T00:00:00Z\""), "<html></html>"};
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        err_clear(cx);
        bad.source.xml = str_of(useless[i]);
        assert_rc(idp_add(cx, &bad, &id), RC_INVALID);
        assert_string_equal(cx->err.key, "idp_metadata");
    }
    err_clear(cx);
    assert_ok(idp_list(cx, "", IDP_MAX, 0, &list));
    assert_int_equal(list.n, 0);
    assert_ok(idp_add(cx, &good, &id));
    assert_rc(idp_add(cx, &good, &id), RC_CONFLICT);
    assert_string_equal(cx->err.key, "idp_taken");
    become(&w, w.maintainer);
    assert_rc(idp_add(cx, &good, &id), RC_DENIED);
    assert_rc(idp_list(cx, "", IDP_MAX, 0, &list), RC_DENIED);
    assert_rc(idp_remove(cx, id), RC_DENIED);
    assert_rc(idp_refresh(cx, id), RC_DENIED);
}

static int64_t add_named(const char *name, int64_t organisation, const char *domains)
{
    const char *entity = arena_printf(cx->arena, "https://%s.example/", domains);
    const struct idp_new in = {.entity = "",
                               .name = name,
                               .organisation_id = organisation,
                               .domains = domains,
                               .source = {.from = "", .xml = str_of(metadata(entity, ""))}};
    int64_t id = 0;
    assert_ok(shown(cx, idp_add(cx, &in, &id)));
    return id;
}

/* How many fit, and the first of them. */
static size_t found(const char *words, int64_t *first)
{
    struct idp_list list;
    size_t n = 0;
    *first = 0;
    assert_ok(idp_list_offered(cx, words, 0, &list));
    for (size_t i = list.n; i-- > 0;)
        if (list.item[i].found) {
            *first = list.item[i].id;
            n++;
        }
    return n;
}

static void a_person_finds_theirs_among_many(void **state)
{
    (void)state;
    struct idp_list list;
    struct org *school;
    int64_t one;
    assert_ok(org_get(cx, w.school, &school));
    int64_t zurich = add_named("Zürich", 0, "zurich.example cs.example"),
            staff = add_named("Staff", w.school, "school.example"),
            students = add_named("Students", w.school, "students.example"),
            same = add_named(school->name, w.school, "same.example");
    assert_int_equal(found("", &one), 0);
    assert_int_equal(found("zuric", &one), 1);
    assert_int_equal(one, zurich);
    assert_int_equal(found("TAFF", &one), 1);
    assert_int_equal(one, staff);
    assert_int_equal(found(school->name, &one), 3); /* those of the organisation */
    assert_int_equal(found("%", &one), 0);
    assert_int_equal(found("a@UNI.school.example", &one), 1);
    assert_int_equal(one, staff);
    assert_int_equal(found("a@students.example", &one), 1);
    assert_int_equal(one, students);
    assert_int_equal(found("a@otherschool.example", &one), 0);
    assert_int_equal(found("school.example", &one), 0);
    assert_int_equal(found("a@", &one), 0);
    /* those of an organisation stand together, named with it unless that says the same twice */
    assert_ok(idp_list_offered(cx, "", 0, &list));
    assert_int_equal(list.n, 4);
    size_t at = list.item[0].id == zurich ? 1 : 0;
    assert_true(at == 1 || list.item[3].id == zurich);
    for (size_t i = at; i < at + 3; i++)
        if (list.item[i].id == same)
            assert_null(list.item[i].home);
        else
            assert_string_equal(list.item[i].home, school->name);
    /* more than a list has are found all the same */
    for (int i = 0; i < IDP_MAX; i++)
        (void)add_named(arena_printf(cx->arena, "AAA %d", i), 0, arena_printf(cx->arena, "a%d.example", i));
    assert_int_equal(found("zuric", &one), 1);
    assert_int_equal(one, zurich);
    assert_int_equal(found("a@cs.example", &one), 1);
    assert_int_equal(one, zurich);
    assert_ok(idp_list_offered(cx, "", students, &list));
    assert_true(list.n == IDP_MAX && list.more && list.item[0].id == students);
    become(&w, w.admin);
    assert_ok(idp_list(cx, "ZURICH", 10, 0, &list));
    assert_true(list.n == 1 && !list.more && list.item[0].id == zurich);
    assert_ok(idp_list(cx, "", 100, 200, &list));
    assert_true(list.n == 4 && !list.more);
    assert_ok(idp_list(cx, "", 100, 0, &list));
    assert_true(list.n == 100 && list.more);
}

/* Metadata that somebody brings is never read again; another file, or an address, takes its place. */
static void metadata_can_be_brought(void **state)
{
    (void)state;
    struct idp *idp, *none;
    struct saml_idp m;
    int64_t id = add("", "", metadata(ENTITY, ""));
    assert_ok(idp_get(cx, id, &idp));
    assert_string_equal(idp->entity, ENTITY);
    assert_int_equal(idp->state, IDP_READY);
    assert_rc(idp_take_due(cx, &none), RC_NOTFOUND);
    err_clear(cx);
    assert_rc(idp_refresh(cx, id), RC_CONFLICT);
    assert_string_equal(cx->err.key, "idp_brought");
    err_clear(cx);
    struct idp_source other = {.from = "", .xml = str_of(metadata("https://other.example/", ""))};
    assert_rc(idp_set_source(cx, id, &other), RC_INVALID);
    err_clear(cx);
    assert_ok(idp_metadata(cx, idp, &m));
    other.xml = str_of(metadata(ENTITY, " validUntil=\"2099-01-01T00:00:00Z\""));
    assert_ok(shown(cx, idp_set_source(cx, id, &other)));
    assert_ok(idp_get(cx, id, &idp));
    assert_true(idp->metadata_until > clock_now());
    /* an address: what is there stays in use until it has been read */
    assert_ok(idp_set_source(cx, id, &(struct idp_source){.from = "https://idp.example/metadata"}));
    assert_ok(idp_take_due(cx, &idp));
    assert_int_equal(idp->state, IDP_READY);
    /* a file came while that was being read: what comes from there is late, good or not */
    assert_ok(idp_set_source(cx, id, &other));
    assert_ok(idp_loaded(cx, idp, str_of(metadata(ENTITY, ""))));
    assert_ok(idp_failed(cx, idp, "no route"));
    assert_ok(idp_get(cx, id, &idp));
    assert_true(idp->metadata_until > clock_now());
    assert_int_equal(idp->failures, 0);
    assert_ok(idp_remove(cx, id));
    id = add("", "https://idp.example/shibboleth", NULL);
    assert_ok(idp_get(cx, id, &idp));
    assert_string_equal(idp->entity, "https://idp.example/shibboleth");
    become(&w, w.maintainer);
    assert_rc(idp_set_source(cx, id, &other), RC_DENIED);
}

/* The signature stands behind an Issuer. */
static const char *signed_copy(const char *text, const struct saml_key *key)
{
    xmlChar *out = NULL;
    int n = 0, head = (int)strcspn(text, ">") + 1;
    text = arena_printf(cx->arena,
                        "%.*s<i:Issuer xmlns:i=\"urn:oasis:names:tc:SAML:2.0:assertion\">f</i:Issuer>%s",
                        head, text, text + head);
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, 0);
    assert_non_null(doc);
    assert_true(saml_signature_make(doc, key));
    xmlDocDumpMemory(doc, &out, &n);
    const char *copy = arena_strndup(cx->arena, (const char *)out, (size_t)n);
    xmlFree(out);
    xmlFreeDoc(doc);
    return copy;
}

/* Whoever asks for a signature does not go on with what has none. */
static void metadata_without_the_signature_is_forgotten(void **state)
{
    (void)state;
    struct idp *idp, *before;
    struct saml_idp m;
    struct saml_key *key;
    struct idp_source from = {.from = "https://idp.example/metadata"};
    const char *plain = metadata(ENTITY, " ID=\"_m\"");
    int64_t id = add(ENTITY, from.from, plain);
    assert_ok(shown(cx, saml_key_generate(cx, "federation.example", clock_now(), 2, &key)));
    const struct saml_cert *c = saml_key_cert(key);
    const char *pem = arena_printf(cx->arena, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
                                   str_b64(cx->arena, c->der.p, c->der.n)),
               *good = signed_copy(plain, key);
    saml_key_free(key);
    assert_ok(idp_refresh(cx, id));
    assert_ok(idp_take_due(cx, &before)); /* courierd reads it now, not signed */
    from.cert = pem;
    assert_ok(shown(cx, idp_set_source(cx, id, &from)));
    assert_ok(idp_get(cx, id, &idp));
    assert_int_equal(idp->state, IDP_WAITING);
    assert_rc(idp_metadata(cx, idp, &m), RC_UNAVAIL);
    err_clear(cx);
    /* and what it has read comes too late, good or not */
    assert_ok(idp_loaded(cx, before, str_of(plain)));
    assert_ok(idp_failed(cx, before, "no route"));
    assert_ok(idp_get(cx, id, &idp));
    assert_true(idp->state == IDP_WAITING && idp->failures == 0);
    assert_rc(idp_loaded(cx, idp, str_of(plain)), RC_DENIED);
    err_clear(cx);
    assert_ok(shown(cx, idp_loaded(cx, idp, str_of(good))));
    assert_ok(idp_get(cx, id, &idp));
    assert_int_equal(idp->state, IDP_READY);
    /* what is signed stays, from wherever it comes next */
    from.from = "/elsewhere.xml";
    assert_ok(shown(cx, idp_set_source(cx, id, &from)));
    assert_ok(idp_get(cx, id, &idp));
    assert_int_equal(idp->state, IDP_READY);
}

static void assert_stale(enum rc rc)
{
    assert_int_equal(rc, RC_CONFLICT);
    assert_string_equal(cx->err.key, "changed_meanwhile");
    err_clear(cx);
}

/* Each form of a provider is refused if it is older than the last change of what it edits, and only then. */
static void an_older_form_is_refused(void **state)
{
    (void)state;
    struct idp *idp;
    struct sso_changes changes;
    const char *rules;
    int64_t id = add("", "", metadata(ENTITY, ""));
    assert_ok(idp_get(cx, id, &idp));
    assert_ok(sso_rules_text(cx, id, &rules));
    struct idp_new in = {.name = "One", .domains = "uni.example", .seen = idp_seen(cx, idp)};
    struct idp_source from = {.from = "https://idp.example/metadata", .seen = idp_source_seen(cx, idp)};
    const char *seen = sso_rules_seen(cx, rules),
               *faculty = "eduPersonAffiliation = faculty : lecturer school";
    assert_ok(shown(cx, idp_change(cx, id, &in)));
    assert_ok(shown(cx, idp_set_source(cx, id, &from))); /* which the settings do not change */
    assert_ok(shown(cx, sso_rules_set(cx, id, faculty, seen, false, &changes)));
    in.name = "Two";
    from.from = "https://other.example/metadata";
    assert_stale(idp_change(cx, id, &in));
    assert_stale(idp_set_source(cx, id, &from));
    assert_stale(sso_rules_set(cx, id, "", seen, true, &changes));
    assert_stale(sso_rules_set(cx, id, "", seen, false, &changes));
    assert_ok(idp_get(cx, id, &idp));
    assert_ok(sso_rules_text(cx, id, &rules));
    assert_string_equal(idp->name, "One");
    assert_string_equal(idp->source, "https://idp.example/metadata");
    assert_non_null(strstr(rules, "faculty"));
    in.seen = idp_seen(cx, idp);
    from.seen = idp_source_seen(cx, idp);
    assert_ok(idp_change(cx, id, &in));
    assert_ok(idp_set_source(cx, id, &from));
    assert_ok(sso_rules_set(cx, id, "", sso_rules_seen(cx, rules), false, &changes));
}

static void it_is_said_what_ends_with_a_provider(void **state)
{
    (void)state;
    struct idp_ending e;
    struct db_done done;
    const char *token, *provider = sso_provider(cx, ENTITY);
    int64_t id = add(ENTITY, "/idp.xml", metadata(ENTITY, "")),
            other = add("https://x.example/", "/x.xml", NULL);
    int64_t alone = world_person(&w, "ending-alone"), both = world_person(&w, "ending-both");
    struct str hash;
    assert_ok(idp_ending(cx, id, &e));
    assert_true(e.people == 0 && e.stranded == 0 && e.sessions == 0 && e.roles == 0);
    assert_ok(
        db_exec(cx, SQL_identity_insert, &done, "isst", alone, provider, "eppn:a@uni.example", clock_now()));
    assert_ok(
        db_exec(cx, SQL_identity_insert, &done, "isst", both, provider, "eppn:b@uni.example", clock_now()));
    assert_ok(db_exec(cx, SQL_identity_insert, &done, "isst", both, sso_provider(cx, "https://x.example/"),
                      "eppn:b@x.example", clock_now()));
    assert_ok(session_create_until(cx, alone, NULL, INT64_MAX, &token, &hash));
    assert_ok(db_exec(cx, SQL_session_saml_insert, NULL, "BiBsssss", &hash, id, &hash, "n", NULL, NULL, NULL,
                      NULL));
    assert_ok(idp_ending(cx, id, &e));
    assert_int_equal(e.people, 2);
    assert_int_equal(e.stranded, 1);
    assert_int_equal(e.sessions, 1);
    assert_ok(idp_remove(cx, other)); /* what is not there signs nobody in */
    assert_ok(idp_ending(cx, id, &e));
    assert_int_equal(e.stranded, 2);
    become(&w, w.maintainer);
    assert_rc(idp_ending(cx, id, &e), RC_DENIED);
    become(&w, -1);
    assert_ok(idp_remove(cx, id));
    assert_rc(idp_ending(cx, id, &e), RC_NOTFOUND);
    err_clear(cx);
    assert_rc(session_open(cx, token, &(struct actor *){NULL}), RC_NOTFOUND);
}

static void the_last_good_metadata_is_kept(void **state)
{
    (void)state;
    struct idp *idp, *none;
    struct saml_idp m;
    int64_t id = add(ENTITY, "https://idp.example/metadata", NULL);
    assert_ok(idp_take_due(cx, &idp));
    assert_int_equal(idp->id, id);
    assert_rc(idp_take_due(cx, &none), RC_NOTFOUND);
    assert_rc(idp_metadata(cx, idp, &m), RC_UNAVAIL);
    err_clear(cx);
    assert_ok(idp_loaded(cx, idp, str_of(metadata(ENTITY, ""))));
    assert_ok(idp_get(cx, id, &idp));
    assert_true(idp->due_at > clock_now());
    assert_rc(idp_loaded(cx, idp, STR("<html>maintenance</html>")), RC_DENIED);
    err_clear(cx);
    assert_ok(idp_get(cx, id, &idp));
    assert_int_equal(idp->state, IDP_READY);
    assert_int_equal(idp->failures, 1);
    assert_true(*idp->failure && idp->checked_at >= idp->metadata_at);
    assert_ok(idp_metadata(cx, idp, &m));
    assert_ok(idp_failed(cx, idp, "no route"));
    assert_ok(idp_get(cx, id, &idp));
    assert_string_equal(idp->failure, "no route");
    assert_ok(idp_refresh(cx, id));
    assert_ok(idp_take_due(cx, &idp));
    char soon[CLOCK_ISO_SIZE];
    clock_iso(clock_now() + 1500, soon);
    assert_ok(
        idp_loaded(cx, idp, str_of(metadata(ENTITY, arena_printf(cx->arena, " validUntil=\"%s\"", soon)))));
    struct idp_list usable;
    do
        assert_ok(idp_list_offered(cx, "", 0, &usable));
    while (usable.item[0].state == IDP_READY);
    assert_int_equal(usable.n, 1);
    assert_ok(idp_get(cx, id, &idp));
    assert_int_equal(idp->state, IDP_EXPIRED);
    assert_rc(idp_metadata(cx, idp, &m), RC_UNAVAIL);
}

static void keys_take_over_from_each_other(void **state)
{
    (void)state;
    struct sp_keys keys;
    struct str xml;
    assert_ok(shown(cx, sp_keys_ensure(cx)));
    assert_ok(sp_keys_ensure(cx));
    assert_ok(sp_keys_read(cx, &keys));
    assert_int_equal(keys.n, 1);
    const char *first = keys.id[0];
    assert_rc(sp_keys_drop(cx), RC_CONFLICT);
    err_clear(cx);
    assert_ok(shown(cx, sp_keys_add(cx)));
    assert_rc(sp_keys_add(cx), RC_CONFLICT);
    err_clear(cx);
    assert_ok(sp_keys_read(cx, &keys));
    assert_int_equal(keys.n, 2);
    assert_string_equal(keys.id[0], first); /* still signs */
    assert_ok(shown(cx, sso_metadata(cx, &xml)));
    for (size_t i = 0; i < keys.n; i++) {
        const struct saml_cert *c = saml_key_cert(keys.key[i]);
        assert_true(c->ends > clock_now());
        assert_non_null(strstr(xml.p, arena_strndup(cx->arena, str_b64(cx->arena, c->der.p, c->der.n), 40)));
    }
    const char *second = keys.id[1];
    assert_ok(sp_keys_drop(cx));
    assert_ok(sp_keys_read(cx, &keys));
    assert_int_equal(keys.n, 1);
    assert_string_equal(keys.id[0], second);
    struct audit_list trail;
    assert_ok(audit_list(cx, NULL, 0, 2, &trail));
    assert_string_equal(trail.item[0].action, "idp.key_drop");
    assert_string_equal(trail.item[0].detail, first);
    assert_string_equal(trail.item[1].action, "idp.key_add");
    assert_string_equal(trail.item[1].detail, second);
    become(&w, w.maintainer);
    assert_rc(sp_keys_add(cx), RC_DENIED);
}

/* A second host, to which the keys have not been copied. */
static void another_host_makes_no_key_of_its_own(void **state)
{
    (void)state;
    const struct conf *here = cx->conf;
    struct conf there = *here;
    const struct idp_new in = {.entity = "https://b.example/", .name = "B", .source = {.from = "/b.xml"}};
    struct sp_keys keys;
    struct idp_list list;
    int64_t id = 0;
    add(ENTITY, "/idp.xml", metadata(ENTITY, ""));
    there.key_dir = arena_printf(cx->arena, "%s/there", here->key_dir);
    cx->conf = &there;
    assert_rc(idp_add(cx, &in, &id), RC_CONFLICT);
    assert_string_equal(cx->err.key, "sso_no_keys");
    err_clear(cx);
    assert_ok(sp_keys_read(cx, &keys));
    assert_int_equal(keys.n, 0);
    assert_ok(shown(cx, sp_keys_add(cx))); /* who lost the key makes another one, and says so */
    assert_ok(shown(cx, idp_add(cx, &in, &id)));
    assert_ok(idp_list(cx, "", IDP_MAX, 0, &list));
    assert_int_equal(list.n, 2);
    cx->conf = here;
}

static void a_request_stands_in_a_cookie(void **state)
{
    (void)state;
    struct sso_asked one, two;
    struct jwt_claims c;
    const char *token, *long_path = arena_printf(cx->arena, "/%0300d", 1);
    int64_t id = add(ENTITY, "/idp.xml", metadata(ENTITY, ""));
    assert_ok(sp_keys_ensure(cx));
    assert_ok(session_create(cx, w.student, NULL, &token));
    struct sso_ask in = {.idp_id = id, .next = "/lecture/abc?t=5", .session = token};
    assert_ok(shown(cx, sso_ask(cx, &in, &one)));
    assert_ok(sso_ask(cx, &in, &two));
    assert_int_equal(strlen(one.handle), SSO_HANDLE);
    assert_true(str_is_key(str_of(one.handle), SSO_HANDLE));
    assert_string_not_equal(one.handle, two.handle);
    assert_true(str_starts(str_of(one.url), "https://idp.example/sso?SAMLRequest="));
    assert_non_null(strstr(one.url, "&Signature="));
    assert_ok(sso_asked_read(cx, one.cookie, &c));
    assert_int_equal(c.idp, id);
    assert_string_equal(c.next, "/lecture/abc?t=5");
    assert_true(c.old && c.usr < 0);
    assert_true(strlen(one.cookie) < 700); /* eight of them, and the rest, fit into WEB_MAX_COOKIES */
    in.next = long_path;
    assert_ok(sso_ask(cx, &in, &two));
    assert_ok(sso_asked_read(cx, two.cookie, &c));
    assert_string_equal(c.next, "/");
    assert_rc(sso_asked_read(cx, "x.y.z", &c), RC_DENIED);
    err_clear(cx);
    in.idp_id = id + 1000;
    assert_rc(sso_ask(cx, &in, &two), RC_NOTFOUND);
}

static void nothing_unsolicited(void **state)
{
    (void)state;
    struct sso_asked asked;
    struct sso_signed_in done;
    struct rows *before, *after;
    int64_t id = add(ENTITY, "/idp.xml", metadata(ENTITY, ""));
    assert_ok(sp_keys_ensure(cx));
    assert_ok(sso_ask(cx, &(struct sso_ask){.idp_id = id, .next = "/"}, &asked));
    assert_ok(db_query(cx, SQL_user_list, &before, "ii", (int64_t)1000, (int64_t)0));
    const struct sso_answer wrong[] = {
        {.cookie = NULL, .response = "PHg+"},
        {.cookie = "", .response = "PHg+"},
        {.cookie = "a.b.c", .response = "PHg+"},
        {.cookie = asked.cookie, .response = ""},
        {.cookie = asked.cookie, .response = "%%%"},
        {.cookie = asked.cookie, .response = "PHg+"},
        {.cookie = asked.cookie, .response = "PGEvPg=="},
    };
    become(&w, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err_clear(cx);
        assert_rc(sso_sign_in(cx, &wrong[i], &done), RC_DENIED);
        assert_string_equal(cx->err.key, "sso_failed");
    }
    err_clear(cx);
    assert_ok(db_query(cx, SQL_user_list, &after, "ii", (int64_t)1000, (int64_t)0));
    assert_int_equal(rows_count(before), rows_count(after));
}

/* --- who somebody is --- */

struct said {
    struct saml_attribute a[4];
    const char *v[4];
    struct saml_identity id;
};

static void say(struct said *s, const char *name, const char *value)
{
    size_t n = s->id.attributes_n++;
    s->v[n] = value;
    s->a[n] = (struct saml_attribute){name, &s->v[n], 1};
    s->id.attributes = s->a;
}

static const char *subject_of(struct said *s, struct sso_person *p)
{
    const char *const scopes[] = {"uni.example"};
    const struct saml_idp m = {.scopes = scopes, .scopes_n = 1};
    const struct idp idp = {.scopes = ""};
    err_clear(cx);
    return sso_person_of(cx, &idp, &m, &s->id, p) == RC_OK ? p->subject : cx->err.key;
}

static void an_identity_is_never_a_mail_address(void **state)
{
    (void)state;
    struct sso_person p = {0};
    struct said s = {0};
    say(&s, SSO_MAIL, "mia@uni.example");
    assert_string_equal(subject_of(&s, &p), "sso_failed");
    say(&s, SSO_EPPN, "Mia.M@Uni.Example");
    assert_string_equal(subject_of(&s, &p), "eppn:mia.m@uni.example");
    assert_string_equal(p.login, "mia.m");
    assert_string_equal(p.mail, "mia@uni.example");
    assert_string_equal(p.name, "mia.m");
    s.id.name =
        (struct saml_nameid){.text = "Ab=", .format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"};
    assert_string_equal(subject_of(&s, &p), "eppn:mia.m@uni.example");
    s.id.name.format = SSO_PERSISTENT;
    assert_string_equal(subject_of(&s, &p), "nameid:Ab=");
    say(&s, SSO_PAIRWISE_ID, "K3@uni.example");
    say(&s, SSO_DISPLAY_NAME, "Mia\n<b>");
    assert_string_equal(subject_of(&s, &p), "pairwise-id:k3@uni.example");
    assert_string_equal(p.name, "Mia <b>");
    s.v[2] = "k3@other.example"; /* a foreign scope is no reason to take the next best */
    assert_string_equal(subject_of(&s, &p), "sso_failed");
    s.v[2] = "k3";
    assert_string_equal(subject_of(&s, &p), "sso_failed");
    s.a[2].n = 0;
    assert_string_equal(subject_of(&s, &p), "nameid:Ab=");
}

/* A provider that begins to release a stronger identifier keeps its people; by eppn nobody is found. */
static void a_stronger_identifier_finds_the_account(void **state)
{
    (void)state;
    struct sso_person p = {0};
    struct said s = {0};
    struct idp *idp, *other;
    struct sso_account found;
    struct db_done done;
    struct audit_list trail;
    int64_t user = world_person(&w, "stronger"), reused = world_person(&w, "reused");
    assert_ok(idp_get(cx, add(ENTITY, "/idp.xml", metadata(ENTITY, "")), &idp));
    assert_ok(idp_get(cx, add("https://x.example/", "/x.xml", NULL), &other));
    assert_ok(db_exec(cx, SQL_identity_insert, &done, "isst", user, sso_provider(cx, ENTITY),
                      "nameid:St=", clock_now()));
    int64_t identity = done.id;
    assert_ok(db_exec(cx, SQL_identity_insert, &done, "isst", reused, sso_provider(cx, ENTITY),
                      "eppn:st@uni.example", clock_now()));
    s.id.name = (struct saml_nameid){.text = "St=", .format = SSO_PERSISTENT};
    say(&s, SSO_EPPN, "st@uni.example");
    assert_string_equal(subject_of(&s, &p), "nameid:St=");
    assert_null(p.former[0]);
    say(&s, SSO_PAIRWISE_ID, "PW@uni.example");
    assert_string_equal(subject_of(&s, &p), "pairwise-id:pw@uni.example");
    assert_ok(shown(cx, sso_identity_find(cx, other, &p, &found)));
    assert_int_equal(found.identity, 0); /* another provider may call somebody else so */
    assert_ok(shown(cx, sso_identity_find(cx, idp, &p, &found)));
    assert_true(found.identity == identity && found.user_id == user && !found.disabled);
    assert_ok(audit_list(cx, NULL, 0, 1, &trail));
    assert_string_equal(trail.item[0].action, "user.identity");
    assert_string_equal(trail.item[0].detail, ENTITY ": pairwise-id instead of nameid");
    say(&s, SSO_SUBJECT_ID, "SI@uni.example");
    assert_string_equal(subject_of(&s, &p), "subject-id:si@uni.example");
    assert_ok(shown(cx, sso_identity_find(cx, idp, &p, &found)));
    assert_int_equal(found.identity, identity);
    /* from then on by that one, whatever else it says */
    s.id.name.text = NULL;
    s.v[1] = "other@uni.example";
    assert_string_equal(subject_of(&s, &p), "subject-id:si@uni.example");
    assert_ok(sso_identity_find(cx, idp, &p, &found));
    assert_int_equal(found.identity, identity);
    /* an eppn may be somebody else's by now; a foreign pairwise-id is none */
    s.v[2] = "new@uni.example";
    s.v[1] = "pw@foreign.example";
    assert_string_equal(subject_of(&s, &p), "subject-id:new@uni.example");
    assert_null(p.former[0]);
    assert_ok(sso_identity_find(cx, idp, &p, &found));
    assert_int_equal(found.identity, 0);
}

/* --- roles by rules --- */

static size_t roles_of(int64_t user)
{
    struct rows *rows = NULL;
    assert_ok(db_query(cx, SQL_user_grants, &rows, "i", user));
    return rows_count(rows);
}

static const struct user_role *lecturer_of_school(int64_t user)
{
    struct user_roles roles;
    assert_ok(user_roles_of(cx, w.school, 100, 0, &roles));
    for (size_t i = 0; i < roles.n; i++)
        if (roles.item[i].user_id == user && roles.item[i].role == ROLE_LECTURER)
            return &roles.item[i];
    return NULL;
}

/* What rules gave is given by hand: whoever did it stands with the role, and in the audit, once. */
static void keep_by_hand(int64_t user)
{
    struct audit_list trail;
    const struct actor *before = cx->actor;
    const struct user_role *role = lecturer_of_school(user);
    assert_true(role && role->idp && !role->granted_by);
    become(&w, w.maintainer);
    assert_ok(shown(cx, user_grant(cx, user, ROLE_LECTURER, w.school)));
    assert_ok(user_grant(cx, user, ROLE_LECTURER, w.school)); /* which changes nothing any more */
    cx->actor = before;
    role = lecturer_of_school(user);
    assert_true(role && !role->idp);
    assert_string_equal(role->granted_by, "maintainer");
    assert_ok(audit_list(cx, "user", user, 2, &trail));
    assert_int_equal(trail.n, 2);
    assert_string_equal(trail.item[0].action, "user.grant");
    assert_string_equal(trail.item[0].actor, "maintainer");
    assert_string_equal(trail.item[0].detail,
                        arena_printf(cx->arena, "lecturer, organisation %lld", (long long)w.school));
    assert_string_not_equal(trail.item[1].actor, "maintainer");
}

static void rules_take_back_what_they_gave(void **state)
{
    (void)state;
    static const char faculty[] = "eduPersonAffiliation = faculty : lecturer school\n";
    struct sso_changes changes;
    struct said s = {0};
    struct idp *idp;
    struct saml_idp m;
    struct db_done done;
    int64_t home, id = add(ENTITY, "/idp.xml", metadata(ENTITY, "")), user = world_person(&w, "ruled");
    assert_ok(idp_get(cx, id, &idp));
    assert_ok(idp_metadata(cx, idp, &m));
    assert_ok(db_exec(cx, SQL_identity_insert, &done, "isst", user, sso_provider(cx, ENTITY),
                      "eppn:r@uni.example", clock_now()));
    say(&s, SSO_AFFILIATION, "faculty");
    say(&s, SSO_SCOPED_AFFILIATION, "faculty@other.example");
    assert_ok(shown(cx, sso_rules_apply(cx, idp, &m, user, done.id, &s.id)));
    assert_int_equal(roles_of(user), 0);
    assert_ok(shown(cx, sso_rules_set(cx, id, faculty, NULL, true, &changes)));
    assert_true(changes.n == 1 && changes.item[0].gains && !changes.more);
    assert_string_equal(changes.item[0].login, "ruled");
    assert_int_equal(roles_of(user), 0);
    assert_ok(shown(cx, sso_rules_set(cx, id, faculty, NULL, false, &changes)));
    assert_int_equal(roles_of(user), 1);
    /* a scope that is not this provider's says nothing */
    assert_ok(sso_rules_set(cx, id, "eduPersonScopedAffiliation = faculty@other.example : lecturer school",
                            NULL, false, &changes));
    assert_true(changes.n == 1 && !changes.item[0].gains);
    assert_int_equal(roles_of(user), 0);
    assert_ok(user_grant(cx, user, ROLE_LECTURER, w.school));
    assert_ok(sso_rules_set(cx, id, faculty, NULL, false, &changes));
    assert_int_equal(changes.n, 0);
    assert_ok(sso_rules_set(cx, id, "", NULL, false, &changes));
    assert_int_equal(roles_of(user), 1); /* by hand */
    /* a role that rules gave first, and hands then, too */
    assert_ok(user_revoke(cx, user, ROLE_LECTURER, w.school));
    assert_ok(sso_rules_set(cx, id, faculty, NULL, false, &changes));
    keep_by_hand(user);
    assert_ok(sso_rules_set(cx, id, "", NULL, false, &changes));
    assert_int_equal(roles_of(user), 1);
    static const char *const wrong[] = {"faculty",
                                        "a = b lecturer school",
                                        "a = : lecturer school",
                                        " = b : lecturer school",
                                        "a = b : admin school",
                                        "a = b : lecturer"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err_clear(cx);
        assert_rc(sso_rules_set(cx, id, wrong[i], NULL, false, &changes), RC_INVALID);
        assert_string_equal(cx->err.key, "sso_rules");
        assert_int_equal(changes.line, 1);
    }
    err_clear(cx);
    assert_rc(
        sso_rules_set(cx, id, "\na = b : lecturer school\na = b : lecturer nowhere", NULL, false, &changes),
        RC_INVALID);
    assert_int_equal(changes.line, 3);
    assert_string_equal(cx->err.key, "idp_org");
    assert_string_equal(cx->err.field, "rules");
    err_clear(cx);
    assert_ok(sso_rules_set(cx, id, "x = y : home other\neduPersonAffiliation = faculty : home uni", NULL,
                            false, &changes));
    assert_ok(sso_rules_home(cx, idp, &m, &s.id, &home));
    assert_int_equal(home, w.uni);
    s.id.attributes_n = 0;
    assert_ok(sso_rules_home(cx, idp, &m, &s.id, &home));
    assert_int_equal(home, w.school);
    become(&w, w.maintainer);
    assert_rc(sso_rules_set(cx, id, faculty, NULL, true, &changes), RC_DENIED);
}

/* A statement that took too long is a failure of a trial, not its end. */
static void a_trial_that_fails_says_so(void **state)
{
    (void)state;
    enum {
        GAINS = 6 /* after the provider, BEGIN, its lock, the rules before and the rules */,
        ER_STATEMENT_TIMEOUT = 1969
    };
    struct sso_changes changes;
    int64_t id = add(ENTITY, "/idp.xml", metadata(ENTITY, ""));
    db_fault(cx, GAINS, ER_STATEMENT_TIMEOUT);
    assert_rc(sso_rules_set(cx, id, "", NULL, true, &changes), RC_TIMEOUT);
    err_clear(cx);
    assert_ok(sso_rules_set(cx, id, "", NULL, true, &changes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_provider_is_added_with_its_metadata, fresh),
        cmocka_unit_test_setup(what_is_wrong_adds_nothing, fresh),
        cmocka_unit_test_setup(a_person_finds_theirs_among_many, fresh),
        cmocka_unit_test_setup(metadata_can_be_brought, fresh),
        cmocka_unit_test_setup(metadata_without_the_signature_is_forgotten, fresh),
        cmocka_unit_test_setup(an_older_form_is_refused, fresh),
        cmocka_unit_test_setup(it_is_said_what_ends_with_a_provider, fresh),
        cmocka_unit_test_setup(the_last_good_metadata_is_kept, fresh),
        cmocka_unit_test_setup(keys_take_over_from_each_other, fresh),
        cmocka_unit_test_setup(another_host_makes_no_key_of_its_own, fresh),
        cmocka_unit_test_setup(a_request_stands_in_a_cookie, fresh),
        cmocka_unit_test_setup(nothing_unsolicited, fresh),
        cmocka_unit_test_setup(an_identity_is_never_a_mail_address, fresh),
        cmocka_unit_test_setup(a_stronger_identifier_finds_the_account, fresh),
        cmocka_unit_test_setup(rules_take_back_what_they_gave, fresh),
        cmocka_unit_test_setup(a_trial_that_fails_says_so, fresh),
    };
    char dir[] = "/tmp/lectern-sso-XXXXXX";
    if (!world_init(&w))
        return 0;
    cx = &w.cx;
    if (!mkdtemp(dir))
        return 1;
    assert_ok(
        shown(cx, conf_parse(cx, "test", str_of(arena_printf(cx->arena, "key_dir = %s\n", dir)), &conf)));
    cx->conf = &conf;
    assert_ok(shown(cx, saml_start(cx)));
    assert_ok(shown(cx, keys_ensure(cx)));
    cert = new_cert();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (file_remove_tree(cx, dir) != RC_OK)
        failed++;
    world_fini(&w);
    saml_stop();
    return failed;
}
