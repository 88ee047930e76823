/* Personal tokens: who makes, sees and ends them, and what they open. */
#include "tests/unit/testing.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/people/token.h"
#include "lib/svc/people/user.h"
#include "tests/unit/svc/world.h"

static struct world w;

static const char *made(int64_t user_id, int days)
{
    const struct token_new in = {user_id, "OBS in HS 1", 1u << SCOPE_STREAM, days, NULL};
    const char *text = NULL;
    assert_ok(shown(&w.cx, token_create(&w.cx, &in, &text)));
    return text;
}

static int64_t newest(int64_t user_id)
{
    struct token_list list;
    assert_ok(shown(&w.cx, token_list(&w.cx, user_id, 10, &list)));
    assert_true(list.n > 0);
    return list.item[0].id;
}

static void opens_as_its_person(void **state)
{
    (void)state;
    struct actor *actor = NULL;
    int64_t id = 0;
    struct token_list list;
    become(&w, w.lecturer);
    const char *text = made(w.lecturer, 30);
    assert_int_equal(strlen(text), TOKEN_LENGTH);
    assert_ok(shown(&w.cx, token_list(&w.cx, w.lecturer, 10, &list)));
    assert_int_equal(list.n, 1);
    assert_true(list.item[0].used_at == NO_TIME && list.item[0].used_from == NULL && !list.item[0].expired);
    assert_ok(shown(&w.cx, token_open(&w.cx, str_of(text), SCOPE_STREAM, "192.0.2.7", &actor, &id)));
    assert_true(actor->user_id == w.lecturer && id == list.item[0].id);
    assert_ok(shown(&w.cx, token_list(&w.cx, w.lecturer, 10, &list)));
    assert_string_equal(list.item[0].used_from, "192.0.2.7");
    assert_true(list.item[0].used_at != NO_TIME);
    assert_ok(shown(&w.cx, token_revoke(&w.cx, list.item[0].id)));
    assert_rc(token_open(&w.cx, str_of(text), SCOPE_STREAM, "192.0.2.7", &actor, &id), RC_DENIED);
}

static void what_is_no_token_opens_nothing(void **state)
{
    (void)state;
    struct actor *actor = NULL;
    int64_t id = 0;
    become(&w, w.lecturer);
    const char *text = made(w.lecturer, 0);
    char *wrong = arena_strdup(w.cx.arena, text);
    wrong[10] = wrong[10] == 'a' ? 'b' : 'a';
    const char *const none[] = {"", TOKEN_PREFIX, "lct", wrong, text + sizeof TOKEN_PREFIX - 1};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_rc(token_open(&w.cx, str_of(none[i]), SCOPE_STREAM, "192.0.2.7", &actor, &id), RC_DENIED);
    assert_null(actor);
    assert_ok(token_open(&w.cx, str_of(text), SCOPE_STREAM, "192.0.2.7", &actor, &id));
    assert_ok(token_revoke(&w.cx, newest(w.lecturer)));
}

static void ends_with_its_life_and_its_person(void **state)
{
    (void)state;
    struct actor *actor = NULL;
    int64_t id = 0;
    struct token_list list;
    struct str hash;
    int64_t now = clock_now();
    const char *old = arena_printf(w.cx.arena, TOKEN_PREFIX "%s", secret_new(&w.cx, &hash));
    become(&w, w.lecturer);
    assert_ok(shown(&w.cx, db_exec(&w.cx, SQL_token_insert, NULL, "Bisitt", &hash, w.lecturer, "over",
                                   INT64_C(1) << SCOPE_STREAM, now - 2000, now - 1000)));
    assert_rc(token_open(&w.cx, str_of(old), SCOPE_STREAM, "::1", &actor, &id), RC_DENIED);
    assert_ok(token_list(&w.cx, w.lecturer, 10, &list));
    assert_true(list.n == 1 && list.item[0].expired);
    assert_ok(token_revoke(&w.cx, list.item[0].id));
    const char *text = made(w.lecturer, 1);
    assert_ok(token_open(&w.cx, str_of(text), SCOPE_STREAM, "::1", &actor, &id));
    become(&w, w.admin);
    assert_ok(shown(&w.cx, user_set_disabled(&w.cx, w.lecturer, true)));
    assert_rc(token_open(&w.cx, str_of(text), SCOPE_STREAM, "::1", &actor, &id), RC_DENIED);
    assert_ok(user_set_disabled(&w.cx, w.lecturer, false));
    assert_ok(token_revoke(&w.cx, newest(w.lecturer)));
}

