#include "lib/svc/sso/logout.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/session.h"
#include "lib/svc/secret.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/idp.h"
#include "lib/svc/sso/sp_key.h"

/* --- ours --- */

/* The name's hash is of its text alone: providers leave out format and qualifiers when they end it. */
enum rc sso_session_keep(struct cx *cx, struct str hash, int64_t idp_id, const struct saml_identity *said)
{
    const struct saml_nameid *n = &said->name;
    struct str named = {NULL, 0};
    if (n->text)
        named = sso_hash(cx, n->text);
    enum rc rc =
        db_exec(cx, SQL_session_saml_insert, NULL, "BiBsssss", &hash, idp_id, n->text ? &named : NULL,
                n->text, n->format, n->name_qualifier, n->sp_name_qualifier, said->session_index);
    if (rc != RC_CONFLICT)
        return rc;
    err_clear(cx);
    return err_set(cx, RC_DENIED, NULL, "sso_failed", "provider %lld was removed meanwhile",
                   (long long)idp_id);
}

/* The session's row, as sso_session_keep wrote it. */
static struct saml_logout request_of(struct cx *cx, const struct rows *rows, const char **index)
{
    *index = row_text(rows, 0, 5);
    return (struct saml_logout){.id = saml_new_id(cx),
                                .issuer = sso_entity(cx),
                                .name = {.text = row_text(rows, 0, 1),
                                         .format = row_text(rows, 0, 2),
                                         .name_qualifier = row_text(rows, 0, 3),
                                         .sp_name_qualifier = row_text(rows, 0, 4)},
                                .sessions = index,
                                .sessions_n = *index ? 1 : 0,
                                .now = clock_now()};
}

/* A redirect if it can be, else a form. */
static enum rc send(struct cx *cx, const struct saml_key *key, const char *redirect, struct str xml,
                    struct sso_way *way)
{
    return redirect ? saml_redirect_url(cx, key, redirect, way->field, xml, way->relay, &way->url)
                    : saml_post_field(cx, key, xml, &way->value);
}

static enum rc ask_provider(struct cx *cx, const struct rows *rows, struct sso_sign_out *out)
{
    struct idp *idp;
    struct saml_idp theirs = {0};
    struct sp_keys keys;
    struct str xml;
    const char *index;
    enum rc rc = idp_get(cx, row_i64(rows, 0, 0), &idp);
    if (rc == RC_OK)
        rc = idp_metadata(cx, idp, &theirs);
    if (rc == RC_OK)
        rc = sp_keys_need(cx, &keys);
    const struct saml_endpoint *to = &theirs.slo;
    if (rc != RC_OK || (!to->redirect && !to->post))
        return rc;
    struct saml_logout m = request_of(cx, rows, &index);
    m.destination = to->redirect ? to->redirect : to->post;
    struct sso_way way = {.url = m.destination, .field = SAML_REQUEST, .name = idp->name};
    rc = saml_logout_write(cx, &m, &xml);
    if (rc == RC_OK)
        rc = send(cx, keys.key[0], to->redirect, xml, &way);
    if (rc == RC_OK)
        *out = (struct sso_sign_out){.way = way, .request = m.id};
    return rc;
}

enum rc sso_sign_out(struct cx *cx, const char *token, struct sso_sign_out *out)
{
    struct sso_sign_out done = {0};
    struct rows *rows = NULL;
    struct str hash;
    if (!secret_hash(cx, str_of(token), &hash))
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "not a session token");
    enum rc rc = db_query(cx, SQL_session_saml_get, &rows, "B", &hash);
    if (rc == RC_OK && rows_count(rows) > 0 && ask_provider(cx, rows, &done) != RC_OK) {
        log_err(LOG_WARN, cx, "the provider is not told of a sign-out");
        err_clear(cx);
    }
    if (rc == RC_OK)
        rc = session_close(cx, token);
    if (rc == RC_OK)
        *out = done;
    return rc;
}

/* --- theirs --- */

