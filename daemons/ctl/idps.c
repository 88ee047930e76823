/* Identity providers at which people sign in, and our keys for them. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/os/file.h"
#include "lib/svc/people/org.h"
#include "lib/svc/sso/idp_edit.h"
#include "lib/svc/sso/sp_key.h"

enum { LISTED = 10000 };

/* By entityID, or by the number that the list shows. */
static enum rc find(struct ctl *ctl, const char *word, struct idp **out)
{
    int64_t id;
    if (str_to_i64(str_of(word), 1, INT64_MAX, &id))
        return idp_get(ctl->cx, id, out);
    return idp_get_by_entity(ctl->cx, word, out);
}

/* What --metadata and --cert name; a path is read here and now. */
static enum rc read_source(struct ctl *ctl, const char *from, const char *cert, struct idp_source *out)
{
    struct str pem = {0};
    struct idp_source source = {.from = from};
    enum rc rc = cert ? file_read(ctl->cx, cert, SAML_MAX_PEM, &pem) : RC_OK;
    if (rc == RC_OK && from[0] == '/')
        rc = file_read(ctl->cx, from, SAML_MAX_METADATA, &source.xml);
    source.cert = pem.p;
    if (rc == RC_OK)
        *out = source;
    return rc;
}

/* What an entityID is called until somebody names it: its metadata's name, else itself. */
static const char *name_of(struct ctl *ctl, const struct idp_new *in)
{
    struct saml_idp m;
    enum saml_reason why;
    struct str own = str_utf8_cut(str_of(in->entity), IDP_NAME_MAX);
    if (in->source.xml.p &&
        saml_idp_metadata(ctl->cx, in->source.xml, in->entity, NULL, 0, clock_now(), &m, &why) == RC_OK &&
        (m.name_de || m.name_en))
        own = str_utf8_cut(str_of(m.name_de ? m.name_de : m.name_en), IDP_NAME_MAX);
    err_clear(ctl->cx);
    return str_dup(ctl->cx->arena, own);
}

