/* Nodes: joining, roles, keys. */
#include "tests/unit/svc/pipeline/pipeline.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/doors/heartbeat.h"

static void nodes_join_by_token(void **state)
{
    struct wire_hello hello = {.name = "guest", .roles = NODE_WORKER, .version = "1", .url = ""};
    const char *token, *again;
    struct node_info *node;
    int64_t id;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(node_token_issue(&w->cx, "chair", NODE_WORKER, 1, &hello.token));
    hello.roles = NODE_WORKER | NODE_STORAGE; /* more than the token grants */
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_DENIED);
    hello.roles = NODE_WORKER;
    hello.name = "guest\x1b[2J"; /* it would clear the terminal of whoever lists the nodes */
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_INVALID);
    hello.name = "guest";
    static const char *const bad[] = {"javascript:alert(1)", "https://s.example/",
                                      "https://s.example\r\nX: y", "https://s.example;script-src *",
                                      "//s.example"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) { /* it is used in pages and headers */
        hello.url = bad[i];
        assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_INVALID);
    }
    hello.url = "";
    struct jwt_claims other;
    const char *kept = hello.token;
    assert_ok(keys_verify(&w->cx, JWT_AUD_JOIN, str_of(kept), &other));
    other.org = w->campus; /* rightly signed, but not for the organisation it was made for */
    assert_ok(keys_sign(&w->cx, &other, &hello.token));
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_DENIED);
    hello.token = kept;
    assert_ok(node_admit(&w->cx, &hello, &id, &token));
    assert_rc(node_admit(&w->cx, &hello, &id, &again), RC_DENIED); /* used up */
    assert_ok(node_by_token(&w->cx, str_of(token), &node));
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM node WHERE token = '%s'", token), 0); /* hashed */
    assert_ok(node_revoke(&w->cx, node->id));
    assert_rc(node_by_token(&w->cx, str_of(token), &node), RC_DENIED);
    assert_rc(node_by_token(&w->cx, STR(""), &node), RC_DENIED);
    hello.token = arena_printf(w->cx.arena, "%.40sA%s", hello.token, hello.token + 41); /* forged */
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_DENIED);
    err_clear(&w->cx);
}

static void a_storage_node_that_joins_again_is_the_same(void **state)
{
    struct node_info *again, *other;
    (void)state;
    NEEDS_DATABASE();
    other = world_join(w, "institute", NODE_STORAGE, "store"); /* the first one is there: this is another */
    assert_true(other->id != w->store->id);
    assert_ok(node_revoke(&w->cx, other->id));
    again = world_join(w, "institute", NODE_STORAGE, "store");
    assert_int_equal(again->id, other->id);
    assert_ok(node_revoke(&w->cx, again->id));
    assert_true(world_join(w, "institute", NODE_STORAGE, "elsewhere")->id != again->id);
}

/* It would be given tokens that are valid at the store which really has that address. */
static void a_storage_node_cannot_take_the_address_of_another_organisation(void **state)
{
    struct wire_hello hello = {.name = "thief", .roles = NODE_STORAGE, .version = "1"};
    const char *token;
    int64_t id;
    (void)state;
    NEEDS_DATABASE();
    if (world_number(w, "SELECT COUNT(*) FROM organisation WHERE slug = 'elsewhere'") == 0)
        world_sql(w, "INSERT INTO organisation (path, slug, name, created_at) VALUES ('/999/', 'elsewhere', "
                     "'E', NOW())");
    hello.url = w->store->url;
    assert_ok(node_token_issue(&w->cx, "elsewhere", NODE_STORAGE, 1, &hello.token));
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_CONFLICT);
    assert_string_equal(w->cx.err.key, "node_url_taken");
    err_clear(&w->cx);
    hello.url = "https://elsewhere.test"; /* the refusal has not used the token up */
    assert_ok(node_admit(&w->cx, &hello, &id, &token));
    assert_ok(node_revoke(&w->cx, id));
}

