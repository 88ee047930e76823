/* The tables of words that lib/wire's own files share. */
#ifndef LIB_WIRE_INNER_H
#define LIB_WIRE_INNER_H

#include "lib/wire/words.h"

extern const char *const inner_kinds[JOB_KIND_COUNT];
extern const char *const inner_lanes[LANE_COUNT];
extern const char *const inner_reports[REPORT_STATE_COUNT];
extern const char *const inner_failures[FAILURE_COUNT];
extern const char *const inner_roles[NODE_ROLES];

#endif
