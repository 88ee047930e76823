#include "lib/svc/sso/signin.h"

#include <string.h>

#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/ask.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/identity.h"
#include "lib/svc/sso/link.h"
#include "lib/svc/sso/logout.h"
#include "lib/svc/sso/person.h"
#include "lib/svc/sso/rules.h"
#include "lib/svc/sso/sp_key.h"

enum { TRIES = 3, LOGIN_TRIES = 20, LOGIN_RANDOM = 7 };

/* One answer on its way: what the browser's cookie says, what the provider said. */
struct answer {
    const struct sso_answer *in;
    struct jwt_claims asked;
    struct idp *idp;
    struct saml_idp metadata;
    struct saml_identity said;
    struct sso_person person;
    const char *provider; /* of the identity */
    bool followed;        /* name or mail of the account have changed */
    struct sso_signed_in result;
};

static enum rc refuse(struct cx *cx, const char *why)
{
    return err_set(cx, RC_DENIED, NULL, "sso_failed", "%s", why);
}

/* --- is it true --- */

static enum rc verify(struct cx *cx, struct answer *a)
{
    struct sp_keys keys;
    struct str xml;
    enum saml_reason why;
    enum rc rc = sp_keys_need(cx, &keys);
    if (rc == RC_OK)
        rc = saml_post_decode(cx, str_of(a->in->response), &xml, &why);
    if (rc != RC_OK)
        return rc;
    const struct saml_expect expect = {.idp = a->idp->entity,
                                       .certs = a->metadata.certs,
                                       .certs_n = a->metadata.certs_n,
                                       .sp = sso_entity(cx),
                                       .url = sso_acs(cx),
                                       .request = a->asked.rid,
                                       .keys = keys.key,
                                       .keys_n = keys.n,
                                       .allow_cbc = a->idp->allow_cbc,
                                       .now = clock_now()};
    return saml_response_verify(cx, &expect, xml, &a->said, &why);
}

static enum rc read_answer(struct cx *cx, struct answer *a)
{
    if (!a->in->cookie)
        return refuse(
            cx,
            "no request of this browser waits for this answer: unsolicited, used, or older than ten minutes");
    enum rc rc = sso_asked_read(cx, a->in->cookie, &a->asked);
    if (rc == RC_OK)
        rc = idp_get(cx, a->asked.idp, &a->idp);
    if (rc == RC_OK)
        rc = idp_metadata(cx, a->idp, &a->metadata);
    if (rc == RC_OK)
        rc = verify(cx, a);
    if (rc == RC_OK)
        rc = sso_person_of(cx, a->idp, &a->metadata, &a->said, &a->person);
    if (rc == RC_OK)
        a->provider = sso_provider(cx, a->idp->entity);
    return rc;
}

/* --- whose account --- */

/* The wish, else the wish with a number, else with chance behind it. */
static enum rc free_login(struct cx *cx, const char *wish, const char **login)
{
    struct user *u;
    for (int i = 1; i <= LOGIN_TRIES; i++) {
        *login = i == 1 ? wish : arena_printf(cx->arena, "%s%d", wish, i);
        enum rc rc = user_get_by_login(cx, *login, &u);
        if (rc == RC_NOTFOUND)
            err_clear(cx);
        if (rc != RC_OK)
            return rc == RC_NOTFOUND ? RC_OK : rc;
    }
    char tail[LOGIN_RANDOM];
    rand_key(tail, sizeof tail);
    *login = arena_printf(cx->arena, "%s-%s", wish, tail);
    return RC_OK;
}

static enum rc make_account(struct cx *cx, struct answer *a, struct user *user, int64_t *identity)
{
    struct actor program = policy_system("sign-in");
    const struct actor *before = cx->actor;
    struct user_new in = {.name = a->person.name, .email = a->person.mail};
    struct db_done done = {0};
    int64_t id = 0;
    enum rc rc = free_login(cx, a->person.login, &in.login);
    if (rc == RC_OK)
        rc = sso_rules_home(cx, a->idp, &a->metadata, &a->said, &in.organisation_id);
    cx->actor = &program;
    if (rc == RC_OK)
        rc = user_create(cx, &in, &id);
    cx->actor = before;
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_identity_insert, &done, "isst", id, a->provider, a->person.subject, clock_now());
    if (rc != RC_OK)
        return rc;
    *user = (struct user){.id = id, .login = in.login, .name = in.name};
    *identity = done.id;
    return RC_OK;
}

/* An account that this provider began is called as it says now. */
static enum rc follow(struct cx *cx, struct answer *a, struct user *user, int64_t identity)
{
    struct db_done done = {0};
    const struct sso_person *p = &a->person;
    enum rc rc = db_exec(cx, SQL_identity_follow, &done, "ssiiss", p->said_name, p->mail, user->id, identity,
                         p->said_name, p->mail);
    a->followed = rc == RC_OK && done.affected > 0;
    if (a->followed && p->said_name)
        user->name = p->said_name;
    return rc;
}

