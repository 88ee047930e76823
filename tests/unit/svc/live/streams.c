#include "tests/unit/svc/live/streams.h"

#include "lib/net/json.h"
#include "lib/svc/people/token.h"
#include "lib/svc/people/user.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/teaching/course_staff.h"

struct node_info *entry, *near_ingest, *far_ingest;
int64_t lecturer;
const char *token;

static struct node_info *join_ingest(const char *org, const char *name)
{
    struct node_info *node = world_join(w, org, NODE_INGEST, name);
    world_sql(w, "UPDATE node SET url = 'rtmp://%s.invalid:1936' WHERE id = %lld", name, (long long)node->id);
    return node;
}

int streams_setup(void **state)
{
    int failed = world_setup(state);
    struct token_new in = {.name = "OBS", .scopes = 1u << SCOPE_STREAM};
    if (failed || !w)
        return failed;
    entry = world_join(w, "campus", NODE_ENTRY, "entry");
    near_ingest = join_ingest("institute", "near");
    far_ingest = join_ingest("campus", "far");
    assert_ok(
        shown(&w->cx, user_create(&w->cx, &(struct user_new){.login = "mira", .name = "Mira"}, &lecturer)));
    assert_ok(shown(&w->cx, course_staff_give(&w->cx, w->course, "mira", STAFF_LECTURER, 0)));
    in.user_id = lecturer;
    assert_ok(shown(&w->cx, token_create(&w->cx, &in, &token)));
    return 0;
}

int streams_fresh(void **state)
{
    if (!w)
        return 0;
    act_as(0);
    world_sql(w, "DELETE FROM live_session; DELETE FROM live; DELETE FROM live_refusal; DELETE FROM "
                 "live_choice; DELETE FROM live_test; "
                 "UPDATE lecture SET starts_at = starts_at - INTERVAL 30 DAY");
    world_fresh(state);
    world_sql(w, "UPDATE lecture SET time_state = 'planned' WHERE id = %lld", (long long)w->lecture_id);
    ingests_beat(4);
    return 0;
}

void ingests_beat(int places)
{
    struct wire_answer answer;
    const struct wire_beat b = {.version = "0.1.0", .slots = {[LANE_LIVE] = places}};
    assert_ok(shown(&w->cx, heartbeat_take(&w->cx, near_ingest, &b, &answer)));
    assert_ok(shown(&w->cx, heartbeat_take(&w->cx, far_ingest, &b, &answer)));
}

void act_as(int64_t user_id)
{
    struct user *u = NULL;
    struct actor *a = NULL;
    w->cx.actor = &w->actor;
    if (!user_id)
        return;
    assert_ok(user_get(&w->cx, user_id, &u));
    assert_ok(user_make_actor(&w->cx, user_id, u->login, u->name, &a));
    w->cx.actor = a;
}

struct wire_live_answer ask_start(const char *bearer, const char *session, int64_t avoid)
{
    struct wire_live_answer a;
    const struct wire_live_start q = {.token = bearer,
                                      .from = "192.0.2.7",
                                      .view = VIEW_KIND_COUNT,
                                      .session = session ? session : "",
                                      .avoid = &avoid,
                                      .avoid_count = avoid != 0};
    assert_ok(shown(&w->cx, live_start(&w->cx, entry, &q, &a)));
    return a;
}

struct wire_live_answer placed(const char *session, int64_t avoid, const struct node_info *ingest)
{
    struct wire_live_answer a = ask_start(token, session, avoid);
    assert_int_equal(a.refused, LIVE_REFUSAL_COUNT);
    assert_int_equal(a.node, ingest->id);
    return a;
}

void refused(const char *bearer, const char *session, int64_t avoid, enum live_reason reason)
{
    struct wire_live_answer a = ask_start(bearer, session, avoid);
    assert_int_equal(a.refused, live_reason_wire(reason));
    assert_string_equal(a.text, live_reason_text(reason));
}

void stop(const char *session, enum live_end why)
{
    const struct wire_live_stop q = {.session = session, .why = why};
    assert_ok(shown(&w->cx, live_stop(&w->cx, entry, &q)));
}

struct given taken(const struct node_info *ingest, const struct wire_live_answer *a)
{
    struct given g = {0};
    assert_true(world_give(w, ingest, "live", &g));
    assert_int_equal(g.job, a->job);
    assert_int_equal(g.fence, a->fence);
    return g;
}

const json_t *bytes(int64_t n)
{
    json_t *o = js_object(&w->cx);
    json_object_set_new(o, "bytes", json_integer(n));
    json_object_set_new(o, "tags", json_integer(n / 100));
    return o;
}