static void an_ingest_has_an_address_of_rtmp(void **state)
{
    struct wire_hello hello = {.name = "ingest", .roles = NODE_INGEST | NODE_ENTRY, .version = "1"};
    const char *token;
    int64_t id;
    (void)state;
    NEEDS_DATABASE();
    assert_ok(
        node_token_issue(&w->cx, "institute", NODE_INGEST | NODE_ENTRY | NODE_STORAGE, 1, &hello.token));
    hello.url = "rtmp://ingest.test:1937";
    hello.roles |= NODE_STORAGE;
    assert_rc(node_admit(&w->cx, &hello, &id, &token), RC_INVALID);
    err_clear(&w->cx);
    hello.roles = NODE_INGEST | NODE_ENTRY;
    assert_ok(node_admit(&w->cx, &hello, &id, &token));
    assert_ok(node_revoke(&w->cx, id));
}

static void private_nodes_of_others_get_nothing(void **state)
{
    struct node_info *alien;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    if (world_number(w, "SELECT COUNT(*) FROM organisation WHERE slug = 'elsewhere'") == 0)
        world_sql(w, "INSERT INTO organisation (path, slug, name, created_at) VALUES ('/999/', 'elsewhere', "
                     "'E', NOW())");
    alien = world_join(w, "elsewhere", NODE_WORKER, "alien");
    world_sql(w, "UPDATE node SET seen_at = NULL WHERE roles & 1");
    world_upload(w, "CAM");
    world_beat(w, alien, NULL, 0);
    assert_false(world_give(w, alien, "probe", &g));
    world_sql(w, "UPDATE node SET sharing = 'shared' WHERE id = %lld", (long long)alien->id);
    assert_true(world_give(w, alien, "probe", &g));
    assert_ok(node_revoke(&w->cx, alien->id));
}

static void maintainers_know_the_nodes_of_theirs(void **state)
{
    struct role_grant grant = {.role = ROLE_MAINTAINER};
    struct actor maintainer = {.user_id = 1, .login = "m", .name = "M", .grants = &grant, .grant_count = 1};
    struct node_info *list;
    size_t n;
    (void)state;
    NEEDS_DATABASE();
    grant.organisation_path = w->near->org_path;
    w->cx.actor = &maintainer;
    assert_ok(node_list(&w->cx, &list, &n));
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(strncmp(list[i].org_path, w->near->org_path, strlen(w->near->org_path)), 0);
    assert_rc(node_revoke(&w->cx, w->far->id), RC_NOTFOUND);
    w->cx.actor = &w->actor;
    err_clear(&w->cx);
    assert_int_equal(world_number(w, "SELECT COUNT(*) FROM node WHERE id = %lld AND revoked_at IS NULL",
                                  (long long)w->far->id),
                     1);
}

static void keys_rotate_without_a_gap(void **state)
{
    struct jwt_claims c, back;
    const char *before, *after, *kid;
    json_t *list;
    (void)state;
    NEEDS_DATABASE();
    jwt_claims_init(&c);
    c.aud = "play";
    c.exp = 4000000000;
    c.lec = w->lecture;
    c.gmin = c.gmax = 1;
    c.views[0] = "CAM";
    assert_ok(keys_sign(&w->cx, &c, &before));
    assert_ok(keys_rotate(&w->cx, "play", &kid));
    struct audit_list trail;
    assert_ok(audit_list(&w->cx, NULL, 0, 1, &trail));
    assert_string_equal(trail.item[0].action, "key.rotate");
    assert_string_equal(trail.item[0].detail, arena_printf(w->cx.arena, "play %s", kid));
    assert_ok(keys_sign(&w->cx, &c, &after)); /* nodes do not have the new key yet: the old one signs */
    assert_ok(keys_verify(&w->cx, "play", str_of(before), &back));
    assert_ok(keys_verify(&w->cx, "play", str_of(after), &back));
    assert_ok(keys_public(&w->cx, &list));
    assert_int_equal(json_array_size(list), 4); /* store, ingest, and two of play */
    assert_rc(keys_rotate(&w->cx, "session", &kid), RC_INVALID);
    err_clear(&w->cx);
}

