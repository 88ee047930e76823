/* Organisations, terms, people, passwords, sessions, rate limits, audit: the services against a real
 * MariaDB. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/net/redis.h"
#include "lib/os/conf.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/org_list.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/people/password.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "lib/svc/secret.h"
#include "lib/svc/teaching/term.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static const char GOOD[] = "correct horse battery";

static void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

static void organisations_are_a_tree(void **state)
{
    (void)state;
    struct org_list list;
    become(&w, -1);
    assert_ok(org_list(cx, &list));
    assert_int_equal(list.n, 3);
    assert_string_equal(list.item[0].slug, "uni");
    assert_string_equal(list.item[1].slug, "other");
    assert_string_equal(list.item[2].slug, "school");
    assert_int_equal(list.item[0].depth, 0);
    assert_int_equal(list.item[2].depth, 1);
    assert_int_equal(strncmp(list.item[2].path, list.item[0].path, strlen(list.item[0].path)), 0);
    assert_fails(org_create(cx, &(struct org_new){.slug = "uni", .name = "Again"}, NULL), RC_CONFLICT,
                 "slug_taken");
    assert_fails(org_create(cx, &(struct org_new){.slug = "No", .name = "x"}, NULL), RC_INVALID,
                 "slug_invalid");
    assert_fails(org_create(cx, &(struct org_new){.slug = "-a", .name = "x"}, NULL), RC_INVALID,
                 "slug_invalid");
    assert_fails(org_create(cx, &(struct org_new){.slug = "a", .name = " "}, NULL), RC_INVALID,
                 "name_invalid");
    assert_fails(org_create(cx, &(struct org_new){.slug = "a", .name = "a", .parent_id = 999}, NULL),
                 RC_NOTFOUND, "org_unknown");
    assert_fails(org_create(cx, &(struct org_new){.slug = "a", .name = "a", .zone = "../x;"}, NULL),
                 RC_INVALID, "zone_invalid");
    assert_fails(org_create(cx, &(struct org_new){.slug = "a", .name = "a", .zone = "Mars/City"}, NULL),
                 RC_INVALID, "zone_invalid");
}

static void maintainers_manage_their_subtree(void **state)
{
    (void)state;
    become(&w, w.maintainer);
    assert_ok(shown(
        cx, org_create(cx, &(struct org_new){.slug = "lab", .name = "Lab", .parent_id = w.school}, NULL)));
    assert_fails(org_create(cx, &(struct org_new){.slug = "l2", .name = "L", .parent_id = w.other}, NULL),
                 RC_DENIED, "not_allowed");
    assert_fails(org_create(cx, &(struct org_new){.slug = "l3", .name = "L"}, NULL), RC_DENIED,
                 "not_allowed");
    become(&w, 0);
    assert_fails(org_create(cx, &(struct org_new){.slug = "v", .name = "V", .parent_id = w.school}, NULL),
                 RC_DENIED, "signin");
}

static void terms_know_which_is_current(void **state)
{
    (void)state;
    struct term *t = NULL;
    struct term_list list;
    become(&w, -1);
    assert_ok(term_get_current(cx, &t));
    assert_string_equal(t->slug, "2026w");
    assert_int_equal(t->half, 'w');
    assert_ok(term_create(cx, "2090s", NO_TIME, NO_TIME, NULL));
    assert_ok(term_list(cx, &list));
    assert_string_equal(list.item[0].slug, "2090s");
    assert_false(list.item[0].current);
    assert_int_equal(list.item[0].ends_at - list.item[0].starts_at, (int64_t)183 * 24 * 3600 * 1000);
    assert_true(list.item[1].current);
    assert_fails(term_create(cx, "2090s", NO_TIME, NO_TIME, NULL), RC_CONFLICT, "term_taken");
    assert_fails(term_create(cx, "90s", NO_TIME, NO_TIME, NULL), RC_INVALID, "term_invalid");
    assert_fails(term_create(cx, "2091s", 5, 5, NULL), RC_INVALID, "term_dates");
    assert_fails(term_get_by_slug(cx, "2000w", &t), RC_NOTFOUND, "term_unknown");
    become(&w, w.maintainer);
    assert_fails(term_create(cx, "2092s", NO_TIME, NO_TIME, NULL), RC_DENIED, "not_allowed");
}

static void accounts_are_checked(void **state)
{
    (void)state;
    struct user *u = NULL;
    int64_t id = 0;
    become(&w, -1);
    struct user_new in = {
        .login = "Mia.Berger@Uni", .name = "Mia", .email = "mia@example.org", .password = GOOD};
    assert_ok(shown(cx, user_create(cx, &in, &id)));
    assert_ok(user_get_by_login(cx, "MIA.berger@uni", &u));
    assert_int_equal(u->id, id);
    assert_string_equal(u->login, "mia.berger@uni");
    assert_fails(user_create(cx, &in, &id), RC_CONFLICT, "login_taken");
    in.login = "a b";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "login_invalid");
    in.login = "";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "login_invalid");
    in.login = "ok";
    in.name = "two\nlines";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "name_invalid");
    in.name = "\xff";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "name_invalid");
    in.name = "O";
    in.email = "no at";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "email_invalid");
    in.email = NULL;
    in.password = "123456789";
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "password_short");
    in.password = arena_alloc(cx->arena, USER_PASSWORD_MAX + 2);
    memset((void *)(uintptr_t)in.password, 'x', USER_PASSWORD_MAX + 1);
    assert_fails(user_create(cx, &in, &id), RC_INVALID, "password_long");
    assert_fails(user_get_by_login(cx, "nobody", &u), RC_NOTFOUND, "user_unknown");
    become(&w, w.maintainer);
    in = (struct user_new){.login = "by-maintainer", .name = "M", .organisation_id = w.school};
    assert_ok(shown(cx, user_create(cx, &in, &id)));
    in = (struct user_new){.login = "elsewhere", .name = "M", .organisation_id = w.other};
    assert_fails(user_create(cx, &in, &id), RC_DENIED, "not_allowed");
}

static void roles_are_given_and_taken(void **state)
{
    (void)state;
    struct actor *a = NULL;
    become(&w, -1);
    int64_t id = world_person(&w, "roles");
    assert_ok(user_grant(cx, id, ROLE_LECTURER, w.school));
    assert_ok(user_grant(cx, id, ROLE_LECTURER, w.school));
    assert_ok(user_grant(cx, id, ROLE_ADMIN, 0));
    assert_ok(user_grant(cx, id, ROLE_ADMIN, 0));
    a = world_actor(&w, id);
    assert_int_equal(a->grant_count, 2);
    assert_ok(user_revoke(cx, id, ROLE_ADMIN, 0));
    a = world_actor(&w, id);
    assert_int_equal(a->grant_count, 1);
    assert_int_equal(a->grants[0].role, ROLE_LECTURER);
    assert_fails(user_grant(cx, id, ROLE_MAINTAINER, 0), RC_INVALID, "org_unknown");
    assert_fails(user_grant(cx, 9999, ROLE_ADMIN, 0), RC_NOTFOUND, "user_unknown");
    become(&w, w.maintainer);
    assert_fails(user_grant(cx, id, ROLE_ADMIN, 0), RC_DENIED, "not_allowed");
    assert_fails(user_grant(cx, id, ROLE_LECTURER, w.other), RC_DENIED, "not_allowed");
    assert_ok(user_grant(cx, id, ROLE_MAINTAINER, w.school));
}

static struct ratelimit *new_limits(void)
{
    return ratelimit_new(NULL);
}

/* The session expires by itself, and the sweep removes it. */
static void a_session_ends(int64_t user_id)
{
    static const unsigned char raw[32] = "a token of thirty-two characters";
    unsigned char hash[32];
    struct actor *a = NULL;
    const char *token = str_b64url(cx->arena, raw, sizeof raw);
    struct str h = {(const char *)hash, sizeof hash}, agent = STR("");
    int64_t now = clock_now(), count = 0;
    assert_int_equal(EVP_Digest(raw, sizeof raw, hash, NULL, EVP_sha256(), NULL), 1);
    assert_ok(db_exec(cx, SQL_session_insert, NULL, "BittL", &h, user_id, now - 1000, now + 60000, &agent));
    assert_ok(session_open(cx, token, &a));
    assert_ok(session_close(cx, token));
    assert_ok(db_exec(cx, SQL_session_insert, NULL, "BittL", &h, user_id, now - 1000, now - 1, &agent));
    assert_rc(session_open(cx, token, &a), RC_NOTFOUND);
    assert_ok(session_sweep(cx, &count));
    assert_int_equal(count, 1);
}

