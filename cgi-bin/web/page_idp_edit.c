/* Identity providers, for administrators: adding one, where its metadata comes from, ending it. */
#include "cgi-bin/web/picker.h"
#include "cgi-bin/web/seen.h"

#include "lib/svc/people/org.h"
#include "lib/svc/policy.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/idp_edit.h"

enum { N_NAME, N_SOURCE, N_CERT, N_ENTITY, N_DOMAINS, N_ORG, N_COUNT };
static const struct web_param new_params[N_COUNT] = {
    [N_NAME] = {"name", WEB_LINE, true, 1, IDP_NAME_MAX, NULL},
    [N_SOURCE] = {"source", WEB_LINE, false, 0, IDP_SOURCE_MAX, NULL},
    [N_CERT] = {"cert", WEB_TEXT, false, 0, SAML_MAX_PEM, NULL},
    [N_ENTITY] = {"entity", WEB_LINE, false, 0, IDP_ENTITY_MAX, NULL},
    [N_DOMAINS] = {"domains", WEB_LINE, false, 0, IDP_WORDS_MAX, NULL},
    [N_ORG] = {"org", WEB_INT, true, 0, INT64_MAX, NULL},
};

enum { S_ID, S_SOURCE, S_CERT, S_COUNT };
static const struct web_param source_params[S_COUNT] = {
    [S_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [S_SOURCE] = {"source", WEB_LINE, false, 0, IDP_SOURCE_MAX, NULL},
    [S_CERT] = {"cert", WEB_TEXT, false, 0, SAML_MAX_PEM, NULL},
};

/* --- where metadata comes from --- */

/* An address or a file. Paths of the host are for the command line. */
static enum rc read_source(struct web_request *rq, const struct web_value *from, const struct web_value *cert,
                           struct idp_source *out)
{
    bool file = rq->file.field && strcmp(rq->file.field, "file") == 0;
    if (file && rq->file.too_big)
        return err_set(&rq->cx, RC_TOOBIG, "file", "idp_file_big", "over %d bytes", WEB_MAX_FILE);
    if (file && *from->text)
        return err_set(&rq->cx, RC_INVALID, "file", "idp_source_both", "an address and a file");
    if (*from->text == '/')
        return err_set(&rq->cx, RC_INVALID, "source", "idp_source_path", "a path");
    *out = (struct idp_source){.from = from->text,
                               .cert = *cert->text ? cert->text : NULL,
                               .xml = file ? rq->file.bytes : (struct str){NULL, 0}};
    return RC_OK;
}

/* What is wrong with a file stands beside it. */
static enum rc explain(struct web_request *rq, enum rc rc)
{
    if (rc == RC_INVALID && rq->cx.err.key && strcmp(rq->cx.err.key, "idp_metadata") == 0)
        web_field_error(rq, "file", web_t(rq, "Idp.bad_file", "why", rq->cx.err.detail));
    return rc;
}

static enum rc to_one(struct web_request *rq, int64_t id)
{
    return web_redirect(rq, arena_printf(rq->cx.arena, "/admin/idp/%lld", (long long)id));
}

/* --- adding --- */

enum rc page_idp_new(struct web_request *rq)
{
    enum rc rc = policy_check(&rq->cx, ACT_INSTALL, NULL);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < N_COUNT; i++)
        web_field(rq, new_params[i].name, i == N_ORG ? "0" : "");
    web_field(rq, "file", "");
    view_flag(rq->values, "Idp.file_again", rq->retry && rq->file.field);
    view_set(rq->values, "Idp.ours", sso_entity(&rq->cx));
    rc = picker_show(rq,
                     &(struct picker){.field = "org", .purpose = "manage", .none = web_t(rq, "Idp.no_home")});
    return rc == RC_OK ? web_page(rq, "idp_new", web_t(rq, "Idp.add")) : rc;
}

enum rc page_idp_create(struct web_request *rq)
{
    struct web_value v[N_COUNT];
    int64_t id;
    web_form_page(rq, page_idp_new);
    if (picker_asked(rq, "org"))
        return web_form_again(rq);
    enum rc rc = web_params(rq, new_params, N_COUNT, v);
    struct idp_new in = {.entity = v[N_ENTITY].text,
                         .name = v[N_NAME].text,
                         .organisation_id = v[N_ORG].num,
                         .domains = v[N_DOMAINS].text};
    if (rc == RC_OK)
        rc = read_source(rq, &v[N_SOURCE], &v[N_CERT], &in.source);
    if (rc == RC_OK)
        rc = explain(rq, idp_add(&rq->cx, &in, &id));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "idp_added", v[N_NAME].text, NULL);
    return to_one(rq, id);
}

enum rc page_idp_source(struct web_request *rq)
{
    struct web_value v[S_COUNT];
    struct idp_source source = {0};
    web_form_page(rq, page_idp);
    enum rc rc = web_params(rq, source_params, S_COUNT, v);
    if (rc == RC_OK)
        rc = read_source(rq, &v[S_SOURCE], &v[S_CERT], &source);
    source.seen = seen_sent(rq);
    if (rc == RC_OK)
        rc = explain(rq, idp_set_source(&rq->cx, v[S_ID].num, &source));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, source.xml.p ? "idp_metadata_kept" : "idp_refreshed", NULL, NULL);
    return to_one(rq, v[S_ID].num);
}

/* --- ending --- */

static void add_count(struct web_request *rq, const char *key, int64_t n)
{
    view_set(view_add(rq->values, "Ends"), "text", i18n_count(rq->cx.arena, rq->lang, key, n));
}

enum rc page_idp_end(struct web_request *rq)
{
    struct web_value v;
    struct idp_ending ends;
    enum rc rc = web_params(rq, &source_params[S_ID], 1, &v);
    if (rc == RC_OK)
        rc = idp_ending(&rq->cx, v.num, &ends);
    if (rc != RC_OK)
        return rc;
    view_num(rq->values, "Idp.id", v.num);
    view_set(rq->values, "Idp.name", ends.name);
    view_set(rq->values, "Idp.end_title", web_t(rq, "Idp.end_title", "what", ends.name));
    add_count(rq, "Idp.end_people", ends.people);
    if (ends.people > 0)
        add_count(rq, "Idp.end_stranded", ends.stranded);
    add_count(rq, "Idp.end_sessions", ends.sessions);
    add_count(rq, "Idp.end_roles", ends.roles);
    return web_page(rq, "idp_end", web_t(rq, "Idp.end"));
}

enum rc page_idp_end_send(struct web_request *rq)
{
    struct web_value v;
    struct idp_ending ends;
    web_form_page(rq, page_idp_end);
    enum rc rc = web_params(rq, &source_params[S_ID], 1, &v);
    if (rc == RC_OK)
        rc = idp_ending(&rq->cx, v.num, &ends);
    if (rc == RC_OK)
        rc = idp_remove(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "idp_ended", ends.name, NULL);
    return web_redirect(rq, "/admin/idp");
}
