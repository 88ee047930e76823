/* Wall clock and UTC in any zone of the system's tz database (tzdata), by its files (TZif, RFC 8536). The zone of the
 * process (TZ) plays no part: several zones can be used at once, in several threads. Dates are those of the
 * Gregorian calendar, years 1 to 9999; a moment outside of them counts as the nearest inside. */
#ifndef LIB_BASE_ZONE_H
#define LIB_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/str.h"

struct zone;

/* What calendar and clock on the wall show. */
struct wall {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
    int weekday; /* 0: Sunday; what reads a struct wall does not look at it */
};

enum { WALL_DATE_LENGTH = 10, ZONE_NAME_MAX = 40 };

/* Reads the zone ("Europe/Berlin") from its file; lives in the arena. False: there is no such zone. About 20 µs, so keep it
 * for a request. */
bool zone_open(struct arena *a, const char *name, const struct zone **out);
/* The same from the bytes of a file, which must live as long as the zone. False: not TZif of version 2 or later. */
bool zone_parse(struct arena *a, const char *name, struct str tzif, const struct zone **out);
const char *zone_name(const struct zone *z);

struct wall zone_wall(const struct zone *z, int64_t ms);
/* The moment, ms UTC, at which the wall clock of the zone shows w; fields that are too large carry over, as with
 * timegm(3). RFC 5545 section 3.3.5: of a time that comes twice, when the clock is put back, the first; a time that
 * never comes, when the clock is put forward, counts by the offset before it: 02:30 becomes 03:30. */
int64_t zone_utc(const struct zone *z, const struct wall *w);

/* Days since 1970-01-01, for arithmetic with dates; and that day's midnight with its weekday. */
int64_t wall_day(const struct wall *w);
struct wall wall_of_day(int64_t day);

/* Reads "2026-11-24", or with a time "2026-11-24T10:15" (a space for the T, seconds may follow): what <input> of type date
 * and datetime-local send. Years from 1970. False: another form, or a date that does not exist. */
bool wall_parse(struct str text, struct wall *out);
/* Reads "10:15" (seconds may follow) into hour, minute and second, and leaves the date as it is. */
bool wall_parse_time(struct str text, struct wall *out);
/* "2026-11-24", "2026-11-24T10:15" */
char *wall_date(struct arena *a, const struct wall *w);
char *wall_text(struct arena *a, const struct wall *w);

#endif