static void nobody_has_those_of_others(void **state)
{
    (void)state;
    struct token_list list;
    const struct token_new in = {w.lecturer, "x", 1u << SCOPE_STREAM, 1, NULL};
    const char *text = NULL;
    become(&w, w.lecturer);
    made(w.lecturer, 1);
    int64_t id = newest(w.lecturer);
    become(&w, w.student);
    assert_rc(token_create(&w.cx, &in, &text), RC_DENIED);
    assert_rc(token_list(&w.cx, w.lecturer, 10, &list), RC_DENIED);
    assert_rc(token_list(&w.cx, 0, 10, &list), RC_DENIED);
    assert_rc(token_revoke(&w.cx, id), RC_NOTFOUND);
    become(&w, 0);
    assert_rc(token_create(&w.cx, &in, &text), RC_DENIED);
    assert_rc(token_revoke(&w.cx, id), RC_NOTFOUND);
    become(&w, w.admin);
    assert_rc(token_create(&w.cx, &in, &text), RC_DENIED);
    assert_ok(shown(&w.cx, token_list(&w.cx, 0, 10, &list)));
    assert_true(list.n == 1 && list.item[0].id == id);
    assert_ok(shown(&w.cx, token_revoke(&w.cx, id)));
}

static void a_form_sent_twice_makes_one(void **state)
{
    (void)state;
    struct token_list list;
    const char *text = NULL, *again = NULL;
    int64_t known = 0;
    const struct token_new in = {w.student, "OBS", 1u << SCOPE_STREAM, 30, &known};
    become(&w, w.student);
    assert_ok(shown(&w.cx, token_create(&w.cx, &in, &text)));
    assert_rc(token_create(&w.cx, &in, &again), RC_CONFLICT);
    assert_string_equal(w.cx.err.key, "token_again");
    assert_null(again);
    known = newest(w.student);
    assert_ok(shown(&w.cx, token_create(&w.cx, &in, &again)));
    assert_ok(token_list(&w.cx, w.student, 10, &list));
    assert_int_equal(list.n, 2);
}

static enum rc make(struct cx *race, void *arg)
{
    const char *text = NULL;
    return token_create(race, arg, &text);
}

static void a_double_click_makes_one(void **state)
{
    (void)state;
    enum { ROUNDS = 4 };
    for (int i = 0; i < ROUNDS; i++) {
        become(&w, w.student);
        int64_t known = newest(w.student);
        struct token_new in = {w.student, "OBS", 1u << SCOPE_STREAM, 30, &known};
        enum rc rc[2];
        world_race(&w, make, (void *[2]){&in, &in}, rc);
        assert_true((rc[0] == RC_OK) != (rc[1] == RC_OK));
        assert_int_equal(rc[0] == RC_OK ? rc[1] : rc[0], RC_CONFLICT);
    }
}

static void wrong_wishes_are_refused(void **state)
{
    (void)state;
    const char *text = NULL;
    become(&w, w.lecturer);
    const struct token_new wrong[] = {
        {w.lecturer, "", 1, 1, NULL},   {w.lecturer, "two\nlines", 1, 1, NULL},
        {w.lecturer, "x", 0, 1, NULL},  {w.lecturer, "x", 1u << SCOPE_COUNT, 1, NULL},
        {w.lecturer, "x", 1, -1, NULL}, {w.lecturer, "x", 1, TOKEN_DAYS_MAX + 1, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_rc(token_create(&w.cx, &wrong[i], &text), RC_INVALID);
    for (int i = 0; i < TOKENS_MAX; i++)
        made(w.lecturer, 0);
    const struct token_new more = {w.lecturer, "x", 1, 0, NULL};
    assert_rc(token_create(&w.cx, &more, &text), RC_CONFLICT);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_as_its_person),
        cmocka_unit_test(what_is_no_token_opens_nothing),
        cmocka_unit_test(ends_with_its_life_and_its_person),
        cmocka_unit_test(nobody_has_those_of_others),
        cmocka_unit_test(a_form_sent_twice_makes_one),
        cmocka_unit_test(a_double_click_makes_one),
        cmocka_unit_test(wrong_wishes_are_refused),
    };
    if (!world_init(&w))
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