/* A page that signs for hundreds of pictures reads the key once; another audience has a key of its own. */
static void a_key_is_read_once(void **state)
{
    struct jwt_claims c, back;
    const struct jwt_key *first;
    const char *token;
    (void)state;
    NEEDS_DATABASE();
    jwt_claims_init(&c);
    c.exp = 4000000000;
    c.aud = "play";
    assert_ok(keys_sign(&w->cx, &c, &token));
    first = w->cx.signing;
    assert_ok(keys_sign(&w->cx, &c, &token));
    assert_ptr_equal(w->cx.signing, first);
    assert_ok(keys_verify(&w->cx, "play", str_of(token), &back));
    c.aud = "store";
    assert_ok(keys_sign(&w->cx, &c, &token));
    assert_ok(keys_verify(&w->cx, "store", str_of(token), &back));
    assert_rc(keys_verify(&w->cx, "play", str_of(token), &back), RC_DENIED);
    err_clear(&w->cx);
}

/* lecternctl migrate and key rotate run as root, lectern-web does not. */
static void keys_belong_to_who_signs(void **state)
{
    enum { SOMEBODY = 4321 };
    const char *dir, *kid, *paths[3];
    struct stat st;

    (void)state;
    NEEDS_DATABASE();
    if (geteuid() != 0)
        skip();
    dir = w->conf.key_dir;
    assert_int_equal(chown(dir, SOMEBODY, SOMEBODY), 0);
    w->conf.key_dir = arena_printf(w->cx.arena, "%s/new", dir); /* not there yet */
    assert_ok(keys_rotate(&w->cx, "join", &kid));
    paths[0] = w->conf.key_dir;
    paths[1] = arena_printf(w->cx.arena, "%s/join", w->conf.key_dir);
    paths[2] = arena_printf(w->cx.arena, "%s/join/%s.pem", w->conf.key_dir, kid);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stat(paths[i], &st), 0);
        assert_int_equal(st.st_uid, SOMEBODY);
    }
    w->conf.key_dir = dir;
}

static void of_many_keys_the_newest_count(void **state)
{
    const char *kid = "";
    const json_t *item;
    json_t *list;
    size_t i;
    bool found = false;
    (void)state;
    NEEDS_DATABASE();
    for (int k = 0; k < 20; k++)
        assert_ok(keys_rotate(&w->cx, "store", &kid));
    assert_ok(keys_public(&w->cx, &list));
    json_array_foreach(list, i, item)
    {
        found = found || strcmp(js_get_str(item, "kid", ""), kid) == 0;
    }
    assert_true(found);
}

/* A column of words has those of lib/wire and no others, in whatever order they came to be. */
static void the_column(const char *table, const char *column, int count, const char *(*name)(int value))
{
    const char *of = arena_printf(w->cx.arena,
                                  "FROM information_schema.columns WHERE table_schema = DATABASE() AND "
                                  "table_name = '%s' AND column_name = '%s'",
                                  table, column);
    for (int v = 0; v < count; v++)
        assert_int_equal(world_number(w, "SELECT column_type LIKE BINARY '%%''%s''%%' %s", name(v), of), 1);
    assert_int_equal(
        world_number(w, "SELECT LENGTH(column_type) - LENGTH(REPLACE(column_type, ',', '')) %s", of),
        count - 1);
}

static const char *view_at(int v)
{
    return wire_view_name((enum view_kind)v);
}

static const char *kind_at(int v)
{
    return wire_kind_name((enum job_kind)v);
}

static const char *lane_at(int v)
{
    return wire_lane_name((enum job_lane)v);
}

static void the_database_has_the_words_of_the_protocol(void **state)
{
    static const char *const with_view[] = {"upload", "source", "job", "artifact"};
    static const char *const with_kind[] = {"lecture_view", "rendition", "silence", "chapter"};
    (void)state;
    NEEDS_DATABASE();
    for (size_t i = 0; i < 4; i++) {
        the_column(with_view[i], "view", VIEW_KIND_COUNT, view_at);
        the_column(with_kind[i], "kind", VIEW_KIND_COUNT, view_at);
    }
    the_column("job", "kind", JOB_KIND_COUNT, kind_at);
    the_column("job", "lane", LANE_COUNT, lane_at);
}

