/* A small university for tests of the pipeline: a private MariaDB with the schema, an organisation tree, a
 * course, a storage node and two workers, and short functions for what nodes do. The services are the real
 * ones; files and FFmpeg are left out, since the core never sees them. */
#ifndef TESTS_UNIT_SVC_PIPELINE_PIPELINE_H
#define TESTS_UNIT_SVC_PIPELINE_PIPELINE_H

#include <jansson.h>

#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/svc/pipeline/doors/publication.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/records/node.h"
#include "lib/svc/policy.h"
#include "tests/unit/mariadb.h"
#include "tests/unit/testing.h"

struct world {
    struct mariadb *db;
    struct cx cx;
    struct conf conf;
    struct actor actor;
    int64_t campus, institute, chair; /* organisations, each below the one before */
    int64_t course;
    struct node_info *store, *near, *far; /* storage and worker of the institute, worker of the campus */
    const char *lecture;                  /* key of a fresh lecture, made by world_lecture */
    int64_t lecture_id;
};

/* The world of this test program; NULL where MariaDB is not installed, see NEEDS_DATABASE. */
extern struct world *w;

/* cmocka: before and after all tests; before each of them, a new lecture of the course. */
int world_setup(void **state);
int world_teardown(void **state);
int world_fresh(void **state);

#define NEEDS_DATABASE()                                                                                     \
    do {                                                                                                     \
        if (!w)                                                                                              \
            skip();                                                                                          \
    } while (0)

#define assert_answer(call, answer) assert_int_equal((int)(call), (int)(answer))

/* A connection of its own to the same world, for a thread. */
void world_cx(struct world *world, struct cx *cx);

/* A machine that joins the organisation. */
struct node_info *world_join(struct world *world, const char *org, unsigned roles, const char *name);

/* The node as lists show it. */
struct node_info *world_listed(struct world *world, int64_t id);

/* Runs a statement with the client program, for changes that otherwise only time makes. */
void world_sql(struct world *world, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One number from a SELECT. */
int64_t world_number(struct world *world, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* An upload opened for the view and reported whole by the storage node; its key. */
const char *world_upload(struct world *world, const char *view);

/* One heartbeat with these reports (n may be 0); the answer lives as long as the world's arena. */
const json_t *world_beat(struct world *world, const struct node_info *node, const struct wire_report *jobs,
                         size_t n);
/* A pass of the scheduler. */
void world_pass(struct world *world);

/* What a node was given. */
struct given {
    int64_t job, fence;
    int attempt;
    const json_t *json;
};
/* Pass, then a heartbeat of the node; true if it was given a job of that kind. */
bool world_give(struct world *world, const struct node_info *node, const char *kind, struct given *out);

/* Reports on a given job; what the core answered. */
enum job_answer world_running(struct world *world, const struct node_info *node, const struct given *g,
                              double progress);
enum job_answer world_done(struct world *world, const struct node_info *node, const struct given *g,
                           const json_t *outputs);
enum job_answer world_failed(struct world *world, const struct node_info *node, const struct given *g,
                             const char *code, bool permanent);

/* Outputs as workers and noded send them. quick: the plan has a quick generation. */
const json_t *world_probe(struct world *world, bool quick);
const json_t *world_files(struct world *world, const char *rendition);
const json_t *world_generation(struct world *world, int generation);

/* The near worker probes what is queued. */
void world_probed(bool quick);
/* The storage node commits whatever is ready for it; the number it got. */
int world_commit(void);
/* The node has stopped reporting, and nothing counts on it. */
void world_away(struct world *world, const struct node_info *node);
/* Every lease runs out, and what was lost may be tried again at once. */
void world_expire_leases(void);

/* `one` runs in a transaction that stays open at its end until `other`, in a thread with its own connection,
 * has ended or waits for a lock; then it is committed. Returns what `other` returned. */
typedef enum rc world_act(struct cx *cx, void *arg);
enum rc world_at_once(world_act *one, world_act *other, void *arg);

/* The nth statement of the call meets a deadlock. A call fails completely if that statement was in no transaction;
 * its caller then repeats it. */
#define WORLD_DEADLOCK(nth, call)                                                                            \
    do {                                                                                                     \
        db_fault(&w->cx, (nth), 1213);                                                                       \
        enum rc step_rc = (call);                                                                            \
        db_fault(&w->cx, 0, 0);                                                                              \
        err_clear(&w->cx);                                                                                   \
        if (step_rc != RC_OK)                                                                                \
            assert_ok(shown(&w->cx, (call)));                                                                \
    } while (0)

/* The lines that were logged between the two, which are also written at the end. In the world's arena. */
void world_log_begin(void);
const char *world_log_end(struct world *world);

/* The job's state as its word. */
const char *world_job_state(struct world *world, int64_t job);
struct publication *world_publication(struct world *world);

#endif