static enum rc sign_in(struct ratelimit *limits, const char *login, const char *password, const char **token,
                       struct actor **a)
{
    struct sign_in in = {login, password, "::1", session_browser(cx, NULL), "Browser \xf0\x9f\x8e\x93"};
    return session_sign_in(cx, limits, &in, token, a);
}

static void signing_in_and_out(void **state)
{
    (void)state;
    struct ratelimit *limits = new_limits();
    struct actor *a = NULL;
    const char *token = NULL, *second = NULL;
    int64_t count = 0;
    become(&w, -1);
    struct user_new in = {.login = "sia", .name = "Sia", .password = GOOD};
    int64_t id = 0;
    assert_ok(user_create(cx, &in, &id));
    become(&w, 0);
    assert_fails(sign_in(limits, "sia", "wrong horse battery", &token, &a), RC_DENIED, "signin_wrong");
    assert_fails(sign_in(limits, "nobody", GOOD, &token, &a), RC_DENIED, "signin_wrong");
    assert_fails(sign_in(limits, "student", GOOD, &token, &a), RC_DENIED, "signin_wrong");
    assert_ok(shown(cx, sign_in(limits, "SIA", GOOD, &token, &a)));
    assert_int_equal(strlen(token), SECRET_LENGTH);
    assert_int_equal(a->user_id, id);
    uint64_t before = db_count(cx);
    assert_ok(session_open(cx, token, &a));
    assert_int_equal(db_count(cx) - before, 2);
    assert_false(actor_teaches(a)); /* no role, and no course to run yet */
    assert_string_equal(a->name, "Sia");
    assert_ok(session_create(cx, id, NULL, &second));
    assert_string_not_equal(token, second);
    assert_ok(session_close(cx, token));
    assert_rc(session_open(cx, token, &a), RC_NOTFOUND);
    assert_ok(session_open(cx, second, &a));
    become(&w, w.student);
    assert_fails(session_close_all(cx, id, &count), RC_DENIED, "not_allowed");
    become(&w, id);
    assert_ok(session_close_all(cx, id, &count));
    assert_int_equal(count, 1);
    assert_rc(session_open(cx, second, &a), RC_NOTFOUND);
    assert_rc(session_open(cx, "short", &a), RC_NOTFOUND);
    a_session_ends(id);
    assert_rc(session_open(cx, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &a), RC_NOTFOUND);
    ratelimit_free(limits);
}