static double every(const struct node_info *node)
{
    return js_get_f64(world_beat(w, node, NULL, 0), "every", 2);
}

/* Nodes that could do the next step of a lecture on its way ask again soon, all others do not. */
static void only_nodes_concerned_hurry(void **state)
{
    struct node_info *alien;
    struct given g;
    (void)state;
    NEEDS_DATABASE();
    if (world_number(w, "SELECT COUNT(*) FROM organisation WHERE slug = 'elsewhere'") == 0)
        world_sql(w, "INSERT INTO organisation (path, slug, name, created_at) VALUES ('/999/', 'elsewhere', "
                     "'E', NOW())");
    alien = world_join(w, "elsewhere", NODE_WORKER, "alien");
    assert_true(every(w->near) > 1.9 && every(w->store) > 1.9);
    world_upload(w, "CAM");
    assert_true(every(w->near) < 0.6 && every(w->far) < 0.6); /* the probe waits */
    assert_true(every(w->store) < 0.6);                       /* a commit will follow */
    assert_true(every(alien) > 1.9);
    assert_true(world_give(w, w->near, "probe", &g));
    assert_true(every(w->near) < 0.6 && every(w->far) < 0.6);
    assert_true(every(alien) > 1.9);
    world_sql(w, "UPDATE job SET state = 'running', lane = 'encode', kind = 'full' WHERE id = %lld",
              (long long)g.job);
    assert_true(every(w->near) > 0.9 && every(w->near) < 1.1); /* it has the encode */
    assert_true(every(w->far) > 1.9 && every(w->store) > 1.9);
    assert_ok(node_revoke(&w->cx, alien->id));
}

/* Of many workers that could get the only step, as many hurry as there are steps, and three more; who has no
 * place free does not, and more steps bring more of them. */
static void few_of_many_hurry(void **state)
{
    enum { CROWD = 30 };
    struct node_info *crowd[CROWD];
    struct wire_beat full = {.version = "0.1.0"};
    struct wire_answer answer;
    int hurried = 0, more = 0;
    (void)state;
    NEEDS_DATABASE();
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = world_join(w, "campus", NODE_WORKER, "crowd");
        assert_true(every(crowd[i]) > 1.9 && every(crowd[i]) < 2.1); /* so few do not rest */
    }
    world_upload(w, "CAM");
    for (int i = 0; i < CROWD; i++)
        hurried += every(crowd[i]) < 0.6;
    assert_int_equal(hurried, 3); /* and `far` */
    assert_true(every(w->far) < 0.6 && every(w->near) < 0.6);
    assert_ok(heartbeat_take(&w->cx, w->far, &full, &answer));
    assert_true(answer.every > 1.9);
    world_upload(w, "PRES");
    for (int i = 0; i < CROWD; i++)
        more += every(crowd[i]) < 0.6;
    assert_int_equal(more, 5);
    for (int i = 0; i < CROWD; i++)
        assert_ok(node_revoke(&w->cx, crowd[i]->id));
}

/* --- many --- */

enum { MANY = 1000, READY = 8 };

static void join_many(void)
{
    world_sql(w,
              "INSERT INTO node (organisation_id, name, roles, token, created_at, free_quick, free_encode) "
              "SELECT %lld, 'many', 1, LPAD(seq, 64, 'm'), UTC_TIMESTAMP(3), 2, 2 FROM seq_1_to_%d",
              (long long)w->campus, MANY);
}

static void leave_many(void)
{
    world_sql(w, "UPDATE job SET state = 'cancelled', node_id = NULL WHERE state IN ('leased', 'running'); "
                 "DELETE g FROM job_log g JOIN node n ON n.id = g.node_id WHERE n.name = 'many'; "
                 "DELETE FROM node WHERE name = 'many'");
}

