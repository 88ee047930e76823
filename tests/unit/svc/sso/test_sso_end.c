/* What ends with a way to sign in: sessions and roles by an identity provider, when a person removes the sign-in
 * or an administrator the provider. */
#include "tests/unit/testing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/saml/saml.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/idp_edit.h"
#include "lib/svc/sso/link.h"
#include "lib/svc/sso/logout.h"
#include "lib/svc/sso/rules.h"
#include "lib/svc/sso/words.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static struct conf conf;

#define A "https://a.example/idp"
#define B "https://b.example/idp"

/* Two providers without metadata, whose faculty are lecturers of school. */
static struct idp *a, *b;

static struct idp *add(const char *entity)
{
    struct idp *idp;
    struct sso_changes changes;
    int64_t id = 0;
    const struct idp_new in = {.entity = entity, .name = entity, .source = {.from = "/idp.xml"}};
    assert_ok(shown(cx, idp_add(cx, &in, &id)));
    assert_ok(shown(cx, sso_rules_set(cx, id, "eduPersonAffiliation = faculty : lecturer school", NULL, false,
                                      &changes)));
    assert_ok(idp_get(cx, id, &idp));
    return idp;
}

static int fresh(void **state)
{
    (void)state;
    struct idp_list list;
    become(&w, -1);
    assert_ok(idp_list(cx, "", IDP_MAX, 0, &list));
    for (size_t i = 0; i < list.n; i++)
        assert_ok(idp_remove(cx, list.item[i].id));
    a = add(A);
    b = add(B);
    return 0;
}

/* Of a person at a provider that says faculty of them. */
static int64_t sign_in(int64_t user, const struct idp *idp, const char *subject)
{
    static const char *const faculty[] = {"faculty"};
    static const struct saml_attribute attribute = {SSO_AFFILIATION, faculty, 1};
    const struct saml_identity said = {.attributes = &attribute, .attributes_n = 1};
    struct db_done done;
    assert_ok(db_exec(cx, SQL_identity_insert, &done, "isst", user, sso_provider(cx, idp->entity), subject,
                      clock_now()));
    assert_ok(shown(cx, sso_rules_apply(cx, idp, &(struct saml_idp){0}, user, done.id, &said)));
    return done.id;
}

static const char *session_of(int64_t user, const struct idp *idp, const char *name)
{
    const struct saml_identity said = {.name = {.text = name}};
    struct str hash;
    const char *token;
    assert_ok(session_create_until(cx, user, NULL, INT64_MAX, &token, &hash));
    assert_ok(shown(cx, sso_session_keep(cx, hash, idp->id, &said)));
    return token;
}

static bool is_open(const char *token)
{
    struct actor *actor = NULL;
    enum rc rc = session_open(cx, token, &actor);
    err_clear(cx);
    assert_true(rc == RC_OK || rc == RC_NOTFOUND);
    return rc == RC_OK;
}

static size_t roles_of(int64_t user)
{
    struct rows *rows = NULL;
    assert_ok(db_query(cx, SQL_user_grants, &rows, "i", user));
    return rows_count(rows);
}

static void a_sign_in_takes_its_sessions_and_roles_along(void **state)
{
    (void)state;
    struct audit_list trail;
    const char *token;
    int64_t user = world_person(&w, "end-one"), other = world_person(&w, "end-other");
    assert_ok(user_set_password(cx, user, "correct horse battery"));
    int64_t one = sign_in(user, a, "eppn:one@a.example"), theirs = sign_in(other, a, "eppn:other@a.example");
    const char *by_a = session_of(user, a, "n"), *unnamed = session_of(user, a, NULL),
               *elsewhere = session_of(other, a, "m");
    assert_ok(session_create(cx, user, NULL, &token));
    assert_true(roles_of(user) == 1 && is_open(by_a) && is_open(unnamed));
    become(&w, user);
    assert_rc(sso_unlink(cx, theirs), RC_NOTFOUND);
    err_clear(cx);
    assert_ok(shown(cx, sso_unlink(cx, one)));
    become(&w, -1);
    assert_int_equal(roles_of(user), 0);
    assert_false(is_open(by_a) || is_open(unnamed));
    assert_true(is_open(token) && is_open(elsewhere));
    assert_int_equal(roles_of(other), 1);
    assert_ok(audit_list(cx, NULL, 0, 1, &trail));
    assert_string_equal(trail.item[0].action, "user.unlink");
    assert_string_equal(trail.item[0].detail, A ": 2 sessions ended, 0 roles given, 1 taken by rules");
    assert_ok(user_set_password(cx, other, "correct horse battery"));
    become(&w, other);
    assert_ok(sso_unlink(cx, theirs));
}

