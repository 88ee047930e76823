/* SAML from a shell, without a database: what the verifier says to a response that was kept, what metadata
 * says, a new key. */
#include "daemons/ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/os/file.h"
#include "lib/saml/metadata.h"

/* What `saml check` was given. */
struct check {
    const char *certs, *keys, *now; /* lists of files, seconds */
    struct saml_cert cert[SAML_MAX_CERTS];
    struct saml_key *key[SAML_MAX_KEYS];
    struct saml_expect expect;
};

/* --- reading --- */

static enum rc add_certs(struct cx *cx, const char *path, struct check *c)
{
    struct str pem;
    const struct saml_cert *list = NULL;
    size_t n = 0;
    enum rc rc = file_read(cx, path, SAML_MAX_PEM, &pem);
    if (rc == RC_OK)
        rc = saml_certs_from_pem(cx, pem, &list, &n);
    if (rc == RC_OK && c->expect.certs_n + n > SAML_MAX_CERTS)
        rc = err_set(cx, RC_TOOBIG, NULL, NULL, "more than %d certificates", SAML_MAX_CERTS);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        c->cert[c->expect.certs_n++] = list[i];
    return rc;
}

static enum rc add_key(struct cx *cx, const char *path, struct check *c)
{
    struct str pem;
    if (c->expect.keys_n == SAML_MAX_KEYS)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "more than %d keys", SAML_MAX_KEYS);
    enum rc rc = file_read(cx, path, SAML_MAX_PEM, &pem);
    if (rc == RC_OK)
        rc = saml_key_from_pem(cx, pem, (struct str){NULL, 0}, &c->key[c->expect.keys_n]);
    if (rc == RC_OK)
        c->expect.keys_n++;
    return rc;
}

/* Each file of "FILE,FILE". */
static enum rc each_file(struct cx *cx, const char *list, struct check *c,
                         enum rc (*add)(struct cx *, const char *, struct check *))
{
    enum rc rc = RC_OK;
    for (struct str rest = str_of(list); rest.n > 0 && rc == RC_OK;)
        rc = add(cx, str_dup(cx->arena, str_cut(&rest, ',')), c);
    return rc;
}

/* XML, or the base64 of the form field SAMLResponse. */
static enum rc read_message(struct cx *cx, const char *path, struct str *xml)
{
    enum rc rc = file_read(cx, path, 2 * (size_t)SAML_MAX_MESSAGE, xml);
    struct str text = rc == RC_OK ? str_trim(*xml) : (struct str){NULL, 0};
    struct str decoded;
    enum saml_reason ignored;
    if (rc == RC_OK && saml_post_decode(cx, text, &decoded, &ignored) == RC_OK)
        *xml = decoded;
    return rc;
}

/* --- saying --- */

static void put_text(json_t *o, const char *name, const char *text)
{
    json_object_set_new(o, name, text ? json_string(text) : json_null());
}

static json_t *attributes_json(const struct saml_identity *id)
{
    json_t *o = json_object();
    for (size_t i = 0; i < id->attributes_n; i++) {
        json_t *values = json_array();
        for (size_t v = 0; v < id->attributes[i].n; v++)
            json_array_append_new(values, json_string(id->attributes[i].values[v]));
        json_object_set_new(o, id->attributes[i].name, values);
    }
    return o;
}

static void print_identity(const struct saml_identity *id)
{
    json_t *o = json_object();
    put_text(o, "nameid", id->name.text);
    put_text(o, "format", id->name.format);
    put_text(o, "name_qualifier", id->name.name_qualifier);
    put_text(o, "sp_name_qualifier", id->name.sp_name_qualifier);
    json_object_set_new(o, "attributes", attributes_json(id));
    put_text(o, "session_index", id->session_index);
    json_object_set_new(o, "session_end", ctl_time(id->session_end));
    json_object_set_new(o, "authenticated", ctl_time(id->authenticated));
    put_text(o, "context", id->context);
    put_text(o, "issuer", id->issuer);
    put_text(o, "in_response_to", id->in_response_to);
    put_text(o, "assertion", id->assertion);
    json_object_set_new(o, "used_until", ctl_time(id->used_until));
    ctl_json_print(o);
}

/* --- check --- */

static int run_check(struct ctl *ctl, struct check *c)
{
    struct cx *cx = ctl->cx;
    struct saml_identity id;
    struct str xml;
    enum saml_reason why;
    if (each_file(cx, c->certs, c, add_certs) != RC_OK)
        return ctl_fail_rc(ctl, "--idp-cert");
    if (c->keys && each_file(cx, c->keys, c, add_key) != RC_OK)
        return ctl_fail_rc(ctl, "--sp-key");
    if (read_message(cx, ctl->argv[0], &xml) != RC_OK || saml_start(cx) != RC_OK)
        return ctl_fail_rc(ctl, "cannot check");
    enum rc rc = saml_response_verify(cx, &c->expect, xml, &id, &why);
    if (rc == RC_OK) {
        print_identity(&id);
    } else {
        puts(saml_reason_name(why));
        ctl_fail_rc(ctl, "refused");
    }
    saml_stop();
    return rc == RC_OK ? CTL_OK : CTL_FAILED;
}