/* The nth of them, as its token says. */
static struct node_info *many(int nth)
{
    return world_listed(w, world_number(w, "SELECT id FROM node WHERE token = LPAD(%d, 64, 'm')", nth));
}

static void old_rows(void)
{
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 5 SECOND WHERE seen_at IS NOT NULL");
}

/* Of a thousand workers without work eight of each organisation come every two seconds, and the others rest: all
 * of them come thirty times a second together. A lone worker of an organisation never rests, nor does a store. */
static void most_of_many_rest(void **state)
{
    int64_t seconds;
    (void)state;
    NEEDS_DATABASE();
    join_many();
    old_rows();
    for (int i = 1; i < READY; i++)
        assert_true(every(many(i)) < 2.1); /* the first of the campus is `far` */
    assert_true(every(many(READY)) > MANY / 30);
    assert_true(every(many(MANY)) > MANY / 30);
    assert_true(every(w->near) < 2.1 && every(w->far) < 2.1 && every(w->store) < 2.1);
    seconds = world_number(w, "SELECT rests FROM node WHERE token = LPAD(%d, 64, 'm')", MANY);
    assert_in_range(seconds, MANY / 30, 40);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 9 + rests SECOND");
    assert_true(many(MANY)->alive && world_listed(w, w->far->id)->alive);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 11 + rests SECOND");
    assert_false(many(MANY)->alive || world_listed(w, w->far->id)->alive);
    leave_many();
}

/* When those that are ready have no place free or are away, the next ones that come are ready. */
static void who_rests_steps_in(void **state)
{
    (void)state;
    NEEDS_DATABASE();
    join_many();
    old_rows();
    for (int i = 1; i <= READY; i++)
        (void)every(many(i));
    assert_true(every(many(MANY)) > MANY / 30);
    world_sql(w, "UPDATE node SET free_quick = 0 WHERE token = LPAD(1, 64, 'm')");
    world_sql(w,
              "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 20 SECOND WHERE rests > 0 OR id = %lld",
              (long long)w->far->id);
    assert_true(every(many(MANY)) < 2.1);
    assert_int_equal(world_number(w, "SELECT rests FROM node WHERE token = LPAD(%d, 64, 'm')", MANY), 0);
    leave_many();
}

/* A job goes to a node that rests only if no other of its organisation can run it, and is its own until it comes. */
static void who_rests_gets_what_is_left(void **state)
{
    struct given g;
    int64_t id, seconds;
    (void)state;
    NEEDS_DATABASE();
    join_many();
    old_rows();
    world_away(w, w->near);
    (void)every(w->far);
    world_sql(w,
              "UPDATE node SET free_quick = 9, rests = 25, seen_at = UTC_TIMESTAMP(3), disk_free = %lld "
              "WHERE token = LPAD(7, 64, 'm')",
              64LL << 30);
    id = many(7)->id;
    world_upload(w, "CAM");
    world_pass(w);
    assert_int_equal(world_number(w, "SELECT node_id FROM job WHERE state = 'leased'"), w->far->id);
    world_sql(w, "UPDATE node SET free_quick = 0 WHERE id = %lld", (long long)w->far->id);
    world_upload(w, "PRES");
    world_pass(w);
    assert_int_equal(world_number(w, "SELECT MAX(node_id) FROM job WHERE state = 'leased'"), id);
    seconds = world_number(w,
                           "SELECT TIMESTAMPDIFF(SECOND, started_at, lease_expires) FROM job "
                           "WHERE state = 'leased' AND node_id = %lld",
                           (long long)id);
    assert_int_equal(seconds, JOB_LEASE_MS / 1000 + 25);
    assert_true(world_give(w, many(7), "probe", &g));
    assert_answer(world_running(w, many(7), &g, 0.1), JOB_ANSWER_RENEWED);
    assert_int_equal(world_number(w, "SELECT rests FROM node WHERE id = %lld", (long long)id), 0);
    leave_many();
}

/* Statements of a heartbeat of the node, and whether its answer has the keys. */
static int cost(const struct node_info *node, bool *keys)
{
    uint64_t before = db_count(&w->cx);
    *keys = json_object_get(world_beat(w, node, NULL, 0), "keys") != NULL;
    return (int)(db_count(&w->cx) - before);
}

