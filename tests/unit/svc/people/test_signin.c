/* How often passwords may be tried, and by whom: with a real Redis, and without one. */
#include "tests/unit/testing.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/address.h"
#include "lib/net/redis.h"
#include "lib/svc/people/session.h"
#include "lib/svc/people/user.h"
#include "tests/unit/redis.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;
static const char *redis_socket;
static const char GOOD[] = "correct horse battery", WRONG[] = "wrong horse battery";
static const char HOME[] = "192.0.2.1", AWAY[] = "198.51.100.1";

/* What the test works with: two processes' counters, on the same Redis or on none. */
static struct redis *redis;
static struct ratelimit *limits, *others;

/* Counts restart every ten minutes: this waits so that it does not happen during a test, however busy the
 * machine is. */
static int begin(void **state)
{
    while (clock_now() / 1000 % 600 > 540)
        sleep(1);
    redis = *state ? NULL : redis_new(redis_socket, NULL, 0);
    limits = ratelimit_new(redis);
    others = ratelimit_new(redis);
    return 0;
}

static int end(void **state)
{
    (void)state;
    ratelimit_free(limits);
    ratelimit_free(others);
    redis_free(redis);
    return 0;
}

static void person(const char *login)
{
    become(&w, -1);
    assert_ok(user_create(cx, &(struct user_new){.login = login, .name = login, .password = GOOD}, NULL));
    become(&w, 0);
}

/* The key of the failure; "" for none. */
static const char *attempt(struct ratelimit *l, const char *login, const char *password, const char *address,
                           const char *browser)
{
    struct actor *a = NULL;
    const char *token = NULL;
    struct sign_in in = {login, password, address, session_browser(cx, browser), NULL};
    enum rc rc = session_sign_in(cx, l, &in, &token, &a);
    const char *key = rc == RC_OK ? "" : cx->err.key;
    assert_true(rc == RC_OK || rc == RC_DENIED);
    err_clear(cx);
    return key;
}

#define assert_attempt(key, ...) assert_string_equal(attempt(__VA_ARGS__), key)

/* Counts as if that many wrong passwords had been typed; hashing each would take long. */
static void hits(const struct ratelimit_rule *rule, const char *subject, int n)
{
    for (int i = 0; i < n; i++)
        assert_ok(ratelimit_hit(cx, limits, rule, subject));
}

static void a_guesser_stops_at_ten_and_locks_nobody_else_out(void **state)
{
    (void)state;
    person("lia");
    for (int i = 0; i < 10; i++)
        assert_attempt("signin_wrong", i % 2 ? limits : others, "lia", WRONG, AWAY, NULL);
    assert_attempt("too_many_signins", limits, "LIA", GOOD, AWAY,
                   NULL); /* a right one does not help either */
    assert_attempt("too_many_signins", others, "lia", GOOD, AWAY, NULL);
    assert_attempt("", limits, "lia", GOOD, HOME, NULL);
    assert_attempt("too_many_signins", limits, "lia", GOOD, AWAY,
                   NULL); /* which gives the guesser no more attempts */
    assert_attempt("signin_wrong", limits, "nobody", GOOD, AWAY, NULL);
}

static void guessing_from_everywhere_stops_at_a_hundred(void **state)
{
    (void)state;
    const char *mine = session_browser(cx, NULL);
    person("mia");
    assert_attempt("", limits, "mia", GOOD, HOME, mine);
    hits(&RATELIMIT_SIGNIN_LOGIN, "mia", 99);
    assert_attempt("signin_wrong", limits, "mia", WRONG, AWAY, NULL);
    assert_attempt("too_many_signins", others, "mia", GOOD, "198.51.100.2", NULL);
    /* its owner can sign in: from networks where they were lately, and from anywhere in a browser that they
     * used */
    assert_attempt("", limits, "mia", GOOD, HOME, NULL);
    assert_attempt("", others, "mia", GOOD, "203.0.113.9", mine);
    assert_attempt("", limits, "mia", GOOD, "203.0.113.9", NULL); /* by now this network is known, too */
    assert_attempt("too_many_signins", limits, "mia", GOOD, "198.51.100.2", NULL);
}