static void a_new_password_ends_every_session(void **state)
{
    (void)state;
    struct ratelimit *limits = new_limits();
    struct actor *a = NULL;
    struct user *u = NULL;
    const char *token = NULL;
    int64_t id = 0;
    become(&w, -1);
    assert_ok(user_create(cx, &(struct user_new){.login = "pia", .name = "Pia", .password = GOOD}, &id));
    assert_ok(session_create(cx, id, NULL, &token));
    become(&w, id);
    assert_fails(user_change_password(cx, limits, "not the old one", "another good one"), RC_DENIED,
                 "password_wrong");
    assert_ok(session_open(cx, token, &a));
    assert_ok(shown(cx, user_change_password(cx, limits, GOOD, "another good one")));
    assert_rc(session_open(cx, token, &a), RC_NOTFOUND);
    for (int i = 0; i < 10; i++)
        assert_fails(user_change_password(cx, limits, GOOD, "a third good one"), RC_DENIED, "password_wrong");
    assert_fails(user_change_password(cx, limits, "another good one", "a third good one"), RC_DENIED,
                 "too_many_attempts");
    ratelimit_free(limits);
    become(&w, 0);
    assert_fails(user_verify(cx, "pia", GOOD, &u), RC_DENIED, "signin_wrong");
    assert_ok(user_verify(cx, "pia", "another good one", &u));
    assert_fails(user_set_password(cx, id, GOOD), RC_DENIED, "signin");
    become(&w, -1);
    assert_ok(user_set_password(cx, id, GOOD));
    assert_fails(user_set_password(cx, 9999, GOOD), RC_NOTFOUND, "user_unknown");
}

