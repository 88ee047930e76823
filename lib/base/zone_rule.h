/* Inside lib/base only: the rule that holds behind the last change a tz file lists, such as
 * "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ with the extensions of RFC 8536 section 3.3.1). */
#ifndef LIB_BASE_ZONE_RULE_H
#define LIB_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/* A day of every year and a time on it. */
struct zone_turn {
    char
        kind; /* 'M': weekday `day` of week `week` in `month`; 'J': day 1–365 without 29 February; 0: day 0–365 */
    int month, week, day; /* week 5: the last */
    int64_t time;         /* seconds after midnight, wall clock before the change; may be negative */
};

struct zone_rule {
    int64_t standard, summer;    /* seconds east of UTC */
    bool changes;                /* false: standard time all year */
    struct zone_turn begin, end; /* of summer time */
};

bool zone_rule_parse(struct str text, struct zone_rule *out);
/* Seconds east of UTC at that second of UTC. */
int64_t zone_rule_offset(const struct zone_rule *r, int64_t s);

#endif
