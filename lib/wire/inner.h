/* The tables of words and messages that lib/wire's own files share. */
#ifndef LIB_WIRE_INNER_H
#define LIB_WIRE_INNER_H

#include "lib/wire/message.h"
#include "lib/wire/words.h"

extern const char *const inner_kinds[JOB_KIND_COUNT];
extern const char *const inner_lanes[LANE_COUNT];
extern const char *const inner_reports[REPORT_STATE_COUNT];
extern const char *const inner_failures[FAILURE_COUNT];
extern const char *const inner_roles[NODE_ROLES];
extern const char *const inner_live_refusals[LIVE_REFUSAL_COUNT];
extern const char *const inner_live_ends[LIVE_END_COUNT];

extern const struct wire_message inner_live_start, inner_live_answer, inner_live_stop, inner_live_upload,
    inner_live_target;

#endif