static void a_disabled_person_is_out(void **state)
{
    (void)state;
    struct actor *a = NULL;
    struct user *u = NULL;
    struct audit_list list;
    const char *token = NULL, *late = NULL;
    int64_t id = 0;
    become(&w, -1);
    assert_ok(user_create(cx, &(struct user_new){.login = "ben", .name = "Ben", .password = GOOD}, &id));
    assert_ok(session_create(cx, id, NULL, &token));
    become(&w, w.maintainer);
    assert_fails(user_set_disabled(cx, id, true), RC_DENIED, "not_allowed");
    assert_ok(session_open(cx, token, &a));
    become(&w, w.admin);
    assert_rc(user_set_disabled(cx, w.admin, true), RC_CONFLICT);
    assert_ok(shown(cx, user_set_disabled(cx, id, true)));
    assert_ok(user_set_disabled(cx, id, true));
    assert_rc(session_open(cx, token, &a), RC_NOTFOUND);
    assert_fails(user_verify(cx, "ben", GOOD, &u), RC_DENIED, "signin_wrong");
    assert_ok(session_create(cx, id, NULL, &late)); /* of a sign-in that had begun before */
    assert_rc(session_open(cx, late, &a), RC_NOTFOUND);
    assert_ok(session_close(cx, late));
    assert_fails(user_grant(cx, id, ROLE_LECTURER, w.school), RC_CONFLICT, "user_disabled");
    assert_ok(user_revoke(cx, id, ROLE_LECTURER, w.school));
    assert_ok(user_set_disabled(cx, id, false));
    assert_ok(user_grant(cx, id, ROLE_LECTURER, w.school));
    assert_ok(user_revoke(cx, id, ROLE_LECTURER, w.school));
    assert_rc(session_open(cx, token, &a), RC_NOTFOUND); /* the session stays ended */
    assert_ok(user_verify(cx, "ben", GOOD, &u));
    assert_ok(audit_list(cx, "user", id, 10, &list));
    assert_int_equal(list.n, 5); /* once each, though asked for twice */
    assert_string_equal(list.item[2].action, "user.enable");
    assert_string_equal(list.item[3].action, "user.disable");
    assert_fails(user_set_disabled(cx, 9999, true), RC_NOTFOUND, "user_unknown");
}

static void guessing_is_limited(void **state)
{
    (void)state;
    struct ratelimit *limits = new_limits();
    const struct ratelimit_rule rule = {"test", 3, 3600, "too_many_attempts"};
    for (int i = 0; i < 3; i++)
        assert_ok(ratelimit_hit(cx, limits, &rule, "mia"));
    assert_fails(ratelimit_hit(cx, limits, &rule, "mia"), RC_DENIED, "too_many_attempts");
    assert_fails(ratelimit_hit(cx, limits, &rule, "MIA"), RC_DENIED, "too_many_attempts");
    assert_ok(ratelimit_hit(cx, limits, &rule, "ben"));
    ratelimit_clear(cx, limits, &rule, "mia");
    assert_ok(ratelimit_hit(cx, limits, &rule, "mia"));
    ratelimit_free(limits);
    /* a Redis that is not there costs nothing and counts here */
    struct redis *nowhere = redis_new("/nonexistent/redis.sock", NULL, 0);
    limits = ratelimit_new(nowhere);
    for (int i = 0; i < 3; i++)
        assert_ok(ratelimit_hit(cx, limits, &rule, "mia"));
    assert_fails(ratelimit_hit(cx, limits, &rule, "mia"), RC_DENIED, "too_many_attempts");
    ratelimit_free(limits);
    redis_free(nowhere);
}

/* --- passwords take turns --- */

static pthread_mutex_t gauge = PTHREAD_MUTEX_INITIALIZER;
static int finished;

/* On a busy machine, six at once may wait longer than PASSWORD_WAIT_MS. */
static char *hash_patiently(struct cx *own)
{
    char *encoded = NULL;
    enum rc rc;
    while ((rc = password_hash(own, GOOD, &encoded)) == RC_UNAVAIL)
        err_clear(own);
    return rc == RC_OK ? encoded : NULL;
}

static bool is_right(struct cx *own, const char *encoded, const char *password)
{
    bool right = false;
    enum rc rc;
    while ((rc = password_verify(own, encoded, password, &right)) == RC_UNAVAIL)
        err_clear(own);
    return rc == RC_OK && right;
}

