/* A small university for tests of the services: made once per program through the services themselves. */
#ifndef TESTS_UNIT_SVC_WORLD_H
#define TESTS_UNIT_SVC_WORLD_H

#include "lib/base/cx.h"
#include "lib/svc/policy.h"
#include "tests/unit/mariadb.h"

struct world {
    struct mariadb *server;
    struct cx cx; /* actor: program, until become() */
    struct actor program;
    int64_t uni, school, other; /* organisations: uni > school, uni > other */
    int64_t term, old_term;     /* 2026w, 2026s */
    int64_t admin, maintainer /* of school */, foreign /* maintainer of other */, lecturer /* of school */,
        student, stranger;
};

/* False: no MariaDB on this machine (a skip was printed). */
bool world_init(struct world *w);
void world_fini(struct world *w);

/* cx acts as this person from now on; 0: as a visitor; -1: as the program. */
void become(struct world *w, int64_t user_id);
/* The actor of a person as they are now, in the arena of cx. */
struct actor *world_actor(struct world *w, int64_t user_id);
/* Two acts of programs that begin at once, each with a connection of its own; what each returned. */
typedef enum rc world_race_act(struct cx *cx, void *arg);
void world_race(struct world *w, world_race_act *act, void *const arg[2], enum rc rc[2]);
/* An account without a password. */
int64_t world_person(struct world *w, const char *login);

#endif