static void a_role_of_two_stays_until_both_take_it(void **state)
{
    (void)state;
    struct sso_changes changes;
    struct idp_ending ends;
    int64_t user = world_person(&w, "end-two"), only = world_person(&w, "end-only");
    int64_t by_a = sign_in(user, a, "eppn:two@a.example");
    sign_in(user, b, "eppn:two@b.example");
    sign_in(only, a, "eppn:only@a.example");
    /* the trial and the page of the end say who loses it: the other one */
    assert_ok(shown(cx, sso_rules_set(cx, a->id, "", NULL, true, &changes)));
    assert_int_equal(changes.n, 1);
    assert_string_equal(changes.item[0].login, "end-only");
    assert_ok(idp_ending(cx, a->id, &ends));
    assert_int_equal(ends.roles, 1);
    assert_ok(shown(cx, sso_rules_set(cx, a->id, "", NULL, false, &changes)));
    assert_true(roles_of(user) == 1 && roles_of(only) == 0);
    /* b has it now; a gives it again, b goes */
    assert_ok(
        sso_rules_set(cx, a->id, "eduPersonAffiliation = faculty : lecturer school", NULL, false, &changes));
    assert_ok(idp_ending(cx, b->id, &ends));
    assert_int_equal(ends.roles, 0);
    assert_ok(shown(cx, idp_remove(cx, b->id)));
    assert_true(roles_of(user) == 1 && roles_of(only) == 1);
    b = add(B); /* knows its people again, and gives nothing that is there */
    become(&w, user);
    assert_ok(shown(cx, sso_unlink(cx, by_a)));
    become(&w, -1);
    assert_int_equal(roles_of(user), 1);
    assert_ok(idp_remove(cx, b->id));
    assert_int_equal(roles_of(user), 0);
}

static void sessions_without_a_name_end_with_their_provider(void **state)
{
    (void)state;
    struct idp_ending ends;
    struct sso_sign_out out;
    struct str hash;
    int64_t user = world_person(&w, "end-nameless");
    const char *token = session_of(user, a, NULL), *second = session_of(user, a, NULL), *late;
    assert_ok(idp_ending(cx, a->id, &ends));
    assert_int_equal(ends.sessions, 2);
    assert_ok(sso_sign_out(cx, second, &out)); /* the provider could not tell whose */
    assert_null(out.way.url);
    assert_false(is_open(second));
    assert_ok(shown(cx, idp_remove(cx, a->id)));
    assert_false(is_open(token));
    /* an answer that was read before the end comes too late */
    assert_ok(session_create_until(cx, user, NULL, INT64_MAX, &late, &hash));
    assert_rc(sso_session_keep(cx, hash, a->id, &(struct saml_identity){0}), RC_DENIED);
    assert_string_equal(cx->err.key, "sso_failed");
}

static void a_long_name_of_a_session_is_kept(void **state)
{
    (void)state;
    char longest[SAML_MAX_TEXT + 1];
    struct rows *rows = NULL;
    struct str hash;
    const char *token;
    memset(longest, 'x', SAML_MAX_TEXT);
    longest[SAML_MAX_TEXT] = '\0';
    const struct saml_identity said = {.name = {longest, longest, longest, longest, NULL},
                                       .session_index = longest};
    assert_ok(session_create_until(cx, world_person(&w, "end-long"), NULL, INT64_MAX, &token, &hash));
    assert_ok(shown(cx, sso_session_keep(cx, hash, a->id, &said)));
    assert_ok(db_one(cx, SQL_session_saml_get, &rows, "B", &hash));
    assert_string_equal(row_text(rows, 0, 5), longest);
}