/* Asserts nothing itself: cmocka's verdicts belong to the thread of the test. */
static void *hash_one(void *arg)
{
    struct cx own;
    cx_init(&own);
    own.conf = arg;
    char *encoded = hash_patiently(&own);
    bool good = encoded && strstr(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") &&
                is_right(&own, encoded, GOOD) && !is_right(&own, encoded, "something else");
    pthread_mutex_lock(&gauge);
    finished += good;
    pthread_mutex_unlock(&gauge);
    cx_fini(&own);
    return NULL;
}

static char *turn_file(const char *dir, int place)
{
    return arena_printf(cx->arena, "%s/password-%d.lock", dir, place);
}

static void turns_remove(const char *dir)
{
    for (int i = 0; i < PASSWORD_AT_ONCE; i++)
        assert_int_equal(unlink(turn_file(dir, i)), 0);
    assert_int_equal(rmdir(dir), 0); /* nothing else was made */
}

static void password_hashes_take_turns(void **state)
{
    (void)state;
    char dir[] = "/tmp/lectern-turns-XXXXXX";
    pthread_t thread[6];
    assert_non_null(mkdtemp(dir));
    const struct conf conf = {.run_dir = dir};
    for (int i = 0; i < 6; i++)
        pthread_create(&thread[i], NULL, hash_one, (void *)(uintptr_t)&conf);
    for (int i = 0; i < 6; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(finished, 6);
    turns_remove(dir);
}

/* Otherwise the time of the answer would tell whether the account exists: while all turns are taken, an
 * unknown login waits, too. */
static void unknown_people_are_checked_as_well(void **state)
{
    (void)state;
    char dir[] = "/tmp/lectern-turns-XXXXXX";
    struct user *u = NULL;
    int taken[PASSWORD_AT_ONCE];
    const struct conf *before = cx->conf, conf = {.run_dir = dir};
    assert_non_null(mkdtemp(dir));
    become(&w, 0);
    assert_rc(user_verify(cx, "nobody-at-all", "not the password", &u), RC_DENIED);
    for (int i = 0; i < PASSWORD_AT_ONCE; i++) {
        taken[i] = open(turn_file(dir, i), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(flock(taken[i], LOCK_EX), 0);
    }
    cx->conf = &conf;
    enum rc rc = user_verify(cx, "nobody-at-all", "not the password", &u);
    cx->conf = before;
    assert_fails(rc, RC_UNAVAIL, "busy");
    for (int i = 0; i < PASSWORD_AT_ONCE; i++)
        close(taken[i]);
    turns_remove(dir);
}

static void preferences_are_kept(void **state)
{
    (void)state;
    const char *value = NULL;
    become(&w, w.student);
    assert_rc(user_preference_get(cx, "language", &value), RC_NOTFOUND);
    assert_ok(user_preference_set(cx, "language", "de"));
    assert_ok(user_preference_set(cx, "language", "en"));
    assert_ok(user_preference_get(cx, "language", &value));
    assert_string_equal(value, "en");
    assert_rc(user_preference_set(cx, "No", "x"), RC_INVALID);
    become(&w, 0);
    assert_fails(user_preference_set(cx, "language", "de"), RC_DENIED, "signin");
}

static void every_act_is_audited(void **state)
{
    (void)state;
    struct audit_list list;
    become(&w, -1);
    assert_ok(audit_write(cx, "test.act", "thing", 42, "%s", "caf\xc3\xa9"));
    assert_ok(audit_list(cx, "thing", 42, 10, &list));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].actor, "test");
    assert_string_equal(list.item[0].detail, "caf\xc3\xa9");
    char *longer = arena_alloc(cx->arena, 3000);
    for (int i = 0; i < 1400; i++)
        memcpy(longer + 2 * i, "\xc3\xa9", 2);
    assert_ok(shown(cx, audit_write(cx, "test.act", "thing", 43, "x%s", longer)));
    assert_ok(audit_list(cx, NULL, 0, 5, &list));
    assert_int_equal(list.n, 5);
    assert_int_equal(list.item[0].object_id, 43);
    assert_int_equal(strlen(list.item[0].detail), 999);
    become(&w, w.maintainer);
    assert_fails(audit_list(cx, NULL, 0, 5, &list), RC_DENIED, "not_allowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organisations_are_a_tree),
        cmocka_unit_test(maintainers_manage_their_subtree),
        cmocka_unit_test(terms_know_which_is_current),
        cmocka_unit_test(accounts_are_checked),
        cmocka_unit_test(roles_are_given_and_taken),
        cmocka_unit_test(signing_in_and_out),
        cmocka_unit_test(a_new_password_ends_every_session),
        cmocka_unit_test(a_disabled_person_is_out),
        cmocka_unit_test(guessing_is_limited),
        cmocka_unit_test(password_hashes_take_turns),
        cmocka_unit_test(unknown_people_are_checked_as_well),
        cmocka_unit_test(preferences_are_kept),
        cmocka_unit_test(every_act_is_audited),
    };
    cx = &w.cx;
    if (!world_init(&w))
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
