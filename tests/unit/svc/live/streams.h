/* What tests of live streams need beside the world of the pipeline: a lecturer with a token, an entry, two ingests, and short functions
 * for what these do. */
#ifndef TESTS_UNIT_SVC_LIVE_STREAMS_H
#define TESTS_UNIT_SVC_LIVE_STREAMS_H

#include "lib/svc/live/refusal.h"
#include "lib/svc/live/start.h"
#include "tests/unit/svc/pipeline/pipeline.h"

extern struct node_info *entry, *near_ingest, *far_ingest; /* of the institute and of the campus */
extern int64_t lecturer;
extern const char *token;

/* cmocka: before all tests; before each of them, with a new lecture that is due and no stream. */
int streams_setup(void **state);
int streams_fresh(void **state);

/* A heartbeat of both ingests, with `places` free each. */
void ingests_beat(int places);
/* cx acts as this person; 0: as the program. */
void act_as(int64_t user_id);

/* Asks the core as the entry; session NULL: a new one. avoid 0: none. The answer is in the arena. */
struct wire_live_answer ask_start(const char *bearer, const char *session, int64_t avoid);
/* The same; it must be placed at this ingest, and refused for this reason. */
struct wire_live_answer placed(const char *session, int64_t avoid, const struct node_info *ingest);
void refused(const char *bearer, const char *session, int64_t avoid, enum live_reason reason);
void stop(const char *session, enum live_end why);

/* The job as its ingest knows it, from the heartbeat that gives it out. */
struct given taken(const struct node_info *ingest, const struct wire_live_answer *a);
const json_t *bytes(int64_t n);

#endif