static int check(struct ctl *ctl)
{
    struct check c = {.keys = NULL};
    const struct ctl_option options[] = {{"idp-cert", &c.certs, NULL},
                                         {"sp-key", &c.keys, NULL},
                                         {"idp", &c.expect.idp, NULL},
                                         {"sp", &c.expect.sp, NULL},
                                         {"acs", &c.expect.url, NULL},
                                         {"request", &c.expect.request, NULL},
                                         {"now", &c.now, NULL},
                                         {"allow-cbc", NULL, &c.expect.allow_cbc},
                                         {NULL, NULL, NULL}};
    int64_t now;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    if (!c.certs || !c.expect.idp || !c.expect.sp || !c.expect.url || !c.expect.request || !c.now)
        return ctl_wrong("--idp-cert, --idp, --sp, --acs, --request and --now are needed");
    if (!str_to_i64(str_of(c.now), 0, INT64_MAX / 10000, &now))
        return ctl_wrong("--now is a time in seconds since 1970");
    c.expect.now = now * 1000;
    c.expect.certs = c.cert;
    c.expect.keys = (const struct saml_key *const *)c.key;
    int status = run_check(ctl, &c);
    for (size_t i = 0; i < SAML_MAX_KEYS; i++)
        saml_key_free(c.key[i]);
    return status;
}

/* --- metadata --- */

static json_t *texts_json(const char *const *list, size_t n)
{
    json_t *a = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(a, json_string(list[i]));
    return a;
}

static json_t *endpoint_json(const struct saml_endpoint *p)
{
    json_t *o = json_object();
    put_text(o, "redirect", p->redirect);
    put_text(o, "post", p->post);
    return o;
}

static void print_idp(const struct saml_idp *idp)
{
    json_t *o = json_object(), *certs = json_array();
    for (size_t i = 0; i < idp->certs_n; i++) {
        json_t *c = json_object();
        put_text(c, "subject", idp->certs[i].subject);
        put_text(c, "sha256", idp->certs[i].fingerprint);
        json_object_set_new(c, "begins", ctl_time(idp->certs[i].begins));
        json_object_set_new(c, "ends", ctl_time(idp->certs[i].ends));
        json_array_append_new(certs, c);
    }
    put_text(o, "idp", idp->entity);
    put_text(o, "name_de", idp->name_de);
    put_text(o, "name_en", idp->name_en);
    json_object_set_new(o, "valid_until", ctl_time(idp->valid_until));
    json_object_set_new(o, "certificates", certs);
    json_object_set_new(o, "sign_in", endpoint_json(&idp->sso));
    json_object_set_new(o, "sign_out", endpoint_json(&idp->slo));
    json_object_set_new(o, "scopes", texts_json(idp->scopes, idp->scopes_n));
    ctl_json_print(o);
}

static int metadata(struct ctl *ctl)
{
    struct check c = {.keys = NULL};
    const struct ctl_option options[] = {
        {"cert", &c.certs, NULL}, {"idp", &c.expect.idp, NULL}, {NULL, NULL, NULL}};
    struct cx *cx = ctl->cx;
    struct saml_idp idp;
    struct str xml;
    enum saml_reason why;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    if (c.certs && each_file(cx, c.certs, &c, add_certs) != RC_OK)
        return ctl_fail_rc(ctl, "--cert");
    if (file_read(cx, ctl->argv[0], SAML_MAX_METADATA, &xml) != RC_OK || saml_start(cx) != RC_OK)
        return ctl_fail_rc(ctl, "cannot read metadata");
    enum rc rc = saml_idp_metadata(cx, xml, c.expect.idp, c.cert, c.expect.certs_n, clock_now(), &idp, &why);
    if (rc == RC_OK) {
        print_idp(&idp);
    } else {
        puts(saml_reason_name(why));
        ctl_fail_rc(ctl, "refused");
    }
    saml_stop();
    return rc == RC_OK ? CTL_OK : CTL_FAILED;
}

/* --- key --- */

static int write_key(struct ctl *ctl, const struct saml_key *key, const char *key_file, const char *cert_file)
{
    enum { SECRET = 0600, PUBLIC = 0644 };
    struct cx *cx = ctl->cx;
    struct str pem, cert = str_of(saml_cert_to_pem(cx, saml_key_cert(key)));
    if (saml_key_to_pem(cx, key, &pem) != RC_OK || file_write(cx, key_file, pem, SECRET) != RC_OK ||
        file_write(cx, cert_file, cert, PUBLIC) != RC_OK)
        return ctl_fail_rc(ctl, "cannot write the key");
    puts(saml_key_cert(key)->fingerprint);
    return CTL_OK;
}

static int new_key(struct ctl *ctl)
{
    enum { YEARS = 10 };
    const char *name = NULL, *key_file = NULL, *cert_file = NULL;
    const struct ctl_option options[] = {
        {"name", &name, NULL}, {"key", &key_file, NULL}, {"cert", &cert_file, NULL}, {NULL, NULL, NULL}};
    struct saml_key *key;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (!name || !key_file || !cert_file)
        return ctl_wrong("--name, --key and --cert are needed");
    if (access(key_file, F_OK) == 0 || access(cert_file, F_OK) == 0)
        return ctl_fail("%s or %s is there already: a key is never overwritten", key_file, cert_file);
    if (saml_key_generate(ctl->cx, name, clock_now(), YEARS, &key) != RC_OK)
        return ctl_fail_rc(ctl, "cannot make a key");
    int status = write_key(ctl, key, key_file, cert_file);
    saml_key_free(key);
    return status;
}

const struct ctl_command ctl_saml_commands[] = {
    {"saml check",
     "--idp-cert FILE[,FILE] [--sp-key FILE[,FILE]] --idp ENTITYID --sp ENTITYID --acs URL --request ID "
     "--now SECONDS "
     "[--allow-cbc] FILE",
     "what the verifier says to a kept SAMLResponse", check},
    {"saml metadata", "[--cert FILE[,FILE]] [--idp ENTITYID] FILE",
     "what an identity provider's metadata says", metadata},
    {"saml key", "--name HOST --key FILE --cert FILE",
     "a new key for signing in by SAML, with its certificate", new_key},
    {NULL, NULL, NULL, NULL},
};