static void a_neighbour_behind_the_same_address_locks_nobody_out(void **state)
{
    (void)state;
    const char *mine = session_browser(cx, NULL), *theirs = session_browser(cx, NULL);
    const char hall[] = "192.0.2.77";
    person("nia");
    person("eve");
    assert_attempt("", limits, "nia", GOOD, hall, mine);
    assert_attempt("", limits, "eve", GOOD, hall, theirs);
    for (int i = 0; i < 10; i++)
        assert_attempt("signin_wrong", limits, "nia", WRONG, hall, theirs); /* known for eve's login only */
    assert_attempt("too_many_signins", limits, "nia", GOOD, hall, theirs);
    assert_attempt("too_many_signins", limits, "nia", GOOD, hall, "what some script sends as a cookie");
    assert_attempt("", limits, "nia", GOOD, hall, mine);
    hits(&RATELIMIT_SIGNIN_NETWORK, hall, 88); /* with the twelve above: all that an address has */
    assert_attempt("too_many_signins", limits, "eve", GOOD, hall, NULL);
    assert_attempt("", limits, "nia", GOOD, hall, mine);
    for (int i = 0; i < 10; i++)
        assert_attempt("signin_wrong", i % 2 ? limits : others, "nia", WRONG, hall, mine);
    assert_attempt("too_many_signins", limits, "nia", GOOD, hall,
                   mine); /* a known browser cannot guess without limit, either */
}

static void a_hall_signs_in_from_one_address(void **state)
{
    (void)state;
    const char hall[] = "192.0.2.200";
    person("ria");
    hits(&RATELIMIT_SIGNIN_NETWORK, hall, 99);
    for (int i = 0; i < 3; i++)
        assert_attempt("", limits, "ria", GOOD, hall, NULL); /* right ones do not count */
    assert_attempt("signin_wrong", limits, "ria", WRONG, hall, NULL);
    assert_attempt("too_many_signins", limits, "ria", GOOD, hall, NULL);
    assert_attempt("", limits, "ria", GOOD, "192.0.2.201", NULL);
}

static void one_home_has_a_network_of_ipv6(void **state)
{
    (void)state;
    person("via");
    for (int i = 0; i < 100; i++)
        assert_ok(ratelimit_hit(cx, limits, &RATELIMIT_SIGNIN_NETWORK,
                                address_network(cx->arena, arena_printf(cx->arena, "2001:db8:1:2::%x", i))));
    assert_attempt("too_many_signins", limits, "via", GOOD, "2001:db8:1:2:ffff::1", NULL);
    assert_attempt("", limits, "via", GOOD, "2001:db8:1:3::1", NULL);
    assert_string_not_equal(address_network(cx->arena, "::ffff:192.0.2.1"),
                            address_network(cx->arena, "::ffff:192.0.2.2"));
}

/* Each process counts for itself, and nobody is remembered: signing in works, and stays limited. */
static void without_redis_each_process_counts(void **state)
{
    (void)state;
    const char *mine = session_browser(cx, NULL);
    person("zia");
    assert_attempt("", limits, "zia", GOOD, HOME, mine);
    for (int i = 0; i < 10; i++)
        assert_attempt("signin_wrong", limits, "zia", WRONG, HOME, NULL);
    assert_attempt("too_many_signins", limits, "zia", GOOD, HOME, mine);
    assert_attempt("", others, "zia", GOOD, HOME, mine);
    assert_attempt("", limits, "zia", GOOD, AWAY, mine);
    hits(&RATELIMIT_SIGNIN_LOGIN, "zia", 90); /* with the ten above; refused ones do not count */
    assert_attempt("too_many_signins", limits, "zia", GOOD, "198.51.100.2", NULL);
    hits(&RATELIMIT_SIGNIN_NETWORK, "203.0.113.5", 100);
    assert_attempt("too_many_signins", limits, "ria", GOOD, "203.0.113.5", NULL);
}

static void a_browser_keeps_its_name(void **state)
{
    (void)state;
    const char *one = session_browser(cx, NULL);
    assert_string_equal(session_browser(cx, one), one);
    assert_string_not_equal(session_browser(cx, NULL), one);
    assert_string_not_equal(session_browser(cx, "short"), "short");
    assert_string_not_equal(session_browser(cx, "'; DROP TABLE browser --"), "'; DROP TABLE browser --");
}

int main(void)
{
    static bool none = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_guesser_stops_at_ten_and_locks_nobody_else_out, begin, end),
        cmocka_unit_test_setup_teardown(guessing_from_everywhere_stops_at_a_hundred, begin, end),
        cmocka_unit_test_setup_teardown(a_neighbour_behind_the_same_address_locks_nobody_out, begin, end),
        cmocka_unit_test_setup_teardown(a_hall_signs_in_from_one_address, begin, end),
        cmocka_unit_test_setup_teardown(one_home_has_a_network_of_ipv6, begin, end),
        cmocka_unit_test_prestate_setup_teardown(without_redis_each_process_counts, begin, end, &none),
        cmocka_unit_test(a_browser_keeps_its_name),
    };
    cx = &w.cx;
    redis_socket = redis_server_start();
    if (!redis_socket) {
        puts("1..0 # SKIP redis is not installed");
        return 0;
    }
    int failed = 0;
    if (world_init(&w)) {
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        world_fini(&w);
    }
    redis_server_stop();
    return failed;
}
