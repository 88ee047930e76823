#include "tests/unit/svc/world.h"

#include <pthread.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/term.h"
#include "tests/unit/testing.h"

int64_t world_person(struct world *w, const char *login)
{
    int64_t id = 0;
    const struct actor *before = w->cx.actor;
    w->cx.actor = &w->program;
    assert_ok(shown(&w->cx, user_create(&w->cx, &(struct user_new){.login = login, .name = login}, &id)));
    w->cx.actor = before;
    return id;
}

static int64_t add_org(struct world *w, const char *slug, int64_t parent)
{
    int64_t id = 0;
    assert_ok(shown(
        &w->cx, org_create(&w->cx, &(struct org_new){.slug = slug, .name = slug, .parent_id = parent}, &id)));
    return id;
}

static int64_t add_role(struct world *w, const char *login, enum role role, int64_t org)
{
    int64_t id = world_person(w, login);
    assert_ok(shown(&w->cx, user_grant(&w->cx, id, role, org)));
    return id;
}

bool world_init(struct world *w)
{
    *w = (struct world){.server = mariadb_start()};
    if (!w->server) {
        puts("1..0 # SKIP mariadbd is not installed");
        return false;
    }
    test_cx_init(&w->cx, w->server);
    test_migrate(&w->cx);
    w->program = policy_system("test");
    w->cx.actor = &w->program;
    w->uni = add_org(w, "uni", 0);
    w->school = add_org(w, "school", w->uni);
    w->other = add_org(w, "other", w->uni);
    int64_t day = (int64_t)24 * 3600 * 1000, now = clock_now();
    assert_ok(shown(&w->cx, term_create(&w->cx, "2026w", now - 60 * day, now + 60 * day, &w->term)));
    assert_ok(term_create(&w->cx, "2026s", now - 240 * day, now - 60 * day, &w->old_term));
    w->admin = add_role(w, "admin", ROLE_ADMIN, 0);
    w->maintainer = add_role(w, "maintainer", ROLE_MAINTAINER, w->school);
    w->foreign = add_role(w, "foreign", ROLE_MAINTAINER, w->other);
    w->lecturer = add_role(w, "lecturer", ROLE_LECTURER, w->school);
    w->student = world_person(w, "student");
    w->stranger = world_person(w, "stranger");
    return true;
}

void world_fini(struct world *w)
{
    test_cx_fini(&w->cx);
    mariadb_stop(w->server);
}

struct actor *world_actor(struct world *w, int64_t user_id)
{
    struct rows *rows = NULL;
    struct actor *actor = NULL;
    assert_ok(shown(&w->cx, db_one(&w->cx, SQL_user_get, &rows, "i", user_id)));
    assert_ok(user_make_actor(&w->cx, user_id, row_text(rows, 0, 1), row_text(rows, 0, 2), &actor));
    return actor;
}

void become(struct world *w, int64_t user_id)
{
    err_clear(&w->cx);
    w->cx.actor = user_id < 0 ? &w->program : user_id > 0 ? world_actor(w, user_id) : NULL;
}

struct runner {
    pthread_t thread;
    pthread_barrier_t *start;
    struct world *world;
    world_race_act *act;
    void *arg;
    enum rc rc;
};

static void *run(void *arg)
{
    struct runner *r = arg;
    struct cx cx;
    test_cx_init(&cx, r->world->server);
    cx.actor = &r->world->program;
    pthread_barrier_wait(r->start);
    r->rc = r->act(&cx, r->arg);
    test_cx_fini(&cx);
    return NULL;
}

void world_race(struct world *w, world_race_act *act, void *const arg[2], enum rc rc[2])
{
    pthread_barrier_t start;
    struct runner both[2];
    assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
    for (int i = 0; i < 2; i++) {
        both[i] = (struct runner){.start = &start, .world = w, .act = act, .arg = arg[i]};
        assert_int_equal(pthread_create(&both[i].thread, NULL, run, &both[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(both[i].thread, NULL);
        rc[i] = both[i].rc;
    }
    pthread_barrier_destroy(&start);
}