/* The usual heartbeat of a worker without work runs one statement, that of a store two. When the row is to be
 * written, the place of a worker among others is looked up, too, or what of live streams a store shall take as it is, and
 * only then the keys go out. */
static void a_heartbeat_without_news_costs_little(void **state)
{
    bool keys;
    (void)state;
    NEEDS_DATABASE();
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3)");
    assert_int_equal(cost(w->near, &keys), 1);
    assert_false(keys);
    assert_int_equal(cost(w->store, &keys), 2);
    assert_false(keys);
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 5 SECOND");
    assert_int_equal(cost(w->near, &keys), 3);
    assert_false(keys); /* it verifies no tokens */
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 5 SECOND");
    assert_int_equal(cost(w->store, &keys), 4);
    assert_true(keys);
}

/* A heartbeat without news leaves the row unchanged, but the node counts as alive. */
static void a_heartbeat_writes_what_changed(void **state)
{
    long long id;
    (void)state;
    NEEDS_DATABASE();
    id = (long long)w->near->id;
    world_sql(w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3), uptime = 99 WHERE id = %lld", id);
    world_beat(w, w->near, NULL, 0);
    assert_int_equal(world_number(w, "SELECT uptime FROM node WHERE id = %lld", id), 99);
    world_sql(w, "UPDATE node SET free_encode = 77 WHERE id = %lld", id);
    world_beat(w, w->near, NULL, 0);
    assert_int_equal(world_number(w, "SELECT free_encode FROM node WHERE id = %lld", id), 2);
    world_sql(w, "UPDATE node SET store_node = 77 WHERE id = %lld", id);
    world_beat(w, w->near, NULL, 0);
    assert_int_equal(world_number(w, "SELECT store_node FROM node WHERE id = %lld", id), 0);
    world_sql(w, "UPDATE node SET disk_free = 5 WHERE id = %lld", id);
    world_beat(w, w->near, NULL, 0);
    assert_true(world_number(w, "SELECT disk_free FROM node WHERE id = %lld", id) > 5);
    world_sql(
        w, "UPDATE node SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 5 SECOND, uptime = 99 WHERE id = %lld", id);
    world_beat(w, w->near, NULL, 0);
    assert_int_equal(world_number(w, "SELECT uptime FROM node WHERE id = %lld", id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nodes_join_by_token, world_fresh),
        cmocka_unit_test_setup(only_nodes_concerned_hurry, world_fresh),
        cmocka_unit_test_setup(few_of_many_hurry, world_fresh),
        cmocka_unit_test_setup(most_of_many_rest, world_fresh),
        cmocka_unit_test_setup(who_rests_steps_in, world_fresh),
        cmocka_unit_test_setup(who_rests_gets_what_is_left, world_fresh),
        cmocka_unit_test_setup(a_heartbeat_without_news_costs_little, world_fresh),
        cmocka_unit_test_setup(a_heartbeat_writes_what_changed, world_fresh),
        cmocka_unit_test_setup(the_database_has_the_words_of_the_protocol, world_fresh),
        cmocka_unit_test_setup(a_storage_node_that_joins_again_is_the_same, world_fresh),
        cmocka_unit_test_setup(a_storage_node_cannot_take_the_address_of_another_organisation, world_fresh),
        cmocka_unit_test_setup(an_ingest_has_an_address_of_rtmp, world_fresh),
        cmocka_unit_test_setup(private_nodes_of_others_get_nothing, world_fresh),
        cmocka_unit_test_setup(maintainers_know_the_nodes_of_theirs, world_fresh),
        cmocka_unit_test_setup(keys_rotate_without_a_gap, world_fresh),
        cmocka_unit_test_setup(keys_belong_to_who_signs, world_fresh),
        cmocka_unit_test_setup(of_many_keys_the_newest_count, world_fresh),
        cmocka_unit_test_setup(a_key_is_read_once, world_fresh),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