static enum rc receive(struct cx *cx, const struct sso_logout *in, struct saml_message *m)
{
    enum saml_reason why;
    return in->post ? saml_receive_post(cx, in->field, str_of(in->value), in->relay, m, &why)
                    : saml_receive_redirect(cx, in->query, m, &why);
}

static enum rc end_sessions(struct cx *cx, const struct idp *idp, const struct saml_logout *m)
{
    struct db_done done = {0};
    int64_t ended = 0;
    struct str name = sso_hash(cx, m->name.text);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && (i < m->sessions_n || (i == 0 && m->sessions_n == 0)); i++) {
        const char *index = m->sessions_n ? m->sessions[i] : NULL;
        rc = db_exec(cx, SQL_session_delete_named, &done, "iBss", idp->id, &name, index, index);
        ended += done.affected;
    }
    return rc == RC_OK ? audit_write(cx, "session.signout", "idp", idp->id, "%lld sessions, by the provider",
                                     (long long)ended)
                       : rc;
}

/* Where our answer goes, signed. */
static enum rc answer(struct cx *cx, const struct sp_keys *keys, const struct saml_idp *theirs,
                      const struct saml_logout *m, struct sso_way *way)
{
    struct str xml;
    const struct saml_endpoint *to = &theirs->slo;
    const struct saml_logout_answer a = {.id = saml_new_id(cx),
                                         .issuer = sso_entity(cx),
                                         .destination =
                                             to->redirect_answer ? to->redirect_answer : to->post_answer,
                                         .in_response_to = m->id,
                                         .status = SAML_STATUS_SUCCESS,
                                         .now = clock_now()};
    if (!a.destination)
        return RC_OK;
    way->url = a.destination;
    way->field = SAML_ANSWER;
    enum rc rc = saml_logout_answer_write(cx, &a, &xml);
    return rc == RC_OK ? send(cx, keys->key[0], to->redirect_answer, xml, way) : rc;
}

static enum rc decide(struct cx *cx, const struct sso_logout *in, const struct saml_message *m,
                      struct sso_way *way)
{
    struct idp *idp;
    struct saml_idp theirs;
    struct sp_keys keys;
    struct saml_logout request;
    struct saml_logout_answer done;
    enum saml_reason why;
    enum rc rc = idp_get_by_entity(cx, m->issuer, &idp);
    if (rc == RC_OK)
        rc = idp_metadata(cx, idp, &theirs);
    if (rc == RC_OK)
        rc = sp_keys_need(cx, &keys);
    if (rc != RC_OK)
        return rc;
    const struct saml_expect expect = {.idp = idp->entity,
                                       .certs = theirs.certs,
                                       .certs_n = theirs.certs_n,
                                       .sp = sso_entity(cx),
                                       .url = sso_slo(cx),
                                       .request = in->request,
                                       .keys = keys.key,
                                       .keys_n = keys.n,
                                       .allow_cbc = idp->allow_cbc,
                                       .now = clock_now()};
    if (m->kind == SAML_LOGOUT_RESPONSE) {
        rc = saml_logout_answer_verify(cx, &expect, m, &done, &why);
        if (rc == RC_OK && strcmp(done.status, SAML_STATUS_SUCCESS) != 0)
            rc = err_set(cx, RC_DENIED, NULL, "sso_failed", "the provider says %s", done.status);
        return rc;
    }
    rc = saml_logout_verify(cx, &expect, m, &request, &why);
    if (rc == RC_OK)
        rc = end_sessions(cx, idp, &request);
    way->name = idp->name;
    way->relay = m->relay;
    return rc == RC_OK ? answer(cx, &keys, &theirs, &request, way) : rc;
}

enum rc sso_logout(struct cx *cx, const struct sso_logout *in, struct sso_way *way)
{
    struct saml_message m;
    struct sso_way to = {0};
    enum rc rc = receive(cx, in, &m);
    if (rc == RC_OK)
        rc = decide(cx, in, &m, &to);
    if (rc == RC_OK)
        *way = to;
    return sso_one_failure(cx, rc);
}