static int add(struct ctl *ctl)
{
    const char *org = NULL, *cert = NULL, *from = NULL;
    struct idp_new in = {0};
    struct org *home = NULL;
    int64_t id;
    const struct ctl_option options[] = {{"metadata", &from, NULL},
                                         {"name", &in.name, NULL},
                                         {"org", &org, NULL},
                                         {"cert", &cert, NULL},
                                         {"domains", &in.domains, NULL},
                                         {"scopes", &in.scopes, NULL},
                                         {"allow-cbc", NULL, &in.allow_cbc},
                                         {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    if (!from)
        return ctl_wrong("say where its metadata is: --metadata FILE or --metadata URL");
    in.entity = ctl->argv[0];
    enum rc rc = saml_start(ctl->cx);
    if (rc == RC_OK)
        rc = read_source(ctl, from, cert, &in.source);
    if (rc == RC_OK && org)
        rc = org_get_by_slug(ctl->cx, org, &home);
    if (rc == RC_OK && !in.name)
        in.name = name_of(ctl, &in);
    in.organisation_id = home ? home->id : 0;
    if (rc == RC_OK)
        rc = idp_add(ctl->cx, &in, &id);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot add the identity provider");
    printf("%lld\n", (long long)id);
    return CTL_OK;
}

/* The certificate goes with the place: who names another place names it again, or nobody signs there. */
static enum rc move(struct ctl *ctl, const struct idp *i, const char *from, const char *cert)
{
    struct idp_source source;
    if (!from && !cert)
        return RC_OK;
    enum rc rc = saml_start(ctl->cx);
    if (rc == RC_OK)
        rc = read_source(ctl, from ? from : i->source, cert, &source);
    return rc == RC_OK ? idp_set_source(ctl->cx, i->id, &source) : rc;
}

/* Changes what is given and leaves the rest. */
static int edit(struct ctl *ctl)
{
    const char *org = NULL, *name = NULL, *domains = NULL, *scopes = NULL, *from = NULL, *cert = NULL;
    bool allow = false, refuse = false;
    struct org *home = NULL;
    struct idp *i;
    const struct ctl_option options[] = {
        {"name", &name, NULL},       {"org", &org, NULL},       {"domains", &domains, NULL},
        {"scopes", &scopes, NULL},   {"metadata", &from, NULL}, {"cert", &cert, NULL},
        {"allow-cbc", NULL, &allow}, {"no-cbc", NULL, &refuse}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    if (allow && refuse)
        return ctl_wrong("--allow-cbc or --no-cbc, not both");
    enum rc rc = find(ctl, ctl->argv[0], &i);
    if (rc == RC_OK && org)
        rc = org_get_by_slug(ctl->cx, org, &home);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot change it");
    const struct idp_new in = {.name = name ? name : i->name,
                               .organisation_id = home ? home->id : i->organisation_id,
                               .domains = domains ? domains : i->domains,
                               .scopes = scopes ? scopes : i->scopes,
                               .allow_cbc = allow || (i->allow_cbc && !refuse)};
    rc = move(ctl, i, from, cert);
    if (rc == RC_OK)
        rc = idp_change(ctl->cx, i->id, &in);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change it");
}

static json_t *idp_json(const struct idp *i)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(i->id));
    json_object_set_new(o, "entity", json_string(i->entity));
    json_object_set_new(o, "name", json_string(i->name));
    json_object_set_new(o, "state", json_string(idp_state_name(i->state)));
    json_object_set_new(o, "organisation", i->organisation ? json_string(i->organisation) : json_null());
    json_object_set_new(o, "domains", json_string(i->domains));
    json_object_set_new(o, "scopes", json_string(i->scopes));
    json_object_set_new(o, "allow_cbc", json_boolean(i->allow_cbc));
    json_object_set_new(o, "source", json_string(i->source));
    json_object_set_new(o, "signed", json_boolean(i->source_cert != NULL));
    json_object_set_new(o, "read", ctl_time(i->metadata_at));
    json_object_set_new(o, "valid_until", ctl_time(i->metadata_until));
    json_object_set_new(o, "keys_until", ctl_time(i->keys_until));
    json_object_set_new(o, "tried", ctl_time(i->checked_at));
    json_object_set_new(o, "next", ctl_time(i->due_at));
    json_object_set_new(o, "failure", *i->failure ? json_string(i->failure) : json_null());
    return o;
}

static int list(struct ctl *ctl)
{
    bool json = false;
    struct idp_list idps;
    json_t *all = json_array();
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (idp_list(ctl->cx, "", LISTED, 0, &idps) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the identity providers");
    for (size_t k = 0; k < idps.n; k++) {
        const struct idp *i = &idps.item[k];
        if (json)
            json_array_append_new(all, idp_json(i));
        else
            printf("%4lld  %-8s %-30s %s%s%s\n", (long long)i->id, idp_state_name(i->state), i->name,
                   i->entity, *i->failure ? "  last try: " : "", i->failure);
    }
    if (json)
        ctl_json_print(all);
    else
        json_decref(all);
    return CTL_OK;
}

static json_t *cert_json(const struct saml_cert *c)
{
    json_t *o = json_object();
    json_object_set_new(o, "subject", json_string(c->subject));
    json_object_set_new(o, "sha256", json_string(c->fingerprint));
    json_object_set_new(o, "until", ctl_time(c->ends));
    return o;
}

/* What its metadata says, beside what is set. */
static int show(struct ctl *ctl)
{
    struct idp *i;
    struct saml_idp m;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    if (saml_start(ctl->cx) != RC_OK || find(ctl, ctl->argv[0], &i) != RC_OK)
        return ctl_fail_rc(ctl, "cannot show it");
    json_t *o = idp_json(i), *certs = json_array(), *scopes = json_array();
    if (idp_metadata(ctl->cx, i, &m) == RC_OK) {
        for (size_t k = 0; k < m.certs_n; k++)
            json_array_append_new(certs, cert_json(&m.certs[k]));
        for (size_t k = 0; k < m.scopes_n; k++)
            json_array_append_new(scopes, json_string(m.scopes[k]));
        json_object_set_new(o, "sign_in", json_string(m.sso.redirect));
        json_object_set_new(o, "sign_out", m.slo.redirect ? json_string(m.slo.redirect) : json_null());
    }
    json_object_set_new(o, "metadata_scopes", scopes);
    json_object_set_new(o, "certificates", certs);
    ctl_json_print(o);
    return CTL_OK;
}

static int change(struct ctl *ctl, enum rc (*fn)(struct cx *, int64_t), const char *what)
{
    struct idp *i;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    enum rc rc = find(ctl, ctl->argv[0], &i);
    if (rc == RC_OK)
        rc = fn(ctl->cx, i->id);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, what);
}

static int remove_idp(struct ctl *ctl)
{
    return change(ctl, idp_remove, "cannot remove it");
}

static int refresh(struct ctl *ctl)
{
    return change(ctl, idp_refresh, "cannot have it read again");
}

/* The oldest signs; the words say what a rollover does next. */
static int keys(struct ctl *ctl)
{
    bool add_one = false, drop = false;
    struct sp_keys all;
    const struct ctl_option options[] = {{"add", NULL, &add_one}, {"drop", NULL, &drop}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (add_one && drop)
        return ctl_wrong("--add or --drop, not both");
    enum rc rc = saml_start(ctl->cx);
    if (rc == RC_OK && (add_one || drop))
        rc = add_one ? sp_keys_add(ctl->cx) : sp_keys_drop(ctl->cx);
    if (rc == RC_OK)
        rc = sp_keys_read(ctl->cx, &all);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot change the keys");
    for (size_t k = 0; k < all.n; k++) {
        const struct saml_cert *c = saml_key_cert(all.key[k]);
        char until[CLOCK_ISO_SIZE];
        clock_iso(c->ends, until);
        printf("%s  %-10s until %.10s  sha256 %s\n", all.id[k], k == 0 ? "signs" : "waits", until,
               c->fingerprint);
    }
    return CTL_OK;
}

const struct ctl_command ctl_idp_commands[] = {
    {"idp add",
     "ENTITYID --metadata FILE|URL [--cert FILE] [--name NAME] [--org SLUG] [--domains WORDS] [--scopes "
     "WORDS] "
     "[--allow-cbc]",
     "people may sign in there", add},
    {"idp edit",
     "ENTITYID|NUMBER [--name NAME] [--org SLUG] [--domains WORDS] [--scopes WORDS] [--metadata FILE|URL] "
     "[--cert FILE] [--allow-cbc | --no-cbc]",
     "changes what is given", edit},
    {"idp list", "[--json]", "all of them, and how they stand", list},
    {"idp show", "ENTITYID|NUMBER", "one with what its metadata says, as JSON", show},
    {"idp refresh", "ENTITYID|NUMBER", "lectern-courierd reads its metadata now", refresh},
    {"idp remove", "ENTITYID|NUMBER", "nobody signs in there; accounts stay", remove_idp},
    {"idp keys", "[--add | --drop]", "our keys; --add begins a rollover, --drop ends it", keys},
    {NULL, NULL, NULL, NULL},
};