static enum rc find_account(struct cx *cx, struct answer *a, struct user *user, int64_t *identity)
{
    struct sso_account found = {0};
    enum rc rc = sso_identity_find(cx, a->idp, &a->person, &found);
    if (rc != RC_OK)
        return rc;
    if (found.identity == 0)
        return make_account(cx, a, user, identity);
    if (found.disabled)
        return refuse(cx, "the account is disabled");
    *identity = found.identity;
    *user = (struct user){.id = found.user_id, .login = found.login, .name = found.name};
    return follow(cx, a, user, *identity);
}

/* --- the session --- */

/* Neither an answer nor what it answers counts a second time; the unique key decides, also between hosts. */
static enum rc use_once(struct cx *cx, const struct answer *a)
{
    const char *const once[] = {
        arena_printf(cx->arena, "assertion %lld %s", (long long)a->idp->id, a->said.assertion),
        arena_printf(cx->arena, "request %s", a->asked.rid)};
    const int64_t until[] = {a->said.used_until, a->asked.exp * 1000};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        struct str hash = sso_hash(cx, once[i]);
        enum rc rc = db_exec(cx, SQL_saml_used_insert, NULL, "Bt", &hash, until[i]);
        if (rc == RC_CONFLICT) {
            err_clear(cx);
            return refuse(cx, i == 0 ? "this assertion was used before" : "this request was answered before");
        }
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc end_session_before(struct cx *cx, const struct answer *a)
{
    unsigned char *hash = NULL;
    size_t n = 0;
    if (!a->asked.old || !str_b64url_decode(cx->arena, str_of(a->asked.old), &hash, &n))
        return RC_OK;
    return session_close_hash(cx, (struct str){(const char *)hash, n});
}

static enum rc begin_session(struct cx *cx, struct answer *a, int64_t user_id, const char **token)
{
    struct str hash;
    int64_t ends = a->said.session_end == NO_TIME ? INT64_MAX : a->said.session_end;
    enum rc rc = session_create_until(cx, user_id, a->in->agent, ends, token, &hash);
    return rc == RC_OK ? sso_session_keep(cx, hash, a->idp->id, &a->said) : rc;
}

/* Somebody who is signed in wants to sign in this way, too: they are asked on a page of ours. */
static enum rc link_tx(struct cx *cx, void *arg)
{
    struct answer *a = arg;
    const char *secret = NULL, *shown = a->person.mail ? a->person.mail : a->person.name;
    enum rc rc = use_once(cx, a);
    if (rc == RC_OK)
        rc = sso_link_keep(cx, a->asked.usr, a->idp->id, a->person.subject, shown, &secret);
    if (rc == RC_OK)
        a->result = (struct sso_signed_in){.idp_id = a->idp->id, .link = secret};
    return rc;
}

static enum rc sign_in_tx(struct cx *cx, void *arg)
{
    struct answer *a = arg;
    struct user user;
    struct actor *actor = NULL;
    const char *token = NULL;
    int64_t identity = 0;
    enum rc rc = use_once(cx, a);
    if (rc == RC_OK)
        rc = find_account(cx, a, &user, &identity);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_identity_used, NULL, "ti", clock_now(), identity);
    if (rc == RC_OK)
        rc = sso_rules_apply(cx, a->idp, &a->metadata, user.id, identity, &a->said);
    if (rc == RC_OK)
        rc = end_session_before(cx, a);
    if (rc == RC_OK)
        rc = begin_session(cx, a, user.id, &token);
    if (rc == RC_OK)
        rc = user_make_actor(cx, user.id, user.login, user.name, &actor);
    if (rc != RC_OK)
        return rc;
    const struct actor *before = cx->actor;
    cx->actor = actor;
    rc = audit_write(cx, "session.signin", "user", user.id, "at %s%s", a->idp->entity,
                     a->followed ? ", name and mail as it says" : "");
    cx->actor = before;
    if (rc == RC_OK)
        a->result = (struct sso_signed_in){.idp_id = a->idp->id,
                                           .next = a->asked.next ? a->asked.next : "/",
                                           .token = token,
                                           .actor = actor};
    return rc;
}

enum rc sso_sign_in(struct cx *cx, const struct sso_answer *in, struct sso_signed_in *out)
{
    struct answer a = {.in = in};
    enum rc rc = read_answer(cx, &a);
    enum rc (*step)(struct cx *, void *) = a.asked.usr > 0 ? link_tx : sign_in_tx;
    if (rc == RC_OK)
        rc = db_tx(cx, step, &a);
    /* two first sign-ins of one person, or of two with one wish, at once: the second one finds the account */
    for (int i = 1; rc == RC_CONFLICT && i < TRIES; i++) {
        err_clear(cx);
        rc = db_tx(cx, step, &a);
    }
    if (rc != RC_OK)
        return sso_one_failure(cx, rc);
    *out = a.result;
    return RC_OK;
}

enum rc sso_sweep(struct cx *cx, int64_t *count)
{
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_saml_used_sweep, &done, "t", clock_now());
    if (rc == RC_OK)
        *count = done.affected;
    return rc;
}