static enum rc unlink_one(struct cx *own, void *arg)
{
    const int64_t *pair = arg;
    const struct actor actor = {.user_id = pair[0], .login = "end-last", .name = "End"};
    const struct actor *before = own->actor;
    own->actor = &actor;
    enum rc rc = sso_unlink(own, pair[1]);
    own->actor = before;
    return rc;
}

static void somebody_without_a_password_keeps_a_way_in(void **state)
{
    (void)state;
    enum { ROUNDS = 8 };
    struct sso_identities own;
    enum rc rc[2];
    int64_t user = world_person(&w, "end-last");
    for (int i = 0; i < ROUNDS; i++) {
        int64_t one[] = {user, sign_in(user, a, "eppn:last@a.example")},
                two[] = {user, sign_in(user, b, "eppn:last@b.example")};
        world_race(&w, unlink_one, (void *const[]){one, two}, rc);
        assert_true((rc[0] == RC_OK) + (rc[1] == RC_OK) == 1);
        assert_true(rc[0] == RC_CONFLICT || rc[1] == RC_CONFLICT);
        int64_t left = rc[0] == RC_OK ? two[1] : one[1];
        assert_ok(db_exec(cx, SQL_identity_delete, NULL, "ii", left, user));
    }
    /* one whose provider is gone signs nobody in */
    int64_t dead = sign_in(user, b, "eppn:last@b.example"), alive = sign_in(user, a, "eppn:last@a.example");
    assert_ok(idp_remove(cx, b->id));
    become(&w, user);
    assert_ok(sso_link_list(cx, &own));
    assert_true(own.n == 2 && own.item[0].id == dead && own.item[0].may_unlink && !own.item[1].may_unlink);
    assert_rc(sso_unlink(cx, alive), RC_CONFLICT);
    assert_string_equal(cx->err.key, "sso_link_last");
    err_clear(cx);
    assert_ok(shown(cx, sso_unlink(cx, dead)));
    assert_rc(sso_unlink(cx, alive), RC_CONFLICT);
}

/* The installation's own admins are not locked out. The last test: an admin has a password from here on. */
static void the_last_way_of_an_admin_stays(void **state)
{
    (void)state;
    struct idp *idp;
    sign_in(w.admin, a, "eppn:admin@a.example");
    become(&w, w.admin);
    assert_ok(shown(cx, idp_remove(cx, b->id))); /* at which no admin signs in */
    assert_rc(idp_remove(cx, a->id), RC_CONFLICT);
    assert_string_equal(cx->err.key, "idp_last_admin");
    err_clear(cx);
    assert_ok(idp_get(cx, a->id, &idp));
    b = add(B);
    sign_in(w.admin, b, "eppn:admin@b.example");
    become(&w, w.admin);
    assert_ok(shown(cx, idp_remove(cx, a->id)));
    assert_rc(idp_remove(cx, b->id), RC_CONFLICT); /* the other one is gone */
    become(&w, -1);
    assert_ok(user_set_password(cx, w.admin, "correct horse battery"));
    assert_ok(shown(cx, idp_remove(cx, b->id)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_sign_in_takes_its_sessions_and_roles_along, fresh),
        cmocka_unit_test_setup(a_role_of_two_stays_until_both_take_it, fresh),
        cmocka_unit_test_setup(sessions_without_a_name_end_with_their_provider, fresh),
        cmocka_unit_test_setup(a_long_name_of_a_session_is_kept, fresh),
        cmocka_unit_test_setup(somebody_without_a_password_keeps_a_way_in, fresh),
        cmocka_unit_test_setup(the_last_way_of_an_admin_stays, fresh),
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
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (file_remove_tree(cx, dir) != RC_OK)
        failed++;
    world_fini(&w);
    saml_stop();
    return failed;
}
